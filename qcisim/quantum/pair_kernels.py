"""The compiled loops behind `BellDiagonal` and `PairDensity`. Weights are ordered Phi+, Phi-, Psi+, Psi-."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.kernels import borrowing_kernel, kernel
from qcisim.quantum.pauli import Floats

Indices = NDArray[np.int64]


@borrowing_kernel
def _convolved(first: Floats, second: Floats, third: Floats, out: Floats) -> None:
    """out[k] = sum over i ^ j ^ l = k of first[i] second[j] third[l], (4,)."""
    a0, a1, a2, a3 = first[0], first[1], first[2], first[3]
    b0, b1, b2, b3 = second[0], second[1], second[2], second[3]
    c0 = a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3
    c1 = a0 * b1 + a1 * b0 + a2 * b3 + a3 * b2
    c2 = a0 * b2 + a2 * b0 + a1 * b3 + a3 * b1
    c3 = a0 * b3 + a3 * b0 + a1 * b2 + a2 * b1
    out[0] = c0 * third[0] + c1 * third[1] + c2 * third[2] + c3 * third[3]
    out[1] = c1 * third[0] + c0 * third[1] + c3 * third[2] + c2 * third[3]
    out[2] = c2 * third[0] + c3 * third[1] + c0 * third[2] + c1 * third[3]
    out[3] = c3 * third[0] + c2 * third[1] + c1 * third[2] + c0 * third[3]


@kernel
def convolve(first: Floats, second: Floats, third: Floats) -> Floats:
    """Bell states under swapping, and Pauli operators on them, add up as pairs of bits; (n, 4), ``third`` (4,)."""
    count = len(first)
    out = np.empty((count, 4))
    for row in range(count):
        _convolved(first[row], second[row], third, out[row])
    return out


@kernel
def convolve_once(first: Floats, second: Floats, third: Floats) -> Floats:
    """As `convolve` for one pair, (4,)."""
    out = np.empty(4)
    _convolved(first, second, third, out)
    return out


@borrowing_kernel
def _distilled_weights(
    kept: Floats, spent: Floats, gates: float, equal: float, unequal: float, rotated: bool, twirled: bool, out: Floats
) -> float:
    """Writes the weights of the pair that is left, (4,); returns the probability that one is."""
    a0, a1, a2, a3 = kept[0], kept[1], kept[2], kept[3]
    b0, b1, b2, b3 = spent[0], spent[1], spent[2], spent[3]
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
    if total > 0.0:
        out[0], out[1], out[2], out[3] = o0 / total, o1 / total, o2 / total, o3 / total
    else:
        out[0] = out[1] = out[2] = out[3] = 0.25
    return float(total)


@kernel
def distil_weights(
    kept: Floats, spent: Floats, gates: float, equal: float, unequal: float, rotated: bool, twirled: bool
) -> tuple[Floats, Floats]:
    """Weights of the pairs that are left, (n, 4), and the probabilities that they are, (n,)."""
    count = len(kept)
    out, probability = np.empty((count, 4)), np.empty(count)
    for row in range(count):
        probability[row] = _distilled_weights(kept[row], spent[row], gates, equal, unequal, rotated, twirled, out[row])
    return out, probability


@kernel
def distil_weights_once(
    kept: Floats, spent: Floats, gates: float, equal: float, unequal: float, rotated: bool, twirled: bool
) -> tuple[Floats, float]:
    """As `distil_weights` for one pair, (4,)."""
    out = np.empty(4)
    return out, _distilled_weights(kept, spent, gates, equal, unequal, rotated, twirled, out)


@borrowing_kernel
def _distilled_coefficients(
    kept: Floats, spent: Floats, first: Indices, second: Indices, factor: Floats, twirled: bool, out: Floats
) -> float:
    """Writes the Pauli coefficients of the pair that is left, (16,); returns the probability that one is."""
    left = (kept[5] - kept[10] + kept[15]) / 3.0
    right = (spent[5] - spent[10] + spent[15]) / 3.0
    for i in range(16):
        value = 0.0
        if twirled and i % 5 != 0:  # Werner states have no others, and get none
            out[i] = value
            continue
        for t in range(len(factor)):
            j, k = first[t, i], second[t, i]
            if twirled:
                a = (left if j != 10 else -left) if j % 5 == 0 and j > 0 else (1.0 if j == 0 else 0.0)
                b = (right if k != 10 else -right) if k % 5 == 0 and k > 0 else (1.0 if k == 0 else 0.0)
            else:
                a, b = kept[j], spent[k]
            value += factor[t, i] * a * b
        out[i] = value
    total = out[0]
    for i in range(16):
        out[i] = out[i] / total if total > 0.0 else (1.0 if i == 0 else 0.0)
    return float(total)


@kernel
def distil_coefficients(
    kept: Floats, spent: Floats, first: Indices, second: Indices, factor: Floats, twirled: bool
) -> tuple[Floats, Floats]:
    """As `distil_weights` for the 16 Pauli coefficients of each pair, (n, 4, 4)."""
    count = len(kept)
    out, probability = np.empty((count, 4, 4)), np.empty(count)
    for row in range(count):
        probability[row] = _distilled_coefficients(
            kept[row].reshape(16), spent[row].reshape(16), first, second, factor, twirled, out[row].reshape(16)
        )
    return out, probability


@kernel
def distil_coefficients_once(
    kept: Floats, spent: Floats, first: Indices, second: Indices, factor: Floats, twirled: bool
) -> tuple[Floats, float]:
    """As `distil_coefficients` for one pair, (4, 4)."""
    out = np.empty((4, 4))
    total = _distilled_coefficients(
        kept.reshape(16), spent.reshape(16), first, second, factor, twirled, out.reshape(16)
    )
    return out, total


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
