"""Sifting: which announced rounds are key, which are test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require


@dataclass(frozen=True, slots=True)
class SiftedRounds:
    """Positions, ascending, among the announced rounds; int64, shapes (key rounds,) and (test rounds,)."""

    key: NDArray[np.int64]
    test: NDArray[np.int64]


def sift(alice_basis: NDArray[np.uint8], bob_basis: NDArray[np.uint8]) -> SiftedRounds:
    """Keep rounds with equal bases: both 0 (key basis Z) are key rounds, both 1 (test basis X) are test rounds.

    Args:
        alice_basis, bob_basis: 0/1 of every announced click, shape (n,).

    Source: H.-K. Lo, H. F. Chau, M. Ardehali, J. Cryptology 18, 133 (2005): efficient BB84.
    """
    require(
        alice_basis.shape == bob_basis.shape,
        f"bases of {alice_basis.size} and {bob_basis.size} rounds: wanted as many of Alice's as of Bob's",
    )
    return SiftedRounds(
        np.flatnonzero((alice_basis | bob_basis) == 0),
        np.flatnonzero((alice_basis & bob_basis) == 1),
    )
