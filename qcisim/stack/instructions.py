"""Quantum instructions as closures, for devices of equal qubits and for NV centres."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qcisim.errors import InputError
from qcisim.quantum.gate import SWAP
from qcisim.stack.classical import Maker, Operation, Registers, getter, place, text
from qcisim.stack.ions import ion_makers
from qcisim.stack.listing import Line
from qcisim.stack.measurements import measurement_makers
from qcisim.stack.moves import measured_at_electron, move_work, moves_off_electron
from qcisim.stack.physical import NAMED, Physical, pause_of, physical, rotation_steps
from qcisim.stack.repertoire import Repertoire
from qcisim.stack.spec import Device, GenericDevice

if TYPE_CHECKING:
    from qcisim.stack.processor import Frame

Choice = Callable[[tuple[int, ...]], Physical]
"""What a device does for an instruction on these positions."""


def one_qubit(qubit: int, done: Physical, after: int) -> Operation:
    """An operation on the qubit that a register names."""
    steps, source, spent = done.steps, done.source, done.spent
    only = steps[0][0] if len(steps) == 1 else None

    def act(r: Registers, x: Frame) -> int:
        number = x.now_at(r[qubit])
        if only is not None:
            x.register.apply(only, number)
        else:
            done.act(x.register, (number,))
        if source:
            x.spend(source, spent)
        return after

    if done.duration_ps == 0:

        def at_once(r: Registers, x: Frame) -> int:
            x.touched(r[qubit])
            return act(r, x)

        return at_once
    pause = pause_of(done.duration_ps)

    def begin(r: Registers, x: Frame) -> int:
        x.touched(r[qubit])
        return x.leave(pause, act)

    return begin


def two_qubits(first: int, second: int, choose: Choice, after: int) -> Operation:
    """An operation on two qubits; what it is may depend on where they are."""

    def begin(r: Registers, x: Frame) -> int:
        if r[first] == r[second]:
            raise InputError(f"a gate on qubit {r[first]} and itself")
        positions = x.touched(r[first]), x.touched(r[second])
        return x.perform(choose(positions), positions, after)

    return begin


class Instructions:
    """Makers of closures for the instructions of a device.

    Args:
        device: whose times and noise.
        merged: whether gates and noise become one channel each.
    """

    def __init__(self, device: Device, *, merged: bool) -> None:
        self.repertoire = Repertoire(device, merged=merged)
        self.makers: dict[str, Maker] = {"qalloc": self._qalloc, "qfree": self._qfree, "init": self._init}
        self.makers |= measurement_makers(self.repertoire)
        for axis in "xyz":
            self.makers[f"rot_{axis}"] = self._rotation
        if isinstance(device, GenericDevice):
            for name, gates in NAMED.items():
                self.makers[name] = self._gate if len(gates[0].matrix) == 2 else self._joint
            self.makers |= ion_makers(self.repertoire)
        else:
            self.makers |= {"crot_x": self._controlled, "crot_y": self._controlled}
            self.makers |= {"mov": self._move, "swp": self._swap}

    def _qalloc(self, line: Line, after: int) -> Operation:
        qubit = place(line[1], line)

        def allocate(r: Registers, x: Frame) -> int:
            x.allocate(r[qubit])
            return after

        def at_last(r: Registers, x: Frame) -> int:
            x.memory.reserved[0] = False
            return allocate(r, x)

        def run(r: Registers, x: Frame) -> int:
            if measured_at_electron(x, r[qubit]):
                return x.work_through(moves_off_electron(x, "qubit 0 is the electron, which is taken"), after, at_last)
            return allocate(r, x)

        return allocate if isinstance(self.repertoire.device, GenericDevice) else run

    def _qfree(self, line: Line, after: int) -> Operation:
        qubit = place(line[1], line)

        def run(r: Registers, x: Frame) -> int:
            x.free(r[qubit])
            return after

        return run

    def _init(self, line: Line, after: int) -> Operation:
        qubit = place(line[1], line)
        kinds = tuple(
            self.repertoire.initialisation(position) for position in range(min(2, self.repertoire.device.num_qubits))
        )

        def run(r: Registers, x: Frame) -> int:
            position = x.position(r[qubit])
            done = kinds[min(position, len(kinds) - 1)]
            return x.initialise(done, position, after)

        return run

    def _gate(self, line: Line, after: int) -> Operation:
        steps = tuple((gate, (0,)) for gate in NAMED[line[0]])
        return one_qubit(place(line[1], line), self.repertoire.turn(steps, "x", 0), after)

    def _joint(self, line: Line, after: int) -> Operation:
        done = self.repertoire.joint(NAMED[line[0]])
        return two_qubits(place(line[1], line), place(line[2], line), lambda positions: done, after)

    def _rotation(self, line: Line, after: int) -> Operation:
        name, register, n, d = line
        qubit, axis = place(register, line), name[-1]
        if isinstance(n, str) or isinstance(d, str):
            return self._rotation_by_register(qubit, axis, line, after)
        steps = rotation_steps(axis, n, d)
        if isinstance(self.repertoire.device, GenericDevice):
            return one_qubit(qubit, self.repertoire.turn(steps, axis, 0), after)
        electron, carbon = self.repertoire.turn(steps, axis, 0), self.repertoire.turn(steps, axis, 1)

        def run(r: Registers, x: Frame) -> int:
            position = x.touched(r[qubit])
            return x.perform(carbon if position else electron, (position,), after)

        return run

    def _rotation_by_register(self, qubit: int, axis: str, line: Line, after: int) -> Operation:
        get_n, get_d = getter(line[2]), getter(line[3])

        def run(r: Registers, x: Frame) -> int:
            position = x.touched(r[qubit])
            done = self.repertoire.turn(rotation_steps(axis, get_n(r), get_d(r)), axis, position)
            return x.perform(done, (position,), after)

        return run

    def _controlled(self, line: Line, after: int) -> Operation:
        name, first, second, n, d = line
        done = self.repertoire.controlled(name[-1], n, d)

        def choose(positions: tuple[int, ...]) -> Physical:
            if positions[0] != 0 or positions[1] == 0:
                raise InputError(f"'{text(line)}' on positions {positions}: only the electron (0) controls a carbon")
            return done

        return two_qubits(place(first, line), place(second, line), choose, after)

    def _move(self, line: Line, after: int) -> Operation:
        source, target = place(line[1], line), place(line[2], line)

        def run(r: Registers, x: Frame) -> int:
            positions = x.touched(r[source]), x.touched(r[target])
            if (positions[0] == 0) == (positions[1] == 0):
                raise InputError(
                    f"'{text(line)}' between positions {positions}: one of them has to be the electron (0)"
                )
            carbon = max(positions)
            return x.work_through(move_work(x, carbon, to_electron=positions[1] == 0), after)

        return run

    def _swap(self, line: Line, after: int) -> Operation:
        device = self.repertoire.nv
        p = device.ec_gate_depolar_prob
        noises = ((0, p), (1, p)) * 3
        done = physical(
            3.0 * device.ec_controlled_dir_x_ns,
            ((SWAP, (0, 1)),),
            noises,
            "electron-carbon gates",
            merged=self.repertoire.merged,
        )

        def choose(positions: tuple[int, ...]) -> Physical:
            if 0 not in positions:
                raise InputError(f"'{text(line)}' on positions {positions}: carbons have no gate between them")
            return done

        return two_qubits(place(line[1], line), place(line[2], line), choose, after)
