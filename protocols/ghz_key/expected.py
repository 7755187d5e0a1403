"""What a run of the conference key shows, and what theory says of it."""

import math
from typing import Any

from qcisim.programs import Formula, Links, Mean, Rate, mean, rate


def figures(rounds: list[Any], test_share: float) -> dict[str, Mean | Rate]:
    """Errors of key and test, and the share of a key round that stays secret after an endless run."""
    key = [one for one in rounds if one["alice"]["basis"] == "Z"]
    test = [one for one in rounds if one["alice"]["basis"] == "X"]
    to_bob = rate(one["alice"]["bit"] != one["bob"]["bit"] for one in key)
    to_charlie = rate(one["alice"]["bit"] != one["charlie"]["bit"] for one in key)
    tests = rate(sum(party["bit"] for party in one.values()) % 2 for one in test)
    share = 1 - entropy(tests.value) - max(entropy(to_bob.value), entropy(to_charlie.value))
    return {
        "key errors of Bob": to_bob,
        "key errors of Charlie": to_charlie,
        "test errors": tests,
        "secret share": mean([max(share, 0.0)] if key and test else []),
    }


def expected(links: Links, test_share: float) -> dict[str, Formula]:
    """Flips of the pairs add up along the line, phase errors of both spoil the parity in X."""
    near, far = links.werner("alice", "bob"), links.werner("bob", "charlie")
    return {
        "key errors of Bob": Formula((1 - near) / 2, "(1 - w1)/2"),
        "key errors of Charlie": Formula((1 - near * far) / 2, "(1 - w1 w2)/2"),
        "test errors": Formula((1 - near * far) / 2, "(1 - w1 w2)/2"),
    }


def entropy(p: float) -> float:
    """h(p) = -p log2 p - (1-p) log2(1-p)."""
    return -sum(q * math.log2(q) for q in (p, 1 - p) if 0 < q < 1)
