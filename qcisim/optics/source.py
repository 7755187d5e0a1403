"""Sources: what Alice sends in a round, by photon number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require

Floats = NDArray[np.float64]

MAX_SETTINGS = 10
"""Ten settings x 24 cells fit the uint8 cell index of a click."""


class Source(Protocol):
    """One round emits n photons, all in the qubit state of the round, with a photon-number law per setting."""

    @property
    def settings(self) -> int:
        """Number of settings (intensity classes)."""

    @property
    def intensities(self) -> tuple[float, ...]:
        """Mean photon number per setting."""

    @property
    def probabilities(self) -> tuple[float, ...]:
        """How often each setting is chosen."""

    @property
    def clock_hz(self) -> float:
        """Rounds per second."""

    @property
    def key_basis_probability(self) -> float:
        """How often Alice chooses basis 0 (Z)."""

    def photon_probability(self, photons: int) -> Floats:
        """P_s(n) per setting, (S,)."""

    def pgf(self, x: ArrayLike) -> Floats:
        """G_s(x) = E[x^n] per setting, shape (S,) + x.shape."""

    def detection(self, efficiency: ArrayLike) -> Floats:
        """1 - G_s(1 - efficiency) per setting: at least one of n photons is seen; exact also where it is tiny."""


def _check_choice(clock_hz: float, key_basis_probability: float) -> None:
    require(clock_hz > 0.0 and math.isfinite(clock_hz), f"clock_hz {clock_hz:g}: a clock runs at a positive rate")
    require(
        0.0 < key_basis_probability < 1.0,
        f"key_basis_probability {key_basis_probability:g}: both bases must be used, wanted a value between 0 and 1",
    )


@dataclass(frozen=True, slots=True)
class WeakCoherentSource:
    """Phase-randomised weak coherent pulses: P(n) = exp(-mu) mu^n / n!, G(x) = exp(-mu (1 - x)).

    Args:
        intensities: mean photon number mu of each setting at Alice's output, not negative.
        probabilities: how often each setting is chosen, sum 1.
        clock_hz: rounds per second.
        key_basis_probability: how often Alice chooses basis 0 (Z).

    Source: Lo, Ma, Chen, Phys. Rev. Lett. 94, 230504 (2005).
    """

    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    clock_hz: float = 1e9
    key_basis_probability: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "intensities", tuple(float(mu) for mu in self.intensities))
        object.__setattr__(self, "probabilities", tuple(float(p) for p in self.probabilities))
        _check_choice(self.clock_hz, self.key_basis_probability)
        count = len(self.intensities)
        require(1 <= count <= MAX_SETTINGS, f"{count} intensities: wanted 1 to {MAX_SETTINGS}")
        require(len(self.probabilities) == count, f"{len(self.probabilities)} probabilities for {count} intensities")
        for mu in self.intensities:
            require(mu >= 0.0 and math.isfinite(mu), f"intensity {mu:g}: a mean photon number is not negative")
        for p in self.probabilities:
            require(
                0.0 < p <= 1.0, f"setting probability {p:g}: lies in (0, 1]; leave out a setting that is never sent"
            )
        total = math.fsum(self.probabilities)
        require(abs(total - 1.0) < 1e-9, f"setting probabilities sum to {total:.9g}: wanted 1")
        require(len(set(self.intensities)) == count, "two settings with the same intensity: a decoy must differ")

    @property
    def settings(self) -> int:
        """Number of intensities."""
        return len(self.intensities)

    def photon_probability(self, photons: int) -> Floats:
        """exp(-mu) mu^n / n!."""
        mu = np.asarray(self.intensities)
        return np.asarray(np.exp(-mu) * mu**photons / math.factorial(photons))

    def pgf(self, x: ArrayLike) -> Floats:
        """G(x) = exp(-mu (1 - x))."""
        return np.asarray(np.exp(np.multiply.outer(self.intensities, np.asarray(x, dtype=np.float64) - 1.0)))

    def detection(self, efficiency: ArrayLike) -> Floats:
        """1 - exp(-mu eta)."""
        return np.asarray(-np.expm1(-np.multiply.outer(self.intensities, np.asarray(efficiency, dtype=np.float64))))


@dataclass(frozen=True, slots=True)
class SinglePhotonSource:
    """At most one photon: P(1) = efficiency, G(x) = 1 - efficiency (1 - x); g2(0) = 0.

    Args:
        clock_hz: rounds per second.
        key_basis_probability: how often Alice chooses basis 0 (Z).
        efficiency: probability that the photon leaves Alice's station.
    """

    clock_hz: float = 1e8
    key_basis_probability: float = 0.5
    efficiency: float = 1.0

    def __post_init__(self) -> None:
        _check_choice(self.clock_hz, self.key_basis_probability)
        require(0.0 < self.efficiency <= 1.0, f"efficiency {self.efficiency:g}: lies in (0, 1]")

    @property
    def settings(self) -> int:
        """One."""
        return 1

    @property
    def intensities(self) -> tuple[float, ...]:
        """Recorded as (1.0,): the one-photon setting."""
        return (1.0,)

    @property
    def probabilities(self) -> tuple[float, ...]:
        """(1.0,)."""
        return (1.0,)

    def photon_probability(self, photons: int) -> Floats:
        """1 - efficiency, efficiency, 0, 0, ..."""
        return np.array([{0: 1.0 - self.efficiency, 1: self.efficiency}.get(photons, 0.0)])

    def pgf(self, x: ArrayLike) -> Floats:
        """G(x) = 1 - efficiency (1 - x)."""
        return 1.0 - self.efficiency * (1.0 - np.asarray(x, dtype=np.float64))[None]

    def detection(self, efficiency: ArrayLike) -> Floats:
        """efficiency x eta."""
        return self.efficiency * np.asarray(efficiency, dtype=np.float64)[None]


def mean_photon_number(source: Source) -> float:
    """sum_s p_s E_s[n]: the mean over all rounds."""
    return float(np.dot(np.asarray(source.probabilities), _moment(source, lambda n: n)))


@dataclass(frozen=True, slots=True)
class Pulse:
    """The pulse in time and colour, Gaussian.

    Args:
        wavelength_nm: centre of the quantum signal.
        fwhm_s: full width at half maximum of the intensity in time.
        linewidth_rms_nm: rms spectral width; a transform-limited 50 ps pulse at 1550 nm has 0.03 nm rms.
    """

    wavelength_nm: float = 1550.0
    fwhm_s: float = 50e-12
    linewidth_rms_nm: float = 0.03

    def __post_init__(self) -> None:
        require(600.0 <= self.wavelength_nm <= 2000.0, f"wavelength_nm {self.wavelength_nm:g}: wanted 600 to 2000 nm")
        require(0.0 <= self.fwhm_s < 1e-3, f"fwhm_s {self.fwhm_s:g}: wanted 0 to 1 ms")
        require(
            0.0 <= self.linewidth_rms_nm <= 100.0, f"linewidth_rms_nm {self.linewidth_rms_nm:g}: wanted 0 to 100 nm"
        )


def multiphoton_share(source: Source) -> Floats:
    """P(n >= 2 | n >= 1) per setting: the pulses that photon-number splitting can attack; 0 for an empty setting."""
    filled = source.detection(1.0)
    many = filled - source.photon_probability(1)
    return np.divide(many, filled, out=np.zeros_like(filled), where=filled > 0.0)


def g2(source: Source) -> Floats:
    """g2(0) = E[n (n-1)] / E[n]^2 per setting: 1 for a coherent state, 0 for a single photon or an empty setting."""
    mean, pairs = _moment(source, lambda n: n), _moment(source, lambda n: n * (n - 1))
    return np.divide(pairs, mean**2, out=np.zeros_like(mean), where=mean > 0.0)


def _moment(source: Source, weight: Callable[[int], int]) -> Floats:
    """E[weight(n)] per setting, summed over up to 100 photons: exact to rounding for means up to 10."""
    total: Floats = sum((weight(n) * source.photon_probability(n) for n in range(1, 101)), np.zeros(source.settings))
    return total
