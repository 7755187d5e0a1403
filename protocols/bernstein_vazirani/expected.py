"""What a run of Bernstein-Vazirani shows, what theory says of it, and what one classical question can do."""

import itertools
import math
from fractions import Fraction
from typing import Any

from qcisim.programs import Formula, Links, Rate, rate

ASKING = ("one", "two", "three")


def figures(rounds: list[Any], secret: str) -> dict[str, Rate]:
    """How often the secret is found, and each bit of it."""
    found = ["".join(str(one[name]["bit"]) for name in ASKING) for one in rounds]
    bits = {f"bit of {name}": rate(one[i] == secret[i] for one in found) for i, name in enumerate(ASKING)}
    return {"secret found": rate(one == secret for one in found), **bits}


def expected(links: Links, secret: str) -> dict[str, Formula]:
    """A phase error of a pair flips the bit that is asked over it, whatever the secret."""
    right = [(1 + links.werner(name, "oracle")) / 2 for name in ASKING]
    bits = {f"bit of {name}": Formula(p, "(1 + w)/2") for name, p in zip(ASKING, right, strict=True)}
    return {"secret found": Formula(math.prod(right), "product of (1 + w)/2"), **bits}


def classical_bound(bits: int = 3) -> Fraction:
    """How often one classical question finds a random secret at most: the best question, the best guess per answer."""
    secrets = list(itertools.product((0, 1), repeat=bits))
    best = 0
    for question in secrets:
        answers = {sum(s * x for s, x in zip(secret, question, strict=True)) % 2 for secret in secrets}
        best = max(best, len(answers))  # of the secrets that give an answer, one can be guessed
    return Fraction(best, len(secrets))
