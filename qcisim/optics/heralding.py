"""Heralded entanglement of two memories by photons that meet at a beam splitter: from hardware to a density matrix.

Two nodes emit photons entangled with their qubits; a click pattern at the station in the middle heralds a pair. Qubits
are ordered a, b; |1> is the bright state, which emits. The heralded pair is Psi+ = (|01> + |10>)/sqrt 2 after the phase
flip that the click pattern calls for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require
from qcisim.optics.fibre import Fibre
from qcisim.quantum import Matrix, PairDensity, check_density
from qcisim.quantum.bell import BELL_KETS
from qcisim.quantum.channel import depolarising
from qcisim.quantum.gate import X
from qcisim.quantum.memory import Waiting

PSI_PLUS = 2


def _probability(name: str, value: float) -> None:
    require(0.0 <= value <= 1.0, f"{name} {value:g}: a probability lies in [0, 1]")


@dataclass(frozen=True, slots=True)
class Arm:
    """One side: a memory that emits, and the fibre to the station.

    Args:
        efficiency: probability that an emitted photon clicks, fibre excluded: collection into the right mode,
            frequency conversion, filters, window, detector.
        fibre: to the station.
        double_excitation: probability that the bright state emits a second photon, which no other photon meets.
    """

    efficiency: float
    fibre: Fibre = Fibre(0.0)
    double_excitation: float = 0.0

    def __post_init__(self) -> None:
        for name in ("efficiency", "double_excitation"):
            _probability(name, getattr(self, name))

    @property
    def detection_probability(self) -> float:
        """eta: an emitted photon clicks."""
        return self.efficiency * self.fibre.transmittance


@dataclass(frozen=True, slots=True)
class Station:
    """A 50:50 beam splitter and its detectors.

    Args:
        visibility: V of the Hong-Ou-Mandel dip of the two photons, |<a|b>|^2, their polarisation apart.
        dark_count_probability: of each detector in each window, light that is not signal included.
        phase_rms_rad: rms of the optical phase between the arms: in single-click schemes the phase itself, in
            double-click schemes its change between the two photons, or between the two polarisations.
        number_resolving: a detector tells two photons from one.
    """

    visibility: float = 1.0
    dark_count_probability: float = 0.0
    phase_rms_rad: float = 0.0
    number_resolving: bool = False

    def __post_init__(self) -> None:
        for name in ("visibility", "dark_count_probability"):
            _probability(name, getattr(self, name))
        good = self.phase_rms_rad >= 0.0 and math.isfinite(self.phase_rms_rad)
        require(good, f"phase_rms_rad {self.phase_rms_rad:g}: not negative")

    @property
    def phase_coherence(self) -> float:
        """exp(-sigma^2/2)."""
        return math.exp(-0.5 * self.phase_rms_rad**2)


@dataclass(frozen=True, slots=True, eq=False)
class Herald:
    """What heralding gives.

    Args:
        success_probability: of one attempt, all good click patterns together.
        rho: (4, 4) density matrix at the moment of the click, near Psi+.
        attempt_s: from one attempt to the next.
        wait_a_s, wait_b_s: from emission until the herald is back: the photon's way and the message's.
    """

    success_probability: float
    rho: Matrix
    attempt_s: float
    wait_a_s: float
    wait_b_s: float

    @property
    def rate_hz(self) -> float:
        """Heralded pairs per second of attempts: p / t."""
        return self.success_probability / self.attempt_s

    @property
    def fidelity(self) -> float:
        """<Psi+|rho|Psi+>."""
        psi = BELL_KETS[PSI_PLUS]
        return float((psi.conj() @ self.rho @ psi).real)

    @property
    def pair(self) -> PairDensity:
        """The pair with Phi+ as target: a bit flip on side b."""
        return PairDensity.of(self.rho).apply(X, 1)

    def of_emitters(self, fidelity_a: float, fidelity_b: float) -> Herald:
        """The same from emitters whose qubit and photon are a Bell pair with fidelity F, the rest white noise.

        White noise on the qubit, rho -> x rho + (1-x) 1/2 x = (4F - 1)/3: it commutes with all that the photon meets.
        """
        pair = PairDensity.of(self.rho)
        for side, fidelity in enumerate((fidelity_a, fidelity_b)):
            reason = f"emitted fidelity {fidelity:g}: lies in [0.25, 1], white noise has 0.25"
            require(0.25 <= fidelity <= 1.0, reason)
            pair = pair.apply(depolarising(4.0 * (1.0 - fidelity) / 3.0), side)
        return replace(self, rho=pair.to_density())

    def arrived(self, memory_a: Waiting, memory_b: Waiting) -> PairDensity:
        """The pair when both nodes know of it: each qubit has waited in its memory; Phi+ as target.

        The bit flip comes last, so damping goes towards the dark state.
        """
        waited = PairDensity.of(self.rho).store(memory_a, self.wait_a_s, 0).store(memory_b, self.wait_b_s, 1)
        return waited.apply(X, 1)


def attempt_time_s(arm_a: Arm, arm_b: Arm, preparation_s: float) -> float:
    """t = t_prep + 2 max(delay): prepare and emit, wait for the photon to arrive and the message to come back."""
    require(preparation_s > 0.0, f"preparation_s {preparation_s:g}: an attempt takes time")
    return preparation_s + 2.0 * max(arm_a.fibre.delay_s, arm_b.fibre.delay_s)


def single_click(
    arm_a: Arm,
    arm_b: Arm,
    bright_a: float,
    bright_b: float,
    station: Station = Station(),
    *,
    preparation_s: float = 1e-6,
) -> Herald:
    """Each qubit in sqrt(1-alpha)|0> + sqrt(alpha)|1>, one click: p = 2 alpha eta, F = 1 - alpha for small eta.

    Unnormalised for a click of one detector, n photons towards it and none towards the other, generating function
    g(z): <s|rho|s> = P(s) P(click | s), <01|rho|10> = sqrt(P(01) P(10)) sqrt(eta_a eta_b V)/2 (1-p2) exp(-sigma^2/2).

    Args:
        bright_a, bright_b: alpha, populations of the bright states.

    Source: Cabrillo, Cirac, Garcia-Fernandez, Zoller, Phys. Rev. A 59, 1025 (1999); Humphreys et al., Nature 558, 268
    (2018); Hermans et al., New J. Phys. 25, 013011 (2023).
    """
    for name, value in (("bright_a", bright_a), ("bright_b", bright_b)):
        _probability(name, value)
    weight = [(1.0 - bright_a) * (1.0 - bright_b), (1.0 - bright_a) * bright_b]
    weight += [bright_a * (1.0 - bright_b), bright_a * bright_b]
    clicks = _click_probabilities(arm_a, arm_b, station)
    rho = np.diag([w * c for w, c in zip(weight, clicks, strict=True)]).astype(np.complex128)
    coherence = math.sqrt(weight[1] * weight[2]) * _click_coherence(arm_a, arm_b, station) * station.phase_coherence
    rho[1, 2] = rho[2, 1] = coherence
    return _herald(rho, 2.0, arm_a, arm_b, preparation_s)


def double_click(
    arm_a: Arm, arm_b: Arm, station: Station = Station(), *, preparation_s: float = 1e-6, gap_s: float = 0.0
) -> Herald:
    """Both qubits in (|0> + |1>)/sqrt 2, a click, both flipped, a second click: p = eta^2/2, loss costs rate only.

    Elements of the two rounds multiply; F = (1 + V)/2 without dark counts.

    Args:
        gap_s: between the two emissions.

    Source: Barrett and Kok, Phys. Rev. A 71, 060310 (2005).
    """
    require(gap_s >= 0.0, f"gap_s {gap_s:g}: not negative")
    clicks = _click_probabilities(arm_a, arm_b, station)
    rho = np.diag([0.25 * clicks[s] * clicks[3 - s] for s in range(4)]).astype(np.complex128)
    coherence = 0.25 * _click_coherence(arm_a, arm_b, station) ** 2 * station.phase_coherence
    rho[1, 2] = rho[2, 1] = coherence
    return _herald(rho, 4.0, arm_a, arm_b, preparation_s + gap_s, gap_s)


def polarisation_click(
    arm_a: Arm,
    arm_b: Arm,
    emitted_a: ArrayLike,
    emitted_b: ArrayLike,
    station: Station = Station(),
    *,
    preparation_s: float = 1e-6,
) -> Herald:
    """Two photons with the qubits in their polarisation, one click in H and one in V: p = eta_a eta_b / 2.

    Effect of a pattern, detectors of H and V behind either port: E = (1-d)^2 {eta_a eta_b [(|HV><HV| + |VH><VH| +-
    V (|HV><VH| + h.c.))/4 + d (1+V)/4 (|HH><HH| + |VV><VV|)] + [one arrives] d/2 + [none] d^2}; + for one port, - for
    two, corrected by a phase flip. The second photon of a double excitation is left out: it would herald three clicks.

    Args:
        emitted_a, emitted_b: density matrices (4, 4) of qubit and photon (H, V), near Phi+.

    Source: Simon and Irvine, Phys. Rev. Lett. 91, 110405 (2003).
    """
    states = [check_density(emitted_a), check_density(emitted_b)]
    require(all(s.shape == (4, 4) for s in states), "emitted states: wanted a qubit and a photon, (4, 4)")
    eta_a, eta_b = arm_a.detection_probability, arm_b.detection_probability
    dark, v = station.dark_count_probability, station.visibility
    joint = np.einsum("axcz,bydw->abxycdzw", states[0].reshape((2,) * 4), states[1].reshape((2,) * 4))
    joint = joint.reshape(4, 4, 4, 4)  # qubits, photons, qubits, photons
    total = np.zeros((4, 4), dtype=np.complex128)
    flip = np.diag([1.0, -1.0, 1.0, -1.0])
    bunched = 0.0 if station.number_resolving else 0.25 * (1.0 + v) * dark
    seen = 1.0 - dark if station.number_resolving else 1.0  # a photon and a dark count are two counts
    for sign in (1.0, -1.0):
        both = np.diag([bunched, 0.25, 0.25, bunched])
        both[1, 2] = both[2, 1] = 0.25 * sign * v * station.phase_coherence
        one = 0.5 * dark * (eta_a * (1.0 - eta_b) + eta_b * (1.0 - eta_a))
        none = dark**2 * (1.0 - eta_a) * (1.0 - eta_b)
        effect = (1.0 - dark) ** 2 * (eta_a * eta_b * seen**2 * both + (seen * one + none) * np.eye(4))
        heralded = np.einsum("aibj,ji->ab", joint, effect)
        total += heralded if sign > 0.0 else flip @ heralded @ flip
    return _herald(total, 2.0, arm_a, arm_b, preparation_s)


def best_deterministic_fidelity(link_efficiency: float) -> float:
    """F = (1 + 3 x^(1/(1-x)))/4: the best mean fidelity of a pair delivered at a fixed time whatever has happened.

    Args:
        link_efficiency: x, rate of entangling over rate of decoherence. The best F passes 1/2 at x = 0.83.

    Source: Humphreys et al., Nature 558, 268 (2018), Eq. (2).
    """
    x = link_efficiency
    require(x >= 0.0 and math.isfinite(x), f"link_efficiency {x:g}: not negative")
    if x == 0.0:
        return 0.25
    distance = x - 1.0
    logarithm = math.log(x) if x < 0.5 else math.log1p(distance)
    exponent = -logarithm / distance if abs(distance) > 1e-12 else -1.0
    return 0.25 * (1.0 + 3.0 * math.exp(exponent))


def expected_rounds(success_probability: float, links: int) -> float:
    """E[max of n geometric times] = sum_{j=1}^n (-1)^(j+1) C(n, j)/(1 - (1-p)^j): rounds until n links are up.

    Beyond 12 links, where that sum cancels, the tail sum of 1 - (1 - q^k)^n, or for small p its Euler-Maclaurin form
    H_n / lambda + 1/2 with lambda = -ln(1-p), exact to 1e-15 below lambda = 1/4.
    Source: Bernardes, Praxmeyer, van Loock, Phys. Rev. A 83, 012323 (2011).
    """
    p, n = success_probability, links
    require(0.0 < p <= 1.0, f"success probability {p:g}: lies in (0, 1], or the wait never ends")
    require(n >= 1, f"{n} links: wanted at least one")
    if p == 1.0:
        return 1.0
    decay = -math.log1p(-p)
    if n <= 12:
        return math.fsum((-1) ** (j + 1) * math.comb(n, j) / -math.expm1(-j * decay) for j in range(1, n + 1))
    if decay < 0.25:
        return math.fsum(1.0 / j for j in range(1, n + 1)) / decay + 0.5
    rounds = np.arange(1, math.ceil((45.0 + math.log(n)) / decay) + 1)
    return 1.0 + math.fsum(-np.expm1(n * np.log1p(-np.exp(-decay * rounds))))


def _photons(arm: Arm) -> Matrix:
    """Generating function of a bright state's photons towards one detector, none towards the other, coefficients."""
    eta, double = arm.detection_probability, arm.double_excitation
    one = np.array([1.0 - eta, 0.5 * eta])
    extra: Matrix = np.convolve(one, [1.0 - double * eta, 0.5 * double * eta])
    return extra


