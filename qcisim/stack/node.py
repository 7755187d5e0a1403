"""A node of a run: memory, processor, netstack, random stream, noise budget."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from qcisim.engine import Signal, stream
from qcisim.errors import InputError
from qcisim.stack.app_memory import AppMemory
from qcisim.stack.compiler import compiler_for
from qcisim.stack.memory import QuantumMemory
from qcisim.stack.netstack import Netstack
from qcisim.stack.physical import pause_of, picoseconds_of
from qcisim.stack.processor import Frame
from qcisim.stack.spec import Device, GenericDevice

if TYPE_CHECKING:
    from qcisim.stack.machine import Machine


class NoQubitError(InputError):
    """A program wants more qubits than its device has."""


class Node:
    """One node of a run.

    Args:
        machine: the run.
        name: of the node.
        number: its id, the place of the node in the network.
        device: its processor.
    """

    def __init__(self, machine: Machine, name: str, number: int, device: Device) -> None:
        self.machine, self.name, self.number, self.device = machine, name, number, device
        self.engine, self.register = machine.engine, machine.register
        self.compiler = compiler_for(device, machine.options.formalism in ("auto", "dm"))
        self.budget: dict[str, list[float]] = {}
        self.memory = QuantumMemory(device, self._idled)
        self.netstack = Netstack(self)
        each_ns = machine.options.instruction_ns
        self.instruction_pause = pause_of(picoseconds_of(each_ns)) if each_ns else None
        self.iteration = 0
        self.apps: dict[int, AppMemory] = {}
        self.frames: dict[int, Frame] = {}
        self.inboxes: dict[str, Inbox] = {}
        self._next_app = 0
        self._left: list[int] = []
        self._rng: np.random.Generator | None = None

    @property
    def is_nv(self) -> bool:
        """Whether its device is an NV centre."""
        return not isinstance(self.device, GenericDevice)

    def resume(self) -> None:
        """What is drawn from now on is drawn by this node."""
        rng = self._rng
        if rng is None:
            rng = self._rng = stream(self.machine.seed, f"node/{self.name}/{self.machine.first + self.iteration}")
        self.register.rng = rng

    def begin(self, iteration: int) -> None:
        """The program of this node begins an iteration."""
        self.iteration, self._rng = iteration, None

    def open_app(self, max_qubits: int) -> Frame:
        """A new application."""
        for left in self._left:
            self._close(left)
        self._left.clear()
        app = AppMemory(self._next_app, max_qubits)
        self._next_app += 1
        self.apps[app.app_id] = app
        frame = self.frames[app.app_id] = Frame(self, app)
        return frame

    def close_app(self, app_id: int) -> None:
        """The application is over: its qubits are freed, its requests withdrawn. Its memory stays readable.

        In a run that is looked at afterwards it stays until the next application begins.
        """
        if self.machine.lingers:
            self._left.append(app_id)
        else:
            self._close(app_id)

    def _close(self, app_id: int) -> None:
        app = self.apps.pop(app_id)
        del self.frames[app_id]
        self.netstack.forget(app)
        if app.virtual:
            self.resume()
            for position in list(app.virtual.values()):
                self.memory.release(position, self.register)
            app.virtual.clear()

    def inbox(self, sender: str) -> Inbox:
        """Messages from another node."""
        box = self.inboxes.get(sender)
        if box is None:
            box = self.inboxes[sender] = Inbox(sender)
        return box

    def full(self, why: str = "") -> NoQubitError:
        """No position is free."""
        there = f"{self.name} has {self.memory.size} qubits and all are in use"
        return NoQubitError(f"{why}: {there}" if why else f"{there}: free or measure one, or give the device more")

    def _idled(self, position: int, time_ns: float, population: float, coherence: float) -> None:
        source = "waiting" if not self.is_nv else ("waiting of electrons" if position == 0 else "waiting of carbons")
        entry = self.budget.get(source)
        spent = 1.0 - 0.25 * (1.0 + 2.0 * coherence + population)
        if entry is None:
            self.budget[source] = [1, spent]
        else:
            entry[0] += 1
            entry[1] += spent


class Inbox:
    """Messages from one node to another, in order."""

    __slots__ = ("arrived", "messages", "sender")

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.messages: deque[Any] = deque()
        self.arrived = Signal(f"a message from {sender}")

    def put(self, message: Any) -> None:
        """A message arrives."""
        self.messages.append(message)
        self.arrived.fire()
