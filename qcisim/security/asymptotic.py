"""Limits for infinitely long blocks: secret fractions of single photons, thresholds, and the decoy limit as a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy import optimize

from qcisim.errors import require
from qcisim.security import decoy
from qcisim.security.bound import require_decoys, require_key_errors, require_leak
from qcisim.security.counts import BlockCounts
from qcisim.security.decoy_length import SinglePhotons, decoy_length
from qcisim.security.entropy import binary_entropy, shannon_entropy
from qcisim.security.secret_length import Named, SecretLength


def bb84_fraction(qber_key: float, qber_test: float, efficiency: float = 1.0) -> float:
    """r = 1 - f h(Q_z) - h(Q_x), key in Z: leakage from the key basis, phase error from the other; bit/sifted bit.

    Source: Shor, Preskill, Phys. Rev. Lett. 85, 441 (2000), rate formula; not clamped.
    """
    _require_efficiency(efficiency)
    return 1.0 - efficiency * binary_entropy(qber_key) - binary_entropy(qber_test)


def six_state_fraction(qber: float, efficiency: float = 1.0) -> float:
    """r = 1 - H(1-3Q/2, Q/2, Q/2, Q/2) - (f-1) h(Q), bit/sifted bit.

    Source: Scarani et al., Rev. Mod. Phys. 81, 1301 (2009), Eq. (A6); not clamped.
    """
    _require_efficiency(efficiency)
    require(0.0 <= qber <= 2.0 / 3.0, f"qber {qber}: isotropic noise gives at most 2/3")
    weights = (1.0 - 1.5 * qber, qber / 2.0, qber / 2.0, qber / 2.0)
    return bell_diagonal_fraction(weights) - (efficiency - 1.0) * binary_entropy(qber)


def bell_diagonal_fraction(weights: Sequence[float]) -> float:
    """r = 1 - H(lambda_1..4) from the weights of a Bell-diagonal state, six-state statistics; bit/pair.

    Source: Scarani et al., Rev. Mod. Phys. 81, 1301 (2009), App. A.
    """
    require(len(weights) == 4, f"{len(weights)} weights: a Bell-diagonal state has four")
    return 1.0 - shannon_entropy(tuple(weights))


def threshold(fraction: Callable[[float], float], upper: float = 0.5) -> float:
    """The error rate at which a falling secret fraction of the error rate crosses zero."""
    return float(optimize.brentq(fraction, 1e-9, upper, xtol=1e-15))


def bb84_threshold(efficiency: float = 1.0) -> float:
    """Error rate, alike in both bases, above which BB84 with one-way post-processing has no key; 11.0028 % at f = 1."""
    return threshold(lambda q: bb84_fraction(q, q, efficiency))


def six_state_threshold(efficiency: float = 1.0) -> float:
    """Error rate above which the six-state protocol with one-way post-processing has no key; 12.6193 % at f = 1."""
    return threshold(lambda q: six_state_fraction(q, efficiency))


def _require_efficiency(efficiency: float) -> None:
    require(efficiency >= 1.0, f"reconciliation efficiency {efficiency}: leakage below the Shannon limit, wanted >= 1")


@dataclass(frozen=True, slots=True)
class Asymptotic:
    """s0 + s1 [1 - h(e1)] - leak - log2(2/eps_cor), statistical deviations zero: the limit of the finite bounds.

    One setting: single photons, e1 the test error rate. Two: Rusca et al. 2018, three: Lim et al. 2014, both without
    deviations, which is vacuum + weak of Ma et al. 2005 at mu3 = 0. A planning value, not a claim about a finite block.
    """

    @property
    def name(self) -> str:
        return "asymptotic"

    @property
    def theorem(self) -> str:
        return (
            "asymptotic limit, no claim about a finite block: Ma, Qi, Zhao, Lo, Phys. Rev. A 72, 012326 (2005); "
            "Shor, Preskill, Phys. Rev. Lett. 85, 441 (2000)"
        )

    @property
    def fixed_length_only(self) -> bool:
        return False

    def epsilon_shares(self, epsilon_secret: float) -> Named:
        """Nothing is spent: the limit has no statistical failure."""
        return (("not used in the limit", epsilon_secret),)

    def secret_length(
        self,
        counts: BlockCounts,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength:
        """The limit at these counts, taken as exact; leak without the verification tag."""
        require_leak(leak_bits)
        s0, s1, test1, v = self._contributions(counts)
        phi = min(0.5, v / test1) if test1 > 0.0 else 0.5
        return decoy_length(
            SinglePhotons(s1, test1, v, phi, s0),
            leak_bits,
            (),
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            verification_bits=verification_bits,
            theorem=self.theorem,
        )

    def _contributions(self, counts: BlockCounts) -> tuple[float, float, float, float]:
        """(s0, s1) of the key basis, (s1, v) of the test basis."""
        if len(counts.intensities) == 1:
            return 0.0, counts.key_total, counts.test_total, counts.test_error_total
        tau0, tau1, mu = counts.tau(0), counts.tau(1), counts.intensities
        key, test, wrong = (
            decoy.scaled(counts, values, 1.0, decoy.exact) for values in (counts.key, counts.test, counts.test_errors)
        )
        if len(mu) == 2:
            require_decoys(counts, 2, self.name)
            key_wrong = decoy.scaled(counts, require_key_errors(counts, self.name), 1.0, decoy.exact)
            s0 = max(0.0, decoy.one_decoy_vacuum(mu, key))
            s1 = decoy.one_decoy_single(mu, key, decoy.one_decoy_vacuum_upper(key_wrong))
            test1 = decoy.one_decoy_single(mu, test, decoy.one_decoy_vacuum_upper(wrong))
            v = decoy.one_decoy_errors(mu, wrong)
        else:
            require_decoys(counts, 3, self.name)
            s0 = max(0.0, decoy.two_decoy_vacuum(mu, key))
            s1 = decoy.two_decoy_single(mu, key, s0)
            test1 = decoy.two_decoy_single(mu, test, max(0.0, decoy.two_decoy_vacuum(mu, test)))
            v = decoy.two_decoy_errors(mu, wrong)
        s0 = min(tau0 * s0, counts.key_total)
        s1 = min(max(0.0, tau1 * s1), counts.key_total - s0)
        return s0, s1, max(0.0, tau1 * test1), max(0.0, tau1 * v)
