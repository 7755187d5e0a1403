"""Decoy BB84 with weak coherent pulses in the limit of long blocks: Ma, Qi, Zhao, Lo (2005).

Gains and yields are probabilities per pulse; ``background_yield`` Y0 is that of the whole receiver.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from scipy import optimize

from qcisim.errors import require
from qcisim.security import decoy
from qcisim.security.entropy import binary_entropy


@dataclass(frozen=True, slots=True)
class SinglePhoton:
    """Y1 (a lower bound or exact) and e1 Y1 (an upper bound or exact), per pulse with one photon."""

    yield_per_pulse: float
    error_yield: float

    @property
    def error_rate(self) -> float:
        """e1 = e1 Y1 / Y1, at most 1/2; 1/2 where Y1 is not positive."""
        return min(0.5, self.error_yield / self.yield_per_pulse) if self.yield_per_pulse > 0.0 else 0.5


@dataclass(frozen=True, slots=True)
class Observed:
    """Gain Q_k and error gain E_k Q_k of one intensity k."""

    intensity: float
    gain: float
    error_gain: float

    @property
    def qber(self) -> float:
        """E_k."""
        return self.error_gain / self.gain


@dataclass(frozen=True, slots=True)
class ThresholdLink:
    """Poisson source of random phase, threshold receiver: what each intensity gives.

    ``transmittance`` eta end to end with the detectors, ``background_yield`` Y0 of the receiver,
    ``misalignment_error`` e_d.
    """

    transmittance: float
    background_yield: float
    misalignment_error: float

    def __post_init__(self) -> None:
        require(0.0 <= self.transmittance <= 1.0, f"transmittance {self.transmittance}: a passive link cannot amplify")
        require(0.0 <= self.background_yield <= 1.0, f"background_yield {self.background_yield}: wanted [0, 1]")
        require(0.0 <= self.misalignment_error <= 0.5, f"misalignment_error {self.misalignment_error}: wanted [0, 1/2]")

    def observed(self, intensity: float) -> Observed:
        """Q = Y0 + 1 - exp(-eta mu), Eq. (10); E Q = Y0/2 + e_d (1 - exp(-eta mu)), Eq. (11)."""
        clicks = -math.expm1(-self.transmittance * intensity)
        return Observed(
            intensity,
            self.background_yield + clicks,
            self.background_yield / 2.0 + self.misalignment_error * clicks,
        )

    def single_photon(self) -> SinglePhoton:
        """Infinite decoys: Y1 = Y0 + eta, e1 Y1 = Y0/2 + e_d eta. Source: Ma et al. 2005, Sec. II."""
        return SinglePhoton(
            self.background_yield + self.transmittance,
            self.background_yield / 2.0 + self.misalignment_error * self.transmittance,
        )


def vacuum_weak(signal: Observed, weak: Observed, background_yield: float) -> SinglePhoton:
    """Eqs. (34), (37): Y0 known from vacuum pulses. The two-decoy bounds at mu3 = 0 and without deviations."""
    vacuum = Observed(0.0, background_yield, background_yield / 2.0)
    mu, n, m = _scaled(signal, weak, vacuum)
    y1 = decoy.two_decoy_single(mu, n, max(0.0, decoy.two_decoy_vacuum(mu, n)))
    return SinglePhoton(y1, decoy.two_decoy_errors(mu, m))


def one_decoy(signal: Observed, weak: Observed) -> SinglePhoton:
    """No vacuum pulses: Y0 <= 2 min_k E_k Q_k e^k, e1 Y1 <= min of E_nu Q_nu e^nu/nu and the difference form."""
    mu, n, m = _scaled(signal, weak)
    y1 = decoy.one_decoy_single(mu, n, decoy.one_decoy_vacuum_upper(m))
    return SinglePhoton(y1, min(m[1][1] / weak.intensity, decoy.one_decoy_errors(mu, m)))


def _scaled(*settings: Observed) -> tuple[tuple[float, ...], tuple[decoy.Span, ...], tuple[decoy.Span, ...]]:
    mu = tuple(s.intensity for s in settings)
    require(all(a > b for a, b in pairwise(mu)), f"intensities {mu}: wanted mu > nu > 0")
    gains = tuple((math.exp(s.intensity) * s.gain,) * 2 for s in settings)
    errors = tuple((math.exp(s.intensity) * s.error_gain,) * 2 for s in settings)
    return mu, gains, errors


def key_rate(signal: Observed, single: SinglePhoton, efficiency: float, sifting: float = 0.5) -> float:
    """R = q { -Q_mu f h(E_mu) + Q_1 [1 - h(e1)] }, Q_1 = Y1 mu e^-mu, bit/pulse, not clamped. Eq. (1)."""
    single_gain = single.yield_per_pulse * signal.intensity * math.exp(-signal.intensity)
    leakage = signal.gain * efficiency * binary_entropy(signal.qber)
    return sifting * (single_gain * (1.0 - binary_entropy(single.error_rate)) - leakage)


def optimal_intensity(misalignment_error: float, efficiency: float) -> float:
    """The mu with (1-mu) e^-mu = f h(e_d)/(1-h(e_d)), for small eta and Y0. Eq. (12)."""
    entropy = binary_entropy(misalignment_error)
    target = efficiency * entropy / (1.0 - entropy)
    require(target < 1.0, f"misalignment_error {misalignment_error}: no intensity gives key at f = {efficiency}")
    return float(optimize.brentq(lambda mu: (1.0 - mu) * math.exp(-mu) - target, 0.0, 1.0, xtol=1e-14))


def reach_km(rate: Callable[[float], float], longest_km: float = 1000.0) -> float:
    """The fibre length at which a rate as a function of the length crosses zero; 0 where there is no key at all."""
    if rate(0.0) <= 0.0:
        return 0.0
    return float(optimize.brentq(rate, 0.0, longest_km, xtol=1e-9))
