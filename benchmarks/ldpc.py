"""Rate-adaptive LDPC, both parties' work together on one core: leakage over n h(Q), failed frames, rate of sifted key.

usage: ldpc.py [--bits 500000] [--lift 256] [--qber 0.01 0.02 0.03 0.05 0.08] [--runs 5]
Prints one JSON line per error rate; CPU seconds, median of the runs after one that compiles.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import numpy as np

from qcisim.distill import LdpcCorrector, LdpcPlan, LdpcReference, efficiency
from qcisim.engine.random import stream


def once(bits: int, qber: float, lift: int, seed: int) -> dict[str, float]:
    """One block through a binary symmetric channel; the errors of a frame fluctuate."""
    rng = stream(seed, "benchmarks/ldpc")
    alice = rng.integers(0, 2, bits, dtype=np.uint8)
    bob = alice ^ (rng.random(bits) < qber).astype(np.uint8)
    plan = LdpcPlan(bits, qber, lift=lift)
    plan.positions()  # builds the code, once per process
    begin = time.process_time()
    reference, corrector = LdpcReference(alice, plan, rng), LdpcCorrector(bob, plan)
    query = corrector.step(None)
    while query is not None:
        query = corrector.step(reference.answer(query))
    cpu_s = time.process_time() - begin
    wrong = int((corrector.bits != alice).sum()) if not corrector.frames_failed else 0
    return {
        "mbit_per_s": bits / cpu_s / 1e6,
        "efficiency": efficiency(reference.disclosed_bits, bits, float((alice != bob).mean())),
        "rounds": corrector.rounds,
        "frames": plan.frames,
        "frames_failed": corrector.frames_failed,
        "bits_wrong_unseen": wrong,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bits", type=int, default=500_000)
    parser.add_argument("--lift", type=int, default=256)
    parser.add_argument("--qber", type=float, nargs="+", default=[0.01, 0.02, 0.03, 0.05, 0.08])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    once(20_000, 0.03, 64, 0)
    for qber in options.qber:
        runs = [once(options.bits, qber, options.lift, seed) for seed in range(1, options.runs + 1)]
        middle = {key: statistics.median(run[key] for run in runs) for key in ("mbit_per_s", "efficiency", "rounds")}
        total = {key: sum(run[key] for run in runs) for key in ("frames", "frames_failed", "bits_wrong_unseen")}
        print(json.dumps({"benchmark": "ldpc", "frame_bits": 256 * options.lift, "qber": qber} | middle | total))


if __name__ == "__main__":
    main()
