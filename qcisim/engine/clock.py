"""The event heap: integer picoseconds, exact ties in order of scheduling, generator processes, signals.

A process is a generator. What it yields decides when it goes on:

- ``Wait(seconds)``: after that time;
- a `Signal`: when the signal fires, with the fired value;
- another `Process`: when that process ends, with its return value.

An exception in a process stops the run and is raised by `Engine.run`. A run whose heap is empty while processes still
wait is a deadlock and says who waits for what, instead of hanging.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from qcisim.errors import QcisimError
from qcisim.units import PICOSECONDS_PER_SECOND, picoseconds


class DeadlockError(QcisimError):
    """Processes wait for signals that nothing is left to fire."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Resume after ``seconds`` (at least 0)."""

    seconds: float


class Signal:
    """Something that processes wait for; ``fire`` resumes all of them at the current time."""

    __slots__ = ("_waiting", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._waiting: list[Process] = []

    def fire(self, value: Any = None) -> None:
        """Resume every waiting process, in the order in which they began to wait."""
        waiting, self._waiting = self._waiting, []
        for process in waiting:
            process.resume_now(value)


Steps: TypeAlias = Generator["Wait | Signal | Process", Any, Any]


class Process:
    """A running generator. ``done`` tells whether it ended; ``value`` is what it returned."""

    __slots__ = ("_ended", "_engine", "_steps", "background", "done", "name", "running", "value", "waits_for")

    def __init__(self, engine: Engine, steps: Steps, name: str, background: bool) -> None:
        self._engine, self._steps, self.name, self.background = engine, steps, name, background
        self.done, self.running, self.value, self.waits_for = False, False, None, "its start"
        self._ended = Signal(f"the end of {name}")

    def resume_now(self, value: Any) -> None:
        """Schedule the next step at the current time."""
        self._engine.schedule(0, lambda: self._step(value))

    def _step(self, value: Any) -> None:
        if self.done:
            return
        self.running = True
        try:
            wanted = self._steps.send(value)
        except StopIteration as stop:
            self.done, self.value = True, stop.value
            self._engine.ended(self)
            self._ended.fire(stop.value)
            return
        finally:
            self.running = False
        if isinstance(wanted, Wait):
            self.waits_for = f"{wanted.seconds:g} s"
            self._engine.schedule(picoseconds(wanted.seconds), lambda: self._step(None))
            return
        signal = wanted._ended if isinstance(wanted, Process) else wanted
        if isinstance(wanted, Process) and wanted.done:
            self.resume_now(wanted.value)
            return
        self.waits_for = signal.name
        signal._waiting.append(self)

    def cancel(self) -> None:
        """End the generator where it waits; its ``finally`` blocks run, and who waits for its end goes on."""
        if not self.done:
            self.done, self.waits_for = True, "nothing"
            self._steps.close()
            self._engine.ended(self)
            self._ended.fire(None)


class Engine:
    """The clock and its heap of events."""

    def __init__(self) -> None:
        self.now_ps = 0
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._order = 0
        self._alive: dict[Process, None] = {}

    @property
    def now_s(self) -> float:
        """The current time in seconds."""
        return self.now_ps / PICOSECONDS_PER_SECOND

    def schedule(self, delay_ps: int, action: Callable[[], None]) -> None:
        """Do ``action`` after ``delay_ps`` (at least 0); equal times keep the order of scheduling."""
        if delay_ps < 0:
            raise ValueError(f"delay {delay_ps} ps: an event cannot precede its cause")
        heapq.heappush(self._heap, (self.now_ps + delay_ps, self._order, action))
        self._order += 1

    def process(self, steps: Steps, name: str, *, background: bool = False) -> Process:
        """Start ``steps`` as a process; a background process may still wait when the run ends."""
        process = Process(self, steps, name, background)
        self._alive[process] = None
        process.resume_now(None)
        return process

    def ended(self, process: Process) -> None:
        """Forget a process that has ended."""
        self._alive.pop(process, None)

    def run(self, until_s: float | None = None) -> None:
        """Work through the heap, to its end or through ``until_s`` (events at exactly that time included).

        Raises `DeadlockError` where the heap is empty and foreground processes wait, and whatever a process raises.
        """
        limit = None if until_s is None else picoseconds(until_s)
        while self._heap and (limit is None or self._heap[0][0] <= limit):
            self.now_ps, _, action = heapq.heappop(self._heap)
            action()
        if limit is not None:
            self.now_ps = max(self.now_ps, limit)
            return
        stuck = [f"{p.name} waits for {p.waits_for}" for p in self._alive if not p.background]
        if stuck:
            raise DeadlockError(f"nothing is left to happen at {self.now_s:g} s but " + "; ".join(stuck))

    def close(self) -> None:
        """End every process that is still alive."""
        for process in list(self._alive):
            process.cancel()
