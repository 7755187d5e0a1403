"""BB84 without post-processing against SeQUeNCe: 10 km, mu = 0.1, the same physics, A B A B on one core.

usage: sequence_bb84.py PYTHON_OF_THE_PEER
The peer runs in its own environment (CPython 3.12, `pip install sequence==1.3.1`). Prints one JSON line with the ratio.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from clicks import sift

from qcisim.engine import stream
from qcisim.optics import (
    Detector,
    Fibre,
    FibreLink,
    Receiver,
    WeakCoherentSource,
    click_table,
    sample_clicks,
    split,
)

CLOCK_HZ, LENGTH_KM, INTENSITY = 80e6, 10.0, 0.1
PEER_PULSES, CHUNK, CHUNKS = 5e5, 20_000_000, 10


def ours() -> dict[str, float]:
    """Sampling and sifting of CHUNKS x CHUNK pulses, CPU time."""
    detector = Detector(0.8, 10.0, dead_time_s=20e-9, gate_s=1e-9)
    source = WeakCoherentSource((INTENSITY,), (1.0,), CLOCK_HZ, 0.5)
    receiver = Receiver(detector, 0.5, insertion_loss_db=0.0, misalignment_error=0.03)
    table = click_table(source, FibreLink(Fibre(LENGTH_KM, 0.2), receiver, CLOCK_HZ).at(), receiver)
    light, doubles = stream(1, "light"), stream(1, "doubles")
    sample_clicks(table, 10_000, detector, CLOCK_HZ, light)  # compiled before the clock starts
    begin, memory, first, sifted, errors = time.process_time(), None, 0, 0, 0
    for _ in range(CHUNKS):
        clicks, memory = sample_clicks(table, CHUNK, detector, CLOCK_HZ, light, first_round=first, memory=memory)
        first += CHUNK
        alice_key, bob_key, alice_test, bob_test = sift(*split(clicks, doubles))
        sifted += len(alice_key) + len(alice_test)
        errors += int(np.count_nonzero(alice_key != bob_key) + np.count_nonzero(alice_test != bob_test))
    cpu_s = time.process_time() - begin
    return {"pulses_per_cpu_s": CHUNK * CHUNKS / cpu_s, "sifted": sifted, "qber": errors / sifted}


def peer(python: str) -> dict[str, float]:
    """The peer's own run."""
    script = Path(__file__).parent / "peers" / "sequence_bb84.py"
    command = [python, str(script), f"{PEER_PULSES:g}", f"{LENGTH_KM:g}", f"{INTENSITY:g}"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(out.strip().splitlines()[-1])
    return found


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    runs = [(peer(sys.argv[1]), ours()) for _ in range(5)]
    theirs = statistics.median(a["pulses_per_cpu_s"] for a, _ in runs)
    mine = statistics.median(b["pulses_per_cpu_s"] for _, b in runs)
    line = {"benchmark": "sequence_bb84", "peer_pulses_per_cpu_s": theirs, "pulses_per_cpu_s": mine}
    print(json.dumps({**line, "ratio": mine / theirs, "qber": runs[-1][1]["qber"]}))


if __name__ == "__main__":
    main()
