"""Entanglement over any graph: requests for pairs, paths, memories reserved for each, turns where they are too few."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import networkx as nx

from qcisim.engine.random import stream
from qcisim.errors import InputError, did_you_mean, require
from qcisim.repeaters.chain import Chain
from qcisim.repeaters.device import MemoryDevice
from qcisim.repeaters.link import ElementaryLink
from qcisim.repeaters.policy import Ranks, Schedule
from qcisim.repeaters.run import run

PAIRS = 200
"""Pairs that a path is tried with."""
MOST_EVENTS = 3_000_000
"""Events after which a path that hardly delivers is given up."""


@dataclass(frozen=True, slots=True)
class PairRequest:
    """Pairs wanted between two nodes.

    Args:
        id: of the request.
        source, target: node ids.
        fidelity: at least, in [0.25, 1].
        rate_hz: pairs per second, at least.
    """

    id: str
    source: str
    target: str
    fidelity: float
    rate_hz: float

    def __post_init__(self) -> None:
        require(self.source != self.target, f"request {self.id}: source and target are both {self.source}")
        require(
            0.25 <= self.fidelity <= 1.0,
            f"request {self.id}: fidelity {self.fidelity:g}: lies in [0.25, 1], white noise has 0.25",
        )
        good = self.rate_hz > 0.0 and math.isfinite(self.rate_hz)
        require(good, f"request {self.id}: rate_hz {self.rate_hz:g}: positive and finite")


@dataclass(frozen=True, slots=True, eq=False)
class GraphLink:
    """An elementary link of the graph, seen from ``between[0]`` to ``between[1]``."""

    id: str
    between: tuple[str, str]
    link: ElementaryLink

    def towards(self, start: str) -> ElementaryLink:
        """The link with ``start`` on its left."""
        if start == self.between[0]:
            return self.link
        waits = self.link.waited_s
        return replace(self.link, wait_s=(waits[1], waits[0]))


@dataclass(frozen=True, slots=True)
class Service:
    """What a request gets.

    Args:
        request: the request.
        nodes, links: the path; empty where there is none.
        lanes: memories reserved on either side of its nodes.
        schedule: of distillation.
        share: of the time, 1 where nobody takes turns.
        rate_hz: pairs per second, turns included.
        fidelity: of the mean pair; 0.25 without pairs.
        met: whether both targets are met.
        reason: a sentence where they are not, with the best that can be reached.
    """

    request: PairRequest
    nodes: tuple[str, ...]
    links: tuple[str, ...]
    lanes: int
    schedule: Schedule
    share: float
    rate_hz: float
    fidelity: float
    met: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Option:
    path: tuple[str, ...]
    links: tuple[str, ...]
    schedule: Schedule
    rate_hz: float
    fidelity: float

    @property
    def lanes(self) -> int:
        return self.schedule.least_memories


class PairRouter:
    """Finds paths for requests and shares memories fairly.

    Every node with a device may be a repeater. A request gets the path and the schedule, of k paths with the shortest
    expected herald times and up to ``most_rounds`` rounds of elementary distillation, that reach its fidelity at the
    best rate. Requests are then given one lane after the other in turns, until each is met or no memory is left.
    Requests that find no memory take turns in time: the slots of a cycle are equally long.

    Args:
        links: of the graph; two nodes may be joined by several.
        devices: by node id; a node without one stores nothing.
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
        seed: int = 0,
    ) -> None:
        require(paths >= 1, f"paths {paths}: wanted at least one")
        require(0 <= most_rounds <= 6, f"most_rounds {most_rounds}: wanted 0 to 6")
        self.links = {each.id: each for each in sorted(links, key=lambda k: k.id)}
        self.devices = dict(devices)
        self.paths, self.most_rounds, self.policy, self.cutoff_s, self.seed = paths, most_rounds, policy, cutoff_s, seed
        self._tried: dict[tuple[tuple[str, ...], tuple[str, ...], Schedule, int], tuple[float, float]] = {}
        for each in self.links.values():
            require(each.between[0] != each.between[1], f"link {each.id}: joins {each.between[0]} with itself")

    def serve(self, requests: Sequence[PairRequest]) -> tuple[Service, ...]:
        """What each request gets, in their order."""
        names = [request.id for request in requests]
        require(len(set(names)) == len(names), "two requests have the same id")
        chosen: dict[str, _Option] = {}
        refused: dict[str, Service] = {}
        for request in requests:
            found = self._options(request)
            if isinstance(found, str):
                refused[request.id] = _nothing(request, found)
                continue
            good = [option for option in found if option.fidelity >= request.fidelity and option.rate_hz > 0.0]
            if good:
                chosen[request.id] = max(good, key=lambda option: option.rate_hz)
            else:
                refused[request.id] = self._best(request, found)
        slots = self._slots([request for request in requests if request.id in chosen], chosen)
        share = 1.0 / max(1, len(slots))
        given = {name: lanes for slot in slots for name, lanes in slot.items()}
        return tuple(
            refused[request.id]
            if request.id in refused
            else self._served(request, chosen[request.id], given[request.id], share)
            for request in requests
        )

    def _options(self, request: PairRequest) -> list[_Option] | str:
        for end in (request.source, request.target):
            if end not in self.devices:
                known = {node for each in self.links.values() for node in each.between}
                if end in known:
                    return f"node {end} has no memory: no pair can end there"
                hint = did_you_mean(end, known) or f"known: {', '.join(sorted(known))}"
                raise InputError(f"request {request.id}: unknown node '{end}' ({hint})")
        graph: nx.Graph[tuple[str, str]] = nx.Graph()
        graph.add_nodes_from(("node", node) for node in self.devices)
        for each in self.links.values():
            if all(node in self.devices for node in each.between):
                for node in each.between:
                    cost = 0.5 * each.link.attempt_s / each.link.success_probability
                    graph.add_edge(("node", node), ("link", each.id), cost=cost)
        start, end_ = ("node", request.source), ("node", request.target)
        if not nx.has_path(graph, start, end_):
            return f"no chain of links with memories joins {request.source} and {request.target}"
        options = []
        for path in islice(nx.shortest_simple_paths(graph, start, end_, weight="cost"), self.paths):
            nodes = tuple(name for kind, name in path if kind == "node")
            links = tuple(name for kind, name in path if kind == "link")
            room = self._room(nodes, {})
            for rounds in range(self.most_rounds + 1):
                schedule = Schedule(elementary=rounds)
                if schedule.least_memories > room:
                    break
                rate, fidelity = self._try(nodes, links, schedule, schedule.least_memories)
                options.append(_Option(nodes, links, schedule, rate, fidelity))
        if not options:
            return f"every path from {request.source} to {request.target} passes a node with fewer than two memories"
        return options

    def _room(self, nodes: tuple[str, ...], used: Mapping[str, int]) -> int:
        """Lanes that still find memories along a path."""
        free = [self.devices[node].memories - used.get(node, 0) for node in nodes]
        return min([free[0], free[-1], *(left // 2 for left in free[1:-1])])

    def _try(
        self, nodes: tuple[str, ...], links: tuple[str, ...], schedule: Schedule, lanes: int
    ) -> tuple[float, float]:
        """Rate and fidelity of a path with so many lanes, by a run of its own."""
        key = (nodes, links, schedule, lanes)
        if key not in self._tried:
            chain = Chain(
                tuple(self.links[link].towards(start) for start, link in zip(nodes, links, strict=False)),
                tuple(self.devices[node] for node in nodes),
                lanes,
                self.policy,
                schedule,
                self.cutoff_s,
            )
            path = f"routing/{'-'.join(nodes)}/{'-'.join(links)}/{schedule.elementary}/{lanes}"
            done = run(chain, PAIRS, stream(self.seed, path), most_events=MOST_EVENTS)
            self._tried[key] = (done.rate_hz, done.fidelity)
        return self._tried[key]

    def _slots(self, requests: Sequence[PairRequest], chosen: Mapping[str, _Option]) -> list[dict[str, int]]:
        """Turns of a cycle: requests with their lanes, all of whose memories exist at once."""
        slots: list[dict[str, int]] = []
        uses: list[dict[str, int]] = []
        for request in requests:
            option = chosen[request.id]
            roomy = (turn for turn, used in enumerate(uses) if self._room(option.path, used) >= option.lanes)
            turn = next(roomy, len(slots))
            if turn == len(slots):
                slots.append({})
                uses.append({})
            slots[turn][request.id] = option.lanes
            self._take(option.path, option.lanes, uses[turn])
        share = 1.0 / max(1, len(slots))
        for slot, used in zip(slots, uses, strict=True):
            waiting = [request for request in requests if request.id in slot]
            while waiting:
                still = []
                for request in waiting:
                    option = chosen[request.id]
                    rate, _ = self._try(option.path, option.links, option.schedule, slot[request.id])
                    if rate * share < request.rate_hz and self._room(option.path, used) >= 1:
                        slot[request.id] += 1
                        self._take(option.path, 1, used)
                        still.append(request)
                waiting = still
        return slots

    @staticmethod
    def _take(path: tuple[str, ...], lanes: int, used: dict[str, int]) -> None:
        for node in path:
            used[node] = used.get(node, 0) + lanes * (1 if node in (path[0], path[-1]) else 2)

    def _served(self, request: PairRequest, option: _Option, lanes: int, share: float) -> Service:
        rate, fidelity = self._try(option.path, option.links, option.schedule, lanes)
        rate *= share
        met = rate >= request.rate_hz and fidelity >= request.fidelity
        reason = ""
        if not met:
            turns = f", {1.0 / share:.0f} requests taking turns" if share < 1.0 else ""
            reason = (
                f"the best reachable is {rate:.4g} pairs per second of fidelity {fidelity:.4g} "
                f"with {lanes} lanes over {' - '.join(option.path)}{turns}"
            )
        return Service(request, option.path, option.links, lanes, option.schedule, share, rate, fidelity, met, reason)

    def _best(self, request: PairRequest, options: Sequence[_Option]) -> Service:
        best = max(options, key=lambda option: (option.fidelity if option.rate_hz > 0.0 else 0.0, option.rate_hz))
        if best.rate_hz <= 0.0:
            return _nothing(request, f"no path from {request.source} to {request.target} delivers a pair")
        reason = (
            f"no path reaches fidelity {request.fidelity:g}: the best reachable is {best.fidelity:.4g} at "
            f"{best.rate_hz:.4g} pairs per second over {' - '.join(best.path)}, "
            f"{best.schedule.elementary} rounds of distillation"
        )
        return Service(
            request,
            best.path,
            best.links,
            0,
            best.schedule,
            0.0,
            best.rate_hz,
            best.fidelity,
            False,
            reason,
        )


def _nothing(request: PairRequest, reason: str) -> Service:
    return Service(request, (), (), 0, Schedule(), 0.0, 0.0, 0.25, False, reason)
