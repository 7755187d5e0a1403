"""Demands over time: keys asked for at a steady rate, relayed as soon as the links can carry them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress

import numpy as np

from qcisim.engine import Engine, Process, Steps, Wait
from qcisim.errors import InputError
from qcisim.keys import KeyNetwork
from qcisim.network import Network, Route
from qcisim.simulation.contacts import Contacts
from qcisim.simulation.result import DemandResult, RouteResult
from qcisim.simulation.scenario import Demand, Scenario

STEPS = 1440  # regular looks at the demands over a run, at most; a look relays the keys that have become due since
ROUNDS = (
    4  # where links run short, what waits is relayed in this many rounds over all demands, so that each gets a share
)
FIBRE_ROUTES, SATELLITE_ROUTES = 2, 8  # that a demand may use, fewest hops first; most links in space are often empty
LATENCIES = 100_000  # latencies that quantiles are taken of, at most; more keys are sampled evenly


class DemandRun:
    """One demand: what was asked for, what was delivered; a key that the links cannot give when it is due waits."""

    def __init__(
        self, demand: Demand, routes: Sequence[Route], keys: KeyNetwork, contacts: Contacts, step_s: float
    ) -> None:
        self.demand, self.routes, self._step_s = demand, routes, step_s
        self._keys, self._contacts = keys, contacts
        self.requested = self.delivered = 0
        self._by_route = [0] * len(routes)
        self._batches: list[tuple[float, int, int]] = []
        self._epsilon = 0.0

    @property
    def waiting(self) -> int:
        """Keys that are due and not delivered."""
        return self.requested - self.delivered

    def share(self, step_s: float) -> int:
        """Keys of one round: what falls due in a step, or more where more waits; each message costs key for its tag."""
        return max(math.ceil(self.demand.keys_per_s * step_s), math.ceil(self.waiting / ROUNDS))

    def relay(self, count: int, now_s: float) -> bool:
        """Relay up to ``count`` of the waiting keys; whether there may be key for more of them."""
        wanted = min(count, self.waiting)
        if not wanted:
            return False
        for number, route in enumerate(self.routes):
            if wanted and self._contacts.open(route.nodes, now_s):
                relayed = self._keys.relay(route.nodes, wanted, self.demand.key_bits)
                if relayed.count:
                    self._batches.append((now_s, self.delivered, relayed.count))
                self.delivered += relayed.count
                self._by_route[number] += relayed.count
                self._epsilon = max(self._epsilon, relayed.epsilon)
                wanted -= relayed.count
        return wanted == 0

    def _latency_s(self) -> dict[str, float]:
        """Median and 95 % quantile of the time from a key's request to its delivery; empty where none was delivered.

        Keys are handed out in steps, up to one of which is in these times.
        """
        if not self.delivered:
            return {}
        stride = max(1, self.delivered // LATENCIES)
        parts = []
        for now_s, first, count in self._batches:
            asked_s = (np.arange(first, first + count, stride) + 1.0) / self.demand.keys_per_s
            parts.append(np.maximum(0.0, now_s - asked_s))
        median, high = np.quantile(np.concatenate(parts), [0.5, 0.95])
        return {"median": float(median), "p95": float(high), "step": self._step_s}

    def result(self) -> DemandResult:
        """The demand's line of the result: its path is the route that carried most, its trusted nodes those of all."""
        best = max(range(len(self.routes)), key=lambda i: self._by_route[i], default=None)
        route = None if best is None else self.routes[best]
        used = [one for one, count in zip(self.routes, self._by_route, strict=True) if count] or self.routes[:1]
        return DemandResult(
            from_node=self.demand.from_node,
            to_node=self.demand.to_node,
            path=() if route is None else route.nodes,
            sector=self.demand.sector,
            key_bits=self.demand.key_bits,
            keys_requested=self.requested,
            keys_delivered=self.delivered,
            epsilon_per_key=self._epsilon,
            trusted_nodes=tuple(dict.fromkeys(node for one in used for node in one.trusted_nodes)),
            text=self.demand.text,
            routes=tuple(
                RouteResult(path=route.nodes, keys_delivered=count, origin=self._contacts.origin(route.nodes))
                for route, count in zip(self.routes, self._by_route, strict=True)
            ),
            latency_s=self._latency_s(),
        )


class DemandRuns:
    """All demands of a scenario on one clock."""

    def __init__(self, scenario: Scenario, network: Network, keys: KeyNetwork, contacts: Contacts) -> None:
        self._duration_s, self._contacts = scenario.duration_s, contacts
        most = max((demand.keys_per_s for demand in scenario.key_demands.values()), default=0.0) * scenario.duration_s
        self._count = max(1, min(STEPS, math.ceil(most)))
        self.runs = {
            demand_id: DemandRun(
                demand,
                demand_routes(network, demand.from_node, demand.to_node, contacts.satellites),
                keys,
                contacts,
                self._duration_s / self._count,
            )
            for demand_id, demand in scenario.key_demands.items()
        }

    def steps(self, engine: Engine, links: Sequence[Process]) -> Steps:
        """Process: at equal times and after each pass, relay the keys that are due; once more after the last block."""
        count = self._count
        regular = {self._duration_s * i / count: i / count for i in range(1, count + 1)}
        extra = {t_s: t_s / self._duration_s for t_s in self._contacts.ends_s if t_s < self._duration_s}
        if not self.runs:
            extra = {}
        for t_s, share in sorted((extra | regular).items()):
            yield Wait(max(0.0, t_s - engine.now_s))
            for run in self.runs.values():
                run.requested = math.floor(run.demand.keys_per_s * self._duration_s * share + 1e-9)
            self._relay(self._duration_s / count, engine.now_s)
        yield from links
        self._relay(self._duration_s / count, engine.now_s)

    def _relay(self, step_s: float, now_s: float) -> None:
        """In rounds over all demands, each relaying what falls due in a step: a shortage is shared."""
        served = list(self.runs.values())
        while served:
            served = [run for run in served if run.relay(run.share(step_s), now_s)]


def demand_routes(network: Network, source: str, target: str, satellites: Iterable[str]) -> tuple[Route, ...]:
    """The routes that a demand uses in turn: those over fibre alone first, then those over a satellite; none maybe."""
    found: list[Route] = []
    if satellites := frozenset(satellites):
        with suppress(InputError):
            found += network.routes(source, target, FIBRE_ROUTES, without=satellites)
        with suppress(InputError):
            found += network.routes(source, target, SATELLITE_ROUTES, through=satellites)
    else:
        with suppress(InputError):
            found.append(network.route(source, target))
    return tuple(found)
