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
from qcisim.report.labels import Label, Point, place
from qcisim.report.numbers import key
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
MANY = 14  # nodes or links above which the map gets smaller signs and no text along its links

_WIDTH = 540.0


def rate_class(link: LinkView) -> tuple[str, str]:
    """Text and colour of a link's secret rate."""
    if link.stored_only:
        return STORED
    if not link.makes_key:
        return NO_KEY
    return next((text, role) for limit, text, role in RATES if link.secret_bits_per_s >= limit)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Size in pixels, and the place of each node and of the middle of each link."""

    height: float
    nodes: dict[str, Point]
    middles: dict[str, Point] = field(default_factory=dict)

    @property
    def many(self) -> bool:
        return len(self.nodes) > MANY


def network_map(view: View) -> Markup:
    """The map of all nodes and links."""
    with style():
        layout = _layout(view)
        entries = _legend(view)
        legend = 17.0 * math.ceil(len(entries) / 3) + 14.0
        figure = new_figure(_WIDTH, layout.height + legend)
        axes = axes_px(figure, 0, legend, 0, 0)
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(0, layout.height)
        axes.set_axis_off()
        _draw_links(axes, view, layout)
        _draw_nodes(axes, view, layout)
        _draw_labels(axes, view, layout)
        figure.legend(
            handles=entries,
            loc="lower left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=3,
            frameon=False,
            fontsize=11.0,
            labelcolor=colour("muted"),
            handlelength=2.6,
            columnspacing=1.4,
            borderaxespad=0.2,
        )
        named = ", ".join(f"{view.link_name(k)} {_rate_text(link)}" for k, link in list(view.links.items())[:MANY])
        return to_svg(figure, "map", f"Map of the network. Secret rate of each link: {named}")


def _layout(view: View) -> _Layout:
    """Nodes at latitude and longitude, true to scale at their mean latitude."""
    known = {n.id: (n.lon, n.lat) for n in view.nodes.values() if n.lat is not None and n.lon is not None}
    if len(known) < len(view.nodes) or not known:
        return _circle(view)
    middle = math.radians(math.fsum(lat for _, lat in known.values()) / len(known))
    flat = {name: (lon * math.cos(middle), lat) for name, (lon, lat) in known.items()}
    xs, ys = [x for x, _ in flat.values()], [y for _, y in flat.values()]
    span_x, span_y = max(xs) - min(xs), max(ys) - min(ys)
    if max(span_x, span_y) < 1e-6 and len(known) > 1:
        return _circle(view)
    pad_x, pad_y = (80.0, 46.0) if len(known) <= MANY else (50.0, 26.0)
    scale = min((_WIDTH - 2 * pad_x) / max(span_x, 1e-9), 400.0 / max(span_y, 1e-9))
    height = max(150.0, span_y * scale + 2 * pad_y)
    left, bottom = (_WIDTH - span_x * scale) / 2, (height - span_y * scale) / 2
    at = {name: (left + (x - min(xs)) * scale, bottom + (y - min(ys)) * scale) for name, (x, y) in flat.items()}
    return _with_middles(view, _Layout(height, at))


def _circle(view: View) -> _Layout:
    """Places without geography: side by side for two nodes, else on an ellipse."""
    count = len(view.nodes)
    height = 130.0 if count <= 2 else 380.0
    radius_x, radius_y = _WIDTH / 2 - 110.0, 0.0 if count <= 2 else height / 2 - 45.0
    at = {}
    for i, name in enumerate(view.nodes):
        turn = math.pi - 2.0 * math.pi * i / max(count, 1)
        at[name] = (_WIDTH / 2 + radius_x * math.cos(turn), height / 2 + radius_y * math.sin(turn))
    return _with_middles(view, _Layout(height, at))


def _with_middles(view: View, layout: _Layout) -> _Layout:
    """Parallel links bend apart: the first is straight, the next ones pass at growing distance on both sides."""
    seen: dict[frozenset[str], int] = {}
    for name, link in view.links.items():
        if not all(end in layout.nodes for end in link.ends):
            continue
        (x0, y0), (x1, y1) = (layout.nodes[end] for end in sorted(link.ends))
        nth = seen.get(frozenset(link.ends), 0)
        seen[frozenset(link.ends)] = nth + 1
        bend = (nth + 1) // 2 * 0.14 * (1 if nth % 2 else -1)
        layout.middles[name] = ((x0 + x1) / 2 - (y1 - y0) * bend, (y0 + y1) / 2 + (x1 - x0) * bend)
    return layout


def _draw_links(axes: Axes, view: View, layout: _Layout) -> None:
    for name, (x, y) in layout.middles.items():
        link = view.links[name]
        (x0, y0), (x1, y1) = (layout.nodes[end] for end in link.ends)
        control = (2 * x - (x0 + x1) / 2, 2 * y - (y0 + y1) / 2)  # so that the curve passes its middle
        patch = PathPatch(
            Path([(x0, y0), control, (x1, y1)], [Path.MOVETO, Path.CURVE3, Path.CURVE3]),
            fill=False,
            edgecolor=colour(rate_class(link)[1]),
            linewidth=2.4 if layout.many else 3.6,
            capstyle="butt",
        )
        dashes = DASHES.get(link.status, DASHES["illustrative"])
        patch.set_linestyle((0, dashes) if dashes else "-")
        axes.add_patch(patch)


def _draw_nodes(axes: Axes, view: View, layout: _Layout) -> None:
    for name, (x, y) in layout.nodes.items():
        axes.plot(
            [x],
            [y],
            marker={"trusted": "s", "hub": "D"}.get(view.nodes[name].role, "o"),
            markersize=7 if layout.many else 10.5,
            markerfacecolor=colour("card"),
            markeredgecolor=colour("ink"),
            markeredgewidth=1.6 if layout.many else 2.0,
            zorder=5,
        )


def _draw_labels(axes: Axes, view: View, layout: _Layout) -> None:
    labels = [
        Label(at, _node_lines(view, name, layout.many), 11.0 if layout.many else 12.5, 9.0 if layout.many else 12.0)
        for name, at in layout.nodes.items()
    ]
    count = len(labels)
    if len(view.links) <= MANY:
        labels += [Label(at, _link_lines(view.links[name]), 11.0, 7.0) for name, at in layout.middles.items()]
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in layout.nodes.values()]
    lines = []
    for name, middle in layout.middles.items():
        first, second = (layout.nodes[end] for end in view.links[name].ends)
        lines += [(first, middle), (middle, second)]
    for i, (label, spot) in enumerate(zip(labels, place(labels, taken, lines, _WIDTH, layout.height), strict=True)):
        axes.annotate(
            "\n".join(label.lines),
            (spot[0] + 2, spot[1] + 1),
            ha="left",
            va="bottom",
            fontsize=label.size,
            linespacing=1.15,
            color=colour("ink" if i < count else "muted"),
            zorder=6,
        )


def _node_lines(view: View, name: str, many: bool) -> tuple[str, ...]:
    full = view.node_name(name)
    where = short(full)
    if many:
        return (wrapped(where, 16),)
    house = textwrap.wrap(full[: -len(where)].rstrip(" ,"), 20, max_lines=2, placeholder="…") if where != full else []
    return (wrapped(where, 24), *house)


def _link_lines(link: LinkView) -> tuple[str, ...]:
    length = (f"{link.length_km:.4g} km, {link.status}",) if link.length_km is not None else ()
    return (_rate_text(link), *length)


def _rate_text(link: LinkView) -> str:
    return rate_class(link)[0] if link.stored_only or not link.makes_key else key(link.secret_bits_per_s, "bit/s")


def _legend(view: View) -> list[Line2D]:
    """Only what the map shows."""
    rates = {rate_class(link) for link in view.links.values()}
    order = [NO_KEY, STORED, *((text, role) for _, text, role in reversed(RATES))]
    entries = [
        Line2D([], [], color=colour(role), linewidth=3.6, label=text) for text, role in order if (text, role) in rates
    ]
    statuses = {link.status for link in view.links.values() if link.length_km is not None}
    for status, dashes in DASHES.items():
        if status in statuses:
            line = Line2D([], [], color=colour("muted"), linewidth=2.2, label=f"length {status}")
            line.set_linestyle((0, dashes) if dashes else "-")
            entries.append(line)
    roles = {node.role for node in view.nodes.values()}
    for role, marker, text in (("end", "o", "end node"), ("trusted", "s", "trusted node"), ("hub", "D", "hub")):
        if role in roles:
            marked = Line2D(
                [], [], linestyle="", marker=marker, markersize=8, markerfacecolor=colour("card"), label=text
            )
            marked.set_markeredgecolor(colour("ink"))
            entries.append(marked)
    return entries
