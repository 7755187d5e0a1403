"""Parameter estimation: a random sample of the sifted bits is compared in the open and leaves the key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require
from qcisim.security.statistics import qber_interval


def sample_positions(bits: int, sample: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``sample`` of ``bits`` positions, uniform without replacement, ascending.

    Args:
        rng: a stream that has nothing to do with data or clicks; asked after the last detection is announced.
    """
    require(bits >= 0, f"bits {bits}: wanted >= 0")
    require(0 <= sample <= bits, f"sample {sample}: wanted 0..{bits}, as many bits as there are at most")
    return np.sort(rng.choice(bits, sample, replace=False, shuffle=False)).astype(np.int64)


def without(bits: NDArray[np.uint8], positions: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The key part: ``bits`` less the disclosed ones, shape (n - k,)."""
    keep = np.ones(bits.size, dtype=np.bool_)
    keep[positions] = False
    return bits[keep]


@dataclass(frozen=True, slots=True)
class ErrorEstimate:
    """Errors seen in a sample: ``errors`` of ``sample`` bits."""

    errors: int
    sample: int

    def __post_init__(self) -> None:
        require(0 <= self.errors <= self.sample, f"errors {self.errors}: wanted 0..{self.sample}")

    @property
    def qber(self) -> float:
        """``m / k``; 0.5 for an empty sample, which says nothing."""
        return self.errors / self.sample if self.sample else 0.5

    def interval(self, epsilon: float) -> tuple[float, float]:
        """Exact two-sided Clopper–Pearson interval that misses with probability at most ``epsilon``."""
        return qber_interval(self.errors, self.sample, 1.0 - epsilon)


def estimate_errors(alice: NDArray[np.uint8], bob: NDArray[np.uint8]) -> ErrorEstimate:
    """Count where two disclosed samples differ; 0/1, shape (k,) each."""
    require(alice.shape == bob.shape, f"samples of {alice.size} and {bob.size} bits: wanted equally many")
    return ErrorEstimate(int(np.count_nonzero(alice != bob)), int(alice.size))
