"""One decoy, finite key: Rusca, Boaron, Grünenfelder, Martin, Zbinden (2018)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.security import decoy
from qcisim.security.bound import require_decoys, require_key_errors, require_leak
from qcisim.security.counts import BlockCounts
from qcisim.security.decoy_length import SinglePhotons, decoy_length
from qcisim.security.phase_error import phase_error_by_sampling
from qcisim.security.secret_length import Named, SecretLength
from qcisim.security.statistics import hoeffding_deviation, hoeffding_interval

USES = 19


def vacuum_upper(
    counts: BlockCounts,
    values: tuple[float, ...],
    errors: tuple[float, ...],
    epsilon: float,
    interval: decoy.Interval = hoeffding_interval,
) -> float:
    """s0u = min_k 2 [ tau_0 e^k/p_k (m_k + delta(m)) + delta(n) ]: half of all vacuum detections are errors.

    Source: Rusca et al. 2018, Eq. (A18), with the factor e^k/p_k restored.
    """
    spread = hoeffding_deviation(math.fsum(values), epsilon)
    m = decoy.scaled(counts, errors, epsilon, interval)
    return min(2.0 * (counts.tau(0) * high + spread) for _, high in m)


@dataclass(frozen=True, slots=True)
class Rusca2018:
    """l = floor( s0l + s1 [1 - h(phi)] - leak - 6 log2(19/eps_sec) - log2(2/eps_cor) ), two intensities.

    Needs the errors of the key basis, per setting, which are known after verification; they enter the vacuum bound
    alone. Source: Rusca et al., Appl. Phys. Lett. 112, 171104 (2018), Eqs. (A10)-(A25) and App. B.
    """

    @property
    def name(self) -> str:
        return "rusca2018"

    @property
    def theorem(self) -> str:
        return (
            "Rusca, Boaron, Grünenfelder, Martin, Zbinden, Appl. Phys. Lett. 112, 171104 (2018), Eqs. (A10)-(A25), "
            "with e^k/p_k restored in (A18)"
        )

    @property
    def fixed_length_only(self) -> bool:
        return False

    def epsilon_shares(self, epsilon_secret: float) -> Named:
        """The 19 uses of epsilon: 10 intervals, 8 of smoothing as in Lim 2014, 1 of hashing."""
        one = epsilon_secret / USES
        sides = [f"{what},{basis}" for basis in ("key", "test") for what in ("n_mu1+", "n_mu2-", "m+", "vacuum errors")]
        sides += ["m_test,mu1+", "m_test,mu2-"]
        smoothing = (("smoothing a1", 2 * one), ("smoothing a2, phase error", 4 * one), ("smoothing a3", 2 * one))
        return (*((side, one) for side in sides), *smoothing, ("privacy amplification", one))

    def single(
        self, counts: BlockCounts, values: tuple[float, ...], errors: tuple[float, ...], epsilon: float
    ) -> float:
        """s1 of the detections ``values`` with ``errors`` of one basis, clipped to what was detected."""
        n = decoy.scaled(counts, values, epsilon, hoeffding_interval)
        vacuum = vacuum_upper(counts, values, errors, epsilon) / counts.tau(0)
        s1 = counts.tau(1) * decoy.one_decoy_single(counts.intensities, n, vacuum)
        return min(max(0.0, s1), math.fsum(values))

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
        share, mu = epsilon_secret / USES, counts.intensities
        n = decoy.scaled(counts, counts.key, share, hoeffding_interval)
        m = decoy.scaled(counts, counts.test_errors, share, hoeffding_interval)
        s1 = self.single(counts, counts.key, require_key_errors(counts, self.name), share)
        s0 = min(max(0.0, counts.tau(0) * decoy.one_decoy_vacuum(mu, n)), counts.key_total - s1)
        test1 = self.single(counts, counts.test, counts.test_errors, share)
        v = max(0.0, counts.tau(1) * decoy.one_decoy_errors(mu, m))
        phi = phase_error_by_sampling(v, test1, s1, epsilon_secret, USES)
        return decoy_length(
            SinglePhotons(s1, test1, v, phi, s0),
            leak_bits,
            (("secrecy", -6.0 * math.log2(USES / epsilon_secret)),),
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            verification_bits=verification_bits,
            theorem=self.theorem,
        )
