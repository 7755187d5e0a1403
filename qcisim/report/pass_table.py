"""Pass table: which passes the table of the page shows, and how it writes an angle."""

from __future__ import annotations

from collections.abc import Sequence

from qcisim.report.numbers import NO_VALUE
from qcisim.report.pass_view import PassView, in_time

ROWS = 40


def first(passes: Sequence[PassView], count: int = ROWS) -> list[PassView]:
    """The earliest passes."""
    return list(in_time(passes)[:count])


def degrees(value: float | None) -> str:
    """A whole angle: 47°."""
    return f"{value:.0f}°".replace("-", "−").replace("−0°", "0°") if value is not None else NO_VALUE
