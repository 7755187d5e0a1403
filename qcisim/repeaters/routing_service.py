"""What a request gets of a network, and how its pairs come in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.states import Matrix
from qcisim.repeaters import layout
from qcisim.repeaters.chain import Chain
from qcisim.repeaters.policy import Schedule
from qcisim.repeaters.routing_request import PairRequest
from qcisim.repeaters.run import MOST_EVENTS, ChainRun, run
from qcisim.repeaters.trace import Trace

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_PAIRS = 1_000_000
"""Of a run on reserved memories, before it ends."""
_EARLY = ("done", "exhausted")


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One path of a service.

    Args:
        nodes, links: the path.
        lanes: reserved in each turn, memories on either side of its nodes; 0 in turns of others.
        schedule: of distillation.
        chain: that the reserved memories make in each turn; None in turns of others.
        rate_hz, fidelity: of the pairs that come this way, turns included.
    """

    nodes: tuple[str, ...]
    links: tuple[str, ...]
    lanes: tuple[int, ...]
    schedule: Schedule
    chain: tuple[Chain | None, ...]
    rate_hz: float = 0.0
    fidelity: float = 0.25


@dataclass(frozen=True, slots=True)
class Choice:
    """A path and schedule that was looked at: what it would give alone, with as many lanes as fit."""

    nodes: tuple[str, ...]
    links: tuple[str, ...]
    schedule: Schedule
    lanes: int
    rate_hz: float
    fidelity: float


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """Pairs of a service over some time.

    Args:
        at_s: of each delivery, in order, (n,).
        weights: Bell weights, (n, 4).
        route: number of its route, (n,).
        simulated_s: how long.
        heralds_hz: pairs heralded per second by link, of a run with traces.
        traces: (start in s, route, turn, trace) of every stretch, where asked for.
    """

    at_s: Floats
    weights: Floats
    route: Ints
    simulated_s: float
    heralds_hz: dict[str, float]
    traces: tuple[tuple[float, int, int, Trace], ...] = ()

    def __len__(self) -> int:
        return len(self.at_s)

    @property
    def mean_weights(self) -> Floats:
        """Of the mean pair, (4,); white noise without pairs."""
        if len(self) == 0:
            return np.full(4, 0.25)
        mean: Floats = self.weights.mean(axis=0)
        mean /= mean.sum()
        return mean


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """What a request gets.

    Args:
        request: the request.
        routes: the paths that its memories are reserved on; empty where there is none.
        turns: of a cycle; 1 where nobody takes turns.
        rate_hz: pairs per second, turns included; 0 where no path serves it.
        rate_error_hz: its standard error.
        weights: Bell weights of the mean pair, (4,).
        met: whether both targets are met.
        reason: a sentence where they are not, with the best that can be reached.
        limit: what stands in the way of more: ("memories", node), ("lanes", link), ("fidelity", ""), ("path", "") or
            ("lanes asked for", ""); empty where nothing does.
        choices: everything that was looked at.
        best: of these the one with the highest fidelity, where none has the fidelity asked for.
        pilot: the pairs that rate and weights come from; None of an exact law, or without pairs.
    """

    request: PairRequest
    routes: tuple[Route, ...]
    turns: int
    rate_hz: float
    rate_error_hz: float
    weights: Floats
    met: bool
    reason: str
    limit: tuple[str, str] = ("", "")
    choices: tuple[Choice, ...] = ()
    best: Choice | None = None
    pilot: Delivered | None = field(default=None, repr=False)

    @property
    def fidelity(self) -> float:
        """Of the mean pair with Phi+; 0.25 without pairs."""
        return float(self.weights[0])

    @property
    def rho(self) -> Matrix:
        """Density matrix of the mean pair, (4, 4)."""
        return BellDiagonal(self.weights).to_density()

    @property
    def nodes(self) -> tuple[str, ...]:
        """Of the route that carries most."""
        return self._main.nodes if self.routes else ()

    @property
    def links(self) -> tuple[str, ...]:
        """Of the route that carries most."""
        return self._main.links if self.routes else ()

    @property
    def lanes(self) -> int:
        """Of all routes together, in the turn in which they are most."""
        return max((sum(route.lanes[turn] for route in self.routes) for turn in range(self.turns)), default=0)

    @property
    def schedule(self) -> Schedule:
        """Of the route that carries most."""
        return self._main.schedule if self.routes else Schedule()

    @property
    def share(self) -> float:
        """Of the time, in which it holds memories."""
        busy = sum(any(route.lanes[turn] for route in self.routes) for turn in range(self.turns))
        return busy / self.turns

    @property
    def _main(self) -> Route:
        return max(self.routes, key=lambda route: (route.rate_hz, sum(route.lanes)))

    def memories(self) -> dict[str, int]:
        """Reserved at each node, in the turn in which they are most."""
        most: dict[str, int] = {}
        for turn in range(self.turns):
            now: dict[str, int] = {}
            for route in self.routes:
                for node in route.nodes:
                    sides = 1 if node in (route.nodes[0], route.nodes[-1]) else 2
                    now[node] = now.get(node, 0) + sides * route.lanes[turn]
            most = {node: max(most.get(node, 0), now.get(node, 0)) for node in {**most, **now}}
        return {node: count for node, count in most.items() if count}


