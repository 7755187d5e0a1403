"""Who gets pairs from whom, over which link, and how long messages take: what the core asks of a network.

    routes = Routes(network)                       # once per network
    routes.delay_ns("Alice", "Bob")                # the fastest path of messages
    lines = routes.open()                          # once per run: books of shared stations, free repeaters
    line = lines.line("Alice", "Bob")              # creator, receiver; the same object every time
    delivery = line.sample(rng, now_ns)            # first qubit at the creator

A line is a `LinkModel`: waiting for a shared station or for busy repeaters, switching, swapping and the noise of
repeaters are in its ``duration_ns`` and its state. The core has nothing else to wait for; calls must come in order of
``now_ns``. Direct links first; else a path over repeaters (never over nodes that run programs), the one with the least
sum of mean durations.

`Hub` and `RepeaterChain` describe networks as SquidASM's netbuilder has them; `joined` makes a `Network` of them.
Times in ns, lengths in km.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from qcisim.errors import InputError, did_you_mean
from qcisim.stack.links.delivery import Delivery, LinkModel, PairState
from qcisim.stack.links.layout import Fifo, Hub, Interface, LinkOfLengths, RepeaterChain, Windows, joined
from qcisim.stack.links.swap_device import SwapDevice, keeping, swap_device
from qcisim.stack.links.swapping import SwapChain
from qcisim.stack.spec import Network, SwapAsap, Timetable

__all__ = [
    "Fifo",
    "Hub",
    "Interface",
    "Lines",
    "LinkOfLengths",
    "RepeaterChain",
    "Routes",
    "SwapAsap",
    "Windows",
    "joined",
    "shortest_paths",
]

_KEPT_STATES = 64


def shortest_paths(graph: Mapping[str, Mapping[str, float]], start: str) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Cost and nodes of the cheapest path to every node that can be reached, the one with fewer nodes among equals."""
    found: dict[str, tuple[float, tuple[str, ...]]] = {}
    heap: list[tuple[float, int, tuple[str, ...]]] = [(0.0, 1, (start,))]
    while heap:
        cost, _, path = heapq.heappop(heap)
        if path[-1] in found:
            continue
        found[path[-1]] = cost, path
        for following, step in graph.get(path[-1], {}).items():
            if following not in found:
                heapq.heappush(heap, (cost + step, len(path) + 1, (*path, following)))
    return found


