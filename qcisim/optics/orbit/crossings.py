"""Where many curves cross zero, none missed: interval bisection with a bound on how much a curve can bend or climb.

A scan alone misses what happens between its samples. Here an interval is set aside only when a bound proves that the
curve keeps its sign in it, or that it is monotone and so crosses at most once; all others are halved. `passes` bounds
the second derivative, `windows` the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.optics.orbit.epoch import Floats

Integers: TypeAlias = NDArray[np.intp]
Booleans: TypeAlias = NDArray[np.bool_]
Curve: TypeAlias = Callable[[Integers, Floats], tuple[Floats, Floats]]  # (which curve, t) -> (value, slope), each (n,)

_SLOPE_SLACK = 0.01  # km/s; the velocity of SGP4 is the derivative of its position to 2e-3 km/s or better
_MOST_INTERVALS = 1 << 19  # where more stay undecided, a curve lies on its threshold: the signs at the ends decide


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Intervals of time with value and slope of their curves at both ends; all arrays (n,)."""

    which: Integers
    left: Floats
    right: Floats
    value_left: Floats
    value_right: Floats
    slope_left: Floats
    slope_right: Floats

    def __getitem__(self, chosen: Booleans) -> Intervals:
        return Intervals(*(getattr(self, name)[chosen] for name in self.__slots__))

    @staticmethod
    def joined(parts: list[Intervals]) -> Intervals:
        """All intervals of all parts."""
        return Intervals(*(np.concatenate([getattr(part, name) for part in parts]) for name in Intervals.__slots__))

    @property
    def changes(self) -> Booleans:
        """Whether the signs at the ends differ."""
        return np.asarray((self.value_left > 0.0) != (self.value_right > 0.0))


Decided: TypeAlias = Callable[[Intervals], Booleans]


def by_curvature(curvature: Floats) -> Decided:
    """|f''| <= K: f stays within K h^2/8 of its chord, and f' within K h/2 of its value at the nearer end.

    Args:
        curvature: K of each curve.
    """

    def decided(of: Intervals) -> Booleans:
        width = of.right - of.left
        bend = curvature[of.which] * width
        reach = 0.125 * bend * width
        low, high = np.minimum(of.value_left, of.value_right), np.maximum(of.value_left, of.value_right)
        turn = 0.5 * bend + _SLOPE_SLACK
        down, up = np.maximum(of.slope_left, of.slope_right), np.minimum(of.slope_left, of.slope_right)
        return np.asarray((high + reach < 0.0) | (low - reach > 0.0) | (up > turn) | (down < -turn))

    return decided


def by_speed(speed: float) -> Decided:
    """|f'| <= V: f stays within V h/2 of the mean of its ends."""

    def decided(of: Intervals) -> Booleans:
        return np.asarray(np.abs(of.value_left + of.value_right) > speed * (of.right - of.left))

    return decided


def crossing_intervals(curve: Curve, intervals: Intervals, decided: Decided, narrow_s: float) -> Intervals:
    """Intervals, cut out of the given ones, that hold one crossing each; nothing else crosses.

    Args:
        curve: value and slope of curve ``which`` at a time.
        intervals: where to look.
        decided: proves that an interval holds no crossing beyond what its ends show.
        narrow_s: an interval this narrow is not halved any more.
    """
    found: list[Intervals] = []
    while True:
        settled = decided(intervals)
        settled |= intervals.right - intervals.left <= narrow_s
        if settled.size - np.count_nonzero(settled) > _MOST_INTERVALS:
            settled[:] = True
        found.append(intervals[settled & intervals.changes])
        if settled.all():
            return Intervals.joined(found)
        intervals = intervals[~settled]
        middle = 0.5 * (intervals.left + intervals.right)
        value, slope = curve(intervals.which, middle)
        which, left, right, value_left, value_right, slope_left, slope_right = (
            getattr(intervals, name) for name in Intervals.__slots__
        )
        first = Intervals(which, left, middle, value_left, value, slope_left, slope)
        intervals = Intervals.joined([first, Intervals(which, middle, right, value, value_right, slope, slope_right)])


def roots(curve: Curve, intervals: Intervals, tolerance_s: float) -> Floats:
    """One zero in each interval, whose ends have different signs, by Chandrupatla's method.

    Inverse quadratic interpolation where it is safe, bisection where not; all intervals at once.

    Source:
        Chandrupatla, Adv. Eng. Software 28, 145 (1997).
    """
    result = 0.5 * (intervals.left + intervals.right)
    active = np.arange(result.size)
    x1, x2, f1, f2 = intervals.left, intervals.right, intervals.value_left, intervals.value_right
    share = np.full(result.size, 0.5)
    while active.size:
        x = x1 + share * (x2 - x1)
        f, _ = curve(intervals.which[active], x)
        same = (f > 0.0) == (f1 > 0.0)
        x3, f3 = np.where(same, x1, x2), np.where(same, f1, f2)
        x2, f2 = np.where(same, x2, x1), np.where(same, f2, f1)
        x1, f1 = x, f
        result[active] = np.where(np.abs(f1) < np.abs(f2), x1, x2)
        with np.errstate(divide="ignore", invalid="ignore"):
            limit = tolerance_s / np.abs(x2 - x1)
            xi, phi = (x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2)
            smooth = (phi * phi < xi) & ((1.0 - phi) ** 2 < 1.0 - xi)
            inverse = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
        share = np.where(smooth, inverse, 0.5)
        share = np.minimum(np.maximum(share, limit), 1.0 - limit)
        going = (limit < 0.5) & (f != 0.0)
        active = active[going]
        x1, x2, f1, f2, share = (array[going] for array in (x1, x2, f1, f2, share))
    return result
