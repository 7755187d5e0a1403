"""Service: a matrix of all pairs of nodes, coloured by the rate of key they have, marked by where it comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path

from qcisim.report.figure import axes_px, colour, new_figure, style, to_svg, widest, wrapped
from qcisim.report.numbers import counted, key
from qcisim.report.service_view import ServicePair, ServiceView
from qcisim.report.view import View, short

STEPS = (
    (100e3, "100 kbit/s and more"),
    (10e3, "10 to 100 kbit/s"),
    (1e3, "1 to 10 kbit/s"),
    (100.0, "100 bit/s to 1 kbit/s"),
    (10.0, "10 to 100 bit/s"),
    (1.0, "1 to 10 bit/s"),
    (0.0, "below 1 bit/s"),
)
ORIGIN_WORDS = {"fibre": "by fibre", "satellite": "by satellite", "both": "by fibre and satellite", "none": "no key"}
SHOWN = 6  # pairs at either end of the table

_CHARACTER, _SIZE = 6.6, 11.5


def step(rate: float) -> int:
    """Index of the colour of a positive rate: 0 palest to 6 darkest."""
    return len(STEPS) - 1 - next(i for i, (limit, _) in enumerate(STEPS) if rate >= limit)


def service_matrix(view: View, service: ServiceView) -> Markup | None:
    """Below the diagonal the key there is; above it, where it is known, what fibre alone would give."""
    names = {node: short(view.node_name(node)) for node in service.nodes}
    at = {node: i for i, node in enumerate(service.nodes)}
    pairs = [p for p in service.pairs if p.a in at and p.b in at and p.a != p.b]
    if len(at) < 2 or not pairs:
        return None
    split = any(p.fibre_only_bits_per_s is not None for p in pairs)
    with style():
        count = len(at)
        cell = max(18.0, min(34.0, 560.0 / count))
        labels = [wrapped(name, 26) for name in names.values()]
        margin = widest(labels) * _CHARACTER + 14.0
        side = cell * count
        entries = _legend(pairs, split)
        foot = 17.0 * math.ceil(len(entries) / 3) + 18.0
        width = max(margin + side + 10.0, 640.0)
        figure = new_figure(width, margin + side + foot)
        axes = axes_px(figure, margin, foot, width - margin - side, margin)
        axes.set_xlim(0, count)
        axes.set_ylim(count, 0)
        axes.set_axis_off()
        low, high = _halves(pairs, at, split)
        _cells(axes, [(x, y, p.bits_per_s) for (x, y), p in low.items()])
        _cells(axes, high)
        _marks(axes, low, cell)
        for i in range(count + 1):
            for a, b in (((i, i), (0, count)), ((0, count), (i, i))):
                axes.plot(a, b, color=colour("grid"), linewidth=0.8, zorder=3)
        _diagonal(axes, count)
        for i, label in enumerate(labels):
            text: dict[str, Any] = {"color": colour("ink"), "fontsize": _SIZE}
            axes.text(-5.0 / cell, i + 0.5, label, ha="right", va="center", **text)
            axes.text(i + 0.5, -5.0 / cell, label, ha="center", va="bottom", rotation=90, **text)
        figure.legend(
            handles=entries,
            loc="lower left",
            ncols=3,
            frameon=False,
            fontsize=11.0,
            labelcolor=colour("ink"),
            handlelength=1.4,
            columnspacing=1.4,
            borderaxespad=0.1,
        )
        return to_svg(figure, "service", _spoken(view, service))


def _halves(
    pairs: Sequence[ServicePair], at: dict[str, int], split: bool
) -> tuple[dict[tuple[int, int], ServicePair], list[tuple[int, int, float]]]:
    """Column and row of the cells below the diagonal, and of those above it with their rate."""
    low, high = {}, []
    for pair in pairs:
        first, second = sorted((at[pair.a], at[pair.b]))
        low[first, second] = pair
        rate = pair.fibre_only_bits_per_s if split else pair.bits_per_s
        high.append((second, first, rate or 0.0))
    return low, high


def _cells(axes: Axes, cells: Sequence[tuple[int, int, float]]) -> None:
    """One path for all cells of a colour, so that the page stays small."""
    by_step: dict[int, list[tuple[int, int]]] = {}
    for x, y, rate in cells:
        if rate > 0.0:
            by_step.setdefault(step(rate), []).append((x, y))
    for index, places in sorted(by_step.items()):
        corners = [corner for x, y in places for corner in ((x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y))]
        codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(places)
        patch = PathPatch(Path(corners, codes), facecolor=colour(f"heat-{index}"), linewidth=0, zorder=2)
        axes.add_patch(patch)


def _diagonal(axes: Axes, count: int) -> None:
    """The cells of a node with itself say nothing."""
    for i in range(count):
        axes.add_patch(Rectangle((i, i), 1, 1, facecolor=colour("grid"), linewidth=0, zorder=2))
    axes.plot([0, count], [0, count], color=colour("muted"), linewidth=1.0, zorder=4)


def _marks(axes: Axes, low: dict[tuple[int, int], ServicePair], cell: float) -> None:
    """A disc for satellite, a ring for both, light on dark cells and dark on light ones."""
    for origin in ("satellite", "both"):
        for light in (False, True):
            places = [
                at for at, p in low.items() if p.served and p.origin == origin and (step(p.bits_per_s) >= 4) == light
            ]
            ink = colour("card" if light else "ink")
            axes.plot(
                [x + 0.5 for x, _ in places],
                [y + 0.5 for _, y in places],
                linestyle="",
                marker="o",
                markersize=0.34 * cell,
                markerfacecolor=ink if origin == "satellite" else "none",
                markeredgecolor=ink,
                markeredgewidth=1.5,
                zorder=5,
            )


def _legend(pairs: Sequence[ServicePair], split: bool) -> list[Patch | Line2D]:
    rates = [p.bits_per_s for p in pairs] + ([p.fibre_only_bits_per_s or 0.0 for p in pairs] if split else [])
    used = {step(rate) for rate in rates if rate > 0.0}
    entries: list[Patch | Line2D] = [
        Patch(facecolor=colour(f"heat-{len(STEPS) - 1 - i}"), edgecolor=colour("muted"), linewidth=0.5, label=text)
        for i, (_, text) in enumerate(STEPS)
        if len(STEPS) - 1 - i in used
    ]
    entries.reverse()
    if any(not p.served for p in pairs):
        entries.insert(0, Patch(facecolor="none", edgecolor=colour("muted"), linewidth=0.5, label="no key"))
    for origin, fill in (("satellite", colour("ink")), ("both", "none")):
        if any(p.origin == origin for p in pairs):
            line = Line2D([], [], linestyle="", marker="o", markersize=7, color=colour("ink"))
            line.set_markerfacecolor(fill)
            line.set_label(ORIGIN_WORDS[origin])
            entries.append(line)
    return entries


def _spoken(view: View, service: ServiceView) -> str:
    served = service.served
    text = f"Key between {len(service.nodes)} nodes: {counted(len(served), 'pair')} of {len(service.pairs)} have key"
    for origin in ("fibre", "satellite", "both"):
        found = sum(p.origin == origin for p in served)
        if found:
            text += f", {found} {ORIGIN_WORDS[origin]}"
    if served:
        best = served[0]
        ends = f"{short(view.node_name(best.a))} and {short(view.node_name(best.b))}"
        text += f". Most: {ends}, {key(best.bits_per_s, 'bit/s')}"
    return text


def ends(service: ServiceView) -> list[tuple[str, list[ServicePair]]]:
    """The richest and the poorest pairs that have key, and some without; no pair twice."""
    served = service.served
    first, last = served[:SHOWN], served[SHOWN:][-SHOWN:]
    without = [p for p in service.pairs if not p.served][:SHOWN]
    groups = (("Most key" if last else "Pairs with key", first), ("Least key", last), ("No key", without))
    return [(heading, pairs) for heading, pairs in groups if pairs]


def in_words(service: ServiceView) -> str:
    """How many pairs have key, and from where."""
    served = service.served
    told = [f"{len(served)} of {counted(len(service.pairs), 'pair')} of nodes have key"]
    for origin in ("fibre", "satellite", "both"):
        found = sum(p.origin == origin for p in served)
        if found:
            told.append(f"{found} {ORIGIN_WORDS[origin]}")
    known = [p for p in service.pairs if p.fibre_only_bits_per_s is not None]
    text = ", ".join(told) + "."
    if known:
        alone = sum((p.fibre_only_bits_per_s or 0.0) > 0.0 for p in known)
        text += f" With fibre alone it would be {alone}."
    return text
