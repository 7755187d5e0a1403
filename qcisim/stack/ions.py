"""Instructions on all qubits of an application at once, as trapped ions carry them out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qcisim.quantum import Gate
from qcisim.stack.classical import Maker, Operation, Registers
from qcisim.stack.listing import Line
from qcisim.stack.physical import Physical, all_to_all, pause_of, physical, picoseconds_of, rotation_steps
from qcisim.stack.repertoire import Repertoire
from qcisim.stack.spec import GenericDevice

if TYPE_CHECKING:
    from qcisim.stack.processor import Frame


def ion_makers(repertoire: Repertoire) -> dict[str, Maker]:
    """Makers of closures by mnemonic."""
    makers = {"init_all": _init_all, "meas_all": _meas_all, "bichromatic": _bichromatic}
    makers |= {f"rot_{axis}_all": _rotation_all for axis in "xyz"}
    return {name: partial(maker, repertoire) for name, maker in makers.items()}


def _init_all(repertoire: Repertoire, line: Line, after: int) -> Operation:
    done = repertoire.initialisation(0)

    def run(r: Registers, x: Frame) -> int:
        return _initialise(x, done, after)

    return run


def _rotation_all(repertoire: Repertoire, line: Line, after: int) -> Operation:
    name, n, d = line
    axis = name[4]
    done = repertoire.turn(rotation_steps(axis, n, d), axis, 0)

    def run(r: Registers, x: Frame) -> int:
        return _perform(x, done, after)

    return run


def _bichromatic(repertoire: Repertoire, line: Line, after: int) -> Operation:
    _, n, d = line
    device = repertoire.device
    assert isinstance(device, GenericDevice)
    pause = pause_of(picoseconds_of(device.two_qubit_gate_ns))
    noise = physical(0.0, (), ((0, device.two_qubit_gate_depolar_prob),), "two-qubit gates", merged=repertoire.merged)

    def finish(r: Registers, x: Frame) -> int:
        numbers = [x.now_at(virtual) for virtual in sorted(x.virtual)]
        for first in range(len(numbers)):
            for second in range(first + 1, len(numbers)):
                gate = Gate(f"bichromatic {n} {d}", all_to_all(n, d, 2))
                x.register.apply(gate, numbers[first], numbers[second])
        for number in numbers:
            noise.act(x.register, (number,))
            x.spend(noise.source, noise.spent)
        return after

    def run(r: Registers, x: Frame) -> int:
        for virtual in x.virtual:
            x.touched(virtual)
        return x.leave(pause, finish)

    return run


def _meas_all(repertoire: Repertoire, line: Line, after: int) -> Operation:
    slot = line[2].slot
    pause = pause_of(picoseconds_of(repertoire.device.measure_ns))

    def finish(r: Registers, x: Frame) -> int:
        results = x.arrays[slot]
        for index, virtual in enumerate(sorted(x.virtual)):
            results[index] = x.measure(virtual)
        return after

    def run(r: Registers, x: Frame) -> int:
        for virtual in x.virtual:
            x.touched(virtual)
        return x.leave(pause, finish)

    return run


def _perform(x: Frame, done: Physical, after: int) -> int:
    """The same operation on each qubit of the application at once."""
    positions = [x.touched(virtual) for virtual in x.virtual]

    def finish(r: Registers, x: Frame) -> int:
        for position in positions:
            x.finish(done, (position,))
        return after

    return x.leave(pause_of(done.duration_ps), finish)


def _initialise(x: Frame, done: Physical, after: int) -> int:
    """New |0> for each qubit of the application at once."""
    positions = list(x.virtual.values())

    def finish(r: Registers, x: Frame) -> int:
        for position in positions:
            x.start(done, position)
        return after

    return x.leave(pause_of(done.duration_ps), finish)
