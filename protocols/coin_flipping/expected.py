"""What a run of coin flipping shows, and what theory says of it."""

import math
from typing import Any

from qcisim.programs import Formula, Links, Rate, rate

KITAEV = 1 / math.sqrt(2)
"""No protocol holds every cheater below this: Kitaev (2002), in Gutoski, Watrous, STOC 2007."""


def figures(rounds: list[Any], cheater: str) -> dict[str, Rate]:
    """How often the coin is 1, among all rounds and among those that Bob accepts; how often he does not."""
    coins = [one["bob"]["coin"] for one in rounds]
    return {
        "coin is 1": rate(coin == 1 for coin in coins),
        "aborted": rate(coin is None for coin in coins),
        "1 if not aborted": rate(coin == 1 for coin in coins if coin is not None),
    }


def expected(links: Links, cheater: str) -> dict[str, Formula]:
    """Each qubit is teleported over a Werner pair, which leaves it as it is with w and else makes it 1/2."""
    w = links.werner("alice", "bob")
    if cheater == "alice":
        won = 3 * w**2 / 4 + 5 * w * (1 - w) / 6 + (1 - w) ** 2 / 4
        return {"coin is 1": Formula(won, "3w²/4 + 5w(1-w)/6 + (1-w)²/4"), "1 if not aborted": Formula(1.0, "1")}
    if cheater == "bob":
        return {"coin is 1": Formula(0.5 + w / 4, "1/2 + w/4"), "aborted": Formula(0.0, "0")}
    passed = ((1 + w) / 2) ** 2
    return {
        "coin is 1": Formula(passed / 2, "((1 + w)/2)²/2"),
        "aborted": Formula(1 - passed, "1 - ((1 + w)/2)²"),
        "1 if not aborted": Formula(0.5, "1/2"),
    }
