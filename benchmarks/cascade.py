"""Cascade over messages, both parties' work together on one core: leakage over n h(Q) and rate of sifted key.

usage: cascade.py [--bits 4194304] [--qber 0.01 0.02 0.03 0.05 0.08] [--variant frugal]
Prints one JSON line per error rate; CPU seconds, median of five runs after one that compiles.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import numpy as np

from qcisim.distill import CascadeCorrector, CascadePlan, CascadeReference, efficiency
from qcisim.engine.random import stream


def once(bits: int, qber: float, variant: str, seed: int) -> dict[str, float]:
    """One block with exactly a share ``qber`` of its bits wrong."""
    rng = stream(seed, "benchmarks/cascade")
    alice = rng.integers(0, 2, bits, dtype=np.uint8)
    bob = alice.copy()
    bob[rng.choice(bits, round(qber * bits), replace=False)] ^= 1
    begin = time.process_time()
    plan = CascadePlan(bits, qber, variant=variant)
    reference, corrector = CascadeReference(alice, plan), CascadeCorrector(bob, plan)
    query = corrector.step(None)
    while query is not None:
        query = corrector.step(reference.answer(query))
    corrected = corrector.bits
    cpu_s = time.process_time() - begin
    wrong = np.zeros(plan.frames * plan.frame_length, dtype=np.bool_)
    wrong[:bits] = corrected != alice
    return {
        "mbit_per_s": bits / cpu_s / 1e6,
        "efficiency": efficiency(reference.disclosed_bits, bits, qber),
        "rounds": corrector.rounds,
        "frames": plan.frames,
        "frames_wrong": int(wrong.reshape(plan.frames, -1).any(axis=1).sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bits", type=int, default=2**22)
    parser.add_argument("--qber", type=float, nargs="+", default=[0.01, 0.02, 0.03, 0.05, 0.08])
    parser.add_argument("--variant", default="frugal")
    options = parser.parse_args()
    once(2**15, 0.03, options.variant, 0)
    for qber in options.qber:
        runs = [once(options.bits, qber, options.variant, seed) for seed in range(1, 6)]
        middle = {key: statistics.median(run[key] for run in runs) for key in ("mbit_per_s", "efficiency", "rounds")}
        total = {key: sum(run[key] for run in runs) for key in ("frames", "frames_wrong")}
        print(json.dumps({"benchmark": "cascade", "variant": options.variant, "bits": options.bits, "qber": qber}
                         | middle | total))  # fmt: skip


if __name__ == "__main__":
    main()
