"""The ways to reconcile two strings, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.distill import CascadeCorrector, CascadePlan, CascadeReference, LdpcCorrector, LdpcPlan, LdpcReference

Bits: TypeAlias = NDArray[np.uint8]


class Reference(Protocol):
    """The side of reconciliation whose string stays: it answers queries, and what it answers is disclosed."""

    def answer(self, query: bytes) -> bytes:
        """The answer to one query."""


class Corrector(Protocol):
    """The side of reconciliation whose string is corrected."""

    @property
    def bits(self) -> Bits:
        """The string as corrected so far."""

    def step(self, answer: bytes | None) -> bytes | None:
        """The next query, from the answer to the last one (None at first); None when it is done."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """A way to reconcile: both sides build their part from their own bits, an error rate and a public seed.

    The reference has private randomness too: what LDPC puts into punctured positions.
    """

    reference: Callable[[Bits, float, int, np.random.Generator], Reference]
    corrector: Callable[[Bits, float, int], Corrector]


RECONCILERS: dict[str, Reconciler] = {
    "cascade": Reconciler(
        lambda bits, qber, seed, rng: CascadeReference(bits, CascadePlan(len(bits), qber, seed=seed)),
        lambda bits, qber, seed: CascadeCorrector(bits, CascadePlan(len(bits), qber, seed=seed)),
    ),
    "ldpc": Reconciler(
        lambda bits, qber, seed, rng: LdpcReference(bits, LdpcPlan(len(bits), qber), rng),
        lambda bits, qber, seed: LdpcCorrector(bits, LdpcPlan(len(bits), qber)),
    ),
}
