"""What a sender of MDI-QKD holds of the rounds that the hub announced: public outcomes, its own settings and bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require

PSI_PLUS, PSI_MINUS = 0, 1
KEY_SETTING = 0
"""The signal, sent in the key basis; all other settings are decoys, sent in the test basis."""


@dataclass(frozen=True, slots=True, eq=False)
class HubRecord:
    """One sender's view, arrays (n,) in the order of the rounds.

    ``round`` and ``outcome`` are the hub's announcement: public, and not to be trusted. ``setting`` and ``bit`` are the
    sender's own; it chose them for every round, the record holds those that can still matter.
    """

    round: NDArray[np.int64]
    outcome: NDArray[np.uint8]
    setting: NDArray[np.uint8]
    bit: NDArray[np.uint8]

    def __post_init__(self) -> None:
        sizes = {len(column) for column in (self.round, self.outcome, self.setting, self.bit)}
        require(len(sizes) == 1, "a record of announced rounds: columns of different length")

    def __len__(self) -> int:
        return len(self.round)

    @property
    def key_basis(self) -> NDArray[np.bool_]:
        """Whether the sender sent in the key basis."""
        chosen: NDArray[np.bool_] = self.setting == KEY_SETTING
        return chosen


def flipped(bit: NDArray[np.uint8], key_basis: NDArray[np.bool_], outcome: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One sender's bits turned to fit the other's: in Z always, in X for psi- only."""
    turned: NDArray[np.uint8] = bit ^ (key_basis | (outcome == PSI_MINUS)).astype(np.uint8)
    return turned
