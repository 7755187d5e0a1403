"""Operations of devices: how long they take, what they do to the state, what they spend of the noise budget."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from qcisim.engine import Wait
from qcisim.errors import InputError
from qcisim.quantum import Channel, Gate, Qubits, depolarising, unitary
from qcisim.quantum.channel import rotation
from qcisim.quantum.gate import CNOT, CZ, S_DAG, SQRT_X, SQRT_X_DAG, SWAP, H, S, T, X, Y, Z
from qcisim.quantum.groups import kron
from qcisim.quantum.states import Matrix
from qcisim.units import PICOSECONDS_PER_SECOND

Step = tuple[Gate | Channel, tuple[int, ...]]
"""An operation and the wires of the instruction on which it acts."""

QUARTER_TURNS: dict[str, tuple[tuple[Gate, ...], ...]] = {
    "x": ((), (SQRT_X,), (X,), (SQRT_X_DAG,)),
    "y": ((), (H, X), (Y,), (X, H)),
    "z": ((), (S,), (Z,), (S_DAG,)),
}
"""Rotations by 0, pi/2, pi, 3 pi/2 as gates that stabiliser registers know, first gate first."""
_AXIS = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
NAMED: dict[str, tuple[Gate, ...]] = {
    "x": (X,),
    "y": (Y,),
    "z": (Z,),
    "h": (H,),
    "s": (S,),
    "t": (T,),
    "k": (S_DAG, H, S),
    "cnot": (CNOT,),
    "cphase": (CZ,),
    "mov": (SWAP,),
    "swp": (SWAP,),
}
"""Gates by mnemonic, first gate first; k is (Y + Z)/sqrt 2."""


def picoseconds_of(time_ns: float) -> int:
    """Nanoseconds as whole picoseconds."""
    return round(time_ns * (PICOSECONDS_PER_SECOND // 10**9))


def quarter_turns(n: int, d: int) -> int | None:
    """How many times pi/2 the angle n pi / 2^d is, modulo 4; None where it is no multiple."""
    whole, rest = divmod(2 * n, 2**d)
    return None if rest else whole % 4


@lru_cache(maxsize=4096)
def rotation_steps(axis: str, n: int, d: int) -> tuple[Step, ...]:
    """A rotation about x, y or z by n pi / 2^d."""
    turns = quarter_turns(n, d)
    if turns is not None:
        return tuple((gate, (0,)) for gate in QUARTER_TURNS[axis][turns])
    return (_exact(axis, n, d),)


def _exact(axis: str, n: int, d: int) -> Step:
    angle = n * math.pi / 2**d
    matrix = rotation(*(angle * part for part in _AXIS[axis])).kraus[0]
    return Gate(f"rot_{axis} {n} {d}", matrix), (0,)


@lru_cache(maxsize=1024)
def controlled_steps(axis: str, n: int, d: int) -> tuple[Step, ...]:
    """|0><0| (x) R(theta) + |1><1| (x) R(-theta) with theta = n pi / 2^d about x or y."""
    turns = quarter_turns(n, d)
    if turns is None:
        angle = n * math.pi / 2**d
        there, back = (rotation(*(sign * angle * part for part in _AXIS[axis])).kraus[0] for sign in (1.0, -1.0))
        matrix = np.kron(np.diag([1.0, 0.0]), there) + np.kron(np.diag([0.0, 1.0]), back)
        return ((Gate(f"crot_{axis} {n} {d}", matrix), (0, 1)),)
    # exp(-i theta Z (x) X / 2): for pi/2 it is CNOT, S and sqrt X, up to a phase
    x_turned: tuple[Step, ...] = (
        (),
        ((CNOT, (0, 1)), (S, (0,)), (SQRT_X, (1,))),
        ((Z, (0,)), (X, (1,))),
        ((CNOT, (0, 1)), (S_DAG, (0,)), (SQRT_X_DAG, (1,))),
    )[turns]
    if axis == "x" or not x_turned:
        return x_turned
    return ((S_DAG, (1,)), *x_turned, (S, (1,)))  # S X S^dagger = Y


@lru_cache(maxsize=256)
def all_to_all(n: int, d: int, count: int) -> Matrix:
    """exp(-i theta/4 (sum_j X_j)^2) with theta = n pi / 2^d, the gate of two colours of light, (2^count, 2^count).

    Molmer and Sorensen, Phys. Rev. Lett. 82, 1835 (1999).
    """
    theta = n * math.pi / 2**d
    signs = np.array([sum(1 - 2 * (index >> bit & 1) for bit in range(count)) for index in range(2**count)])
    hadamard: Matrix = np.ones((1, 1), dtype=np.complex128)
    for _ in range(count):
        hadamard = kron(hadamard, H.matrix)
    matrix: Matrix = hadamard @ np.diag(np.exp(-0.25j * theta * signs**2)) @ hadamard
    return matrix


@lru_cache(maxsize=256)
def _noise(probability: float) -> Channel:
    return depolarising(probability)


@dataclass(frozen=True, slots=True, eq=False)
class Physical:
    """What a device does for an instruction.

    Args:
        duration_ps: how long it takes.
        steps: what happens to the state when it is over.
        source: name of its noise in the budget; "" for none.
        spent: what it adds to the budget.
    """

    duration_ps: int
    steps: tuple[Step, ...]
    source: str = ""
    spent: float = 0.0

    def act(self, register: Qubits, numbers: tuple[int, ...]) -> None:
        """Change the state."""
        for operation, wires in self.steps:
            register.apply(operation, *[numbers[wire] for wire in wires])


def physical(
    duration_ns: float,
    steps: tuple[Step, ...],
    noises: tuple[tuple[int, float], ...],
    source: str,
    *,
    merged: bool,
) -> Physical:
    """An operation followed by depolarising noise ``(wire, p)``.

    ``merged`` makes one channel of gates and noise, which registers of density matrices apply in one step.
    """
    noisy = tuple((_noise(p), (wire,)) for wire, p in noises if p > 0.0)
    total = math.fsum(p for _, p in noises)
    every = steps + noisy
    if merged and len(every) > 1:
        every = (_merged(every),)
    return Physical(picoseconds_of(duration_ns), every, source if noisy else "", total)


def _merged(steps: tuple[Step, ...]) -> Step:
    """One channel on all wires."""
    count = 1 + max(wire for _, wires in steps for wire in wires)
    if count > 2:
        raise InputError("an instruction on more than two qubits")
    whole: Channel | None = None
    for operation, wires in steps:
        channel = operation.channel if isinstance(operation, Gate) else operation
        if count == 2 and len(wires) == 1:
            one = unitary(np.eye(2))
            channel = channel.tensor(one) if wires[0] == 0 else one.tensor(channel)
        elif wires == (1, 0):
            channel = unitary(SWAP.matrix).then(channel).then(unitary(SWAP.matrix))
        whole = channel if whole is None else whole.then(channel)
    assert whole is not None
    return whole, tuple(range(count))


def pause_of(duration_ps: int) -> Wait:
    """A wait that may be yielded many times."""
    wait = Wait(0.0)
    wait.ps = duration_ps
    return wait
