"""A demand over time: keys asked for at a steady rate, relayed as soon as the links can carry them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qcisim.engine import Engine, Process, Steps, Wait
from qcisim.keys import KeyNetwork
from qcisim.network import Network
from qcisim.simulation.result import DemandResult
from qcisim.simulation.scenario import Demand

REQUESTS = 1440  # relay messages of a demand over a run, at most; each carries the keys that have become due


class DemandRun:
    """The running state of one demand; a key that the links cannot give when it is due waits until they can."""

    def __init__(self, demand_id: str, demand: Demand, network: Network, keys: KeyNetwork) -> None:
        self.demand_id, self.demand, self._keys = demand_id, demand, keys
        self.route = network.route(demand.from_node, demand.to_node)
        self.requested = self.delivered = 0
        self._epsilon = 0.0

    def steps(self, engine: Engine, duration_s: float, links: Sequence[Process]) -> Steps:
        """Process: at equal steps, relay the keys that have become due; once more when the last link has finished."""
        rate = self.demand.keys_per_s
        count = max(1, min(REQUESTS, math.ceil(rate * duration_s)))
        for i in range(1, count + 1):
            yield Wait(max(0.0, duration_s * i / count - engine.now_s))
            self.requested = math.floor(rate * duration_s * i / count + 1e-9)
            self._relay()
        yield from links
        self._relay()

    def _relay(self) -> None:
        if waiting := self.requested - self.delivered:
            relayed = self._keys.relay(self.route.nodes, waiting, self.demand.key_bits)
            self.delivered += relayed.count
            self._epsilon = max(self._epsilon, relayed.epsilon)

    def result(self) -> DemandResult:
        """The demand's line of the result."""
        return DemandResult(
            from_node=self.demand.from_node,
            to_node=self.demand.to_node,
            path=self.route.nodes,
            sector=self.demand.sector,
            key_bits=self.demand.key_bits,
            keys_requested=self.requested,
            keys_delivered=self.delivered,
            epsilon_per_key=self._epsilon,
            trusted_nodes=self.route.trusted_nodes,
        )
