"""What a network for pairs is asked for, and what it is made of: requests, and links with lanes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from qcisim.errors import require
from qcisim.repeaters.link import ElementaryLink


@dataclass(frozen=True, slots=True)
class PairRequest:
    """Pairs wanted between two nodes.

    Args:
        id: of the request.
        source, target: node ids.
        fidelity: at least, in [0.25, 1].
        rate_hz: pairs per second, at least.
        lanes: memories to reserve at either end, no more and no less; None leaves that to the router.
    """

    id: str
    source: str
    target: str
    fidelity: float
    rate_hz: float
    lanes: int | None = None

    def __post_init__(self) -> None:
        require(self.source != self.target, f"request {self.id}: source and target are both {self.source}")
        require(
            0.25 <= self.fidelity <= 1.0,
            f"request {self.id}: fidelity {self.fidelity:g}: lies in [0.25, 1], white noise has 0.25",
        )
        good = self.rate_hz > 0.0 and math.isfinite(self.rate_hz)
        require(good, f"request {self.id}: rate_hz {self.rate_hz:g}: positive and finite")
        require(self.lanes is None or self.lanes >= 1, f"request {self.id}: lanes {self.lanes}: wanted at least one")


@dataclass(frozen=True, slots=True, eq=False)
class GraphLink:
    """An elementary link of the graph, seen from ``between[0]`` to ``between[1]``.

    Args:
        id: of the link.
        between: node ids.
        link: one lane of it.
        lanes: that its station can herald side by side; None for as many as there are memories.
    """

    id: str
    between: tuple[str, str]
    link: ElementaryLink
    lanes: int | None = None

    def __post_init__(self) -> None:
        require(self.between[0] != self.between[1], f"link {self.id}: joins {self.between[0]} with itself")
        require(self.lanes is None or self.lanes >= 1, f"link {self.id}: lanes {self.lanes}: wanted at least one")

    def towards(self, start: str) -> ElementaryLink:
        """The link with ``start`` on its left."""
        if start == self.between[0]:
            return self.link
        waits = self.link.waited_s
        return replace(self.link, wait_s=(waits[1], waits[0]))

    @property
    def lane_rate_hz(self) -> float:
        """Pairs that one lane heralds per second at most, p over the time of an attempt."""
        return self.link.success_probability / self.link.attempt_s

    @property
    def capacity_hz(self) -> float:
        """The same of all its lanes; infinite where their number is left open."""
        return math.inf if self.lanes is None else self.lanes * self.lane_rate_hz
