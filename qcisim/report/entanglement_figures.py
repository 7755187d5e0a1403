"""Figures of entanglement as a service: which paths carry how much, and rate against fidelity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from qcisim.report.entanglement_view import EntanglementView, PairDemandView, PathView
from qcisim.report.figure import SERIES, axes_px, colour, new_figure, quiet, series_colour, style, to_svg
from qcisim.report.labels import Label, Point, place
from qcisim.report.numbers import digits
from qcisim.report.view import View, short

_WIDTH, _EDGE, _TALLEST = 620.0, 78.0, 520.0
_THICK, _GAP = 3.4, 1.4  # of the stroke of one demand, and between strokes
_PANEL, _PANEL_TALL, _ROW = 300.0, 190.0, 262.0
_MOST_PANELS = 8
_SHORT = 110.0
_CLEAR, _STEPS = 24.0, 16  # from a node to a link that does not end there; points of a bent line
_PERFECT = 1e-5  # 1 - F of the right edge, at most
_FIDELITIES = (0.25, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9999)


def load_map(view: View, seen: EntanglementView) -> Markup | None:
    """The heralded links where they are, a stroke for each demand whose pairs they make; None without coordinates."""
    ends = dict.fromkeys(end for link in seen.links.values() for end in link.ends)
    spots = {n: (view.nodes[n].lat, view.nodes[n].lon) for n in ends if n in view.nodes}
    if not ends or len(spots) < len(ends) or any(lat is None or lon is None for lat, lon in spots.values()):
        return None
    at, height = _places({n: (lat or 0.0, lon or 0.0) for n, (lat, lon) in spots.items()})
    colours = {name: series_colour(i) for i, name in enumerate(seen.demands)}
    with style():
        legend = 20.0 * math.ceil(len(colours) / 3) + 10.0
        figure = new_figure(_WIDTH, height + legend)
        axes = axes_px(figure, 0, legend, 0, 0)
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(0, height)
        axes.set_axis_off()
        ways = {name: _way(at, link.ends) for name, link in seen.links.items()}
        for name, link in seen.links.items():
            line = list(zip(*ways[name], strict=True))
            axes.plot(*line, color=colour("grid"), linewidth=7.0, zorder=1, solid_capstyle="round")
            _strokes(axes, ways[name], {d: link.reserved[d] for d in colours if d in link.reserved}, colours)
        for node, (x, y) in at.items():
            used, there = seen.memories.get(node, (0, 0))
            _memory(axes, x, y, used / there if there else 0.0)
        _names(axes, view, seen, at, ways, height)
        entries = [
            Line2D(
                [],
                [],
                color=colours[d],
                linewidth=_THICK,
                label=f"{d}, {digits(one.rate_hz)}/s" if one.routes else f"{d}, none",
            )
            for d, one in seen.demands.items()
        ]
        figure.legend(
            handles=entries,
            loc="lower left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=min(3, len(entries)),
            frameon=False,
            fontsize=11.5,
            labelcolor=colour("muted"),
            borderaxespad=0.2,
        )
        told = "; ".join(
            f"{' – '.join(link.ends)}: {link.most_reserved} of {link.lanes} lanes" for link in seen.links.values()
        )
        return to_svg(figure, "entanglement-map", f"Heralded links and what is reserved on them. {told}")


def _places(spots: Mapping[str, tuple[float, float]]) -> tuple[dict[str, Point], float]:
    """Pixels of latitudes and longitudes, and the height of the map."""
    middle = math.radians(sum(lat for lat, _ in spots.values()) / len(spots))
    flat = {n: (lon * math.cos(middle), lat) for n, (lat, lon) in spots.items()}
    left, right = (f(x for x, _ in flat.values()) for f in (min, max))
    low, high = (f(y for _, y in flat.values()) for f in (min, max))
    wide, tall = max(right - left, 1e-3), max(high - low, 1e-3)
    scale = min((_WIDTH - 2 * _EDGE) / wide, (_TALLEST - 2 * _EDGE) / tall)
    height = max(200.0, scale * tall + 2 * _EDGE)
    move_x, move_y = (_WIDTH - scale * wide) / 2, (height - scale * tall) / 2
    return {n: (move_x + scale * (x - left), move_y + scale * (y - low)) for n, (x, y) in flat.items()}, height


def _way(at: Mapping[str, Point], ends: tuple[str, str]) -> list[Point]:
    """A straight line, or one that bends around a node that stands in its way."""
    (x0, y0), (x1, y1) = at[ends[0]], at[ends[1]]
    length = math.dist((x0, y0), (x1, y1)) or 1.0
    across = (-(y1 - y0) / length, (x1 - x0) / length)
    bend = 0.0
    for node, (x, y) in at.items():
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length**2
        beside = (x - x0) * across[0] + (y - y0) * across[1]
        if node not in ends and 0.0 < along < 1.0 and abs(beside) < _CLEAR:
            bend = -math.copysign(2.0 * (_CLEAR + abs(beside)), beside)
    middle = ((x0 + x1) / 2 + bend * across[0], (y0 + y1) / 2 + bend * across[1])
    steps = [i / _STEPS for i in range(_STEPS + 1)] if bend else [0.0, 0.5, 1.0]
    return [(_bezier(t, x0, middle[0], x1), _bezier(t, y0, middle[1], y1)) for t in steps]


def _bezier(t: float, start: float, control: float, goal: float) -> float:
    return (1.0 - t) ** 2 * start + 2.0 * t * (1.0 - t) * control + t**2 * goal


def _strokes(axes: Axes, way: Sequence[Point], lanes: Mapping[str, float], colours: Mapping[str, str]) -> None:
    """Parallel strokes side by side, thicker for more lanes."""
    widths = [_THICK * (0.6 + 0.4 * math.sqrt(count)) for count in lanes.values()]
    reach = -(sum(widths) + _GAP * max(0, len(widths) - 1)) / 2
    for demand, width in zip(lanes, widths, strict=True):
        shift = reach + width / 2
        reach += width + _GAP
        points = []
        for i, (x, y) in enumerate(way):
            (x0, y0), (x1, y1) = way[max(0, i - 1)], way[min(len(way) - 1, i + 1)]
            length = math.dist((x0, y0), (x1, y1)) or 1.0
            points.append((x - shift * (y1 - y0) / length, y + shift * (x1 - x0) / length))
        axes.plot(*zip(*points, strict=True), color=colours[demand], linewidth=width, solid_capstyle="butt", zorder=2)


def _memory(axes: Axes, x: float, y: float, part: float) -> None:
    """A node: a bar that is filled as far as its memories are reserved."""
    wide, tall = 34.0, 13.0
    for fill, width, zorder in (("card", wide, 4), ("neutral", wide * part, 5)):
        axes.add_patch(
            Rectangle(
                (x - wide / 2, y - tall / 2), width, tall, facecolor=colour(fill), edgecolor="none", zorder=zorder
            )
        )
    frame = Rectangle((x - wide / 2, y - tall / 2), wide, tall, fill=False, linewidth=1.6, zorder=6)
    frame.set_edgecolor(colour("ink"))
    axes.add_patch(frame)


def _names(
    axes: Axes,
    view: View,
    seen: EntanglementView,
    at: Mapping[str, Point],
    ways: Mapping[str, Sequence[Point]],
    height: float,
) -> None:
    labels = [
        Label(spot, (short(view.node_name(n)), "{} of {} memories".format(*seen.memories.get(n, (0, 0)))), 12.0, 16.0)
        for n, spot in at.items()
    ]
    count = len(labels)
    lines = []
    for name, link in seen.links.items():
        way = ways[name]
        lines += list(pairwise(way))
        if math.dist(way[0], way[-1]) < _SHORT:
            continue  # no text would show to which of the short links it belongs; the table has it
        texts = (
            f"{link.most_reserved} of {link.lanes} lanes",
            f"{digits(link.heralded_hz)} of {digits(link.capacity_hz)}/s",
        )
        labels.append(Label(way[len(way) // 2], texts, 10.5, 10.0))
    taken = [(x - 20.0, y - 9.0, x + 20.0, y + 9.0) for x, y in at.values()]
    for i, (label, spot) in enumerate(zip(labels, place(labels, taken, lines, _WIDTH, height), strict=True)):
        axes.annotate(
            "\n".join(label.lines),
            (spot[0] + 2, spot[1] + 1),
            ha="left",
            va="bottom",
            fontsize=label.size,
            linespacing=1.15,
            color=colour("ink" if i < count else "muted"),
            zorder=7,
        )


def frontier(view: View, seen: EntanglementView) -> Markup | None:
    """A panel for each demand: what its paths could give alone, what it asked for, what it got."""
    shown = [d for d in seen.demands.values() if d.choices][:_MOST_PANELS]
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
    low, high = min(rates) / 2.0, max(rates) * 3.0
    left, right = min(spots) - 0.15, max(spots) + 0.15
    axes.set_yscale("log")
    axes.minorticks_off()
    axes.set_ylim(low, high)
    axes.set_xlim(left, right)
    ticks = [f for f in _FIDELITIES if left <= _x(f) <= right]
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
