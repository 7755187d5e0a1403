"""Pairs of polarisation-entangled photons from type-II parametric down-conversion."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.errors import require


@dataclass(frozen=True, slots=True)
class PairSource:
    """Two-mode thermal pair statistics: P(n) = (n+1) lambda^n / (1+lambda)^(n+2), mean 2 lambda.

    Args:
        half_mean_pairs: lambda, pairs per pulse and polarisation mode.

    Source: Ma, Fung, Lo, Phys. Rev. A 76, 012307 (2007), Eqs. (4), (5).
    """

    half_mean_pairs: float

    def __post_init__(self) -> None:
        ok = self.half_mean_pairs >= 0.0 and math.isfinite(self.half_mean_pairs)
        require(ok, f"half_mean_pairs {self.half_mean_pairs:g}: a mean number of pairs is not negative")

    def pair_probability(self, pairs: int) -> float:
        """P(n)."""
        x = self.half_mean_pairs
        return (pairs + 1) * x**pairs / (1.0 + x) ** (pairs + 2)

    def pgf(self, z: float) -> float:
        """E[z^n] = 1 / (1 + lambda (1 - z))^2."""
        return (1.0 + self.half_mean_pairs * (1.0 - z)) ** -2

    def coincidence_gain(self, eta_a: float, eta_b: float, background_a: float, background_b: float) -> float:
        """Probability that both sides click, threshold detectors, eta with the detectors, background per side.

        By inclusion and exclusion with E[z^n]: a pair is dark for A with 1 - eta_a, for both with (1-eta_a)(1-eta_b).
        Source: Ma, Fung, Lo (2007), Eq. (9).
        """
        for name, value in (("eta_a", eta_a), ("eta_b", eta_b), ("Y0_a", background_a), ("Y0_b", background_b)):
            require(0.0 <= value <= 1.0, f"{name} {value:g}: lies in [0, 1]")
        dark_a = (1.0 - background_a) * self.pgf(1.0 - eta_a)
        dark_b = (1.0 - background_b) * self.pgf(1.0 - eta_b)
        dark_both = (1.0 - background_a) * (1.0 - background_b) * self.pgf((1.0 - eta_a) * (1.0 - eta_b))
        return 1.0 - dark_a - dark_b + dark_both
