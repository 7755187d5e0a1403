"""Map: the nodes where they are, the links coloured by secret rate and dashed by how their length is known."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from qcisim.report.figure import axes_px, colour, new_figure, style, to_svg, wrapped
from qcisim.report.numbers import digits, scaled
from qcisim.report.view import LinkView, View, short

RATES = (
    (1e6, "1 Mbit/s and more", "rate-5"),
    (100e3, "100 kbit/s to 1 Mbit/s", "rate-4"),
    (10e3, "10 to 100 kbit/s", "rate-3"),
    (1e3, "1 to 10 kbit/s", "rate-2"),
    (0.0, "below 1 kbit/s", "rate-1"),
)
NO_KEY = ("no key", "rate-0")
STORED = ("stored key only", "neutral")
DASHES: dict[str, tuple[float, ...]] = {
    "measured": (),
    "announced": (),
    "derived": (7, 2.5),
    "estimated": (3.5, 2),
    "illustrative": (1, 1.8),
}
MANY = 14  # links above which the map carries no text along its links

_WIDTH = 620.0
_CHARACTER = 6.9


def rate_class(link: LinkView) -> tuple[str, str]:
    """Text and colour of a link's secret rate."""
    if link.stored_only:
        return STORED
    if not link.makes_key:
        return NO_KEY
    return next((text, role) for limit, text, role in RATES if link.secret_bits_per_s >= limit)


@dataclass(slots=True)
class _Layout:
    """Pixel places of the nodes, and the boxes that are taken."""

    width: float
    height: float
    at: dict[str, tuple[float, float]]
    to_scale: bool
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    segments: list[tuple[tuple[float, float], tuple[float, float]]] = field(default_factory=list)


def network_map(view: View) -> Markup:
    """The map of all nodes and links."""
    with style():
        layout = _layout(view)
        legend = 22.0 * (1 + math.ceil(len(_legend(view)) / 3))
        figure = new_figure(layout.width, layout.height + legend)
        axes = axes_px(figure, 0, legend, 0, 0)
        axes.set_xlim(0, layout.width)
        axes.set_ylim(0, layout.height)
        axes.set_axis_off()
        middles = _draw_links(axes, view, layout)
        _draw_nodes(axes, view, layout)
        if len(view.links) <= MANY:
            _label_links(axes, view, layout, middles)
        figure.legend(
            handles=_legend(view),
            loc="lower left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=3,
            frameon=False,
            fontsize=11.5,
            labelcolor=colour("muted"),
            handlelength=2.6,
            columnspacing=1.4,
            borderaxespad=0.2,
        )
        named = ", ".join(f"{view.link_name(k)} {_rate_text(link)}" for k, link in list(view.links.items())[:MANY])
        return to_svg(figure, "map", f"Map of the network. Secret rate of each link: {named}")


def _layout(view: View) -> _Layout:
    known = {n.id: (n.lon, n.lat) for n in view.nodes.values() if n.lat is not None and n.lon is not None}
    if len(known) < len(view.nodes) or not known:
        return _circle(view)
    middle = math.radians(sum(lat for _, lat in known.values()) / len(known))
    flat = {name: (lon * math.cos(middle), lat) for name, (lon, lat) in known.items()}
    xs, ys = [x for x, _ in flat.values()], [y for _, y in flat.values()]
    span_x, span_y = max(xs) - min(xs), max(ys) - min(ys)
    if max(span_x, span_y) < 1e-6 and len(known) > 1:
        return _circle(view)
    pad_x, pad_y = (110.0, 44.0) if len(view.nodes) <= MANY else (70.0, 30.0)
    scale = min((_WIDTH - 2 * pad_x) / max(span_x, 1e-9), 430.0 / max(span_y, 1e-9))
    height = max(150.0, span_y * scale + 2 * pad_y)
    left = (_WIDTH - span_x * scale) / 2
    bottom = (height - span_y * scale) / 2
    at = {name: (left + (x - min(xs)) * scale, bottom + (y - min(ys)) * scale) for name, (x, y) in flat.items()}
    return _Layout(_WIDTH, height, at, to_scale=True)


