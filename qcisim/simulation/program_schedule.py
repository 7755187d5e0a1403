"""The time of a link that programs have: in every cycle a window for them, the rest for keys or for other links.

Nothing is counted twice: what a window brings goes to programs, what comes outside goes to keys.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require
from qcisim.stack.links.delivery import Delivery, LinkModel, NoPairError

Floats = NDArray[np.float64]
TRIES = 10_000
"""Windows that a chain of repeaters tries before it is said that its pairs do not fit in."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Windows [n c + o, n c + o + w), n = 0, 1, ...

    Args:
        window_s: w, their length.
        cycle_s: c, from one to the next.
        offset_s: o, of the first.
    """

    window_s: float
    cycle_s: float
    offset_s: float = 0.0

    def __post_init__(self) -> None:
        fits = (
            self.window_s > 0.0 and self.offset_s >= 0.0 and self.offset_s + self.window_s <= self.cycle_s * (1 + 1e-9)
        )
        got = f"window of {self.window_s:g} s at {self.offset_s:g} s in a cycle of {self.cycle_s:g} s"
        require(fits, f"{got}: wanted one that fits in")

    @property
    def always(self) -> bool:
        """Whether there is no time outside."""
        return self.window_s >= self.cycle_s * (1.0 - 1e-12)

    def opens(self, now_s: float) -> tuple[float, float]:
        """Wait until a window is open, and what is left of it then."""
        phase = (now_s - self.offset_s) % self.cycle_s
        if phase < self.window_s:
            return 0.0, self.window_s - phase
        return self.cycle_s - phase, self.window_s

    def until(self, now_s: float, light_s: float) -> float:
        """Time until windows have given ``light_s``, from ``now_s`` on."""
        if self.always:
            return light_s
        wait_s, left_s = self.opens(now_s)
        if light_s <= left_s:
            return wait_s + light_s
        rest_s = light_s - left_s
        whole = math.ceil(rest_s / self.window_s) - 1
        return wait_s + left_s + (self.cycle_s - self.window_s) + whole * self.cycle_s + rest_s - whole * self.window_s

    def within(self, start_s: float, end_s: float) -> Floats:
        """The parts of an interval in windows, (n, 2)."""
        if self.always:
            return np.array([[start_s, end_s]])
        first = math.floor((start_s - self.offset_s) / self.cycle_s)
        last = math.floor((end_s - self.offset_s) / self.cycle_s)
        opens = self.offset_s + self.cycle_s * np.arange(first, last + 1)
        parts = np.stack([np.maximum(opens, start_s), np.minimum(opens + self.window_s, end_s)], axis=1)
        found: Floats = parts[parts[:, 1] - parts[:, 0] > 1e-12 * max(1.0, end_s)]
        return found


@dataclass(frozen=True, slots=True)
class Shared:
    """Attempts, or pairs at a constant rate, in the windows only: a wait for light is a wait for open windows.

    Args:
        model: what the link is without a pause; its waits have no memory.
        turns: of programs.
        delay_s: part of each duration that is no light but the way.
    """

    model: LinkModel
    turns: Turns
    delay_s: float = 0.0

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """The next pair."""
        made = self.model.sample(rng, now_ns)
        light_s = max(0.0, made.duration_ns * 1e-9 - self.delay_s)
        until_s = self.turns.until(now_ns * 1e-9, light_s) + self.delay_s
        return Delivery(until_s * 1e9, made.state, made.attempts)

    @property
    def mean_fidelity(self) -> float:
        """That of the link."""
        return self.model.mean_fidelity

    @property
    def mean_duration_ns(self) -> float:
        """Of the light, stretched by the share."""
        stretch = self.turns.cycle_s / self.turns.window_s
        return (self.model.mean_duration_ns - self.delay_s * 1e9) * stretch + self.delay_s * 1e9


@dataclass(frozen=True, slots=True)
class Afresh:
    """A chain of repeaters whose memories are empty when a window opens: what is not done when it closes, is lost.

    Args:
        model: the chain.
        turns: of programs.
        name: of the link, for errors.
    """

    model: LinkModel
    turns: Turns
    name: str

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """The first pair that a window has time for. Raises `NoPairError` where none ever does."""
        now_s = start_s = now_ns * 1e-9
        for _ in range(TRIES):
            wait_s, left_s = self.turns.opens(start_s)
            made = self.model.sample(rng, (start_s + wait_s) * 1e9)
            took_s = made.duration_ns * 1e-9
            if took_s <= left_s or self.turns.always:
                return Delivery((start_s + wait_s - now_s + took_s) * 1e9, made.state, made.attempts)
            start_s += wait_s + left_s + (self.turns.cycle_s - self.turns.window_s) * 0.5
        window = f"windows of {self.turns.window_s:g} s"
        raise NoPairError(f"link '{self.name}': no pair in {TRIES} {window}: its chain takes longer, raise cycle_s")

    @property
    def mean_fidelity(self) -> float:
        """Not known beforehand."""
        return math.nan

    @property
    def mean_duration_ns(self) -> float:
        """Not known beforehand."""
        return math.nan
