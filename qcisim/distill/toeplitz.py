"""Privacy amplification with a Toeplitz matrix, exact by float64 FFT."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qcisim.distill.convolution import NegacyclicConvolution
from qcisim.errors import QcisimError, require

ROUNDING_LIMIT = 0.25
BLOCK_BITS = 12_000_000
"""Most input bits, and most output bits, that are convolved at once: 32 bytes each, below 400 MiB in all."""


class RoundingError(QcisimError):
    """The convolution left the neighbourhood of the integers: its parity cannot be trusted."""


def toeplitz_seed_bits(input_bits: int, output_bits: int) -> int:
    """``n + l - 1``: a Toeplitz matrix of l rows and n columns has that many diagonals.

    Source: H. Krawczyk, CRYPTO '94, LNCS 839, 129 (1994).
    """
    require(input_bits >= 1, f"input_bits {input_bits}: wanted >= 1")
    require(output_bits >= 1, f"output_bits {output_bits}: wanted >= 1")
    return input_bits + output_bits - 1


def leftover_hash_length(min_entropy_bits: float, epsilon: float) -> int:
    """``l = floor(Hmin - 2 log2(1 / (2 eps)))``, never below 0: bits a two-universal hash may extract.

    Source: R. Renner, PhD thesis, ETH Zurich (2005); M. Tomamichel et al., IEEE Trans. Inf. Theory 57, 5524 (2011).
    """
    require(0 < epsilon < 1, f"epsilon {epsilon}: wanted inside (0, 1)")
    return max(0, math.floor(min_entropy_bits - 2 * math.log2(1 / (2 * epsilon))))


def toeplitz_hash(bits: NDArray[np.uint8], seed: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """``y_i = XOR_j seed[i - j + n - 1] x_j`` for ``0 <= i < length``.

    The hash is the parity of an integer convolution, computed in float64. Its largest distance from an integer is
    measured on every call; `toeplitz_hash_checked` returns it too.

    Args:
        bits: the verified block x, 0/1, shape (n,).
        seed: uniform, fresh, generated after verification, 0/1, shape (n + length - 1,).
        length: output bits l.

    Raises:
        RoundingError: a convolution value further than 0.25 from an integer.

    Source: H. Krawczyk, CRYPTO '94, LNCS 839, 129 (1994).
    """
    return toeplitz_hash_checked(bits, seed, length)[0]


def modified_toeplitz_hash(bits: NDArray[np.uint8], seed: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    """``y = x_1 XOR T x_2`` for the first l bits x_1 and the other n - l bits x_2: the matrix ``[I | T]``.

    Two-universal as the whole Toeplitz family is, with a seed of ``n - 1`` bits instead of ``n + l - 1``: inputs that
    differ in x_2 collide with probability 2^-l over T, inputs that differ in x_1 alone never do.

    Args:
        bits: the verified block x, 0/1, shape (n,).
        seed: uniform, fresh, generated after verification, 0/1, shape (n - 1,).
        length: output bits l, below n.

    Raises:
        RoundingError: as in `toeplitz_hash`.

    Source: M. Hayashi, T. Tsurumaru, IEEE Trans. Inf. Theory 62, 2213 (2016), modified Toeplitz matrices.
    """
    require(
        0 <= length < bits.size, f"length {length}: wanted 0 to {bits.size - 1}, fewer than the {bits.size} input bits"
    )
    return bits[:length] ^ toeplitz_hash(bits[length:], seed, length)


def toeplitz_hash_checked(
    bits: NDArray[np.uint8], seed: NDArray[np.uint8], length: int, *, block_bits: int = BLOCK_BITS
) -> tuple[NDArray[np.uint8], float]:
    """`toeplitz_hash` and the largest distance of a convolution value from an integer, about 3e-9 at 10^7 bits.

    Inputs above ``block_bits`` are cut and their hashes XORed, outputs above it are computed piece by piece.
    """
    n, out, worst = bits.size, np.zeros(length, dtype=np.uint8), 0.0
    if length == 0:
        return out, worst
    wanted = toeplitz_seed_bits(n, length)
    require(seed.size == wanted, f"seed of {seed.size} bits: wanted n + l - 1 = {wanted}")
    require(block_bits >= 1, f"block_bits {block_bits}: wanted >= 1")
    for start in range(0, n, block_bits):
        part = bits[start : start + block_bits]
        for top in range(0, length, block_bits):
            piece = out[top : top + block_bits]
            first = n - start - part.size + top  # diagonals of the columns from ``start``, the rows from ``top`` on
            diagonals = seed[first : first + part.size + piece.size - 1]
            distance = NegacyclicConvolution(diagonals.size).parities(part, diagonals, part.size - 1, piece)
            if not distance <= ROUNDING_LIMIT:
                raise RoundingError(
                    f"Toeplitz hash of {n} bits: {distance:.3g} from an integer, above {ROUNDING_LIMIT}"
                )
            worst = max(worst, distance)
    return out, worst
