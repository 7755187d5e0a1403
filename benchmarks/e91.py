"""E91 from ten million coincidences to the stored key: two programs, every coincidence, one core.

usage: e91.py [--coincidences 1e7] [--block-coincidences 1e7] [--repeats 3]
Prints one JSON line: the fastest of the repeats, from the scenario's first light to the key in the store, and where
the time goes when the number of coincidences is ten times smaller. A first, short run compiles.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

from qcisim.simulation import load_scenario
from qcisim.simulation.result import Result
from qcisim.simulation.runner import ScenarioRun

SCENARIO = """
title: a source of pairs in the middle of twice ten kilometres
duration_s: {seconds}
nodes:
  a: {{lat: 50, lon: 5}}
  source: {{lat: 50, lon: 5.1, role: hub}}
  b: {{lat: 50, lon: 5.2}}
links:
  a-b:
    between: [a, b]
    pair_source: {{node: source, pair_rate_hz: 2e7, coincidence_window_s: 2e-10, wavelength_nm: 1550, fidelity: 0.99}}
    arms:
      - {{fibre: {{length_km: 10}}, receiver: &r {{insertion_loss_db: 1, misalignment_error: 0.003}}}}
      - {{fibre: {{length_km: 10}}, receiver: *r}}
    protocol: {{name: e91, block_s: {block_s}}}
key_managers: {{max_key_count: 10000000}}
"""


def run(seconds: float, block_s: float) -> tuple[float, float, Result]:
    """Wall and CPU seconds of one run, and its result."""
    run = ScenarioRun(load_scenario(SCENARIO.format(seconds=seconds, block_s=block_s)), None, None)
    wall, cpu = time.perf_counter(), time.process_time()
    run.start()
    run.engine.run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    result = run.result()
    run.engine.close()
    run.keys.close()
    return wall, cpu, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coincidences", type=float, default=1e7)
    parser.add_argument("--block-coincidences", type=float, default=1e7)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    first = run(1.0, 1.0)[2].links["a-b"]
    rate_hz = first.clicks
    seconds, block_s = options.coincidences / rate_hz, min(options.coincidences, options.block_coincidences) / rate_hz
    runs = [run(seconds, block_s) for _ in range(options.repeats)]
    wall, cpu, result = min(runs, key=lambda one: one[0])
    tenth = min(run(seconds / 10.0, block_s / 10.0)[0] for _ in range(options.repeats))
    link = result.links["a-b"]
    line = {
        "benchmark": "e91",
        "coincidences": link.clicks,
        "sifted_bits": link.sifted_bits,
        "secret_bits": link.secret_bits,
        "stored_bits": result.books["a-b"].stored,
        "chsh": link.bounds.get("chsh"),
        "qber": link.qber,
        "wall_s": wall,
        "cpu_s": cpu,
        "tenth_wall_s": tenth,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
