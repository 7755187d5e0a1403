"""Teleportation: a qubit moves from Alice to Bob over one pair and two bits."""

import math
from collections.abc import Generator
from typing import Any

import numpy as np
from netqasm.sdk import Qubit
from netqasm.sdk.toolbox import set_qubit_state

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.squidasm.util import get_qubit_state, get_reference_state

Steps = Generator[Any, Any, dict[str, float]]


class Alice(Program):
    """Has a qubit, and measures it together with her half of a pair."""

    def __init__(self, theta: float, phi: float) -> None:
        self.theta, self.phi = theta, phi

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(name="alice", csockets=["bob"], epr_sockets=["bob"], max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        half = context.epr_sockets["bob"].create_keep()[0]
        yield from context.connection.flush()

        qubit = Qubit(context.connection)
        set_qubit_state(qubit, self.phi, self.theta)

        # A Bell measurement: it tells nothing of the state, only which of four turns Bob has to undo.
        qubit.cnot(half)
        qubit.H()
        m1, m2 = qubit.measure(), half.measure()
        yield from context.connection.flush()

        context.csockets["bob"].send((int(m1), int(m2)))
        return {"m1": int(m1), "m2": int(m2)}


class Bob(Program):
    """Undoes the turn, and has the qubit. Looks at its state, which only a simulation can."""

    def __init__(self, theta: float, phi: float) -> None:
        self.theta, self.phi = theta, phi

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(name="bob", csockets=["alice"], epr_sockets=["alice"], max_qubits=1)

    def run(self, context: ProgramContext) -> Steps:
        qubit = context.epr_sockets["alice"].recv_keep()[0]
        yield from context.connection.flush()

        m1, m2 = yield from context.csockets["alice"].recv()
        if m2 == 1:
            qubit.X()
        if m1 == 1:
            qubit.Z()
        yield from context.connection.flush()

        wanted, found = get_reference_state(self.phi, self.theta), get_qubit_state(qubit, "bob")
        fidelity = float(np.trace(wanted @ found).real)

        qubit.free()
        yield from context.connection.flush()
        return {"fidelity": fidelity}


def programs(theta_deg: float = 67.5, phi_deg: float = 45.0) -> dict[str, Program]:
    """Programs by node, for the state cos(theta/2) |0> + e^(i phi) sin(theta/2) |1>.

    Args:
        theta_deg: from 0 (the state |0>) to 180 (the state |1>).
        phi_deg: phase of |1>.
    """
    theta, phi = math.radians(theta_deg), math.radians(phi_deg)
    return {"alice": Alice(theta, phi), "bob": Bob(theta, phi)}
