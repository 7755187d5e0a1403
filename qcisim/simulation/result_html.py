"""A result as small HTML tables, for notebooks."""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qcisim.simulation.result import LinkResult, Result

_LINKS = ("link", "fibre (km)", "rounds", "clicks", "sifted bits", "QBER", "secret bits", "secret bit/s", "ε")
_DEMANDS = ("demand", "path", "keys asked for", "keys delivered", "ε per key")


def table(result: Result) -> str:
    """One row per link with the reason where there is no key, and one row per demand."""
    until_s = result.provenance.get("interrupted_at_s")
    span = f"{result.duration_s:g} s" if until_s is None else f"interrupted at {until_s:g} s of {result.duration_s:g} s"
    caption = f"{result.title or result.scenario}: {span}, {result.resolution}, seed {result.seed}"
    html = _html(caption, _LINKS, [_link(key, link) for key, link in result.links.items()])
    if result.demands:
        rows = [
            (key, " – ".join(d.path), f"{d.keys_requested:,}", f"{d.keys_delivered:,}", _risk(d.epsilon_per_key))
            for key, d in result.demands.items()
        ]
        html += _html("Demands", _DEMANDS, rows)
    return html


def _link(key: str, link: LinkResult) -> tuple[str, ...]:
    length = "–" if link.fibre_length_km is None else f"{link.fibre_length_km:g} ({link.fibre_length_status})"
    qber = "–" if link.qber is None else f"{link.qber:.2%}"
    counts = (f"{link.rounds:,}", f"{link.clicks:,}", f"{link.sifted_bits:,}")
    if not link.secret_bits:
        return (key, length, *counts, qber, f"no key: {link.reason}" if link.rounds else link.reason, "0", "–")
    return (
        key,
        length,
        *counts,
        qber,
        f"{link.secret_bits:,}",
        f"{int(link.secret_bits_per_s):,}",
        _risk(link.epsilon),
    )


def _risk(epsilon: float) -> str:
    """Two digits, rounded up."""
    if epsilon <= 0.0:
        return "–"
    with decimal.localcontext(prec=2, rounding=decimal.ROUND_CEILING):
        return f"{+decimal.Decimal(repr(epsilon)):.1e}"


def _html(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><tr>{titles}</tr>{body}</table>"
