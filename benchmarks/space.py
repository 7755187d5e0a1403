"""Space on one core: link states of a day of one satellite over the shipped ground stations, and the shipped networks.

usage: space.py [--month]

- states: CPU seconds, median of five, to find all passes of one satellite over 19 stations in a day and to compute
  its link at every second inside them, fading nodes, channel and noise included.
- euroqci, luxqci: wall and CPU seconds of one run each.
- month: with --month, `euroqci` over 30 days, and the largest resident memory of the process.

Prints one JSON line each.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time

import numpy as np

from qcisim.network.satellite_site import satellite
from qcisim.network.station_site import stations
from qcisim.optics import Detector, Pulse, Receiver
from qcisim.optics.freespace.link import FreeSpaceLink
from qcisim.optics.freespace.terminals import Atmosphere, Sky, Telescope, Transmitter
from qcisim.optics.orbit import Epoch, GroundStation, TwoLineElements, find_passes_many
from qcisim.simulation import load_scenario, run

DAY_S, START = 86400.0, Epoch(2021, 5, 1)


def states() -> dict[str, object]:
    """One day of Micius over the shipped stations."""
    elements = satellite("micius").elements[-1]
    orbit = TwoLineElements(elements.line1, elements.line2)
    sites = [GroundStation(one.lat_deg, one.lon_deg, one.altitude_m) for one in stations().values()]
    parts = Transmitter(0.3), Telescope(1.0), Atmosphere(), Sky()
    receiver, pulse = Receiver(Detector(0.5, 25.0, gate_s=1e-9)), Pulse(wavelength_nm=850.0)
    times = []
    for _ in range(6):
        cpu, count = time.process_time(), 0
        found = find_passes_many(orbit, sites, START, 0.0, DAY_S)
        for site, passes in zip(sites, found, strict=True):
            link = FreeSpaceLink(orbit, site, START, *parts, receiver, 1e8, pulse)
            for one in passes:
                count += len(link.states(np.arange(one.rise_s, one.set_s, 1.0)))
        times.append(time.process_time() - cpu)
    return {"stations": len(sites), "states": count, "cpu_s": statistics.median(times[1:])}


def network(name: str, days: float | None = None) -> dict[str, object]:
    """One run of a shipped scenario."""
    scenario = load_scenario(name, [] if days is None else [f"duration_s={days * DAY_S}"])
    wall, cpu = time.perf_counter(), time.process_time()
    result = run(scenario)
    taken = sum(one.status == "taken" for one in result.passes)
    return {
        "simulated_days": scenario.duration_s / DAY_S,
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "passes": len(result.passes),
        "taken": taken,
        "largest_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--month", action="store_true", help="run euroqci over 30 days")
    if parser.parse_args().month:
        print(json.dumps({"benchmark": "space", "what": "euroqci", **network("euroqci", 30.0)}))
        return
    print(json.dumps({"benchmark": "space", "what": "states", **states()}))
    for name in ("euroqci", "luxqci"):
        print(json.dumps({"benchmark": "space", "what": name, **network(name)}))


if __name__ == "__main__":
    main()
