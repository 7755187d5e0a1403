"""Pass table: one row per pass, with the key when clear and the expected key in columns of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from qcisim.report.moment import Calendar
from qcisim.report.numbers import NO_VALUE, digits, key
from qcisim.report.pass_view import PassView, in_time, pass_view

ROWS = 40


def first(passes: Sequence[PassView], count: int = ROWS) -> list[PassView]:
    """The earliest passes."""
    return list(in_time(passes)[:count])


def pass_table(passes: Sequence[Mapping[str, Any]], limit: int | None = None) -> Table:
    """Rows as under ``passes`` of result.json as a table for the terminal; the first ``limit`` of them."""
    seen = in_time([pass_view(row) for row in passes])
    dated = next((p for p in seen if p.start_utc), None)
    calendar = Calendar.parse(dated.start_utc, dated.start_s) if dated else Calendar(None)
    shown = seen[:limit]
    left_out = len(seen) - len(shown)
    caption = "A key when clear is a length, an expected key a planning number: the two are never added."
    if left_out:
        caption += f" {left_out} later passes are not shown."
    table = Table(title="Passes", title_justify="left", box=SIMPLE_HEAD, caption=caption, caption_justify="left")
    table.add_column(f"start ({calendar.zone})", no_wrap=True)
    table.add_column("link", overflow="fold")
    for name in ("lasts", "highest", "nearest", "sun", "clear sky", "key when clear", "expected key"):
        table.add_column(name, justify="right")
    table.add_column("status", overflow="fold")
    for item in shown:
        table.add_row(
            calendar.text(item.start_s),
            item.link,
            f"{item.end_s - item.start_s:.0f} s",
            degrees(item.maximum_elevation_deg),
            f"{digits(item.minimum_range_km)} km" if item.minimum_range_km is not None else NO_VALUE,
            degrees(item.sun_elevation_deg),
            f"{100.0 * item.clear_probability:.0f} %" if item.clear_probability is not None else NO_VALUE,
            key(item.key_if_clear) if item.key_if_clear > 0.0 else NO_VALUE,
            key(item.expected_key) if item.expected_key > 0.0 else NO_VALUE,
            f"{item.status}: {item.reason}" if item.reason else item.status,
            style=None if item.expected_key > 0.0 or item.secret_bits else "dim",
        )
    return table


def degrees(value: float | None) -> str:
    """A whole angle: 47°."""
    return f"{value:.0f}°".replace("-", "−").replace("−0°", "0°") if value is not None else NO_VALUE
