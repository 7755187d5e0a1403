"""The compiled loops behind `BellDiagonal` and `PairDensity`. Weights are ordered Phi+, Phi-, Psi+, Psi-."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.kernels import kernel
from qcisim.quantum.pauli import Floats


@kernel
def convolve(first: Floats, second: Floats, third: Floats) -> Floats:
    """out[k] = sum over i ^ j ^ l = k of first[i] second[j] third[l], (n, 4); ``third`` is (4,).

    Bell states under swapping, and Pauli operators on them, add up as pairs of bits.
    """
    count = len(first)
    out = np.empty((count, 4))
    for row in range(count):
        a0, a1, a2, a3 = first[row, 0], first[row, 1], first[row, 2], first[row, 3]
        b0, b1, b2, b3 = second[row, 0], second[row, 1], second[row, 2], second[row, 3]
        c0 = a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3
        c1 = a0 * b1 + a1 * b0 + a2 * b3 + a3 * b2
        c2 = a0 * b2 + a2 * b0 + a1 * b3 + a3 * b1
        c3 = a0 * b3 + a3 * b0 + a1 * b2 + a2 * b1
        out[row, 0] = c0 * third[0] + c1 * third[1] + c2 * third[2] + c3 * third[3]
        out[row, 1] = c1 * third[0] + c0 * third[1] + c3 * third[2] + c2 * third[3]
        out[row, 2] = c2 * third[0] + c3 * third[1] + c0 * third[2] + c1 * third[3]
        out[row, 3] = c3 * third[0] + c2 * third[1] + c1 * third[2] + c0 * third[3]
    return out


@kernel
def distil_weights(
    kept: Floats, spent: Floats, gates: float, equal: float, unequal: float, rotated: bool, twirled: bool
) -> tuple[Floats, Floats]:
    """Weights of the pair that is left, (n, 4), and the probability that one is, (n,)."""
    count = len(kept)
    out = np.empty((count, 4))
    probability = np.empty(count)
    for row in range(count):
        a0, a1, a2, a3 = kept[row, 0], kept[row, 1], kept[row, 2], kept[row, 3]
        b0, b1, b2, b3 = spent[row, 0], spent[row, 1], spent[row, 2], spent[row, 3]
        if twirled:
            a1 = a2 = a3 = (a1 + a2 + a3) / 3.0
            b1 = b2 = b3 = (b1 + b2 + b3) / 3.0
        if rotated:
            a1, a3 = a3, a1
            b1, b3 = b3, b1
        lost = (1.0 - gates) * 0.5 * (equal + unequal) * 0.25  # after a depolarised gate everything is white
        o0 = gates * (equal * (a0 * b0 + a1 * b1) + unequal * (a0 * b2 + a1 * b3)) + lost
        o1 = gates * (equal * (a0 * b1 + a1 * b0) + unequal * (a0 * b3 + a1 * b2)) + lost
        o2 = gates * (equal * (a2 * b2 + a3 * b3) + unequal * (a2 * b0 + a3 * b1)) + lost
        o3 = gates * (equal * (a2 * b3 + a3 * b2) + unequal * (a2 * b1 + a3 * b0)) + lost
        total = o0 + o1 + o2 + o3
        probability[row] = total
        if total > 0.0:
            out[row, 0] = o0 / total
            out[row, 1] = o1 / total
            out[row, 2] = o2 / total
            out[row, 3] = o3 / total
        else:
            out[row, :] = 0.25
    return out, probability


@kernel
def distil_coefficients(
    kept: Floats,
    spent: Floats,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    factor: Floats,
    twirled: bool,
) -> tuple[Floats, Floats]:
    """As `distil_weights` for the 16 Pauli coefficients of each pair, (n, 16)."""
    count = len(kept)
    terms = len(factor)
    out = np.empty((count, 16))
    probability = np.empty(count)
    a = np.zeros(16)
    b = np.zeros(16)
    for row in range(count):
        if twirled:
            mean = (kept[row, 5] - kept[row, 10] + kept[row, 15]) / 3.0
            a[0], a[5], a[10], a[15] = kept[row, 0], mean, -mean, mean
            mean = (spent[row, 5] - spent[row, 10] + spent[row, 15]) / 3.0
            b[0], b[5], b[10], b[15] = spent[row, 0], mean, -mean, mean
        else:
            a[:] = kept[row]
            b[:] = spent[row]
        for i in range(16):
            value = 0.0
            for t in range(terms):
                value += factor[t, i] * a[first[t, i]] * b[second[t, i]]
            out[row, i] = value
        total = out[row, 0]
        probability[row] = total
        if total > 0.0:
            for i in range(16):
                out[row, i] /= total
        else:
            out[row, :] = 0.0
            out[row, 0] = 1.0
    return out, probability


@kernel
def swap_coefficients(left: Floats, right: Floats, teleporting: Floats) -> Floats:
    """out[i, j] = sum_m left[i, m] C[m, j] right[m, j], (n, 4, 4)."""
    count = len(left)
    out = np.empty((count, 4, 4))
    for row in range(count):
        for j in range(4):
            w0 = teleporting[0, j] * right[row, 0, j]
            w1 = teleporting[1, j] * right[row, 1, j]
            w2 = teleporting[2, j] * right[row, 2, j]
            w3 = teleporting[3, j] * right[row, 3, j]
            for i in range(4):
                out[row, i, j] = (
                    left[row, i, 0] * w0 + left[row, i, 1] * w1 + left[row, i, 2] * w2 + left[row, i, 3] * w3
                )
    return out
