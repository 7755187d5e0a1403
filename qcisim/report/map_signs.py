"""Map signs: a dish for a ground station and a satellite, as marker paths that fit into -1..1."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.path import Path


def _dish() -> Path:
    """A bowl that looks up to the right, its feed, and a foot."""
    turn = math.radians(-35.0)

    def turned(x: float, y: float) -> tuple[float, float]:
        return (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))

    bowl = [
        turned(0.85 * math.cos(a), 0.15 + 0.75 * math.sin(a)) for a in (math.pi + math.pi * i / 12 for i in range(13))
    ]
    foot = [(-0.25, -0.45), (0.0, -0.98), (-0.75, -0.98)]
    vertices = [*bowl, bowl[0], turned(0.0, 0.15), turned(0.0, 0.75), *foot, foot[0]]
    codes = [Path.MOVETO, *[Path.LINETO] * 12, Path.CLOSEPOLY, Path.MOVETO, Path.LINETO]
    return Path(vertices, [*codes, Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY])


def _satellite() -> Path:
    """A body between two panels."""
    vertices, codes = list[tuple[float, float]](), list[Any]()
    for left, bottom, right, top in ((-0.28, -0.34, 0.28, 0.34), (-1.0, -0.22, -0.42, 0.22), (0.42, -0.22, 1.0, 0.22)):
        vertices += [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    for start, end in ((-0.42, -0.28), (0.28, 0.42)):
        vertices += [(start, 0.0), (end, 0.0)]
        codes += [Path.MOVETO, Path.LINETO]
    return Path(vertices, codes)


DISH, SATELLITE = _dish(), _satellite()
