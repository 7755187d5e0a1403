"""How far two density matrices are apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcisim.quantum.states import Matrix


def _root(rho: ArrayLike) -> Matrix:
    weights, vectors = np.linalg.eigh(np.asarray(rho, dtype=np.complex128))
    root: Matrix = (vectors * np.sqrt(np.clip(weights, 0.0, None))) @ vectors.conj().T
    return root


def fidelity(rho: ArrayLike, sigma: ArrayLike) -> float:
    """F = (tr |sqrt(rho) sqrt(sigma)|)^2, which is <psi|rho|psi> when sigma is pure.

    The squared convention of Jozsa, J. Mod. Opt. 41, 2315 (1994); qutip's ``fidelity`` is its square root.
    """
    singular = np.linalg.svd(_root(rho) @ _root(sigma), compute_uv=False)
    return min(1.0, float(singular.sum()) ** 2)


def trace_distance(rho: ArrayLike, sigma: ArrayLike) -> float:
    """D = tr |rho - sigma| / 2: the best advantage of telling the two apart."""
    difference = np.asarray(rho, dtype=np.complex128) - np.asarray(sigma, dtype=np.complex128)
    return 0.5 * float(np.abs(np.linalg.eigvalsh(difference)).sum())
