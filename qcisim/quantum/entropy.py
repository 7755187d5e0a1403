"""Entropies, in bits."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require


def binary_entropy(p: float) -> float:
    """h(p) = -p log2 p - (1-p) log2 (1-p), with 0 log 0 = 0."""
    require(0.0 <= p <= 1.0, f"probability {p:g}: lies in [0, 1]")
    if p in (0.0, 1.0):
        return 0.0
    return -(p * math.log2(p) + (1.0 - p) * math.log1p(-p) / math.log(2.0))


def shannon_entropy(probabilities: ArrayLike) -> float:
    """H = -sum p log2 p for probabilities (n,)."""
    p = np.asarray(probabilities, dtype=np.float64)
    require(bool(np.all(p >= 0.0)) and abs(float(p.sum()) - 1.0) < 1e-9, "probabilities: not negative and sum to 1")
    positive = p[p > 0.0]
    return max(0.0, -float(np.sum(positive * np.log2(positive))))


def von_neumann_entropy(rho: ArrayLike) -> float:
    """S(rho) = -tr rho log2 rho for a density matrix (d, d)."""
    weights = np.clip(np.linalg.eigvalsh(np.asarray(rho, dtype=np.complex128)), 0.0, None)
    return shannon_entropy(weights / weights.sum())
