"""Pairs as full density matrices, held by their sixteen real Pauli coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.channel import Channel
from qcisim.quantum.distillation import DEJMPS, Scheme, density_table
from qcisim.quantum.gate import Gate
from qcisim.quantum.memory import Waiting
from qcisim.quantum.operations import BELL_CORRELATIONS, PERFECT, OperationNoise
from qcisim.quantum.outcomes import sample_outcomes
from qcisim.quantum.pair import Axis, Distilled, axis_vector
from qcisim.quantum.pauli import Floats, bloch, density_of, qubits_of, transfer_matrix
from qcisim.quantum.states import TOLERANCE, Matrix


@dataclass(frozen=True, slots=True, eq=False)
class PairDensity:
    """rho = sum_ij R_ij P_i (x) P_j / 4 over P = 1, X, Y, Z: any state of two qubits, or n of them.

    Args:
        coefficients: R_ij = tr(rho P_i (x) P_j), real, (4, 4) or (n, 4, 4), R_00 = 1.

    Raises:
        PhysicsError: unless rho is positive and of trace 1.
    """

    coefficients: Floats

    def __post_init__(self) -> None:
        coefficients = np.array(self.coefficients, dtype=np.float64, order="C")
        shaped = coefficients.ndim in (2, 3) and coefficients.shape[-2:] == (4, 4)
        require(shaped, f"Pauli coefficients of shape {coefficients.shape}: wanted (4, 4) or (n, 4, 4)")
        require(bool(np.all(np.isfinite(coefficients))), "Pauli coefficients that are not finite")
        off = float(np.abs(coefficients[..., 0, 0] - 1.0).max(initial=0.0))
        require(off < TOLERANCE, f"density matrix with a trace {off:.3g} off 1: probabilities must sum to 1")
        lowest = float(np.linalg.eigvalsh(density_of(_flat(coefficients))).min(initial=0.0))
        require(lowest > -TOLERANCE, f"density matrix with eigenvalue {lowest:.3g}: probabilities cannot be negative")
        coefficients.setflags(write=False)
        object.__setattr__(self, "coefficients", coefficients)

    @classmethod
    def of(cls, rho: ArrayLike, *, checked: bool = True) -> PairDensity:
        """The pair with density matrix ``rho``, (4, 4) or (n, 4, 4).

        Raises `PhysicsError` where it is none; ``checked`` False trusts that it is one, and spares the eigenvalues.
        """
        matrix = np.asarray(rho, dtype=np.complex128)
        if not checked:
            return _made(bloch(matrix).reshape(matrix.shape))
        shaped = matrix.ndim in (2, 3) and matrix.shape[-2:] == (4, 4)
        require(shaped, f"density matrix of shape {matrix.shape}: wanted (4, 4) or (n, 4, 4)")
        off = float(np.abs(matrix - matrix.conj().swapaxes(-1, -2)).max(initial=0.0))
        require(off < TOLERANCE, "density matrix is not Hermitian")
        return cls(bloch(matrix).reshape(matrix.shape))

    @classmethod
    def of_weights(cls, pair: BellDiagonal) -> PairDensity:
        """The same state as a Bell-diagonal pair; exact."""
        return _made(pair.correlations[..., None] * np.eye(4))

    @classmethod
    def werner(cls, fidelity: ArrayLike) -> PairDensity:
        """F on Phi+, the rest white, for F in [0.25, 1], () or (n,)."""
        return cls.of_weights(BellDiagonal.werner(fidelity))

    def __len__(self) -> int:
        return 1 if self.coefficients.ndim == 2 else len(self.coefficients)

    def apply(self, operation: Gate | Channel, side: int | None = None) -> PairDensity:
        """A one-qubit operation on side 0 or 1, R -> L R or R L^T; a two-qubit one with ``side`` None."""
        channel = operation.channel if isinstance(operation, Gate) else operation
        qubits = qubits_of(channel)
        fits = (qubits == 2 and side is None) or (qubits == 1 and side in (0, 1))
        require(fits, f"side {side} for an operation on {qubits} qubits: wanted 0 or 1 for one, None for two")
        transfer = transfer_matrix(channel)
        if side is not None:
            return self._moved(transfer, side)
        moved = _flat(self.coefficients) @ transfer.T
        return _made(moved.reshape(self.coefficients.shape))

    def store(self, memory: Waiting, time_s: ArrayLike, side: int) -> PairDensity:
        """One qubit waits, times () or (n,)."""
        require(side in (0, 1), f"side {side}: wanted 0 or 1")
        return self._moved(memory.transfer(time_s), side)

    def outcomes(self, axis_a: Axis, axis_b: Axis, noise: OperationNoise = PERFECT) -> Floats:
        """P(bit a, bit b), (2, 2) or (n, 2, 2)."""
        a, b = (_effects(axis, noise) for axis in (axis_a, axis_b))
        probability: Floats = np.clip(np.einsum("ri,...ij,sj->...rs", a, self.coefficients, b), 0.0, None)
        return probability

    def measure(
        self, axis_a: Axis, axis_b: Axis, rng: np.random.Generator, noise: OperationNoise = PERFECT
    ) -> NDArray[np.uint8]:
        """Bits of both sides, (2,) or (n, 2)."""
        return sample_outcomes(self.outcomes(axis_a, axis_b, noise), rng)

    def swap(self, other: PairDensity, noise: OperationNoise = PERFECT) -> PairDensity:
        """R_out[i, j] = sum_m R[i, m] C[m, j] R'[m, j]: Bell measurement in the middle, corrections on the far side,
        averaged over its four results.

        With perfect operations C = diag(1, 1, -1, 1): the second pair acts on the first as the mixture of Paulis with
        its Bell weights. Bowen and Bose, Phys. Rev. Lett. 87, 267901 (2001).
        """
        left, right = self.coefficients, other.coefficients
        if left.ndim == 2 or right.ndim == 2:
            return _made(left @ (noise.teleporting * right))
        require(left.shape == right.shape, f"{left.shape[0]} pairs with {right.shape[0]}: wanted as many, or one")
        return _made(_kernels().swap_coefficients(left, right, noise.teleporting))

    def distil(
        self,
        other: PairDensity,
        scheme: Scheme = DEJMPS,
        noise: OperationNoise = PERFECT,
        noise_b: OperationNoise | None = None,
    ) -> Distilled[PairDensity]:
        """Keeps this pair where the scheme succeeds, spends the other; averaged over the results it accepts."""
        table = density_table(scheme, noise, noise_b or noise)
        rules = (table.first, table.second, table.factor, table.twirled_input)
        left, right = self.coefficients, other.coefficients
        if left.ndim == 2 and right.ndim == 2:
            out, probability = _kernels().distil_coefficients_once(left, right, *rules)
        else:
            out, probability = _kernels().distil_coefficients(*_aligned(left, right), *rules)
        return Distilled(_made(out), probability)

    def fidelity(self, bell: int = 0) -> Floats | float:
        """<B_k|rho|B_k>."""
        require(bell in range(4), f"Bell state {bell}: there are four, 0 to 3")
        value = np.einsum("...ii,i->...", self.coefficients, BELL_CORRELATIONS[bell]) / 4.0
        return float(value) if value.ndim == 0 else value

    def to_density(self) -> Matrix:
        """rho, (4, 4) or (n, 4, 4)."""
        return density_of(_flat(self.coefficients))

    def _moved(self, transfer: Floats, side: int) -> PairDensity:
        if side == 0:
            return _made(np.ascontiguousarray(transfer @ self.coefficients))
        return _made(np.ascontiguousarray(self.coefficients @ np.swapaxes(transfer, -1, -2)))


def _flat(coefficients: Floats) -> Floats:
    return coefficients.reshape(*coefficients.shape[:-2], 16)


@cache
def _kernels() -> ModuleType:
    """The compiled loops; numba comes in here, where something runs."""
    from qcisim.quantum import pair_kernels

    return pair_kernels


def _aligned(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    if left.shape == right.shape:
        return left, right
    require(left.ndim == 2 or right.ndim == 2, f"{len(left)} pairs with {len(right)}: wanted as many, or one")
    wide, narrow = (np.array(one, order="C") for one in np.broadcast_arrays(left, right))
    wide.setflags(write=False)
    narrow.setflags(write=False)
    return wide, narrow


def _made(coefficients: Floats) -> PairDensity:
    """Coefficients that an operation has made, without checks; frozen, so kernels see one kind of array."""
    coefficients.setflags(write=False)
    pair = object.__new__(PairDensity)
    object.__setattr__(pair, "coefficients", coefficients)
    return pair


def _effects(axis: Axis, noise: OperationNoise) -> Floats:
    """Rows 0, 1: the effects of the two reports in the Pauli basis, (2, 4)."""
    vector = axis_vector(axis)
    reported = noise.reported
    return np.concatenate([reported[:, :1], reported[:, 1:] * vector], axis=1)
