"""Kets and density matrices of small systems.

A ket is a complex vector (d,), a density matrix rho a complex matrix (d, d) with tr rho = 1 and rho >= 0. The basis of
a qubit is ordered |0>, |1>; composite systems are ordered as in the Kronecker product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require

Matrix = NDArray[np.complex128]

TOLERANCE = 1e-10
"""How far a matrix may be from the law it must obey; arithmetic on 16 levels stays below 1e-13."""


def ket(amplitudes: ArrayLike) -> Matrix:
    """|psi>, normalised, complex (d,). Raises `PhysicsError` for the zero vector."""
    vector = np.asarray(amplitudes, dtype=np.complex128).reshape(-1)
    norm = float(np.linalg.norm(vector))
    require(norm > 0.0 and math.isfinite(norm), "state vector of norm 0 or infinity: a state needs a finite norm")
    return vector / norm


def density(psi: ArrayLike) -> Matrix:
    """rho = |psi><psi|, (d, d), from amplitudes (d,)."""
    vector = ket(psi)
    return np.outer(vector, vector.conj())


def check_density(rho: ArrayLike) -> Matrix:
    """``rho`` as complex matrix; raises `PhysicsError` unless it is square, Hermitian, positive and of trace 1."""
    matrix = np.asarray(rho, dtype=np.complex128)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    require(square, f"density matrix of shape {matrix.shape}: wanted a square one")
    require(bool(np.all(np.isfinite(matrix))), "density matrix with entries that are not finite")
    require(float(np.abs(matrix - matrix.conj().T).max()) < TOLERANCE, "density matrix is not Hermitian")
    trace = float(matrix.trace().real)
    require(abs(trace - 1.0) < TOLERANCE, f"density matrix of trace {trace:.6g}: probabilities must sum to 1")
    lowest = float(np.linalg.eigvalsh(matrix)[0])
    require(lowest > -TOLERANCE, f"density matrix with eigenvalue {lowest:.3g}: probabilities cannot be negative")
    return matrix


def bb84_ket(basis: int, bit: int) -> Matrix:
    """|0>, |1> for basis 0 (Z, the key basis) and (|0> +- |1>)/sqrt 2 for basis 1 (X, the test basis).

    Source: Bennett and Brassard, Proc. IEEE Int. Conf. Computers, Systems and Signal Processing, 175 (1984).
    """
    require(basis in (0, 1) and bit in (0, 1), f"basis {basis}, bit {bit}: both are 0 or 1")
    sign = 1.0 - 2.0 * bit
    return ket([1.0, sign]) if basis else ket([1.0 - bit, float(bit)])


def maximally_mixed(dimension: int) -> Matrix:
    """1/d, (d, d)."""
    require(dimension >= 1, f"dimension {dimension}: a system has at least one level")
    return np.eye(dimension, dtype=np.complex128) / dimension


def partial_trace(rho: ArrayLike, dimensions: Sequence[int], keep: Sequence[int]) -> Matrix:
    """tr over every subsystem that is not in ``keep``; the kept ones stay in the order of ``keep``.

    ``dimensions`` lists the levels of each subsystem, in Kronecker order. Raises `PhysicsError` where they do not fit.
    """
    matrix = np.asarray(rho, dtype=np.complex128)
    count, size = len(dimensions), math.prod(dimensions)
    require(
        matrix.shape == (size, size), f"density matrix of shape {matrix.shape}: levels {tuple(dimensions)} do not fit"
    )
    known = len(set(keep)) == len(keep) and all(0 <= k < count for k in keep)
    require(known, f"keep {tuple(keep)}: wanted different subsystems of 0 to {count - 1}")
    order = [*keep, *(k for k in range(count) if k not in keep)]
    tensor = matrix.reshape(tuple(dimensions) * 2).transpose([*order, *(count + k for k in order)])
    kept = math.prod(dimensions[k] for k in keep)
    blocks = tensor.reshape(kept, size // kept, kept, size // kept)
    reduced: Matrix = np.trace(blocks, axis1=1, axis2=3)
    return reduced
