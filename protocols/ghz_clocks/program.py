"""Phase sensing: three clocks let a GHZ state, or a qubit each, turn with their phase and compare the parity in X."""

import math
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.squidasm.util.routines import create_ghz

Steps = Generator[Any, Any, Any]


class Clock(Program):
    """One of the clocks; ``below`` and ``above`` are its neighbours on the line, "" at the ends."""

    def __init__(self, name: str, below: str, above: str, phase: float, entangled: bool) -> None:
        self.name, self.below, self.above = name, below, above
        self.phase, self.entangled = phase, entangled

    @property
    def meta(self) -> ProgramMeta:
        beside = [name for name in (self.below, self.above) if name]
        return ProgramMeta(self.name, csockets=beside, epr_sockets=beside, max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        if self.entangled:
            qubit = yield from self.ghz(context)
        else:
            qubit = Qubit(context.connection)
            qubit.H()
        qubit.rot_Z(angle=self.phase)  # the clock runs: |1> gains a phase against the light it is compared with
        qubit.H()
        bit = qubit.measure()
        yield from context.connection.flush()
        return {"bit": int(bit)}

    def ghz(self, context: ProgramContext) -> Steps:
        """A qubit of |000> + |111>; the clock in the middle fuses two pairs."""
        pairs, sockets = context.epr_sockets, context.csockets
        qubit, _ = yield from create_ghz(
            context.connection,
            down_epr_socket=pairs[self.below] if self.below else None,
            up_epr_socket=pairs[self.above] if self.above else None,
            down_socket=sockets[self.below] if self.below else None,
            up_socket=sockets[self.above] if self.above else None,
            do_corrections=True,
        )
        return qubit


def programs(phase_deg: float = 22.5, entangled: bool = True) -> dict[str, Program]:
    """Programs by node.

    Args:
        phase_deg: what each clock gains in a round; 30 is where three entangled clocks are most sensitive.
        entangled: whether they share a GHZ state, or have a qubit each.
    """
    phase = math.radians(phase_deg)
    places = {"alice": ("", "bob"), "bob": ("alice", "charlie"), "charlie": ("bob", "")}
    return {name: Clock(name, *beside, phase, entangled) for name, beside in places.items()}
