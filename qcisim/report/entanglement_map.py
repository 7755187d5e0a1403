"""Map of the network for pairs: what is reserved on its heralded links and in its memories, and for whom."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from qcisim.report.entanglement_view import EntanglementView, PairDemandView
from qcisim.report.figure import SERIES, axes_px, colour, new_figure, series_colour, style, to_svg
from qcisim.report.labels import Label, Point, place
from qcisim.report.numbers import digits
from qcisim.report.view import View, short

_WIDTH, _EDGE, _TALLEST = 620.0, 78.0, 520.0
_THICK, _GAP = 3.4, 1.4  # of the stroke of one demand, and between strokes
_SHORT, _MANY = 110.0, 16
_LOADS = (
    (1 / 3, "rate-2", "up to a third of the lanes reserved"),
    (2 / 3, "rate-4", "up to two thirds"),
    (math.inf, "rate-5", "more"),
)
_CLEAR, _STEPS = 24.0, 16  # from a node to a link that does not end there; points of a bent line


def load_map(view: View, seen: EntanglementView) -> Markup | None:
    """The heralded links where they are, a stroke for each demand whose pairs they make; None without coordinates."""
    ends = dict.fromkeys(end for link in seen.links.values() for end in link.ends)
    spots = {n: (view.nodes[n].lat, view.nodes[n].lon) for n in ends if n in view.nodes}
    if not ends or len(spots) < len(ends) or any(lat is None or lon is None for lat, lon in spots.values()):
        return None
    at, height = _places({n: (lat or 0.0, lon or 0.0) for n, (lat, lon) in spots.items()})
    colours = {name: series_colour(i) for i, name in enumerate(seen.demands)}
    with style():
        legend = 20.0 * math.ceil(min(len(colours), SERIES) / 3) + 10.0
        figure = new_figure(_WIDTH, height + legend)
        axes = axes_px(figure, 0, legend, 0, 0)
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(0, height)
        axes.set_axis_off()
        many = crowded(seen)
        ways = {
            name: [at[end] for end in link.ends] if many else _way(at, link.ends) for name, link in seen.links.items()
        }
        for name, link in seen.links.items():
            line = list(zip(*ways[name], strict=True))
            axes.plot(*line, color=colour("grid"), linewidth=7.0, zorder=1, solid_capstyle="round")
            if many and link.most_reserved:
                axes.plot(*line, color=_load_colour(link.most_reserved, link.lanes), linewidth=4.0, zorder=2)
            elif not many:
                _strokes(axes, ways[name], {d: link.reserved[d] for d in colours if d in link.reserved}, colours)
        for node, (x, y) in at.items():
            used, there = seen.memories.get(node, (0, 0))
            _memory(axes, x, y, used / there if there else 0.0, 0.5 if many else 1.0)
        _names(axes, view, seen, at, ways, height, many)
        figure.legend(
            handles=_load_legend() if many else _demand_legend(seen, colours),
            loc="lower left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=3,
            frameon=False,
            fontsize=11.5,
            labelcolor=colour("muted"),
            borderaxespad=0.2,
        )
        told = "; ".join(
            f"{' – '.join(link.ends)}: {link.most_reserved} of {link.lanes} lanes" for link in seen.links.values()
        )
        return to_svg(figure, "entanglement-map", f"Heralded links and what is reserved on them. {told}")


def _load_colour(reserved: int, lanes: int) -> str:
    part = reserved / lanes if lanes else 0.0
    return colour(next(role for limit, role, _ in _LOADS if part <= limit))


def _load_legend() -> list[Line2D]:
    return [Line2D([], [], color=colour(role), linewidth=4.0, label=text) for _, role, text in _LOADS]


def _demand_legend(seen: EntanglementView, colours: Mapping[str, str]) -> list[Line2D]:
    return [
        Line2D([], [], color=colours[name], linewidth=_THICK, label=f"{name}, {_rate(demand)}")
        for name, demand in seen.demands.items()
    ]


def _rate(demand: PairDemandView) -> str:
    return f"{digits(demand.rate_hz)}/s" if demand.routes else "none"


def crowded(seen: EntanglementView) -> bool:
    """Whether there is too much for a stroke of each demand."""
    return len(seen.links) > _MANY or len(seen.demands) > SERIES


def _places(spots: Mapping[str, tuple[float, float]]) -> tuple[dict[str, Point], float]:
    """Pixels of latitudes and longitudes, and the height of the map."""
    middle = math.radians(sum(lat for lat, _ in spots.values()) / len(spots))
    flat = {n: (lon * math.cos(middle), lat) for n, (lat, lon) in spots.items()}
    left, right = (f(x for x, _ in flat.values()) for f in (min, max))
    low, high = (f(y for _, y in flat.values()) for f in (min, max))
    wide, tall = max(right - left, 1e-6), max(high - low, 1e-6)
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


def _memory(axes: Axes, x: float, y: float, part: float, size: float) -> None:
    """A node: a bar that is filled as far as its memories are reserved."""
    wide, tall = 34.0 * size, 13.0 * math.sqrt(size)
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
    many: bool,
) -> None:
    labels = []
    for node, spot in at.items():
        name, held = short(view.node_name(node)), "{} of {}".format(*seen.memories.get(node, (0, 0)))
        labels.append(Label(spot, (name, held) if many else (name, f"{held} memories"), 10.5 if many else 12.0, 16.0))
    count = len(labels)
    lines = []
    for name, link in seen.links.items():
        way = ways[name]
        lines += list(pairwise(way))
        if many or math.dist(way[0], way[-1]) < _SHORT:
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
