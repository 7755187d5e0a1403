"""What a run of the magic square shows, what theory says of it, and the bound of classical players."""

import itertools
from fractions import Fraction
from typing import Any

from qcisim.programs import Formula, Links, Rate, rate


def figures(rounds: list[Any], strategy: str) -> dict[str, Rate]:
    """How often the players win."""
    return {"won": rate(one["referee"]["won"] for one in rounds)}


def expected(links: Links, strategy: str) -> dict[str, Formula]:
    """Four cells need one of the two Werner pairs, five need both: they agree with (1+w)/2 and (1+w²)/2."""
    w = links.werner("alice", "bob")
    if strategy == "classical":
        return {"won": Formula(float(classical_bound()), "8/9")}
    return {"won": Formula((4 * (1 + w) / 2 + 5 * (1 + w**2) / 2) / 9, "(4 (1 + w)/2 + 5 (1 + w²)/2)/9")}


def classical_bound() -> Fraction:
    """The best share of the nine questions that two tables win, each row even, each column even but the last odd."""
    even = [cells for cells in itertools.product((0, 1), repeat=3) if sum(cells) % 2 == 0]
    odd = [cells for cells in itertools.product((0, 1), repeat=3) if sum(cells) % 2 == 1]
    return max(
        Fraction(sum(rows[i][j] == columns[j][i] for i in range(3) for j in range(3)), 9)
        for rows in itertools.product(even, even, even)
        for columns in itertools.product(even, even, odd)
    )
