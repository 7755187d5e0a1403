"""Counting: what a link sends and detects, by what it is made of: light, pairs from a source, a hub, repeaters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counting:
    """``sent`` and ``got`` name the first two stages; ``story`` is what links did, ``one`` what became of a round."""

    sent: str
    got: str
    story: str
    one: str


LIGHT = Counting("rounds", "clicks", "sent {rounds} rounds of light", "ended in a click")
MIXED = Counting("rounds", "detections", "had {rounds} rounds", "was detected")
COUNTINGS = {
    "clicks": LIGHT,
    "coincidences": Counting(
        "windows", "coincidences", "opened {rounds} windows for pairs", "held a coincidence of both ends"
    ),
    "announcements": Counting(
        "rounds", "announcements", "sent {rounds} rounds of light to a hub", "was announced as a Bell state"
    ),
    "pairs": Counting("attempts", "pairs", "made {rounds} attempts on the slowest span", "gave a pair from end to end"),
}


def counting_of(detected: Iterable[str]) -> Counting:
    """How to tell the counts of some links together, by what each of them counts."""
    kinds = set(detected)
    return COUNTINGS.get(kinds.pop(), LIGHT) if len(kinds) == 1 else MIXED if kinds else LIGHT
