"""Conference key: Bob fuses his pairs with Alice and Charlie to |000> + |111>; all measure Z for key or X for test."""

import random
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta

Steps = Generator[Any, Any, Any]


class Party(Program):
    """What the three do alike: say that they hold their qubit, hear the basis, measure."""

    name: str
    pairs_with: tuple[str, ...]

    @property
    def meta(self) -> ProgramMeta:
        others = [name for name in ("alice", "bob", "charlie") if name != self.name]
        return ProgramMeta(self.name, csockets=others, epr_sockets=list(self.pairs_with), max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        qubit = yield from self.ghz(context)
        basis = yield from self.basis(context)
        if basis == "X":
            qubit.H()
        bit = qubit.measure()
        yield from context.connection.flush()
        return {"basis": basis, "bit": int(bit)}

    def ghz(self, context: ProgramContext) -> Steps:
        """A qubit of the GHZ state."""
        raise NotImplementedError

    def basis(self, context: ProgramContext) -> Steps:
        """What Alice says, once all hold their qubits."""
        context.csockets["alice"].send("ready")
        return (yield from context.csockets["alice"].recv())


class Alice(Party):
    """Decides at random which rounds are tests."""

    name, pairs_with = "alice", ("bob",)

    def __init__(self, test_share: float) -> None:
        self.test_share = test_share

    def ghz(self, context: ProgramContext) -> Steps:
        qubit = context.epr_sockets["bob"].create_keep()[0]
        yield from context.connection.flush()
        return qubit

    def basis(self, context: ProgramContext) -> Steps:
        for name in ("bob", "charlie"):
            yield from context.csockets[name].recv()
        basis = "X" if random.random() < self.test_share else "Z"
        for name in ("bob", "charlie"):
            context.csockets[name].send(basis)
        return basis


class Bob(Party):
    """Stands between the others and fuses the pairs."""

    name, pairs_with = "bob", ("alice", "charlie")

    def ghz(self, context: ProgramContext) -> Steps:
        qubit: Qubit = context.epr_sockets["alice"].recv_keep()[0]
        yield from context.connection.flush()
        other = context.epr_sockets["charlie"].create_keep()[0]
        qubit.cnot(other)
        flipped = other.measure()
        yield from context.connection.flush()
        context.csockets["charlie"].send(int(flipped))
        return qubit


class Charlie(Party):
    """Has the far end."""

    name, pairs_with = "charlie", ("bob",)

    def ghz(self, context: ProgramContext) -> Steps:
        qubit = context.epr_sockets["bob"].recv_keep()[0]
        yield from context.connection.flush()
        if (yield from context.csockets["bob"].recv()):
            qubit.X()
        yield from context.connection.flush()
        return qubit


def programs(test_share: float = 0.4) -> dict[str, Program]:
    """Programs by node.

    Args:
        test_share: probability that a round is a test, between 0 and 1.
    """
    if not 0.0 < test_share < 1.0:
        raise ValueError(
            f"test_share {test_share:g}: wanted a probability between 0 and 1; there must be key and tests"
        )
    return {"alice": Alice(test_share), "bob": Bob(), "charlie": Charlie()}
