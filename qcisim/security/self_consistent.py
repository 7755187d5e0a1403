"""Epsilon in proportion to the length: for planning, and for reproducing figures that were computed so."""

from __future__ import annotations

from dataclasses import replace

from qcisim.security.bound import Bound
from qcisim.security.counts import BlockCounts
from qcisim.security.secret_length import SecretLength


def self_consistent_length(
    bound: Bound,
    counts: BlockCounts,
    leak_bits: float,
    *,
    epsilon_secret_per_bit: float,
    epsilon_correct: float | None = None,
    epsilon_correct_per_bit: float | None = None,
) -> SecretLength:
    """The l with eps_sec = kappa l, by iteration from above; where no bit is left, eps_sec = kappa.

    One of ``epsilon_correct`` (fixed) and ``epsilon_correct_per_bit`` is given. A delivered key's epsilon is fixed
    before its block, so this never decides one; the theorem string says so.
    """
    if (epsilon_correct is None) == (epsilon_correct_per_bit is None):
        raise TypeError("give one of epsilon_correct and epsilon_correct_per_bit")
    length = max(1.0, counts.key_total)
    while True:
        correct = epsilon_correct if epsilon_correct_per_bit is None else epsilon_correct_per_bit * length
        assert correct is not None
        result = bound.secret_length(
            counts,
            leak_bits,
            epsilon_secret=min(0.5, epsilon_secret_per_bit * length),
            epsilon_correct=min(0.5, correct),
        )
        shorter = max(1.0, result.total)
        if abs(shorter - length) <= 1e-10 * length:
            return replace(result, theorem=f"{result.theorem}; epsilon in proportion to the length (planning only)")
        length = shorter
