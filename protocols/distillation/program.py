"""Entanglement distillation: of two noisy pairs one is measured, and tells whether the other is better."""

import math
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.squidasm.util import get_qubit_state

Steps = Generator[Any, Any, Any]


class End(Program):
    """One end of the pairs; Alice and Bob do the same but for the sense in which they turn their qubits."""

    def __init__(self, name: str, peer: str, levels: int) -> None:
        self.name, self.peer, self.levels = name, peer, levels
        self.turn = math.pi / 2 if name == "alice" else -math.pi / 2

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(self.name, csockets=[self.peer], epr_sockets=[self.peer], max_qubits=self.levels + 1)

    def run(self, context: ProgramContext) -> Steps:
        qubit = yield from self.distilled(context, self.levels)
        if qubit is None:
            return {"success": 0, "fidelity": None}
        fidelity = bell_fidelity(qubit, self.name)
        yield from self.exchange(
            context, "looked"
        )  # only a simulation can look at the state; nobody changes it meanwhile
        qubit.free()
        yield from context.connection.flush()
        return {"success": 1, "fidelity": fidelity}

    def distilled(self, context: ProgramContext, level: int) -> Steps:
        """A pair distilled ``level`` times, from two of the level below; None where the ends saw different bits."""
        if level == 0:
            return (yield from self.fresh(context))
        kept = yield from self.distilled(context, level - 1)
        if kept is None:
            return None
        measured = yield from self.distilled(context, level - 1)
        if measured is None:
            kept.free()
            return None
        for qubit in (kept, measured):
            qubit.rot_X(angle=self.turn)
        kept.cnot(measured)
        bit = measured.measure()
        yield from context.connection.flush()

        if (yield from self.exchange(context, int(bit))) == int(bit):
            return kept
        kept.free()
        yield from context.connection.flush()
        return None

    def fresh(self, context: ProgramContext) -> Steps:
        """A pair from the link."""
        socket = context.epr_sockets[self.peer]
        qubit = (socket.create_keep() if self.name == "alice" else socket.recv_keep())[0]
        yield from context.connection.flush()
        return qubit

    def exchange(self, context: ProgramContext, mine: object) -> Steps:
        """Tell the other end something, hear what it says."""
        context.csockets[self.peer].send(mine)
        return (yield from context.csockets[self.peer].recv())


def bell_fidelity(qubit: Qubit, node: str) -> float:
    """<Phi+| rho |Phi+> of a qubit and its partner."""
    rho = get_qubit_state(qubit, node, full_state=True)
    return float((rho[0, 0] + rho[0, 3] + rho[3, 0] + rho[3, 3]).real / 2)


def programs(levels: int = 1) -> dict[str, Program]:
    """Programs by node.

    Args:
        levels: how often pairs are distilled; each level needs twice as many, from 1 to 4.
    """
    if not 1 <= levels <= 4:
        raise ValueError(f"levels {levels}: wanted 1 to 4; each needs twice as many pairs")
    return {"alice": End("alice", "bob", levels), "bob": End("bob", "alice", levels)}
