"""Waiting for the first of several things, for all of them, interrupts, and the trace."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.engine import AllOf, AnyOf, DeadlockError, Engine, Interrupted, Signal, Steps, Wait


def finished(steps: Any) -> tuple[Any, int]:
    """What a process returns, and when in ps."""
    engine = Engine()
    process = engine.process(steps(engine), "it")
    engine.run()
    return process.value, engine.now_ps


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6))
def test_any_is_the_first_and_all_the_last(times: list[int]) -> None:
    waits = [Wait(t * 1e-12) for t in times]

    def first(engine: Engine) -> Steps:
        got = yield AnyOf(*waits)
        return got, engine.now_ps

    def last(engine: Engine) -> Steps:
        got = yield AllOf(*waits)
        return got, engine.now_ps

    (got, now), _ = finished(first)
    assert (got, now) == ((times.index(min(times)), None), min(times))
    (got, now), _ = finished(last)
    assert (got, now) == ((None,) * len(times), max(times))


def test_what_comes_second_does_not_wake_twice() -> None:
    engine, one, other, seen = Engine(), Signal("one"), Signal("other"), []

    def waiter() -> Steps:
        seen.append((yield AnyOf(one, other, Wait(9.0))))
        seen.append((yield Wait(5.0)))
        seen.append(engine.now_s)

    def firing() -> Steps:
        yield Wait(1.0)
        one.fire("a")
        other.fire("b")

    engine.process(waiter(), "waiter")
    engine.process(firing(), "firing")
    engine.run()
    assert seen == [(0, "a"), None, 6.0]


def test_all_gathers_the_values_of_signals_and_processes() -> None:
    engine, light = Engine(), Signal("light")

    def child(value: str, seconds: float) -> Steps:
        yield Wait(seconds)
        return value

    def parent() -> Steps:
        done = engine.process(child("early", 0.0), "early")
        yield Wait(1.0)
        late = engine.process(child("late", 2.0), "late")
        engine.schedule(5 * 10**12, lambda: light.fire("green"))
        values = yield AllOf(done, late, light)
        return values, engine.now_s

    process = engine.process(parent(), "parent")
    engine.run()
    assert process.value == (("early", "late", "green"), 6.0)


def test_an_interrupt_is_raised_where_the_process_waits_and_forgets_what_it_waited_for() -> None:
    engine, signal, seen = Engine(), Signal("never"), []

    def patient() -> Steps:
        try:
            yield signal
        except Interrupted as stop:
            seen.append((engine.now_s, stop.cause))
        yield Wait(3.0)
        return "went on"

    process = engine.process(patient(), "patient")

    def impatient() -> Steps:
        yield Wait(2.0)
        process.interrupt("cut-off")
        signal.fire("too late")

    engine.process(impatient(), "impatient")
    engine.run()
    assert (seen, process.value, engine.now_s) == ([(2.0, "cut-off")], "went on", 5.0)
    process.interrupt()  # ended: left alone
    engine.run()


def test_an_interrupt_that_nobody_catches_stops_the_run() -> None:
    engine = Engine()

    def steps() -> Steps:
        yield Wait(1.0)

    engine.process(steps(), "it").interrupt("why")
    with pytest.raises(Interrupted, match="interrupted: why"):
        engine.run()


def test_a_deadlock_names_all_that_is_waited_for() -> None:
    engine = Engine()

    def stuck() -> Steps:
        yield AllOf(Signal("herald"), AnyOf(Signal("left"), Wait(1.0)))

    def nested() -> Steps:
        yield AllOf(Signal("herald"), Signal("bases"))

    engine.process(nested(), "alice")
    with pytest.raises(DeadlockError, match="alice waits for herald and bases"):
        engine.run()
    engine.close()
    inner = Engine()
    inner.process(stuck(), "bob")
    with pytest.raises(TypeError, match="AnyOf inside AllOf"):
        inner.run()


def test_the_trace_tells_every_step() -> None:
    told: list[tuple[int, str, str]] = []
    engine = Engine(lambda *step: told.append(step))

    def steps() -> Steps:
        yield Wait(1e-9)
        yield AnyOf(Wait(1e-9), Signal("never"))

    engine.process(steps(), "a", background=True)
    engine.run()
    assert told == [(0, "a", "its start"), (1000, "a", "1e-09 s"), (2000, "a", "1e-09 s or never")]


def test_refusals() -> None:
    with pytest.raises(ValueError, match="an event cannot precede its cause"):
        Wait(-1.0)
    with pytest.raises(ValueError, match="AnyOf of nothing"):
        AnyOf()
    engine = Engine()

    def wrong() -> Steps:
        yield 3.0  # type: ignore[misc]  # what a beginner writes

    engine.process(wrong(), "beginner")
    with pytest.raises(TypeError, match=r"beginner yielded 3\.0: wanted a Wait"):
        engine.run()
