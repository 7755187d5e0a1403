"""Sources of polarisation-entangled photon pairs: pulsed down-conversion and a continuous beam of pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, overload

import numpy as np

from qcisim.errors import require
from qcisim.optics.source import Floats
from qcisim.quantum import Matrix, bell_state

BELL_STATES = ("phi_plus", "phi_minus", "psi_plus", "psi_minus")


class PairEmission(Protocol):
    """One attempt (a pulse, or a window of coincidence) emits n pairs; one photon of each goes to each side."""

    @property
    def mean_pairs(self) -> float:
        """Mean number of pairs per attempt."""

    @property
    def attempts_hz(self) -> float:
        """Attempts per second."""

    @property
    def rho(self) -> Matrix:
        """Density matrix of an emitted pair, (4, 4)."""

    def seen(self, eta: Floats) -> Floats:
        """1 - E[(1-eta)^n]: a side with transmittance eta sees light."""

    def seen_together(self, eta_a: Floats, eta_b: Floats) -> Floats:
        """P(both see light) - P(a does) P(b does): what pairs add to chance."""

    def correlation(self, eta_a: Floats, eta_b: Floats) -> Floats:
        """E[s_a s_b] for perfectly correlated pairs, s = 1 for bit 0, -1 for bit 1, 0 for no click or a double."""


def _emitted(bell: str, fidelity: float) -> Matrix:
    """F |B><B| + (1-F)/3 (1 - |B><B|)."""
    projector = bell_state(BELL_STATES.index(bell))
    rho: Matrix = fidelity * projector + (1.0 - fidelity) / 3.0 * (np.eye(4) - projector)
    return rho


def _check_pair(bell: str, fidelity: float) -> None:
    require(bell in BELL_STATES, f"bell_state '{bell}': wanted one of {', '.join(BELL_STATES)}")
    require(0.25 <= fidelity <= 1.0, f"fidelity {fidelity:g}: lies in [0.25, 1]; 0.25 is white noise")


@dataclass(frozen=True, slots=True)
class PairSource:
    """Pulsed type-II down-conversion, two-mode thermal: P(n) = (n+1) lambda^n / (1+lambda)^(n+2), mean 2 lambda.

    Args:
        half_mean_pairs: lambda, pairs per pulse and polarisation mode.
        clock_hz: pulses per second.
        fidelity: of an emitted pair with its Bell state; what is missing is white (Werner).
        bell_state: phi_plus, phi_minus, psi_plus or psi_minus.

    Source: Ma, Fung, Lo, Phys. Rev. A 76, 012307 (2007), Eqs. (4), (5).
    """

    half_mean_pairs: float
    clock_hz: float = 1e8
    fidelity: float = 1.0
    bell_state: str = "phi_plus"

    def __post_init__(self) -> None:
        ok = self.half_mean_pairs >= 0.0 and math.isfinite(self.half_mean_pairs)
        require(ok, f"half_mean_pairs {self.half_mean_pairs:g}: a mean number of pairs is not negative")
        ok = self.clock_hz > 0.0 and math.isfinite(self.clock_hz)
        require(ok, f"clock_hz {self.clock_hz:g}: a clock runs at a positive rate")
        _check_pair(self.bell_state, self.fidelity)

    @property
    def mean_pairs(self) -> float:
        """2 lambda."""
        return 2.0 * self.half_mean_pairs

    @property
    def attempts_hz(self) -> float:
        """Pulses per second."""
        return self.clock_hz

    @property
    def rho(self) -> Matrix:
        """A Werner state of the Bell state."""
        return _emitted(self.bell_state, self.fidelity)

    def pair_probability(self, pairs: int) -> float:
        """P(n)."""
        x = self.half_mean_pairs
        return (pairs + 1) * x**pairs / (1.0 + x) ** (pairs + 2)

    def pgf(self, z: float) -> float:
        """E[z^n] = 1 / (1 + lambda (1 - z))^2."""
        return (1.0 + self.half_mean_pairs * (1.0 - z)) ** -2

    def seen(self, eta: Floats) -> Floats:
        """1 - (1 + lambda eta)^-2 = lambda eta (2 + lambda eta) / (1 + lambda eta)^2."""
        x = self.half_mean_pairs * eta
        return x * (2.0 + x) / (1.0 + x) ** 2

    def seen_together(self, eta_a: Floats, eta_b: Floats) -> Floats:
        """u^2 - v^2 = (u - v)(u + v) with u = 1/(1 + lambda (eta_a + eta_b - eta_a eta_b)), v = v_a v_b,
        v_i = 1/(1 + lambda eta_i)."""
        u, v = self._both_dark(eta_a, eta_b)
        return 0.5 * self.correlation(eta_a, eta_b) * (u + v)

    def correlation(self, eta_a: Floats, eta_b: Floats) -> Floats:
        """2 (u - v) = 2 eta_a eta_b lambda (1 + lambda) u v.

        The error gain of Ma, Fung, Lo (2007), Eq. (10), is (Q - correlation)/2 for e0 = 1/2, e_d = 0.
        """
        u, v = self._both_dark(eta_a, eta_b)
        return 2.0 * eta_a * eta_b * self.half_mean_pairs * (1.0 + self.half_mean_pairs) * u * v

    def _both_dark(self, eta_a: Floats, eta_b: Floats) -> tuple[Floats, Floats]:
        x = self.half_mean_pairs
        u = 1.0 / (1.0 + x * (eta_a + eta_b - eta_a * eta_b))
        return u, 1.0 / ((1.0 + x * eta_a) * (1.0 + x * eta_b))

    @overload
    def coincidence_gain(self, eta_a: float, eta_b: float, background_a: float, background_b: float) -> float: ...

    @overload
    def coincidence_gain(self, eta_a: Floats, eta_b: Floats, background_a: Floats, background_b: Floats) -> Floats: ...

    def coincidence_gain(
        self,
        eta_a: float | Floats,
        eta_b: float | Floats,
        background_a: float | Floats,
        background_b: float | Floats,
    ) -> float | Floats:
        """Probability that both sides click, threshold detectors, eta with the detectors, background per side.

        Source: Ma, Fung, Lo (2007), Eq. (9).
        """
        for name, value in (("eta_a", eta_a), ("eta_b", eta_b), ("Y0_a", background_a), ("Y0_b", background_b)):
            worst = np.min(value) if np.min(value) < 0.0 else np.max(value)
            require(bool(0.0 <= worst <= 1.0), f"{name} {worst:g}: lies in [0, 1]")
        gain = coincidence_gain(self, *(np.asarray(x, np.float64) for x in (eta_a, eta_b, background_a, background_b)))
        return gain if gain.ndim else float(gain)


@dataclass(frozen=True, slots=True)
class ContinuousPairSource:
    """A continuous beam of pairs, Poissonian in a window of coincidence: mean R tau.

    Args:
        pair_rate_hz: R, pairs per second at the source.
        coincidence_window_s: tau; two clicks in the same window make a coincidence.
        fidelity, bell_state: as in `PairSource`.

    Many temporal modes fit the window, so the pairs of a window are independent of each other.
    Source: Neumann et al., Phys. Rev. A 104, 022406 (2021), for continuous pumping.
    """

    pair_rate_hz: float
    coincidence_window_s: float = 1e-9
    fidelity: float = 1.0
    bell_state: str = "phi_plus"

    def __post_init__(self) -> None:
        for name in ("pair_rate_hz", "coincidence_window_s"):
            value = getattr(self, name)
            require(value > 0.0 and math.isfinite(value), f"{name} {value:g}: wanted above 0")
        _check_pair(self.bell_state, self.fidelity)

    @property
    def mean_pairs(self) -> float:
        """R tau."""
        return self.pair_rate_hz * self.coincidence_window_s

    @property
    def attempts_hz(self) -> float:
        """Windows per second, 1/tau."""
        return 1.0 / self.coincidence_window_s

    @property
    def rho(self) -> Matrix:
        """A Werner state of the Bell state."""
        return _emitted(self.bell_state, self.fidelity)

    def seen(self, eta: Floats) -> Floats:
        """1 - exp(-mu eta)."""
        return np.asarray(-np.expm1(-self.mean_pairs * eta))

    def seen_together(self, eta_a: Floats, eta_b: Floats) -> Floats:
        """exp(-mu (eta_a + eta_b)) (exp(mu eta_a eta_b) - 1)."""
        mu = self.mean_pairs
        return np.asarray(np.exp(-mu * (eta_a + eta_b)) * np.expm1(mu * eta_a * eta_b))

    def correlation(self, eta_a: Floats, eta_b: Floats) -> Floats:
        """2 exp(-mu (eta_a + eta_b)/2) (exp(mu eta_a eta_b/2) - 1): each detector pair sees half of the pairs."""
        half = 0.5 * self.mean_pairs
        return np.asarray(2.0 * np.exp(-half * (eta_a + eta_b)) * np.expm1(half * eta_a * eta_b))


def coincidence_gain(
    source: PairEmission, eta_a: Floats, eta_b: Floats, background_a: Floats, background_b: Floats
) -> Floats:
    """Q = P_a P_b + (1 - Y_a)(1 - Y_b) (excess of pairs), P = Y + (1 - Y) (light seen): both sides click.

    Equal to 1 - dark_a - dark_b + dark_both, without the differences that lose digits.
    """
    click_a = background_a + (1.0 - background_a) * source.seen(eta_a)
    click_b = background_b + (1.0 - background_b) * source.seen(eta_b)
    quiet = (1.0 - background_a) * (1.0 - background_b)
    gain: Floats = click_a * click_b + quiet * source.seen_together(eta_a, eta_b)
    return gain
