"""The largest value of many curves, each in its own span of time."""

from __future__ import annotations

import numpy as np

from qcisim.optics.orbit.crossings import Curve, Integers, Intervals, roots
from qcisim.optics.orbit.epoch import Floats

_FEWEST = 9  # samples per span
_TOLERANCE_S = 1e-2
_PARABOLAS = 3
_PARABOLA_SHARE = 300.0  # of a step: 0.3 s in a low orbit


def largest(curve: Curve, which: Integers, start_s: Floats, end_s: Floats, step_s: float) -> tuple[Floats, Floats]:
    """(time, value) of the largest value of curve ``which[k]`` in [start_s[k], end_s[k]], to the millisecond or better.

    Samples at most ``step_s`` apart bracket it, a zero of the slope finds it, and parabolas through three values near
    it free it from what slope and value differ by (the velocity of SGP4 is not quite the derivative of its position,
    which is seconds where a curve is flat). Where the curve still rises at an end, the end is it.

    Args:
        curve: value and slope.
        which, start_s, end_s: (n,).
        step_s: the curve has at most one maximum between three neighbouring samples.
    """
    if which.size == 0:
        return np.zeros(0), np.zeros(0)
    count = np.maximum(_FEWEST, np.ceil((end_s - start_s) / step_s).astype(np.intp) + 1)
    offset = np.concatenate([[0], np.cumsum(count)[:-1]])
    of = np.repeat(np.arange(which.size), count)
    step = (end_s - start_s) / (count - 1)
    number = np.arange(of.size) - offset[of]
    value, _ = curve(which[of], start_s[of] + number * step[of])
    top = np.flatnonzero(value == np.maximum.reduceat(value, offset)[of])
    best = number[top[np.unique(of[top], return_index=True)[1]]]
    left = start_s + np.maximum(best - 1, 0) * step
    right = np.minimum(start_s + (best + 1) * step, end_s)
    _, slope_left = curve(which, left)
    _, slope_right = curve(which, right)
    time = np.where(slope_left <= 0.0, left, right)
    inside = (slope_left > 0.0) & (slope_right <= 0.0) & (right > left)

    def slope(index: Integers, t_s: Floats) -> tuple[Floats, Floats]:
        rate = curve(index, t_s)[1]
        return rate, rate

    ends = slope_left[inside], slope_right[inside]
    time[inside] = roots(slope, Intervals(which[inside], left[inside], right[inside], *ends, *ends), _TOLERANCE_S)
    reach = step_s / _PARABOLA_SHARE
    for _ in range(_PARABOLAS):
        early, middle, late = (curve(which, time + shift)[0] for shift in (-reach, 0.0, reach))
        bend = early - 2.0 * middle + late
        with np.errstate(divide="ignore", invalid="ignore"):
            shift = np.where(inside & (bend < 0.0), 0.5 * reach * (early - late) / bend, 0.0)
        time = np.clip(time + np.clip(shift, -0.1 * step_s, 0.1 * step_s), start_s, end_s)
    return time, curve(which, time)[0]
