"""SatQuMA: the detection model and the leakage conventions of its finite keys, for comparison with what it publishes.

A simulated link uses `PassModel` and its own leakage; these are the assumptions under which published numbers hold.
Source: Sidhu, Brougham, McArthur, Pousa, Oi, npj Quantum Inf. 8, 18 (2022), and the documentation of the code,
arXiv:2109.01686, SatQuMA 1.0 to 2.0 (MIT licence).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy import special

from qcisim.errors import require
from qcisim.security.counts import BlockCounts
from qcisim.security.entropy import binary_entropy
from qcisim.security.link_models import planned_leak_bits
from qcisim.security.pass_cells import Floats
from qcisim.security.settings import SourceSettings


@dataclass(frozen=True, slots=True, eq=False)
class SatqumaModel:
    """Counts of a pass after SatQuMA: sums over time slots of

        D_k = (1+p_ap) (1 - (1-2 p_ec) e^(-k eta)),  e_k = p_ec + p_ap D_k/2 + Q_I (1 - e^(-k eta)).

    No dead time, no double clicks; the extraneous counts p_ec are per detector. SatQuMA knows the errors of a slot for
    all intensities together and gives each its share of the *detections* (``errors_by_detections``), so that vacuum
    pulses err as rarely as signals; False keeps e_k, of which vacuum pulses err in half.

    Args:
        transmittance: (n,) per slot, detectors included.
        rounds: (n,) or one number: pulses sent in a slot; shares of slots are allowed.
        extraneous_count_probability_per_detector: p_ec, dark and background counts per pulse.
        afterpulse_probability: p_ap.
        intrinsic_qber: Q_I.
        passes: identical passes in one block.
    """

    transmittance: Floats
    rounds: Floats | float
    extraneous_count_probability_per_detector: float
    afterpulse_probability: float
    intrinsic_qber: float
    errors_by_detections: bool = True
    passes: int = 1

    def __post_init__(self) -> None:
        eta = self.transmittance
        require(
            bool(np.all((eta >= 0.0) & (eta <= 1.0))), "transmittance outside [0, 1]: a passive link cannot amplify"
        )
        for name in ("extraneous_count_probability_per_detector", "afterpulse_probability", "intrinsic_qber"):
            value = getattr(self, name)
            require(0.0 <= value <= 0.5, f"{name} {value:g}: lies in [0, 0.5]")
        require(self.passes >= 1, f"passes {self.passes}: wanted at least 1")

    def __call__(self, settings: SourceSettings) -> BlockCounts:
        """The expected counts of the block, both parties with the same basis bias."""
        mu, p = np.asarray(settings.intensities), np.asarray(settings.probabilities)
        extraneous, afterpulses = self.extraneous_count_probability_per_detector, self.afterpulse_probability
        signal = -np.expm1(-np.multiply.outer(mu, self.transmittance))
        detected = (1.0 + afterpulses) * (2.0 * extraneous + (1.0 - 2.0 * extraneous) * signal)
        wrong = extraneous + 0.5 * afterpulses * detected + self.intrinsic_qber * signal
        if self.errors_by_detections:
            wrong = detected * ((p @ wrong) / np.maximum(p @ detected, 1e-300))
        rounds = np.asarray(self.rounds, dtype=np.float64) * self.passes
        if rounds.ndim == 0:
            rounds = np.full(self.transmittance.shape, rounds)
        clicks, errors = p * (detected @ rounds), p * (wrong @ rounds)
        key, test = settings.key_basis_probability**2, (1.0 - settings.key_basis_probability) ** 2
        return BlockCounts(
            settings.intensities,
            settings.probabilities,
            key=tuple((key * clicks).tolist()),
            test=tuple((test * clicks).tolist()),
            test_errors=tuple((test * errors).tolist()),
            key_errors=tuple((key * errors).tolist()),
            rounds=float(rounds.sum()),
        )


class LeakConvention(Enum):
    """What SatQuMA calls lambda_EC. Only the first two are leakages that a code can reach."""

    BLOCK = "block"
    """f n h(Q)."""
    FINITE = "logM"
    """The larger of f n h(Q) and the finite-length estimate `finite_leak_bits`; the default of version 2.0."""
    ERRORS = "mXtot"
    """f m, m the number of errors: far below the Shannon limit n h(Q). The convention of the published figures of
    version 1.0; keys computed with it are too long, so it serves to reproduce those figures and nothing else."""


def satquma_leak_bits(
    counts: BlockCounts, convention: LeakConvention, *, efficiency: float = 1.16, epsilon_correct: float = 1e-15
) -> float:
    """lambda_EC of a block by ``convention``. SatQuMA 2.0 takes natural logarithms in the finite-length estimate; the
    base-2 formula stands here.
    """
    if convention is LeakConvention.ERRORS:
        return efficiency * counts.key_qber * counts.key_total
    block = planned_leak_bits(counts, efficiency)
    if convention is LeakConvention.BLOCK:
        return block
    return max(block, finite_leak_bits(counts.key_total, counts.key_qber, epsilon_correct))


def finite_leak_bits(bits: float, qber: float, epsilon: float) -> float:
    """n h(Q) + (n (1-Q) - F^-1(eps (1 + n^-1/2); n, 1-Q) - 1) log2((1-Q)/Q) - log2(n)/2 - log2(1/eps).

    F^-1 is the quantile of the binomial law. What one-way reconciliation of n bits with failure probability eps must
    disclose at least. Source: Tomamichel, Martinez-Mateo, Pacher, Elkouss, Quantum Inf. Process. 16, 280 (2017),
    Eq. (6), base 2 throughout.
    """
    require(bits >= 1.0 and 0.0 < qber < 0.5, f"{bits:g} bits with error rate {qber:g}: wanted n >= 1, 0 < Q < 1/2")
    n = math.floor(bits)
    quantile = _binomial_quantile(epsilon * (1.0 + 1.0 / math.sqrt(bits)), n, 1.0 - qber)
    log_odds = math.log2((1.0 - qber) / qber)
    spread = (bits * (1.0 - qber) - quantile - 1.0) * log_odds
    return bits * binary_entropy(qber) + spread - 0.5 * math.log2(bits) - math.log2(1.0 / epsilon)  # Eq. (6)


def _binomial_quantile(probability: float, n: int, p: float) -> int:
    """The smallest k with P(Binomial(n, p) <= k) >= probability, by bisection on the regularised beta function."""
    low, high = -1, n  # P(<= low) < probability <= P(<= high)
    while high - low > 1:
        k = (low + high) // 2
        low, high = (low, k) if special.bdtr(k, n, p) >= probability else (k, high)
    return high
