"""From single-photon errors in the test basis to the phase-error rate of the key basis."""

from __future__ import annotations

import math

from scipy import optimize

from qcisim.security.statistics import sampling_gamma, sampling_tail_log2, serfling_deviation

SMALLEST_RATE = 1e-12


def phase_error_by_sampling(errors: float, sampled: float, rest: float, epsilon_secret: float, uses: int) -> float:
    """phi <= b + gamma(eps, b, sampled, rest), b = errors/sampled; 1/2 at most, and for an empty sample.

    gamma is an expansion for many errors; it tends to 0 with b, which no sample without errors proves. Where the tail
    that it expands is above eps/F, the tail itself is solved, at one error or more: below about 30 errors.

    Source: Lim et al. 2014, Eq. (5), with ``uses`` = 21; Rusca et al. 2018 with 19; the tail Fung, Ma, Chau 2010.
    """
    if sampled <= 0.0 or rest <= 0.0:
        return 0.5
    rate = max(errors / sampled, SMALLEST_RATE)
    if rate >= 0.5:
        return 0.5
    phi = rate + sampling_gamma(epsilon_secret, rate, sampled, rest, uses)
    return min(0.5, max(phi, _phase_error_by_tail(max(rate, 1.0 / sampled), phi, sampled, rest, epsilon_secret / uses)))


def _phase_error_by_tail(rate: float, phi: float, sampled: float, rest: float, epsilon: float) -> float:
    """The phi at which `sampling_tail_log2` is ``epsilon``; 0 where the given ``phi`` is above it already."""
    if rate >= 0.5:
        return 0.5  # a sample of one or two proves nothing

    def excess(deviation: float) -> float:
        return sampling_tail_log2(deviation, rate, sampled, rest) - math.log2(epsilon)

    if phi >= 0.5 or (phi > rate and excess(phi - rate) <= 0.0):
        return 0.0
    if excess(0.5 - rate) > 0.0:
        return 0.5
    start = max(0.0, phi - rate)
    return rate + float(optimize.brentq(excess, start, 0.5 - rate, xtol=1e-15, rtol=1e-12))


def phase_error_by_serfling(errors: float, sampled: float, rest: float, epsilon: float) -> float:
    """phi <= errors/sampled + sqrt( (x+z)/(x z) (x+1)/x ln(1/eps) ), x = rest, z = sampled; 1/2 at most.

    Source: Wiesemann et al., arXiv:2405.16578 (2024). The extra factor is (x+1)/x in the single photons x of the key
    basis.
    """
    if sampled <= 0.0 or rest <= 0.0:
        return 0.5
    return min(0.5, errors / sampled + serfling_deviation(sampled, rest, epsilon))
