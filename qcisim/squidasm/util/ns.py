"""Entanglement of two-qubit states by the partial transpose."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    """Whether the qubits of a state are entangled; None for more than two mixed qubits, where this is not decided here.

    Args:
        qstate: of qubits, with ``dm`` and ``num_qubits``.
        tol: how far below zero an eigenvalue may be.
    """
    number = len(qstate.qubits)
    if number == 1:
        return False
    if number == 2:
        return not is_ppt(qstate.dm, tol)
    return None
