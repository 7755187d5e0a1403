"""Frontier: rate against fidelity of every demand for pairs, what it asked for and what it got."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from qcisim.report.entanglement_view import EntanglementView, PairDemandView, PathView
from qcisim.report.figure import SERIES, axes_px, colour, new_figure, quiet, series_colour, style, to_svg
from qcisim.report.numbers import digits

_PANEL, _PANEL_TALL, _ROW = 300.0, 190.0, 262.0
MOST_PANELS = 8
_PERFECT = 1e-5  # 1 - F of the right edge, at most
_FIDELITIES = (
    (0.25, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9999),
    (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999),
)  # coarse, and fine where less than three of the coarse ones are in the picture


def frontier(seen: EntanglementView) -> Markup | None:
    """A panel for each demand: what its paths could give alone, what it asked for, what it got; unmet ones first."""
    shown = sorted((d for d in seen.demands.values() if d.choices), key=lambda d: d.met)[:MOST_PANELS]
    shown = [d for d in seen.demands.values() if d in shown]
    if not shown:
        return None
    across = min(2, len(shown))
    down = math.ceil(len(shown) / across)
    with style():
        figure = new_figure(across * _PANEL + 24.0, down * _ROW + 26.0)
        wide, high = (size * 72.0 for size in figure.get_size_inches())
        for index, demand in enumerate(shown):
            column, row = index % across, index // across
            left, top = 24.0 + column * _PANEL + 34.0, row * _ROW + 30.0
            axes = axes_px(figure, left, high - top - _PANEL_TALL, wide - left - (_PANEL - 50.0), top)
            _panel(axes, demand, colour_of(seen, demand.id))
            if row == down - 1:
                axes.set_xlabel("fidelity", fontsize=11.5, color=colour("muted"))
        spoken = "; ".join(_spoken(demand) for demand in shown)
        return to_svg(figure, "frontier", f"Rate against fidelity of each demand. {spoken}")


def colour_of(seen: EntanglementView, demand: str) -> str:
    """Of a demand in both figures."""
    return series_colour(list(seen.demands).index(demand) % SERIES)


def _x(fidelity: float) -> float:
    return -math.log10(max(1.0 - fidelity, _PERFECT))


def _panel(axes: Axes, demand: PairDemandView, role: str) -> None:
    quiet(axes, grid="y")
    axes.set_title(
        f"{demand.id}: pairs per second", loc="left", fontsize=12.0, fontweight="bold", color=colour("ink"), pad=7.0
    )
    rates = [c.rate_hz for c in demand.choices] + [demand.asked_rate_hz] + ([demand.rate_hz] if demand.routes else [])
    spots = [_x(c.fidelity) for c in demand.choices] + [_x(demand.asked_fidelity)]
    spots += [_x(demand.fidelity)] if demand.routes and demand.fidelity is not None else []
    low, high = min(rates) / 2.0, max(rates) * 3.0
    left, right = min(spots) - 0.15, max(spots) + 0.15
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.set_ylim(low, high)
    axes.set_xlim(left, right)
    coarse, fine = ([f for f in every if left <= _x(f) <= right] for every in _FIDELITIES)
    ticks = coarse if len(coarse) >= 3 else fine[:: 1 + (len(fine) - 1) // 6] if fine else []
    axes.set_xticks([_x(f) for f in ticks], [f"{f:g}" for f in ticks])
    decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    axes.set_yticks([10.0**d for d in decades], [f"{10.0**d:g}" for d in decades])
    asked = (_x(demand.asked_fidelity), demand.asked_rate_hz)
    goal = Rectangle(
        asked, right - asked[0], high - asked[1], facecolor=colour("good"), alpha=0.13, linewidth=0, zorder=0
    )
    axes.add_patch(goal)
    for points, style_ in (([(asked[0], asked[1]), (asked[0], high)], "-"), ([asked, (right, asked[1])], "-")):
        axes.plot(*zip(*points, strict=True), color=colour("good"), linewidth=1.2, linestyle=style_, zorder=1)
    best = _best(demand.choices)
    axes.step(
        [_x(c.fidelity) for c in best], [c.rate_hz for c in best], where="pre", color=role, linewidth=1.4, zorder=2
    )
    for choice in demand.choices:
        axes.plot(
            [_x(choice.fidelity)],
            [choice.rate_hz],
            marker="os^"[min(choice.rounds, 2)],
            markersize=5.5,
            color=role,
            markerfacecolor=role if choice in best else colour("card"),
            linestyle="",
            zorder=3,
        )
    if demand.routes and demand.fidelity is not None:
        (mark,) = axes.plot([_x(demand.fidelity)], [demand.rate_hz], marker="*", markersize=15, linestyle="", zorder=5)
        mark.set_markerfacecolor(colour("ink"))
        mark.set_markeredgecolor(colour("card"))
    bound = demand.ceilings.get("repeaterless")
    if bound is not None and low < bound < high:
        axes.axhline(bound, color=colour("bad"), linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
        axes.annotate(
            "without repeaters",
            (left, bound),
            (3, 2),
            textcoords="offset points",
            fontsize=10.0,
            color=colour("bad"),
        )


def _best(choices: Sequence[PathView]) -> list[PathView]:
    """Those that no other beats in rate and fidelity, from low fidelity to high."""
    kept: list[PathView] = []
    for choice in sorted(choices, key=lambda c: (-c.fidelity, -c.rate_hz)):
        if not kept or choice.rate_hz > kept[-1].rate_hz:
            kept.append(choice)
    return kept[::-1]


def _spoken(demand: PairDemandView) -> str:
    asked = f"{demand.id} asked for {digits(demand.asked_rate_hz)} a second of fidelity {digits(demand.asked_fidelity)}"
    if not demand.routes:
        return f"{asked} and gets none"
    return f"{asked} and gets {digits(demand.rate_hz)} of fidelity {digits(demand.fidelity)}"
