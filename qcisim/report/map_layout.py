"""Map layout: where nodes and links stand: by latitude and longitude, crowded places enlarged, satellites above."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

from qcisim.report.labels import Box, Point
from qcisim.report.view import NodeView, View

WIDTH = 540.0
MANY = 14  # nodes or links above which the map gets smaller signs and no text along its links
LINES = 8  # satellite links above which none is drawn

_NEAR_PX, _NEAR_OF_MANY_PX, _CROWD = 17.0, 9.0, 3  # so many nodes so close together are enlarged
_STRIP, _INSET, _CAPTION = 56.0, 230.0, 170.0


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the figure with labels of its own: its box and the nodes inside."""

    box: Box
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Pixels from the lower left: each node, the ends and the middle of each link, and what frames them."""

    height: float
    nodes: dict[str, Point]
    zones: tuple[Zone, ...]
    crowd: Box | None = None
    ends: dict[str, tuple[Point, Point]] = field(default_factory=dict)
    middles: dict[str, Point] = field(default_factory=dict)
    ways: dict[str, tuple[Point, ...]] = field(default_factory=dict)  # of links over other nodes: all their points
    pairs: list[tuple[Point, Point]] = field(default_factory=list)

    @property
    def many(self) -> bool:
        return len(self.nodes) > MANY


def layout(view: View) -> Layout:
    """The place of everything."""
    ground = {n.id: n for n in view.nodes.values() if not n.satellite}
    above = [n.id for n in view.nodes.values() if n.satellite]
    flat = _flat(ground)
    if flat is None:
        height, at = _circle(list(ground))
        crowd: tuple[str, ...] = ()
    else:
        height, at = _to_scale(flat, WIDTH, 150.0, 400.0, len(ground) <= MANY)
        crowd = _crowd(at)
    lift = _INSET if crowd else 0.0
    at = {name: (x, y + lift) for name, (x, y) in at.items()}
    frame, zones = None, [Zone((0.0, lift, WIDTH, lift + height), tuple(n for n in at if n not in crowd))]
    main = dict(at)
    if crowd and flat is not None:
        frame = _around([at[name] for name in crowd], 9.0)
        main.update(dict.fromkeys(crowd, ((frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2)))
        tall, inside = _to_scale({n: flat[n] for n in crowd}, WIDTH - 12.0, 0.0, _INSET - 88.0, True)
        low = 4.0 + (_INSET - 12.0 - tall) / 2
        at.update({name: (x + 6.0, y + low) for name, (x, y) in inside.items()})
        zones.append(Zone((6.0, 4.0, WIDTH - 6.0, _INSET - 8.0), crowd))
    top = lift + height
    if above:
        step = WIDTH / len(above)
        left = max(20.0, (step - _CAPTION) / 2)
        places = {name: (step * i + left, top + 0.62 * _STRIP) for i, name in enumerate(above)}
        at.update(places)
        main.update(places)
        top += _STRIP
    found = Layout(top, at, tuple(zones), frame)
    _join(view, found, main, set(crowd))
    return found


def _flat(ground: dict[str, NodeView]) -> dict[str, Point] | None:
    """Degrees east and north, true to scale at the mean latitude; None where some have no place or all the same."""
    known = {n.id: (n.lon, n.lat) for n in ground.values() if n.lat is not None and n.lon is not None}
    if len(known) < len(ground) or not known:
        return None
    squeeze = math.cos(math.radians(math.fsum(lat for _, lat in known.values()) / len(known)))
    flat = {name: (lon * squeeze, lat) for name, (lon, lat) in known.items()}
    xs, ys = [x for x, _ in flat.values()], [y for _, y in flat.values()]
    if max(max(xs) - min(xs), max(ys) - min(ys)) < 1e-6 and len(known) > 1:
        return None
    return flat


def _to_scale(
    flat: dict[str, Point], width: float, least: float, tallest: float, roomy: bool
) -> tuple[float, dict[str, Point]]:
    """Height of the map, and the places in it: one scale for both directions."""
    xs, ys = [x for x, _ in flat.values()], [y for _, y in flat.values()]
    span_x, span_y = max(xs) - min(xs), max(ys) - min(ys)
    pad_x, pad_y = (80.0, 46.0) if roomy else (50.0, 26.0)
    scale = min((width - 2 * pad_x) / max(span_x, 1e-9), tallest / max(span_y, 1e-9))
    height = max(least, span_y * scale + 2 * pad_y)
    left, bottom = (width - span_x * scale) / 2, (height - span_y * scale) / 2
    return height, {n: (left + (x - min(xs)) * scale, bottom + (y - min(ys)) * scale) for n, (x, y) in flat.items()}


def _circle(names: list[str]) -> tuple[float, dict[str, Point]]:
    """Places without geography: side by side for two nodes, else on an ellipse."""
    count = len(names)
    height = 130.0 if count <= 2 else 380.0
    radius_x, radius_y = WIDTH / 2 - 110.0, 0.0 if count <= 2 else height / 2 - 45.0
    at = {}
    for i, name in enumerate(names):
        turn = math.pi - 2.0 * math.pi * i / max(count, 1)
        at[name] = (WIDTH / 2 + radius_x * math.cos(turn), height / 2 + radius_y * math.sin(turn))
    return height, at


def _crowd(at: dict[str, Point]) -> tuple[str, ...]:
    """The largest group of nodes that hang together by short steps, where it is large and not all there is."""
    left, groups = list(at), list[list[str]]()
    close = _NEAR_PX if len(at) <= MANY else _NEAR_OF_MANY_PX
    while left:
        group = [left.pop(0)]
        for name in group:
            near = [other for other in left if math.dist(at[name], at[other]) < close]
            group += near
            left = [other for other in left if other not in near]
        groups.append(group)
    largest = max(groups, key=len, default=[])
    crowded = _CROWD <= len(largest) < len(at)
    distinct = len({at[name] for name in largest}) > 1
    return tuple(largest) if crowded and distinct else ()


def _around(points: list[Point], room: float) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs) - room, min(ys) - room, max(xs) + room, max(ys) + room)


def _join(view: View, found: Layout, main: dict[str, Point], crowd: set[str]) -> None:
    """Ends and middles of the links. Parallel links bend apart: the first is straight, the next ones pass at growing
    distance on both sides."""
    hidden = _in_space(view) if lines_hidden(view) else set[str]()
    seen: dict[frozenset[Point], int] = {}
    for name, link in view.links.items():
        if name in hidden or not all(end in found.nodes for end in link.ends):
            continue
        places = found.nodes if all(end in crowd for end in link.ends) else main
        first, second = (places[end] for end in link.ends)
        if first == second:
            continue
        (x0, y0), (x1, y1) = (places[end] for end in sorted(link.ends))
        pair = frozenset((first, second))
        nth = seen.get(pair, 0)
        seen[pair] = nth + 1
        bend = (nth + 1) // 2 * 0.14 * (1 if nth % 2 else -1)
        found.ends[name] = (first, second)
        on_the_way = link.chain.nodes[1:-1] if link.chain else (link.middle,)
        if all(node in places for node in on_the_way) and on_the_way:  # over repeaters, or two arms
            way = (first, *(places[node] for node in on_the_way), second)
            found.ways[name] = way
            longest = max(range(len(way) - 1), key=lambda i: math.dist(way[i], way[i + 1]))
            (x0, y0), (x1, y1) = way[longest], way[longest + 1]
            found.middles[name] = places[link.middle] if link.middle else ((x0 + x1) / 2, (y0 + y1) / 2)
            continue
        found.middles[name] = ((x0 + x1) / 2 - (y1 - y0) * bend, (y0 + y1) / 2 + (x1 - x0) * bend)

    for sent in view.pairs.values():  # from the source of the pairs to both stations
        ends = [(sent.source_node, end) for end in sent.ends]
        found.pairs.extend((main[a], main[b]) for a, b in ends if a in main and b in main)
    for name, one in view.program_links.items():  # that make no key, and so stand among no links
        places = found.nodes if crowd.issuperset(one.way) else main
        steps = [(places.get(a), places.get(b)) for a, b in pairwise(one.way)] if name not in view.links else []
        found.pairs.extend((a, b) for a, b in steps if a is not None and b is not None and a != b)


def _in_space(view: View) -> set[str]:
    """Links with a satellite at an end."""
    satellites = {node.id for node in view.nodes.values() if node.satellite}
    return {name for name, link in view.links.items() if satellites & set(link.ends)}


def lines_hidden(view: View) -> bool:
    """Whether there are too many satellite links to draw."""
    return len(_in_space(view)) > LINES
