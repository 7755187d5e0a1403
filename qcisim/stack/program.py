"""Programs: what runs on a node, and what it is given."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qcisim.engine import Wait
from qcisim.quantum.states import Matrix
from qcisim.stack.physical import picoseconds_of

if TYPE_CHECKING:
    from netqasm.sdk.epr_socket import EPRSocket

    from qcisim.stack.connection import QnosConnection
    from qcisim.stack.csocket import ClassicalSocket


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


class ProgramContext:
    """What a program has in its hands on its node."""

    def __init__(
        self,
        netqasm_connection: QnosConnection,
        csockets: Mapping[str, ClassicalSocket],
        epr_sockets: Mapping[str, EPRSocket],
        app_id: int,
    ) -> None:
        self._connection = netqasm_connection
        self._csockets, self._epr_sockets, self._app_id = dict(csockets), dict(epr_sockets), app_id

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

    def sleep(self, time_ns: float) -> Generator[Any, Any, None]:
        """``yield from context.sleep(t)``: go on after ``time_ns``."""
        wait = Wait(0.0)
        wait.ps = picoseconds_of(time_ns)
        if wait.ps < 0:
            raise ValueError(f"sleep({time_ns:g}): time does not go back")
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


class Program:
    """Base class of programs: ``meta`` says what it needs, ``run`` is a generator."""

    @property
    def meta(self) -> ProgramMeta:
        """What the program needs."""
        raise NotImplementedError(f"{type(self).__name__} has no property 'meta'")

    def run(self, context: ProgramContext) -> Any:
        """The program; flushes and receives with ``yield from``, returns its result."""
        raise NotImplementedError(f"{type(self).__name__} has no method 'run'")
