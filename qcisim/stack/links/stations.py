"""Stations that several links share: one after the other as asked for, or by a timetable that repeats.

Links that share a station ask it for time with ``open().book(...)``; a booking is for a whole generation, whose length
its model has drawn. Times in ns.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field

from qcisim.errors import require
from qcisim.stack.links.delivery import NoPairError

_SLACK = 1e-9


def _check(name: str, switch_ns: float, lanes: int) -> None:
    good = switch_ns >= 0.0 and math.isfinite(switch_ns)
    require(good, f"station '{name}': switch time {switch_ns:g} ns: finite and not negative")
    require(lanes >= 1, f"station '{name}': {lanes} links at once: wanted at least one")


@dataclass(frozen=True, slots=True)
class FifoStation:
    """First come, first served: every generation begins with a switch, also from a link to itself.

    Args:
        name: for reports.
        switch_ns: without light, before each generation.
        lanes: links that are open at once.
    """

    name: str
    switch_ns: float = 1000.0
    lanes: int = 1

    def __post_init__(self) -> None:
        _check(self.name, self.switch_ns, self.lanes)

    def open(self) -> FifoBook:
        """Free lanes."""
        return FifoBook(self)


class FifoBook:
    """When each lane of a station is free again."""

    def __init__(self, station: FifoStation) -> None:
        self._switch_ns = station.switch_ns
        self._free_ns = [0.0] * station.lanes

    def book(
        self, node_a: str, node_b: str, now_ns: float, duration_ns: float, attempts: int = 1
    ) -> tuple[float, float]:
        """Start and end of a generation of ``duration_ns`` asked for now; calls must come in order of time."""
        start = max(now_ns, self._free_ns[0]) + self._switch_ns
        heapq.heapreplace(self._free_ns, start + duration_ns)
        return start, start + duration_ns


@dataclass(frozen=True, slots=True)
class StaticStation:
    """Windows that repeat, several links at once where they share no node; a switch without light after each.

    Each ordered pair of nodes has a window in every cycle, so each link has two. An attempt that does not fit into
    what is left of a window waits for the next one.

    Args:
        name: for reports.
        nodes: that the station serves, in the order of the timetable.
        window_ns: length of a window.
        switch_ns: without light.
        lanes: links that are open at once.
    """

    name: str
    nodes: tuple[str, ...]
    window_ns: float = 1e6
    switch_ns: float = 1000.0
    lanes: int = 1
    cycle_ns: float = field(init=False)
    starts_ns: dict[frozenset[str], tuple[float, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self.name, self.switch_ns, self.lanes)
        good = self.window_ns > 0.0 and math.isfinite(self.window_ns)
        require(good, f"station '{self.name}': a window of {self.window_ns:g} ns: wanted a finite time above 0")
        left = list(itertools.permutations(self.nodes, 2))
        starts: dict[frozenset[str], tuple[float, ...]] = {}
        period, number = self.window_ns + self.switch_ns, 0
        while left:
            busy: set[str] = set()
            chosen: list[tuple[str, str]] = []
            for pair in left:
                if len(chosen) < self.lanes and not busy.intersection(pair):
                    chosen.append(pair)
                    busy.update(pair)
            for pair in chosen:
                left.remove(pair)
                ends = frozenset(pair)
                starts[ends] = (*starts.get(ends, ()), number * period)
            number += 1
        object.__setattr__(self, "cycle_ns", number * period)
        object.__setattr__(self, "starts_ns", starts)

    def open(self) -> StaticBook:
        """The timetable, from time 0 on."""
        return StaticBook(self)


class StaticBook:
    """Where generations fall into the windows of their links."""

    def __init__(self, station: StaticStation) -> None:
        self._station = station
        self._free_ns: dict[frozenset[str], float] = {}

    def book(
        self, node_a: str, node_b: str, now_ns: float, duration_ns: float, attempts: int = 1
    ) -> tuple[float, float]:
        """Start and end of ``attempts`` attempts that take ``duration_ns`` of light together.

        Raises `NoPairError` where one attempt is longer than a window.
        """
        station, ends = self._station, frozenset((node_a, node_b))
        attempt_ns = duration_ns / attempts
        fits = math.inf if attempt_ns == 0.0 else math.floor(station.window_ns / attempt_ns + _SLACK)
        if fits < 1:
            raise NoPairError(
                f"station '{station.name}': an attempt between {node_a} and {node_b} takes {attempt_ns:g} ns and never "
                f"fits into a window of {station.window_ns:g} ns"
            )
        offsets = station.starts_ns[ends]
        now = max(now_ns, self._free_ns.get(ends, 0.0))
        cycle = math.floor(now / station.cycle_ns)
        start: float | None = None
        left = attempts
        while True:
            for offset in offsets:
                opens = cycle * station.cycle_ns + offset
                begin = max(opens, now)
                room = opens + station.window_ns - begin
                if room < 0.0 or (room == 0.0 and attempt_ns > 0.0):
                    continue
                here = fits if begin == opens else _attempts_in(room, attempt_ns)
                if here < 1:
                    continue
                start = begin if start is None else start
                if left <= here:
                    end = begin + left * attempt_ns
                    self._free_ns[ends] = end
                    return start, end
                left -= int(here)
            cycle += 1
            if start is not None and left > fits * len(offsets):
                whole = (left - 1) // int(fits * len(offsets))
                left -= whole * int(fits * len(offsets))
                cycle += whole


def _attempts_in(room_ns: float, attempt_ns: float) -> float:
    return math.inf if attempt_ns == 0.0 else math.floor(room_ns / attempt_ns + _SLACK)
