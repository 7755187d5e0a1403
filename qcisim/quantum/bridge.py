"""qutip both ways: the author's language and the oracle of the tests. The only file that imports qutip."""

from __future__ import annotations

from typing import Any

import numpy as np
import qutip

from qcisim.errors import InputError
from qcisim.quantum.channel import Channel
from qcisim.quantum.states import Matrix, check_density, ket


def to_qutip(value: Channel | Matrix, dimensions: list[int] | None = None) -> Any:
    """A `Channel` becomes a qutip super operator, a vector a ket, a square matrix an operator.

    ``dimensions`` lists the levels of the subsystems where there is more than one.
    """
    if isinstance(value, Channel):
        out, into = value.shape
        return qutip.Qobj(value.superop, dims=[[[out], [out]], [[into], [into]]], superrep="super")
    levels = dimensions or [value.shape[0]]
    if value.ndim == 1:
        return qutip.Qobj(value.reshape(-1, 1), dims=[levels, [1] * len(levels)])
    return qutip.Qobj(value, dims=[levels, levels])


def from_qutip(value: Any) -> Channel | Matrix:
    """A ket becomes a vector (d,), a density matrix a matrix (d, d), a super operator (any representation) a `Channel`.

    Raises `InputError` for other objects, `PhysicsError` for a map or matrix that is no channel or state.
    """
    if value.type == "ket":
        return ket(value.full())
    if value.type == "oper":
        return check_density(value.full())
    if value.type == "super":
        if not value.iscp:
            raise InputError("a qutip super operator that is not completely positive: not a channel")
        return Channel(np.array([operator.full() for operator in qutip.to_kraus(value)]))
    raise InputError(f"qutip object of type {value.type!r}: wanted a ket, a density matrix or a super operator")
