"""Attempts on a clock until one succeeds, and then a state that was fixed beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from qcisim.errors import require
from qcisim.stack.links.delivery import Delivery, PairState, werner_pair

ATTEMPT_NS = 1000.0
"""Duration of a perfect link that is given none."""


@dataclass(frozen=True, slots=True, eq=False)
class AttemptLink:
    """P(k attempts) = p (1-p)^(k-1), duration k t, one of ``states`` with equal chances.

    Args:
        states: what a success may give, such as Psi+ and Psi- for the click patterns of a station.
        attempt_ns: t, not negative.
        success_probability: p of one attempt, in (0, 1].
    """

    states: tuple[PairState, ...]
    attempt_ns: float
    success_probability: float = 1.0
    _log_failure: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        p = self.success_probability
        require(len(self.states) >= 1, "a link that delivers no state")
        require(0.0 < p <= 1.0, f"success probability {p:g}: lies in (0, 1], or the wait never ends")
        good = self.attempt_ns >= 0.0 and math.isfinite(self.attempt_ns)
        require(good, f"an attempt of {self.attempt_ns:g} ns: wanted a finite time that is not negative")
        object.__setattr__(self, "_log_failure", math.log1p(-p) if p < 1.0 else 0.0)

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """One draw for all attempts: k = 1 + floor(ln(1-u) / ln(1-p))."""
        attempts = 1
        if self._log_failure:
            attempts += int(math.log1p(-rng.random()) / self._log_failure)
        states = self.states
        state = states[0] if len(states) == 1 else states[int(len(states) * rng.random())]
        return Delivery(attempts * self.attempt_ns, state, attempts)

    @property
    def mean_fidelity(self) -> float:
        """Of the pairs with the Bell states they are meant to be."""
        return math.fsum(state.fidelity for state in self.states) / len(self.states)

    @property
    def mean_duration_ns(self) -> float:
        """t/p."""
        return self.attempt_ns / self.success_probability


def perfect_link(delay_ns: float = ATTEMPT_NS) -> AttemptLink:
    """Phi+ after ``delay_ns``."""
    return AttemptLink((werner_pair(1.0),), delay_ns)


def depolarising_link(
    fidelity: float, success_probability: float, attempt_ns: float, *, random_bell_state: bool = False
) -> AttemptLink:
    """(1-p) |B><B| + p 1/4 with p = 4 (1-F)/3; B is Phi+, or each Bell state as often as another.

    Args:
        fidelity: F, in [0, 1].
        success_probability: of one attempt.
        attempt_ns: its duration.
    """
    indices = range(4) if random_bell_state else range(1)
    return AttemptLink(tuple(werner_pair(fidelity, bell) for bell in indices), attempt_ns, success_probability)
