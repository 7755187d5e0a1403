"""Swapping and distilling pairs: microseconds per pair, one at a time and in batches, and registers.

usage: pairs.py [PYTHON_OF_THE_PEER]
Density matrices and Bell weights with noisy operations, DEJMPS and BBPSSW; one line takes complex matrices in and
out, where the others keep Pauli coefficients. CPU seconds, best of five blocks after one call that compiles. With the
interpreter of an environment that has requsim (`pip install requsim==0.4`) its swapping event and its DEJMPS step, both
without noise, run between ours, A B A B on the same core.
"""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from qcisim.quantum import (
    BBPSSW,
    DEJMPS,
    BellDiagonal,
    KetRegister,
    Memory,
    OperationNoise,
    PairDensity,
    Qubits,
    Register,
    RegisterPair,
)
from qcisim.quantum.gate import CNOT, H
from qcisim.quantum.stabiliser import StabiliserRegister

FIDELITY, BATCH, CALLS, PEER_CALLS = 0.95, 100_000, 20_000, 1000
NOISE = OperationNoise(0.02, 0.05, 0.005)


def per_call_us(work: Callable[[], object], calls: int, pairs: int = 1) -> float:
    """Best of five blocks of CPU time, after one call that compiles."""
    work()
    best = float("inf")
    for _ in range(5):
        begin = time.process_time()
        for _ in range(calls):
            work()
        best = min(best, (time.process_time() - begin) / calls)
    return best / pairs * 1e6


def singles() -> dict[str, float]:
    """One pair at a time."""
    a, b = PairDensity.werner(FIDELITY), PairDensity.werner(FIDELITY)
    c, d = BellDiagonal.werner(FIDELITY), BellDiagonal.werner(FIDELITY)
    rho = a.to_density()
    return {
        "density_swap": per_call_us(lambda: a.swap(b, NOISE), CALLS),
        "density_dejmps": per_call_us(lambda: a.distil(b, DEJMPS, NOISE), CALLS),
        "density_bbpssw": per_call_us(lambda: a.distil(b, BBPSSW, NOISE), CALLS),
        "density_swap_from_and_to_matrices": per_call_us(
            lambda: PairDensity.of(rho, checked=False).swap(PairDensity.of(rho, checked=False), NOISE).to_density(),
            CALLS // 4,
        ),
        "check_of_a_matrix": per_call_us(lambda: PairDensity.of(rho), CALLS // 10),
        "weights_swap": per_call_us(lambda: c.swap(d, NOISE), CALLS),
        "weights_dejmps": per_call_us(lambda: c.distil(d, DEJMPS, NOISE), CALLS),
    }


def batches() -> dict[str, float]:
    """BATCH pairs a call."""
    weights = BellDiagonal.werner(np.random.default_rng(1).uniform(0.5, 1.0, BATCH))
    density = PairDensity.of_weights(weights)
    memory, times_s = Memory(10.0, 1.0), np.random.default_rng(2).random(BATCH)
    twirled = memory.twirled()
    work: dict[str, Callable[[], object]] = {
        "density_swap": lambda: density.swap(density, NOISE),
        "density_dejmps": lambda: density.distil(density, DEJMPS, NOISE),
        "density_bbpssw": lambda: density.distil(density, BBPSSW, NOISE),
        "density_store": lambda: density.store(memory, times_s, 0),
        "weights_swap": lambda: weights.swap(weights, NOISE),
        "weights_dejmps": lambda: weights.distil(weights, DEJMPS, NOISE),
        "weights_store": lambda: weights.store(twirled, times_s, 0),
    }
    return {name: per_call_us(one, 3, BATCH) for name, one in work.items()}


def registers() -> dict[str, float]:
    """Swaps as circuits, and a gate in the largest group."""
    found = {}
    for name, kind in (("density", Register), ("ket", KetRegister), ("stabiliser", StabiliserRegister)):
        register: Qubits = kind(np.random.default_rng(1))

        def swap(register: Qubits = register) -> None:
            pair = RegisterPair.perfect(register).swap(RegisterPair.perfect(register), NOISE)
            register.discard(pair.a, pair.b)

        found[f"{name}_swap"] = per_call_us(swap, 100)
    for name, full, size in (
        ("density", Register(np.random.default_rng(1)), 8),
        ("ket", KetRegister(np.random.default_rng(1)), 20),
    ):
        qubits = full.add(size)
        full.apply(H, qubits[0])
        for one, two in itertools.pairwise(qubits):
            full.apply(CNOT, one, two)

        def gate(full: Qubits = full, qubits: list[int] = qubits) -> None:
            full.apply(CNOT, qubits[0], qubits[-1])

        found[f"{name}_cnot_{size}_qubits"] = per_call_us(gate, 10)
    return found


def peer(python: str) -> dict[str, float]:
    """The peer's own run."""
    script = Path(__file__).parent / "peers" / "requsim_pairs.py"
    out = subprocess.run([python, str(script), str(PEER_CALLS)], check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(out.strip().splitlines()[-1])
    return found


def main() -> None:
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    parts = (("singles", singles), ("batches", batches), ("registers", registers))
    for name, part in parts:
        print(json.dumps({"benchmark": "pairs", "part": name, "unit": "us per pair", **part()}), flush=True)
    if len(sys.argv) == 2:
        runs = [(peer(sys.argv[1]), singles()) for _ in range(5)]
        line: dict[str, object] = {"benchmark": "pairs", "part": "peer", "peer": f"requsim {runs[0][0]['version']}"}
        for theirs, mine in (("swap_us", "density_swap"), ("distil_us", "density_dejmps")):
            their_us = statistics.median(a[theirs] for a, _ in runs)
            our_us = statistics.median(b[mine] for _, b in runs)
            line |= {f"peer_{theirs}": their_us, theirs: our_us, f"ratio_{theirs[:-3]}": their_us / our_us}
        print(json.dumps(line))


if __name__ == "__main__":
    main()
