"""The event loop, hold model: q processes that wait for random times, one core. Prints one JSON line for each q.

events_per_cpu_s: steps of generator processes per CPU second, median of five. A bare heap of tuples without processes,
run in between, is the ceiling of any loop in this interpreter.
"""

from __future__ import annotations

import heapq
import json
import random
import statistics
import time

from qcisim.engine import Engine, Steps, Wait

EVENTS = 500_000


def loop(processes: int, seed: int = 12345) -> float:
    """Events per CPU second of `qcisim.engine`."""
    draws = random.Random(seed)
    waits = [Wait(draws.randrange(1, 2 * processes * 1000 + 1) * 1e-12) for _ in range(65536)]
    engine, count = Engine(), [0]

    def steps() -> Steps:
        while True:
            count[0] += 1
            yield waits[count[0] & 65535]

    for i in range(processes):
        engine.process(steps(), f"process {i}", background=True)
    cpu = time.process_time()
    engine.run(until_s=EVENTS * 1e-9)
    return count[0] / (time.process_time() - cpu)


def bare(processes: int, seed: int = 12345) -> float:
    """Events per CPU second of heapq with tuples, nothing done in between."""
    draws = random.Random(seed)
    gaps = [draws.randrange(1, 2 * processes * 1000 + 1) for _ in range(65536)]
    heap = [(gaps[i & 65535], i) for i in range(processes)]
    heapq.heapify(heap)
    order, cpu = processes, time.process_time()
    for _ in range(EVENTS):
        now, _ = heapq.heappop(heap)
        order += 1
        heapq.heappush(heap, (now + gaps[order & 65535], order))
    return EVENTS / (time.process_time() - cpu)


def main() -> None:
    for processes in (1, 1000, 100_000):
        rates = [(loop(processes), bare(processes)) for _ in range(5)]
        ours, ceiling = (statistics.median(column) for column in zip(*rates, strict=True))
        line = {"processes": processes, "events_per_cpu_s": ours, "bare_heap_per_cpu_s": ceiling}
        print(json.dumps({"benchmark": "events", **line}))


if __name__ == "__main__":
    main()
