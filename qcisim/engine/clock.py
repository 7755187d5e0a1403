"""The event heap: integer picoseconds, exact ties in order of scheduling, generator processes, signals.

A process is a generator. What it yields decides when it goes on:

- ``Wait(seconds)``: after that time;
- a `Signal`: when the signal fires, with the fired value;
- another `Process`: when that process ends, with its return value;
- ``AnyOf(a, b, ...)``: when the first of them happens, with (its index, its value);
- ``AllOf(a, b, ...)``: when all have happened, with the tuple of their values.

`Process.interrupt` raises `Interrupted` in a process where it waits. An exception in a process stops the run and is
raised by `Engine.run`. A run whose heap is empty while processes still wait is a deadlock and says who waits for what,
instead of hanging. ``Engine(trace)`` tells every step.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from typing import Any, TypeAlias

from qcisim.errors import QcisimError
from qcisim.units import PICOSECONDS_PER_SECOND, picoseconds

ACTION = -1
"""The turn of a heap entry that is a plain action and no step of a process."""

Trace: TypeAlias = Callable[[int, str, str], None]


class DeadlockError(QcisimError):
    """Processes wait for signals that nothing is left to fire."""


class Interrupted(Exception):
    """Raised in a process where it waits; ``cause`` is what `Process.interrupt` was given."""

    def __init__(self, cause: Any = None) -> None:
        super().__init__("interrupted" if cause is None else f"interrupted: {cause}")
        self.cause = cause


class Wait:
    """Resume after ``seconds`` (at least 0); ``ps`` is the same in picoseconds. May be yielded many times."""

    __slots__ = ("ps",)

    def __init__(self, seconds: float) -> None:
        self.ps = round(seconds * PICOSECONDS_PER_SECOND)
        if self.ps < 0:
            raise ValueError(f"wait of {seconds:g} s: an event cannot precede its cause")

    @property
    def seconds(self) -> float:
        """The time in seconds."""
        return self.ps / PICOSECONDS_PER_SECOND

    @property
    def name(self) -> str:
        """For a deadlock or a trace."""
        return f"{self.seconds:g} s"


class Signal:
    """Something that processes wait for; ``fire`` resumes all of them at the current time."""

    __slots__ = ("_waiting", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._waiting: list[tuple[Process, int] | Callable[[Any], None]] = []

    def fire(self, value: Any = None) -> None:
        """Resume every waiting process, in the order in which they began to wait."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if isinstance(one, tuple):
                process, turn = one
                process._engine._push(0, process, turn, value)
            else:
                one(value)


