"""Status: what became of a pass, in words, and how figures tell it apart without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qcisim.report.pass_view import PassView


@dataclass(frozen=True, slots=True)
class Status:
    """``role`` is a colour of the page, ``dash`` a matplotlib dash pattern (empty: solid), ``mark`` a marker."""

    name: str
    role: str
    dash: tuple[float, ...]
    mark: str
    meaning: str


STATUSES = (
    Status("taken", "series-0", (), "o", "the sky was clear and key was exchanged"),
    Status("interrupted", "series-3", (8.0, 2.0, 1.5, 2.0), "X", "it began and was cut short"),
    Status("clouded out", "series-7", (4.0, 2.2), "x", "it was scheduled, and clouds hid the satellite"),
    Status(
        "not scheduled",
        "series-1",
        (1.6, 1.6),
        "v",
        "the plan did without it: needed elsewhere, or clouds known before",
    ),
    Status("no key expected", "neutral", (1.0, 2.6), "_", "it is too low or too short for a key even when clear"),
    Status("daylight", "series-4", (1.0, 2.6), "s", "the sky is too bright"),
)
_OTHER = Status("", "neutral", (1.0, 1.6), ".", "")


def status(name: str) -> Status:
    """The status of that name."""
    return next((known for known in STATUSES if known.name == name), _OTHER)


def tallied(passes: Sequence[PassView]) -> list[tuple[Status, int]]:
    """How many passes came to each end; only what occurs."""
    names = [p.status for p in passes]
    known = [(item, names.count(item.name)) for item in STATUSES if item.name in names]
    other = [name for name in dict.fromkeys(names) if all(item.name != name for item in STATUSES)]
    return known + [(Status(n or "unknown", _OTHER.role, _OTHER.dash, _OTHER.mark, ""), names.count(n)) for n in other]
