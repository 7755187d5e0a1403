"""Quantum memories: what a qubit suffers while it waits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require
from qcisim.quantum.channel import Channel, decay, dephasing
from qcisim.quantum.pauli import Floats, pauli_mixture


class Waiting(Protocol):
    """What a qubit suffers while it waits."""

    def channel(self, time_s: float) -> Channel:
        """The channel of a wait of ``time_s``."""

    def transfer(self, time_s: ArrayLike) -> Floats:
        """Its transfer matrix in the Pauli basis 1, X, Y, Z, (..., 4, 4), for times (...)."""

    def pauli_weights(self, time_s: ArrayLike) -> Floats:
        """Its weights of 1, X, Y, Z, (..., 4); raises `PhysicsError` where it is not a mixture of Paulis."""


def _times(time_s: ArrayLike) -> Floats:
    times = np.asarray(time_s, dtype=np.float64)
    require(bool(np.all(times >= 0.0)), "a negative waiting time: a memory cannot undo its decay")
    return times


def _check(t1_s: float, t2_s: float) -> None:
    for name, value in (("T1", t1_s), ("T2", t2_s)):
        require(value > 0.0, f"{name} {value:g} s: a coherence time is positive (infinite for none)")
    limit = f"T2 {t2_s:g} s above 2 T1 = {2.0 * t1_s:g} s: a qubit that decays loses its phase at least half as fast"
    require(t2_s <= 2.0 * t1_s, limit)


@dataclass(frozen=True, slots=True)
class Memory:
    """Amplitude damping towards |0> with T1, then the dephasing that is left of T2.

    Populations decay by exp(-t/T1), coherences by exp(-t/T2).

    Args:
        t1_s: relaxation time; infinite for none.
        t2_s: coherence time, at most 2 T1.

    Raises:
        PhysicsError: for T2 > 2 T1: damping alone takes the coherence down by exp(-t/(2 T1)).
    """

    t1_s: float = math.inf
    t2_s: float = math.inf

    def __post_init__(self) -> None:
        _check(self.t1_s, self.t2_s)

    def channel(self, time_s: float) -> Channel:
        """Damping by 1 - exp(-t/T1) and dephasing by (1 - exp(-t/T2 + t/(2 T1)))/2."""
        time = float(_times(time_s))
        damped = decay(time / self.t1_s)
        left = -0.5 * math.expm1(-time / self.t2_s + 0.5 * time / self.t1_s)
        return damped.then(dephasing(max(0.0, left)))

    def transfer(self, time_s: ArrayLike) -> Floats:
        """1; c, c on X, Y; Z' = 1 - d + d Z with c = exp(-t/T2), d = exp(-t/T1)."""
        time = _times(time_s)
        coherence, population = np.exp(-time / self.t2_s), np.exp(-time / self.t1_s)
        matrix = np.zeros((*time.shape, 4, 4))
        matrix[..., 0, 0] = 1.0
        matrix[..., 1, 1] = matrix[..., 2, 2] = coherence
        matrix[..., 3, 3] = population
        matrix[..., 3, 0] = -np.expm1(-time / self.t1_s)
        return matrix

    def pauli_weights(self, time_s: ArrayLike) -> Floats:
        """Dephasing alone is a mixture of 1 and Z; damping is none, `twirled` names the approximation."""
        decays = f"T1 = {self.t1_s:g} s damps: no mixture of Paulis; use `twirled()`, the named approximation"
        require(math.isinf(self.t1_s), decays)
        return self.twirled().pauli_weights(time_s)

    def twirled(self) -> TwirledMemory:
        """The Pauli twirl of this memory, an approximation where T1 is finite."""
        return TwirledMemory(self.t1_s, self.t2_s)


@dataclass(frozen=True, slots=True)
class TwirledMemory:
    """The Pauli twirl of a `Memory`: px = py = (1 - d)/4, pz = (1 - c)/2 - px, c = exp(-t/T2), d = exp(-t/T1).

    It relaxes to 1/2 instead of |0>; the fidelity of a stored half of a Bell pair is that of the memory.
    Source: Ghosh, Fowler, Geller, Phys. Rev. A 86, 062318 (2012), Eqs. (8)-(10).
    """

    t1_s: float = math.inf
    t2_s: float = math.inf

    def __post_init__(self) -> None:
        _check(self.t1_s, self.t2_s)

    def channel(self, time_s: float) -> Channel:
        """The mixture of Paulis."""
        return pauli_mixture(self.pauli_weights(time_s))

    def transfer(self, time_s: ArrayLike) -> Floats:
        """diag(1, c, c, d)."""
        time = _times(time_s)
        matrix = np.zeros((*time.shape, 4, 4))
        matrix[..., 0, 0] = 1.0
        matrix[..., 1, 1] = matrix[..., 2, 2] = np.exp(-time / self.t2_s)
        matrix[..., 3, 3] = np.exp(-time / self.t1_s)
        return matrix

    def pauli_weights(self, time_s: ArrayLike) -> Floats:
        """Weights of 1, X, Y, Z, (..., 4)."""
        time = _times(time_s)
        flip = -0.25 * np.expm1(-time / self.t1_s)
        phase = np.maximum(-0.5 * np.expm1(-time / self.t2_s) - flip, 0.0)
        return np.stack([1.0 - 2.0 * flip - phase, flip, flip, phase], axis=-1)


@dataclass(frozen=True, slots=True)
class DepolarisingMemory:
    """rho -> x rho + (1-x) 1/2 with x = exp(-t/T): Werner pairs stay Werner.

    Args:
        time_constant_s: T.
    """

    time_constant_s: float

    def __post_init__(self) -> None:
        require(self.time_constant_s > 0.0, f"time_constant_s {self.time_constant_s:g}: wanted above 0")

    def channel(self, time_s: float) -> Channel:
        """The mixture of Paulis."""
        return pauli_mixture(self.pauli_weights(time_s))

    def transfer(self, time_s: ArrayLike) -> Floats:
        """diag(1, x, x, x)."""
        time = _times(time_s)
        matrix = np.zeros((*time.shape, 4, 4))
        matrix[..., 0, 0] = 1.0
        for axis in (1, 2, 3):
            matrix[..., axis, axis] = np.exp(-time / self.time_constant_s)
        return matrix

    def pauli_weights(self, time_s: ArrayLike) -> Floats:
        """(1-x)/4 for X, Y, Z each."""
        flip = -0.25 * np.expm1(-_times(time_s) / self.time_constant_s)
        return np.stack([1.0 - 3.0 * flip, flip, flip, flip], axis=-1)
