"""Single-photon detectors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require
from qcisim.units import photon_energy_j

Value = TypeVar("Value", float, NDArray[np.float64])
"""A number, or one per time step."""


@dataclass(frozen=True, slots=True)
class Detector:
    """A threshold detector: it clicks or it does not. A receiver has two alike.

    Args:
        efficiency: probability that an arriving photon clicks, fibre coupling included, gate share excluded.
        dark_count_rate_hz: dark counts per second of open gate.
        gate_s: how long the gate is open in each round; also the window around the pulse of a free-running detector.
        dead_time_s: after a click the whole receiver (both detectors) is blind for this long, not extended by photons.
        afterpulse_probability: mean number of afterpulses that follow a photon or dark click after its dead time.
        afterpulse_decay_s: decay constant of the exponential law of their delay behind the dead time.
        jitter_fwhm_s: full width at half maximum of the timing error, Gaussian.
    """

    efficiency: float
    dark_count_rate_hz: float
    dead_time_s: float = 0.0
    afterpulse_probability: float = 0.0
    afterpulse_decay_s: float = 1e-6
    jitter_fwhm_s: float = 0.0
    gate_s: float = 1e-9

    def __post_init__(self) -> None:
        require(0.0 < self.efficiency <= 1.0, f"efficiency {self.efficiency:g}: lies in (0, 1]")
        for name in ("dark_count_rate_hz", "dead_time_s", "jitter_fwhm_s"):
            value = getattr(self, name)
            require(value >= 0.0 and math.isfinite(value), f"{name} {value:g}: not negative")
        require(
            0.0 <= self.afterpulse_probability <= 0.5,
            f"afterpulse_probability {self.afterpulse_probability:g}: wanted 0 to 0.5 (the model is of first order)",
        )
        require(self.afterpulse_decay_s > 0.0, f"afterpulse_decay_s {self.afterpulse_decay_s:g}: wanted above 0")
        require(0.0 < self.gate_s <= 1.0, f"gate_s {self.gate_s:g}: wanted above 0 and up to 1 s")

    @property
    def dark_counts_per_gate(self) -> float:
        """nu = D gate: mean dark counts per gate and detector; the click probability is 1 - exp(-nu)."""
        return self.dark_count_rate_hz * self.gate_s

    def dead_rounds(self, clock_hz: float) -> int:
        """Rounds that are lost after a click: gates that open less than dead_time_s later."""
        return max(0, math.ceil(self.dead_time_s * clock_hz * (1.0 - 1e-12)) - 1)


def click_probability(mean_counts: float) -> float:
    """1 - exp(-mean): at least one of a Poisson number of counts."""
    return -math.expm1(-mean_counts)


def nonparalysable_rate_hz(incident_rate_hz: float, dead_time_s: float) -> float:
    """R / (1 + R tau): registered rate with a dead time that photons do not extend; tends to 1/tau.

    The continuous limit of `live_share`, which the tallies use round by round.
    """
    return incident_rate_hz / (1.0 + incident_rate_hz * dead_time_s)


def live_share(click_probability_per_round: Value, dead_rounds: Value) -> Value:
    """1 / (1 + p d): share of rounds in which the receiver is live, exact for independent rounds.

    Registered clicks form a renewal process with gaps d + Geometric(p), mean d + 1/p.
    """
    return 1.0 / (1.0 + click_probability_per_round * dead_rounds)


def paralysable_rate_hz(incident_rate_hz: float, dead_time_s: float) -> float:
    """R exp(-R tau): registered rate with a dead time that every photon extends; peak 1/(e tau)."""
    return incident_rate_hz * math.exp(-incident_rate_hz * dead_time_s)


def afterpulse_factor(afterpulse_probability: Value) -> Value:
    """1 + p: count multiplication by afterpulses of first order (Lim et al., Phys. Rev. A 89, 022307 (2014))."""
    return 1.0 + afterpulse_probability


def afterpulse_error(afterpulse_probability: float) -> float:
    """(p/2) / (1+p): error rate from afterpulses alone; half of them fall on the wrong bit."""
    return 0.5 * afterpulse_probability / afterpulse_factor(afterpulse_probability)


def noise_equivalent_power_w_per_sqrt_hz(efficiency: float, dark_count_rate_hz: float, wavelength_nm: float) -> float:
    """NEP = h nu sqrt(2 D) / eta, W/sqrt(Hz)."""
    return photon_energy_j(wavelength_nm) * math.sqrt(2.0 * dark_count_rate_hz) / efficiency
