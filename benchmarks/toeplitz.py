"""Toeplitz hashing on one core: rate of input, rounding distance, memory.

usage: toeplitz.py [--bits 10000000] [--ratio 0.125 0.25 0.5]
Prints one JSON line per output ratio; CPU seconds, median of five runs after one that compiles.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time

import numpy as np

from qcisim.distill.toeplitz import toeplitz_hash_checked
from qcisim.engine.random import stream


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bits", type=int, default=10**7)
    parser.add_argument("--ratio", type=float, nargs="+", default=[0.125, 0.25, 0.5])
    options = parser.parse_args()
    rng = stream(1, "benchmarks/toeplitz")
    ones = np.ones(2000, dtype=np.uint8)
    toeplitz_hash_checked(ones[:1000], ones[:1999], 1000)
    for ratio in options.ratio:
        length = int(ratio * options.bits)
        block = rng.integers(0, 2, options.bits, dtype=np.uint8)
        seed = rng.integers(0, 2, options.bits + length - 1, dtype=np.uint8)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rates, distance = [], 0.0
        for _ in range(5):
            begin = time.process_time()
            _, distance = toeplitz_hash_checked(block, seed, length)
            rates.append(options.bits / (time.process_time() - begin) / 1e6)
        line = {
            "benchmark": "toeplitz",
            "bits": options.bits,
            "ratio": ratio,
            "mbit_per_s": statistics.median(rates),
            "rounding_distance": distance,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "peak_before_mib": before / 1024,
        }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
