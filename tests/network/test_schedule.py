"""Schedules: never worse than exhaustion, never two things at once, the same whatever the order of writing."""

from __future__ import annotations

import itertools
import math
import random
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.network import schedule as room
from qcisim.network.schedule import Schedule, Window, schedule


def window(name: str, start: float, end: float, value: float, *resources: str) -> Window:
    return Window(name, start, end, frozenset(resources or ("station:lux",)), value)


def exclude(a: Window, b: Window, slew_s: float) -> bool:
    apart = a.end_s + slew_s <= b.start_s or b.end_s + slew_s <= a.start_s
    return bool(a.resources & b.resources) and not apart


def worth(windows: list[Window], names: tuple[str, ...]) -> Fraction:
    return sum((Fraction(w.value) for w in windows if w.id in names), Fraction(0))


def exhaustion(windows: list[Window], slew_s: float) -> tuple[Fraction, list[tuple[str, ...]]]:
    """Oracle: the greatest value, and every set of windows of positive value that reaches it, ids in order."""
    useful = sorted((w for w in windows if w.value > 0), key=lambda w: w.id)
    best, sets = Fraction(0), [()]
    for size in range(1, len(useful) + 1):
        for group in itertools.combinations(useful, size):
            if any(exclude(a, b, slew_s) for a, b in itertools.combinations(group, 2)):
                continue
            value = sum((Fraction(w.value) for w in group), Fraction(0))
            if value >= best:
                sets = ([] if value > best else sets) + [tuple(w.id for w in group)]
                best = value
    return best, sets


RESOURCES = ("satellite:one", "satellite:two", "station:a", "station:b", "station:c/1", "station:c/2")


@st.composite
def instances(draw: st.DrawFn, resources: tuple[str, ...] = RESOURCES, most: int = 9) -> list[Window]:
    count = draw(st.integers(0, most))
    windows = []
    for name in draw(st.permutations("abcdefghijkl"))[:count]:
        start, length = draw(st.integers(0, 20)), draw(st.integers(1, 8))
        used = draw(st.sets(st.sampled_from(resources), min_size=1, max_size=2))
        value = draw(st.one_of(st.integers(0, 5).map(float), st.floats(0.0, 100.0)))
        windows.append(Window(name, float(start), float(start + length), frozenset(used), value))
    return windows


@given(instances(), st.sampled_from([0.0, 1.0, 2.5]))
@settings(deadline=None, max_examples=200)
def test_schedule_equals_exhaustion(windows: list[Window], slew_s: float) -> None:
    names = schedule(windows, slew_s=slew_s)
    taken = [w for w in windows if w.id in names]
    assert len(taken) == len(names)
    assert not any(exclude(a, b, slew_s) for a, b in itertools.combinations(taken, 2))
    best, _ = exhaustion(windows, slew_s)
    assert float(worth(windows, names)) == pytest.approx(float(best), rel=1e-12, abs=0.0)
    assert list(names) == [w.id for w in sorted(taken, key=lambda w: (w.start_s, w.id))]


@given(instances(("station:a",), most=11), st.sampled_from([0.0, 1.0]))
@settings(deadline=None, max_examples=150)
def test_one_terminal_is_exact_to_the_last_bit_and_takes_the_first_ids_of_equals(
    windows: list[Window], slew_s: float
) -> None:
    names = schedule(windows, slew_s=slew_s)
    best, sets = exhaustion(windows, slew_s)
    assert worth(windows, names) == best
    first = max(sets, key=lambda ids: [name in ids for name in "abcdefghijkl"])
    assert sorted(names) == list(first)


def program_of(component: list[Window], slew_s: float) -> list[Window]:
    return room._program(component, [False] * len(component), slew_s, {})


@given(instances(("station:a",), most=12))
@settings(deadline=None, max_examples=60)
def test_dynamic_programming_and_the_integer_program_agree(windows: list[Window]) -> None:
    useful = [w for w in windows if w.value > 0]
    for component in room._components(sorted(useful, key=lambda w: w.id), 0.0):
        if len(component) > 1:
            line, program = (math.fsum(w.value for w in how(component, 0.0)) for how in (room._line, program_of))
            assert program == pytest.approx(line, rel=1e-12)


