"""Repeater chains: CPU milliseconds per end-to-end pair, ensembles, and how the cost grows; peers beside them.

usage: chains.py [--sequence PYTHON] [--mqns PYTHON CHECKOUT] [--simqn PYTHON] [--only NAME ...] [--limit SECONDS]

Chains of 20 km links with a double-click station halfway, 0.2 dB/km, memories and detectors 0.9 each, Bell-diagonal
pairs of fidelity 0.99, memories that decay (T1 and T2 10 s; beside MQNS 20 ms, and none keeps a qubit longer),
swap-asap, results carried by light; events in integer picoseconds. Kernels are compiled before.

- chain: pairs delivered one after the other by a running chain, median of five.
- ensemble: first pairs of 10^5 runs from empty memories, waiting times and states only.
- growth: milliseconds per pair as nodes, memories, length of the links (loss) and failing swaps vary.
- sequence, mqns, simqn: the peer in its own environment on the row that it can do, A B A B on the same core; ``ratio``
  is theirs over ours. Chains differ (see each script): a row compares with that peer only.

Prints one JSON line per row.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from qcisim.optics.fibre import Fibre
from qcisim.optics.heralding import Arm, double_click
from qcisim.quantum import BellDiagonal
from qcisim.repeaters import Chain, ElementaryLink, MemoryDevice, ensemble, run, uniform

PEERS = Path(__file__).parent / "peers"


def chain(
    nodes: int,
    *,
    memories: int = 1,
    length_km: float = 20.0,
    lifetime_s: float = 10.0,
    swap_success: float = 1.0,
    cutoff_s: float | None = None,
) -> Chain:
    """The chain of the benchmark."""
    arm = Arm(0.9 * 0.9, Fibre(length_km / 2.0))
    herald = double_click(arm, arm, preparation_s=1e-6)
    link = ElementaryLink(
        length_km,
        herald.success_probability,
        herald.attempt_s,
        BellDiagonal.werner(0.99).weights,
        (herald.wait_a_s, herald.wait_b_s),
    )
    device = MemoryDevice(lifetime_s, lifetime_s, swap_success=swap_success, memories=2 * memories)
    return uniform(nodes, link, device, memories=memories, cutoff_s=cutoff_s)


def lossless(nodes: int) -> Chain:
    """Links that succeed at once, for the peer without loss."""
    link = ElementaryLink.werner(20.0, 1.0, 0.99)
    return uniform(nodes, link, MemoryDevice(10.0, 10.0), memories=1)


def measured(made: Chain, pairs: int, repeats: int = 5) -> dict[str, Any]:
    """Median CPU milliseconds per pair of a running chain."""
    spent = []
    for seed in range(repeats):
        begin = time.process_time()
        done = run(made, pairs, np.random.default_rng(seed))
        spent.append(1e3 * (time.process_time() - begin) / len(done))
        assert done.ended == "done"
    return {
        "pairs": pairs,
        "ms_per_pair": statistics.median(spent),
        "spread": [min(spent), max(spent)],
        "events_per_pair": done.counts.events / pairs,
        "ns_per_event": 1e6 * statistics.median(spent) * pairs / done.counts.events,
        "rate_hz": done.rate_hz,
        "fidelity": done.fidelity,
    }


def say(**row: Any) -> None:
    row["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    print(json.dumps({k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in row.items()}), flush=True)


def ours() -> None:
    for nodes, pairs in ((3, 20_000), (10, 5000), (32, 2000), (100, 500), (1000, 50)):
        for memories in (1, 10):
            say(benchmark="chain", nodes=nodes, memories=memories, **measured(chain(nodes, memories=memories), pairs))
    for nodes in (100, 1000):
        one = chain(nodes)
        spent = []
        for seed in range(5):
            begin = time.process_time()
            run(one, 1, np.random.default_rng(seed))
            spent.append(1e3 * (time.process_time() - begin))
        say(benchmark="chain, the first pair alone", nodes=nodes, memories=1, ms_per_pair=statistics.median(spent))


def ensembles() -> None:
    for nodes in (3, 10, 32):
        made = chain(nodes)
        spent = []
        for seed in range(3):
            begin = time.process_time()
            done = ensemble(made, 100_000, np.random.default_rng(seed))
            spent.append(time.process_time() - begin)
        say(
            benchmark="ensemble",
            nodes=nodes,
            runs=len(done),
            seconds=statistics.median(spent),
            mean_wait_s=done.mean_wait_s,
            mean_wait_error_s=done.mean_wait_error_s,
            fidelity=done.fidelity,
        )


def growth() -> None:
    for nodes in (10, 30, 100, 300, 1000, 3000):
        row = measured(chain(nodes), max(20, 20_000 // nodes), 3)
        say(benchmark="growth", grows="nodes", nodes=nodes, **row)
    for memories in (1, 3, 10, 30, 100):
        row = measured(chain(100, memories=memories), 2000, 3)
        say(benchmark="growth", grows="memories", nodes=100, memories=memories, **row)
    for length_km in (1.0, 20.0, 50.0, 100.0, 150.0):
        row = measured(chain(100, length_km=length_km), 200, 3)
        say(benchmark="growth", grows="loss", nodes=100, length_km=length_km, **row)
    for swap_success in (1.0, 0.9, 0.5):
        row = measured(chain(10, memories=2, swap_success=swap_success), 500, 3)
        say(benchmark="growth", grows="failing swaps", nodes=10, memories=2, swap_success=swap_success, **row)


def peer(command: list[str], **environment: str) -> dict[str, Any]:
    """What a peer's script prints; its failure as a line."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {"ms_per_pair": None, "error": done.stderr[-200:]}


