"""Tables for the terminal."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from qcisim.report.numbers import key, percent, risk, whole
from qcisim.report.view import LinkView, short, view


def summary_table(result: Any) -> Table:
    """One row per link: fibre length, QBER (key basis), secret bits, their rate, epsilon; fits into 80 columns."""
    seen = view(result)
    table = Table(title="Links", title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("link", overflow="fold", min_width=13)
    table.add_column("fibre", justify="right")
    for name in ("QBER,\nkey basis", "secret", "per second", "ε"):
        table.add_column(name, justify="right", no_wrap=True)
    for link in seen.links.values():
        secret = key(link.secret_bits) if link.makes_key else "no key"
        rate = key(link.secret_bits_per_s, "bit/s")
        table.add_row(
            seen.link_name(link.id),
            _length(link),
            percent(link.qber),
            "stored only" if link.stored_only else secret,
            "–" if link.stored_only else rate,
            risk(link.epsilon) if link.makes_key else "–",
            style=None if link.makes_key or link.stored_only else "red",
        )
    return table


def demand_table(result: Any) -> Table | None:
    """One row per demand: keys asked for and delivered, path, epsilon; None where nobody asked."""
    seen = view(result)
    if not seen.demands:
        return None
    table = Table(title="Demands", title_justify="left", box=SIMPLE_HEAD, expand=False)
    table.add_column("demand", no_wrap=True)
    for name in ("asked for", "delivered", "ε per key"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("path", overflow="fold")
    for demand in seen.demands.values():
        path = " – ".join(short(seen.node_name(node)) for node in demand.path) or "no route"
        numbers = (
            whole(demand.requested),
            whole(demand.delivered),
            risk(demand.epsilon_per_key) if demand.delivered else "–",
        )
        table.add_row(demand.id, *numbers, path, style=None if demand.met else "yellow")
    return table


def _length(link: LinkView) -> str:
    if link.length_km is not None:
        return f"{link.length_km:g} km"
    if link.arm_lengths_km:
        return " + ".join(f"{km:g}" for km in link.arm_lengths_km) + "\N{NO-BREAK SPACE}km"
    return f"{link.passes_taken}/{link.passes} passes" if link.free_space and link.passes else "–"
