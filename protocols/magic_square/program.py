"""The magic square: Alice fills a row of bits, Bob a column, and where they cross they must agree.

Each cell is a product of Pauli operators on two qubits. Those of a row can be measured together, and those of a column;
the product of a row or column is +1, only that of the last column is -1:

    X1     1X     XX
    1Z     Z1     ZZ
    XZ     ZX     YY

So rows and columns of bits must be even, the last column odd. No table of nine bits is so: it loses somewhere.
"""

import random
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta

Steps = Generator[Any, Any, Any]
STRATEGIES = ("quantum", "classical")


def turn_for_row(row: int, one: Qubit, two: Qubit) -> tuple[int, int, int]:
    """Turn two qubits so that Z measures two cells of a row; which cell each is, and the parity of the row."""
    if row == 0:
        one.H()
        two.H()
        return 0, 1, 0
    if row == 1:
        return 1, 0, 0
    one.cphase(two)  # XZ becomes X1, ZX becomes 1X
    one.H()
    two.H()
    return 0, 1, 0


def turn_for_column(column: int, one: Qubit, two: Qubit) -> tuple[int, int, int]:
    """The same for a column."""
    if column == 0:
        one.H()
        return 0, 1, 0
    if column == 1:
        two.H()
        return 1, 0, 0
    one.cnot(two)  # XX becomes X1, ZZ becomes 1Z
    one.H()
    return 0, 1, 1


class Player(Program):
    """Alice gets a row, Bob a column; each fills three cells with what two qubits show."""

    def __init__(self, name: str, peer: str, strategy: str) -> None:
        self.name, self.peer, self.strategy = name, peer, strategy

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(self.name, csockets=["referee"], epr_sockets=[self.peer], max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        pairs, referee = context.epr_sockets[self.peer], context.csockets["referee"]
        one, two = pairs.create_keep(number=2) if self.name == "alice" else pairs.recv_keep(number=2)
        yield from context.connection.flush()
        referee.send("ready")
        line = yield from referee.recv()

        turn = turn_for_row if self.name == "alice" else turn_for_column
        first, second, parity = turn(line, one, two)
        results = one.measure(), two.measure()
        yield from context.connection.flush()

        cells = [0, 0, 0]
        if self.strategy == "quantum":
            cells[first], cells[second] = int(results[0]), int(results[1])
            cells[2] = cells[0] ^ cells[1] ^ parity
        elif self.name == "bob" and line == 2:
            cells[2] = 1  # all other cells are 0 for both: they lose the last one
        referee.send(cells)
        return {"line": line, "cells": "".join(map(str, cells))}


class Referee(Program):
    """Asks both at once for a random row and a random column."""

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("referee", csockets=["alice", "bob"], max_qubits=1)

    def run(self, context: ProgramContext) -> Steps:
        alice, bob = context.csockets["alice"], context.csockets["bob"]
        for player in (alice, bob):
            yield from player.recv()
        row, column = random.randrange(3), random.randrange(3)
        alice.send(row)
        bob.send(column)
        filled = yield from alice.recv()
        answer = yield from bob.recv()
        lawful = sum(filled) % 2 == 0 and sum(answer) % 2 == (column == 2)
        return {"row": row, "column": column, "won": int(lawful and filled[column] == answer[row])}


def programs(strategy: str = "quantum") -> dict[str, Program]:
    """Programs by node.

    Args:
        strategy: quantum, or classical: the best that players without pairs can do.
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy '{strategy}': wanted one of {', '.join(STRATEGIES)}")
    alice, bob = Player("alice", "bob", strategy), Player("bob", "alice", strategy)
    return {"alice": alice, "bob": bob, "referee": Referee()}
