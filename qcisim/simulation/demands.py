"""Demands over time: keys asked for at a steady rate, relayed as soon as the links can carry them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qcisim.engine import Engine, Process, Steps, Wait
from qcisim.keys import KeyNetwork
from qcisim.network import Network, Route
from qcisim.simulation.result import DemandResult
from qcisim.simulation.scenario import Demand, Scenario

STEPS = 1440  # looks at the demands over a run, at most; a look relays the keys that have become due since the last one
ROUNDS = (
    4  # where links run short, what waits is relayed in this many rounds over all demands, so that each gets a share
)


class DemandRun:
    """One demand: what was asked for, what was delivered; a key that the links cannot give when it is due waits."""

    def __init__(self, demand: Demand, route: Route, keys: KeyNetwork) -> None:
        self.demand, self.route, self._keys = demand, route, keys
        self.requested = self.delivered = 0
        self._epsilon = 0.0

    @property
    def waiting(self) -> int:
        """Keys that are due and not delivered."""
        return self.requested - self.delivered

    def relay(self, count: int) -> bool:
        """Relay up to ``count`` of the waiting keys; whether there may be key for more of them."""
        wanted = min(count, self.waiting)
        if not wanted:
            return False
        relayed = self._keys.relay(self.route.nodes, wanted, self.demand.key_bits)
        self.delivered += relayed.count
        self._epsilon = max(self._epsilon, relayed.epsilon)
        return relayed.count == wanted

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
            text=self.demand.text,
        )


class DemandRuns:
    """All demands of a scenario on one clock."""

    def __init__(self, scenario: Scenario, network: Network, keys: KeyNetwork) -> None:
        self._duration_s = scenario.duration_s
        self.runs = {
            demand_id: DemandRun(demand, network.route(demand.from_node, demand.to_node), keys)
            for demand_id, demand in scenario.demands.items()
        }

    def steps(self, engine: Engine, links: Sequence[Process]) -> Steps:
        """Process: at equal times, relay the keys that have become due; once more when the last link has finished."""
        rates = [run.demand.keys_per_s for run in self.runs.values()]
        count = max(1, min(STEPS, math.ceil(max(rates, default=0.0) * self._duration_s)))
        for i in range(1, count + 1):
            yield Wait(max(0.0, self._duration_s * i / count - engine.now_s))
            for run in self.runs.values():
                run.requested = math.floor(run.demand.keys_per_s * self._duration_s * i / count + 1e-9)
            self._relay(self._duration_s / count)
        yield from links
        self._relay(self._duration_s / count)

    def _relay(self, step_s: float) -> None:
        """In rounds over all demands, each relaying what falls due in a step: a shortage is shared."""
        served = list(self.runs.values())
        while served:
            served = [run for run in served if run.relay(math.ceil(run.demand.keys_per_s * step_s))]
