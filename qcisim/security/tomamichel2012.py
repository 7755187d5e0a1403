"""Single photons, finite key: Tomamichel, Lim, Gisin, Renner (2012), Theorem 2."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.errors import require
from qcisim.security.bound import require_leak
from qcisim.security.counts import BlockCounts
from qcisim.security.entropy import binary_entropy
from qcisim.security.link_models import planned_leak_bits, single_photon_counts
from qcisim.security.secret_length import Named, SecretLength, secret_length, verification_term
from qcisim.security.self_consistent import self_consistent_length
from qcisim.security.statistics import serfling_deviation


@dataclass(frozen=True, slots=True)
class Tomamichel2012:
    """l = floor( n [q - h(Q_tol + mu)] - leak - 2 log2(1/eps_sec) - log2(2/eps_cor) ), mu of Serfling type, Eq. (2).

    ``preparation_quality`` q is 1 for ideal BB84. The theorem accepts up to an error rate Q_tol fixed before the block:
    `secret_length` takes the test error rate of the counts as Q_tol, so that a length rule planned on expected counts
    fixes it. Source: Tomamichel et al., Nat. Commun. 3, 634 (2012), Theorem 2 and Eq. (2).
    """

    preparation_quality: float = 1.0

    def __post_init__(self) -> None:
        q = self.preparation_quality
        require(0.0 <= q <= 1.0, f"preparation_quality {q}: wanted [0, 1]")

    @property
    def name(self) -> str:
        return "tomamichel2012"

    @property
    def theorem(self) -> str:
        return "Tomamichel, Lim, Gisin, Renner, Nat. Commun. 3, 634 (2012), Theorem 2 and Eq. (2); single photons"

    @property
    def fixed_length_only(self) -> bool:
        return True

    def epsilon_shares(self, epsilon_secret: float) -> Named:
        """Half for smoothing (2 eps, eps = eps_sec/4 in the logarithm of Eq. (2)), half for privacy amplification."""
        return ("smoothing, test sample", epsilon_secret / 2.0), ("privacy amplification", epsilon_secret / 2.0)

    def secret_length(
        self,
        counts: BlockCounts,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength:
        """The secret length at Q_tol = test error rate of ``counts``; leak without the verification tag."""
        require(len(counts.intensities) == 1, f"{self.name}: wanted one setting, got {len(counts.intensities)}")
        require_leak(leak_bits)
        n, k = counts.key_total, counts.test_total
        phi = 0.5
        if n > 0.0 and k > 0.0:
            deviation = serfling_deviation(n, k, epsilon_secret / 4.0)  # Eq. (2)
            phi = min(0.5, counts.test_error_total / k + deviation)
        terms = (
            ("single_photon", n * self.preparation_quality),
            ("phase_error", -n * binary_entropy(phi)),
            ("leakage", -leak_bits),
            ("secrecy", -2.0 * math.log2(1.0 / epsilon_secret)),
            ("verification", verification_term(epsilon_correct, verification_bits)),
        )
        return secret_length(
            terms,
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            theorem=self.theorem,
            bounds=(("single_photon_key", n), ("phase_error_rate", phi)),
            reason="" if phi < 0.5 else "the test sample allows a phase-error rate of 1/2",
        )


def rejection_probability(test_rounds: float, qber: float, tolerated_qber: float) -> float:
    """eps_rob = exp(-k (Q_tol-Q)^2 ln((1-Q)/Q)/(1-2Q)): an honest block of error rate Q fails the test.

    Source: Tomamichel et al. 2012, robustness in the discussion of Table II.
    """
    require(0.0 < qber < 0.5, f"qber {qber}: wanted in (0, 1/2)")
    require(tolerated_qber >= qber, f"tolerated_qber {tolerated_qber}: below the true error rate {qber}")
    exponent = test_rounds * (tolerated_qber - qber) ** 2 * math.log((1.0 - qber) / qber) / (1.0 - 2.0 * qber)
    return math.exp(-exponent)


def expected_rate(
    key_rounds: float,
    qber: float,
    tolerated_qber: float,
    *,
    test_basis_probability: float,
    epsilon_per_bit: float,
    efficiency: float = 1.1,
) -> float:
    """(1 - eps_rob) l / (sqrt n + sqrt k)^2, k = n (p/(1-p))^2, eps_sec = eps_cor = l epsilon_per_bit/2; bit/signal.

    Leakage f n h(Q_tol). Source: Tomamichel et al. 2012, Table II, which prints 8 to 15 % more than its own formula
    gives.
    """
    p = test_basis_probability
    require(0.0 < p < 1.0, f"test_basis_probability {p}: wanted in (0, 1)")
    test_rounds = key_rounds * (p / (1.0 - p)) ** 2
    counts = single_photon_counts(key_rounds, test_rounds, tolerated_qber)
    length = self_consistent_length(
        Tomamichel2012(),
        counts,
        planned_leak_bits(counts, efficiency),
        epsilon_secret_per_bit=epsilon_per_bit / 2.0,
        epsilon_correct_per_bit=epsilon_per_bit / 2.0,
    )
    accepted = 1.0 - rejection_probability(test_rounds, qber, tolerated_qber)
    return accepted * max(0.0, length.total) / (math.sqrt(key_rounds) + math.sqrt(test_rounds)) ** 2
