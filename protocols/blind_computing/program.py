"""Blind computing on two qubits: the server measures a chain at angles that hide the computation, and the traps.

All angles are multiples of 45 degrees and travel as whole numbers from 0 to 7.
"""

import random
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta

Steps = Generator[Any, Any, Any]
ATTACKS = ("none", "flip", "guess")


def measured(qubit: Qubit, angle: int) -> Any:
    """The result in the basis |0> +- e^(i angle) |1>."""
    qubit.rot_Z(n=-angle % 8, d=2)
    qubit.H()
    return qubit.measure()


class Client(Program):
    """Computes a function of two angles on the server in some rounds, and sets a trap in the others."""

    def __init__(self, phi1: int, phi2: int, test_share: float) -> None:
        self.phi1, self.phi2, self.test_share = phi1, phi2, test_share

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("client", csockets=["server"], epr_sockets=["server"], max_qubits=1)

    def run(self, context: ProgramContext) -> Steps:
        test = random.random() < self.test_share
        trap = random.randrange(
            2
        )  # of a test: one qubit is the trap, the other is in |0> or |1> and does not take part
        theta1 = yield from self.prepare(context, dummy=test and trap == 1)
        theta2 = yield from self.prepare(context, dummy=test and trap == 0)
        r1, r2 = random.randrange(2), random.randrange(2)
        if test:
            return (yield from self.spring(context, trap, (theta1, theta2), (r1, r2)))
        s1 = (yield from self.ask(context, self.phi1 + theta1 + 4 * r1)) ^ r1
        phi2 = -self.phi2 if s1 else self.phi2
        s2 = (yield from self.ask(context, phi2 + theta2 + 4 * r2)) ^ r2
        return {"test": 0, "answer": s2}

    def prepare(self, context: ProgramContext, dummy: bool) -> Steps:
        """Measure half of a pair, so that the server holds |0> + e^(i theta) |1>, or |bit>; theta or the bit."""
        half = context.epr_sockets["server"].create_keep()[0]
        theta = random.randrange(8)
        bit = half.measure() if dummy else measured(half, -theta)
        yield from context.connection.flush()
        return int(bit) if dummy else (theta + 4 * int(bit)) % 8

    def spring(self, context: ProgramContext, trap: int, states: tuple[int, int], r: tuple[int, int]) -> Steps:
        """Have both qubits measured; the result of the trap is known beforehand, and nobody else knows which it is."""
        sprung = 0
        for i in (0, 1):
            if i == trap:
                angle = states[i] + 4 * states[1 - i] + 4 * r[i]  # a neighbour in |1> turns the trap by 180 degrees
                sprung = (yield from self.ask(context, angle)) ^ r[i]
            else:
                yield from self.ask(context, random.randrange(8))
        return {"test": 1, "sprung": sprung}

    def ask(self, context: ProgramContext, angle: int) -> Steps:
        """Have the next qubit measured; the server's answer."""
        context.csockets["server"].send(angle % 8)
        return (yield from context.csockets["server"].recv())


class Server(Program):
    """Joins two qubits by a controlled phase and measures them as it is told, if it is honest."""

    def __init__(self, attack: str) -> None:
        self.attack = attack

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("server", csockets=["client"], epr_sockets=["client"], max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        qubits = []
        for _ in range(2):
            qubits.append(context.epr_sockets["client"].recv_keep()[0])
            yield from context.connection.flush()
        qubits[0].cphase(qubits[1])
        angles = []
        for qubit in qubits:
            angle = yield from context.csockets["client"].recv()
            angles.append(angle)
            bit = measured(qubit, angle)
            yield from context.connection.flush()
            context.csockets["client"].send(self.answer(int(bit), last=len(angles) == 2))
        return {"first angle": 45 * angles[0], "second angle": 45 * angles[1]}

    def answer(self, bit: int, last: bool) -> int:
        """What the server says it has found."""
        if self.attack == "guess":
            return random.randrange(2)
        return 1 - bit if self.attack == "flip" and last else bit


def programs(
    phi1_deg: int = 90, phi2_deg: int = 90, test_share: float = 0.5, attack: str = "none"
) -> dict[str, Program]:
    """Programs by node.

    Args:
        phi1_deg: first angle of the computation, a multiple of 45.
        phi2_deg: second angle.
        test_share: probability that a round is a test.
        attack: of the server: none, flip (reports the last result inverted) or guess (does not compute at all).
    """
    for name, angle in (("phi1_deg", phi1_deg), ("phi2_deg", phi2_deg)):
        if angle % 45:
            raise ValueError(f"{name} {angle}: wanted a multiple of 45; only those can hide behind eight angles")
    if attack not in ATTACKS:
        raise ValueError(f"attack '{attack}': wanted one of {', '.join(ATTACKS)}")
    if not 0.0 <= test_share <= 1.0:
        raise ValueError(f"test_share {test_share:g}: wanted a probability")
    return {"client": Client(phi1_deg // 45, phi2_deg // 45, test_share), "server": Server(attack)}
