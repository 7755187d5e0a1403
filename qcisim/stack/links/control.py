"""How a chain of repeaters acts."""

from __future__ import annotations

from dataclasses import dataclass

from qcisim.errors import require


@dataclass(frozen=True, slots=True)
class SwapAsap:
    """Every repeater swaps as soon as both of its links are up.

    Args:
        cutoff_ns: no qubit waits longer; None for no limit.
        parallel: a repeater makes pairs on both sides at once; otherwise links come one after the other, the one at
            the far end first.
    """

    cutoff_ns: float | None = None
    parallel: bool = True

    def __post_init__(self) -> None:
        cutoff = self.cutoff_ns
        require(cutoff is None or cutoff > 0.0, f"cutoff time {cutoff} ns: wanted above 0, or None for no limit")
