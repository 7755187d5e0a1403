"""Measurements: positive operators that sum to one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.quantum.states import TOLERANCE, Matrix, bb84_ket, density


@dataclass(frozen=True, slots=True, eq=False)
class Povm:
    """p_m = tr(E_m rho), E_m >= 0, sum_m E_m = 1 (Born's rule).

    Args:
        effects: (m, d, d), complex128.
    """

    effects: Matrix

    def __post_init__(self) -> None:
        effects = np.array(self.effects, dtype=np.complex128)
        square = effects.ndim == 3 and effects.shape[1] == effects.shape[2]
        require(square, f"effects of shape {effects.shape}: wanted (m, d, d)")
        off = float(np.abs(effects.sum(axis=0) - np.eye(effects.shape[1])).max())
        require(off < TOLERANCE, f"effects off completeness by {off:.3g}: some outcome must happen")
        asymmetry = float(np.abs(effects - effects.conj().transpose(0, 2, 1)).max())
        require(asymmetry < TOLERANCE, "an effect is not Hermitian")
        lowest = float(np.linalg.eigvalsh(effects).min())
        require(lowest > -TOLERANCE, f"effect with eigenvalue {lowest:.3g}: probabilities cannot be negative")
        effects.setflags(write=False)
        object.__setattr__(self, "effects", effects)

    def probabilities(self, rho: ArrayLike) -> NDArray[np.float64]:
        """p (m,) for rho (d, d)."""
        values = np.einsum("mij,ji->m", self.effects, np.asarray(rho, dtype=np.complex128)).real
        clipped: NDArray[np.float64] = np.clip(values, 0.0, 1.0)
        return clipped


def bb84_povm(basis: int) -> Povm:
    """The projective measurement in basis 0 (Z) or 1 (X): outcome 0 and 1."""
    return Povm(np.array([density(bb84_ket(basis, bit)) for bit in (0, 1)]))
