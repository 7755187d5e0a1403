"""Entanglement over any graph: requests for pairs, paths, memories reserved for each, turns where they are too few."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import networkx as nx
import numpy as np

from qcisim.engine.random import stream
from qcisim.errors import InputError, did_you_mean, require
from qcisim.repeaters.device import MemoryDevice
from qcisim.repeaters.policy import Ranks, Schedule
from qcisim.repeaters.routing_request import GraphLink, PairRequest
from qcisim.repeaters.routing_service import Choice, Delivered, Route, Service, deliver
from qcisim.repeaters.routing_shares import SURE, Share, Shares, Stock
from qcisim.repeaters.routing_trial import MOST_EVENTS, Trials, Way, relative_error

PLANNED_PAIRS = 4000
"""Pairs of the run that the numbers of a service come from."""
CYCLES = 50
"""Of turns, that run has at most."""
WHITE = np.full(4, 0.25)


class PairRouter:
    """Finds paths for requests and shares memories and lanes fairly.

    Every node with a device may be a repeater. A request may use, of k paths with the shortest expected herald times
    and up to ``most_rounds`` rounds of distillation (elementary and end to end together), those that reach its
    fidelity. Memories and lanes are reserved as `Shares` says; what a request then gets is found by a run of its own.

    Args:
        links: of the graph; two nodes may be joined by several.
        devices: by node id; a node without one stores nothing.
        paths: k.
        policy, cutoff_s: of all chains.
        turn_s: length of a turn where requests take turns.
        seed: of the runs that paths are tried with.
    """

    def __init__(
        self,
        links: Iterable[GraphLink],
        devices: Mapping[str, MemoryDevice],
        *,
        paths: int = 4,
        most_rounds: int = 2,
        policy: str | Ranks = "swap_asap",
        cutoff_s: float | None = None,
        turn_s: float = 1.0,
        seed: int = 0,
    ) -> None:
        require(paths >= 1, f"paths {paths}: wanted at least one")
        require(0 <= most_rounds <= 6, f"most_rounds {most_rounds}: wanted 0 to 6")
        require(turn_s > 0.0 and math.isfinite(turn_s), f"turn_s {turn_s:g}: positive and finite")
        self.links = {each.id: each for each in sorted(links, key=lambda k: k.id)}
        self.devices = dict(devices)
        self.paths, self.most_rounds, self.turn_s, self.seed = paths, most_rounds, turn_s, seed
        self.trials = Trials(self.links, self.devices, policy, cutoff_s, seed)

    def serve(self, requests: Sequence[PairRequest]) -> tuple[Service, ...]:
        """What each request gets, in their order."""
        names = [request.id for request in requests]
        require(len(set(names)) == len(names), "two requests have the same id")
        choices: dict[str, tuple[Choice, ...]] = {}
        refused: dict[str, Service] = {}
        accepted: list[tuple[PairRequest, list[Way]]] = []
        for request in requests:
            ways = self._ways(request)
            if isinstance(ways, str):
                refused[request.id] = Service(request, (), 1, 0.0, 0.0, WHITE, False, ways, ("path", ""))
                continue
            choices[request.id] = tuple(self._alone(request, way) for way in ways)
            good = [way for way in ways if self._reaches(request, way)]
            if good:
                accepted.append((request, good))
            else:
                refused[request.id] = _best(request, choices[request.id])
        shares = Shares(self.trials)
        shares.give(accepted)
        return tuple(
            refused[request.id]
            if request.id in refused
            else self._served(shares, shares.shares[request.id], choices[request.id])
            for request in requests
        )

    def _ways(self, request: PairRequest) -> list[Way] | str:
        """Paths and schedules that fit the memories, or a sentence why there are none."""
        for end in (request.source, request.target):
            if end not in self.devices:
                known = {node for each in self.links.values() for node in each.between}
                if end in known:
                    return f"node {end} has no memory: no pair can end there"
                hint = did_you_mean(end, known) or f"known: {', '.join(sorted(known))}"
                raise InputError(f"request {request.id}: unknown node '{end}' ({hint})")
        graph = self._graph()
        start, goal = ("node", request.source), ("node", request.target)
        if not nx.has_path(graph, start, goal):
            return f"no chain of links with memories joins {request.source} and {request.target}"
        ways, everything = [], Stock.of(self.devices, self.links)
        for path in islice(nx.shortest_simple_paths(graph, start, goal, weight="cost"), self.paths):
            nodes = tuple(name for kind, name in path if kind == "node")
            links = tuple(name for kind, name in path if kind == "link")
            for elementary in range(self.most_rounds + 1):
                for end_to_end in range(self.most_rounds - elementary + 1 if len(links) > 1 else 1):
                    way = Way(nodes, links, Schedule(elementary, (), end_to_end))
                    if max(way.least_lanes, request.lanes or 0) <= everything.room(way):
                        ways.append(way)
        if request.lanes is not None:
            ways = [way for way in ways if way.least_lanes <= request.lanes]
        if not ways:
            wanted = "a lane" if request.lanes is None else f"{request.lanes} lanes"
            return (
                f"no path from {request.source} to {request.target} has room for {wanted}: a repeater needs two "
                "memories for each lane, a link as many lanes"
            )
        return ways

    def _graph(self) -> nx.Graph[tuple[str, str]]:
        """Nodes and links as vertices, so that links may be parallel; half the expected herald time on each edge."""
        graph: nx.Graph[tuple[str, str]] = nx.Graph()
        graph.add_nodes_from(("node", node) for node in self.devices)
        for each in self.links.values():
            if all(node in self.devices for node in each.between):
                for node in each.between:
                    graph.add_edge(("node", node), ("link", each.id), cost=0.5 / each.lane_rate_hz)
        return graph

    def _reaches(self, request: PairRequest, way: Way) -> bool:
        """Whether a way has the fidelity, with the fewest lanes and surely enough not to be luck."""
        trial = self.trials.steady(way, request.lanes or way.least_lanes)
        return trial.rate_hz > 0.0 and trial.fidelity - SURE * trial.fidelity_error >= request.fidelity

    def _alone(self, request: PairRequest, way: Way) -> Choice:
        """What a way would give with everything that fits on it."""
        lanes = request.lanes or Stock.of(self.devices, self.links).room(way)
        trial = self.trials.steady(way, lanes)
        return Choice(way.nodes, way.links, way.schedule, lanes, trial.rate_hz, trial.fidelity)

    def _served(self, shares: Shares, share: Share, choices: tuple[Choice, ...]) -> Service:
        """The rate and the pairs of reserved memories, by a run of its own."""
        request, turns = share.request, shares.turns
        routes = tuple(self._route(share, way, turns) for way in sorted({way for way, _ in share.lanes}))
        pilot = deliver(
            routes,
            turns,
            stream(self.seed, f"routing/plan/{request.id}"),
            turn_s=self.turn_s,
            horizon_s=CYCLES * turns * self.turn_s if turns > 1 else 1e9,
            pairs=PLANNED_PAIRS,
            trace=True,
            most_events=4 * MOST_EVENTS,
        )
        rate_hz, error_hz = _rate(pilot, turns)
        weights = pilot.mean_weights
        if turns == 1 and len(share.lanes) == 1:  # the law is exact, where there is one
            ((way, _), lanes) = next(iter(share.lanes.items()))
            trial = self.trials.steady(share.ways[way], lanes)
            if trial.pairs == 0 and trial.rate_hz > 0.0:
                rate_hz, error_hz, weights = trial.rate_hz, 0.0, trial.weights
        routes = tuple(self._measured(route, number, pilot, rate_hz) for number, route in enumerate(routes))
        rate_hz = math.fsum(route.rate_hz for route in routes)
        fidelity = float(weights[0])
        met = rate_hz >= request.rate_hz and fidelity >= request.fidelity
        limit = ("", "") if met else ("lanes asked for", "") if request.lanes is not None else share.short
        service = Service(request, routes, turns, rate_hz, error_hz, weights, met, "", limit, choices, None, pilot)
        return service if met else replace(service, reason=_shortfall(service))

    def _route(self, share: Share, way: int, turns: int) -> Route:
        path = share.ways[way]
        lanes = tuple(share.lanes.get((way, turn), 0) for turn in range(turns))
        chains = {count: self.trials.chain(path, count) for count in set(lanes) if count}
        return Route(path.nodes, path.links, lanes, path.schedule, tuple(chains.get(count) for count in lanes))

    def _measured(self, route: Route, number: int, pilot: Delivered, rate_hz: float) -> Route:
        """Its part of the pairs, and never more than its links can herald."""
        mine = pilot.route == number
        if not mine.any():
            return route
        way = Way(route.nodes, route.links, route.schedule)
        ceiling_hz = math.fsum(self.trials.ceiling_hz(way, lanes) for lanes in route.lanes) / len(route.lanes)
        part_hz = rate_hz * float(mine.sum()) / len(pilot)
        return replace(route, rate_hz=min(part_hz, ceiling_hz), fidelity=float(pilot.weights[mine, 0].mean()))


def _rate(pilot: Delivered, turns: int) -> tuple[float, float]:
    """Pairs per second and the standard error, of a run in the long run."""
    count = len(pilot)
    if count < 2 or turns > 1:
        rate_hz = count / pilot.simulated_s
    else:
        rate_hz = (count - 1) / float(pilot.at_s[-1] - pilot.at_s[0])
    return rate_hz, rate_hz * relative_error(np.diff(pilot.at_s)) if count > 1 else rate_hz


def _shortfall(service: Service) -> str:
    kind, name = service.limit
    turns = f", {service.turns} turns" if service.turns > 1 else ""
    *firsts, last = (" - ".join(route.nodes) for route in service.routes)
    over = f"{', '.join(firsts)} and {last}" if firsts else last
    short = f"; no {kind} left at {name}" if kind == "memories" else f"; no lane left on {name}" if name else ""
    return (
        f"the best reachable is {service.rate_hz:.4g} pairs per second of fidelity {service.fidelity:.4g} "
        f"with {service.lanes} lanes over {over}{turns}{short}"
    )


def _best(request: PairRequest, choices: Sequence[Choice]) -> Service:
    """The answer where no way reaches the fidelity: the best there is, and nothing reserved."""
    best = max(choices, key=lambda choice: (choice.fidelity if choice.rate_hz > 0.0 else 0.0, choice.rate_hz))
    if best.rate_hz <= 0.0:
        reason = f"no path from {request.source} to {request.target} delivers a pair"
        return Service(request, (), 1, 0.0, 0.0, WHITE, False, reason, ("path", ""), tuple(choices))
    rounds = best.schedule.elementary + best.schedule.end_to_end
    reason = (
        f"no path reaches fidelity {request.fidelity:g}: the best reachable is {best.fidelity:.4g} at "
        f"{best.rate_hz:.4g} pairs per second over {' - '.join(best.nodes)}, {rounds} rounds of distillation"
    )
    return Service(request, (), 1, 0.0, 0.0, WHITE, False, reason, ("fidelity", ""), tuple(choices), best)


__all__ = ["GraphLink", "PairRequest", "PairRouter", "Service"]
