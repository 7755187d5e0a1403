"""CPU time of `qcisim --help`: user plus system, median of five. Prints one JSON line."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys


def cpu_s() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "qcisim", "--help"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    print(json.dumps({"benchmark": "help", "cpu_s": statistics.median(cpu_s() for _ in range(5))}))
