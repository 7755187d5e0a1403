"""Shared pairs: one interface for every way of holding one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.quantum.channel import Channel
from qcisim.quantum.distillation import DEJMPS, Scheme
from qcisim.quantum.gate import Gate
from qcisim.quantum.memory import Waiting
from qcisim.quantum.operations import PERFECT, OperationNoise
from qcisim.quantum.pauli import Floats
from qcisim.quantum.states import Matrix

Axis = str | ArrayLike
"""A measurement: "X", "Y", "Z" or a Bloch vector (3,)."""
P = TypeVar("P", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Distilled(Generic[P]):
    """What distillation leaves.

    Args:
        pair: the kept pair given success; white noise where the probability is 0.
        probability: that it is kept, a float or (n,) for n pairs; 0.0 or 1.0 where the representation samples.
    """

    pair: P
    probability: Floats | float


class Pair(Protocol):
    """Two entangled qubits, or n independent such pairs at once; the target is Phi+.

    `BellDiagonal` and `PairDensity` are values: operations average over the results of measurements that the
    corrections have used up, exactly. `RegisterPair` acts on two qubits of a register, which samples.
    """

    def apply(self, operation: Gate | Channel, side: int | None = None) -> Self:
        """A one-qubit operation on side 0 or 1, or a two-qubit operation (``side`` None)."""

    def store(self, memory: Waiting, time_s: ArrayLike, side: int) -> Self:
        """One qubit waits in its memory."""

    def measure(
        self, axis_a: Axis, axis_b: Axis, rng: np.random.Generator, noise: OperationNoise = PERFECT
    ) -> NDArray[np.uint8]:
        """Bits of both sides, (2,) or (n, 2); ends the pair."""

    def swap(self, other: Self, noise: OperationNoise = PERFECT) -> Self:
        """Bell measurement on this side 1 and the other's side 0, corrections on the other's side 1."""

    def distil(
        self,
        other: Self,
        scheme: Scheme = DEJMPS,
        noise: OperationNoise = PERFECT,
        noise_b: OperationNoise | None = None,
    ) -> Distilled[Self]:
        """Keeps this pair, spends the other; ``noise_b`` of the second node where it differs."""

    def fidelity(self, bell: int = 0) -> Floats | float:
        """<B|rho|B> for B = Phi+, Phi-, Psi+, Psi- (0 to 3)."""

    def to_density(self) -> Matrix:
        """rho, (4, 4) or (n, 4, 4)."""


_AXES = {"X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0), "Z": (0.0, 0.0, 1.0)}


def axis_vector(axis: Axis) -> Floats:
    """The Bloch vector of an axis, normalised, (3,)."""
    if isinstance(axis, str):
        require(axis in _AXES, f"axis '{axis}': wanted X, Y, Z or a Bloch vector of three numbers")
        return np.array(_AXES[axis])
    vector = np.asarray(axis, dtype=np.float64)
    require(vector.shape == (3,), f"axis of shape {vector.shape}: wanted X, Y, Z or a Bloch vector of three numbers")
    length = float(np.linalg.norm(vector))
    require(0.0 < length < np.inf, "axis of length 0 or infinity: wanted a direction")
    unit: Floats = vector / length
    return unit