@given(instances(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_the_order_of_writing_does_not_matter(windows: list[Window], order: random.Random) -> None:
    other = list(windows)
    order.shuffle(other)
    assert schedule(other) == schedule(windows)
    assert Schedule(fair=True).take(other) == Schedule(fair=True).take(windows)


def fits(group: tuple[Window, ...], slew_s: float, places: int) -> bool:
    for name in RESOURCES:
        most = places if name.startswith("satellite") else 1
        users = [w for w in group if name in w.resources]
        if any(sum(w.start_s <= at.start_s < w.end_s + slew_s for w in users) > most for at in users):
            return False
    return True


@given(instances(most=12), st.sampled_from([0.0, 1.0]), st.integers(1, 3), st.booleans())
@settings(deadline=None, max_examples=150)
def test_periods_never_take_more_than_a_resource_holds(
    windows: list[Window], slew_s: float, places: int, fair: bool
) -> None:
    """Windows across the border of two periods count for both.

    One that begins where another on the same resources ends is the same pass going on and needs no slew: left out.
    """
    assume(not any(a.end_s == b.start_s and a.resources == b.resources for a in windows for b in windows))
    plan = Schedule(slew_s=slew_s, capacity={"satellite:one": places, "satellite:two": places}, fair=fair)
    names: set[str] = set()
    for first_s in (0.0, 7.0, 14.0):
        now = [w for w in windows if first_s <= w.start_s < first_s + 7.0]
        names |= set(plan.take(now))
        group = tuple(w for w in windows if w.id in names)
        assert fits(group, slew_s, places)
        for other in now:  # and nothing that fits is left out, if it is worth a part in 1e8 of the best
            if other.id not in names and other.value >= 1e-6:
                assert not fits((*group, other), slew_s, places)


@given(instances(most=8), st.sampled_from([0.0, 1.0]), st.integers(1, 3))
@settings(deadline=None, max_examples=100)
def test_a_resource_with_several_places_serves_so_many_at_once(
    windows: list[Window], slew_s: float, places: int
) -> None:
    """Oracle: every set in which at most so many windows are open on a resource when one of them starts."""
    useful = [w for w in windows if w.value > 0]
    groups = itertools.chain.from_iterable(itertools.combinations(useful, size) for size in range(len(useful) + 1))
    best = max(sum((Fraction(w.value) for w in group), Fraction(0)) for group in groups if fits(group, slew_s, places))
    capacity = {"satellite:one": places, "satellite:two": places}
    names = schedule(windows, slew_s=slew_s, capacity=capacity)
    assert fits(tuple(w for w in windows if w.id in names), slew_s, places)
    assert float(worth(windows, names)) == pytest.approx(float(best), rel=1e-9)


def greedy(windows: list[Window], slew_s: float = 0.0) -> tuple[str, ...]:
    taken: list[Window] = []
    for candidate in sorted(windows, key=lambda w: (-w.value, w.id)):
        if not any(exclude(candidate, w, slew_s) for w in taken):
            taken.append(candidate)
    return tuple(w.id for w in sorted(taken, key=lambda w: w.start_s))


def test_a_rich_pass_between_two_others_is_left_out() -> None:
    """Greedy by key takes the rich pass and loses the two that it overlaps."""
    passes = [window("before", 0, 300, 6e5), window("rich", 250, 600, 1e6), window("after", 550, 900, 6e5)]
    assert greedy(passes) == ("rich",)
    assert schedule(passes) == ("before", "after")
    satellites = [
        window("before", 0, 300, 6e5, "satellite:one", "station:lux"),
        window("rich", 250, 600, 1e6, "satellite:two", "station:lux"),
        window("after", 550, 900, 6e5, "satellite:one", "station:lux"),
        window("other", 550, 900, 1e5, "satellite:one", "station:redu"),
    ]
    assert schedule(satellites) == ("before", "after")
    assert schedule([*satellites, window("more", 0, 300, 1e5, "satellite:one", "station:redu")]) == ("before", "after")
    rich_wins = [*satellites[:3], window("other", 550, 900, 9e5, "satellite:one", "station:redu")]
    assert schedule(rich_wins) == ("rich", "other")  # 1.9e6 against 1.2e6 and 1.5e6


def test_a_station_with_two_terminals_takes_two_satellites() -> None:
    both = [
        window("one/1", 0, 300, 5.0, "satellite:one", "station:lux/1"),
        window("one/2", 0, 300, 5.0, "satellite:one", "station:lux/2"),
        window("two/1", 100, 400, 7.0, "satellite:two", "station:lux/1"),
        window("two/2", 100, 400, 7.0, "satellite:two", "station:lux/2"),
    ]
    names = schedule(both)
    assert {name[:3] for name in names} == {"one", "two"}
    assert len({name[-1] for name in names}) == 2


def test_slewing_takes_time_and_touching_windows_do_not_overlap() -> None:
    passes = [window("a", 0, 100, 1.0), window("b", 100, 200, 1.0), window("c", 230, 300, 1.0)]
    assert schedule(passes) == ("a", "b", "c")
    assert schedule(passes, slew_s=30.0) == ("a", "c")
    assert schedule(passes, slew_s=1000.0) == ("a",)


def test_equals_are_told_apart_by_id() -> None:
    same = [window(name, 0, 100, 1.0) for name in ("c", "b", "a")]
    assert schedule(same) == ("a",)
    assert schedule([window("z", 0, 100, 0.1 + 0.2), window("a", 0, 50, 0.1), window("b", 60, 100, 0.2)]) == ("z",)
    pair = [window("a", 0, 50, 1.0), window("d", 60, 100, 1.0), window("b", 0, 50, 1.0), window("c", 60, 100, 1.0)]
    assert schedule(pair) == ("a", "c")
    assert schedule([window("a", 0, 1, 0.0)]) == ()
    assert schedule([]) == ()


def many(count: int, seed: int = 5) -> list[Window]:
    rng = np.random.default_rng(seed)
    starts = np.sort(rng.uniform(0.0, 86400.0, count))
    return [
        window(f"w{i:04}", s, s + d, v)
        for i, (s, d, v) in enumerate(
            zip(
                starts.tolist(),
                rng.uniform(200, 700, count).tolist(),
                rng.lognormal(13, 1, count).tolist(),
                strict=True,
            )
        )
    ]


def test_four_hundred_windows_of_one_terminal_take_milliseconds() -> None:
    windows = many(400)
    taken = []
    for _ in range(5):
        begin = time.process_time()
        names = schedule(windows)
        taken.append(time.process_time() - begin)
    assert min(taken) < 0.05
    by_end = sorted(windows, key=lambda w: w.end_s)  # the recursion by plain loops, as the oracle
    best = [0.0]
    for i, w in enumerate(by_end):
        before = max((j + 1 for j in range(i) if by_end[j].end_s <= w.start_s), default=0)
        best.append(max(best[-1], w.value + best[before]))
    assert math.fsum(w.value for w in windows if w.id in names) == pytest.approx(best[-1], rel=1e-12)


def constellation(satellites: int, stations: int, hours: float, seed: int) -> list[Window]:
    """Passes of LEO satellites that a whole region sees at once: everything hangs together."""
    rng = np.random.default_rng(seed)
    windows = []
    for s, orbit in itertools.product(range(satellites), range(int(hours / 1.6))):
        middle = orbit * 5760.0 + rng.uniform(0, 1500)
        for g in range(stations):
            start, length = middle + rng.uniform(-200, 200), rng.uniform(200, 600)
            name = f"{s}-{orbit:02}-{g:02}"
            terminals = (f"satellite:{s}", f"station:{g}")
            windows.append(window(name, start, start + length, float(rng.lognormal(12, 1.5)), *terminals))
    return windows


def test_a_day_of_two_satellites_over_nineteen_stations_is_planned_at_once() -> None:
    windows = constellation(2, 19, 24.0, seed=3)
    begin = time.process_time()
    names = schedule(windows, slew_s=20.0)
    assert time.process_time() - begin < 10.0
    taken = [w for w in windows if w.id in names]
    assert not any(exclude(a, b, 20.0) for a, b in itertools.combinations(taken, 2))
    assert worth(windows, names) >= worth(windows, greedy(windows, 20.0))


def by_days(windows: list[Window], *, fair: bool) -> list[str]:
    """Planned day by day."""
    plan = Schedule(fair=fair)
    days: dict[int, list[Window]] = {}
    for one in windows:
        days.setdefault(int(one.start_s // 86400), []).append(one)
    return [name for day in sorted(days) for name in plan.take(days[day])]


def test_fairness_keeps_a_neighbour_alive() -> None:
    """Two stations see every pass; one is 1 % better. The best plan starves the other, the fair one shares."""
    windows = [
        Window(f"{day:02}-{who}", day * 86400.0, day * 86400.0 + 500, frozenset({"satellite:x", who}), value, who)
        for day in range(30)
        for who, value in (("good", 101.0), ("fair", 100.0))
    ]
    assert all(name.endswith("good") for name in by_days(windows, fair=False))
    shares = [name[3:] for name in by_days(windows, fair=True)]
    assert len(shares) == 30
    assert shares.count("good") == shares.count("fair") == 15


def test_what_is_taken_stays_taken() -> None:
    """A window over midnight blocks the next day's first one, however rich."""
    windows = [
        window("late", 86300, 86600, 1.0),
        window("early", 86500, 86900, 9.0),
        window("noon", 130000, 130300, 1.0),
    ]
    assert schedule(windows) == ("early", "noon")
    assert by_days(windows, fair=False) == ["late", "noon"]
    both = Schedule(capacity={"station:lux": 2})
    assert (both.take(windows[:1]), both.take(windows[1:])) == (("late",), ("early", "noon"))
    third = [window("third", 86550, 86900, 8.0), windows[1]]  # one place is left beside the one that is still open
    both = Schedule(capacity={"station:lux": 2})
    assert (both.take(windows[:1]), both.take(third)) == (("late",), ("early",))
    assert Schedule().take([]) == ()
    assert Schedule(fair=True).take([window("z", 0, 1, 0.0)]) == ()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: window("", 0, 1, 1), "needs an id"),
        (lambda: window("w", 1, 1, 1), "from 1 s to 1 s: a window ends after it starts"),
        (lambda: window("w", 0, math.inf, 1), "a window ends after it starts"),
        (lambda: window("w", 0, 1, -1), "value -1: wanted a number, not below 0"),
        (lambda: window("w", 0, 1, math.nan), "value nan"),
        (lambda: Window("w", 0, 1, frozenset(), 1), "window w: needs at least one resource"),
        (lambda: schedule([window("w", 0, 1, 1), window("w", 2, 3, 1)]), "two windows have the id w"),
        (lambda: Schedule().take([window("w", 0, 1, 1), window("w", 2, 3, 1)]), "two windows have the same id"),
        (lambda: schedule([], slew_s=-1.0), "slew_s -1.0: wanted a time, not below 0"),
        (lambda: schedule([], slew_s=math.nan), "slew_s nan"),
        (lambda: Schedule(capacity={"station:lux": 0}), "capacity 0 of station:lux: wanted at least one"),
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(make: object, message: str) -> None:
    with pytest.raises(PhysicsError, match=message):
        make()  # type: ignore[operator]  # parametrised callables


def test_a_problem_too_large_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LARGEST_COMPONENT", 20)
    with pytest.raises(PhysicsError, match="windows hang together over several resources: at most 20"):
        schedule(constellation(2, 19, 3.0, seed=1))
    assert schedule(many(400))  # one terminal needs no integer program