class _Several:
    """What several things to wait for have in common."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Any) -> None:
        if not parts:
            raise ValueError(f"{type(self).__name__} of nothing: wanted at least one thing to wait for")
        self.parts = parts


class AnyOf(_Several):
    """Resume when the first of ``parts`` happens, with (its index, its value)."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """For a deadlock or a trace."""
        return " or ".join(_name(part) for part in self.parts)


class AllOf(_Several):
    """Resume when all ``parts`` have happened, with the tuple of their values."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """For a deadlock or a trace."""
        return " and ".join(_name(part) for part in self.parts)


Awaitable: TypeAlias = "Wait | Signal | Process | AnyOf | AllOf"
Steps: TypeAlias = Generator[Awaitable, Any, Any]


def _name(wanted: Awaitable) -> str:
    return f"the end of {wanted.name}" if isinstance(wanted, Process) else wanted.name


class Process:
    """A running generator. ``done`` tells whether it ended; ``value`` is what it returned."""

    __slots__ = ("_ended", "_engine", "_send", "_steps", "_turn", "_wanted", "background", "done", "name", "value")

    def __init__(self, engine: Engine, steps: Steps, name: str, background: bool) -> None:
        self._engine, self._steps, self._send, self.name, self.background = engine, steps, steps.send, name, background
        self.done, self.value = False, None
        self._turn = 0
        self._wanted: Awaitable | None = None
        self._ended = Signal(f"the end of {name}")

    @property
    def running(self) -> bool:
        """Whether it is in the middle of a step."""
        return bool(getattr(self._steps, "gi_running", False))

    @property
    def waits_for(self) -> str:
        """What the process waits for, in words."""
        if self.done:
            return "nothing"
        return "its start" if self._wanted is None else _name(self._wanted)

    def interrupt(self, cause: Any = None) -> None:
        """Raise `Interrupted` with ``cause`` in the process where it waits, at the current time.

        A process that has ended is left alone.
        """
        if not self.done:
            self._turn += 1
            self._engine._push(0, self, self._turn, Interrupted(cause))

    def cancel(self) -> None:
        """End the generator where it waits; its ``finally`` blocks run, and who waits for its end goes on."""
        if not self.done:
            self.done = True
            self._turn += 1
            self._steps.close()
            self._engine.ended(self)
            self._ended.fire(None)


class _Gather:
    """Counts what a process waits for, and resumes it."""

    __slots__ = ("_first", "_left", "_process", "_turn", "_values")

    def __init__(self, process: Process, turn: int, wanted: AnyOf | AllOf) -> None:
        self._process, self._turn, self._first = process, turn, isinstance(wanted, AnyOf)
        self._left: int = len(wanted.parts)
        self._values: list[Any] = [None] * len(wanted.parts)
        engine = process._engine
        for index, part in enumerate(wanted.parts):
            if isinstance(part, _Several):
                raise TypeError(
                    f"{type(part).__name__} inside {type(wanted).__name__}: wanted waits, signals, processes"
                )
            if isinstance(part, Wait):
                engine.schedule(part.ps, self._taker(index, None))
            elif isinstance(part, Process) and part.done:
                engine.schedule(0, self._taker(index, part.value))
            else:
                signal = part._ended if isinstance(part, Process) else part
                signal._waiting.append(self._getter(index))

    def _taker(self, index: int, value: Any) -> Callable[[], None]:
        return lambda: self._got(index, value)

    def _getter(self, index: int) -> Callable[[Any], None]:
        return lambda value: self._got(index, value)

    def _got(self, index: int, value: Any) -> None:
        self._left -= 1
        self._values[index] = value
        if self._first:
            self._process._engine._push(0, self._process, self._turn, (index, value))
        elif self._left == 0:
            self._process._engine._push(0, self._process, self._turn, tuple(self._values))


class Engine:
    """The clock and its heap of events.

    ``trace`` is called at every step of a process with the time in ps, the name of the process, and what it waited for.
    """

    def __init__(self, trace: Trace | None = None) -> None:
        self.now_ps = 0
        self._heap: list[tuple[int, int, Any, int, Any]] = []
        self._order = 0
        self._alive: dict[Process, None] = {}
        self._trace = trace

    @property
    def now_s(self) -> float:
        """The current time in seconds."""
        return self.now_ps / PICOSECONDS_PER_SECOND

    def schedule(self, delay_ps: int, action: Callable[[], None]) -> None:
        """Do ``action`` after ``delay_ps`` (at least 0); equal times keep the order of scheduling."""
        if delay_ps < 0:
            raise ValueError(f"delay {delay_ps} ps: an event cannot precede its cause")
        self._push(delay_ps, action, ACTION, None)

    def _push(self, delay_ps: int, target: Any, turn: int, value: Any) -> None:
        heapq.heappush(self._heap, (self.now_ps + delay_ps, self._order, target, turn, value))
        self._order += 1

    def process(self, steps: Steps, name: str, *, background: bool = False) -> Process:
        """Start ``steps`` as a process; a background process may still wait when the run ends."""
        process = Process(self, steps, name, background)
        self._alive[process] = None
        self._push(0, process, 0, None)
        return process

    def ended(self, process: Process) -> None:
        """Forget a process that has ended."""
        self._alive.pop(process, None)

    def run(self, until_s: float | None = None) -> None:
        """Work through the heap, to its end or through ``until_s`` (events at exactly that time included).

        Raises `DeadlockError` where the heap is empty and foreground processes wait, and whatever a process raises.
        """
        limit = None if until_s is None else picoseconds(until_s)
        heap, pop, push, trace = self._heap, heapq.heappop, heapq.heappush, self._trace
        while heap and (limit is None or heap[0][0] <= limit):
            now, _, target, turn, value = pop(heap)
            self.now_ps = now
            if turn == ACTION:
                target()
                continue
            if turn != target._turn:
                continue  # what it waited for came first from elsewhere, or it was interrupted
            if trace is not None:
                trace(now, target.name, target.waits_for)
            target._turn = turn = turn + 1
            try:
                wanted = target._send(value) if value.__class__ is not Interrupted else target._steps.throw(value)
            except StopIteration as stop:
                target.done, target.value = True, stop.value
                self.ended(target)
                target._ended.fire(stop.value)
                continue
            target._wanted = wanted
            if wanted.__class__ is Wait:
                push(heap, (now + wanted.ps, self._order, target, turn, None))
                self._order += 1
            else:
                self._await(target, turn, wanted)
        if limit is not None:
            self.now_ps = max(self.now_ps, limit)
            return
        stuck = [f"{p.name} waits for {p.waits_for}" for p in self._alive if not p.background]
        if stuck:
            raise DeadlockError(f"nothing is left to happen at {self.now_s:g} s but " + "; ".join(stuck))

    def _await(self, process: Process, turn: int, wanted: Awaitable) -> None:
        """Remember what a process waits for, other than a time."""
        if isinstance(wanted, Signal):
            wanted._waiting.append((process, turn))
        elif isinstance(wanted, Process):
            if wanted.done:
                self._push(0, process, turn, wanted.value)
            else:
                wanted._ended._waiting.append((process, turn))
        elif isinstance(wanted, AnyOf | AllOf):
            _Gather(process, turn, wanted)
        elif isinstance(wanted, Wait):
            self._push(wanted.ps, process, turn, None)
        else:
            raise TypeError(f"{process.name} yielded {wanted!r}: wanted a Wait, Signal, Process, AnyOf or AllOf")

    def close(self) -> None:
        """End every process that is still alive."""
        for process in list(self._alive):
            process.cancel()
