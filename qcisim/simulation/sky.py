"""The clouds over the stations of a scenario."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qcisim.engine import stream
from qcisim.optics.cloud_climate import default_fraction, monthly_fraction
from qcisim.optics.clouds import CloudField
from qcisim.simulation.free_space import epoch_of

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Node, Scenario

HOUR_S = 3600.0
LONGEST_S = 366 * 86400.0  # clouds are drawn for a year at most; a longer run meets them again


class CloudsAbove:
    """The clouds over the stations of a scenario, hour by hour, drawn once for the whole run."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._epoch = epoch_of(scenario)
        self.stations = {name: i for i, (name, node) in enumerate(_stations(scenario))}
        fractions = [_cloud_fractions(node) for _, node in _stations(scenario)]
        self._fractions = np.array(fractions).reshape(len(fractions), 12)
        places = [node.coordinates for _, node in _stations(scenario)]
        field = CloudField(
            np.array([lat for lat, _ in places]),
            np.array([lon for _, lon in places]),
            self._fractions,
            correlation_length_km=scenario.clouds.correlation_length_km,
            correlation_time_h=scenario.clouds.correlation_time_h,
        )
        names = list(self.stations)
        self.limits = tuple(_named(sentence, names) for sentence in field.limits(int(self._epoch.month(0.0))))
        t_h = np.arange(0.0, min(scenario.duration_s, LONGEST_S) / HOUR_S + 1.0)
        months = np.asarray(self._epoch.month(t_h * HOUR_S))
        self._cloudy = field.sample(months, t_h, stream(seed, "clouds"))

    def fraction(self, station: str, t_s: float) -> float:
        """The climatology of the month."""
        return float(self._fractions[self.stations[station], int(self._epoch.month(t_s)) - 1])

    def cloudy(self, station: str, t_s: float) -> bool:
        """Whether there is a cloud above ``station`` in the hour of ``t_s``."""
        return bool(self._cloudy[self.stations[station], round(t_s / HOUR_S) % self._cloudy.shape[1]])


def _named(sentence: str, names: list[str]) -> str:
    """``sentence`` with the stations by name instead of by number."""
    found = re.match(r"stations (\d+) and (\d+): (.*)", sentence)
    return f"{names[int(found[1])]} and {names[int(found[2])]}: {found[3]}" if found else sentence


def _stations(scenario: Scenario) -> list[tuple[str, Node]]:
    return [(name, node) for name, node in scenario.nodes.items() if node.station is not None]


def _cloud_fractions(node: Node) -> NDArray[np.float64]:
    assert node.station is not None
    given = node.station.cloud_fraction
    return monthly_fraction(given) if given else default_fraction(node.coordinates[0])
