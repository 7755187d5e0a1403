"""The event heap: order, signals, deadlock, errors."""

from __future__ import annotations

import pytest

from qcisim.engine import DeadlockError, Engine, Signal, Steps, Wait, stream


def test_equal_times_keep_the_order_of_scheduling() -> None:
    engine, seen = Engine(), []
    for name in "abc":
        engine.schedule(5, lambda name=name: seen.append(name))
    engine.schedule(1, lambda: seen.append("first"))
    engine.run()
    assert seen == ["first", "a", "b", "c"]
    assert engine.now_ps == 5


def test_waits_add_up_without_drift() -> None:
    engine = Engine()

    def steps() -> Steps:
        for _ in range(1000):
            yield Wait(0.1)

    engine.process(steps(), "ticker")
    engine.run()
    assert engine.now_ps == 100 * 10**12


def test_a_signal_resumes_with_its_value_and_a_process_returns_one() -> None:
    engine, signal, got = Engine(), Signal("light"), []

    def waiter() -> Steps:
        got.append((yield signal))
        return "done"

    def parent() -> Steps:
        got.append((yield engine.process(waiter(), "waiter")))

    def firing() -> Steps:
        yield Wait(1.0)
        signal.fire(42)

    engine.process(parent(), "parent")
    engine.process(firing(), "firing")
    engine.run()
    assert got == [42, "done"]


def test_a_deadlock_names_who_waits_for_what() -> None:
    engine = Engine()

    def waiter() -> Steps:
        yield Signal("bases from alice")

    engine.process(waiter(), "bob")
    with pytest.raises(DeadlockError, match="bob waits for bases from alice"):
        engine.run()


def test_an_error_in_a_process_is_raised_by_run() -> None:
    engine = Engine()

    def failing() -> Steps:
        yield Wait(1.0)
        raise KeyError("broken")

    engine.process(failing(), "failing")
    with pytest.raises(KeyError, match="broken"):
        engine.run()


def test_an_event_cannot_precede_its_cause() -> None:
    with pytest.raises(ValueError, match="cannot precede"):
        Engine().schedule(-1, lambda: None)


def test_streams_depend_on_seed_and_path_only() -> None:
    a = stream(7, "link/x/alice").integers(2**63, size=4)
    assert (a == stream(7, "link/x/alice").integers(2**63, size=4)).all()
    assert (a != stream(7, "link/x/bob").integers(2**63, size=4)).all()
    assert (a != stream(8, "link/x/alice").integers(2**63, size=4)).all()


def test_a_cancelled_process_ends_where_it_waits_and_its_waiters_go_on() -> None:
    engine, seen = Engine(), []

    def waiter() -> Steps:
        try:
            yield Signal("never")
        finally:
            seen.append("cleaned up")

    def parent() -> Steps:
        yield child
        seen.append("went on")

    def canceller() -> Steps:
        yield Wait(1.0)
        child.cancel()

    child = engine.process(waiter(), "waiter")
    engine.process(parent(), "parent")
    engine.process(canceller(), "canceller")
    engine.run()
    assert seen == ["cleaned up", "went on"]
    assert child.done