def beside(name: str, nodes: int, made: Chain, pairs: int, command: list[str], **environment: str) -> None:
    """A B A B: ours, theirs, ours, theirs."""
    mine, theirs = [], []
    for _ in range(2):
        mine.append(measured(made, pairs, 3))
        theirs.append(peer(command, **environment))
    own = statistics.median(each["ms_per_pair"] for each in mine)
    took = [each["ms_per_pair"] for each in theirs if each.get("ms_per_pair") is not None]
    other = statistics.median(took) if took else None
    say(
        benchmark=name,
        nodes=nodes,
        memories=max(made.lanes),
        ms_per_pair=own,
        peer_ms_per_pair=other,
        ratio=other / own if other is not None else None,
        rate_hz=mine[-1]["rate_hz"],
        fidelity=mine[-1]["fidelity"],
        peer=theirs[-1],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequence", metavar="PYTHON", help="CPython 3.12 with sequence==1.3.1")
    parser.add_argument("--mqns", nargs=2, metavar=("PYTHON", "CHECKOUT"), help="and a checkout of usnistgov/mqns")
    parser.add_argument("--simqn", metavar="PYTHON", help="with qns 0.2.3")
    parser.add_argument("--only", nargs="+", choices=("chain", "ensemble", "growth", "peers"), default=None)
    parser.add_argument("--nodes", nargs="+", type=int, default=[3, 10, 32, 100], help="of the chains beside peers")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a peer's run is given up")
    options = parser.parse_args()
    wanted = set(options.only or ("chain", "ensemble", "growth", "peers"))
    run(chain(3), 1, np.random.default_rng(0))
    ensemble(chain(3), 1, np.random.default_rng(0))
    if "chain" in wanted:
        ours()
    if "ensemble" in wanted:
        ensembles()
    if "growth" in wanted:
        growth()
    if "peers" not in wanted:
        return
    limit = str(options.limit)
    for nodes in options.nodes:
        pairs = max(100, 20_000 // nodes)
        if options.sequence:
            wanted_pairs = "20" if nodes <= 10 else "6" if nodes <= 32 else "2"
            command = [options.sequence, str(PEERS / "sequence_chain.py"), str(nodes), wanted_pairs, "10", limit]
            beside("sequence", nodes, chain(nodes, memories=10), pairs, command)
        if options.mqns:
            command = [options.mqns[0], str(PEERS / "mqns_chain.py"), str(nodes), "0.3", "10", limit]
            made = chain(nodes, memories=10, lifetime_s=0.02, cutoff_s=0.02)
            beside("mqns", nodes, made, pairs, command, PYTHONPATH=options.mqns[1])
        if options.simqn:
            command = [options.simqn, str(PEERS / "simqn_chain.py"), str(nodes), "200"]
            beside("simqn", nodes, lossless(nodes), pairs, command)


if __name__ == "__main__":
    main()
