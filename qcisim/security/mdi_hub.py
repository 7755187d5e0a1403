"""The untrusted hub of MDI-QKD: weak pulses of two senders meet at a 50:50 splitter in front of threshold detectors.

Four detectors: two ports in each of two modes (early and late, or H and V). Success is one click in each mode and no
other: in the same port psi+, in different ports psi-. Alice's and Bob's phases are random, so all is averaged over
their difference. ``a`` and ``b`` are mean photon numbers that arrive at the hub, its detectors' efficiency included.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special

from qcisim.errors import require


@dataclass(frozen=True, slots=True)
class PairGain:
    """Probability per pulse pair of an announced success, and of one whose bits differ after the announced flips."""

    gain: float
    error_gain: float

    @property
    def qber(self) -> float:
        """Error rate of the successes; 1/2 where there are none."""
        return self.error_gain / self.gain if self.gain > 0.0 else 0.5


@dataclass(frozen=True, slots=True)
class Hub:
    """Two arms, a splitter, four detectors.

    Args:
        transmittance_a, transmittance_b: of the arms, hub and detectors included.
        dark_count_probability_per_detector: per gate; there are four detectors.
        misalignment_error: e_d, share of bits turned on their way to the splitter.
        mode_overlap: |<alice|bob>| of the pulses' shapes in time, frequency and polarisation; single photons then show
            a Hong-Ou-Mandel visibility of its square, pulses of random phase half of that.

    Source: Ma, Razavi, Phys. Rev. A 86, 062319 (2012), for an overlap of one.
    """

    transmittance_a: float
    transmittance_b: float
    dark_count_probability_per_detector: float
    misalignment_error: float = 0.0
    mode_overlap: float = 1.0

    def __post_init__(self) -> None:
        for name in ("transmittance_a", "transmittance_b"):
            value = getattr(self, name)
            require(0.0 <= value <= 1.0, f"{name} {value}: a passive arm cannot amplify, wanted [0, 1]")
        dark = self.dark_count_probability_per_detector
        require(0.0 <= dark < 1.0, f"dark_count_probability_per_detector {dark}: wanted [0, 1)")
        require(0.0 <= self.misalignment_error <= 0.5, f"misalignment_error {self.misalignment_error}: wanted [0, 1/2]")
        require(0.0 <= self.mode_overlap <= 1.0, f"mode_overlap {self.mode_overlap}: lies in [0, 1]")

    def key_basis(self, intensity_a: float, intensity_b: float) -> PairGain:
        """Z: each pulse in one mode. With s = a + b, V the overlap:

        Q_C = 2 (1-p)^2 e^(-s/2) [1 - (1-p) e^(-a/2)] [1 - (1-p) e^(-b/2)]   different bits: one pulse in each mode
        Q_E = 2 p (1-p)^2 e^(-s/2) [I0(V sqrt(ab)) - (1-p) e^(-s/2)]         equal bits: the other click is dark
        Q = Q_C + Q_E,  E Q = e_d Q_C + (1-e_d) Q_E. Source: Ma, Razavi (2012), Eqs. (51)-(53).
        """
        a, b, p = self._arrive(intensity_a, intensity_b)
        s, quiet = a + b, math.log1p(-p)
        front = 2.0 * (1.0 - p) ** 2 * math.exp(-s / 2.0)
        different = front * math.expm1(quiet - a / 2.0) * math.expm1(quiet - b / 2.0)
        interference = bessel_excess(self.mode_overlap * math.sqrt(a * b))
        equal = front * p * (interference - math.expm1(quiet - s / 2.0))
        e_d = self.misalignment_error
        return PairGain(different + equal, e_d * different + (1.0 - e_d) * equal)

    def test_basis(self, intensity_a: float, intensity_b: float) -> PairGain:
        """X: each pulse in both modes, in phase or in antiphase. With x = sqrt(ab)/2, y = (1-p) e^(-s/4):

        Q = 2 y^2 [1 + 2 y^2 - 4 y I0(V x) + I0(2 V x)],  E Q = Q/2 - 2 (1/2 - e_d) y^2 [I0(2 V x) - 1]
        Source: Ma, Razavi (2012), Eqs. (35)-(39). The bracket is summed as 2 (1-y)^2 + [I0(2Vx) - 1 - 4 (I0(Vx) - 1)]
        + 4 (1-y) [I0(Vx) - 1], which loses no digits for weak light.
        """
        a, b, p = self._arrive(intensity_a, intensity_b)
        log_y = math.log1p(-p) - (a + b) / 4.0
        dark, x = -math.expm1(log_y), self.mode_overlap * math.sqrt(a * b) / 2.0
        once, twice = bessel_excess(x), bessel_excess(2.0 * x)
        front = 2.0 * math.exp(2.0 * log_y)
        gain = front * (2.0 * dark * dark + _fourth_order(x) + 4.0 * dark * once)
        return PairGain(gain, gain / 2.0 - (0.5 - self.misalignment_error) * front * twice)

    def single_photons(self) -> PairGain:
        """Both pulses hold one photon: Y11, alike in both bases, and e11 Y11 of the test basis.

        Y11 = (1-p)^2 [ ab/2 + (2a + 2b - (7 - V^2) ab/2) p + 4 (1-a)(1-b) p^2 ], a and b the transmittances
        e11 Y11 = Y11/2 - (1/2 - e_d) (1-p)^2 V^2 ab/2. Source: Ma, Razavi (2012), Eqs. (21)-(23), for V = 1; with
        V the coefficient of mu_a mu_b in e^(mu_a + mu_b) Q, the same for both bases.
        """
        a, b, p = self.transmittance_a, self.transmittance_b, self.dark_count_probability_per_detector
        overlap = self.mode_overlap**2
        linear = 2.0 * a + 2.0 * b - 0.5 * (7.0 - overlap) * a * b
        both = (1.0 - p) ** 2 * (0.5 * a * b + linear * p + 4.0 * (1.0 - a) * (1.0 - b) * p * p)
        contrast = (0.5 - self.misalignment_error) * (1.0 - p) ** 2 * overlap * a * b / 2.0
        return PairGain(both, both / 2.0 - contrast)

    def _arrive(self, intensity_a: float, intensity_b: float) -> tuple[float, float, float]:
        for name, value in (("intensity_a", intensity_a), ("intensity_b", intensity_b)):
            require(value >= 0.0 and math.isfinite(value), f"{name} {value}: a mean photon number is >= 0")
        dark = self.dark_count_probability_per_detector
        return self.transmittance_a * intensity_a, self.transmittance_b * intensity_b, dark


def hom_visibility(mode_overlap: float, ratio: float = 1.0, *, single_photons: bool = False) -> float:
    """Depth of the Hong-Ou-Mandel dip of weak light, 1 - C(overlap)/C(0), C the coincidences behind a 50:50 splitter.

    V^2 for two single photons; 2 r V^2/(1+r)^2 for pulses of random phase whose intensities arrive at the ratio r,
    at most V^2/2: half of their coincidences come from two photons of one pulse.
    """
    require(0.0 <= mode_overlap <= 1.0, f"mode_overlap {mode_overlap}: lies in [0, 1]")
    require(ratio > 0.0, f"ratio {ratio}: both pulses hold light, wanted above 0")
    overlap = mode_overlap**2
    return overlap if single_photons else 2.0 * ratio * overlap / (1.0 + ratio) ** 2


def bessel_excess(x: float) -> float:
    """I0(x) - 1 = sum_{k>=1} (x/2)^(2k)/(k!)^2, without the digits that the difference loses for small x."""
    return _series(x, 1, lambda k: 1.0) if x < 1.0 else float(special.i0(x)) - 1.0


def _fourth_order(x: float) -> float:
    """I0(2x) - 1 - 4 (I0(x) - 1) = sum_{k>=2} (4^k - 4) (x/2)^(2k)/(k!)^2."""
    if x < 1.0:
        return _series(x, 2, lambda k: 4.0**k - 4.0)
    return float(special.i0(2.0 * x)) - 1.0 - 4.0 * (float(special.i0(x)) - 1.0)


def _series(x: float, first: int, weight: Callable[[int], float]) -> float:
    quarter, total, k = x * x / 4.0, 0.0, first
    power = quarter**first / math.factorial(first) ** 2
    while True:
        term = weight(k) * power
        total += term
        if term <= 1e-17 * total:
            return total
        k += 1
        power *= quarter / (k * k)
