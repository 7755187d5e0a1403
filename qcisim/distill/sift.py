"""Sifting: which announced rounds are key, which are test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require

Bits = NDArray[np.uint8]


class Sifted(NamedTuple):
    """One party's share of sifted rounds, in the order of the rounds, uint8: ``key`` (n,) and ``test`` (k,) bits, and
    the settings of the same rounds.
    """

    key: Bits
    key_setting: Bits
    test: Bits
    test_setting: Bits


def sift(alice_basis: Bits, bob_basis: Bits, bit: Bits, setting: Bits) -> Sifted:
    """Keep rounds with equal bases: both 0 (key basis Z) are key rounds, both 1 (test basis X) are test rounds.

    Args:
        alice_basis, bob_basis: 0/1 of every announced click, shape (n,).
        bit, setting: the party's own bit and the announced setting of each click, shape (n,).

    Source: H.-K. Lo, H. F. Chau, M. Ardehali, J. Cryptology 18, 133 (2005): efficient BB84.
    """
    from qcisim.distill.sift_kernels import select

    sizes = {alice_basis.size, bob_basis.size, bit.size, setting.size}
    require(len(sizes) == 1, f"bases, bits and settings of {sorted(sizes)} rounds: wanted equally many of each")
    out = np.empty((4, alice_basis.size), np.uint8)
    keys, tests = select(alice_basis, bob_basis, bit, setting, out)
    return Sifted(out[0, :keys].copy(), out[1, :keys].copy(), out[2, :tests].copy(), out[3, :tests].copy())


def per_setting(setting: Bits, settings: int) -> NDArray[np.int64]:
    """How many of ``setting`` (n,) are 0, 1, ..., settings - 1; raises `PhysicsError` for a setting that is not."""
    from qcisim.distill.sift_kernels import count

    highest = int(setting.max()) if setting.size else 0
    require(highest < settings, f"setting {highest} was announced: there are {settings}, counted from 0")
    counts = np.zeros(settings, np.int64)
    count(setting, counts)
    return counts