def _circle(view: View) -> _Layout:
    """Places without geography: on a line for two nodes, else on a circle."""
    count, height = len(view.nodes), 130.0 if len(view.nodes) <= 2 else 380.0
    radius = (_WIDTH / 2 - 110.0, 0.0 if count <= 2 else height / 2 - 45.0)
    at = {}
    for i, name in enumerate(view.nodes):
        turn = math.pi - 2.0 * math.pi * i / max(count, 1)
        at[name] = (_WIDTH / 2 + radius[0] * math.cos(turn), height / 2 + radius[1] * math.sin(turn))
    return _Layout(_WIDTH, height, at, to_scale=False)


def _draw_links(axes: Axes, view: View, layout: _Layout) -> dict[str, tuple[float, float]]:
    """Draws all links; parallel ones bend apart. Returns the middle of each."""
    seen: dict[frozenset[str], int] = {}
    middles = {}
    width = 3.6 if len(view.links) <= MANY else 2.4
    for name, link in view.links.items():
        if not all(end in layout.at for end in link.ends):
            continue
        (x0, y0), (x1, y1) = (layout.at[end] for end in sorted(link.ends))
        nth = seen.get(frozenset(link.ends), 0)
        seen[frozenset(link.ends)] = nth + 1
        bend = (nth + 1) // 2 * 0.28 * (1 if nth % 2 else -1)
        middle = ((x0 + x1) / 2 - (y1 - y0) * bend, (y0 + y1) / 2 + (x1 - x0) * bend)
        patch = PathPatch(
            Path([(x0, y0), middle, (x1, y1)], [Path.MOVETO, Path.CURVE3, Path.CURVE3]),
            fill=False,
            edgecolor=colour(rate_class(link)[1]),
            linewidth=width,
            capstyle="butt",
        )
        dashes = DASHES.get(link.status, DASHES["illustrative"])
        patch.set_linestyle((0, dashes) if dashes else "-")
        axes.add_patch(patch)
        middles[name] = ((x0 + x1) / 4 + middle[0] / 2, (y0 + y1) / 4 + middle[1] / 2)
        layout.segments.append(((x0, y0), (x1, y1)))
    return middles


def _draw_nodes(axes: Axes, view: View, layout: _Layout) -> None:
    for name, (x, y) in layout.at.items():
        node = view.nodes[name]
        axes.plot(
            [x],
            [y],
            marker={"trusted": "s", "hub": "D"}.get(node.role, "o"),
            markersize=11 if len(layout.at) <= MANY else 8,
            markerfacecolor=colour("card"),
            markeredgecolor=colour("ink"),
            markeredgewidth=2.0,
            zorder=5,
        )
        layout.boxes.append((x - 8, y - 8, x + 8, y + 8))
    for name, (x, y) in sorted(layout.at.items(), key=lambda item: -item[1][1]):
        lines = _node_lines(view, name)
        axes.annotate(
            "\n".join(lines),
            _place(layout, x, y, lines, 13.0),
            ha="left",
            va="bottom",
            fontsize=12.5 if len(layout.at) <= MANY else 11,
            linespacing=1.15,
            color=colour("ink"),
            zorder=6,
        )


def _node_lines(view: View, name: str) -> list[str]:
    full = view.node_name(name)
    if len(view.nodes) > MANY:
        return [wrapped(short(full), 16)]
    place = short(full)
    house = textwrap.wrap(full[: -len(place)].rstrip(" ,"), 20, max_lines=2, placeholder="…") if place != full else []
    return [wrapped(place, 24), *house]