def _click_probabilities(arm_a: Arm, arm_b: Arm, station: Station) -> list[float]:
    """P(click of one detector, none of the other) given |00>, |01>, |10>, |11>."""
    eta_a, eta_b = arm_a.detection_probability, arm_b.detection_probability
    single = eta_a * (1.0 - eta_b) + eta_b * (1.0 - eta_a)
    meeting = [(1.0 - eta_a) * (1.0 - eta_b), 0.5 * single, 0.25 * eta_a * eta_b * (1.0 + station.visibility)]
    both = np.array(meeting)
    for arm in (arm_a, arm_b):
        eta = arm.detection_probability
        both = np.convolve(both, [1.0 - arm.double_excitation * eta, 0.5 * arm.double_excitation * eta])
    dark = station.dark_count_probability

    def click(coefficients: ArrayLike) -> float:
        count = np.asarray(coefficients)
        if station.number_resolving:
            return float((1.0 - dark) * ((1.0 - dark) * count[1] + dark * count[0]))
        return float((1.0 - dark) * (count[1:].sum() + dark * count[0]))

    return [click([1.0, 0.0]), click(_photons(arm_b)), click(_photons(arm_a)), click(both)]


def _click_coherence(arm_a: Arm, arm_b: Arm, station: Station) -> float:
    """What a click leaves of |01><10|: the photon could have come from either side, and nothing else tells."""
    eta = math.sqrt(arm_a.detection_probability * arm_b.detection_probability * station.visibility)
    alone = math.sqrt((1.0 - arm_a.double_excitation) * (1.0 - arm_b.double_excitation))
    quiet = (1.0 - station.dark_count_probability) ** (2 if station.number_resolving else 1)
    return 0.5 * eta * alone * quiet


def _herald(rho: Matrix, patterns: float, arm_a: Arm, arm_b: Arm, preparation_s: float, gap_s: float = 0.0) -> Herald:
    trace = float(rho.trace().real)
    require(trace > 0.0, "no click ever: neither light nor dark counts reach the detectors")
    waits = [2.0 * arm.fibre.delay_s + gap_s for arm in (arm_a, arm_b)]
    return Herald(patterns * trace, rho / trace, attempt_time_s(arm_a, arm_b, preparation_s), waits[0], waits[1])
