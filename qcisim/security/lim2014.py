"""Two decoys, finite key: Lim, Curty, Walenta, Xu, Zbinden (2014), with Hoeffding or Chernoff intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from qcisim.security.bound import require_decoys, require_leak
from qcisim.security.counts import BlockCounts
from qcisim.security.entropy import binary_entropy
from qcisim.security.secret_length import Named, SecretLength, secret_length, verification_term
from qcisim.security.statistics import chernoff_interval, hoeffding_interval, sampling_gamma

USES = 21
SMALLEST_RATE = 1e-12
Interval = Callable[[float, float, float], tuple[float, float]]
SOURCE = "Lim, Curty, Walenta, Xu, Zbinden, Phys. Rev. A 89, 022307 (2014), Eqs. (1)-(5)"


def phase_error_rate(errors: float, sampled: float, rest: float, epsilon_secret: float, uses: int) -> float:
    """phi <= b + gamma(eps, b, sampled, rest), b = errors/sampled; 1/2 at most, and for an empty sample."""
    if sampled <= 0.0 or rest <= 0.0:
        return 0.5
    rate = max(errors / sampled, SMALLEST_RATE)
    if rate >= 0.5:
        return 0.5
    return min(0.5, rate + sampling_gamma(epsilon_secret, rate, sampled, rest, uses))


@dataclass(frozen=True, slots=True)
class Lim2014:
    """l = floor( s0 + s1 [1 - h(phi)] - leak - 6 log2(21/eps_sec) - log2(2/eps_cor) ), Eq. (1).

    ``chernoff`` takes the intervals of Yin et al. (2020) instead of Hoeffding's; ``capped`` bounds the single-photon
    errors of the test basis by the errors observed there. Source: Lim et al., PRA 89, 022307 (2014).
    """

    chernoff: bool = False
    capped: bool = False
    fixed_length_only: bool = False

    @property
    def name(self) -> str:
        return "lim2014" + ("_chernoff" if self.chernoff else "") + ("_capped" if self.capped else "")

    @property
    def theorem(self) -> str:
        intervals = (
            "Chernoff intervals of Yin et al., Sci. Rep. 10, 14312 (2020)" if self.chernoff else "Hoeffding intervals"
        )
        cap = "; single-photon test errors capped at the observed total" if self.capped else ""
        return f"{SOURCE}; {intervals}{cap}"

    def epsilon_shares(self, epsilon_secret: float) -> Named:
        """The 21 uses of epsilon: 12 one-sided intervals, 2 a1 + 4 a2 + 2 a3 of smoothing, 1 of privacy amplification."""
        one = epsilon_secret / USES
        intervals = (
            *(f"n_{b},{k}" for b in ("key", "test") for k in ("mu1+", "mu2-", "mu2+", "mu3-", "mu3+")),
            "m_test,mu2+",
            "m_test,mu3-",
        )
        smoothing = (("smoothing a1", 2 * one), ("smoothing a2, phase error", 4 * one), ("smoothing a3", 2 * one))
        return (*((name, one) for name in intervals), *smoothing, ("privacy amplification", one))

    def vacuum_and_single(self, counts: BlockCounts, values: tuple[float, ...], epsilon: float) -> tuple[float, float]:
        """(s0, s1) >= Eqs. (2), (3) from the detections ``values`` per setting of one basis, epsilon per interval."""
        mu1, mu2, mu3 = counts.intensities
        total = math.fsum(values)
        (_, plus1), (minus2, plus2), (minus3, plus3) = (
            _scaled(v, total, k, p, epsilon, self._interval)
            for v, k, p in zip(values, counts.intensities, counts.probabilities, strict=True)
        )
        tau0, tau1 = counts.tau(0), counts.tau(1)
        s0 = tau0 * (mu2 * minus3 - mu3 * plus2) / (mu2 - mu3)  # Eq. (2)
        s0 = min(max(0.0, s0), total)
        s1 = tau1 * mu1 * (minus2 - plus3 - (mu2**2 - mu3**2) / mu1**2 * (plus1 - s0 / tau0))
        s1 /= mu1 * (mu2 - mu3) - mu2**2 + mu3**2  # Eq. (3)
        return s0, min(max(0.0, s1), total - s0)

    def single_photon_errors(self, counts: BlockCounts, epsilon: float) -> float:
        """v <= Eq. (4) from the errors of the test basis, at least 0."""
        _, mu2, mu3 = counts.intensities
        total = counts.test_error_total
        _, plus2 = _scaled(counts.test_errors[1], total, mu2, counts.probabilities[1], epsilon, self._interval)
        minus3, _ = _scaled(counts.test_errors[2], total, mu3, counts.probabilities[2], epsilon, self._interval)
        v = max(0.0, counts.tau(1) * (plus2 - minus3) / (mu2 - mu3))  # Eq. (4)
        return min(v, total) if self.capped else v

    def secret_length(
        self,
        counts: BlockCounts,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength:
        """The secret length of a block; ``leak_bits`` as counted from the transcript, without the verification tag."""
        require_decoys(counts, 3, self.name)
        require_leak(leak_bits)
        share = epsilon_secret / USES
        s0, s1 = self.vacuum_and_single(counts, counts.key, share)
        _, test1 = self.vacuum_and_single(counts, counts.test, share)
        v = self.single_photon_errors(counts, share)
        phi = phase_error_rate(v, test1, s1, epsilon_secret, USES)  # Eq. (5)
        terms = (
            ("vacuum", s0),
            ("single_photon", s1),
            ("phase_error", -s1 * binary_entropy(phi)),
            ("leakage", -leak_bits),
            ("secrecy", -6.0 * math.log2(USES / epsilon_secret)),
            ("verification", verification_term(epsilon_correct, verification_bits)),
        )
        estimates = (
            ("vacuum_key", s0),
            ("single_photon_key", s1),
            ("single_photon_test", test1),
            ("single_photon_test_errors", v),
            ("phase_error_rate", phi),
        )
        return secret_length(
            terms,
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            theorem=self.theorem,
            bounds=estimates,
            reason="" if s1 > 0.0 else "the decoy bound proves no single-photon detection in the key basis",
        )

    @property
    def _interval(self) -> Interval:
        return chernoff_interval if self.chernoff else hoeffding_interval


def _scaled(
    count: float, total: float, intensity: float, probability: float, epsilon: float, interval: Interval
) -> tuple[float, float]:
    """n-+ = e^k/p_k (count -+ deviation): what all pulses would have counted, had they all had this setting."""
    low, high = interval(count, total, epsilon)
    scale = math.exp(intensity) / probability
    return scale * low, scale * high
