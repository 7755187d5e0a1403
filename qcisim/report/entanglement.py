"""Entanglement as a service in the report: who asked for pairs, who got them, and what stands in the way."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from qcisim.report.entanglement_frontier import MOST_PANELS, frontier
from qcisim.report.entanglement_map import crowded, load_map
from qcisim.report.entanglement_view import EntanglementView, PairDemandView
from qcisim.report.numbers import THIN, counted, digits, listed, span, word
from qcisim.report.view import View, short


@dataclass(frozen=True, slots=True)
class Row:
    """One demand in words."""

    demand: PairDemandView
    paths: list[str]
    limit: str
    wait: str
    good_rate: bool
    good_fidelity: bool
    reason: str


@dataclass(frozen=True, slots=True)
class EntanglementPart:
    """Everything of the section."""

    seen: EntanglementView
    words: str
    rows: list[Row]
    map: Markup | None
    frontier: Markup | None
    map_words: str
    panels: int
    events: bool


def entanglement_part(view: View) -> EntanglementPart | None:
    """The section; None where nobody asked for pairs."""
    seen = view.entanglement
    if seen is None or not seen.demands:
        return None
    return EntanglementPart(
        seen,
        in_words(seen),
        [_row(view, demand) for demand in seen.demands.values()],
        load_map(view, seen),
        frontier(seen),
        _CROWDED if crowded(seen) else _STROKES,
        min(MOST_PANELS, len(seen.demands)),
        any(demand.delivered is not None for demand in seen.demands.values()),
    )


_STROKES = (
    "A stroke for each demand along its paths, thicker for more lanes; grey: heralded links. At a link: lanes "
    "reserved, and pairs heralded of those that all its lanes could. At a node: memories reserved, the bar filled as "
    "far."
)
_CROWDED = (
    "Heralded links by how many of their lanes are reserved; grey: none. At a node: memories reserved, the bar filled "
    "as far."
)


def in_words(seen: EntanglementView) -> str:
    """How many demands have what they asked for, in a sentence or two."""
    count = len(seen.demands)
    opening = (
        f"{word(seen.met).capitalize()} of {counted(count, 'demand')} for pairs {'is' if seen.met == 1 else 'are'}"
    )
    if seen.met == count:
        opening = "The demand for pairs is" if count == 1 else f"All {counted(count, 'demand')} for pairs are"
    text = f"{opening} met in rate and fidelity."
    if seen.turns > 1:
        length = f" of {span(seen.turn_s)}" if seen.turn_s else ""
        text += f" Memories are too few for all at once: demands take {word(seen.turns)} turns{length}."
    return text


def _row(view: View, demand: PairDemandView) -> Row:
    paths = []
    for route in demand.routes:
        lanes = counted(max(route.lanes), "lane")
        rounds = f", {counted(route.rounds, 'round')} of distillation" if route.rounds else ""
        named = " → ".join(short(view.node_name(node)) for node in route.path)
        share = f", {digits(route.rate_hz)}{THIN}/s" if len(demand.routes) > 1 else ""
        paths.append(f"{named} ({lanes}{rounds}{share})")
    wait = ""
    if demand.waits_s:
        wait = f"{span(demand.waits_s.get('median'))} ({span(demand.waits_s.get('p95'))})"
    return Row(
        demand,
        paths,
        limit_words(view, demand),
        wait,
        demand.rate_hz >= demand.asked_rate_hz,
        (demand.fidelity or 0.0) >= demand.asked_fidelity,
        by_name(view, demand.reason),
    )


def by_name(view: View, reason: str) -> str:
    """A reason with nodes and links by their names: a - b -> Alice → Bob, left at a -> left at Alice."""

    def path(found: re.Match[str]) -> str:
        return " → ".join(short(view.node_name(node)) for node in found[0].split(" - "))

    def link(found: re.Match[str]) -> str:
        known = view.entanglement.links.get(found[1]) if view.entanglement else None
        return f"left on {' – '.join(short(view.node_name(end)) for end in known.ends)}" if known else found[0]

    text = re.sub(r"[\w-]+(?: - [\w-]+)+", path, reason)
    text = re.sub(r"left on ([\w-]+)", link, text)
    text = re.sub(r"left at ([\w-]+)", lambda found: f"left at {short(view.node_name(found[1]))}", text)
    ends = r"from ([\w-]+) to ([\w-]+)"
    return re.sub(ends, lambda found: f"from {' to '.join(short(view.node_name(end)) for end in found.groups())}", text)


def limit_words(view: View, demand: PairDemandView) -> str:
    """What stands in the way of more pairs."""
    at = demand.limit_at
    if demand.met:
        return "nothing"
    if demand.limit_kind == "memories":
        return f"memories at {short(view.node_name(at))}"
    if demand.limit_kind == "lanes":
        link = view.entanglement.links.get(at) if view.entanglement else None
        ends = " – ".join(short(view.node_name(end)) for end in link.ends) if link else at
        return f"lanes of {ends}"
    return {
        "lanes asked for": "the lanes that it asked for",
        "fidelity": "fidelity",
        "path": "no path",
    }.get(demand.limit_kind, "")


def told(view: View) -> list[str]:
    """One line for each demand, for the terminal."""
    if view.entanglement is None:
        return []
    lines = []
    for demand in view.entanglement.demands.values():
        ends = f"{demand.id}: pairs for {demand.ends[0]} and {demand.ends[1]}"
        asked = f"asked for {digits(demand.asked_rate_hz)}/s of fidelity {digits(demand.asked_fidelity, 4)}"
        if not demand.routes:
            lines.append(f"{ends}, {asked}: none, {demand.reason}")
            continue
        got = f"{digits(demand.rate_hz)}/s of fidelity {digits(demand.fidelity, 4)}"
        over = listed(["-".join(route.path) for route in demand.routes])
        verdict = "met" if demand.met else f"not met, limited by {limit_words(view, demand)}"
        held = counted(demand.memories_held, "memory", "memories")
        lines.append(f"{ends}, {asked}: {got} over {over}, {held}; {verdict}")
    return lines
