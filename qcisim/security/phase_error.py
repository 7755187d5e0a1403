"""From single-photon errors in the test basis to the phase-error rate of the key basis."""

from __future__ import annotations

from qcisim.security.statistics import sampling_gamma, serfling_deviation

SMALLEST_RATE = 1e-12


def phase_error_by_sampling(errors: float, sampled: float, rest: float, epsilon_secret: float, uses: int) -> float:
    """phi <= b + gamma(eps, b, sampled, rest), b = errors/sampled; 1/2 at most, and for an empty sample.

    Source: Lim et al. 2014, Eq. (5), with ``uses`` = 21; Rusca et al. 2018 with 19.
    """
    if sampled <= 0.0 or rest <= 0.0:
        return 0.5
    rate = max(errors / sampled, SMALLEST_RATE)
    if rate >= 0.5:
        return 0.5
    return min(0.5, rate + sampling_gamma(epsilon_secret, rate, sampled, rest, uses))


def phase_error_by_serfling(errors: float, sampled: float, rest: float, epsilon: float) -> float:
    """phi <= errors/sampled + sqrt( (x+z)/(x z) (x+1)/x ln(1/eps) ), x = rest, z = sampled; 1/2 at most.

    Source: Wiesemann et al., arXiv:2405.16578 (2024). The extra factor is (x+1)/x in the single photons x of the key
    basis.
    """
    if sampled <= 0.0 or rest <= 0.0:
        return 0.5
    return min(0.5, errors / sampled + serfling_deviation(sampled, rest, epsilon))
