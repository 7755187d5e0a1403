"""From the photon to the stored key: a 1 GHz decoy link of 50 km in resolution clicks, against real time.

usage: link.py [--seconds 20] [--detector snspd]
Prints one JSON line: simulated seconds per second (after the first block, which compiles), stages, peak memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

from qcisim.simulation import load_scenario
from qcisim.simulation.runner import ScenarioRun

SCENARIO = """
title: 50 km at 1 GHz
duration_s: {seconds}
nodes:
  a: {{lat: 50, lon: 5}}
  b: {{lat: 50, lon: 6}}
links:
  a-b:
    between: [a, b]
    fibre: {{length_km: 50, attenuation_db_per_km: 0.2, connector_db: 1.0}}
    source: {{clock_hz: 1e9}}
    receiver: {{detector: {detector}}}
    protocol: {{block_s: {block_s}}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--block-s", type=float, default=1.0)
    parser.add_argument("--detector", default="snspd")
    options = parser.parse_args()
    text = SCENARIO.format(seconds=options.seconds, detector=options.detector, block_s=options.block_s)
    run = ScenarioRun(load_scenario(text), None, None)
    run.start()
    first_s = 1.5 * options.block_s
    run.engine.run(until_s=first_s)
    wall, cpu = time.perf_counter(), time.process_time()
    run.engine.run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    result = run.result()
    link, simulated_s = result.links["a-b"], options.seconds - options.block_s
    line = {
        "benchmark": "link",
        "detector": options.detector,
        "clicks_per_s": link.clicks / options.seconds,
        "secret_bits_per_s": link.secret_bits_per_s,
        "stored_bits": result.books["a-b"].stored,
        "real_time": simulated_s / wall,
        "cpu_s_per_s": cpu / simulated_s,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "seconds": options.seconds,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
