"""Channels: completely positive trace-preserving maps, as Kraus operators.

C(rho) = sum_k K_k rho K_k^dagger with sum_k K_k^dagger K_k = 1. The superoperator acts on column-stacked density
matrices: vec(C(rho)) = S vec(rho), S = sum_k conj(K_k) (x) K_k. Nielsen and Chuang, Quantum Computation and Quantum
Information, section 8.2 (2000).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require
from qcisim.quantum.states import TOLERANCE, Matrix

PAULIS: Matrix = np.array(
    [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=np.complex128
)
"""1, X, Y, Z, shape (4, 2, 2)."""


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """C(rho) = sum_k K_k rho K_k^dagger.

    Args:
        kraus: operators (k, d_out, d_in), complex128.

    Raises:
        PhysicsError: unless sum_k K_k^dagger K_k = 1 to 1e-10, which preserves the trace (the form itself is completely
            positive).
    """

    kraus: Matrix

    def __post_init__(self) -> None:
        kraus = np.array(self.kraus, dtype=np.complex128)
        require(kraus.ndim == 3 and kraus.size > 0, f"Kraus operators of shape {kraus.shape}: wanted (k, d_out, d_in)")
        require(bool(np.all(np.isfinite(kraus))), "Kraus operators with entries that are not finite")
        completeness = np.einsum("kij,kil->jl", kraus.conj(), kraus)
        off = float(np.abs(completeness - np.eye(kraus.shape[2])).max())
        require(off < TOLERANCE, f"Kraus operators off completeness by {off:.3g}: a channel preserves the trace")
        kraus.setflags(write=False)
        object.__setattr__(self, "kraus", kraus)

    @property
    def shape(self) -> tuple[int, int]:
        """(d_out, d_in)."""
        return self.kraus.shape[1], self.kraus.shape[2]

    @property
    def superop(self) -> Matrix:
        """S = sum_k conj(K_k) (x) K_k, (d_out^2, d_in^2), for column-stacked density matrices."""
        out, into = self.shape
        tensor = np.einsum("kac,kbd->abcd", self.kraus.conj(), self.kraus)
        matrix: Matrix = tensor.reshape(out * out, into * into)
        return matrix

    @property
    def choi(self) -> Matrix:
        """J = sum_k vec(K_k) vec(K_k)^dagger, column-stacked, (d_in d_out, d_in d_out); J >= 0, tr_out J = 1."""
        vectors = self.kraus.transpose(0, 2, 1).reshape(len(self.kraus), -1)
        matrix: Matrix = np.einsum("ka,kb->ab", vectors, vectors.conj())
        return matrix

    def apply(self, rho: ArrayLike) -> Matrix:
        """C(rho), (d_out, d_out), for rho (d_in, d_in)."""
        matrix = np.asarray(rho, dtype=np.complex128)
        into = self.shape[1]
        require(matrix.shape == (into, into), f"density matrix of shape {matrix.shape} into a channel on {into} levels")
        result: Matrix = np.einsum("kij,jl,kml->im", self.kraus, matrix, self.kraus.conj())
        return result

    def then(self, other: Channel) -> Channel:
        """other o self: first this channel, then ``other``; S = S_other S_self."""
        require(other.shape[1] == self.shape[0], f"a channel on {other.shape[1]} levels after one onto {self.shape[0]}")
        products = np.einsum("aij,bjk->abik", other.kraus, self.kraus)
        return _fewest(products.reshape(-1, other.shape[0], self.shape[1]))

    def tensor(self, other: Channel) -> Channel:
        """C (x) C_other on the joint system, Kronecker order."""
        products = np.einsum("aij,bkl->abikjl", self.kraus, other.kraus)
        out, into = self.shape[0] * other.shape[0], self.shape[1] * other.shape[1]
        return _fewest(products.reshape(-1, out, into))


def _fewest(kraus: Matrix) -> Channel:
    """The same channel with at most d_in d_out operators: the eigenvectors of its Choi matrix where there are more."""
    count, out, into = kraus.shape
    if count <= out * into:
        return Channel(kraus)
    vectors = kraus.transpose(0, 2, 1).reshape(count, -1)
    weights, modes = np.linalg.eigh(np.einsum("ka,kb->ab", vectors, vectors.conj()))
    scaled = (modes * np.sqrt(np.clip(weights, 0.0, None))).T
    return Channel(scaled.reshape(-1, into, out).transpose(0, 2, 1))


def _probability(value: float, name: str) -> float:
    require(0.0 <= value <= 1.0, f"{name} {value:g}: a probability lies in [0, 1]")
    return float(value)


def identity(dimension: int = 2) -> Channel:
    """C(rho) = rho."""
    return Channel(np.eye(dimension, dtype=np.complex128)[None])


def unitary(matrix: ArrayLike) -> Channel:
    """C(rho) = U rho U^dagger."""
    return Channel(np.asarray(matrix, dtype=np.complex128)[None])


def rotation(x_rad: float, y_rad: float, z_rad: float) -> Channel:
    """U = exp(-i (x X + y Y + z Z)/2): the Bloch vector turns by sqrt(x^2+y^2+z^2) around (x, y, z)."""
    angle = math.sqrt(x_rad**2 + y_rad**2 + z_rad**2)
    scale = math.sin(angle / 2.0) / angle if angle > 0.0 else 0.5
    return quaternion(math.cos(angle / 2.0), x_rad * scale, y_rad * scale, z_rad * scale)


def quaternion(w: float, x: float, y: float, z: float) -> Channel:
    """U = w 1 - i (x X + y Y + z Z) for a unit quaternion."""
    return unitary(np.einsum("p,pij->ij", np.array([w, -1j * x, -1j * y, -1j * z]), PAULIS))


def rotation_y(angle_stokes_rad: float) -> Channel:
    """U = exp(-i theta Y/2): linear polarisation turns by theta/2, the Stokes vector by theta; both BB84 bases err by
    sin^2(theta/2)."""
    return rotation(0.0, angle_stokes_rad, 0.0)


def pauli(p_x: float, p_y: float, p_z: float) -> Channel:
    """C(rho) = (1-px-py-pz) rho + px X rho X + py Y rho Y + pz Z rho Z."""
    weights = [_probability(p, n) for p, n in ((p_x, "p_x"), (p_y, "p_y"), (p_z, "p_z"))]
    total = math.fsum(weights)
    require(total <= 1.0 + 1e-15, f"Pauli probabilities sum to {total:g}: at most 1")
    roots = np.sqrt(np.array([max(0.0, 1.0 - total), *weights]))
    return Channel(roots[:, None, None] * PAULIS)


def bit_flip(probability: float) -> Channel:
    """C(rho) = (1-p) rho + p X rho X."""
    return pauli(_probability(probability, "flip probability"), 0.0, 0.0)


def dephasing(probability: float) -> Channel:
    """C(rho) = (1-p) rho + p Z rho Z: coherences shrink by 1 - 2p."""
    return pauli(0.0, 0.0, _probability(probability, "dephasing probability"))


def depolarising(probability: float) -> Channel:
    """C(rho) = (1-p) rho + p 1/2: the Bloch vector shrinks by 1 - p; a BB84 bit errs with p/2."""
    p = _probability(probability, "depolarising probability")
    return pauli(p / 4.0, p / 4.0, p / 4.0)


def decay(lifetimes: float) -> Channel:
    """Amplitude damping by 1 - exp(-x) after x lifetimes; keeps its digits where almost nothing is left."""
    require(lifetimes >= 0.0, f"decay over {lifetimes:g} lifetimes: not negative")
    lost, left = math.sqrt(-math.expm1(-lifetimes)), math.exp(-0.5 * lifetimes)
    return Channel(np.array([[[1, 0], [0, left]], [[0, lost], [0, 0]]], dtype=np.complex128))


def amplitude_damping(probability: float) -> Channel:
    """|1> decays to |0> with probability p: the loss of a single-rail photonic qubit.

    K0 = |0><0| + sqrt(1-p) |1><1|, K1 = sqrt(p) |0><1|.
    """
    p = _probability(probability, "damping probability")
    return Channel(np.array([[[1, 0], [0, math.sqrt(1.0 - p)]], [[0, math.sqrt(p)], [0, 0]]], dtype=np.complex128))


def erasure(probability: float, dimension: int = 2) -> Channel:
    """With probability p the system is lost to a vacuum level, the last of d+1: a dual-rail qubit loses its photon.

    Loss is an erasure, never depolarisation: after post-selection on a detection the state is untouched.
    """
    p = _probability(probability, "erasure probability")
    kraus = np.zeros((dimension + 1, dimension + 1, dimension), dtype=np.complex128)
    kraus[0, :dimension] = math.sqrt(1.0 - p) * np.eye(dimension)
    for level in range(dimension):
        kraus[level + 1, dimension, level] = math.sqrt(p)
    return Channel(kraus)


def mixture(probabilities: ArrayLike, channels: list[Channel]) -> Channel:
    """C = sum_i p_i C_i; the probabilities sum to 1."""
    weights = np.asarray(probabilities, dtype=np.float64)
    proper = bool(np.all(weights >= 0.0)) and abs(float(weights.sum()) - 1.0) < TOLERANCE
    require(proper, f"mixture weights {weights}: wanted probabilities that sum to 1")
    return _fewest(np.concatenate([math.sqrt(w) * c.kraus for w, c in zip(weights, channels, strict=True)]))


def sequence(*channels: Channel) -> Channel:
    """The channels one after the other, the first argument first."""
    return reduce(Channel.then, channels)
