"""requsim's swapping event and DEJMPS step on 4x4 density matrices: microseconds of CPU time per call.

usage: requsim_pairs.py CALLS
Werner pairs of fidelity 0.95; the objects of an event are made before the clock starts. Run by `benchmarks/pairs.py`.
"""

import json
import sys
import time
from importlib.metadata import version

import numpy as np
from requsim.events import EntanglementSwappingEvent
from requsim.libs import matrix
from requsim.libs.epp import dejmps_protocol
from requsim.quantum_objects import Pair, Station
from requsim.world import World

FIDELITY = 0.95


def werner() -> np.ndarray:
    bell = np.zeros(4)
    bell[0] = bell[3] = 0.5**0.5
    mixed = (1.0 - FIDELITY) / 3.0
    return ((4.0 * FIDELITY - 1.0) / 3.0 * np.outer(bell, bell) + mixed * np.eye(4)).astype(complex)


def swapping():
    world, state = World(), werner()
    left, middle, right = (Station(world, position=1000 * place) for place in range(3))
    one = Pair(world, qubits=[left.create_qubit(), middle.create_qubit()], initial_state=state)
    two = Pair(world, qubits=[middle.create_qubit(), right.create_qubit()], initial_state=state)
    world.event_queue.add_event(EntanglementSwappingEvent(0, [one, two], middle))
    return world


def main(calls: int) -> None:
    worlds = [swapping() for _ in range(calls)]
    begin = time.process_time()
    for world in worlds:
        world.event_queue.resolve_next_event()
    swap_us = (time.process_time() - begin) / calls * 1e6
    (pair,) = worlds[-1].world_objects["Pair"]
    four = matrix.tensor(werner(), werner())
    begin = time.process_time()
    for _ in range(calls):
        success, state = dejmps_protocol(four)
    distil_us = (time.process_time() - begin) / calls * 1e6
    bell = np.array([1, 0, 0, 1]) / np.sqrt(2.0)
    line = {
        "engine": "requsim",
        "version": version("requsim"),
        "swap_us": swap_us,
        "distil_us": distil_us,
        "swap_fidelity": float((bell @ pair.state @ bell).real),
        "distil_probability": float(np.real(success)),
        "distil_trace": float(np.trace(state).real),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main(int(sys.argv[1]))
