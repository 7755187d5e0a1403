"""MQNS's linear network with swap-asap: CPU milliseconds per end-to-end pair. Run by `benchmarks/chains.py`.

usage: mqns_chain.py NODES SIMULATED_SECONDS MEMORIES [SECONDS], with a checkout of usnistgov/mqns on PYTHONPATH
20 km links of its default kind, efficiencies 0.9, Werner pairs of fidelity 0.99, coherence 20 ms, swaps that succeed.
Only the run phase is timed; it is given up after SECONDS.
"""

import json
import sys
import time

from mqns.network.builder import CTRL_DELAY, NetworkBuilder
from mqns.network.fw import ForwarderConsumeCounters
from mqns.simulator import Simulator
from mqns.utils import WallClockTimeout, log, rng


def main(nodes: int, simulated_s: float, memories: int, limit_s: float) -> None:
    log.set_default_level("CRITICAL")
    rng.reseed(1)
    network = (
        NetworkBuilder(epr_type="W")
        .topo_linear(
            nodes=nodes,
            channels=[20.0] * (nodes - 1),
            ch_capacity=memories,
            t_cohere=0.02,
            eta_d=0.9,
            eta_s=0.9,
            frequency=1e6,
            init_fidelity=0.99,
        )
        .proactive_centralized(p_swap=1.0)
        .request("S-D", swap="asap")
        .make_network()
    )
    simulator = Simulator(0, simulated_s + CTRL_DELAY, accuracy=1_000_000, install_to=(log, network))
    guard = WallClockTimeout(limit_s, stop=simulator.stop)
    begin = time.process_time()
    with guard():
        simulator.run()
    cpu_s = time.process_time() - begin
    counters = ForwarderConsumeCounters.of_path(network, "S", "D")
    got = counters.n_consumed
    print(
        json.dumps(
            {
                "pairs": got,
                "cpu_s": cpu_s,
                "ms_per_pair": 1e3 * cpu_s / got if got else None,
                "events": simulator.total_events,
                "fidelity": counters.consumed_avg_fidelity,
                "simulated_s": simulator.tc.sec,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]) if len(sys.argv) > 4 else 300.0)
