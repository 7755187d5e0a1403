"""When repeaters swap, and what is distilled before: rules that every node follows by what it knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qcisim.errors import InputError, did_you_mean, require
from qcisim.quantum.distillation import DEJMPS, Scheme

Ranks = tuple[int, ...]


def swap_asap(repeaters: int) -> Ranks:
    """Every repeater swaps as soon as both its neighbours have heralded: all ranks are equal."""
    return (0,) * repeaters


def doubling(repeaters: int) -> Ranks:
    """Repeater i swaps after those of fewer factors of two: rank = how often 2 divides i. Lengths double."""
    return tuple((i & -i).bit_length() - 1 for i in range(1, repeaters + 1))


def sequential(repeaters: int) -> Ranks:
    """Repeaters swap from the left end to the right one: rank = place."""
    return tuple(range(repeaters))


POLICIES: dict[str, Callable[[int], Ranks]] = {
    "swap_asap": swap_asap,
    "doubling": doubling,
    "sequential": sequential,
}


def ranks_of(policy: str | Ranks, repeaters: int) -> Ranks:
    """The rank of each repeater: it swaps two pairs when it knows that neither partner has a lower rank.

    Any order may be given as ranks; of two nodes that wait for each other one always has the rank to go on.
    """
    if isinstance(policy, str):
        if policy not in POLICIES:
            hint = did_you_mean(policy, POLICIES) or f"known: {', '.join(POLICIES)}"
            raise InputError(f"unknown swap policy '{policy}' ({hint})")
        return POLICIES[policy](repeaters)
    require(len(policy) == repeaters, f"{len(policy)} ranks for {repeaters} repeaters: one rank for each")
    require(all(0 <= rank <= repeaters for rank in policy), f"ranks {policy}: wanted 0 to {repeaters}")
    return tuple(policy)


def well_ordered(ranks: Ranks) -> bool:
    """Whether between two repeaters of one rank always stands a higher one: then the ends of a pair know its level."""
    open_: list[int] = []
    for rank in ranks:
        while open_ and open_[-1] < rank:
            open_.pop()
        if open_ and open_[-1] == rank:
            return False
        open_.append(rank)
    return True


@dataclass(frozen=True, slots=True)
class Schedule:
    """How many rounds of distillation a pair gets before it is swapped or delivered.

    Args:
        elementary: rounds for elementary pairs.
        levels: rounds for pairs made by repeaters of rank 0, 1, ...; with swap_asap nobody knows such pairs in time,
            so it takes none.
        end_to_end: rounds for pairs of the two ends.
        scheme: of every round.
        pumped: each round spends a fresh pair of the level (pumping) instead of an equal one (recurrence).
    """

    elementary: int = 0
    levels: tuple[int, ...] = ()
    end_to_end: int = 0
    scheme: Scheme = DEJMPS
    pumped: bool = False

    def __post_init__(self) -> None:
        for rounds in (self.elementary, *self.levels, self.end_to_end):
            require(0 <= rounds <= 16, f"{rounds} rounds of distillation: wanted 0 to 16")
        if self.scheme.name == "epl":
            most = max(self.elementary, *self.levels, self.end_to_end, 0)
            require(most <= 1, f"epl takes one round, not {most}: what it leaves is no photon-loss state any more")

    @property
    def distils(self) -> bool:
        """Whether anything is distilled."""
        return self.elementary > 0 or self.end_to_end > 0 or any(self.levels)

    @property
    def least_memories(self) -> int:
        """Memories on one side of a node that the schedule needs to ever finish, were nothing else to wait there.

        r rounds of recurrence on one level hold r pairs while the last is being made, pumping holds one; levels add up
        because a pair of a higher level waits while lower ones are made.
        """
        held = [min(rounds, 1) if self.pumped else rounds for rounds in (self.elementary, *self.levels)]
        end = min(self.end_to_end, 1) if self.pumped else self.end_to_end
        return 1 + sum(held) + end


NO_DISTILLATION = Schedule()