def deliver(
    routes: Sequence[Route],
    turns: int,
    rng: np.random.Generator,
    *,
    turn_s: float,
    horizon_s: float,
    pairs: int = MOST_PAIRS,
    trace: bool = False,
    most_events: int = MOST_EVENTS,
) -> Delivered:
    """Every event on the reserved memories of one service until ``horizon_s``, or until ``pairs`` pairs have come.

    Reserved memories are nobody else's, so that the services of a network are independent of each other. Each turn
    begins with empty memories, and pairs that are not delivered at its end are lost.
    """
    require(turn_s > 0.0 and horizon_s > 0.0, f"turn_s {turn_s:g}, horizon_s {horizon_s:g}: wanted above 0")
    stretches: list[_Stretch] = []
    end_s = horizon_s
    for start_s, turn, length_s in _stretches(turns, turn_s, horizon_s):
        if turn == 0 and sum(len(each.done) for each in stretches) >= pairs:  # whole cycles
            end_s = start_s
            break
        for number, route in enumerate(routes):
            chain = route.chain[turn]
            if chain is not None:
                done = _run(chain, rng, length_s, pairs if turns == 1 else MOST_PAIRS, trace, most_events)
                stretches.append(_Stretch(start_s, number, turn, done))
    if turns == 1:
        end_s = min([horizon_s, *(each.done.simulated_s for each in stretches if each.done.ended in _EARLY)])
    at_s = np.concatenate([np.zeros(0), *(each.start_s + each.done.delivered_s for each in stretches)])
    weights = np.concatenate([np.zeros((0, 4)), *(each.done.weights for each in stretches)])
    route_of = np.repeat([each.route for each in stretches], [len(each.done) for each in stretches]).astype(np.int64)
    order = np.argsort(at_s, kind="stable")
    order = order[at_s[order] <= end_s]
    return Delivered(
        at_s[order],
        weights[order],
        route_of[order],
        end_s,
        _heralds_hz(routes, stretches, None if turns == 1 else end_s),
        tuple((each.start_s, each.route, each.turn, each.done.trace) for each in stretches if each.done.trace),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    start_s: float
    route: int
    turn: int
    done: ChainRun


def _stretches(turns: int, turn_s: float, horizon_s: float) -> Iterator[tuple[float, int, float]]:
    """(start, number of the turn, length) until the horizon."""
    if turns == 1:
        yield 0.0, 0, horizon_s
        return
    index = 0
    while (start_s := index * turn_s) < horizon_s * (1.0 - 1e-12):
        yield start_s, index % turns, min(turn_s, horizon_s - start_s)
        index += 1


def _run(
    chain: Chain, rng: np.random.Generator, length_s: float, pairs: int, trace: bool, most_events: int
) -> ChainRun:
    """The pairs of a chain until a time, with as much room as they need."""
    room = min(pairs, 256)
    begin = rng.bit_generator.state
    while True:
        done = run(chain, room, rng, horizon_s=length_s, trace=trace, most_events=most_events)
        if done.ended != "done" or room == pairs:
            return done
        rng.bit_generator.state = begin
        room = min(pairs, 8 * room)


def _heralds_hz(routes: Sequence[Route], stretches: Sequence[_Stretch], over_s: float | None) -> dict[str, float]:
    """Pairs heralded per second on each link, from the traces."""
    found: dict[str, float] = {}
    for each in stretches:
        time_s = each.done.simulated_s if over_s is None else over_s
        if each.done.trace is None or time_s <= 0.0:
            continue
        at = each.done.trace.of_kind("herald")[:, layout.TRACE_LEFT]
        for place, link in enumerate(routes[each.route].links):
            found[link] = found.get(link, 0.0) + float((at == place).sum()) / time_s
    return found
