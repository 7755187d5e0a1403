"""Figures: what a run shows, with an exact interval, and whether a formula agrees."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qcisim.errors import InputError

FALSE_ALARM = 1e-9
"""How often a right program is called wrong."""

EXACT = 1e-8
"""Within this, numbers are equal; netqasm rounds angles to 1e-4, which moves fidelities by their squares."""


@dataclass(frozen=True, slots=True)
class Formula:
    """What theory says of a figure: a value and how it comes about."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Rate:
    """``successes`` of ``trials``."""

    successes: int
    trials: int

    @property
    def value(self) -> float:
        """Their ratio; nan without trials."""
        return self.successes / self.trials if self.trials else math.nan

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Clopper and Pearson, Biometrika 26, 404 (1934)."""
        from scipy.special import betaincinv

        k, n, tail = self.successes, self.trials, (1.0 - confidence) / 2.0
        low = float(betaincinv(k, n - k + 1, tail)) if k else 0.0
        high = float(betaincinv(k + 1, n - k, 1.0 - tail)) if k < n else 1.0
        return low, high

    def agrees(self, expected: float) -> bool:
        """Whether the count lies in the exact binomial interval at `FALSE_ALARM`."""
        from scipy.special import bdtr, bdtrc

        k, n = self.successes, self.trials
        if abs(expected) < 1e-12 or abs(expected - 1.0) < 1e-12:
            return k == (n if expected > 0.5 else 0)
        at_most = float(bdtr(k, n, expected)) if n else 1.0
        at_least = float(bdtrc(k - 1, n, expected)) if k else 1.0
        return min(at_most, at_least) > 0.5 * FALSE_ALARM


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of ``values`` that lie between ``low`` and ``high``."""

    values: tuple[float, ...]
    low: float = 0.0
    high: float = 1.0

    @property
    def value(self) -> float:
        """The mean; nan without values."""
        return math.fsum(self.values) / len(self.values) if self.values else math.nan

    @property
    def same(self) -> bool:
        """Whether every round shows the same."""
        return bool(self.values) and max(self.values) - min(self.values) < EXACT

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Hoeffding, J. Am. Stat. Assoc. 58, 13 (1963); a point where every round shows the same."""
        if self.same or not self.values:
            return self.value, self.value
        reach = self._reach(1.0 - confidence)
        return max(self.low, self.value - reach), min(self.high, self.value + reach)

    def _reach(self, alarm: float) -> float:
        return (self.high - self.low) * math.sqrt(math.log(2.0 / alarm) / (2.0 * len(self.values)))

    def agrees(self, expected: float) -> bool:
        """Whether it equals ``expected``, or is as near as its rounds allow at `FALSE_ALARM`."""
        if not self.values:
            return True
        near = EXACT if self.same else self._reach(FALSE_ALARM)
        return abs(self.value - expected) <= near


Figure = Rate | Mean


def rate(events: Iterable[object]) -> Rate:
    """How many of ``events`` are true."""
    kept = [bool(event) for event in events]
    return Rate(sum(kept), len(kept))


def mean(values: Iterable[float], low: float = 0.0, high: float = 1.0) -> Mean:
    """The mean of numbers between ``low`` and ``high``."""
    kept = tuple(float(value) for value in values)
    outside = [value for value in kept if not low - EXACT <= value <= high + EXACT]
    if outside:
        raise InputError(f"mean: {outside[0]:g} is not between {low:g} and {high:g}")
    return Mean(kept, low, high)
