"""Two decoys, finite key: Lim, Curty, Walenta, Xu, Zbinden (2014), with Hoeffding or Chernoff intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.security import decoy
from qcisim.security.bound import require_decoys, require_leak
from qcisim.security.counts import BlockCounts
from qcisim.security.decoy_length import SinglePhotons, decoy_length
from qcisim.security.phase_error import phase_error_by_sampling
from qcisim.security.secret_length import Named, SecretLength
from qcisim.security.statistics import chernoff_interval, hoeffding_interval

USES = 21
SOURCE = "Lim, Curty, Walenta, Xu, Zbinden, Phys. Rev. A 89, 022307 (2014), Eqs. (1)-(5)"


@dataclass(frozen=True, slots=True)
class Lim2014:
    """l = floor( s0 + s1 [1 - h(phi)] - leak - 6 log2(21/eps_sec) - log2(2/eps_cor) ), Eq. (1).

    ``chernoff`` takes the intervals of Yin et al. (2020) instead of Hoeffding's; ``capped`` bounds the single-photon
    errors of the test basis by the errors observed there. Source: Lim et al., PRA 89, 022307 (2014).
    """

    chernoff: bool = False
    capped: bool = False

    @property
    def name(self) -> str:
        return "lim2014" + ("_chernoff" if self.chernoff else "") + ("_capped" if self.capped else "")

    @property
    def theorem(self) -> str:
        intervals = "Hoeffding intervals"
        if self.chernoff:
            intervals = "Chernoff intervals of Yin et al., Sci. Rep. 10, 14312 (2020)"
        return f"{SOURCE}; {intervals}" + ("; single-photon test errors capped at the observed" if self.capped else "")

    @property
    def fixed_length_only(self) -> bool:
        return False

    def epsilon_shares(self, epsilon_secret: float) -> Named:
        """The 21 uses of epsilon: 12 one-sided intervals, 2 a1 + 4 a2 + 2 a3 of smoothing, 1 of hashing."""
        one = epsilon_secret / USES
        sides = [f"n_{basis},{k}" for basis in ("key", "test") for k in ("mu1+", "mu2-", "mu2+", "mu3-", "mu3+")]
        sides += ["m_test,mu2+", "m_test,mu3-"]
        smoothing = (("smoothing a1", 2 * one), ("smoothing a2, phase error", 4 * one), ("smoothing a3", 2 * one))
        return (*((side, one) for side in sides), *smoothing, ("privacy amplification", one))

    def vacuum_and_single(self, counts: BlockCounts, values: tuple[float, ...], epsilon: float) -> tuple[float, float]:
        """(s0, s1) of the detections ``values`` of one basis, Eqs. (2) and (3), clipped to what was detected."""
        total = math.fsum(values)
        n = decoy.scaled(counts, values, epsilon, chernoff_interval if self.chernoff else hoeffding_interval)
        vacuum = max(0.0, decoy.two_decoy_vacuum(counts.intensities, n))  # Eq. (2)
        single = counts.tau(1) * decoy.two_decoy_single(counts.intensities, n, vacuum)  # Eq. (3)
        s0 = min(counts.tau(0) * vacuum, total)
        return s0, min(max(0.0, single), total - s0)

    def single_photon_errors(self, counts: BlockCounts, epsilon: float) -> float:
        """v, Eq. (4), from the errors of the test basis."""
        interval = chernoff_interval if self.chernoff else hoeffding_interval
        m = decoy.scaled(counts, counts.test_errors, epsilon, interval)
        v = max(0.0, counts.tau(1) * decoy.two_decoy_errors(counts.intensities, m))  # Eq. (4)
        return min(v, counts.test_error_total) if self.capped else v

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
        require_decoys(counts, 3, self.name)
        require_leak(leak_bits)
        share = epsilon_secret / USES
        s0, s1 = self.vacuum_and_single(counts, counts.key, share)
        _, test1 = self.vacuum_and_single(counts, counts.test, share)
        v = self.single_photon_errors(counts, share)
        phi = phase_error_by_sampling(v, test1, s1, epsilon_secret, USES)  # Eq. (5)
        return decoy_length(
            SinglePhotons(s1, test1, v, phi, s0),
            leak_bits,
            (("secrecy", -6.0 * math.log2(USES / epsilon_secret)),),
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            verification_bits=verification_bits,
            theorem=self.theorem,
        )
