"""Ways through a network: of pairs by hops, of messages by delay."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from typing import TypeAlias

from qcisim.stack.physical import picoseconds_of
from qcisim.stack.spec import Network, PairLink


@dataclass(frozen=True, slots=True)
class Hop:
    """A link of a route, passed from ``start`` to ``end``; ``flipped``: against its direction."""

    link: PairLink
    start: str
    end: str

    @property
    def flipped(self) -> bool:
        """Whether the first qubit of the link's pairs is at ``end``."""
        return self.link.node_a != self.start


Route: TypeAlias = "tuple[Hop, ...]"


class Routes:
    """Routes of a network, found when they are first asked for."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._links: dict[str, list[Hop]] = {}
        for link in network.links:
            self._links.setdefault(link.node_a, []).append(Hop(link, link.node_a, link.node_b))
            self._links.setdefault(link.node_b, []).append(Hop(link, link.node_b, link.node_a))
        self._pairs: dict[tuple[str, str], Route | None] = {}
        self._delays: dict[str, dict[str, int]] = {}

    def neighbours(self, name: str) -> list[str]:
        """Nodes with a direct link."""
        return [hop.end for hop in self._links.get(name, [])]

    def pairs(self, start: str, end: str) -> Route | None:
        """The links of the way with fewest hops; None where there is no way."""
        if (start, end) not in self._pairs:
            self._pairs[start, end] = self._search(start, end)
        return self._pairs[start, end]

    def _search(self, start: str, end: str) -> Route | None:
        came: dict[str, Hop | None] = {start: None}
        queue = deque([start])
        while queue and end not in came:
            for hop in self._links.get(queue.popleft(), []):
                if hop.end not in came:
                    came[hop.end] = hop
                    queue.append(hop.end)
        if end not in came or start == end:
            return None
        route: list[Hop] = []
        back = came[end]
        while back is not None:
            route.append(back)
            back = came[back.start]
        return tuple(reversed(route))

    def delay_ps(self, start: str, end: str) -> int | None:
        """The delay of messages on the fastest way; None where there is none."""
        if self._network.classical is None:
            return 0
        if start not in self._delays:
            self._delays[start] = self._fastest(start)
        return self._delays[start].get(end)

    def _fastest(self, start: str) -> dict[str, int]:
        steps: dict[str, list[tuple[str, int]]] = {}
        for link in self._network.classical or ():
            delay = picoseconds_of(link.delay_ns)
            steps.setdefault(link.node_a, []).append((link.node_b, delay))
            steps.setdefault(link.node_b, []).append((link.node_a, delay))
        best = {start: 0}
        heap = [(0, start)]
        while heap:
            so_far, name = heapq.heappop(heap)
            if so_far > best[name]:
                continue
            for other, delay in steps.get(name, []):
                if so_far + delay < best.get(other, so_far + delay + 1):
                    best[other] = so_far + delay
                    heapq.heappush(heap, (so_far + delay, other))
        return best
