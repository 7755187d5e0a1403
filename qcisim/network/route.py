"""Route: the nodes and links that a relayed key passes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.errors import require
from qcisim.network.link import Link


@dataclass(frozen=True, slots=True)
class Route:
    """A path: n + 1 node ids and the n links between them, both from source to target."""

    nodes: tuple[str, ...]
    links: tuple[Link, ...]

    def __post_init__(self) -> None:
        require(len(self.nodes) == len(self.links) + 1, "a route has one node more than links")
        require(len(self.links) > 0, "a route has at least one link")
        require(len(set(self.nodes)) == len(self.nodes), f"route {' - '.join(self.nodes)} visits a node twice")
        for start, link, end in zip(self.nodes, self.links, self.nodes[1:], strict=False):
            require({start, end} == set(link.between), f"link {link.id} does not join {start} and {end}")

    @property
    def source(self) -> str:
        return self.nodes[0]

    @property
    def target(self) -> str:
        return self.nodes[-1]

    @property
    def trusted_nodes(self) -> tuple[str, ...]:
        """The nodes in between, and the relays of its links: each of them reads every key that this route carries."""
        relays = (f"{link.id} ({link.trusted_relays} relays)" for link in self.links if link.trusted_relays)
        return (*self.nodes[1:-1], *relays)

    @property
    def link_ids(self) -> tuple[str, ...]:
        return tuple(link.id for link in self.links)

    @property
    def hops(self) -> int:
        return len(self.links)

    @property
    def fibre_length_km(self) -> float:
        return math.fsum(link.fibre_length_km for link in self.links)

    @property
    def delay_s(self) -> float:
        """Classical latency in s: the sum of the group delays; switching and processing come on top."""
        return math.fsum(link.delay_s for link in self.links)
