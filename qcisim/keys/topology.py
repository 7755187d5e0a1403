"""Who is where: nodes, links, SAEs, the pairs that may share keys, and the paths over trusted nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from qcisim.errors import InputError, did_you_mean


@dataclass(frozen=True, slots=True)
class Topology:
    """The network as every key manager of it is configured.

    ``nodes``: node -> may relay; ``links``: link -> its two nodes; ``saes``: SAE ID -> node; ``pairs``: (master, slave)
    that may share keys, ``None`` = all.
    """

    nodes: Mapping[str, bool]
    links: Mapping[str, tuple[str, str]]
    saes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pairs: frozenset[tuple[str, str]] | None = None

    def __post_init__(self) -> None:
        for link, ends in self.links.items():
            for node in ends:
                self._known(node, f"link {link!r}")
            if ends[0] == ends[1]:
                raise InputError(f"link {link!r} joins node {ends[0]!r} with itself")
        for sae, node in self.saes.items():
            self._known(node, f"SAE {sae!r}")
        for pair in self.pairs or ():
            for sae in pair:
                if sae not in self.saes:
                    raise InputError(f"pair {pair}: unknown SAE {sae!r} {did_you_mean(sae, self.saes)}".rstrip())

    def _known(self, node: str, where: str) -> None:
        if node not in self.nodes:
            raise InputError(f"{where}: unknown node {node!r} {did_you_mean(node, self.nodes)}".rstrip())

    def allowed(self, master: str, slave: str) -> bool:
        """Whether both SAEs exist and the pair's policy lets them share keys."""
        known = master in self.saes and slave in self.saes
        return known and (self.pairs is None or (master, slave) in self.pairs)

    def link_between(self, a: str, b: str) -> str | None:
        """The first link that joins two nodes, by name."""
        return min((link for link, ends in self.links.items() if set(ends) == {a, b}), default=None)

    def neighbours(self, node: str) -> list[str]:
        found = {b if a == node else a for a, b in self.links.values() if node in (a, b)}
        return sorted(found)

    def path(self, source: str, target: str) -> tuple[str, ...] | None:
        """A path with the fewest hops on which every node between is trusted; ``None`` where there is none."""
        before: dict[str, str] = {source: source}
        queue = deque([source])
        while queue:
            node = queue.popleft()
            if node == target:
                path = [target]
                while path[-1] != source:
                    path.append(before[path[-1]])
                return tuple(reversed(path))
            if node != source and not self.nodes[node]:
                continue
            for near in self.neighbours(node):
                if near not in before:
                    before[near] = node
                    queue.append(near)
        return None
