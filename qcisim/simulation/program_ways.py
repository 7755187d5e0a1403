"""The classical way between two nodes: along fibres of the scenario, else over land."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qcisim.stack.topology import shortest_paths
from qcisim.units import GROUP_INDEX_G652_1550, SPEED_OF_LIGHT_M_PER_S, great_circle_km

if TYPE_CHECKING:
    from qcisim.simulation.equipment import Fibre
    from qcisim.simulation.scenario import Scenario

DETOUR = 1.5
"""Length of fibre over land per great circle, where the scenario lays none between two nodes."""


class Ways:
    """Delays of messages. Satellites and their free space carry none: their word comes over land."""

    def __init__(self, scenario: Scenario) -> None:
        self._nodes = scenario.nodes
        self._graph: dict[str, dict[str, float]] = {node: {} for node in scenario.nodes}
        for link in scenario.links.values():
            a, b = link.between
            if link.fibre is not None:
                self._lay(a, b, link.fibre)
            if link.chain is not None:
                places = (a, *link.chain.repeaters, b)
                for (x, y), span in zip(itertools.pairwise(places), link.chain.spans, strict=True):
                    self._lay(x, y, span)
            middle = link.middle
            for end, arm in zip(link.between, link.arms or (), strict=False):
                if arm.fibre is not None and middle is not None and middle != end:
                    self._lay(end, middle, arm.fibre)
        self._found = {node: shortest_paths(self._graph, node) for node in scenario.nodes}

    def _lay(self, a: str, b: str, fibre: Fibre) -> None:
        delay_s = fibre.length_km * 1e3 * fibre.group_index / SPEED_OF_LIGHT_M_PER_S
        for x, y in ((a, b), (b, a)):
            self._graph[x][y] = min(delay_s, self._graph[x].get(y, delay_s))

    def delay_s(self, a: str, b: str) -> float:
        """Of a message between two nodes on the ground."""
        reached = self._found[a].get(b)
        if reached is not None:
            return reached[0]
        first, second = self._nodes[a], self._nodes[b]
        km = DETOUR * great_circle_km(*first.coordinates, *second.coordinates)
        return km * 1e3 * GROUP_INDEX_G652_1550 / SPEED_OF_LIGHT_M_PER_S

    def along_s(self, path: Sequence[str]) -> float:
        """Of messages from node to node along a path, satellites left out."""
        ground = [node for node in path if self._nodes[node].satellite is None]
        return sum(self.delay_s(a, b) for a, b in itertools.pairwise(ground))
