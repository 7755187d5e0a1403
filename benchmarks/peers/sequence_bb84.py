"""SeQUeNCe's BB84 without post-processing: pulses per CPU second. Run by `benchmarks/sequence_bb84.py` in its own venv.

usage: sequence_bb84.py PULSES KM MU
10 km, 0.2 dB/km, polarisation fidelity 0.97, detectors 80 %, 10 dark counts/s, 80 MHz. Only the run phase is timed.
"""

import json
import math
import sys
import time

import numpy as np
import sequence
from sequence.components.optical_channel import ClassicalChannel, QuantumChannel
from sequence.kernel.event import Event
from sequence.kernel.process import Process
from sequence.kernel.timeline import Timeline
from sequence.qkd.BB84 import pair_bb84_protocols
from sequence.topology.node import QKDNode
from sequence.utils.encoding import polarization

CLOCK_HZ = 80e6


class Sink:
    """Counts the keys that the protocol hands up."""

    def __init__(self) -> None:
        self.keys = 0

    def pop(self, key=None, info=None, **rest) -> None:
        self.keys += 1


def main(pulses: int, length_km: float, intensity: float) -> None:
    np.random.seed(1)  # noqa: NPY002  the peer draws from numpy's global state
    timeline = Timeline(int(pulses / CLOCK_HZ * 1e12) + int(1e9))
    optics = {"distance": length_km * 1e3, "polarization_fidelity": 0.97, "attenuation": 0.0002}
    alice, bob = (QKDNode(name, timeline, encoding=polarization, stack_size=1) for name in ("alice", "bob"))
    alice.set_seed(0)
    bob.set_seed(1)
    alice.update_lightsource_params("frequency", CLOCK_HZ)
    alice.update_lightsource_params("mean_photon_num", intensity)
    for component in bob.components.values():
        for detector in getattr(component, "detectors", []):
            detector.efficiency, detector.dark_count = 0.8, 10
            detector.time_resolution, detector.count_rate = 10, 50e6
    for name, sender, receiver in (("q0", alice, bob), ("q1", bob, alice)):
        QuantumChannel(name, timeline, **optics).set_ends(sender, receiver.name)
    for name, sender, receiver in (("c0", alice, bob), ("c1", bob, alice)):
        ClassicalChannel(name, timeline, distance=length_km * 1e3).set_ends(sender, receiver.name)
    pair_bb84_protocols(alice.protocol_stack[0], bob.protocol_stack[0])
    sink = Sink()
    for node in (alice, bob):
        node.protocol_stack[0].upper_protocols.append(sink)
    source = next(c for c in alice.components.values() if hasattr(c, "mean_photon_num"))
    emitted, emit = [0], source.emit

    def counted(states):
        emitted[0] += len(states)
        return emit(states)

    source.emit = counted
    top = alice.protocol_stack[0]
    timeline.schedule(Event(0, Process(top, "push", [256, math.inf, int(pulses / CLOCK_HZ * 1e12)])))
    timeline.init()
    begin = time.process_time()
    timeline.run()
    cpu_s = time.process_time() - begin
    version = getattr(sequence, "__version__", "")
    out = {"pulses": emitted[0], "cpu_s": cpu_s, "pulses_per_cpu_s": emitted[0] / cpu_s, "keys": sink.keys // 2}
    print(json.dumps({"engine": "sequence", "version": version, **out}))


if __name__ == "__main__":
    main(int(float(sys.argv[1])), float(sys.argv[2]), float(sys.argv[3]))
