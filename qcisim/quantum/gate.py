"""Gates by name, as registers of every kind know them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require
from qcisim.quantum.channel import Channel
from qcisim.quantum.states import TOLERANCE, Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A unitary on one or two qubits.

    Args:
        name: what it is called.
        matrix: (2, 2) or (4, 4); the first qubit is the slow index.
        clifford: it maps Pauli operators to Pauli operators and is known to stabiliser registers by its name.
    """

    name: str
    matrix: Matrix
    clifford: bool = False

    def __post_init__(self) -> None:
        matrix = np.array(self.matrix, dtype=np.complex128)
        require(matrix.shape in ((2, 2), (4, 4)), f"gate {self.name} of shape {matrix.shape}: wanted 2x2 or 4x4")
        off = float(np.abs(matrix @ matrix.conj().T - np.eye(len(matrix))).max())
        require(off < TOLERANCE, f"gate {self.name} off unitarity by {off:.3g}: gates keep probabilities")
        matrix.setflags(write=False)
        object.__setattr__(self, "matrix", matrix)

    @property
    def qubits(self) -> int:
        """1 or 2."""
        return 1 if len(self.matrix) == 2 else 2

    @property
    def channel(self) -> Channel:
        """rho -> U rho U^dagger."""
        return Channel(self.matrix[None])


def _clifford(name: str, matrix: ArrayLike) -> Gate:
    return Gate(name, np.asarray(matrix, dtype=np.complex128), clifford=True)


I = _clifford("I", np.eye(2))  # noqa: E741
X = _clifford("X", [[0, 1], [1, 0]])
Y = _clifford("Y", [[0, -1j], [1j, 0]])
Z = _clifford("Z", [[1, 0], [0, -1]])
H = _clifford("H", np.array([[1, 1], [1, -1]]) / np.sqrt(2.0))
S = _clifford("S", np.diag([1, 1j]))
S_DAG = _clifford("S_DAG", np.diag([1, -1j]))
SQRT_X = _clifford("SQRT_X", np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2.0)
SQRT_X_DAG = _clifford("SQRT_X_DAG", np.array([[1 - 1j, 1 + 1j], [1 + 1j, 1 - 1j]]) / 2.0)
CNOT = _clifford("CNOT", [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
CZ = _clifford("CZ", np.diag([1, 1, 1, -1]))
SWAP = _clifford("SWAP", [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
T = Gate("T", np.diag([1.0, np.exp(0.25j * np.pi)]))
CLIFFORD_GATES = (I, X, Y, Z, H, S, S_DAG, SQRT_X, SQRT_X_DAG, CNOT, CZ, SWAP)


def rotation_gate(axis: ArrayLike, angle_rad: float) -> Gate:
    """exp(-i theta n.(X, Y, Z)/2) for a Bloch vector n (3,)."""
    from qcisim.quantum.channel import rotation

    n = np.asarray(axis, dtype=np.float64)
    n = n / np.linalg.norm(n)
    return Gate("R", rotation(*(float(angle_rad * part) for part in n)).kraus[0])
