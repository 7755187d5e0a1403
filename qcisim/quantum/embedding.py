"""Operations on a few qubits as one matrix on the density matrix of a small group."""

from __future__ import annotations

import numpy as np

from qcisim.errors import require
from qcisim.quantum.channel import Channel
from qcisim.quantum.gate import Gate
from qcisim.quantum.groups import on_rows
from qcisim.quantum.states import Matrix

SMALL = 3
"""Groups of so many qubits are changed by one matrix on the flattened density matrix, (64, 64) at most."""
_KEPT = 4096
_superoperators: dict[tuple[Gate | Channel, tuple[int, ...], int], Matrix] = {}


def kraus_of(operation: Gate | Channel, qubits: int) -> Matrix:
    """Its Kraus operators, (k, 2^m, 2^m); raises `PhysicsError` where it acts on another number of qubits."""
    kraus = operation.matrix[None] if isinstance(operation, Gate) else operation.kraus
    wanted = 2**qubits
    fits = kraus.shape[1:] == (wanted, wanted)
    require(fits, f"an operation on {kraus.shape[2]} levels for {qubits} qubits: wanted {wanted}")
    return kraus


def superoperator(operation: Gate | Channel, places: tuple[int, ...], count: int) -> Matrix:
    """sum_k E_k (x) E_k*, (4^n, 4^n), with E_k the Kraus operators on ``places`` of ``count`` qubits; kept.

    It takes rho, flattened row by row, to sum_k E_k rho E_k^dagger, flattened.
    """
    key = (operation, places, count)
    kept = _superoperators.get(key)
    if kept is None:
        size = 2**count
        kept = np.zeros((size * size, size * size), dtype=np.complex128)
        for matrix in kraus_of(operation, len(places)):
            embedded = on_rows(matrix, np.eye(size, dtype=np.complex128), list(places), count)
            kept += np.kron(embedded, embedded.conj())
        if len(_superoperators) >= _KEPT:
            _superoperators.clear()
        _superoperators[key] = kept
    return kept
