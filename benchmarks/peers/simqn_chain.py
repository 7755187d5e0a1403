"""SimQN's hop-by-hop entanglement distribution: CPU milliseconds per end-to-end pair. Run by `benchmarks/chains.py`.

usage: simqn_chain.py NODES PAIRS
Lossless links of 20 km, one fidelity per pair, no retries, memories of 10^4 qubits. Only the run phase is timed.
"""

import json
import sys
import time

import qns.utils.log as log
from qns.network import QuantumNetwork
from qns.network.protocol.entanglement_distribution import EntanglementDistributionApp
from qns.network.route.dijkstra import DijkstraRouteAlgorithm
from qns.network.topology import LineTopology
from qns.network.topology.topo import ClassicTopology
from qns.simulator.simulator import Simulator

RATE_HZ, DELAY_S = 1000.0, 1e-4


def main(nodes: int, pairs: int) -> None:
    log.logger.setLevel("CRITICAL")
    simulator = Simulator(0, pairs / RATE_HZ + 4 * nodes * DELAY_S + 0.01, accuracy=10_000_000)
    line = LineTopology(
        nodes_number=nodes,
        qchannel_args={"delay": DELAY_S, "bandwidth": 0},
        cchannel_args={"delay": DELAY_S},
        memory_args=[{"capacity": 10_000, "decoherence_rate": 0.2}],
        nodes_apps=[EntanglementDistributionApp(init_fidelity=0.99)],
    )
    network = QuantumNetwork(topo=line, classic_topo=ClassicTopology.All, route=DijkstraRouteAlgorithm())
    network.build_route()
    source, target = network.get_node("n1"), network.get_node(f"n{nodes}")
    network.add_request(src=source, dest=target, attr={"send_rate": RATE_HZ})
    network.install(simulator)
    begin = time.process_time()
    simulator.run()
    cpu_s = time.process_time() - begin
    got = len(target.apps[-1].success)
    print(
        json.dumps(
            {
                "pairs": got,
                "cpu_s": cpu_s,
                "ms_per_pair": 1e3 * cpu_s / got if got else None,
                "events": simulator.total_events,
                "fidelity": target.apps[-1].success[0].fidelity if got else None,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
