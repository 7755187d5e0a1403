"""Labels: places for texts on a map so that they hide neither each other nor what they name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]  # left, bottom, right, top

_EM = 0.6  # mean width of a character over the font size
_LINE = 1.3  # line height over the font size
_SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Label:
    """A text of one or more lines that belongs to a point; all lengths in pixels."""

    at: Point
    lines: tuple[str, ...]
    size: float
    distance: float

    @property
    def width(self) -> float:
        return max(map(len, self.lines)) * self.size * _EM + 4.0

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * _LINE

    def boxes(self) -> list[tuple[Box, float]]:
        """Where the text may stand around its point, each with the price of standing there."""
        found = []
        for ring in (1.0, 1.6, 2.4, 3.4):
            for turn in range(24):
                angle = math.pi * turn / 12
                dx, dy = math.cos(angle), math.sin(angle)
                left = self.at[0] + dx * self.distance * ring - self.width * (1 - dx) / 2
                bottom = self.at[1] + dy * self.distance * ring - self.height * (1 - dy) / 2
                price = 9.0 * (ring - 1.0) + 2.0 * abs(dy)
                found.append(((left, bottom, left + self.width, bottom + self.height), price))
        return found


def place(
    labels: Sequence[Label], taken: Sequence[Box], lines: Sequence[tuple[Point, Point]], width: float, height: float
) -> list[Point]:
    """Lower left corners of the labels inside width x height, clear of the boxes and lines as far as there is room.

    Each label in turn takes its cheapest box, given all others, until none moves.
    """

    def price(label: Label, box: Box) -> float:
        others = [other.at for other in labels if other is not label]
        crossed = sum(_inside(line, box) for line in lines)
        return _outside(box, width, height) + _hidden(box, taken) + crossed + _mistaken(box, label.at, others)

    choices = [[(box, far + price(label, box)) for box, far in label.boxes()] for label in labels]
    chosen: list[Box | None] = [None] * len(labels)
    for _ in range(_SWEEPS):
        before = list(chosen)
        for i, boxes in enumerate(choices):
            others = [box for j, box in enumerate(chosen) if j != i and box is not None]
            chosen[i] = min(boxes, key=lambda choice: choice[1] + _hidden(choice[0], others))[0]
        if chosen == before:
            break
    return [(box[0], box[1]) for box in chosen if box is not None]


def _mistaken(box: Box, own: Point, others: Sequence[Point]) -> float:
    """A price for standing as near to another point as to one's own."""
    near = 1.4 * _distance(own, box) + 6.0
    return 30.0 * sum(_distance(other, box) < near for other in others)


def _distance(point: Point, box: Box) -> float:
    across = max(box[0] - point[0], 0.0, point[0] - box[2])
    up = max(box[1] - point[1], 0.0, point[1] - box[3])
    return math.hypot(across, up)


def _outside(box: Box, width: float, height: float) -> float:
    left, bottom, right, top = box
    return 50.0 * (max(0.0, -left) + max(0.0, -bottom) + max(0.0, right - width) + max(0.0, top - height))


def _hidden(box: Box, others: Sequence[Box]) -> float:
    """Twice the area in square pixels that the box shares with the others."""
    area = 0.0
    for other in others:
        across, up = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
        if across > 0.0 and up > 0.0:
            area += across * up
    return 2.0 * area


def _inside(line: tuple[Point, Point], box: Box) -> float:
    """Length in pixels of the line inside the box."""
    (x0, y0), (x1, y1) = line
    low, high = 0.0, 1.0
    for start, step, least, most in ((x0, x1 - x0, box[0], box[2]), (y0, y1 - y0, box[1], box[3])):
        if abs(step) < 1e-12:
            if not least <= start <= most:
                return 0.0
            continue
        first, last = sorted(((least - start) / step, (most - start) / step))
        low, high = max(low, first), min(high, last)
    return max(0.0, high - low) * math.hypot(x1 - x0, y1 - y0)
