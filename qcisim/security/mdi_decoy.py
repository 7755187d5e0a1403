"""Decoy states of two senders: bounds on the yield and the errors of pairs of single photons.

All functions take scaled values, e^(a+b) n_ab/p_ab (or e^(a+b) Q_ab for gains) at the intensities a of Alice and b of
Bob, as intervals (low, high): sum_{n,m} Y_nm a^n b^m/(n! m!). Each sender has three intensities mu > nu > omega >= 0,
in the table row by row; the senders' intensities need not agree.
"""

from __future__ import annotations

import math
from itertools import product

from qcisim.errors import require
from qcisim.security.decoy import Span
from qcisim.security.mdi_hub import Hub, PairGain

Intensities = tuple[float, float, float]
Table = tuple[tuple[Span, Span, Span], tuple[Span, Span, Span], tuple[Span, Span, Span]]
MU, NU, OMEGA = range(3)

YIELD_USES = 7
ERROR_USES = 4


def require_decoys(intensities: tuple[float, ...], who: str) -> Intensities:
    """Three intensities mu > nu > omega >= 0 of one sender; raises `PhysicsError` else."""
    require(len(intensities) == 3, f"{who}: wanted 3 decoy intensities, got {len(intensities)}")
    mu, nu, omega = intensities
    require(mu > nu > omega >= 0.0, f"{who}: decoys {intensities}: wanted mu > nu > omega >= 0")
    return mu, nu, omega


def single_pair_yield(a: Intensities, b: Intensities, n: Table) -> float:
    """Y11 >= (G(nu) - K G(mu)) / [(nu_a-w_a)(nu_b-w_b) - K (mu_a-w_a)(mu_b-w_b)], a lower bound for all yields.

    G(k) = n(k,k) - n(k,w) - n(w,k) + n(w,w) = sum_{i,j>=1} Y_ij (k_a^i - w_a^i)(k_b^j - w_b^j)/(i! j!) has no term
    without a photon from each side. (nu^i - w^i)/(mu^i - w^i) falls with i, so with K its largest product beyond
    i = j = 1, G(nu) - K G(mu) keeps no positive term but that of Y11.
    Source: derived as in Xu, Curty, Qi, Lo, New J. Phys. 15, 113007 (2013), Sec. 3.2, for any intensities of each side.
    """
    (mu_a, nu_a, w_a), (mu_b, nu_b, w_b) = a, b
    first_a, second_a = (nu_a - w_a) / (mu_a - w_a), (nu_a**2 - w_a**2) / (mu_a**2 - w_a**2)
    first_b, second_b = (nu_b - w_b) / (mu_b - w_b), (nu_b**2 - w_b**2) / (mu_b**2 - w_b**2)
    k = max(second_a * first_b, first_a * second_b)
    weak = n[NU][NU][0] - n[NU][OMEGA][1] - n[OMEGA][NU][1]
    strong = n[MU][MU][1] - n[MU][OMEGA][0] - n[OMEGA][MU][0]
    top = weak - k * strong + (1.0 - k) * n[OMEGA][OMEGA][0]
    return top / ((nu_a - w_a) * (nu_b - w_b) - k * (mu_a - w_a) * (mu_b - w_b))


def single_pair_errors(a: Intensities, b: Intensities, m: Table) -> float:
    """e11 Y11 <= G(nu)/[(nu_a-w_a)(nu_b-w_b)], G of the errors: an upper bound, all its terms are positive.

    Source: Xu, Curty, Qi, Lo, New J. Phys. 15, 113007 (2013), Sec. 3.2, for any intensities of each side.
    """
    (_, nu_a, w_a), (_, nu_b, w_b) = a, b
    top = m[NU][NU][1] - m[NU][OMEGA][0] - m[OMEGA][NU][0] + m[OMEGA][OMEGA][1]
    return top / ((nu_a - w_a) * (nu_b - w_b))


def single_photon_share(intensity_a: float, intensity_b: float) -> float:
    """a b e^(-a-b): both senders emit one photon."""
    return intensity_a * intensity_b * math.exp(-intensity_a - intensity_b)


def exact_table(values: dict[tuple[float, float], float]) -> Table:
    """Intervals without width of nine values by (a, b), strongest first, scaled by e^(a+b)."""
    a = sorted({x for x, _ in values}, reverse=True)
    b = sorted({y for _, y in values}, reverse=True)
    return as_table([(math.exp(x + y) * values[x, y],) * 2 for x, y in product(a, b)])


def as_table(spans: list[Span]) -> Table:
    """Nine intervals, row by row, as a table."""
    require(len(spans) == 9, f"{len(spans)} values: three intensities of each sender make nine pairs")
    return (
        (spans[0], spans[1], spans[2]),
        (spans[3], spans[4], spans[5]),
        (spans[6], spans[7], spans[8]),
    )


def from_hub(hub: Hub, a: Intensities, b: Intensities) -> PairGain:
    """Bounds on Y11 (from below) and e11 Y11 (from above) from the gains that a hub gives in the test basis."""
    require_decoys(a, "Alice")
    require_decoys(b, "Bob")
    seen = {(x, y): hub.test_basis(x, y) for x, y in product(a, b)}
    gains = exact_table({pair: gain.gain for pair, gain in seen.items()})
    errors = exact_table({pair: gain.error_gain for pair, gain in seen.items()})
    return PairGain(max(0.0, single_pair_yield(a, b, gains)), max(0.0, single_pair_errors(a, b, errors)))
