"""Links from the hardware of qcisim: heralding stations, chains of repeaters, sources of photon pairs."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from qcisim.errors import require
from qcisim.optics.heralding import Herald
from qcisim.optics.orbit import Pass
from qcisim.optics.pair_source import PairEmission
from qcisim.optics.pairs import PairStates, pair_states
from qcisim.optics.receiver import Receiver
from qcisim.optics.source import Floats
from qcisim.optics.states import LinkStates
from qcisim.quantum import BellDiagonal, Matrix
from qcisim.quantum.memory import Memory, Waiting
from qcisim.repeaters import Chain, ensemble
from qcisim.stack.links.attempts import AttemptLink
from qcisim.stack.links.delivery import Delivery, NoPairError, PairState

_NS = 1e9


def station_link(herald: Herald, memory_a: Waiting = Memory(), memory_b: Waiting = Memory()) -> AttemptLink:
    """Two fibres and a heralding station: attempts of `qcisim.optics.heralding.single_click` and the like.

    Both nodes have corrected the click pattern when they have the pair, so it is near Phi+.

    Args:
        herald: what the hardware gives.
        memory_a, memory_b: in which the qubits wait until the herald is back.
    """
    rho = herald.arrived(memory_a, memory_b).to_density()
    return AttemptLink((PairState(rho),), herald.attempt_s * _NS, herald.success_probability)


@dataclass(frozen=True, slots=True, eq=False)
class RepeaterLink:
    """A chain of repeaters, idle and empty when a request comes; pairs are Bell-diagonal, about 0.3 ms each to draw."""

    chain: Chain

    def __post_init__(self) -> None:
        require(not self.chain.impossible, self.chain.impossible)

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """The first pair of a run of the chain."""
        first = ensemble(self.chain, 1, rng)
        if len(first) == 0:
            raise NoPairError(f"repeater chain: {first.reason}")
        rho = np.array(BellDiagonal(first.weights[0]).to_density(), dtype=np.complex128)
        return Delivery(float(first.delivered_s[0]) * _NS, PairState.made(rho))

    @property
    def mean_fidelity(self) -> float:
        """Not known beforehand."""
        return math.nan

    @property
    def mean_duration_ns(self) -> float:
        """Not known beforehand."""
        return math.nan


@dataclass(frozen=True, slots=True, eq=False)
class StreamLink:
    """Pairs that come by themselves, as a Poisson stream whose rate changes with time: a source in sight of both ends.

    A request made at t gets the first pair that comes later, P(none until t') = exp(-int_t^t' rate).

    Args:
        start_s, end_s: intervals in order that do not overlap, (n,); ``end_s`` of the last may be infinite.
        rate_hz: in each, (n,), positive.
        states: in each, (n,).
        delay_s: from the detection until both ends have and know their pair, (n,).
        epoch_s: the time that is 0 for programs.
        name: for errors.
    """

    start_s: Floats
    end_s: Floats
    rate_hz: Floats
    states: Sequence[PairState]
    delay_s: Floats
    epoch_s: float = 0.0
    name: str = "source of pairs"
    _starts: list[float] = field(init=False, repr=False)
    _ends: list[float] = field(init=False, repr=False)
    _rates: list[float] = field(init=False, repr=False)
    _counts: list[float] = field(init=False, repr=False)
    _delays: list[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts, ends, rates, delays = (
            np.asarray(one, dtype=np.float64).tolist() for one in (self.start_s, self.end_s, self.rate_hz, self.delay_s)
        )
        number = len(starts)
        same = len(ends) == len(rates) == len(delays) == len(self.states) == number
        require(
            same and number >= 1, f"{self.name}: wanted as many starts, ends, rates, states and delays, at least one"
        )
        for place, (start, end, rate) in enumerate(zip(starts, ends, rates, strict=True)):
            require(start < end, f"{self.name}: interval from {start:g} s to {end:g} s")
            require(rate > 0.0 and math.isfinite(rate), f"{self.name}: rate {rate:g} Hz: wanted above 0; leave it out")
            require(place == 0 or ends[place - 1] <= start, f"{self.name}: intervals that overlap at {start:g} s")
        counts = [0.0, *itertools.accumulate((e - s) * r for s, e, r in zip(starts, ends, rates, strict=True))]
        for name, value in (
            ("starts", starts),
            ("ends", ends),
            ("rates", rates),
            ("counts", counts),
            ("delays", delays),
        ):
            object.__setattr__(self, f"_{name}", value)

    @classmethod
    def constant(cls, rate_hz: float, state: PairState, delay_s: float, *, name: str = "source of pairs") -> StreamLink:
        """The same rate and state for ever."""
        one = np.ones(1)
        return cls(0.0 * one, math.inf * one, rate_hz * one, (state,), delay_s * one, 0.0, name)

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """The first pair after ``now_ns``; raises `NoPairError` where the last interval ends before it comes."""
        now_s = self.epoch_s + now_ns / _NS
        wanted = self.expected(now_s) - math.log1p(-rng.random())
        place = bisect_left(self._counts, wanted) - 1
        if place >= len(self._starts):
            raise NoPairError(f"{self.name}: no pair after {now_s:g} s; the last interval ends at {self._ends[-1]:g} s")
        place = max(place, 0)
        came_s = self._starts[place] + (wanted - self._counts[place]) / self._rates[place]
        known_s = max(came_s, now_s) + self._delays[place]
        return Delivery((known_s - now_s) * _NS, self.states[place])

    def expected(self, t_s: float) -> float:
        """Mean number of pairs until ``t_s``."""
        place = bisect_right(self._starts, t_s) - 1
        if place < 0:
            return 0.0
        return self._counts[place] + (min(t_s, self._ends[place]) - self._starts[place]) * self._rates[place]

    @property
    def mean_fidelity(self) -> float:
        """Of the pairs of all intervals; of the last one where that never ends."""
        if math.isinf(self._counts[-1]):
            return self.states[-1].fidelity
        weights = np.diff(self._counts)
        return float(np.dot(weights, [state.fidelity for state in self.states]) / weights.sum())

    @property
    def mean_duration_ns(self) -> float:
        """1/rate and the delay where the rate never changes; else it depends on when one asks."""
        only = len(self._starts) == 1 and math.isinf(self._ends[0])
        return (1.0 / self._rates[0] + self._delays[0]) * _NS if only else math.nan


class PhotonLink(Protocol):
    """From the source of pairs to a station: `qcisim.optics.FibreLink` is one."""

    @property
    def receiver(self) -> Receiver:
        """At the station."""

    def states(self, t_s: Floats) -> LinkStates:
        """What a photon meets."""


class PassingLink(PhotonLink, Protocol):
    """From a satellite: `qcisim.optics.FreeSpaceLink` is one."""

    def passes(self, start_s: float, end_s: float) -> tuple[Pass, ...]:
        """When the station sees the satellite."""


def pair_source_link(
    source: PairEmission, link_a: PhotonLink, link_b: PhotonLink, *, storing: tuple[float, float] = (1.0, 1.0)
) -> StreamLink:
    """A source between two stations that never moves: coincidences of `pair_states` as pairs.

    Args:
        source: of photon pairs.
        link_a, link_b: to the stations, detectors included: a memory that heralds the arrival of its photon stands
            for the detector.
        storing: probability that such a memory keeps the photon that the detector would have seen.
    """
    time = np.zeros(1)
    shared = pair_states(source, link_a.states(time), link_b.states(time), link_a.receiver, link_b.receiver)
    states = _states(shared, source)
    rate = float(_stored_hz(shared, storing)[0])
    return StreamLink.constant(rate, states[0], float(_delays(shared)[0]))


def satellite_link(
    source: PairEmission,
    link_a: PassingLink,
    link_b: PassingLink,
    start_s: float,
    end_s: float,
    *,
    step_s: float = 1.0,
    storing: tuple[float, float] = (1.0, 1.0),
) -> StreamLink:
    """A source of pairs on a satellite: pairs come only while both stations see it.

    Rates and states are those of the middle of steps of at most ``step_s``. ``start_s`` is time 0 of the programs.
    A pair counts when its later photon is there and the stations have told each other on the way that the light took.

    Args:
        source: of photon pairs.
        link_a, link_b: from the satellite to the stations.
        start_s, end_s: passes are looked for in between, s since the epoch of the links.
        storing: see `pair_source_link`.

    Raises:
        NoPairError: where the two stations never see the satellite at once.
    """
    require(step_s > 0.0, f"step_s {step_s:g}: wanted above 0")
    windows = sorted(
        (max(a.rise_s, b.rise_s), min(a.set_s, b.set_s))
        for a in link_a.passes(start_s, end_s)
        for b in link_b.passes(start_s, end_s)
        if min(a.set_s, b.set_s) > max(a.rise_s, b.rise_s)
    )
    if not windows:
        raise NoPairError(f"both stations never see the satellite at once between {start_s:g} s and {end_s:g} s")
    edges = [np.linspace(low, high, 1 + max(1, math.ceil((high - low) / step_s))) for low, high in windows]
    starts, ends = (np.concatenate(parts) for parts in zip(*((edge[:-1], edge[1:]) for edge in edges), strict=True))
    middle: Floats = 0.5 * (starts + ends)
    shared = pair_states(source, link_a.states(middle), link_b.states(middle), link_a.receiver, link_b.receiver)
    return shared_stream(source, shared, starts, ends, storing=storing, epoch_s=start_s, name="satellite link")


def shared_stream(
    source: PairEmission,
    shared: PairStates,
    start_s: Floats,
    end_s: Floats,
    *,
    storing: tuple[float, float] = (1.0, 1.0),
    epoch_s: float = 0.0,
    name: str = "source of pairs",
) -> StreamLink:
    """What two stations share at n times, each standing for an interval, as a link; intervals in the dark are left out.

    Args:
        source: of photon pairs.
        shared: at the times.
        start_s, end_s: of their intervals, in order, (n,); ``end_s`` of the last may be infinite.
        storing: see `pair_source_link`.
        epoch_s: the time that is 0 for programs.
        name: for errors.

    Raises:
        NoPairError: where no light reaches both stations in any interval.
    """
    rate = _stored_hz(shared, storing)
    bright = rate > 0.0
    if not bool(bright.any()):
        raise NoPairError(f"{name}: no light ever reaches both stations")
    kept = [state for state, lit in zip(_states(shared, source), bright, strict=True) if lit]
    return StreamLink(start_s[bright], end_s[bright], rate[bright], kept, _delays(shared)[bright], epoch_s, name)


def _stored_hz(shared: PairStates, storing: tuple[float, float]) -> Floats:
    for value in storing:
        require(0.0 <= value <= 1.0, f"storing {value:g}: a probability lies in [0, 1]")
    rate: Floats = shared.coincidence_rate_hz * storing[0] * storing[1]
    return rate


def _delays(shared: PairStates) -> Floats:
    """Light to the farther station, then a message from each to the other over the source."""
    delays: Floats = np.maximum(shared.delay_a_s, shared.delay_b_s) + shared.delay_a_s + shared.delay_b_s
    return delays


def _states(shared: PairStates, source: PairEmission) -> list[PairState]:
    """The pair is meant to be the Bell state that the source emits most."""
    bell = max(range(4), key=PairState(source.rho).bell_weights.__getitem__)
    return [PairState(_clean(rho), bell) for rho in shared.rho]


def _clean(rho: Matrix) -> Matrix:
    hermitian: Matrix = 0.5 * (rho + rho.conj().T)
    cleaned: Matrix = hermitian / hermitian.trace().real
    return cleaned
