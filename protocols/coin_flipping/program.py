"""Coin flipping: Alice sends a bit hidden in two qubits, Bob answers with a bit, Alice opens hers; the coin is the sum.

Bit a and a second bit x are hidden as |0>|+-> for a = 0 and |+->|0> for a = 1, with + for x = 0 and - for x = 1.
"""

import math
import random
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.squidasm.util.routines import teleport_recv, teleport_send

Steps = Generator[Any, Any, Any]
CHEATERS = ("nobody", "alice", "bob")


class Alice(Program):
    """Hides a random bit, hears Bob's, opens."""

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("alice", csockets=["bob"], epr_sockets=["bob"], max_qubits=3)

    def run(self, context: ProgramContext) -> Steps:
        qubits = Qubit(context.connection), Qubit(context.connection)
        self.hide(*qubits)
        for qubit in qubits:
            yield from teleport_send(qubit, context, "bob")
        b = yield from context.csockets["bob"].recv()
        a, x = self.opened(b)
        context.csockets["bob"].send((a, x))
        accepted = yield from context.csockets["bob"].recv()
        return {"coin": a ^ b if accepted else None}

    def hide(self, one: Qubit, two: Qubit) -> None:
        """Put a and x into two qubits."""
        self.a, self.x = random.randrange(2), random.randrange(2)
        qubit = one if self.a else two
        if self.x:
            qubit.X()
        qubit.H()

    def opened(self, b: int) -> tuple[int, int]:
        """What Alice says that she hid."""
        return self.a, self.x


class CheatingAlice(Alice):
    """Sends (2|00> + |01> + |10>)/sqrt 6, which passes for both a with 3/4, and opens what makes the coin 1."""

    def hide(self, one: Qubit, two: Qubit) -> None:
        first = 2 * math.asin(1 / math.sqrt(6))  # the first qubit is |1> with 1/6
        second = math.asin(1 / math.sqrt(5))  # the second then is |0>, else 2|0> + |1>
        one.rot_Y(angle=first)
        two.rot_Y(angle=second)
        one.cnot(two)
        two.rot_Y(angle=second)
        one.cnot(two)

    def opened(self, b: int) -> tuple[int, int]:
        return 1 ^ b, 0


class Bob(Program):
    """Keeps the qubits until Alice opens, and then looks whether they are what she says."""

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("bob", csockets=["alice"], epr_sockets=["alice"], max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        one = yield from teleport_recv(context, "alice")
        two = yield from teleport_recv(context, "alice")
        b = yield from self.answer(context, one, two)
        context.csockets["alice"].send(b)
        a, x = yield from context.csockets["alice"].recv()
        accepted = yield from self.check(context, (one, two), a, x)
        context.csockets["alice"].send(accepted)
        return {"coin": a ^ b if accepted else None, "aborted": int(not accepted)}

    def answer(self, context: ProgramContext, one: Qubit, two: Qubit) -> Steps:
        """Bob's bit."""
        yield from context.connection.flush()
        return random.randrange(2)

    def check(self, context: ProgramContext, qubits: tuple[Qubit, Qubit], a: int, x: int) -> Steps:
        """One qubit is |0>, the other |+> or |->."""
        hidden, zero = (qubits[0], qubits[1]) if a else (qubits[1], qubits[0])
        hidden.H()
        results = hidden.measure(), zero.measure()
        yield from context.connection.flush()
        return int(results[0]) == x and int(results[1]) == 0


class CheatingBob(Bob):
    """Measures at once: a 1 betrays which qubit is not |0>. Says the bit that makes 1 with what he believes to be a."""

    def answer(self, context: ProgramContext, one: Qubit, two: Qubit) -> Steps:
        results = one.measure(), two.measure()
        yield from context.connection.flush()
        first, second = map(int, results)
        believed = first if first != second else random.randrange(2)
        return 1 ^ believed

    def check(self, context: ProgramContext, qubits: tuple[Qubit, Qubit], a: int, x: int) -> Steps:
        yield from context.connection.flush()
        return True


def programs(cheater: str = "nobody") -> dict[str, Program]:
    """Programs by node.

    Args:
        cheater: nobody, alice or bob; who cheats wants the coin to be 1.
    """
    if cheater not in CHEATERS:
        raise ValueError(f"cheater '{cheater}': wanted one of {', '.join(CHEATERS)}")
    alice = CheatingAlice() if cheater == "alice" else Alice()
    return {"alice": alice, "bob": CheatingBob() if cheater == "bob" else Bob()}
