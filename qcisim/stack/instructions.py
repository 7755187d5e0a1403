"""Quantum instructions as closures, for devices of equal qubits and for NV centres."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from qcisim.engine import Wait
from qcisim.errors import InputError
from qcisim.quantum import Gate
from qcisim.quantum.gate import SWAP
from qcisim.stack.classical import Maker, Operation, Registers, place, text
from qcisim.stack.listing import Line
from qcisim.stack.physical import (
    NAMED,
    Physical,
    Step,
    all_to_all,
    controlled_steps,
    physical,
    picoseconds_of,
    rotation_steps,
)
from qcisim.stack.spec import Device, GenericDevice, NVDevice

if TYPE_CHECKING:
    from qcisim.stack.processor import Frame

Choice = Callable[[tuple[int, ...]], Physical]
"""What a device does for an instruction on these positions."""
_BASIS_AXES = {"meas_basis": "xyx", "meas_basis_yzy": "yzy", "meas_basis_zxz": "zxz"}


def pause_of(duration_ps: int) -> Wait:
    """A wait that may be yielded many times."""
    wait = Wait(0.0)
    wait.ps = duration_ps
    return wait


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
        ion: whether the instructions of trapped ions are known.
    """

    def __init__(self, device: Device, *, merged: bool) -> None:
        self.device, self.merged = device, merged
        self.makers: dict[str, Maker] = {"qalloc": self._qalloc, "qfree": self._qfree, "init": self._init}
        self.makers["meas"] = self._meas
        for name in _BASIS_AXES:
            self.makers[name] = self._meas_basis
        for axis in "xyz":
            self.makers[f"rot_{axis}"] = self._rotation
        if isinstance(device, GenericDevice):
            for name, gates in NAMED.items():
                self.makers[name] = self._gate if len(gates[0].matrix) == 2 else self._joint
            self.makers |= {"init_all": self._init_all, "meas_all": self._meas_all, "bichromatic": self._bichromatic}
            for axis in "xyz":
                self.makers[f"rot_{axis}_all"] = self._rotation_all
        else:
            self.makers |= {"crot_x": self._controlled, "crot_y": self._controlled}
            self.makers |= {"mov": self._move, "swp": self._swap}

    # what the device does

    def turn(self, steps: tuple[Step, ...], axis: str, position: int) -> Physical:
        """A gate or rotation on the qubit at ``position``."""
        device = self.device
        if isinstance(device, GenericDevice):
            noises = ((0, device.single_qubit_gate_depolar_prob),)
            duration, source = device.single_qubit_gate_ns, "one-qubit gates"
        elif position == 0:
            noises = ((0, device.electron_single_qubit_depolar_prob),)
            duration, source = float(getattr(device, f"electron_rot_{axis}_ns")), "rotations of electrons"
        else:
            noises = ((0, device.carbon_z_rot_depolar_prob),)
            duration, source = float(getattr(device, f"carbon_rot_{axis}_ns")), "rotations of carbons"
        return physical(duration, steps, noises, source, merged=self.merged)

    def joint(self, gates: tuple[Gate, ...]) -> Physical:
        """A two-qubit gate of a device of equal qubits."""
        device = self.device
        assert isinstance(device, GenericDevice)
        p = device.two_qubit_gate_depolar_prob
        steps = tuple((gate, (0, 1)) for gate in gates)
        noises = ((0, p), (1, p))
        return physical(device.two_qubit_gate_ns, steps, noises, "two-qubit gates", merged=self.merged)

    def controlled(self, axis: str, n: int, d: int) -> Physical:
        """A rotation of a carbon whose direction the electron controls."""
        device = self._nv
        duration = device.ec_controlled_dir_x_ns if axis == "x" else device.ec_controlled_dir_y_ns
        p = device.ec_gate_depolar_prob
        noises = ((0, p), (1, p))
        return physical(duration, controlled_steps(axis, n, d), noises, "electron-carbon gates", merged=self.merged)

    def initialisation(self, position: int) -> Physical:
        """What follows on a new |0>."""
        device = self.device
        if isinstance(device, GenericDevice):
            return physical(device.init_ns, (), (), "", merged=self.merged)
        electron = position == 0
        p = device.electron_init_depolar_prob if electron else device.carbon_init_depolar_prob
        duration = device.electron_init_ns if electron else device.carbon_init_ns
        return physical(duration, (), ((0, p),), "initialisations", merged=self.merged)

    @property
    def _nv(self) -> NVDevice:
        assert isinstance(self.device, NVDevice)
        return self.device

    # closures

    def _qalloc(self, line: Line, after: int) -> Operation:
        qubit = place(line[1], line)

        def allocate(r: Registers, x: Frame) -> int:
            x.allocate(r[qubit])
            return after

        def at_last(r: Registers, x: Frame) -> int:
            x.memory.reserved[0] = False
            return allocate(r, x)

        def run(r: Registers, x: Frame) -> int:
            if x.measured_at_electron(r[qubit]):
                return x.work_through(x.moves_off_electron("qubit 0 is the electron, which is taken"), after, at_last)
            return allocate(r, x)

        return allocate if isinstance(self.device, GenericDevice) else run

    def _qfree(self, line: Line, after: int) -> Operation:
        qubit = place(line[1], line)

        def run(r: Registers, x: Frame) -> int:
            x.free(r[qubit])
            return after

        return run

    def _init(self, line: Line, after: int) -> Operation:
        qubit = place(line[1], line)
        kinds = tuple(self.initialisation(position) for position in range(min(2, self.device.num_qubits)))

        def run(r: Registers, x: Frame) -> int:
            position = x.position(r[qubit])
            done = kinds[min(position, len(kinds) - 1)]
            return x.initialise(done, position, after)

        return run

    def _gate(self, line: Line, after: int) -> Operation:
        steps = tuple((gate, (0,)) for gate in NAMED[line[0]])
        return one_qubit(place(line[1], line), self.turn(steps, "x", 0), after)

    def _joint(self, line: Line, after: int) -> Operation:
        done = self.joint(NAMED[line[0]])
        return two_qubits(place(line[1], line), place(line[2], line), lambda positions: done, after)

    def _rotation(self, line: Line, after: int) -> Operation:
        name, register, n, d = line
        qubit, axis = place(register, line), name[-1]
        if isinstance(n, str) or isinstance(d, str):
            return self._rotation_by_register(qubit, axis, line, after)
        steps = rotation_steps(axis, n, d)
        if isinstance(self.device, GenericDevice):
            return one_qubit(qubit, self.turn(steps, axis, 0), after)
        electron, carbon = self.turn(steps, axis, 0), self.turn(steps, axis, 1)

        def run(r: Registers, x: Frame) -> int:
            position = x.touched(r[qubit])
            return x.perform(carbon if position else electron, (position,), after)

        return run

    def _rotation_by_register(self, qubit: int, axis: str, line: Line, after: int) -> Operation:
        from qcisim.stack.classical import getter

        get_n, get_d = getter(line[2]), getter(line[3])

        def run(r: Registers, x: Frame) -> int:
            position = x.touched(r[qubit])
            done = self.turn(rotation_steps(axis, get_n(r), get_d(r)), axis, position)
            return x.perform(done, (position,), after)

        return run

    def _controlled(self, line: Line, after: int) -> Operation:
        name, first, second, n, d = line
        done = self.controlled(name[-1], n, d)

        def choose(positions: tuple[int, ...]) -> Physical:
            if positions[0] != 0 or positions[1] == 0:
                raise InputError(f"'{text(line)}' on positions {positions}: only the electron (0) controls a carbon")
            return done

        return two_qubits(place(first, line), place(second, line), choose, after)

    def _meas(self, line: Line, after: int) -> Operation:
        return self._measured(line, (), after)

    def _meas_basis(self, line: Line, after: int) -> Operation:
        name, _, _, *angles, d = line
        turns = tuple((axis, n) for axis, n in zip(_BASIS_AXES[name], angles, strict=True) if n)
        return self._measured(line, tuple((axis, rotation_steps(axis, n, d)) for axis, n in turns), after)

    def _measured(self, line: Line, turns: tuple[tuple[str, tuple[Step, ...]], ...], after: int) -> Operation:
        qubit, out = place(line[1], line), place(line[2], line)
        device = self.device
        if isinstance(device, GenericDevice):
            return self._measured_there(qubit, out, turns, after)

        def run(r: Registers, x: Frame) -> int:
            work = [] if x.position(r[qubit]) == 0 else x.moves_to_electron(r[qubit])
            for axis, steps in turns:
                work.append(partial(_turned, self.turn(steps, axis, 0)))
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

    def _measured_there(
        self, qubit: int, out: int, turns: tuple[tuple[str, tuple[Step, ...]], ...], after: int
    ) -> Operation:
        assert isinstance(self.device, GenericDevice)
        pause = pause_of(picoseconds_of(self.device.measure_ns))
        rotations = [self.turn(steps, axis, 0) for axis, steps in turns]

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

    def _move(self, line: Line, after: int) -> Operation:
        source, target = place(line[1], line), place(line[2], line)

        def run(r: Registers, x: Frame) -> int:
            positions = x.touched(r[source]), x.touched(r[target])
            if (positions[0] == 0) == (positions[1] == 0):
                raise InputError(
                    f"'{text(line)}' between positions {positions}: one of them has to be the electron (0)"
                )
            carbon = max(positions)
            return x.work_through(x.move_work(carbon, to_electron=positions[1] == 0), after)

        return run

    def _swap(self, line: Line, after: int) -> Operation:
        device = self._nv
        p = device.ec_gate_depolar_prob
        noises = ((0, p), (1, p)) * 3
        done = physical(
            3.0 * device.ec_controlled_dir_x_ns,
            ((SWAP, (0, 1)),),
            noises,
            "electron-carbon gates",
            merged=self.merged,
        )

        def choose(positions: tuple[int, ...]) -> Physical:
            if 0 not in positions:
                raise InputError(f"'{text(line)}' on positions {positions}: carbons have no gate between them")
            return done

        return two_qubits(place(line[1], line), place(line[2], line), choose, after)

    # all qubits at once, as trapped ions do it

    def _init_all(self, line: Line, after: int) -> Operation:
        done = self.initialisation(0)

        def run(r: Registers, x: Frame) -> int:
            return x.initialise_all(done, after)

        return run

    def _rotation_all(self, line: Line, after: int) -> Operation:
        name, n, d = line
        axis = name[4]
        done = self.turn(rotation_steps(axis, n, d), axis, 0)

        def run(r: Registers, x: Frame) -> int:
            return x.perform_on_all(done, after)

        return run

    def _bichromatic(self, line: Line, after: int) -> Operation:
        _, n, d = line
        device = self.device
        assert isinstance(device, GenericDevice)
        pause = pause_of(picoseconds_of(device.two_qubit_gate_ns))
        noise = physical(0.0, (), ((0, device.two_qubit_gate_depolar_prob),), "two-qubit gates", merged=self.merged)

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

    def _meas_all(self, line: Line, after: int) -> Operation:
        slot = line[2].slot
        pause = pause_of(picoseconds_of(self.device.measure_ns))

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


Work = Callable[["Frame"], "tuple[Wait, Callable[[], None]]"]
"""Begins a part of an instruction: how long it takes, and what happens at its end."""


def _turned(done: Physical, x: Frame) -> tuple[Wait, Callable[[], None]]:
    """A rotation of the electron."""
    x.memory.touch(0, x.engine.now_ps, x.register)
    return pause_of(done.duration_ps), partial(x.finish, done, (0,))


def _turned_at(done: Physical, virtual: int, x: Frame) -> tuple[Wait, Callable[[], None]]:
    position = x.touched(virtual)
    return pause_of(done.duration_ps), partial(x.finish, done, (position,))


def _reported(virtual: int, out: int, device: NVDevice, x: Frame) -> tuple[Wait, Callable[[], None]]:
    x.touched(virtual)

    def finish() -> None:
        x.registers[out] = x.report(virtual, device.prob_error_0, device.prob_error_1)

    return pause_of(picoseconds_of(device.measure_ns)), finish
