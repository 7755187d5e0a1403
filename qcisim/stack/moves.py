"""Instructions of several parts, and the moves of NV centres between electron and carbons, which are such."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from qcisim.engine import Wait
from qcisim.stack.physical import Physical, pause_of, rotation_steps

if TYPE_CHECKING:
    from qcisim.stack.processor import Frame

Work = Callable[["Frame"], "tuple[Wait, Callable[[], None]]"]
"""Begins a part of an instruction: how long it takes, and what happens at its end."""


def moves_to_electron(x: Frame, virtual: int, *, phase: bool) -> list[Work]:
    """Make room at the electron where it is taken, then bring a carbon's qubit there; ``phase``: see `move_work`."""
    memory, carbon = x.memory, x.position(virtual)
    work: list[Work] = []
    if memory.reserved[0]:
        work = moves_off_electron(x, f"measuring qubit {virtual} (a carbon) needs the electron, which is taken")
    work += [partial(_started, 0), *move_work(x, carbon, to_electron=True, phase=phase)]
    work.append(partial(_remapped, carbon, 0))
    return work


def moves_off_electron(x: Frame, why: str) -> list[Work]:
    """Bring the electron's qubit to a free carbon; the electron stays reserved."""
    spare = x.memory.free_for_memory()
    if spare is None:
        raise x.node.full(why)
    return [partial(_started, spare), *move_work(x, spare, to_electron=False), partial(_remapped, 0, spare)]


def measured_at_electron(x: Frame, virtual: int) -> bool:
    """Whether qubit 0 is wanted anew while another qubit stands at the electron since it was measured there."""
    return x.memory.single and virtual == 0 and 0 not in x.virtual and 0 in x.virtual.values()


def move_work(x: Frame, carbon: int, *, to_electron: bool, phase: bool = True) -> list[Work]:
    """The rotations that carry a state between the electron and a carbon; the target is in |0>.

    Without ``phase`` a state that comes to the electron is turned by pi/2 about z, which a measurement in Z cannot see.
    """
    device = x.node.compiler.repertoire
    quarter, back = 1, 3
    work: list[Work] = [
        partial(part_of, device.turn(rotation_steps("y", quarter, 1), "y", 0), (0,)),
        partial(part_of, device.controlled("y", back, 1), (0, carbon)),
        partial(part_of, device.turn(rotation_steps("x", back, 1), "x", 0), (0,)),
        partial(part_of, device.controlled("x", quarter, 1), (0, carbon)),
    ]
    if to_electron:
        work.append(partial(part_of, device.turn(rotation_steps("y", back, 1), "y", 0), (0,)))
        if phase:
            work.append(partial(part_of, device.turn(rotation_steps("z", back, 1), "z", 0), (0,)))
    return work


def part_of(done: Physical, positions: tuple[int, ...], x: Frame) -> tuple[Wait, Callable[[], None]]:
    """A part that is an operation at fixed positions."""
    for position in positions:
        x.memory.touch(position, x.engine.now_ps, x.register)
    return pause_of(done.duration_ps), partial(x.finish, done, positions)


def _started(position: int, x: Frame) -> tuple[Wait, Callable[[], None]]:
    """A part that is an initialisation."""
    x.memory.reserved[position] = True
    done = x.node.compiler.repertoire.initialisation(position)
    return pause_of(done.duration_ps), partial(x.start, done, position)


def _remapped(source: int, target: int, x: Frame) -> tuple[Wait, Callable[[], None]]:
    """A part without time: whose qubit stood at ``source`` finds it at ``target``."""

    def finish() -> None:
        for virtual, position in x.virtual.items():
            if position == source:
                x.virtual[virtual] = target
                break
        if source == 0:  # the electron is needed next: nobody else may take it
            left = x.memory.qubit[0]
            if left is not None:
                x.register.discard(left)
                x.memory.qubit[0] = None
        else:
            x.memory.release(source, x.register)

    return pause_of(0), finish
