"""Map: the nodes where they are, the links coloured by secret rate and dashed by how their length is known."""

from __future__ import annotations

import itertools
import math
import textwrap

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from qcisim.report.figure import axes_px, colour, new_figure, style, to_svg, wrapped
from qcisim.report.labels import Label, Point, place
from qcisim.report.map_layout import MANY, WIDTH, Layout, Zone, layout
from qcisim.report.map_signs import DISH, SATELLITE
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
_THROUGH_SPACE, _PAIRS = (1.0, 4.0), (6.0, 2.0, 1.0, 2.0)
_SHORT_PX = 90.0
_NAMES = 90  # more names than these nobody could read
_SIGNS = {"trusted": "s", "hub": "D"}


def rate_class(link: LinkView) -> tuple[str, str]:
    """Text and colour of a link's secret rate."""
    if link.stored_only:
        return STORED
    if not link.makes_key:
        return NO_KEY
    return next((text, role) for limit, text, role in RATES if link.secret_bits_per_s >= limit)


def network_map(view: View) -> Markup:
    """The map of all nodes and links."""
    with style():
        places = layout(view)
        entries = _legend(view, places)
        legend = 17.0 * math.ceil(len(entries) / 3) + 14.0
        figure = new_figure(WIDTH, places.height + legend)
        axes = axes_px(figure, 0, legend, 0, 0)
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(0, places.height)
        axes.set_axis_off()
        _draw_frames(axes, places)
        _draw_links(axes, view, places)
        _draw_pairs(axes, places)
        _draw_nodes(axes, view, places)
        for zone in places.zones:
            _draw_labels(axes, view, places, zone)
        _name_satellites(axes, view, places)
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


def _leaders(places: Layout) -> list[tuple[Point, Point]]:
    """From a crowded part of the map to its enlargement."""
    if places.crowd is None:
        return []
    small, large = places.crowd, places.zones[-1].box
    return [((small[0], small[1]), (large[0], large[3])), ((small[2], small[1]), (large[2], large[3]))]


def _draw_frames(axes: Axes, places: Layout) -> None:
    """A crowded part of the map and its enlargement below."""
    if places.crowd is None:
        return
    small, large = places.crowd, places.zones[-1].box
    for left, bottom, right, top in (small, large):
        frame = Rectangle((left, bottom), right - left, top - bottom, fill=False, linewidth=1.0)
        frame.set_edgecolor(colour("muted"))
        axes.add_patch(frame)
    for corner, other in _leaders(places):
        axes.plot(*zip(corner, other, strict=True), color=colour("muted"), linewidth=0.7, alpha=0.6, zorder=0.5)
    axes.text(large[0] + 6, large[3] - 5, "enlarged", ha="left", va="top", fontsize=11.0, color=colour("muted"))


