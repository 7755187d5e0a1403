"""Measurements as closures, in Z or after rotations; on NV centres at the electron."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from qcisim.engine import Wait
from qcisim.stack.classical import Maker, Operation, Registers, place
from qcisim.stack.listing import Line
from qcisim.stack.moves import moves_to_electron, part_of
from qcisim.stack.physical import Physical, Step, pause_of, picoseconds_of, rotation_steps
from qcisim.stack.repertoire import Repertoire
from qcisim.stack.spec import GenericDevice, NVDevice

if TYPE_CHECKING:
    from qcisim.stack.processor import Frame

_BASIS_AXES = {"meas_basis": "xyx", "meas_basis_yzy": "yzy", "meas_basis_zxz": "zxz"}
Turns = tuple[tuple[str, tuple[Step, ...]], ...]
"""Rotations before the measurement in Z, each by its axis."""


def measurement_makers(repertoire: Repertoire) -> dict[str, Maker]:
    """Makers of closures by mnemonic."""
    measurements = _Measurements(repertoire)
    makers: dict[str, Maker] = {"meas": measurements._meas}
    return makers | dict.fromkeys(_BASIS_AXES, measurements._meas_basis)


class _Measurements:
    """Measurements of a device."""

    def __init__(self, repertoire: Repertoire) -> None:
        self._repertoire = repertoire

    def _meas(self, line: Line, after: int) -> Operation:
        return self._measured(line, (), after)

    def _meas_basis(self, line: Line, after: int) -> Operation:
        name, _, _, *angles, d = line
        turns = tuple((axis, n) for axis, n in zip(_BASIS_AXES[name], angles, strict=True) if n)
        return self._measured(line, tuple((axis, rotation_steps(axis, n, d)) for axis, n in turns), after)

    def _measured(self, line: Line, turns: Turns, after: int) -> Operation:
        qubit, out = place(line[1], line), place(line[2], line)
        device = self._repertoire.device
        if isinstance(device, GenericDevice):
            return self._measured_there(qubit, out, turns, after)

        def run(r: Registers, x: Frame) -> int:
            work = [] if x.position(r[qubit]) == 0 else moves_to_electron(x, r[qubit], phase=bool(turns))
            for axis, steps in turns:
                work.append(partial(part_of, self._repertoire.turn(steps, axis, 0), (0,)))
            return x.work_through([*work, partial(_reported, r[qubit], out, device)], after)

        if turns:
            return run
        pause = pause_of(picoseconds_of(device.measure_ns))
        e0, e1 = device.prob_error_0, device.prob_error_1

        def finish(r: Registers, x: Frame) -> int:
            r[out] = x.report(r[qubit], e0, e1)
            return after

        def begin(r: Registers, x: Frame) -> int:
            if x.position(r[qubit]) != 0:
                return run(r, x)
            x.touched(r[qubit])
            return x.leave(pause, finish)

        return begin

    def _measured_there(self, qubit: int, out: int, turns: Turns, after: int) -> Operation:
        assert isinstance(self._repertoire.device, GenericDevice)
        pause = pause_of(picoseconds_of(self._repertoire.device.measure_ns))
        rotations = [self._repertoire.turn(steps, axis, 0) for axis, steps in turns]

        def finish(r: Registers, x: Frame) -> int:
            r[out] = x.measure(r[qubit])
            return after

        def measure(r: Registers, x: Frame) -> int:
            x.touched(r[qubit])
            return x.leave(pause, finish) if pause.ps else finish(r, x)

        if not rotations:
            return measure

        def run(r: Registers, x: Frame) -> int:
            return x.work_through([partial(_turned_at, done, r[qubit]) for done in rotations], after, measure)

        return run


def _turned_at(done: Physical, virtual: int, x: Frame) -> tuple[Wait, Callable[[], None]]:
    position = x.touched(virtual)
    return pause_of(done.duration_ps), partial(x.finish, done, (position,))


def _reported(virtual: int, out: int, device: NVDevice, x: Frame) -> tuple[Wait, Callable[[], None]]:
    x.touched(virtual)

    def finish() -> None:
        x.registers[out] = x.report(virtual, device.prob_error_0, device.prob_error_1)

    return pause_of(picoseconds_of(device.measure_ns)), finish
