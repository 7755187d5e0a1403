"""Who gets which memories: turns where they are too few, lanes one after the other to whoever has fewest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qcisim.repeaters.device import MemoryDevice
from qcisim.repeaters.routing_request import GraphLink, PairRequest
from qcisim.repeaters.routing_trial import Trials, Way

MOST_LANES = 256
"""Of one way."""
SURE = 2.0
"""Standard errors by which an estimated rate has to pass what was asked for before no more lanes are given."""


@dataclass(slots=True)
class Stock:
    """What is still free in one turn."""

    memories: dict[str, int]
    lanes: dict[str, float]

    @classmethod
    def of(cls, devices: Mapping[str, MemoryDevice], links: Mapping[str, GraphLink]) -> Stock:
        """Everything."""
        lanes = {name: math.inf if link.lanes is None else float(link.lanes) for name, link in links.items()}
        return cls({node: device.memories for node, device in devices.items()}, lanes)

    def room(self, way: Way) -> int:
        """Lanes that still fit on a way."""
        memories = [self.memories[node] // each for node, each in way.memories(1).items()]
        return int(min(*memories, *(self.lanes[link] for link in way.links), MOST_LANES))

    def take(self, way: Way, lanes: int) -> None:
        """Reserve so many lanes."""
        for node, each in way.memories(lanes).items():
            self.memories[node] -= each
        for link in way.links:
            self.lanes[link] -= lanes

    def short(self, way: Way) -> tuple[str, str]:
        """What stands in the way of one more lane: ("memories", node) or ("lanes", link)."""
        for node, each in way.memories(1).items():
            if self.memories[node] < each:
                return "memories", node
        link = min(way.links, key=lambda name: self.lanes[name])
        return "lanes", link


@dataclass(slots=True)
class Share:
    """What one request holds: lanes by way and turn."""

    request: PairRequest
    ways: Sequence[Way]
    lanes: dict[tuple[int, int], int] = field(default_factory=dict)
    short: tuple[str, str] = ("", "")


class Shares:
    """Lanes of all requests that some way can serve.

    First every request gets the fewest lanes that its best way works with; what finds no memory goes into a further
    turn, and all turns are equally long. Then lanes are given one after the other, each to the request that holds the
    fewest of those that do not have their rate yet, on the way and in the turn where a reserved memory brings it most;
    until each has its rate, or nothing that would help it is left. So lanes are max-min fair: whoever asks for more
    than others, or is far away, takes nothing from those that need little.
    """

    def __init__(self, trials: Trials) -> None:
        self.trials = trials
        self.stocks: list[Stock] = []
        self.shares: dict[str, Share] = {}

    @property
    def turns(self) -> int:
        """1 where all memories are there at once."""
        return max(1, len(self.stocks))

    def give(self, requests: Sequence[tuple[PairRequest, Sequence[Way]]]) -> None:
        """Reserve lanes for requests, each with the ways that are good enough for it."""
        for request, ways in requests:
            self.shares[request.id] = self._admit(request, ways)
        waiting = [share for share in self.shares.values() if share.request.lanes is None]
        while waiting:
            poorest = min(waiting, key=lambda share: (sum(share.lanes.values()), self.satisfaction(share)))
            if self.satisfaction(poorest, SURE) >= 1.0 or not self._widen(poorest):
                waiting.remove(poorest)

    def rate_hz(self, share: Share, errors: float = 0.0) -> float:
        """Of all ways and turns together, less so many standard errors."""
        rates = []
        for (way, _), lanes in share.lanes.items():
            trial = self.trials.steady(share.ways[way], lanes)
            rates.append(trial.rate_hz - errors * trial.rate_error_hz)
        return math.fsum(rates) / self.turns

    def satisfaction(self, share: Share, errors: float = 0.0) -> float:
        """The part of what was asked for."""
        return self.rate_hz(share, errors) / share.request.rate_hz

    def _worth(self, share: Share, way: int, before: int, after: int) -> float:
        """Pairs per second, as far as they are still wanted, for each memory that they take."""
        trials, path = self.trials, share.ways[way]
        gain = trials.steady(path, after).rate_hz - (trials.steady(path, before).rate_hz if before else 0.0)
        missing = max(share.request.rate_hz - self.rate_hz(share), 1e-3 * share.request.rate_hz)
        memories = sum(path.memories(after).values()) - sum(path.memories(before).values())
        return min(gain / self.turns, missing) / memories

    def _admit(self, request: PairRequest, ways: Sequence[Way]) -> Share:
        share = Share(request, ways)
        least = [request.lanes or way.least_lanes for way in ways]
        order = sorted(range(len(ways)), key=lambda way: -self._worth(share, way, 0, least[way]))
        for turn, stock in enumerate(self.stocks):
            for way in order:
                if stock.room(ways[way]) >= least[way]:
                    return self._reserve(share, way, turn, least[way])
        self.stocks.append(Stock.of(self.trials.devices, self.trials.links))
        return self._reserve(share, order[0], len(self.stocks) - 1, least[order[0]])

    def _reserve(self, share: Share, way: int, turn: int, lanes: int) -> Share:
        share.lanes[way, turn] = share.lanes.get((way, turn), 0) + lanes
        self.stocks[turn].take(share.ways[way], lanes)
        return share

    def _widen(self, share: Share) -> bool:
        """One more step of lanes where it brings most; False where nothing is left that would help."""
        best: tuple[float, int, int, int] | None = None
        for turn, stock in enumerate(self.stocks):
            for way, path in enumerate(share.ways):
                held = share.lanes.get((way, turn), 0)
                room = min(stock.room(path), MOST_LANES - held)
                step = min(max(1, held // 8), room) if held else path.least_lanes
                if not 0 < step <= room:
                    continue
                worth = self._worth(share, way, held, held + step)
                if worth > 0.0 and (best is None or worth > best[0]):
                    best = worth, way, turn, step
        if best is None:
            way, turn = max(share.lanes, key=lambda key: share.lanes[key])
            share.short = self.stocks[turn].short(share.ways[way])
            return False
        self._reserve(share, best[1], best[2], best[3])
        return True
