"""Oracles of the hub: phases averaged in numbers, photons counted one by one, blocks with a known truth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qcisim.security import ArmSettings, Hub, MdiCounts

PHASES = np.linspace(0.0, 2.0 * math.pi, 64, endpoint=False)
PORTS = ("c", "d")


def gains(hub: Hub, mu_a: complex, mu_b: complex, basis: str) -> tuple[complex, complex]:
    """(Q, E Q) by averaging the four detectors over the phase between the senders; analytic in both intensities.

    Detector intensities behind the splitter: (a + b)/2 +- V sqrt(ab) cos(phase) in the mode where both have light.
    """
    a, b = hub.transmittance_a * mu_a, hub.transmittance_b * mu_b
    dark, overlap, e_d = hub.dark_count_probability_per_detector, hub.mode_overlap, hub.misalignment_error
    beat = overlap * np.sqrt(a * b + 0j) * np.cos(PHASES)
    right = wrong = 0.0 + 0.0j
    for bit_a, bit_b in product((0, 1), repeat=2):
        if basis == "Z":
            light = [np.zeros_like(beat) for _ in range(4)]  # c early, d early, c late, d late
            for bit, mean in ((bit_a, a), (bit_b, b)):
                light[2 * bit] = light[2 * bit] + mean / 2.0
                light[2 * bit + 1] = light[2 * bit + 1] + mean / 2.0
            if bit_a == bit_b:
                light[2 * bit_a] = light[2 * bit_a] + beat
                light[2 * bit_a + 1] = light[2 * bit_a + 1] - beat
        else:
            sign = 1.0 if bit_a == bit_b else -1.0
            each = (a + b) / 4.0
            light = [each + beat / 2.0, each - beat / 2.0, each + sign * beat / 2.0, each - sign * beat / 2.0]
        quiet = [(1.0 - dark) * np.exp(-x) for x in light]
        for early, late in product((0, 1), repeat=2):
            clicks = (early, 2 + late)
            chance = np.ones_like(beat)
            for i in range(4):
                chance = chance * ((1.0 - quiet[i]) if i in clicks else quiet[i])
            chance = np.mean(chance) / 4.0
            expected = bit_a != bit_b if basis == "Z" else (bit_a == bit_b) == (early == late)
            if expected:
                right += chance
            else:
                wrong += chance
    return right + wrong, e_d * right + (1.0 - e_d) * wrong


def yields(hub: Hub, basis: str, photons: int = 7) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Y_nm and e_nm Y_nm, the Taylor coefficients of e^(mu_a + mu_b) Q by contour integrals."""
    points, radius = 24, 1.0
    circle = radius * np.exp(2j * math.pi * np.arange(points) / points)
    table = np.array([[np.array(gains(hub, x, y, basis)) * np.exp(x + y) for y in circle] for x in circle])
    factorial = np.array([math.factorial(n) for n in range(photons)])
    scale = np.outer(factorial, factorial) / radius ** np.add.outer(np.arange(photons), np.arange(photons))
    found = [np.fft.fft2(table[:, :, i])[:photons, :photons].real / points**2 * scale for i in (0, 1)]
    return found[0], found[1]


def two_photons(hub: Hub, basis: str) -> tuple[float, float]:
    """(Y11, e11 Y11) by counting: each photon arrives or not, both interfere as far as their modes overlap."""
    eta_a, eta_b = hub.transmittance_a, hub.transmittance_b
    right = wrong = 0.0
    for bit_a, bit_b in product((0, 1), repeat=2):
        alice, bob = _photon(bit_a, basis, 1.0), _photon(bit_b, basis, -1.0)
        arrivals = (
            (eta_a * eta_b, _both(alice, bob, hub.mode_overlap)),
            (eta_a * (1.0 - eta_b), {frozenset([i]): abs(alice[i]) ** 2 for i in range(4)}),
            ((1.0 - eta_a) * eta_b, {frozenset([i]): abs(bob[i]) ** 2 for i in range(4)}),
            ((1.0 - eta_a) * (1.0 - eta_b), {frozenset(): 1.0}),
        )
        for weight, patterns in arrivals:
            for lit, chance in patterns.items():
                for early, late in product((0, 1), repeat=2):
                    clicks = {early, 2 + late}
                    if not lit <= clicks:
                        continue
                    p = hub.dark_count_probability_per_detector
                    seen = weight * chance * p ** len(clicks - lit) * (1.0 - p) ** 2 / 4.0
                    expected = bit_a != bit_b if basis == "Z" else (bit_a == bit_b) == (early == late)
                    right, wrong = (right + seen, wrong) if expected else (right, wrong + seen)
    e_d = hub.misalignment_error
    return right + wrong, e_d * right + (1.0 - e_d) * wrong


