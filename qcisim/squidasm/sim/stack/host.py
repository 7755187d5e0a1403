"""Hosts that speak to their processor in messages of bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import Any

from netqasm.backend.messages import (
    InitNewAppMessage,
    OpenEPRSocketMessage,
    StopAppMessage,
    SubroutineMessage,
    deserialize_host_msg,
)
from netqasm.lang.instr.flavour import Flavour, NVFlavour, VanillaFlavour
from netqasm.lang.parsing import deserialize

from qcisim.engine import Signal
from qcisim.errors import InputError
from qcisim.squidasm.sim.stack.network import HostComponent, Sockets
from qcisim.stack.connection import node_table
from qcisim.stack.host import Host as StackHost

__all__ = ["Host", "HostComponent"]

Steps = Generator[Any, Any, Any]


class Host:
    """Runs a program that is enqueued; or a base class: override ``run``, send messages, receive answers.

    An InitNewAppMessage is answered with the id of the application, a SubroutineMessage with its memory when it has
    been carried out; other messages have no answer.

    Args:
        comp: ``host_comp`` of a stack.
        qdevice_type: ignored; the device knows what it is.
    """

    def __init__(self, comp: HostComponent, qdevice_type: str | None = None) -> None:
        self._comp, self._node = comp, comp.node
        self._flavour: Flavour = NVFlavour() if self._node.is_nv else VanillaFlavour()
        self._questions: deque[bytes] = deque()
        self._answers: deque[Any] = deque()
        self._asked = Signal(f"messages of the host of {self._node.name}")
        self._answered = Signal(f"an answer of the processor of {self._node.name}")
        self._results: list[Any] = []
        self._program: Any = None
        self._times = 0

    def run(self) -> Steps:
        """What the host does: the program that was enqueued, if any."""
        if self._program is not None:
            machine = self._node.machine
            host = StackHost(self._node, self._program, self._times, node_table(machine))
            self._results = host.results
            yield from host.steps()

    def enqueue_program(self, program: Any, num_times: int = 1) -> None:
        """The program to run, and how often."""
        self._program, self._times = program, num_times

    def get_results(self) -> list[Any]:
        """Results of the program that was enqueued."""
        return self._results

    def send_qnos_msg(self, msg: bytes) -> None:
        """Send a message to the processor."""
        self._questions.append(bytes(msg))
        self._asked.fire()

    def receive_qnos_msg(self) -> Steps:
        """The next answer."""
        while not self._answers:
            yield self._answered
        return self._answers.popleft()

    def serve(self) -> Steps:
        """The processor's end: carries out message after message."""
        while True:
            while not self._questions:
                yield self._asked
            answer = yield from self._handle(self._questions.popleft())
            if answer is not None:
                self._answers.append(answer)
                self._answered.fire()

    def _handle(self, raw: bytes) -> Steps:
        message = deserialize_host_msg(raw)
        node = self._node
        if isinstance(message, InitNewAppMessage):
            return node.open_app(message.max_qubits).mine.app_id
        if isinstance(message, OpenEPRSocketMessage):
            Sockets(node).open_epr_socket(message.app_id, message.epr_socket_id, message.remote_node_id)
            return None
        if isinstance(message, StopAppMessage):
            node.close_app(message.app_id)
            return None
        if isinstance(message, SubroutineMessage):
            subroutine = deserialize(message.subroutine, flavour=self._flavour)
            frame = node.frames.get(subroutine.app_id or 0)
            if frame is None:
                raise InputError(f"{node.name}: a subroutine of application {subroutine.app_id}, which does not exist")
            yield from frame.execute(node.compiler.subroutine(subroutine))
            return frame.mine
        raise InputError(f"{node.name}: a message of type {type(message).__name__}")
