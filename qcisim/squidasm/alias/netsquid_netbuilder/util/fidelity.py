"""Fidelities of pairs."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qcisim.squidasm.alias.netsquid.qubits.ketstates import bell_states
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["calculate_fidelity_epr", "fidelity_to_prob_max_mixed", "prob_max_mixed_to_fidelity"]


def calculate_fidelity_epr(dm_epr_state: ArrayLike, bell_state: Any) -> float:
    """<B|rho|B> of a pair with the Bell state of a ``BellIndex``."""
    ket = bell_states[int(bell_state)].reshape(4)
    rho = np.asarray(dm_epr_state, dtype=np.complex128)
    return float((ket.conj() @ rho @ ket).real)


def fidelity_to_prob_max_mixed(fid: float) -> float:
    """p = 4 (1 - F)/3 of (1-p) |B><B| + p 1/4."""
    return (1 - fid) * 4.0 / 3.0


def prob_max_mixed_to_fidelity(prob: float) -> float:
    """F = 1 - 3p/4 of (1-p) |B><B| + p 1/4."""
    return 1 - prob * 3.0 / 4.0


__getattr__ = refuse_unknown(__name__)
