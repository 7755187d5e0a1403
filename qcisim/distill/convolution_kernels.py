"""The passes between the short FFTs of a long negacyclic convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from qcisim.kernels import borrowing_kernel as kernel


@kernel
def load(bits: Any, column: Any, outer: Any, inner: Any, work: Any) -> None:
    """``work[c, j1] = (b_j + i b_(j+M)) outer[j1] inner[j2]`` with ``j = j1 N2 + j2``, ``j2 = column + c``.

    ``b_j`` is ``bits[j]``, 0 beyond the end; ``M = N1 N2``; outer (N1,) and inner (N2,) hold the weights.
    """
    n1, n2, columns = outer.shape[0], inner.shape[0], work.shape[0]
    size, half = bits.shape[0], n1 * n2
    for j1 in range(n1):
        start = j1 * n2 + column
        weight = outer[j1]
        for c in range(columns):
            low, high = start + c, start + c + half
            re = np.float64(bits[low]) if low < size else 0.0
            im = np.float64(bits[high]) if high < size else 0.0
            work[c, j1] = complex(re, im) * (weight * inner[column + c])


@kernel
def scatter(work: Any, column: Any, coarse: Any, fine: Any, bits_fine: Any, matrix: Any) -> None:
    """``matrix[k1, j2] = work[c, k1] exp(-2 pi i j2 k1 / M)``; the exponential from two tables by ``j2 k1``."""
    mask = (1 << bits_fine) - 1
    for k1 in range(matrix.shape[0]):
        for c in range(work.shape[0]):
            t = (column + c) * k1
            matrix[k1, column + c] = work[c, k1] * (coarse[t >> bits_fine] * fine[t & mask])


@kernel
def gather(matrix: Any, column: Any, coarse: Any, fine: Any, bits_fine: Any, work: Any) -> None:
    """``work[c, k1] = matrix[k1, j2] exp(+2 pi i j2 k1 / M)``: the way back of `scatter`."""
    mask = (1 << bits_fine) - 1
    for k1 in range(matrix.shape[0]):
        for c in range(work.shape[0]):
            t = (column + c) * k1
            work[c, k1] = matrix[k1, column + c] * (coarse[t >> bits_fine] * fine[t & mask]).conjugate()


@kernel
def read_out(work: Any, column: Any, outer: Any, inner: Any, first: Any, out: Any) -> Any:
    """XOR the parities of the convolution at ``first..first + len(out)`` into ``out``.

    Returns the largest distance of a value from an integer; NaN counts as infinite.
    """
    n1, n2 = outer.shape[0], inner.shape[0]
    half, last, worst = n1 * n2, first + out.shape[0], 0.0
    for j1 in range(n1):
        weight = outer[j1]
        for c in range(work.shape[0]):
            j = j1 * n2 + column + c
            for part in range(2):
                at = j + part * half
                if first <= at < last:
                    z = work[c, j1] * (weight * inner[column + c]).conjugate()
                    value = z.imag if part else z.real
                    nearest = np.rint(value)
                    distance = abs(value - nearest)
                    if not distance <= worst:
                        worst = distance if distance == distance else np.inf
                    out[at - first] ^= np.uint8(np.int64(nearest) & 1)
    return worst
