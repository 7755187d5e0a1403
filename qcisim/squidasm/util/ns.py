"""Entanglement of two-qubit states by the partial transpose."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.squidasm.alias.netsquid.qubits.qubitapi import reduced_dm

__all__ = ["is_ppt", "is_state_entangled", "partial_transpose"]


def partial_transpose(mat: Any) -> NDArray[Any]:
    """Transposes the second qubit of a (4, 4) matrix."""
    array = np.asarray(mat)
    if array.shape != (4, 4):
        raise ValueError(f"partial transpose of a matrix of shape {array.shape}: wanted (4, 4)")
    return array.reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)


def is_ppt(state: Any, tol: float | None = None) -> bool:
    """Whether the partial transpose has no eigenvalue below -``tol``."""
    smallest = np.linalg.eigvalsh(partial_transpose(state))[0]
    return bool(smallest >= -(1e-14 if tol is None else tol))


def is_state_entangled(qstate: Any, tol: float | None = None) -> bool | None:
    """Whether qubits are entangled; None for more than two qubits in a mixed state, where this is not decided here.

    A pure state is entangled where the purity of a qubit is below 1 - ``tol``, a mixed state of two qubits where its
    partial transpose is not positive.

    Args:
        qstate: of qubits, with ``dm`` and ``qubits``.
    """
    number, dm = len(qstate.qubits), np.asarray(qstate.dm, dtype=np.complex128)
    if number == 1:
        return False
    dm = dm / np.trace(dm).real
    if float(np.trace(dm @ dm).real) > 1.0 - 1e-12:
        limit = 1.0 - (1e-14 if tol is None else tol)
        reduced = [reduced_dm(qubit) for qubit in qstate.qubits]
        return any(float(np.trace(one @ one).real) / np.trace(one).real ** 2 < limit for one in reduced)
    return not is_ppt(dm, tol) if number == 2 else None