def _photon(bit: int, basis: str, port: float) -> NDArray[np.complex128]:
    """Amplitudes at (c early, d early, c late, d late) behind the splitter; Bob's photon enters with a sign at d."""
    early, late = ((1.0, 0.0) if bit == 0 else (0.0, 1.0)) if basis == "Z" else (1.0, 1.0 - 2.0 * bit)
    modes = np.array([early, late]) / math.hypot(early, late)
    return np.array([modes[0], port * modes[0], modes[1], port * modes[1]], dtype=np.complex128) / math.sqrt(2.0)


def _both(alice: NDArray, bob: NDArray, overlap: float) -> dict[frozenset[int], float]:
    patterns: dict[frozenset[int], float] = {}
    for i, j in product(range(4), repeat=2):
        if i > j:
            continue
        if i == j:
            alike = 2.0 * abs(alice[i] * bob[i]) ** 2
            apart = abs(alice[i] * bob[i]) ** 2
        else:
            alike = abs(alice[i] * bob[j] + alice[j] * bob[i]) ** 2
            apart = abs(alice[i] * bob[j]) ** 2 + abs(alice[j] * bob[i]) ** 2
        key = frozenset([i, j])
        patterns[key] = patterns.get(key, 0.0) + overlap**2 * alike + (1.0 - overlap**2) * apart
    return patterns


@dataclass(frozen=True, slots=True)
class HubTruth:
    """A sampled block and what its pairs of single photons really did."""

    counts: MdiCounts
    key_pairs: int
    phase_errors: int


def sampled(arm: ArmSettings, rounds: int, yield_nm: NDArray, error_nm: NDArray, rng: np.random.Generator) -> HubTruth:
    """A block through a hub with yields Y_nm and error rates e_nm in the test basis, single-photon pairs alike in both.

    Successes are drawn by photon numbers and then told apart by settings with Bayes' rule, as the decoy theorem has it.
    """
    size = len(yield_nm)
    photons = np.arange(size)

    def poisson(mean: float) -> NDArray:
        return np.array([math.exp(-mean) * mean**n / math.factorial(n) for n in photons])

    tests = np.array([p * poisson(k) for p, k in zip(arm.test_probabilities, arm.decoys, strict=True)])
    signal = arm.signal_probability * poisson(arm.signal)
    test, wrong = np.zeros(9, dtype=np.int64), np.zeros(9, dtype=np.int64)
    key = key_pairs = phase_errors = 0
    for n, m in product(photons, repeat=2):
        weight = np.outer(tests[:, n], tests[:, m]).ravel()
        seen = rng.binomial(rounds, weight.sum() * yield_nm[n, m])
        bad = rng.binomial(seen, error_nm[n, m])
        if seen:
            share = weight / weight.sum()
            errors = rng.multinomial(bad, share)
            wrong += errors
            test += errors + rng.multinomial(seen - bad, share)
        kept = rng.binomial(rounds, signal[n] * signal[m] * yield_nm[n, m])
        key += kept
        if n == m == 1:
            key_pairs, phase_errors = int(kept), int(rng.binomial(kept, error_nm[1, 1]))
    counts = MdiCounts(
        arm,
        arm,
        (float(key),),
        tuple(float(x) for x in test),
        tuple(float(x) for x in wrong),
        None,
        float(rounds),
        observed=True,
    )
    return HubTruth(counts, key_pairs, phase_errors)
