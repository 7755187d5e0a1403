"""How good the local operations of a node are, and the tables that pair operations need of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qcisim.errors import require
from qcisim.quantum.pauli import Floats

PAULI_OF_BELL = np.array([0, 3, 1, 2])
"""The Pauli operator (index in 1, X, Y, Z) that makes Phi+, Phi-, Psi+, Psi- of Phi+ on one side."""
BELL_CORRELATIONS: Floats = np.array(
    [[1.0, 1.0, -1.0, 1.0], [1.0, -1.0, 1.0, 1.0], [1.0, 1.0, 1.0, -1.0], [1.0, -1.0, -1.0, -1.0]]
)
"""tr(rho P (x) P) for P = 1, X, Y, Z (columns) and Phi+, Phi-, Psi+, Psi- (rows)."""
_X_PART = np.array([0, 1, 1, 0])  # of 1, X, Y, Z
_Z_PART = np.array([0, 0, 1, 1])


@dataclass(frozen=True, slots=True)
class OperationNoise:
    """The noise of a node's two-qubit gates and of its qubit measurements; its one-qubit gates are perfect.

    Args:
        gate_depolarising: p of every two-qubit gate, rho -> (1-p) U rho U^dagger + p 1/4 on its two qubits.
        readout_error_zero: probability that |0> is read as 1.
        readout_error_one: probability that |1> is read as 0.
    """

    gate_depolarising: float = 0.0
    readout_error_zero: float = 0.0
    readout_error_one: float = 0.0
    teleporting: Floats = field(init=False, repr=False, compare=False)
    """C_mj: what a Bell measurement with corrections makes of Pauli m at its input and j at its output, (4, 4)."""
    flips: Floats = field(init=False, repr=False, compare=False)
    """The same for Bell-diagonal pairs: weights of Phi+, Phi-, Psi+, Psi- of a swap of two perfect pairs, (4,)."""

    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("gate_depolarising", "readout_error_zero", "readout_error_one"):
            value = getattr(self, name)
            require(0.0 <= value <= 1.0, f"{name} {value:g}: a probability lies in [0, 1]")
        values = (self.gate_depolarising, self.readout_error_zero, self.readout_error_one)
        object.__setattr__(self, "_hash", hash(values))
        reading = self.reading
        # outcome bits (x, z) of the parity and the phase; X flips a Z part, Z an X part
        kept = reading[_Z_PART[:, None], _Z_PART] * reading[_X_PART[:, None], _X_PART]
        signs = np.array([1.0, 1.0, -1.0, 1.0])
        gate = np.array([1.0] + [1.0 - self.gate_depolarising] * 3)
        teleporting = (signs * gate)[:, None] * kept
        flips = BELL_CORRELATIONS @ (teleporting.diagonal()) / 4.0
        for name, table in (("teleporting", teleporting), ("flips", np.clip(flips, 0.0, None))):
            table.setflags(write=False)
            object.__setattr__(self, name, table)

    def __hash__(self) -> int:  # tables of distillation are looked up by it
        return self._hash

    @property
    def reading(self) -> Floats:
        """What a readout makes of the characters 1 and (-1)^bit, averaged over both bits: [[1, b], [0, v]], (2, 2).

        v = 1 - e0 - e1 is the visibility, b = e1 - e0 the bias.
        """
        e0, e1 = self.readout_error_zero, self.readout_error_one
        return np.array([[1.0, e1 - e0], [0.0, 1.0 - e0 - e1]])

    @property
    def reported(self) -> Floats:
        """The effects of the reports 0 and 1 in the basis (1, Z): rows (p, q) for p 1 + q Z, (2, 2)."""
        e0, e1 = self.readout_error_zero, self.readout_error_one
        visibility = 0.5 * (1.0 - e0 - e1)
        return np.array([[0.5 * (1.0 - e0 + e1), visibility], [0.5 * (1.0 + e0 - e1), -visibility]])


PERFECT = OperationNoise()
