"""Programs: what runs on a node, and what it is given."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qcisim.engine import Wait
from qcisim.errors import InputError
from qcisim.quantum.states import Matrix
from qcisim.stack.awaited import Awaited, Steps
from qcisim.stack.physical import picoseconds_of
from qcisim.stack.source import class_line

if TYPE_CHECKING:
    from qcisim.stack.connection import QnosConnection


@dataclass
class ProgramMeta:
    """What a program needs.

    Args:
        name: of the program.
        csockets: names of the nodes it exchanges messages with.
        epr_sockets: names of the nodes it shares pairs with.
        max_qubits: how many qubits it uses; the device decides how many there are.
        parameters: ignored.
    """

    name: str
    csockets: list[str] = field(default_factory=list)
    epr_sockets: list[str] = field(default_factory=list)
    max_qubits: int = 5
    parameters: Any = None


class Sockets(dict[str, Any]):
    """Sockets of a program by the name of the node at the other end.

    Args:
        node: of the program.
        kind: "classical socket" or "socket for pairs".
        named: where the program names them in its meta.
    """

    def __init__(self, node: str, kind: str, named: str) -> None:
        super().__init__()
        self._node, self._kind, self._named = node, kind, named

    def __missing__(self, peer: str) -> Any:
        known = ", ".join(self) or "none"
        raise MissingSocketError(
            f"program of {self._node}: there is no {self._kind} with {peer!r}: "
            f"name it in {self._named} of its meta (there: {known})"
        )


class MissingSocketError(InputError, KeyError):
    """A program takes a socket that it did not name."""

    __str__ = Exception.__str__


class ProgramContext:
    """What a program has in its hands on its node."""

    def __init__(
        self,
        netqasm_connection: QnosConnection,
        csockets: dict[str, Any],
        epr_sockets: dict[str, Any],
        app_id: int,
    ) -> None:
        self._connection = netqasm_connection
        self._csockets, self._epr_sockets, self._app_id = csockets, epr_sockets, app_id

    @property
    def connection(self) -> QnosConnection:
        """To the processor of the node."""
        return self._connection

    @property
    def csockets(self) -> dict[str, Any]:
        """Classical sockets by the name of the node at the other end."""
        return self._csockets

    @property
    def epr_sockets(self) -> dict[str, Any]:
        """Sockets for pairs by the name of the node at the other end."""
        return self._epr_sockets

    @property
    def app_id(self) -> int:
        """Number of the application at its node."""
        return self._app_id

    def now(self) -> float:
        """Simulated time in ns."""
        return self._connection.frame.node.machine.now_ns

    def sleep(self, time_ns: float) -> Awaited:
        """``yield from context.sleep(t)``: go on after ``time_ns``."""
        return Awaited(self._sleep(time_ns), f"sleep({time_ns!r})", self._connection.node_name)

    def _sleep(self, time_ns: float) -> Steps:
        if not 0.0 <= time_ns < math.inf:
            raise InputError(f"sleep({time_ns!r}): wanted a time in ns from 0")
        wait = Wait(0.0)
        wait.ps = picoseconds_of(time_ns)
        yield wait

    def state(self, *qubits: Any, skip_noise: bool = False) -> Matrix:
        """The density matrix of qubits of this program (SDK qubits, or their ids), in this order.

        Idle decoherence up to now is applied first unless ``skip_noise``. Looking changes nothing that programs can
        see: with sampled states it is the state of this sample.
        """
        frame = self._connection.frame
        frame.node.resume()
        numbers = []
        for qubit in qubits:
            virtual = qubit if isinstance(qubit, int) else int(qubit.qubit_id)
            position = frame.position(virtual)
            if not skip_noise:
                frame.touched(virtual)
            number = frame.memory.qubit[position]
            if number is None:
                raise ValueError(f"qubit {virtual} of {frame.node.name} is on its way")
            numbers.append(number)
        return frame.register.to_density(*numbers)


class IncompleteProgramError(InputError, NotImplementedError):
    """A program lacks a part that every program has."""


class Program:
    """Base class of programs: ``meta`` says what it needs, ``run`` is a generator."""

    @property
    def meta(self) -> ProgramMeta:
        """What the program needs."""
        raise IncompleteProgramError(f"{_class(self)} has no property 'meta': wanted one that gives a ProgramMeta")

    def run(self, context: ProgramContext) -> Any:
        """The program; flushes and receives with ``yield from``, returns its result."""
        raise IncompleteProgramError(f"{_class(self)} has no method 'run': wanted 'def run(self, context)'")


def _class(program: Program) -> str:
    """Name and line of its class."""
    line = class_line(program)
    return type(program).__name__ + (f" ({line})" if line else "")
