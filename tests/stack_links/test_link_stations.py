"""Stations that links share: first come first served, and windows that repeat."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.stack.links import NoPairError
from qcisim.stack.links.stations import FifoStation, StaticStation


def test_fifo_serves_one_after_the_other() -> None:
    """Requests that come faster than they are served wait; each pays for its switch, also on the same link."""
    book, light, switch = FifoStation("hub", 200.0).open(), 500.0, 200.0
    for number in range(50):
        start, end = book.book("a", "b", 0.3 * 700.0 * number, light)
        assert end == pytest.approx(700.0 * (number + 1))
        assert start == pytest.approx(end - light)
    _, later = book.book("a", "c", 1e6, light)
    assert later == 1e6 + switch + light


@given(
    lanes=st.integers(1, 4),
    requests=st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.0, 300.0)), min_size=1, max_size=30),
)
def test_fifo_lanes(lanes: int, requests: list[tuple[float, float]]) -> None:
    """Never more generations than lanes at once, and the order of requests is kept."""
    book, now = FifoStation("hub", 3.0, lanes).open(), 0.0
    spans = []
    for pause, light in requests:
        now += pause
        start, end = book.book("a", "b", now, light)
        assert start >= now + 3.0
        assert end == start + light
        spans.append((start, end))
    starts = [start for start, _ in spans]
    assert starts == sorted(starts)
    for start, _ in spans:
        assert sum(a - 3.0 < start <= b and a <= start for a, b in spans if b > start or a == start) <= lanes


def windows_of(station: StaticStation) -> list[list[tuple[str, str]]]:
    """The timetable by the rule: each ordered pair once per cycle, the first that fit together."""
    left = list(itertools.permutations(station.nodes, 2))
    table = []
    while left:
        chosen: list[tuple[str, str]] = []
        for pair in left:
            if len(chosen) < station.lanes and not {n for c in chosen for n in c} & set(pair):
                chosen.append(pair)
        for pair in chosen:
            left.remove(pair)
        table.append(chosen)
    return table


def slow_booking(station: StaticStation, a: str, b: str, now: int, attempt: int, attempts: int) -> tuple[int, int]:
    """Window after window, attempt after attempt, in whole ns."""
    table, period = windows_of(station), int(station.window_ns + station.switch_ns)
    start, time = None, 0
    for number in itertools.count():
        opens = number * period
        closes = opens + int(station.window_ns)
        if {a, b} not in [set(pair) for pair in table[number % len(table)]]:
            continue
        time = max(opens, now)
        while time + attempt <= closes:
            start = time if start is None else start
            time += attempt
            attempts -= 1
            if attempts == 0:
                return start, time
    raise AssertionError


@given(
    nodes=st.integers(2, 5),
    lanes=st.integers(1, 3),
    window=st.integers(5, 60),
    switch=st.integers(0, 10),
    now=st.integers(0, 3000),
    attempt=st.integers(1, 5),
    attempts=st.integers(1, 400),
    ends=st.data(),
)
def test_static_windows_are_what_a_slow_clock_finds(
    nodes: int, lanes: int, window: int, switch: int, now: int, attempt: int, attempts: int, ends: st.DataObject
) -> None:
    names = tuple("abcde"[:nodes])
    station = StaticStation("hub", names, float(window), float(switch), lanes)
    assert station.cycle_ns == len(windows_of(station)) * (window + switch)
    a, b = ends.draw(st.sampled_from(list(itertools.permutations(names, 2))))
    start, end = station.open().book(a, b, float(now), float(attempt * attempts), attempts)
    wanted = slow_booking(station, a, b, now, attempt, attempts)
    assert (start, end) == pytest.approx(wanted, abs=1e-6)


def test_a_long_wait_is_found_at_once() -> None:
    station = StaticStation("hub", ("a", "b", "c"), 1e6, 1e3)
    start, end = station.open().book("a", "b", 0.0, 1e5 * 10**12, 10**12)
    cycles = (10**12 - 1) // 20
    assert start == 0.0
    assert math.floor(end / station.cycle_ns) in (cycles, cycles + 1)


def test_a_link_serves_one_generation_at_a_time() -> None:
    book = StaticStation("hub", ("a", "b"), 100.0, 10.0).open()
    assert book.book("a", "b", 0.0, 60.0) == (0.0, 60.0)
    assert book.book("b", "a", 0.0, 30.0) == (60.0, 90.0)
    assert book.book("a", "b", 0.0, 30.0) == (110.0, 140.0)


def test_no_attempts_take_no_time() -> None:
    book = StaticStation("hub", ("a", "b", "c"), 100.0, 10.0).open()
    assert book.book("b", "c", 0.0, 0.0, 5) == (330.0, 330.0)


def test_what_can_never_be_is_refused() -> None:
    with pytest.raises(NoPairError, match="station 'hub': an attempt between a and b takes 200 ns and never fits"):
        StaticStation("hub", ("a", "b"), 100.0).open().book("a", "b", 0.0, 400.0, 2)
    for kind in (
        lambda: FifoStation("hub", -1.0),
        lambda: FifoStation("hub", 1.0, 0),
        lambda: StaticStation("hub", ("a", "b"), 0.0),
        lambda: StaticStation("hub", ("a", "b"), np.inf),
    ):
        with pytest.raises(PhysicsError, match="station 'hub'"):
            kind()
