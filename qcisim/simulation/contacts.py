"""When a satellite is in radio contact with the ground, so that it can announce and keys can be relayed over it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qcisim.simulation.passes import PlannedPass

AFTER_S = 30.0  # a pass's key is there, distilled, so long after the satellite has gone below the mask
HELD_S = 60.0  # radio reaches it that much longer than light: down to the horizon


class Contacts:
    """Contact of satellites: while one is above the mask of a station it is linked with, whatever the clouds.

    The announcement K_A xor K_B of a trusted satellite is radio, so it needs a contact, not a clear sky.
    """

    def __init__(self, satellites: Iterable[str], passes: Iterable[PlannedPass]) -> None:
        self.satellites = frozenset(satellites)
        windows: dict[str, list[tuple[float, float]]] = {name: [] for name in sorted(self.satellites)}
        ends: set[float] = set()
        for one in (each for each in passes if each.station not in self.satellites):  # another satellite is no ground
            windows[one.satellite].append((one.geometry.rise_s, one.geometry.set_s + HELD_S))
            ends.add(one.geometry.set_s + AFTER_S)
        self._starts: dict[str, list[float]] = {}
        self._stops: dict[str, list[float]] = {}
        for name, pairs in windows.items():
            pairs.sort()
            latest, stops = 0.0, []
            for _, stop_s in pairs:
                latest = max(latest, stop_s)
                stops.append(latest)
            self._starts[name], self._stops[name] = [start_s for start_s, _ in pairs], stops
        self.ends_s = tuple(sorted(ends))

    def open(self, path: Sequence[str], now_s: float) -> bool:
        """Whether every satellite on ``path`` is in contact now; a path without one is always open."""
        return all(self._in_contact(node, now_s) for node in path if node in self.satellites)

    def _in_contact(self, satellite: str, now_s: float) -> bool:
        before = bisect_right(self._starts[satellite], now_s)
        return before > 0 and self._stops[satellite][before - 1] >= now_s

    def origin(self, path: Sequence[str]) -> str:
        """ "satellite" where the path passes one, else "fibre"."""
        return "fibre" if self.satellites.isdisjoint(path) else "satellite"
