"""Bob's station: active basis choice, two detectors alike."""

from __future__ import annotations

from dataclasses import dataclass

from qcisim.errors import require
from qcisim.optics.detector import Detector


@dataclass(frozen=True, slots=True)
class Receiver:
    """A BB84 receiver with active basis choice and one detector per bit value.

    Args:
        detector: both detectors.
        key_basis_probability: how often Bob measures in basis 0 (Z).
        insertion_loss_db: optics between the fibre and the detectors.
        misalignment_error: error probability of a perfect photon, sin^2(theta/2) for the Stokes angle theta between the
            axes of Alice and Bob; the same in both bases.
        filter_nm: optical bandwidth that lets Raman light pass.
    """

    detector: Detector
    key_basis_probability: float = 0.5
    insertion_loss_db: float = 3.0
    misalignment_error: float = 0.01
    filter_nm: float = 0.6

    def __post_init__(self) -> None:
        p = self.key_basis_probability
        require(0.0 < p < 1.0, f"key_basis_probability {p:g}: both bases must be used, wanted a value between 0 and 1")
        require(
            self.insertion_loss_db >= 0.0,
            f"insertion_loss_db {self.insertion_loss_db:g}: passive optics cannot amplify",
        )
        require(
            0.0 <= self.misalignment_error <= 0.5, f"misalignment_error {self.misalignment_error:g}: lies in [0, 0.5]"
        )
        require(self.filter_nm > 0.0, f"filter_nm {self.filter_nm:g}: wanted above 0")
