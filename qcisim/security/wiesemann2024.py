"""One decoy, finite key, consolidated: Wiesemann, Krause, Tupkary, Lütkenhaus, Rusca, Walenta (2024)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.security import decoy
from qcisim.security.bound import require_decoys, require_key_errors, require_leak
from qcisim.security.counts import BlockCounts
from qcisim.security.decoy_length import SinglePhotons, decoy_length
from qcisim.security.phase_error import phase_error_by_serfling
from qcisim.security.rusca2018 import vacuum_upper
from qcisim.security.secret_length import Named, SecretLength
from qcisim.security.statistics import hoeffding_interval

USES = 15


def clipped_hoeffding(count: float, total: float, epsilon: float) -> tuple[float, float]:
    """The Hoeffding interval of a count out of ``total``, clipped to [0, total]."""
    low, high = hoeffding_interval(count, total, epsilon)
    return max(0.0, low), min(high, total)


@dataclass(frozen=True, slots=True)
class Wiesemann2024:
    """l = floor( s1 [1 - h(phi)] - leak - 4 log2(15/(2^(1/4) eps_sec)) - log2(2/eps_cor) ), two intensities.

    The vacuum contribution is dropped, the sampling term is of Serfling type, and every intermediate count is clipped
    to what was observed. Source: Wiesemann et al., arXiv:2405.16578 (2024).
    """

    @property
    def name(self) -> str:
        return "wiesemann2024"

    @property
    def theorem(self) -> str:
        return "Wiesemann, Krause, Tupkary, Lütkenhaus, Rusca, Walenta, arXiv:2405.16578 (2024), 1-decoy protocol"

    @property
    def fixed_length_only(self) -> bool:
        return False

    def epsilon_shares(self, epsilon_secret: float) -> Named:
        """The 15 uses of epsilon: 10 intervals, 4 of smoothing and sampling, 1 of hashing."""
        one = epsilon_secret / USES
        sides = [f"{what},{basis}" for basis in ("key", "test") for what in ("n_mu1+", "n_mu2-", "m+", "vacuum errors")]
        sides += ["m_test,mu1+", "m_test,mu2-"]
        return (*((side, one) for side in sides), ("smoothing, phase error", 4 * one), ("privacy amplification", one))

    def single(
        self, counts: BlockCounts, values: tuple[float, ...], errors: tuple[float, ...], epsilon: float
    ) -> float:
        """s1 of one basis as in Rusca 2018, the vacuum detections clipped to [0, observed]."""
        total = math.fsum(values)
        n = decoy.scaled(counts, values, epsilon, clipped_hoeffding)
        vacuum = vacuum_upper(counts, values, errors, epsilon, clipped_hoeffding)
        vacuum = min(max(0.0, vacuum), total)
        s1 = counts.tau(1) * decoy.one_decoy_single(counts.intensities, n, vacuum / counts.tau(0))
        return min(max(0.0, s1), total)

    def secret_length(
        self,
        counts: BlockCounts,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength:
        """The secret length; ``leak_bits`` as counted from the transcript, without the verification tag."""
        require_decoys(counts, 2, self.name)
        require_leak(leak_bits)
        share = epsilon_secret / USES
        s1 = self.single(counts, counts.key, require_key_errors(counts, self.name), share)
        test1 = self.single(counts, counts.test, counts.test_errors, share)
        m = decoy.scaled(counts, counts.test_errors, share, clipped_hoeffding)
        v = counts.tau(1) * decoy.one_decoy_errors(counts.intensities, m)
        v = min(max(0.0, v), counts.test_total)
        phi = phase_error_by_serfling(v, test1, s1, share)
        return decoy_length(
            SinglePhotons(s1, test1, v, phi),
            leak_bits,
            (("secrecy", -4.0 * math.log2(USES / (2.0**0.25 * epsilon_secret))),),
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            verification_bits=verification_bits,
            theorem=self.theorem,
        )
