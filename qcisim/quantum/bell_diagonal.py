"""Bell-diagonal pairs: four weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.quantum.bell import BELL_KETS
from qcisim.quantum.channel import Channel
from qcisim.quantum.distillation import DEJMPS, Scheme, weight_table
from qcisim.quantum.gate import Gate
from qcisim.quantum.memory import Waiting
from qcisim.quantum.operations import BELL_CORRELATIONS, PAULI_OF_BELL, PERFECT, OperationNoise
from qcisim.quantum.outcomes import sample_outcomes
from qcisim.quantum.pair import Axis, Distilled
from qcisim.quantum.pauli import Floats, pauli_weights
from qcisim.quantum.states import TOLERANCE, Matrix

_XOR = np.array([[i ^ j for j in range(4)] for i in range(4)])
_NONE: Floats = np.array([1.0, 0.0, 0.0, 0.0])


@dataclass(frozen=True, slots=True, eq=False)
class BellDiagonal:
    """rho = sum_k w_k |B_k><B_k| with B = Phi+, Phi-, Psi+, Psi-, or n such pairs.

    The order is that of `bell_state`: index 2 x + z, where Z^z X^x on one side makes B_k of Phi+. Swapping adds these
    bits, so weights are convolved: w_out[k] = sum_{i ^ j = k} w_i w'_j.

    Args:
        weights: (4,) or (n, 4), not negative, each row of sum 1.
    """

    weights: Floats

    def __post_init__(self) -> None:
        weights = np.array(self.weights, dtype=np.float64, order="C")
        shaped = weights.ndim in (1, 2) and weights.shape[-1] == 4
        require(shaped, f"Bell weights of shape {weights.shape}: wanted (4,) or (n, 4)")
        require(bool(np.all(np.isfinite(weights))), "Bell weights that are not finite")
        lowest = float(weights.min(initial=0.0))
        require(lowest >= -TOLERANCE, f"Bell weight {lowest:g}: probabilities are not negative")
        off = float(np.abs(weights.sum(axis=-1) - 1.0).max(initial=0.0))
        require(off < TOLERANCE, f"Bell weights {off:.3g} off a sum of 1: probabilities must sum to 1")
        weights = np.clip(weights, 0.0, None)
        weights.setflags(write=False)
        object.__setattr__(self, "weights", weights)

    @classmethod
    def werner(cls, fidelity: ArrayLike) -> BellDiagonal:
        """F on Phi+, (1-F)/3 on each of the others, for F in [0.25, 1], () or (n,)."""
        f = np.asarray(fidelity, dtype=np.float64)
        good = bool(np.all((f >= 0.25) & (f <= 1.0)))
        require(good, f"fidelity {f}: a Werner pair has 0.25 (white noise) to 1")
        rest = (1.0 - f) / 3.0
        return cls(np.stack([f, rest, rest, rest], axis=-1))

    @classmethod
    def of_density(cls, rho: ArrayLike, tolerance: float = 1e-9) -> BellDiagonal:
        """The weights of a state that is Bell-diagonal; raises `PhysicsError` where it is not, to ``tolerance``."""
        in_bell = _bell_frame(rho)
        off = float(np.abs(in_bell - in_bell * np.eye(4)).max(initial=0.0))
        require(off <= tolerance, f"a state {off:.3g} off Bell-diagonal: `BellDiagonal.twirled` names the twirl")
        return cls.twirled(rho)

    @classmethod
    def twirled(cls, rho: ArrayLike) -> BellDiagonal:
        """The Pauli twirl of any pair, an approximation: keeps <B_k|rho|B_k>, drops coherences between Bell states.

        It is also what happens to a state whose two sides apply the same random Pauli operator and forget it.
        Source: Bennett, DiVincenzo, Smolin, Wootters, Phys. Rev. A 54, 3824 (1996), Appendix A.
        """
        diagonal = np.einsum("...kk->...k", _bell_frame(rho)).real
        weights = np.clip(diagonal, 0.0, None)
        return cls(weights / weights.sum(axis=-1, keepdims=True))

    def __len__(self) -> int:
        return 1 if self.weights.ndim == 1 else len(self.weights)

    def apply(self, operation: Gate | Channel, side: int | None = None) -> BellDiagonal:
        """A mixture of Paulis on one side; raises `PhysicsError` for anything that would leave the Bell-diagonal."""
        channel = operation.channel if isinstance(operation, Gate) else operation
        require(side in (0, 1), f"side {side}: a Bell-diagonal pair takes operations on side 0 or 1")
        return self._convolved(pauli_weights(channel)[PAULI_OF_BELL])

    def store(self, memory: Waiting, time_s: ArrayLike, side: int) -> BellDiagonal:
        """One qubit waits, times () or (n,); raises `PhysicsError` for a memory that damps: use its ``twirled()``."""
        require(side in (0, 1), f"side {side}: wanted 0 or 1")
        return self._convolved(memory.pauli_weights(time_s)[..., PAULI_OF_BELL])

    def outcomes(self, axis_a: Axis, axis_b: Axis, noise: OperationNoise = PERFECT) -> Floats:
        """P(bit a, bit b), (2, 2) or (n, 2, 2)."""
        from qcisim.quantum.pair_density import PairDensity

        return PairDensity.of_weights(self).outcomes(axis_a, axis_b, noise)

    def measure(
        self, axis_a: Axis, axis_b: Axis, rng: np.random.Generator, noise: OperationNoise = PERFECT
    ) -> NDArray[np.uint8]:
        """Bits of both sides, (2,) or (n, 2)."""
        return sample_outcomes(self.outcomes(axis_a, axis_b, noise), rng)

    def swap(self, other: BellDiagonal, noise: OperationNoise = PERFECT) -> BellDiagonal:
        """w_out = w * w' * noise (convolutions): Bell measurement in the middle, corrections on the far side.

        Zukowski, Zeilinger, Horne, Ekert, Phys. Rev. Lett. 71, 4287 (1993).
        """
        left, right = self.weights, other.weights
        if left.ndim == 1 and right.ndim == 1:
            return _made(_kernels().convolve_once(left, right, noise.flips))
        return _made(_kernels().convolve(*_aligned(left, right), noise.flips))

    def distil(
        self,
        other: BellDiagonal,
        scheme: Scheme = DEJMPS,
        noise: OperationNoise = PERFECT,
        noise_b: OperationNoise | None = None,
    ) -> Distilled[BellDiagonal]:
        """Keeps this pair where the scheme succeeds, spends the other."""
        table = weight_table(scheme, noise, noise_b or noise)
        rules = (table.gates, table.equal, table.unequal, table.rotated, table.twirled_input)
        left, right = self.weights, other.weights
        if left.ndim == 1 and right.ndim == 1:
            weights, probability = _kernels().distil_weights_once(left, right, *rules)
        else:
            weights, probability = _kernels().distil_weights(*_aligned(left, right), *rules)
        return Distilled(_made(weights), probability)

    def fidelity(self, bell: int = 0) -> Floats | float:
        """w_k."""
        require(bell in range(4), f"Bell state {bell}: there are four, 0 to 3")
        return float(self.weights[bell]) if self.weights.ndim == 1 else self.weights[:, bell]

    def to_density(self) -> Matrix:
        """rho, (4, 4) or (n, 4, 4)."""
        rho: Matrix = np.einsum("...k,ki,kj->...ij", self.weights, BELL_KETS, BELL_KETS.conj())
        return rho

    @property
    def correlations(self) -> Floats:
        """tr(rho P (x) P) for P = 1, X, Y, Z, (4,) or (n, 4)."""
        values: Floats = self.weights @ BELL_CORRELATIONS
        return values

    def _convolved(self, weights: Floats) -> BellDiagonal:
        """Both sets of Bell bits added."""
        return _made(np.einsum("...i,...ki->...k", self.weights, weights[..., _XOR], order="C"))


@cache
def _kernels() -> ModuleType:
    """The compiled loops; numba comes in here, where something runs."""
    from qcisim.quantum import pair_kernels

    return pair_kernels


def _made(weights: Floats) -> BellDiagonal:
    """Weights that an operation on good pairs has made, without checks; frozen, so kernels see one kind of array."""
    weights.setflags(write=False)
    pair = object.__new__(BellDiagonal)
    object.__setattr__(pair, "weights", weights)
    return pair


def _aligned(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    if left.shape == right.shape:
        return left, right
    require(left.ndim == 1 or right.ndim == 1, f"{left.shape[0]} pairs with {right.shape[0]}: wanted as many, or one")
    wide, narrow = (np.array(one, order="C") for one in np.broadcast_arrays(left, right))
    wide.setflags(write=False)
    narrow.setflags(write=False)
    return wide, narrow


def _bell_frame(rho: ArrayLike) -> Matrix:
    matrix = np.asarray(rho, dtype=np.complex128)
    require(matrix.shape[-2:] == (4, 4), f"density matrix of shape {matrix.shape}: wanted (4, 4) or (n, 4, 4)")
    framed: Matrix = np.einsum("ki,...ij,lj->...kl", BELL_KETS.conj(), matrix, BELL_KETS)
    return framed
