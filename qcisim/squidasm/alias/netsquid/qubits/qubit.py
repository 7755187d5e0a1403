"""A qubit outside of a run, and the state it shares with others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["QState", "Qubit"]

Array = NDArray[np.complex128]


class QState:
    """The joint state of ``qubits``: density matrix ``dm`` of shape (2^n, 2^n), first qubit most significant."""

    def __init__(self, qubits: Sequence[Qubit], dm: Array) -> None:
        self.qubits = list(qubits)
        self.dm = dm

    @property
    def num_qubits(self) -> int:
        """How many qubits share it."""
        return len(self.qubits)

    @property
    def ket(self) -> Array:
        """(2^n, 1), up to its phase. Raises `ValueError` where the state is mixed."""
        values, vectors = np.linalg.eigh(self.dm)
        if values[-1] < 1.0 - 1e-9:
            raise ValueError(f"state of purity {float(np.sum(values**2)):.6f}: a mixed state has no ket")
        return np.asarray(vectors[:, -1:], dtype=np.complex128)

    def __repr__(self) -> str:
        return f"QState({self.num_qubits} qubits)\n{self.dm}"


class Qubit:
    """One qubit; ``qstate`` is the state it shares with the qubits it is entangled with."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.qstate = QState([self], np.diag([1.0, 0.0]).astype(np.complex128))

    def __repr__(self) -> str:
        return f"Qubit('{self.name}')"


def as_density(state: ArrayLike) -> Array:
    """(2^n, 2^n) of a ket of shape (2^n,), (2^n, 1), (1, 2^n), or of a density matrix."""
    array = np.asarray(getattr(state, "arr", state), dtype=np.complex128)
    if array.ndim == 2 and array.shape[0] == array.shape[1] and array.shape[0] > 1:
        dm = array
    elif array.size == max(array.shape, default=0):
        ket = array.reshape(-1)
        dm = np.outer(ket, ket.conj())
    else:
        raise ValueError(f"a state of shape {array.shape}: wanted (d,), (d, 1) or (d, d)")
    size = dm.shape[0]
    if size & (size - 1) or size < 2:
        raise ValueError(f"a state of dimension {size}: wanted 2^n")
    return dm


__getattr__ = refuse_unknown(__name__)
