"""The CHSH game: a referee asks each player a bit, and wants a xor b = x and y of their answers."""

import math
import random
from collections.abc import Generator
from typing import Any

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta

Steps = Generator[Any, Any, Any]
STRATEGIES = ("quantum", "classical")


class Referee(Program):
    """Asks both at once, when both hold their half of a pair."""

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("referee", csockets=["alice", "bob"], max_qubits=1)

    def run(self, context: ProgramContext) -> Steps:
        alice, bob = context.csockets["alice"], context.csockets["bob"]
        for player in (alice, bob):
            yield from player.recv()
        x, y = random.randrange(2), random.randrange(2)
        alice.send(x)
        bob.send(y)
        a = yield from alice.recv()
        b = yield from bob.recv()
        return {"x": x, "y": y, "won": int(a ^ b == x & y)}


class Player(Program):
    """Measures the pair at an angle that depends on the question; the classical player always answers 0."""

    def __init__(self, name: str, peer: str, strategy: str) -> None:
        self.name, self.peer, self.strategy = name, peer, strategy

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(self.name, csockets=["referee"], epr_sockets=[self.peer], max_qubits=1)

    def run(self, context: ProgramContext) -> Steps:
        pairs, referee = context.epr_sockets[self.peer], context.csockets["referee"]
        qubit = (pairs.create_keep() if self.name == "alice" else pairs.recv_keep())[0]
        yield from context.connection.flush()
        referee.send("ready")
        question = yield from referee.recv()

        qubit.rot_Y(angle=self.angle(question))
        result = qubit.measure()
        yield from context.connection.flush()
        answer = int(result) if self.strategy == "quantum" else 0
        referee.send(answer)
        return {"answer": answer}

    def angle(self, question: int) -> float:
        """Alice measures Z or X, Bob halfway between."""
        if self.name == "alice":
            return -math.pi / 2 if question else 0.0
        return math.pi / 4 if question else -math.pi / 4


def programs(strategy: str = "quantum") -> dict[str, Program]:
    """Programs by node.

    Args:
        strategy: quantum, or classical: the best that players without pairs can do.
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy '{strategy}': wanted one of {', '.join(STRATEGIES)}")
    alice, bob = Player("alice", "bob", strategy), Player("bob", "alice", strategy)
    return {"alice": alice, "bob": bob, "referee": Referee()}