def _label_links(axes: Axes, view: View, layout: _Layout, middles: dict[str, tuple[float, float]]) -> None:
    for name, (x, y) in middles.items():
        link = view.links[name]
        length = [f"{digits(link.length_km)} km, {link.status}"] if link.length_km is not None else []
        lines = [_rate_text(link), *length]
        spot = _place(layout, x, y, lines, 9.0)
        axes.annotate(
            "\n".join(lines),
            spot,
            ha="left",
            va="bottom",
            fontsize=11.5,
            linespacing=1.2,
            color=colour("muted"),
            zorder=6,
        )


def _rate_text(link: LinkView) -> str:
    return rate_class(link)[0] if link.stored_only or not link.makes_key else scaled(link.secret_bits_per_s, "bit/s")


def _place(layout: _Layout, x: float, y: float, lines: list[str], distance: float) -> tuple[float, float]:
    """Lower left corner of a text near (x, y) that hides as little as possible; the text's box is then taken."""
    width, height = max(map(len, lines)) * _CHARACTER + 4, 15.5 * len(lines)
    best, least = (x, y), math.inf
    for ring in (1.0, 1.8, 2.8):
        for turn in range(16):
            angle = math.pi * turn / 8
            dx, dy = math.cos(angle), math.sin(angle)
            left = x + dx * distance * ring - width * (1 - dx) / 2
            bottom = y + dy * distance * ring - height * (1 - dy) / 2
            box = (left, bottom, left + width, bottom + height)
            cost = _cost(layout, box) + 3.0 * (ring - 1.0) + 0.3 * abs(dy)
            if cost < least:
                best, least = (left, bottom), cost
    layout.boxes.append((*best, best[0] + width, best[1] + height))
    return best


def _cost(layout: _Layout, box: tuple[float, float, float, float]) -> float:
    left, bottom, right, top = box
    outside = max(0.0, -left) + max(0.0, -bottom) + max(0.0, right - layout.width) + max(0.0, top - layout.height)
    overlap = 0.0
    for x0, y0, x1, y1 in layout.boxes:
        across, up = min(right, x1) - max(left, x0), min(top, y1) - max(bottom, y0)
        if across > 0 and up > 0:
            overlap += across * up
    crossed = sum(_crossing(segment, box) for segment in layout.segments)
    return outside * 50.0 + overlap * 0.5 + crossed


def _crossing(
    segment: tuple[tuple[float, float], tuple[float, float]], box: tuple[float, float, float, float]
) -> float:
    """Length in pixels of the segment inside the box."""
    (x0, y0), (x1, y1) = segment
    low, high = 0.0, 1.0
    for start, step, least, most in ((x0, x1 - x0, box[0], box[2]), (y0, y1 - y0, box[1], box[3])):
        if abs(step) < 1e-12:
            if not least <= start <= most:
                return 0.0
            continue
        first, last = sorted(((least - start) / step, (most - start) / step))
        low, high = max(low, first), min(high, last)
    return max(0.0, high - low) * math.hypot(x1 - x0, y1 - y0)


def _legend(view: View) -> list[Line2D]:
    """Only what the map shows."""
    rates = {rate_class(link) for link in view.links.values()}
    order = [NO_KEY, STORED, *((text, role) for _, text, role in reversed(RATES))]
    lines = [
        Line2D([], [], color=colour(role), linewidth=3.6, label=text) for text, role in order if (text, role) in rates
    ]
    statuses = {link.status for link in view.links.values()}
    for status, dashes in DASHES.items():
        if status in statuses:
            line = Line2D([], [], color=colour("muted"), linewidth=2.2, label=f"length {status}")
            line.set_linestyle((0, dashes) if dashes else "-")
            lines.append(line)
    roles = {node.role for node in view.nodes.values()}
    for role, marker, text in (("end", "o", "end node"), ("trusted", "s", "trusted node"), ("hub", "D", "hub")):
        if role in roles:
            marked = Line2D(
                [], [], linestyle="", marker=marker, markersize=8, markerfacecolor=colour("card"), label=text
            )
            marked.set_markeredgecolor(colour("ink"))
            lines.append(marked)
    return lines
