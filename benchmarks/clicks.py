"""Speed of the clicks resolution: decoy BB84 at 2 % clicks, sampling and sifting, one thread.

Prints one JSON line: pulses per second (median of five) by the wall clock and by the CPU time of the thread (steadier
on a busy machine), the cost of a click by stage, and the cost of a click when the click probability or the number of
pulses is ten times larger or smaller: it should stay the same.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np

from qcisim.engine import stream
from qcisim.optics import (
    AliceRecord,
    BobRecord,
    ClickTable,
    Detector,
    Fibre,
    FibreLink,
    Receiver,
    WeakCoherentSource,
    click_table,
    sample_clicks,
    split,
)

CLOCK_HZ = 1e9
DETECTOR = Detector(0.8, 100.0, dead_time_s=10e-9, jitter_fwhm_s=50e-12, gate_s=5e-10)
SOURCE = WeakCoherentSource((0.5, 0.1, 0.0), (0.7, 0.2, 0.1), CLOCK_HZ, 0.9)
RECEIVER = Receiver(DETECTOR, 0.9, insertion_loss_db=2.0, misalignment_error=0.01)


def table_with_clicks(share: float) -> ClickTable:
    """The click table of a fibre whose length makes ``share`` of the live rounds click."""
    low, high = 0.0, 400.0
    for _ in range(60):
        middle = (low + high) / 2.0
        table = click_table(SOURCE, FibreLink(Fibre(middle), RECEIVER, CLOCK_HZ).at(), RECEIVER)
        low, high = (middle, high) if table.click_probability > share else (low, middle)
    return table


def sift(alice: AliceRecord, bob: BobRecord) -> tuple[np.ndarray, ...]:
    """Both strings of the key basis and of the test basis."""
    same = alice.basis == bob.basis
    key, test = np.flatnonzero(same & (bob.basis == 0)), np.flatnonzero(same & (bob.basis == 1))
    return alice.bit[key], bob.bit[key], alice.bit[test], bob.bit[test]


def seconds(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median run time by the wall clock and by the CPU time of this thread."""
    wall, cpu = [], []
    for _ in range(repeats):
        wall_start, cpu_start = time.perf_counter(), time.thread_time()
        work()
        cpu.append(time.thread_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
    return statistics.median(wall), statistics.median(cpu)


def measure(share: float, rounds: int, repeats: int) -> dict[str, float]:
    """Cost per click by stage, in ns, and pulses per second of all stages."""
    table, rng, bob_rng = table_with_clicks(share), stream(1, "bench/light"), stream(1, "bench/bob")

    def sample() -> object:
        return sample_clicks(table, rounds, DETECTOR, CLOCK_HZ, rng)

    def whole() -> object:
        clicks, _ = sample_clicks(table, rounds, DETECTOR, CLOCK_HZ, rng)
        return sift(*split(clicks, bob_rng))

    whole()
    clicks, _ = sample_clicks(table, rounds, DETECTOR, CLOCK_HZ, rng)
    alice, bob = split(clicks, bob_rng)
    wall_s, cpu_s = seconds(whole, repeats)
    stages = {"sample": sample, "split": lambda: split(clicks, bob_rng), "sift": lambda: sift(alice, bob)}
    return {
        "clicks": len(clicks),
        "pulses_per_s": rounds / wall_s,
        "pulses_per_cpu_s": rounds / cpu_s,
        "ns_per_click": 1e9 * wall_s / len(clicks),
        "cpu_ns_per_click": 1e9 * cpu_s / len(clicks),
        **{f"cpu_ns_per_click_{name}": 1e9 * seconds(work, repeats)[1] / len(clicks) for name, work in stages.items()},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    main_run = measure(0.02, options.rounds, options.repeats)
    runs = (
        (0.2, options.rounds // 10),
        (0.002, options.rounds * 10),
        (0.02, options.rounds // 10),
        (0.02, options.rounds * 3),
    )
    growth = {
        f"{share:g} of {rounds:.0e} rounds": round(measure(share, rounds, options.repeats)["cpu_ns_per_click"], 2)
        for share, rounds in runs
    }
    rounded = {name: float(f"{value:.4g}") for name, value in main_run.items()}
    print(json.dumps({"benchmark": "clicks", "click_share": 0.02, **rounded, "cpu_ns_per_click_growth": growth}))


if __name__ == "__main__":
    main()
