"""Runs of a chain: every event in integer picoseconds, one after the other or 10^5 at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.states import Matrix
from qcisim.repeaters import layout
from qcisim.repeaters.chain import Chain
from qcisim.repeaters.compiled import Compiled, Room, compile_chain, weights_of
from qcisim.repeaters.trace import Trace
from qcisim.units import PICOSECONDS_PER_SECOND, picoseconds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Ended: TypeAlias = Literal["done", "horizon", "stalled", "exhausted", "impossible"]
_ENDED: dict[int, Ended] = {
    layout.DONE: "done",
    layout.HORIZON: "horizon",
    layout.STALLED: "stalled",
    layout.EXHAUSTED: "exhausted",
}
MOST_EVENTS = 1_000_000_000
"""Events of a run before it gives up, some minutes."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened in a run, or in all runs of an ensemble."""

    events: int = 0
    heralds: int = 0
    swaps: int = 0
    failed_swaps: int = 0
    distillations: int = 0
    failed_distillations: int = 0
    discarded_qubits: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class ChainRun:
    """Pairs that a chain has delivered.

    Args:
        chain: what has run.
        ended: "done" with all pairs; "horizon" reached, "stalled" (every memory waits for another), "exhausted" (too
            many events) or "impossible" with fewer or none.
        reason: a sentence where not all pairs came.
        delivered_s: when both ends knew of each pair, (n,).
        joined_s: when its last swap was done, (n,).
        weights: Bell weights at delivery, (n, 4).
        simulated_s: time of the run.
        counts: of events.
        trace: of all events, where asked for.
    """

    chain: Chain
    ended: Ended
    reason: str
    delivered_s: Floats
    joined_s: Floats
    weights: Floats
    simulated_s: float
    counts: Counts
    trace: Trace | None

    def __len__(self) -> int:
        return len(self.delivered_s)

    @property
    def rate_hz(self) -> float:
        """Pairs per second: (n - 1)/(t_n - t_1) once it runs, n/t where there are fewer than two; 0 without pairs."""
        if len(self) == 0:
            return 0.0
        if len(self) == 1 or self.ended != "done":
            return len(self) / self.simulated_s
        span = float(self.delivered_s[-1] - self.delivered_s[0])
        return (len(self) - 1) / span if span > 0.0 else len(self) / self.simulated_s

    @property
    def mean_weights(self) -> Floats:
        """Bell weights of the mean pair, (4,); white noise without pairs."""
        if len(self) == 0:
            return np.full(4, 0.25)
        mean: Floats = self.weights.mean(axis=0)
        mean /= mean.sum()
        return mean

    @property
    def fidelity(self) -> float:
        """Of the mean pair with Phi+; 0.25 without pairs."""
        return float(self.mean_weights[0])

    @property
    def rho(self) -> Matrix:
        """Density matrix of the mean pair, (4, 4)."""
        return BellDiagonal(self.mean_weights).to_density()

    @property
    def waiting_s(self) -> Floats:
        """From one delivery to the next, the first one from the start, (n,)."""
        return np.diff(self.delivered_s, prepend=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """First pairs of independent runs that start with empty memories.

    Args:
        chain: what has run.
        ended: as of `ChainRun`; where it is not "done", the runs before are there.
        reason: a sentence where not all runs came to a pair.
        delivered_s, joined_s: (n,); weights: (n, 4).
        counts: of all runs.
    """

    chain: Chain
    ended: Ended
    reason: str
    delivered_s: Floats
    joined_s: Floats
    weights: Floats
    counts: Counts

    def __len__(self) -> int:
        return len(self.delivered_s)

    @property
    def mean_wait_s(self) -> float:
        """Of the first pair; infinite without any."""
        return float(self.delivered_s.mean()) if len(self) else math.inf

    @property
    def mean_wait_error_s(self) -> float:
        """Standard error of that mean."""
        return float(self.delivered_s.std(ddof=1)) / math.sqrt(len(self)) if len(self) > 1 else math.inf

    @property
    def mean_weights(self) -> Floats:
        """Bell weights of the mean pair, (4,); white noise without any."""
        if len(self) == 0:
            return np.full(4, 0.25)
        mean: Floats = self.weights.mean(axis=0)
        mean /= mean.sum()
        return mean

    @property
    def fidelity(self) -> float:
        """Of the mean pair with Phi+."""
        return float(self.mean_weights[0])

    def waiting_quantiles_s(self, levels: Floats) -> Floats:
        """Times that the given shares of first pairs do not exceed."""
        require(len(self) > 0, f"no pairs: {self.reason}")
        return np.quantile(self.delivered_s, levels, method="higher")


def run(
    chain: Chain,
    pairs: int,
    rng: np.random.Generator,
    *,
    horizon_s: float = math.inf,
    trace: bool = False,
    most_events: int = MOST_EVENTS,
) -> ChainRun:
    """Run from empty memories until ``pairs`` pairs are delivered.

    Waiting times are sampled from the geometric law instead of attempt by attempt, which is exact in distribution:
    between two events of a lane its attempts are independent and nothing else looks at them. Times are integer
    picoseconds; equal times are taken in a fixed order. Ends with fewer pairs, and says why, where ``horizon_s`` is
    reached, where all memories wait for each other, or after ``most_events``.
    """
    require(pairs >= 1, f"{pairs} pairs: wanted at least one")
    require(horizon_s > 0.0, f"horizon_s {horizon_s:g}: wanted above 0")
    if chain.impossible:
        empty = np.zeros(0)
        return ChainRun(chain, "impossible", chain.impossible, empty, empty, np.zeros((0, 4)), 0.0, Counts(), None)
    from qcisim.repeaters.run_kernels import run_chain

    compiled = compile_chain(chain)
    horizon = layout.NEVER - 1 if horizon_s > 4e6 else picoseconds(horizon_s)
    times, values = np.zeros((pairs, 2), np.int64), np.zeros((pairs, 3))
    count = np.zeros(layout.COUNTERS, np.int64)
    begin = rng.bit_generator.state
    events, lines = 1, (1 << 14 if trace else 0)
    while True:
        room = Room.of(compiled, events)
        rows = np.zeros((lines, layout.TRACE_FIELDS), np.int64)
        ended = run_chain(
            rng, *compiled.given, *_arrays(room), rows, count, times, values, np.array([horizon, most_events])
        )
        if ended != layout.OVERFULL:
            break
        rng.bit_generator.state = begin
        events, lines = (2 * events, lines) if count[layout.FULL] == 1 else (events, 4 * lines)
    got = int(count[layout.DELIVERED])
    seconds = times[:got] / PICOSECONDS_PER_SECOND
    return ChainRun(
        chain,
        _ENDED[ended],
        _reason(chain, ended, got, pairs, most_events),
        seconds[:, 0],
        seconds[:, 1],
        weights_of(values[:got]),
        int(count[layout.CLOCK]) / PICOSECONDS_PER_SECOND,
        _counts(count),
        Trace(rows[: count[layout.TRACED]].copy()) if trace else None,
    )


def ensemble(
    chain: Chain,
    runs: int,
    rng: np.random.Generator,
    *,
    horizon_s: float = math.inf,
    most_events: int = MOST_EVENTS,
) -> Ensemble:
    """First pairs of ``runs`` independent runs, each as `run` does it; ``most_events`` holds for each."""
    require(runs >= 1, f"{runs} runs: wanted at least one")
    require(horizon_s > 0.0, f"horizon_s {horizon_s:g}: wanted above 0")
    if chain.impossible:
        empty = np.zeros(0)
        return Ensemble(chain, "impossible", chain.impossible, empty, empty, np.zeros((0, 4)), Counts())
    from qcisim.repeaters.run_kernels import run_many

    compiled = compile_chain(chain)
    horizon = layout.NEVER - 1 if horizon_s > 4e6 else picoseconds(horizon_s)
    times, values = np.zeros((runs, 2), np.int64), np.zeros((runs, 3))
    count, total = np.zeros(layout.COUNTERS, np.int64), np.zeros(layout.COUNTERS, np.int64)
    begin = rng.bit_generator.state
    factor = 1
    while True:
        room = Room.of(compiled, factor)
        ended = run_many(
            rng, *compiled.given, *_arrays(room), count, times, values, total, np.array([horizon, most_events])
        )
        if ended != layout.OVERFULL:
            break
        rng.bit_generator.state = begin
        factor *= 2
    got = int(total[layout.DELIVERED])
    seconds = times[:got] / PICOSECONDS_PER_SECOND
    return Ensemble(
        chain,
        _ENDED[ended],
        _reason(chain, ended, got, runs, most_events),
        seconds[:, 0],
        seconds[:, 1],
        weights_of(values[:got]),
        _counts(total),
    )


def _arrays(room: Room) -> tuple[Ints, Ints, Floats, Ints, Ints]:
    return room.lane, room.pair, room.value, room.spare, room.heap


def _counts(count: Ints) -> Counts:
    return Counts(
        int(count[layout.EVENTS]),
        int(count[layout.HERALDS]),
        int(count[layout.SWAPS]),
        int(count[layout.SWAP_FAILURES]),
        int(count[layout.DISTILLATIONS]),
        int(count[layout.DISTILLATION_FAILURES]),
        int(count[layout.DISCARDS]),
    )


def _reason(chain: Chain, ended: int, got: int, wanted: int, most_events: int) -> str:
    share = f"{got} of {wanted} pairs"
    if ended == layout.HORIZON:
        return f"{share} until the horizon"
    if ended == layout.EXHAUSTED:
        return f"{share} after {most_events} events"
    if ended == layout.STALLED:
        need = chain.schedule.least_memories
        hint = f"; the schedule of distillation needs {need} memories a side" if min(chain.lanes) < need else ""
        return f"{share}: every memory holds a pair that waits for another{hint}"
    return ""


__all__ = ["MOST_EVENTS", "ChainRun", "Compiled", "Counts", "Ended", "Ensemble", "ensemble", "run"]
