"""Fidelity of density matrices."""

from __future__ import annotations

from numpy.typing import ArrayLike

from qcisim.squidasm.alias.netsquid.qubits.qubit import as_density
from qcisim.squidasm.alias.netsquid.qubits.qubitapi import state_fidelity
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["dm_fidelity"]


def dm_fidelity(state1: ArrayLike, state2: ArrayLike, squared: bool = False, dm_check: bool = True) -> float:
    """tr sqrt(sqrt(rho) sigma sqrt(rho)), or its square; kets are taken as density matrices."""
    return state_fidelity(as_density(state1), as_density(state2), squared)


__getattr__ = refuse_unknown(__name__)