def _draw_links(axes: Axes, view: View, places: Layout) -> None:
    for name, (x, y) in places.middles.items():
        link = view.links[name]
        (x0, y0), (x1, y1) = places.ends[name]
        control = (2 * x - (x0 + x1) / 2, 2 * y - (y0 + y1) / 2)  # so that the curve passes its middle
        wide = 2.4 if places.many else 3.6
        curve = Path([(x0, y0), control, (x1, y1)], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
        patch = PathPatch(
            Path(places.ways[name]) if name in places.ways else curve,
            fill=False,
            edgecolor=colour(rate_class(link)[1]),
            linewidth=0.6 * wide if link.free_space else wide,
            capstyle="butt",
        )
        dashes = _THROUGH_SPACE if link.free_space else DASHES.get(link.status, DASHES["illustrative"])
        patch.set_linestyle((0, dashes) if dashes else "-")
        axes.add_patch(patch)


def _draw_pairs(axes: Axes, places: Layout) -> None:
    """Photons of a pair on their way to two stations."""
    for start, end in places.pairs:
        (line,) = axes.plot(*zip(start, end, strict=True), color=colour("series-0"), linewidth=1.6, zorder=1)
        line.set_linestyle((0, _PAIRS))


def _draw_nodes(axes: Axes, view: View, places: Layout) -> None:
    small = places.many
    for name, (x, y) in places.nodes.items():
        node = view.nodes[name]
        size, fill = (7.0 if small else 10.5), colour("card")
        sign: str | Path = _SIGNS.get(node.role, "o")
        if node.satellite:
            size, sign = 26.0, SATELLITE
        elif node.station:
            size, sign = (13.0 if small else 17.0), DISH
            fill = _station_colour(view, name)
        axes.plot(
            [x],
            [y],
            marker=sign,
            markersize=size,
            markerfacecolor=fill,
            markeredgecolor=colour("ink"),
            markeredgewidth=1.3 if small or node.station else 2.0,
            zorder=5,
        )


def _station_colour(view: View, node: str) -> str:
    """Of a ground station: the rate of its best satellite link."""
    links = [link for link in view.links.values() if link.free_space and node in link.ends]
    return colour(rate_class(max(links, key=lambda k: k.secret_bits_per_s))[1]) if links else colour("card")


def _named(view: View, link: str) -> bool:
    """Whether a text stands along the link: not along light through space, nor at a node where two arms meet."""
    found = view.links[link]
    return not found.free_space and not found.middle


def _to_name(view: View, zone: Zone) -> list[str]:
    """Nodes whose names stand on the map: all, or where that would be a carpet the first that are no hubs."""
    if len(zone.nodes) <= _NAMES:
        return list(zone.nodes)
    return [name for name in zone.nodes if view.nodes[name].role != "hub"][:_NAMES]


def _draw_labels(axes: Axes, view: View, places: Layout, zone: Zone) -> None:
    left, bottom, right, top = zone.box
    many, size = places.many, 11.0 if places.many else 12.5
    labels = [
        Label((x - left, y - bottom), _node_lines(view, name, many), size, 9.0 if many else 12.0)
        for name in _to_name(view, zone)
        for x, y in [places.nodes[name]]
    ]
    count = len(labels)
    mine = {
        name: middle
        for name, middle in places.middles.items()
        if left <= middle[0] <= right and bottom <= middle[1] <= top
    }
    named = {n: m for n, m in mine.items() if _named(view, n) and _long_enough(places, n)}
    if len(view.links) <= MANY:
        labels += [
            Label((x - left, y - bottom), _link_lines(view.links[name]), 11.0, 7.0) for name, (x, y) in named.items()
        ]
    taken = [(x - left - 8, y - bottom - 8, x - left + 8, y - bottom + 8) for x, y in places.nodes.values()]
    if places.crowd is not None:
        a, b, c, d = places.crowd
        taken.append((a - left, b - bottom, c - left, d - bottom))
    lines = [((a - left, b - bottom), (c - left, d - bottom)) for (a, b), (c, d) in _leaders(places)]
    for name, (x, y) in mine.items():
        first, second = places.ends[name]
        way = [(a - left, b - bottom) for a, b in places.ways.get(name, (first, (x, y), second))]
        lines += itertools.pairwise(way)
    spots = place(labels, taken, lines, right - left, top - bottom)
    for i, (label, spot) in enumerate(zip(labels, spots, strict=True)):
        axes.annotate(
            "\n".join(label.lines),
            (left + spot[0] + 2, bottom + spot[1] + 1),
            ha="left",
            va="bottom",
            fontsize=label.size,
            linespacing=1.15,
            color=colour("ink" if i < count else "muted"),
            zorder=6,
        )


def _long_enough(places: Layout, name: str) -> bool:
    """Where a part of the map is crowded, a text would not show to which of the short links it belongs."""
    return places.crowd is None or math.dist(*places.ends[name]) > _SHORT_PX


def _name_satellites(axes: Axes, view: View, places: Layout) -> None:
    """Name of each satellite, and how many stations it has key with."""
    satellites = [node for node in view.nodes.values() if node.satellite]
    for node in satellites:
        links = [link for link in view.links.values() if node.id in link.ends]
        text = short(node.name)
        if links:
            share = f"{sum(k.makes_key for k in links)} of {len(links)}"
            text += f"\nkey with {share} stations" if len(satellites) <= 2 else f"\n{share}"
        x, y = places.nodes[node.id]
        axes.annotate(
            text,
            (x + 20, y),
            ha="left",
            va="center",
            fontsize=11.5,
            linespacing=1.15,
            color=colour("ink"),
            bbox={"facecolor": colour("card"), "edgecolor": "none", "pad": 1.5},
            zorder=6,
        )


def _node_lines(view: View, name: str, many: bool) -> tuple[str, ...]:
    full = view.node_name(name)
    where = short(full)
    if many:
        return tuple(wrapped(where, 16).split("\n"))
    house = textwrap.wrap(full[: -len(where)].rstrip(" ,"), 20) if where != full else []
    return (*wrapped(where, 24).split("\n"), *house)


def _link_lines(link: LinkView) -> tuple[str, ...]:
    length = (f"{link.length_km:.4g} km, {link.status}",) if link.length_km is not None else ()
    return (_rate_text(link), *length)


def _rate_text(link: LinkView) -> str:
    return rate_class(link)[0] if link.stored_only or not link.makes_key else key(link.secret_bits_per_s, "bit/s")


def _legend(view: View, places: Layout) -> list[Line2D]:
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
    if any(view.links[name].free_space for name in places.middles):
        line = Line2D([], [], color=colour("muted"), linewidth=2.2, label="through space")
        line.set_linestyle((0, _THROUGH_SPACE))
        entries.append(line)
    if places.pairs:
        line = Line2D([], [], color=colour("series-0"), linewidth=1.6, label="photons of a pair")
        line.set_linestyle((0, _PAIRS))
        entries.append(line)
    roles = {node.role for node in view.nodes.values() if not node.satellite and not node.station}
    signs: list[tuple[str | Path, str]] = [
        (sign, _middle_text(view) if role == "hub" else text) for role, sign, text in _ROLES if role in roles
    ]
    if any(node.station for node in view.nodes.values()):
        signs.append((DISH, "ground station"))
    for sign, text in signs:
        marked = Line2D([], [], linestyle="", marker=sign, markersize=8, markerfacecolor=colour("card"), label=text)
        marked.set_markeredgecolor(colour("ink"))
        if not isinstance(sign, str):
            marked.set_markersize(14)
        entries.append(marked)
    return entries


_ROLES = (("end", "o", "end node"), ("trusted", "s", "trusted node"), ("hub", "D", "hub"))


def _middle_text(view: View) -> str:
    """What nodes of the role hub are: hubs, sources of pairs, repeaters."""
    kinds = {"announcements": "hub", "coincidences": "source of pairs", "pairs": "repeater"}
    found = {kinds[link.detected] for link in view.links.values() if link.detected in kinds}
    return " or ".join(sorted(found)) or "hub"
