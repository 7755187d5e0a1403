"""Bernstein-Vazirani on four processors: f(x) = s.x mod 2 is computed between them, and asked once."""

from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta

Steps = Generator[Any, Any, Any]
ASKING = ("one", "two", "three")


class Asking(Program):
    """Holds one bit of the question, as a qubit that is 0 and 1 at once, and finds one bit of the secret."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(self.name, csockets=["oracle"], epr_sockets=["oracle"], max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        half = context.epr_sockets["oracle"].create_keep()[0]
        yield from context.connection.flush()
        qubit = Qubit(context.connection)
        qubit.H()

        qubit.cnot(half)  # the oracle gets a copy of the qubit in Z ...
        flipped = half.measure()
        yield from context.connection.flush()
        context.csockets["oracle"].send(int(flipped))
        if (yield from context.csockets["oracle"].recv()):  # ... and gives it back by a measurement in X
            qubit.Z()

        qubit.H()
        bit = qubit.measure()
        yield from context.connection.flush()
        return {"bit": int(bit)}


class Oracle(Program):
    """Adds s.x to a qubit in |0> - |1>, which so turns the phase of the question and stays as it is."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("oracle", csockets=list(ASKING), epr_sockets=list(ASKING), max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        answer = Qubit(context.connection)
        answer.X()
        answer.H()
        for name, bit in zip(ASKING, self.secret, strict=True):
            copy = context.epr_sockets[name].recv_keep()[0]
            yield from context.connection.flush()
            if (yield from context.csockets[name].recv()):
                copy.X()
            if bit == "1":
                copy.cnot(answer)
            copy.H()
            phase = copy.measure()
            yield from context.connection.flush()
            context.csockets[name].send(int(phase))
        answer.free()
        yield from context.connection.flush()


def programs(secret: str = "101") -> dict[str, Program]:
    """Programs by node.

    Args:
        secret: three bits that only the oracle knows.
    """
    if len(secret) != 3 or set(secret) - {"0", "1"}:
        raise ValueError(f"secret '{secret}': wanted three bits, such as 101")
    return {**{name: Asking(name) for name in ASKING}, "oracle": Oracle(secret)}
