"""Simulated time and seed of the session."""

from __future__ import annotations

import random

import numpy as np

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.session import session
from qcisim.stack import current

__all__ = ["MICROSECOND", "MILLISECOND", "NANOSECOND", "SECOND", "set_random_state", "sim_reset", "sim_time"]

NANOSECOND = 1.0
MICROSECOND = 1e3
MILLISECOND = 1e6
SECOND = 1e9


def sim_time(magnitude: float = NANOSECOND) -> float:
    """Simulated time in units of ``magnitude`` (ns)."""
    return current.sim_time_ns() / magnitude


def sim_reset() -> None:
    """Set the time to 0. Nothing else is left over between runs."""
    current.set_machine(None)


def set_random_state(seed: int | None = None, rng: np.random.Generator | np.random.RandomState | None = None) -> None:
    """Make the runs that follow reproducible; ``rng``: take the seed from it.

    Not the same numbers as NetSquid draws from that seed.
    """
    if seed is None and rng is not None:
        draw = rng.integers if isinstance(rng, np.random.Generator) else rng.randint
        seed = int(draw(0, 2**31 - 1))
    session.seed(random.SystemRandom().getrandbits(32) if seed is None else int(seed))


__getattr__ = refuse_unknown(__name__)
