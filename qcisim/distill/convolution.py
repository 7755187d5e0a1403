"""Long integer convolutions by short FFTs that fit a cache."""

from __future__ import annotations

import bisect
import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from qcisim.errors import require

_CHUNK_BYTES = 2**19
_FINE_BITS = 12

_SMOOTH = sorted(
    {
        n
        for a in range(18)
        for b in range(6)
        for c in range(4)
        if (n := 2**a * 3**b * 5**c) < 2**18 and (a > 3 or n < 64)
    }
)
"""FFT lengths with many factors of two, which are the fastest."""

Complex = NDArray[np.complex128]


class NegacyclicConvolution:
    """``c_k = sum_j a_j b_(k-j)`` modulo ``x^(2M) + 1``, for 0/1 sequences of at most ``length`` <= 2M places.

    A real polynomial modulo ``x^(2M) + 1`` is a complex one modulo ``x^M - i``: ``a_j + i a_(j+M)``. With the weights
    ``exp(i pi j / 2M)`` that becomes a cyclic convolution of length M: half as long, nothing wasted on symmetry.
    Its DFT is done in two steps of lengths N1 and N2, ``M = N1 N2``, so that each FFT stays in the cache.

    Source: D. H. Bailey, J. Supercomputing 4, 23 (1990): four-step FFT; R. Crandall, B. Fagin, Math. Comp. 62, 305
    (1994): weighted transforms, right-angle convolution.
    """

    def __init__(self, length: int) -> None:
        require(length >= 1, f"length {length}: wanted >= 1")
        half = -(-length // 2)
        n1, n2 = _lengths(half)
        self.size = m = n1 * n2
        self._outer = np.exp(0.5j * np.pi / m * n2 * np.arange(n1))
        self._inner = np.exp(0.5j * np.pi / m * np.arange(n2))
        self._coarse = np.exp(-2j * np.pi / m * (np.arange((m >> _FINE_BITS) + 1) << _FINE_BITS))
        self._fine = np.exp(-2j * np.pi / m * np.arange(1 << _FINE_BITS))
        self._columns = max(1, min(n2, _CHUNK_BYTES // (16 * n1)))

    def parities(self, a: NDArray[np.uint8], b: NDArray[np.uint8], first: int, out: NDArray[np.uint8]) -> float:
        """XOR the parities of ``c_first, c_(first+1), ...`` into ``out``.

        Returns the largest distance of these c from an integer.
        """
        from qcisim.distill.convolution_kernels import gather, read_out

        spectrum = self._transform(a)
        spectrum *= self._transform(b)
        spectrum = fft.ifft(spectrum, axis=1, overwrite_x=True, workers=1)
        worst = 0.0
        for column in range(0, self._inner.size, self._columns):
            work = self._chunk(column)
            gather(spectrum, column, self._coarse, self._fine, _FINE_BITS, work)
            work = fft.ifft(work, axis=1, overwrite_x=True, workers=1)
            worst = max(worst, float(read_out(work, column, self._outer, self._inner, first, out)))
        return worst

    def _transform(self, bits: NDArray[np.uint8]) -> Complex:
        """The spectrum, shape (N1, N2), in the order that `parities` undoes."""
        from qcisim.distill.convolution_kernels import load, scatter

        spectrum = np.empty((self._outer.size, self._inner.size), dtype=np.complex128)
        for column in range(0, self._inner.size, self._columns):
            work = self._chunk(column)
            load(bits, column, self._outer, self._inner, work)
            work = fft.fft(work, axis=1, overwrite_x=True, workers=1)
            scatter(work, column, self._coarse, self._fine, _FINE_BITS, spectrum)
        return np.asarray(fft.fft(spectrum, axis=1, overwrite_x=True, workers=1), dtype=np.complex128)

    def _chunk(self, column: int) -> Complex:
        return np.empty((min(self._columns, self._inner.size - column), self._outer.size), dtype=np.complex128)


def _lengths(least: int) -> tuple[int, int]:
    """N1 and N2, of like size, with the smallest product that is not below ``least``."""
    root = math.sqrt(least)
    near = [n for n in _SMOOTH if root / 2 <= n <= 2 * root] or [1]
    require(least <= _SMOOTH[-1] ** 2 // 4, f"a convolution of {2 * least} places: too long")
    pairs = ((n1, _SMOOTH[bisect.bisect_left(_SMOOTH, -(-least // n1))]) for n1 in near)
    return min(pairs, key=lambda pair: pair[0] * pair[1])
