"""MDI-QKD: announced successes per second, from the light alone and to the stored key; a day of arlon_mdi in counts.

usage: mdi.py [--events 1e7] [--repeats 3]
Prints one JSON line, the fastest of the repeats. A first, short run compiles.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np

from qcisim.simulation import load_scenario
from qcisim.simulation.build import over_hub
from qcisim.simulation.runner import ScenarioRun
from qcisim.simulation.scenario import Scenario

SCENARIO = """
title: two senders five and ten kilometres from a hub
duration_s: {seconds}
nodes:
  a: {{lat: 50, lon: 5}}
  hub: {{lat: 50, lon: 5.1, role: hub}}
  b: {{lat: 50, lon: 5.2}}
links:
  a-b:
    between: [a, b]
    hub: hub
    arms:
      - {{fibre: {{length_km: 5, connector_db: 0}}}}
      - {{fibre: {{length_km: 10, connector_db: 0}}}}
    receiver: {{detector: {{preset: snspd, dark_count_rate_hz: 10}}, insertion_loss_db: 1}}
    protocol: {{block_s: {seconds}, optimise: true}}
key_managers: {{max_key_count: 10000000}}
"""


def run(scenario: Scenario) -> tuple[float, float, int, int]:
    """Seconds to build and to run, announced successes, secret bits."""
    begin = time.perf_counter()
    made = ScenarioRun(scenario, None, None)
    built = time.perf_counter()
    made.start()
    made.engine.run()
    done = time.perf_counter()
    links = made.result().links.values()
    made.engine.close()
    made.keys.close()
    return built - begin, done - built, sum(one.clicks for one in links), sum(one.secret_bits for one in links)


def light(seconds: float) -> tuple[float, int]:
    """Seconds to draw all announcements of a block, and how many there are."""
    model = over_hub(load_scenario(SCENARIO.format(seconds=seconds)), "a-b")
    table, rounds = model.table, next(iter(model.blocks(seconds))).rounds
    begin = time.perf_counter()
    events = table.events(rounds, np.random.default_rng(1))
    return time.perf_counter() - begin, sum(len(alice) for alice, _ in events)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=float, default=1e7)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    _, _, events, _ = run(load_scenario(SCENARIO.format(seconds=1.0)))
    seconds = options.events / events
    clicks = min(
        (run(load_scenario(SCENARIO.format(seconds=seconds))) for _ in range(options.repeats)), key=lambda r: r[1]
    )
    drawn = min(light(seconds) for _ in range(options.repeats))
    day = min((run(load_scenario("arlon_mdi")) for _ in range(options.repeats)), key=lambda r: r[0] + r[1])
    print(
        json.dumps(
            {
                "light_events": drawn[1],
                "light_events_per_s": round(drawn[1] / drawn[0]),
                "clicks_events": clicks[2],
                "clicks_seconds": round(clicks[1], 2),
                "clicks_events_per_s": round(clicks[2] / clicks[1]),
                "clicks_secret_bits": clicks[3],
                "optimise_seconds": round(clicks[0], 2),
                "day_build_seconds": round(day[0], 2),
                "day_run_seconds": round(day[1], 2),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }
        )
    )


if __name__ == "__main__":
    main()
