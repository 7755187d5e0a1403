"""MDI-QKD, finite key. Experimental: no reference case exists, and the printed theorem is not used as it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

from qcisim.errors import require
from qcisim.security import mdi_decoy
from qcisim.security.bound import require_leak
from qcisim.security.decoy import Span
from qcisim.security.decoy_length import SinglePhotons, decoy_length
from qcisim.security.mdi_counts import MdiCounts
from qcisim.security.sampling import error_rate_of_rest
from qcisim.security.secret_length import Named, SecretLength
from qcisim.security.statistics import chernoff_interval

USES = mdi_decoy.YIELD_USES + mdi_decoy.ERROR_USES + 1 + 4 + 2 + 1
THEOREM = (
    "experimental, no reference case: MDI-QKD with four intensities per sender (Zhou, Yu, Wang, Phys. Rev. A 93, "
    "042324 (2016)) in the proof of Curty, Xu, Cui, Lim, Tamaki, Lo, Nat. Commun. 5, 3732 (2014), its statistics "
    "derived afresh: Chernoff intervals of Yin et al., Sci. Rep. 10, 14312 (2020), sampling by Hoeffding (1963), "
    "chain rule of Vitanov, Dupuis, Tomamichel, Renner, IEEE Trans. Inf. Theory 59, 2603 (2013)"
)


@dataclass(frozen=True, slots=True)
class MdiFinite:
    """l = floor( s11 [1 - h(phi)] - leak - [4 log2(1/eps0) - 1] - log2(2/eps_cor) ), eps0 = eps_sec/19.

    s11 counts key rounds in which both senders emitted one photon, phi is their phase-error rate. All Bell results go
    into one block. Steps, each with its share eps0 of the epsilon:

    1. Intervals of the nine test counts give the single-photon pairs z of the test rounds from below (7 uses) and their
       errors v from above (4 uses), `mdi_decoy`.
    2. A pair of single photons looks alike in both bases, so each of them fell into the key or the test rounds by
       chance, with known odds: s11 >= z_expected (key odds/test odds) from a Chernoff bound (1 use).
    3. phi from v errors in a random sample of z, without replacement, tail eps0^2 (smoothing eps0), `sampling`.
    4. Uncertainty relation and chain rule: H_min of the block at 2 alpha_1 + alpha_2 of smoothing is at least
       s11 [1 - h(phi)] - log2(2/alpha_1^2) (twice in the trace distance: 4 and 2 uses), hashing costs
       2 log2(1/(2 eps0)) (1 use).

    The vacuum of Alice's pulses is not counted as key. Source: see ``theorem``.
    """

    @property
    def name(self) -> str:
        return "mdi_finite"

    @property
    def theorem(self) -> str:
        return THEOREM

    @property
    def fixed_length_only(self) -> bool:
        return False

    def epsilon_shares(self, epsilon_secret: float) -> Named:
        """The 19 uses of epsilon."""
        one = epsilon_secret / USES
        return (
            ("single-photon pairs of the test rounds", mdi_decoy.YIELD_USES * one),
            ("errors of the test rounds", mdi_decoy.ERROR_USES * one),
            ("single-photon pairs of the key rounds", one),
            ("smoothing of the chain rule", 4.0 * one),
            ("smoothing, phase error", 2.0 * one),
            ("privacy amplification", one),
        )

    def secret_length(
        self,
        counts: MdiCounts,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength:
        """The secret length; ``leak_bits`` as counted from the transcript, without the verification tag."""
        require(isinstance(counts, MdiCounts), f"{self.name}: wanted the counts of a hub with two senders (MdiCounts)")
        require_leak(leak_bits)
        share = epsilon_secret / USES
        tests, errors = single_pairs(counts, share)
        keys = single_pairs_of_key(counts, tests, share)
        phi = error_rate_of_rest(errors, tests, keys, share * share)
        return decoy_length(
            SinglePhotons(keys, tests, errors, phi),
            leak_bits,
            (("secrecy", 1.0 - 4.0 * math.log2(1.0 / share)),),
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            verification_bits=verification_bits,
            theorem=self.theorem,
        )


def single_pairs(counts: MdiCounts, epsilon: float) -> tuple[float, float]:
    """(z, v): pairs of single photons among the test successes from below, errors among them from above."""
    a, b = counts.alice.decoys, counts.bob.decoys
    both = counts.alice.single_photon_tests * counts.bob.single_photon_tests
    z = both * mdi_decoy.single_pair_yield(a, b, scaled(counts, counts.test, epsilon))
    v = both * mdi_decoy.single_pair_errors(a, b, scaled(counts, counts.test_errors, epsilon))
    return min(max(0.0, z), counts.test_total), min(max(0.0, v), math.fsum(counts.test_errors))


def single_pairs_of_key(counts: MdiCounts, tests: float, epsilon: float) -> float:
    """s11 >= (z - L/2 - sqrt(2 z L + L^2/4)) (1 + o) - z, o the odds of key against test rounds, L = ln(1/eps).

    z of N pairs fell into test rounds, each with probability f = 1/(1 + o), so f N >= the lower Chernoff end, and
    N - z are left for the key. Zero where the bound would fall with z.
    """
    alice, bob = counts.alice, counts.bob
    odds = alice.single_photon_signals * bob.single_photon_signals
    odds /= alice.single_photon_tests * bob.single_photon_tests
    log_term = math.log(1.0 / epsilon)
    if log_term > 0.0:
        slope = 1.0 - log_term / math.sqrt(2.0 * tests * log_term + log_term * log_term / 4.0)
        if slope * (1.0 + odds) <= 1.0:
            return 0.0
    low, _ = chernoff_interval(tests, tests, epsilon)
    return min(max(0.0, low * (1.0 + odds) - tests), counts.key_total)


def scaled(counts: MdiCounts, values: tuple[float, ...], epsilon: float) -> mdi_decoy.Table:
    """e^(a+b)/p_ab (n_ab -+ deviation) per pair of decoys; ``epsilon`` is spent on each end that a bound uses."""
    spans: list[Span] = []
    alice = zip(counts.alice.decoys, counts.alice.test_probabilities, strict=True)
    bob = tuple(zip(counts.bob.decoys, counts.bob.test_probabilities, strict=True))
    for value, ((a, p_a), (b, p_b)) in zip(values, product(alice, bob), strict=True):
        low, high = chernoff_interval(value, value, epsilon)
        scale = math.exp(a + b) / (p_a * p_b)
        spans.append((scale * max(0.0, low), scale * high))
    return mdi_decoy.as_table(spans)
