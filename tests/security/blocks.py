"""Blocks for the tests of this room: honest links, arbitrary yields, and blocks with a known truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.security import BlockCounts, SecretLength, SourceSettings, bound
from qcisim.security.link_models import Wiesemann2024Model, counts_after, planned_leak_bits, single_photon_counts

THREE = SourceSettings((0.5, 0.15, 0.001), (0.6, 0.25, 0.15), 0.85)
TWO = SourceSettings((0.5, 0.15), (0.7, 0.3), 0.85)
FINITE = (
    "lim2014",
    "lim2014_capped",
    "lim2014_chernoff",
    "lim2014_chernoff_capped",
    "rusca2018",
    "wiesemann2024",
    "tomamichel2012",
)
SETTINGS = {"rusca2018": 2, "wiesemann2024": 2, "tomamichel2012": 1}


def honest(name: str, rounds: float, *, transmittance: float = 0.02, misalignment: float = 0.01) -> BlockCounts:
    """Expected counts of an honest link with the number of settings that the bound ``name`` wants."""
    settings = SETTINGS.get(name, 3)
    if settings == 1:
        detected = rounds * transmittance
        return single_photon_counts(0.7 * detected, 0.1 * detected, misalignment)
    model = Wiesemann2024Model(transmittance, 1e-7, misalignment)
    return counts_after(model, TWO if settings == 2 else THREE, rounds)


def length(name: str, counts: BlockCounts, *, leak: float | None = None, epsilon: float = 1e-10) -> SecretLength:
    """The length by the bound ``name``; leakage 1.1 n h(Q) where none is given."""
    leak = planned_leak_bits(counts, 1.1) if leak is None else leak
    return bound(name).secret_length(counts, leak, epsilon_secret=epsilon, epsilon_correct=1e-15)


def scaled(counts: BlockCounts, factor: float) -> BlockCounts:
    """All counts times ``factor``."""
    assert counts.key_errors is not None
    key, test, wrong, key_wrong = (
        tuple(factor * v for v in values) for values in (counts.key, counts.test, counts.test_errors, counts.key_errors)
    )
    return BlockCounts(counts.intensities, counts.probabilities, key, test, wrong, key_wrong, factor * counts.rounds)


@dataclass(frozen=True, slots=True)
class Truth:
    """A sampled block and what its single photons really did."""

    counts: BlockCounts
    single_key: int
    single_test: int
    single_test_errors: int
    vacuum_key: int
    phase_errors: int


def sampled(settings: SourceSettings, rounds: int, yields: NDArray, errors: NDArray, rng: np.random.Generator) -> Truth:
    """A block of pulses with up to len(yields)-1 photons, detected with Y_n and wrong with e_n; vacuum errs with 1/2.

    Detections of n photons are drawn first and then told apart by intensity with Bayes' rule, as in the decoy theorem.
    """
    mu, p = np.array(settings.intensities), np.array(settings.probabilities)
    q = settings.key_basis_probability
    photons = np.arange(len(yields))
    poisson = np.exp(-mu)[:, None] * mu[:, None] ** photons / np.array([math.factorial(n) for n in photons])
    tau = p @ poisson
    of_setting = (p[:, None] * poisson / tau).T
    key, test, wrong, key_wrong = (np.zeros(len(mu), dtype=np.int64) for _ in range(4))
    singles = {}
    for n in photons:
        for basis, share, total, bad in (("key", q * q, key, key_wrong), ("test", (1 - q) ** 2, test, wrong)):
            detected = int(rng.binomial(rounds, share * tau[n] * yields[n]))
            errs = int(rng.binomial(detected, errors[n]))
            for events, target in ((errs, bad), (detected - errs, None)):
                drawn = rng.multinomial(events, of_setting[n])
                total += drawn
                if target is not None:
                    target += drawn
            singles[basis, n] = (detected, errs)
    counts = BlockCounts(
        settings.intensities,
        settings.probabilities,
        tuple(float(v) for v in key),
        tuple(float(v) for v in test),
        tuple(float(v) for v in wrong),
        tuple(float(v) for v in key_wrong),
        float(rounds),
        observed=True,
    )
    key_singles = singles["key", 1][0]
    return Truth(
        counts,
        key_singles,
        *singles["test", 1],
        singles["key", 0][0],
        int(rng.binomial(key_singles, errors[1])),
    )
