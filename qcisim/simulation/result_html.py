"""A result as a small HTML table, for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qcisim.simulation.result import Result

_COLUMNS = (
    "link",
    "fibre length (km)",
    "rounds",
    "clicks",
    "sifted bits",
    "QBER",
    "secret bits",
    "secret bit/s",
    "epsilon",
)


def table(result: Result) -> str:
    """One row per link."""
    head = "".join(f"<th>{escape(name)}</th>" for name in _COLUMNS)
    rows = []
    for key, link in result.links.items():
        length = "" if link.fibre_length_km is None else f"{link.fibre_length_km:g} ({link.fibre_length_status})"
        qber = "" if link.qber is None else f"{link.qber:.2%}"
        cells = [key, length, f"{link.rounds:,}", f"{link.clicks:,}", f"{link.sifted_bits:,}", qber]
        cells += [f"{link.secret_bits:,}", f"{link.secret_bits_per_s:,.1f}", f"{link.epsilon:.1e}"]
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    caption = f"{result.title or result.scenario}: {result.duration_s:g} s, {result.resolution}, seed {result.seed}"
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{''.join(rows)}</table>"
