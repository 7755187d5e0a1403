"""What a path delivers with so many lanes: the exact law of a single link, a run of the chain otherwise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.engine.random import stream
from qcisim.repeaters.chain import Chain
from qcisim.repeaters.device import MemoryDevice
from qcisim.repeaters.plan import best_pair
from qcisim.repeaters.policy import Ranks, Schedule
from qcisim.repeaters.routing_request import GraphLink
from qcisim.repeaters.run import run

Floats = NDArray[np.float64]

PAIRS = 600
"""Pairs that a path is tried with."""
MOST_EVENTS = 1_000_000
"""Events after which a path that hardly delivers is given up."""


@dataclass(frozen=True, slots=True)
class Way:
    """A path and what is distilled on it.

    Args:
        nodes, links: ids, one link fewer than nodes.
        schedule: of distillation.
    """

    nodes: tuple[str, ...]
    links: tuple[str, ...]
    schedule: Schedule

    @property
    def least_lanes(self) -> int:
        """Fewer cannot hold what the schedule distils."""
        return self.schedule.least_memories

    def memories(self, lanes: int) -> dict[str, int]:
        """Memories that so many lanes take at each node: one side at the ends, two in between."""
        ends = (self.nodes[0], self.nodes[-1])
        return {node: lanes * (1 if node in ends else 2) for node in self.nodes}

    @property
    def name(self) -> str:
        """Of its random stream."""
        rounds = f"{self.schedule.elementary}+{self.schedule.end_to_end}"
        return f"{'-'.join(self.nodes)}/{'-'.join(self.links)}/{rounds}"


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What a way delivers.

    Args:
        rate_hz: pairs per second, in the long run.
        rate_error_hz: standard error; 0 of an exact law.
        weights: Bell weights of the mean pair, (4,).
        fidelity_error: standard error of its fidelity.
        pairs: that were simulated; 0 for an exact law.
    """

    rate_hz: float
    rate_error_hz: float
    weights: Floats
    fidelity_error: float
    pairs: int

    @property
    def fidelity(self) -> float:
        """Of the mean pair with Phi+."""
        return float(self.weights[0])


class Trials:
    """Tries ways and remembers what they gave."""

    def __init__(
        self,
        links: Mapping[str, GraphLink],
        devices: Mapping[str, MemoryDevice],
        policy: str | Ranks,
        cutoff_s: float | None,
        seed: int,
    ) -> None:
        self.links, self.devices, self.policy, self.cutoff_s, self.seed = links, devices, policy, cutoff_s, seed
        self._known: dict[tuple[Way, int], Trial] = {}

    def chain(self, way: Way, lanes: int) -> Chain:
        """The chain that the memories reserved along a way make."""
        links = tuple(self.links[link].towards(start) for start, link in zip(way.nodes, way.links, strict=False))
        devices = tuple(self.devices[node] for node in way.nodes)
        return Chain(links, devices, lanes, self.policy, way.schedule, self.cutoff_s)

    def ceiling_hz(self, way: Way, lanes: int) -> float:
        """No way delivers more: every pair spends 2^rounds pairs of each of its links."""
        rounds = way.schedule.elementary + way.schedule.end_to_end
        return min(lanes * self.links[link].lane_rate_hz for link in way.links) * 0.5**rounds

    def steady(self, way: Way, lanes: int) -> Trial:
        """With so many lanes, in the long run."""
        key = (way, lanes)
        if key not in self._known:
            self._known[key] = self._try(way, lanes)
        return self._known[key]

    def _try(self, way: Way, lanes: int) -> Trial:
        chain = self.chain(way, lanes)
        ceiling_hz = self.ceiling_hz(way, lanes)
        if chain.repeaters == 0 and not way.schedule.distils:
            return Trial(ceiling_hz, 0.0, best_pair(chain, way.schedule)[0].weights, 0.0, 0)
        done = run(chain, PAIRS, stream(self.seed, f"routing/{way.name}/{lanes}"), most_events=MOST_EVENTS)
        count = len(done)
        if count == 0:
            return Trial(0.0, 0.0, done.mean_weights, 0.0, 0)
        rate_hz = min(done.rate_hz, ceiling_hz)
        spread = float(done.weights[:, 0].std()) / math.sqrt(count)
        return Trial(rate_hz, rate_hz * relative_error(done.waiting_s[1:]), done.mean_weights, spread, count)


def relative_error(waits_s: Floats, batches: int = 20) -> float:
    """Of the mean of waits that may depend on their neighbours, from the means of batches."""
    size = len(waits_s) // batches
    if size == 0:
        return 1.0 / math.sqrt(max(1, len(waits_s)))
    means = waits_s[: size * batches].reshape(batches, size).mean(axis=1)
    mean = float(means.mean())
    return float(means.std(ddof=1)) / math.sqrt(batches) / mean if mean > 0.0 else 0.0
