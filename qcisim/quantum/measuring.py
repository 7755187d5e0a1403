"""Measurements in X and Y as measurements in Z between two gates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from qcisim.errors import require
from qcisim.quantum.gate import SQRT_X, SQRT_X_DAG, Gate, H


class _Gated(Protocol):
    def apply(self, operation: Gate, *qubits: int) -> None: ...


_TURNS = {"X": (H, H), "Y": (SQRT_X, SQRT_X_DAG)}


@contextmanager
def undoing(register: _Gated, qubit: int, basis: str) -> Iterator[None]:
    """Turns the axis ``basis`` of a qubit onto Z for the block, and back behind it."""
    require(basis in ("X", "Y", "Z"), f"basis '{basis}': wanted X, Y or Z")
    turns = _TURNS.get(basis)
    if turns:
        register.apply(turns[0], qubit)
    yield
    if turns:
        register.apply(turns[1], qubit)
