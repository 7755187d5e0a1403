"""When two stations see the same source of pairs on a satellite, and which of these times clouds leave."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from qcisim.simulation.pass_search import MARGIN_S
from qcisim.simulation.sky import HOUR_S, LONGEST_S

if TYPE_CHECKING:
    from qcisim.simulation.pair_arms import PairArm
    from qcisim.simulation.passes import Timetable
    from qcisim.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Sight:
    """A time in which both stations see their source; ``clear``: no cloud over either in its middle."""

    start_s: float
    end_s: float
    clear: bool

    @property
    def middle_s(self) -> float:
        """Halfway."""
        return 0.5 * (self.start_s + self.end_s)


class Sights:
    """The times of common sight of a link, found window of planning by window: a run may have no end."""

    def __init__(self, scenario: Scenario, arms: tuple[PairArm, PairArm], plan: Timetable) -> None:
        self._arms, self._plan = arms, plan
        self._duration_s, self._step_s = scenario.duration_s, scenario.pass_planning.window_h * HOUR_S
        self._shortest_s = scenario.pass_planning.minimum_duration_s
        self._found: list[tuple[Sight, ...]] = []

    def __iter__(self) -> Iterator[Sight]:
        """In the order of time, to the end of the run, or until there was none for a year."""
        latest_s = 0.0
        for index in count():
            start_s = index * self._step_s
            if start_s >= self._duration_s or start_s - latest_s > LONGEST_S:
                return
            while len(self._found) <= index:
                self._found.append(tuple(self._window(len(self._found) * self._step_s)))
            for sight in self._found[index]:
                latest_s = sight.end_s
                yield sight

    def _window(self, start_s: float) -> Iterator[Sight]:
        """Those that begin in one window of planning; of those that are as long as the margin, the part in it."""
        end_s = min(start_s + self._step_s, self._duration_s)
        begin_s, stop_s = max(0.0, start_s - MARGIN_S), min(end_s + MARGIN_S, self._duration_s)
        for low_s, high_s in common_windows(self._arms, begin_s, stop_s):
            one = low_s, high_s
            if high_s - low_s >= MARGIN_S:
                one = max(low_s, start_s), min(high_s, end_s)
            if start_s <= one[0] < end_s and one[1] - one[0] >= max(self._shortest_s, math.ulp(one[1])):
                yield Sight(*one, self._clear(0.5 * (one[0] + one[1])))

    def _clear(self, t_s: float) -> bool:
        clouds = self._plan.clouds
        below = [arm.node for arm in self._arms if arm.in_space and arm.node in clouds.stations]
        return not any(clouds.cloudy(node, t_s) for node in below)


def common_windows(arms: tuple[PairArm, PairArm], begin_s: float, end_s: float) -> list[tuple[float, float]]:
    """The times in which both arms can be used, in their order."""
    first, second = (list(arm.windows(begin_s, end_s)) for arm in arms)
    both = ((max(a[0], b[0]), min(a[1], b[1])) for a in first for b in second)
    return sorted((start, end) for start, end in both if end > start)
