"""What a run of anonymous entanglement shows, and what theory says of it."""

import math
from itertools import pairwise
from typing import Any

from qcisim.programs import Formula, Links, Mean, Rate, mean, rate

LINE = ("alice", "bob", "charlie", "dave")


def figures(rounds: list[Any], sender: str, **options: str) -> dict[str, Mean | Rate]:
    """The pair that two of the four hold, and what each announces."""
    announced = {f"{name} announces 1": rate(one[name]["announced"] for one in rounds) for name in LINE}
    return {"fidelity": mean(one[sender]["fidelity"] for one in rounds), **announced}


def expected(links: Links, sender: str, receiver: str, liar: str) -> dict[str, Formula]:
    """XX and YY suffer from every pair of the line, ZZ from those between the two; a lie turns the phase."""
    werner = [links.werner(a, b) for a, b in pairwise(LINE)]
    first, last = sorted((LINE.index(sender), LINE.index(receiver)))
    every, between = math.prod(werner), math.prod(werner[first:last])
    sign, text = (1, "+") if liar == "nobody" else (-1, "-")
    fidelity = Formula((1 + sign * 2 * every + between) / 4, f"(1 {text} 2W + V)/4")
    return {"fidelity": fidelity, **{f"{name} announces 1": Formula(0.5, "1/2") for name in LINE}}
