"""Sampling of joint measurement results."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.quantum.pauli import Floats


def sample_outcomes(probability: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Bits (2,) or (n, 2) drawn from P(bit a, bit b), (2, 2) or (n, 2, 2)."""
    flat = probability.reshape(-1, 4)
    edges = np.cumsum(flat, axis=1)
    cell = np.sum(rng.random(len(flat))[:, None] * edges[:, 3:] >= edges[:, :3], axis=1)
    bits = np.stack([cell >> 1, cell & 1], axis=1).astype(np.uint8)
    return bits if probability.ndim == 3 else bits[0]
