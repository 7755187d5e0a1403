"""Many pairs into one: recurrence and pumping, and how far they reach."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from qcisim.errors import require
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.distillation import DEJMPS, Scheme
from qcisim.quantum.operations import PERFECT, OperationNoise
from qcisim.quantum.pair_density import PairDensity

P = TypeVar("P", BellDiagonal, PairDensity)
STEPS = 64
"""Rounds that are tried before a target counts as out of reach; fidelities settle within a dozen."""


@dataclass(frozen=True, slots=True, eq=False)
class Nested(Generic[P]):
    """What n-to-1 distillation leaves.

    Args:
        pair: the pair after the last round, given that all succeeded.
        probabilities: success of each round, first round first.
        raw_pairs: elementary pairs it takes on average, failures included (infinite where a round never succeeds).
    """

    pair: P
    probabilities: tuple[float, ...]
    raw_pairs: float

    @property
    def fidelity(self) -> float:
        """With Phi+."""
        return float(self.pair.fidelity())

    @property
    def rounds(self) -> int:
        """How many."""
        return len(self.probabilities)


def recurrence(pair: P, rounds: int, scheme: Scheme = DEJMPS, noise: OperationNoise = PERFECT) -> Nested[P]:
    """2^k pairs into one: each round distils two equal pairs of the round before, N_k = 2 N_{k-1} / p_k.

    Bennett et al., Phys. Rev. Lett. 76, 722 (1996).
    """
    return _nested(pair, rounds, scheme, noise, pumped=False)


def pumping(pair: P, rounds: int, scheme: Scheme = DEJMPS, noise: OperationNoise = PERFECT) -> Nested[P]:
    """k + 1 pairs into one: each round spends a fresh elementary pair on the kept one, N_k = (N_{k-1} + 1) / p_k.

    A failure starts again from nothing. Dür, Briegel, Cirac, Zoller, Phys. Rev. A 59, 169 (1999).
    """
    return _nested(pair, rounds, scheme, noise, pumped=True)


def reaching(
    pair: P,
    target_fidelity: float,
    scheme: Scheme = DEJMPS,
    noise: OperationNoise = PERFECT,
    *,
    pumped: bool = False,
) -> Nested[P]:
    """The fewest rounds whose pair has at least ``target_fidelity``.

    Raises `PhysicsError` with the best that can be reached where none has.
    """
    require(0.25 <= target_fidelity <= 1.0, f"target fidelity {target_fidelity:g}: lies in [0.25, 1]")
    best = _nested(pair, 0, scheme, noise, pumped)
    state = best
    for _ in range(STEPS):
        if state.fidelity >= target_fidelity:
            return state
        state = _one_more(pair, state, scheme, noise, pumped)
        if state.fidelity > best.fidelity:
            best = state
        if not math.isfinite(state.raw_pairs):
            break
    require(
        state.fidelity >= target_fidelity,
        f"target fidelity {target_fidelity:g} is out of reach of {scheme.name} from {float(pair.fidelity()):.6g}: "
        f"the best is {best.fidelity:.6g} after {best.rounds} rounds",
    )
    return state


def _nested(pair: P, rounds: int, scheme: Scheme, noise: OperationNoise, pumped: bool) -> Nested[P]:
    require(np.ndim(pair.fidelity()) == 0, "many pairs at once: nested distillation takes one kind of elementary pair")
    require(rounds >= 0, f"{rounds} rounds: not negative")
    state: Nested[P] = Nested(pair, (), 1.0)
    for _ in range(rounds):
        state = _one_more(pair, state, scheme, noise, pumped)
    return state


def _one_more(pair: P, state: Nested[P], scheme: Scheme, noise: OperationNoise, pumped: bool) -> Nested[P]:
    done = state.pair.distil(pair if pumped else state.pair, scheme, noise)
    probability = float(done.probability)
    spent = state.raw_pairs + (1.0 if pumped else state.raw_pairs)
    raw_pairs = spent / probability if probability > 0.0 else math.inf
    return Nested(done.pair, (*state.probabilities, probability), raw_pairs)