class Routes:
    """Paths of a network; nothing in it changes."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._links = {}
        for link in network.links:
            self._links[link.node_a, link.node_b] = link
            self._links[link.node_b, link.node_a] = link
        self._known = [*network.nodes, *network.repeaters]
        self._classical: dict[str, dict[str, float]] = {name: {} for name in self._known}
        for wire in network.classical or ():
            for a, b in ((wire.node_a, wire.node_b), (wire.node_b, wire.node_a)):
                self._classical[a][b] = min(wire.delay_ns, self._classical[a].get(b, math.inf))
        self._delays = {name: shortest_paths(self._classical, name) for name in self._known}

    def delay_ns(self, node_a: str, node_b: str) -> float:
        """Of a message, by the fastest path. Raises `InputError` where no path leads there."""
        if self.network.classical is None or node_a == node_b:
            return 0.0
        self._check(node_a, node_b)
        reached = self._delays[node_a].get(node_b)
        if reached is None:
            raise InputError(f"no classical link leads from '{node_a}' to '{node_b}'")
        return reached[0]

    def path(self, creator: str, receiver: str) -> tuple[str, ...] | None:
        """Nodes that a pair is made over; None where the two cannot have pairs."""
        if (creator, receiver) in self._links:
            return creator, receiver
        inner = {creator, receiver, *self.network.repeaters}
        graph: dict[str, dict[str, float]] = {name: {} for name in inner}
        for (a, b), link in self._links.items():
            if a in inner and b in inner:
                mean = link.model.mean_duration_ns
                graph[a][b] = 0.0 if math.isnan(mean) else mean
        reached = shortest_paths(graph, creator).get(receiver)
        return None if reached is None else reached[1]

    def open(self) -> Lines:
        """All stations and repeaters free, at time 0."""
        return Lines(self)

    def _check(self, *names: str) -> None:
        for name in names:
            if name not in self._known:
                hint = did_you_mean(name, self._known) or f"nodes: {', '.join(self._known)}"
                raise InputError(f"there is no node '{name}' ({hint})")

    def _unlinked(self, creator: str, receiver: str) -> InputError:
        partners = [name for name in self.network.nodes if name != creator and self.path(creator, name)]
        has = f"'{creator}' has pairs with {', '.join(partners)}" if partners else f"'{creator}' has no link of pairs"
        return InputError(f"no link of pairs between '{creator}' and '{receiver}'; {has}")


class Lines:
    """Links of pairs during one run."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._made: dict[tuple[str, str], LinkModel] = {}
        self._books: dict[int, Timetable] = {}
        self._free_ns: dict[str, float] = {}

    def line(self, creator: str, receiver: str) -> LinkModel:
        """Pairs with the first qubit at ``creator``. Raises `InputError` where the two have no link and no path."""
        made = self._made.get((creator, receiver))
        if made is None:
            made = self._made[creator, receiver] = self._make(creator, receiver)
        return made

    def _make(self, creator: str, receiver: str) -> LinkModel:
        routes = self._routes
        routes._check(creator, receiver)
        path = routes.path(creator, receiver) if creator != receiver else None
        if path is None:
            raise routes._unlinked(creator, receiver)
        links = [self._oriented(a, b) for a, b in itertools.pairwise(path)]
        if len(links) == 1:
            return links[0]
        network = routes.network
        repeaters = [swap_device(network.repeaters[name]) for name in path[1:-1]]
        devices: list[SwapDevice] = [keeping(network.nodes[creator]), *repeaters, keeping(network.nodes[receiver])]
        delays = [[routes.delay_ns(a, b) for b in path] for a in path]
        return _Relayed(SwapChain(links, devices, delays, network.control), path[1:-1], self._free_ns)

    def _oriented(self, node_a: str, node_b: str) -> LinkModel:
        link = self._routes._links[node_a, node_b]
        model = link.model
        if link.station is not None:
            book = self._books.setdefault(id(link.station), link.station.open())
            model = _Booked(model, book, node_a, node_b)
        return model if link.node_a == node_a else _Flipped(model)


class _Booked:
    """A link that shares a station."""

    __slots__ = ("_book", "_ends", "_model")

    def __init__(self, model: LinkModel, book: Timetable, node_a: str, node_b: str) -> None:
        self._model, self._book, self._ends = model, book, (node_a, node_b)

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        made = self._model.sample(rng, now_ns)
        _, end = self._book.book(*self._ends, now_ns, made.duration_ns, made.attempts)
        return Delivery(end - now_ns, made.state, made.attempts)

    @property
    def mean_fidelity(self) -> float:
        return self._model.mean_fidelity

    @property
    def mean_duration_ns(self) -> float:
        return self._model.mean_duration_ns


class _Flipped:
    """A link seen from its other end."""

    __slots__ = ("_model", "_states")

    def __init__(self, model: LinkModel) -> None:
        self._model = model
        self._states: dict[PairState, PairState] = {}

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        made = self._model.sample(rng, now_ns)
        state = self._states.get(made.state)
        if state is None:
            state = made.state.flipped()
            if len(self._states) < _KEPT_STATES:
                self._states[made.state] = state
        return Delivery(made.duration_ns, state, made.attempts)

    @property
    def mean_fidelity(self) -> float:
        return self._model.mean_fidelity

    @property
    def mean_duration_ns(self) -> float:
        return self._model.mean_duration_ns


class _Relayed:
    """A path over repeaters, each of which serves one request after the other."""

    __slots__ = ("_chain", "_free_ns", "_repeaters")

    def __init__(self, chain: SwapChain, repeaters: Sequence[str], free_ns: dict[str, float]) -> None:
        self._chain, self._repeaters, self._free_ns = chain, repeaters, free_ns

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        start = max(now_ns, *(self._free_ns.get(name, 0.0) for name in self._repeaters))
        made = self._chain.sample(rng, start)
        end = start + made.duration_ns
        for name in self._repeaters:
            self._free_ns[name] = end
        return Delivery(end - now_ns, made.state, made.attempts)

    @property
    def mean_fidelity(self) -> float:
        return math.nan

    @property
    def mean_duration_ns(self) -> float:
        return math.nan
