"""Entangled pairs shared by two stations: gains, error rates and asymptotic key of BBM92 as their sources print them.

A simulated pair of links uses `qcisim.optics.pair_states`; these are the planning models of published rates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from qcisim.errors import require
from qcisim.optics.pair_source import PairSource
from qcisim.optics.pulse_shape import window_share
from qcisim.security.entropy import binary_entropy
from qcisim.security.mdi_hub import PairGain

BRIGHTEST_PAIRS = 2.0
"""Mean pairs per pulse beyond which no pulsed source gives key: the error rate exceeds mu/(2+3mu) = 1/4."""


def bbm92_fraction(qber_key: float, qber_test: float, efficiency: float = 1.0) -> float:
    """r = 1 - f h(Q_key) - h(Q_test), bit per sifted coincidence, not clamped.

    Source: Koashi, Preskill, Phys. Rev. Lett. 90, 057902 (2003): the source may be in Eve's hands.
    """
    require(efficiency >= 1.0, f"reconciliation efficiency {efficiency}: leakage below the Shannon limit, wanted >= 1")
    return 1.0 - efficiency * binary_entropy(qber_key) - binary_entropy(qber_test)


def bbm92_rate(observed: PairGain, efficiency: float = 1.16, sifting: float = 0.5) -> float:
    """R = q Q [1 - (1+f) h(E)], bit per pump pulse, not clamped. Source: Ma, Fung, Lo, PRA 76, 012307 (2007)."""
    return sifting * observed.gain * bbm92_fraction(observed.qber, observed.qber, efficiency)


@dataclass(frozen=True, slots=True)
class PulsedPairLink:
    """Pulsed type-II down-conversion, threshold detectors on both sides, double clicks as random bits.

    Args:
        transmittance_a, transmittance_b: from the source, detectors included.
        background_yield_a, background_yield_b: Y0 of each side, probability of a click without light.
        misalignment_error: e_d.

    Source: Ma, Fung, Lo, Phys. Rev. A 76, 012307 (2007).
    """

    transmittance_a: float
    transmittance_b: float
    background_yield_a: float
    background_yield_b: float
    misalignment_error: float

    def __post_init__(self) -> None:
        for name in ("transmittance_a", "transmittance_b", "background_yield_a", "background_yield_b"):
            value = getattr(self, name)
            require(0.0 <= value <= 1.0, f"{name} {value}: lies in [0, 1]")
        require(0.0 <= self.misalignment_error <= 0.5, f"misalignment_error {self.misalignment_error}: wanted [0, 1/2]")

    def observed(self, mean_pairs: float) -> PairGain:
        """Q, Eq. (9), and E Q = Q/2 - (1/2 - e_d) c, Eq. (10), c the correlation that `PairSource` gives."""
        source = PairSource(mean_pairs / 2.0)
        eta_a, eta_b = np.asarray(self.transmittance_a), np.asarray(self.transmittance_b)
        gain = source.coincidence_gain(
            self.transmittance_a, self.transmittance_b, self.background_yield_a, self.background_yield_b
        )
        correlated = float(source.correlation(eta_a, eta_b))
        return PairGain(gain, gain / 2.0 - (0.5 - self.misalignment_error) * correlated)

    def best_mean_pairs(self, efficiency: float = 1.16) -> float:
        """The mean number of pairs per pulse that gives the highest rate."""
        found = optimize.minimize_scalar(
            lambda x: -bbm92_rate(self.observed(math.exp(x)), efficiency),
            bounds=(math.log(1e-6), math.log(BRIGHTEST_PAIRS)),
            method="bounded",
            options={"xatol": 1e-9},
        )
        return math.exp(float(found.x))


def pulsed_error_floor(mean_pairs: float) -> float:
    """mu/(2 + 3 mu): error rate without dark counts and misalignment at small transmittance, from multiple pairs."""
    require(mean_pairs >= 0.0, f"mean_pairs {mean_pairs}: wanted >= 0")
    return mean_pairs / (2.0 + 3.0 * mean_pairs)


@dataclass(frozen=True, slots=True)
class Coincidences:
    """Rates of a continuous source: coincidences of one pair and of chance in the window, per second, and the QBER."""

    true_hz: float
    accidental_hz: float
    qber: float

    @property
    def total_hz(self) -> float:
        """All coincidences."""
        return self.true_hz + self.accidental_hz

    def rate_bit_per_s(self, efficiency: float = 1.16, sifting: float = 0.5) -> float:
        """R = q (cc + acc) [1 - (1+f) h(E)], not clamped. Source: Neumann et al. (2021), Eq. (19)."""
        return sifting * self.total_hz * bbm92_fraction(self.qber, self.qber, efficiency)


@dataclass(frozen=True, slots=True)
class ContinuousPairLink:
    """A continuous beam of pairs; a coincidence is two clicks within one window.

    Args:
        transmittance_a, transmittance_b: from the source, detectors included.
        dark_rate_a_hz, dark_rate_b_hz: of each side, all its detectors.
        coincidence_window_s: t_cc, full width.
        timing_fwhm_s: t_delta, full width at half maximum of the difference of arrival times.
        polarisation_error: e_pol, error rate of true coincidences.

    Source: Neumann et al., Phys. Rev. A 104, 022406 (2021), Eqs. (2)-(19).
    """

    transmittance_a: float
    transmittance_b: float
    dark_rate_a_hz: float
    dark_rate_b_hz: float
    coincidence_window_s: float
    timing_fwhm_s: float
    polarisation_error: float

    def __post_init__(self) -> None:
        for name in ("transmittance_a", "transmittance_b"):
            value = getattr(self, name)
            require(0.0 <= value <= 1.0, f"{name} {value}: a passive link cannot amplify, wanted [0, 1]")
        for name in ("dark_rate_a_hz", "dark_rate_b_hz", "timing_fwhm_s"):
            value = getattr(self, name)
            require(value >= 0.0 and math.isfinite(value), f"{name} {value}: wanted finite and >= 0")
        window = self.coincidence_window_s
        require(window > 0.0 and math.isfinite(window), f"coincidence_window_s {window}: wanted above 0")
        require(0.0 <= self.polarisation_error <= 0.5, f"polarisation_error {self.polarisation_error}: wanted [0, 1/2]")

    def observed(self, pair_rate_hz: float) -> Coincidences:
        """S_X = B eta_X + dark_X; acc = S_A S_B t_cc; cc = erf(sqrt(ln 2) t_cc/t_delta) B eta_A eta_B;
        E = (cc e_pol + acc/2)/(cc + acc). The window enters gain and error together."""
        require(pair_rate_hz >= 0.0 and math.isfinite(pair_rate_hz), f"pair_rate_hz {pair_rate_hz}: wanted >= 0")
        singles_a = pair_rate_hz * self.transmittance_a + self.dark_rate_a_hz
        singles_b = pair_rate_hz * self.transmittance_b + self.dark_rate_b_hz
        chance = singles_a * singles_b * self.coincidence_window_s
        share = float(window_share(self.timing_fwhm_s, self.coincidence_window_s))
        true = share * pair_rate_hz * self.transmittance_a * self.transmittance_b
        total = true + chance
        qber = (true * self.polarisation_error + chance / 2.0) / total if total > 0.0 else 0.5
        return Coincidences(true, chance, qber)
