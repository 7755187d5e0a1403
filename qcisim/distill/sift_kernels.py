"""Kernels of sifting: one pass over the announced rounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.kernels import kernel

Bits = NDArray[np.uint8]


@kernel
def select(alice_basis: Bits, bob_basis: Bits, bit: Bits, setting: Bits, out: Bits) -> tuple[int, int]:
    """Write bits and settings of key rounds into out[0], out[1] and of test rounds into out[2], out[3]."""
    keys = tests = 0
    for i in range(alice_basis.size):
        basis = alice_basis[i]
        if basis == bob_basis[i]:
            if basis == 0:
                out[0, keys] = bit[i]
                out[1, keys] = setting[i]
                keys += 1
            else:
                out[2, tests] = bit[i]
                out[3, tests] = setting[i]
                tests += 1
    return keys, tests


@kernel
def count(values: Bits, counts: NDArray[np.int64]) -> None:
    """Add to counts[v] how often v occurs."""
    for value in values:
        counts[value] += 1
