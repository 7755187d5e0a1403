"""Privacy amplification with a Toeplitz matrix, exact by float64 FFT."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from qcisim.errors import QcisimError, require

ROUNDING_LIMIT = 0.25


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

    Args:
        bits: the verified block x, 0/1, shape (n,).
        seed: uniform, fresh, generated after verification, 0/1, shape (n + length - 1,).
        length: output bits l.

    Raises:
        RoundingError: a convolution value further than 0.25 from an integer.

    Source: H. Krawczyk, CRYPTO '94, LNCS 839, 129 (1994).
    """
    n = bits.size
    if length == 0:
        return np.zeros(0, dtype=np.uint8)
    wanted = toeplitz_seed_bits(n, length)
    require(seed.size == wanted, f"seed of {seed.size} bits: wanted n + l - 1 = {wanted}")
    size = fft.next_fast_len(wanted, real=True)
    product = fft.rfft(bits.astype(np.float64), size, workers=1)
    product *= fft.rfft(seed.astype(np.float64), size, workers=1)
    values = fft.irfft(product, size, workers=1, overwrite_x=True)[n - 1 : n - 1 + length]
    nearest = np.rint(values)
    distance = float(np.abs(values - nearest).max())
    if distance > ROUNDING_LIMIT:
        raise RoundingError(f"Toeplitz hash of {n} bits: rounding distance {distance:.3g} above {ROUNDING_LIMIT}")
    return (nearest.astype(np.int64) & 1).astype(np.uint8)
