"""Teleportation of a qubit through a shared pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.operations import PERFECT, OperationNoise
from qcisim.quantum.pair_density import PairDensity
from qcisim.quantum.pauli import Floats, bloch, density_of
from qcisim.quantum.states import Matrix

CLASSICAL_LIMIT = 2.0 / 3.0
"""The best mean fidelity without entanglement. Massar and Popescu, Phys. Rev. Lett. 74, 1259 (1995)."""


def teleportation_transfer(pair: BellDiagonal | PairDensity, noise: OperationNoise = PERFECT) -> Floats:
    """L with r_out = L r_in on the Bloch coefficients (1, x, y, z): L[j, m] = C[m, j] R[m, j]; (4, 4) or (n, 4, 4).

    Bell measurement on the qubit and side 0, corrections on side 1, averaged over the results.
    Bowen and Bose, Phys. Rev. Lett. 87, 267901 (2001).
    """
    density = PairDensity.of_weights(pair) if isinstance(pair, BellDiagonal) else pair
    transfer: Floats = np.swapaxes(noise.teleporting * density.coefficients, -1, -2)
    return transfer


def teleport(rho: ArrayLike, pair: BellDiagonal | PairDensity, noise: OperationNoise = PERFECT) -> Matrix:
    """The qubit that arrives, (2, 2), or (n, 2, 2) for n pairs, of a qubit ``rho`` (2, 2)."""
    matrix = np.asarray(rho, dtype=np.complex128)
    require(matrix.shape == (2, 2), f"density matrix of shape {matrix.shape}: teleportation takes one qubit, (2, 2)")
    return density_of(teleportation_transfer(pair, noise) @ bloch(matrix))


def mean_teleportation_fidelity(pair: BellDiagonal | PairDensity, noise: OperationNoise = PERFECT) -> Floats | float:
    """Mean over all pure qubits, 1/2 + (L_xx + L_yy + L_zz)/6; (2F + 1)/3 with perfect operations, F with Phi+.

    Horodecki, Horodecki, Horodecki, Phys. Rev. A 60, 1888 (1999).
    """
    transfer = teleportation_transfer(pair, noise)
    value = 0.5 + np.trace(transfer[..., 1:, 1:], axis1=-2, axis2=-1) / 6.0
    return float(value) if np.ndim(value) == 0 else np.asarray(value)
