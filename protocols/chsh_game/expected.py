"""What a run of the CHSH game shows, what theory says of it, and the bound of classical players."""

import itertools
import math
from fractions import Fraction
from typing import Any

from qcisim.programs import Formula, Links, Rate, rate

QUESTIONS = list(itertools.product((0, 1), repeat=2))


def figures(rounds: list[Any], strategy: str) -> dict[str, Rate]:
    """How often the players win."""
    return {"won": rate(one["referee"]["won"] for one in rounds)}


def expected(links: Links, strategy: str) -> dict[str, Formula]:
    """S = 2 sqrt 2 w of a Werner pair; a game is won with 1/2 + S/8."""
    w = links.werner("alice", "bob")
    if strategy == "classical":
        return {"won": Formula(float(classical_bound()), "3/4")}
    return {"won": Formula(0.5 + math.sqrt(2.0) * w / 4, "1/2 + √2 w/4")}


def classical_bound() -> Fraction:
    """The best share of the questions that two tables of answers win; mixing tables at random does not help."""
    tables = list(itertools.product((0, 1), repeat=2))
    return max(
        Fraction(sum(a[x] ^ b[y] == x & y for x, y in QUESTIONS), len(QUESTIONS)) for a in tables for b in tables
    )
