"""MDI-QKD with three decoys per sender and no statistical deviation: the limit of the finite bound."""

from __future__ import annotations

from dataclasses import dataclass

from qcisim.errors import require
from qcisim.security import mdi_decoy, mdi_finite
from qcisim.security.bound import require_leak
from qcisim.security.decoy_length import SinglePhotons, decoy_length
from qcisim.security.mdi_counts import MdiCounts
from qcisim.security.mdi_decoy import Intensities
from qcisim.security.mdi_hub import Hub
from qcisim.security.mdi_rate import key_rate
from qcisim.security.secret_length import Named, SecretLength

THEOREM = (
    "asymptotic limit, no claim about a finite block: Lo, Curty, Qi, Phys. Rev. Lett. 108, 130503 (2012); "
    "decoys as in Xu, Curty, Qi, Lo, New J. Phys. 15, 113007 (2013)"
)
CERTAIN = 1.0
"""The failure probability at which every interval of `mdi_finite` has no width."""


def finite_decoys(
    hub: Hub, signal_a: float, signal_b: float, decoys_a: Intensities, decoys_b: Intensities, efficiency: float = 1.16
) -> float:
    """R with Y11 and e11 bounded by three decoys of each sender, bit/pulse pair of key rounds, not clamped.

    s_a s_b e^(-s_a-s_b) Y11 [1 - h(e11)] - Q_Z f h(E_Z): signals and decoys of each arm are free.
    Source: Xu, Curty, Qi, Lo, New J. Phys. 15, 113007 (2013); Wang, Xu, Lo, Phys. Rev. X 9, 041012 (2019).
    """
    single = mdi_decoy.from_hub(hub, decoys_a, decoys_b)
    pairs = mdi_decoy.single_photon_share(signal_a, signal_b) * single.gain
    return key_rate(pairs, single, hub.key_basis(signal_a, signal_b), efficiency)


@dataclass(frozen=True, slots=True)
class MdiAsymptotic:
    """l = s11 [1 - h(e11)] - leak - log2(2/eps_cor) with the counts taken as exact: a planning value."""

    @property
    def name(self) -> str:
        return "mdi_asymptotic"

    @property
    def theorem(self) -> str:
        return THEOREM

    @property
    def fixed_length_only(self) -> bool:
        return False

    def epsilon_shares(self, epsilon_secret: float) -> Named:
        """Nothing is spent: the limit has no statistical failure."""
        return (("not used in the limit", epsilon_secret),)

    def secret_length(
        self,
        counts: MdiCounts,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength:
        """The limit at these counts; leak without the verification tag."""
        require(isinstance(counts, MdiCounts), f"{self.name}: wanted the counts of a hub with two senders (MdiCounts)")
        require_leak(leak_bits)
        tests, errors = mdi_finite.single_pairs(counts, CERTAIN)
        keys = mdi_finite.single_pairs_of_key(counts, tests, CERTAIN)
        phi = min(0.5, errors / tests) if tests > 0.0 else 0.5
        return decoy_length(
            SinglePhotons(keys, tests, errors, phi),
            leak_bits,
            (),
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            verification_bits=verification_bits,
            theorem=self.theorem,
        )
