"""Passes of one satellite over many ground stations on one core, side by side with skyfield's search.

usage: passes.py [--days 1 30] [--stations 19]

Measured, CPU seconds, median of five (skyfield: three), after one run that warms up:
- search_s: `find_passes_many`, all rises, culminations and sets over all stations in the window.
- look_s: `look` at every second inside all those passes (range, elevation, azimuth, range rate, transverse speed,
  point-ahead).
- skyfield_search_s: the same search with `EarthSatellite.find_events`, station by station; UT1 = UTC in both.
- ratio: skyfield_search_s / search_s. ``same`` says whether both found the same number of passes.

Prints one JSON line per window.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from skyfield.api import EarthSatellite, load, wgs84

from qcisim.optics.orbit import Epoch, GroundStation, TwoLineElements, find_passes_many, look

ELEMENTS = (  # Micius, epoch 2021-04-27
    "1 41731U 16051A   21117.42314584  .00000696  00000-0  30260-4 0  9998",
    "2 41731  97.3499  30.8507 0012844 347.0485 124.2616 15.25507799261429",
)
START = (2021, 5, 1)
UT1_IS_UTC = 32.184 + 37.0  # TT - UT1 in seconds
PLACES = (  # latitude and longitude in deg, altitude in m
    (28.298, -16.5118, 2400.0),
    (28.298, -16.512, 2400.0),
    (48.085, 11.279, 600.0),
    (52.044, 4.361, 2.0),
    (49.6933, 6.3297, 280.0),
    (50.002, 5.146, 330.0),
    (37.9855, 22.1984, 2340.0),
    (35.2118, 24.8981, 1750.0),
    (40.3419, 23.506, 800.0),
    (40.6486, 16.7046, 537.0),
    (37.0917, -2.3594, 490.0),
    (37.2236, -2.5461, 2168.0),
    (47.067, 15.493, 490.0),
    (40.3959, 117.5775, 890.0),
    (43.4755, 87.1767, 2028.0),
    (37.3790, 97.7269, 3153.0),
    (26.6939, 100.0293, 3233.0),
    (-33.932, 18.865, 120.0),
    (1.297, 103.78, 40.0),
)


def timed(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Median CPU seconds of ``runs`` runs after one, and the last result."""
    result = work()
    spent = []
    for _ in range(runs):
        begin = time.process_time()
        result = work()
        spent.append(time.process_time() - begin)
    return statistics.median(spent), result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, nargs="+", default=[1, 30])
    parser.add_argument("--stations", type=int, default=len(PLACES), help=f"the first so many of {len(PLACES)}")
    options = parser.parse_args()
    orbit, epoch = TwoLineElements(*ELEMENTS), Epoch(*START)
    places = PLACES[: options.stations]
    stations = [GroundStation(*place) for place in places]
    scale = load.timescale(builtin=True, delta_t=UT1_IS_UTC)
    satellite = EarthSatellite(*ELEMENTS, None, scale)
    topos = [wgs84.latlon(*place) for place in places]
    for days in options.days:
        end_s = 86400.0 * days
        search_s, found = timed(lambda end_s=end_s: find_passes_many(orbit, stations, epoch, 0.0, end_s), 5)

        def looks(found: Any = found) -> int:
            points = 0
            for station, its in zip(stations, found, strict=True):
                for each in its:
                    points += look(orbit, station, epoch, np.arange(each.rise_s, each.set_s, 1.0)).t_s.size
            return points

        def events(days: int = days) -> int:
            begin, end = scale.utc(*START), scale.utc(START[0], START[1], START[2] + days)
            return sum(int((satellite.find_events(place, begin, end, 10.0)[1] == 1).sum()) for place in topos)

        look_s, points = timed(looks, 5)
        skyfield_s, theirs = timed(events, 3)
        passes = sum(map(len, found))
        line = {
            "benchmark": "passes",
            "days": days,
            "stations": len(stations),
            "passes": passes,
            "same": passes == theirs,
            "search_s": search_s,
            "look_s": look_s,
            "look_points": points,
            "total_s": search_s + look_s,
            "skyfield_search_s": skyfield_s,
            "ratio": skyfield_s / search_s,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
