"""Chain: nodes in a line, elementary links between them, and the rules that they follow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from qcisim.errors import require
from qcisim.repeaters.device import PERFECT_DEVICE, MemoryDevice
from qcisim.repeaters.link import ElementaryLink
from qcisim.repeaters.policy import NO_DISTILLATION, Ranks, Schedule, ranks_of, well_ordered

Ends: TypeAlias = Literal["store", "measure"]
Pick: TypeAlias = Literal["oldest", "freshest"]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """N nodes and N - 1 elementary links; pairs are wanted between the first node and the last.

    Every lane of a link is one memory at either of its ends. A repeater swaps any pair on its left with any pair on
    its right that the policy lets it. Results of swaps, losses and distillations travel along the chain with light;
    a pair is delivered when both ends know all that has made it, and both ends keep it until then.

    Args:
        links: from left to right.
        devices: one for all nodes, or one for each, from left to right.
        memories: lanes of every link, or of each link: memories on one side of a node.
        policy: "swap_asap", "doubling", "sequential", or the rank of each repeater.
        schedule: of distillation.
        cutoff_s: no memory keeps a qubit longer than this from its emission on; None for no limit.
        ends: "store" until delivery, or "measure" at the herald, as key distribution may: then the memories of the
            ends are free at once, and the pair counts as delivered when both ends know of it.
        pick: which pair a repeater takes where it has several.

    Raises:
        PhysicsError: more lanes than memories, a cut-off below the herald's delay, distillation of pairs that no node
            knows of.
    """

    links: tuple[ElementaryLink, ...]
    devices: MemoryDevice | Sequence[MemoryDevice] = PERFECT_DEVICE
    memories: int | Sequence[int] = 1
    policy: str | Ranks = "swap_asap"
    schedule: Schedule = NO_DISTILLATION
    cutoff_s: float | None = None
    ends: Ends = "store"
    pick: Pick = "oldest"
    nodes: tuple[MemoryDevice, ...] = field(init=False, repr=False)
    lanes: tuple[int, ...] = field(init=False, repr=False)
    ranks: Ranks = field(init=False, repr=False)

    def __post_init__(self) -> None:
        require(len(self.links) >= 1, "a chain has at least one link")
        count = len(self.links) + 1
        nodes = (self.devices,) * count if isinstance(self.devices, MemoryDevice) else tuple(self.devices)
        require(len(nodes) == count, f"{len(nodes)} devices for {count} nodes: one for each, or one for all")
        lanes = (self.memories,) * (count - 1) if isinstance(self.memories, int) else tuple(self.memories)
        require(len(lanes) == count - 1, f"{len(lanes)} numbers of memories for {count - 1} links: one for each link")
        object.__setattr__(self, "links", tuple(self.links))
        object.__setattr__(self, "nodes", nodes)
        object.__setattr__(self, "lanes", lanes)
        object.__setattr__(self, "ranks", ranks_of(self.policy, count - 2))
        require(self.ends in ("store", "measure"), f"ends {self.ends!r}: wanted 'store' or 'measure'")
        require(self.pick in ("oldest", "freshest"), f"pick {self.pick!r}: wanted 'oldest' or 'freshest'")
        for link, wanted in enumerate(lanes):
            require(wanted >= 1, f"link {link}: {wanted} lanes: a link without memories makes no pair")
        for place, node in enumerate(nodes):
            used = (lanes[place - 1] if place > 0 else 0) + (lanes[place] if place < count - 1 else 0)
            require(
                used <= node.memories,
                f"node {place}: {used} memories in use, its device has {node.memories}",
            )
        self._check_cutoff()
        self._check_schedule()

    def _check_cutoff(self) -> None:
        if self.cutoff_s is None:
            return
        require(
            self.cutoff_s > 0.0 and math.isfinite(self.cutoff_s),
            f"cutoff_s {self.cutoff_s:g}: positive and finite; None for no limit",
        )
        for place, link in enumerate(self.links):
            require(
                self.cutoff_s >= max(link.waited_s),
                f"cutoff_s {self.cutoff_s:g}: link {place} hears of its pairs when they are {max(link.waited_s):g} s "
                "old, so all would be thrown away",
            )

    def _check_schedule(self) -> None:
        distils_inside = any(self.schedule.levels)
        require(
            not distils_inside or well_ordered(self.ranks),
            "distillation of pairs in between needs a policy whose nodes know the far end of their pairs: doubling or "
            "sequential",
        )
        through_ends = self.schedule.end_to_end > 0 or self.schedule.elementary > 0 or distils_inside
        require(
            self.ends == "store" or not through_ends,
            "ends that measure at the herald have nothing left to distil: wanted ends 'store'",
        )

    @property
    def repeaters(self) -> int:
        """Nodes between the two ends."""
        return len(self.links) - 1

    @property
    def length_km(self) -> float:
        """Fibre from end to end."""
        return math.fsum(link.length_km for link in self.links)

    @property
    def delay_s(self) -> float:
        """No message crosses the chain in less."""
        return math.fsum(link.delay_s for link in self.links)

    @property
    def impossible(self) -> str:
        """Why no pair will ever be delivered, where that is plain beforehand; else empty.

        Once the last elementary pair is there, news of its swap must cross the rest of the chain, while its qubit at
        an end waits.
        """
        if self.cutoff_s is not None and self.ends == "store" and self.repeaters > 0:
            for name, link in (("first", self.links[0]), ("last", self.links[-1])):
                side = 0 if name == "first" else 1
                least = link.waited_s[side] + self.delay_s - link.delay_s
                if self.cutoff_s < least:
                    return (
                        f"cutoff_s {self.cutoff_s:g}: the {name} node learns of an end-to-end pair when its qubit is "
                        f"at least {least:g} s old, so every pair is thrown away"
                    )
        for place, node in enumerate(self.nodes[1:-1], start=1):
            if node.swap_success == 0.0:
                return f"node {place}: its swaps never succeed"
        return ""


def uniform(
    nodes: int,
    link: ElementaryLink,
    device: MemoryDevice = PERFECT_DEVICE,
    *,
    memories: int = 1,
    policy: str | Ranks = "swap_asap",
    schedule: Schedule = NO_DISTILLATION,
    cutoff_s: float | None = None,
    ends: Ends = "store",
    pick: Pick = "oldest",
) -> Chain:
    """A chain of equal links and nodes."""
    require(nodes >= 2, f"{nodes} nodes: a chain has two ends")
    return Chain((link,) * (nodes - 1), device, memories, policy, schedule, cutoff_s, ends, pick)
