"""Operators on qubits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["CNOT", "CZ", "SWAP", "H", "I", "K", "Operator", "S", "T", "X", "Y", "Z", "create_rotation_op"]

_R = 1.0 / np.sqrt(2.0)


class Operator:
    """A named square matrix ``arr``; ``a * b`` is the product, ``a ^ b`` the tensor product."""

    def __init__(self, name: str, matrix: Any, description: str | None = None) -> None:
        self.name = name
        self.arr: NDArray[np.complex128] = np.asarray(matrix, dtype=np.complex128)
        self.description = description

    @property
    def num_qubits(self) -> int:
        """How many qubits it acts on."""
        return int(self.arr.shape[0]).bit_length() - 1

    @property
    def inv(self) -> Operator:
        """The inverse."""
        return Operator(f"{self.name}^-1", np.linalg.inv(self.arr))

    @property
    def conj(self) -> Operator:
        """The adjoint."""
        return Operator(f"{self.name}^dagger", self.arr.conj().T)

    def __mul__(self, other: Operator) -> Operator:
        return Operator(f"{self.name}*{other.name}", self.arr @ other.arr)

    def __xor__(self, other: Operator) -> Operator:
        return Operator(f"{self.name}^{other.name}", np.kron(self.arr, other.arr))

    def __repr__(self) -> str:
        return f"Operator('{self.name}')"


I = Operator("I", np.eye(2))  # noqa: E741
X = Operator("X", [[0, 1], [1, 0]])
Y = Operator("Y", [[0, -1j], [1j, 0]])
Z = Operator("Z", [[1, 0], [0, -1]])
H = Operator("H", [[_R, _R], [_R, -_R]])
S = Operator("S", [[1, 0], [0, 1j]])
T = Operator("T", np.diag([1.0, np.exp(0.25j * np.pi)]))
K = Operator("K", [[_R, -1j * _R], [1j * _R, -_R]])
CNOT = CX = Operator("CNOT", [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
CZ = Operator("CZ", np.diag([1, 1, 1, -1]))
SWAP = Operator("SWAP", [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])


def create_rotation_op(angle: float, rotation_axis: Sequence[float] = (1, 0, 0), conjugate: bool = False) -> Operator:
    """exp(-i angle/2 n.sigma) about the axis n; ``conjugate``: about -angle."""
    axis = np.asarray(rotation_axis, dtype=np.float64)
    length = float(np.linalg.norm(axis))
    if axis.shape != (3,) or length == 0.0:
        raise ValueError(f"rotation axis {rotation_axis!r}: wanted three numbers that are not all 0")
    half = -angle / 2.0 if conjugate else angle / 2.0
    x, y, z = axis / length
    sigma = x * X.arr + y * Y.arr + z * Z.arr
    return Operator("R", np.cos(half) * np.eye(2) - 1j * np.sin(half) * sigma)


__getattr__ = refuse_unknown(__name__)
