"""The time line of a run: what each node did, when, in simulated time."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qcisim.stack.app_memory import REGISTER_INDEX
from qcisim.stack.classical import Operation, Registers
from qcisim.stack.compiler import Compiled
from qcisim.stack.connection import node_table
from qcisim.stack.csocket import ClassicalSocket
from qcisim.stack.host import Host
from qcisim.stack.links.delivery import Delivery
from qcisim.stack.listing import Line
from qcisim.stack.machine import Machine
from qcisim.stack.node import Inbox, Node
from qcisim.stack.options import Options
from qcisim.stack.plain import plain
from qcisim.stack.processor import Frame, Steps
from qcisim.stack.run import carry_out
from qcisim.stack.spec import Network

_ONE = ("x", "y", "z", "h", "s", "k", "t", "rot_x", "rot_y", "rot_z")
_TWO = ("cnot", "cphase", "crot_x", "crot_y", "mov", "swp")
_ALL = ("init_all", "meas_all", "rot_x_all", "rot_y_all", "rot_z_all", "bichromatic")
QUANTUM = frozenset(("init", "meas", "meas_basis", "meas_basis_yzy", "meas_basis_zxz", *_ONE, *_TWO, *_ALL))
"""Instructions that a time line shows."""

JOINED = {"operation": ", ", "sends": "; ", "receives": "; "}
"""Kinds of events that become one row where a node does them without a break, and what stands between them."""


@dataclass(slots=True)
class Event:
    """Something that a node did.

    Args:
        start_ns, end_ns: simulated time.
        node: its name.
        kind: "operation", "pair", "sends", "receives" or "result".
        text: what it was.
    """

    start_ns: float
    end_ns: float
    node: str
    kind: str
    text: str


@dataclass(slots=True)
class Timeline:
    """The events of one round in the order in which they began."""

    events: list[Event] = field(default_factory=list)

    def add(self, start_ns: float, end_ns: float, node: str, kind: str, text: str) -> Event:
        """One more event."""
        event = Event(start_ns, end_ns, node, kind, text)
        self.events.append(event)
        return event

    def rows(self) -> list[Event]:
        """Events by their start; those of one kind that follow one another at a node are one row."""
        rows: list[Event] = []
        for event in sorted(self.events, key=lambda one: one.start_ns):
            last = next((row for row in reversed(rows) if row.node == event.node), None)
            if last is not None and last.kind == event.kind in JOINED and last.end_ns == event.start_ns:
                last.end_ns, last.text = event.end_ns, f"{last.text}{JOINED[event.kind]}{event.text}"
            else:
                rows.append(Event(event.start_ns, event.end_ns, event.node, event.kind, event.text))
        return rows


def trace(network: Network, programs: Mapping[str, Any], seed: int, options: Options) -> Timeline:
    """The time line of the first round of a run with this seed."""
    machine = _Machine(network, options, seed)
    nodes = node_table(machine)
    hosts = {
        name: _Host(machine.nodes[name], programs[name], 1, nodes, _Socket)
        for name in network.nodes
        if name in programs
    }
    carry_out(machine, hosts)
    return machine.timeline


class _Machine(Machine):
    """A run that notes what happens."""

    def __init__(self, network: Network, options: Options, seed: int) -> None:
        super().__init__(network, options, seed)
        self.timeline = Timeline()
        self._begun: dict[tuple[str, str], tuple[float, int]] = {}
        devices = {**network.nodes, **network.repeaters}
        self.nodes = {name: _Node(self, name, number, device) for number, (name, device) in enumerate(devices.items())}
        self._numbered = list(self.nodes.values())

    def generate(self, creator: str, receiver: str, rng: np.random.Generator) -> Delivery:
        delivery = super().generate(creator, receiver, rng)
        self._begun[creator, receiver] = self.now_ns, delivery.attempts
        return delivery

    def count_pair(self, start: str, end: str, fidelity: float) -> None:
        super().count_pair(start, end, fidelity)
        begun, attempts = self._begun[start, end]
        tries = f"{attempts} attempt{'s' if attempts > 1 else ''}"
        for node, peer in ((start, end), (end, start)):
            self.timeline.add(begun, self.now_ns, node, "pair", f"pair with {peer}, {tries}, fidelity {fidelity:.4g}")


class _Messages(deque[Any]):
    """Messages that have come and are noted when the program takes them."""

    def __init__(self, node: _Node, sender: str) -> None:
        super().__init__()
        self._node, self._sender = node, sender

    def popleft(self) -> Any:
        message = super().popleft()
        self._node.note("receives", f"receives {_said(message)} from {self._sender}")
        return message


class _Node(Node):
    """A node whose applications and messages are noted."""

    machine: _Machine

    def open_app(self, max_qubits: int) -> Frame:
        app = super().open_app(max_qubits).mine
        frame = self.frames[app.app_id] = _Frame(self, app)
        return frame

    def inbox(self, sender: str) -> Inbox:
        box = super().inbox(sender)
        if not isinstance(box.messages, _Messages):
            box.messages = _Messages(self, sender)
        return box

    def note(self, kind: str, text: str) -> None:
        """Something without duration happens now."""
        self.machine.timeline.add(self.machine.now_ns, self.machine.now_ns, self.name, kind, text)


class _Host(Host):
    """A host that notes the result."""

    def steps(self) -> Generator[Any, Any, None]:
        yield from super().steps()
        result = plain(self.results[-1])
        if result is not None:
            _noting(self.node).note("result", shortened(result))


class _Socket(ClassicalSocket):
    """A socket that notes what is sent."""

    def send(self, msg: Any) -> None:
        _noting(self._node).note("sends", f"sends {_said(msg)} to {self._here.sender}")
        super().send(msg)


def _noting(node: Node) -> _Node:
    assert isinstance(node, _Node)
    return node


class _Frame(Frame):
    """An application whose quantum instructions are noted."""

    __slots__ = ("_last",)

    def execute(self, compiled: Compiled, addresses: Sequence[int] | None = None) -> Steps:
        self._last: tuple[Event, Line] | None = None
        lines: list[Line | None] = [*compiled.lines, None]
        watched = [self._watched(act, line) for act, line in zip(compiled.operations, lines, strict=True)]
        yield from super().execute(Compiled(tuple(watched), compiled.lines), addresses)

    def _watched(self, act: Operation, line: Line | None) -> Operation:
        def noted(r: Registers, x: Frame) -> int:
            self._close()
            if line is not None and line[0] in QUANTUM:
                node = _noting(self.node)
                now = node.machine.now_ns
                event = node.machine.timeline.add(now, now, node.name, "operation", _words(line, r))
                self._last = event, line
            return act(r, x)

        return noted

    def _close(self) -> None:
        """The last instruction is over."""
        if self._last is None:
            return
        event, line = self._last
        event.end_ns = self.node.machine.now_ns
        if line[0].startswith("meas") and line[0] != "meas_all":
            event.text += f" -> {self.registers[REGISTER_INDEX[line[2]]]}"
        self._last = None


def _words(line: Line, registers: Registers) -> str:
    """An instruction with the numbers of its qubits: ``cnot q0 q1``, ``rot_z q0 90 deg``."""
    name, *operands = line
    if name.startswith("meas"):
        basis = "" if name == "meas" else f" ({name[5:]} {' '.join(map(str, operands[2:]))})"
        return f"measure q{registers[REGISTER_INDEX[operands[0]]]}{basis}"
    words, numbers = [name], []
    for operand in operands:
        if isinstance(operand, str) and operand in REGISTER_INDEX:
            value = registers[REGISTER_INDEX[operand]]
            words.append(f"q{value}") if operand.startswith("Q") else numbers.append(value)
        elif isinstance(operand, int):
            numbers.append(operand)
    if len(numbers) == 2 and None not in numbers:
        words.append(f"{180.0 * numbers[0] / 2 ** numbers[1]:g} deg")
    return " ".join(words)


def _said(message: object) -> str:
    return shortened(message) if not isinstance(message, str) else f"'{message}'"


def shortened(value: object) -> str:
    """A value as text that fits into a line."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {shortened(one)}" for name, one in value.items())
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
