"""SeQUeNCe's chain of routers: CPU milliseconds per end-to-end pair. Run by `benchmarks/chains.py` in its own venv.

usage: sequence_chain.py NODES PAIRS MEMORIES [SECONDS]
20 km links with a station halfway, 0.2 dB/km, memories 0.9, detectors 0.9, single-heralded links, Bell-diagonal pairs
of fidelity 0.99, coherence 10 s, swaps that succeed, no distillation. Only the run phase is timed; it is given up
after SECONDS.
"""

import json
import sys
import time

from sequence.app.request_app import RequestApp
from sequence.entanglement_management.generation import EntanglementGenerationA, EntanglementGenerationB
from sequence.entanglement_management.swapping import EntanglementSwappingA, EntanglementSwappingB
from sequence.kernel.event import Event
from sequence.kernel.process import Process
from sequence.topology.router_net_topo import RouterNetTopo

LINK_M, ATTENUATION_PER_M, LIGHT_M_PER_PS = 20e3, 0.0002, 2e-4


def configuration(nodes: int, memories: int) -> dict:
    detectors = [{"efficiency": 0.9, "dark_count": 0, "time_resolution": 150, "count_rate": 1e8}] * 2
    memory = {
        "fidelity": 0.99,
        "frequency": 1e6,
        "coherence_time": 10.0,
        "efficiency": 0.9,
        "decoherence_errors": [1 / 3, 1 / 3, 1 / 3],
    }
    station = {"encoding_type": "single_heralded", "SingleHeraldedBSM": {"detectors": detectors}}
    names = [f"r{i:04d}" for i in range(nodes)]
    parts = [
        {"name": name, "type": "QuantumRouter", "seed": i, "memo_size": 2 * memories, "template": "R"}
        for i, name in enumerate(names)
    ]
    light, messages = [], []
    half, half_ps = LINK_M / 2, LINK_M / 2 / LIGHT_M_PER_PS
    for i in range(nodes - 1):
        hub = f"b{i}"
        parts.append({"name": hub, "type": "BSMNode", "seed": 10_000 + i, "template": "B"})
        for end in names[i : i + 2]:
            light.append({"source": end, "destination": hub, "distance": half, "attenuation": ATTENUATION_PER_M})
            messages.append({"source": end, "destination": hub, "distance": half, "delay": half_ps})
            messages.append({"source": hub, "destination": end, "distance": half, "delay": half_ps})
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            if i != j:
                apart = abs(i - j) * LINK_M
                messages.append(
                    {"source": one, "destination": other, "distance": apart, "delay": apart / LIGHT_M_PER_PS}
                )
    return {
        "templates": {"R": {"MemoryArray": memory}, "B": station},
        "nodes": parts,
        "qchannels": light,
        "cchannels": messages,
        "stop_time": 10**16,
        "formalism": "bell_diagonal",
    }


def main(nodes: int, pairs: int, memories: int, limit_s: float) -> None:
    EntanglementGenerationA.set_global_type("single_heralded")
    EntanglementGenerationB.set_global_type("single_heralded")
    EntanglementSwappingA.set_formalism("bell_diagonal")
    EntanglementSwappingB.set_formalism("bell_diagonal")
    topology = RouterNetTopo(configuration(nodes, memories))
    timeline = topology.get_timeline()
    routers = {router.name: router for router in topology.get_nodes_by_type(RouterNetTopo.QUANTUM_ROUTER)}
    fidelities = []

    class Counting(RequestApp):
        def get_memory(self, info):
            before, fidelity = self.memory_counter, info.fidelity
            super().get_memory(info)
            if self.memory_counter > before:
                fidelities.append(fidelity)
                if self.memory_counter >= pairs:
                    timeline.stop()

    ends = f"r{0:04d}", f"r{nodes - 1:04d}"
    app = Counting(routers[ends[0]])
    RequestApp(routers[ends[1]])
    begin_wall = time.perf_counter()

    class Guard:
        def look(self):
            if time.perf_counter() - begin_wall > limit_s:
                timeline.stop()
            else:
                timeline.schedule(Event(timeline.now() + 10**10, Process(self, "look", [])))

    timeline.schedule(Event(0, Process(Guard(), "look", [])))
    timeline.init()
    app.start(ends[1], int(1e12), 10**16, memories, 0.01)
    begin = time.process_time()
    timeline.run()
    cpu_s = time.process_time() - begin
    got = app.memory_counter
    print(
        json.dumps(
            {
                "pairs": got,
                "cpu_s": cpu_s,
                "ms_per_pair": 1e3 * cpu_s / got if got else None,
                "events": timeline.run_counter,
                "fidelity": sum(fidelities) / max(1, len(fidelities)),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]) if len(sys.argv) > 4 else 300.0)
