"""A CNOT whose control is at Alice and whose target is at Bob."""

import random
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.squidasm.util import get_qubit_state

Steps = Generator[Any, Any, Any]


class Control(Program):
    """Alice: first entangles a qubit with Bob's, then does a line of the truth table."""

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(name="alice", csockets=["bob"], epr_sockets=["bob"], max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        connection = context.connection
        plus = Qubit(connection)
        plus.H()
        yield from self.cnot(context, plus)
        context.csockets["bob"].send("done")
        yield from context.csockets["bob"].recv()  # Bob has looked, which only a simulation can
        plus.free()

        bit = random.randrange(2)
        control = Qubit(connection)
        if bit:
            control.X()
        yield from self.cnot(context, control)
        out = control.measure()
        yield from connection.flush()
        return {"control": bit, "control after": int(out)}

    def cnot(self, context: ProgramContext, control: Qubit) -> Steps:
        """Bob gets a copy in Z: a|0> + b|1> becomes a|00> + b|11>. His measurement in X then takes it back."""
        half = context.epr_sockets["bob"].create_keep()[0]
        control.cnot(half)
        flipped = half.measure()
        yield from context.connection.flush()
        context.csockets["bob"].send(int(flipped))
        if (yield from context.csockets["bob"].recv()):
            control.Z()
        yield from context.connection.flush()


class Target(Program):
    """Bob: his qubit is flipped where Alice's is 1."""

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(name="bob", csockets=["alice"], epr_sockets=["alice"], max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        connection = context.connection
        zero = Qubit(connection)
        yield from self.cnot(context, zero)
        yield from context.csockets["alice"].recv()
        rho = get_qubit_state(zero, "bob", full_state=True)
        fidelity = float((rho[0, 0] + rho[0, 3] + rho[3, 0] + rho[3, 3]).real / 2)
        context.csockets["alice"].send("looked")
        zero.free()

        bit = random.randrange(2)
        target = Qubit(connection)
        if bit:
            target.X()
        yield from self.cnot(context, target)
        out = target.measure()
        yield from connection.flush()
        return {"target": bit, "target after": int(out), "fidelity": fidelity}

    def cnot(self, context: ProgramContext, target: Qubit) -> Steps:
        copy = context.epr_sockets["alice"].recv_keep()[0]
        yield from context.connection.flush()
        if (yield from context.csockets["alice"].recv()):
            copy.X()
        copy.cnot(target)
        copy.H()
        phase = copy.measure()
        yield from context.connection.flush()
        context.csockets["alice"].send(int(phase))


def programs() -> dict[str, Program]:
    """Programs by node."""
    return {"alice": Control(), "bob": Target()}
