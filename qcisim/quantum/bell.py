"""Bell states, Werner states and the CHSH value."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.quantum.channel import PAULIS
from qcisim.quantum.states import Matrix, density, ket

BELL_KETS: Matrix = np.array([ket([1, 0, 0, 1]), ket([1, 0, 0, -1]), ket([0, 1, 1, 0]), ket([0, 1, -1, 0])])
"""Phi+, Phi-, Psi+, Psi-, shape (4, 4)."""


def bell_state(index: int) -> Matrix:
    """|B><B| for B = Phi+, Phi-, Psi+, Psi- (0 to 3), (4, 4)."""
    require(index in range(4), f"Bell state {index}: there are four, 0 to 3")
    return density(BELL_KETS[index])


def werner_state(fidelity: float) -> Matrix:
    """rho = F |Phi+><Phi+| + (1-F)/3 (1 - |Phi+><Phi+|), (4, 4). Werner, Phys. Rev. A 40, 4277 (1989)."""
    require(0.0 <= fidelity <= 1.0, f"fidelity {fidelity:g}: lies in [0, 1]")
    projector = bell_state(0)
    return fidelity * projector + (1.0 - fidelity) / 3.0 * (np.eye(4) - projector)


def correlation_matrix(rho: ArrayLike) -> NDArray[np.float64]:
    """T_ij = tr(rho sigma_i (x) sigma_j), i, j over X, Y, Z, (3, 3)."""
    tensor = np.asarray(rho, dtype=np.complex128).reshape(2, 2, 2, 2)
    matrix: NDArray[np.complex128] = np.einsum("abcd,ica,jdb->ij", tensor, PAULIS[1:], PAULIS[1:])
    return matrix.real


def chsh_value(rho: ArrayLike) -> float:
    """S = 2 sqrt(m1 + m2), the largest CHSH value of a two-qubit state over all settings.

    m1, m2 are the two largest eigenvalues of T^T T. Local models reach 2, quantum states 2 sqrt 2.
    Source: Horodecki, Horodecki, Horodecki, Phys. Lett. A 200, 340 (1995).
    """
    singular = np.linalg.svd(correlation_matrix(rho), compute_uv=False)
    return 2.0 * math.sqrt(float(singular[0] ** 2 + singular[1] ** 2))
