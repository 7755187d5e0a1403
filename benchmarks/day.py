"""A day of the shipped network `belux` in resolution counts: wall and CPU seconds of the run. Prints one JSON line."""

from __future__ import annotations

import json
import time

from qcisim.simulation import load_scenario, run


def main() -> None:
    scenario = load_scenario("belux")
    wall, cpu = time.perf_counter(), time.process_time()
    result = run(scenario)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    delivered = sum(demand.keys_delivered for demand in result.demands.values())
    print(json.dumps({"benchmark": "day", "wall_s": wall, "cpu_s": cpu, "keys_delivered": delivered}))


if __name__ == "__main__":
    main()
