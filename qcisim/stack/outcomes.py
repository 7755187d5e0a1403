"""Pairs measured at delivery, without entering a register; Bell frames of pairs."""

from __future__ import annotations

import math

import numpy as np

from qcisim.quantum import Qubits
from qcisim.quantum.channel import rotation
from qcisim.quantum.states import Matrix
from qcisim.stack.links.delivery import PairState
from qcisim.stack.physical import rotation_steps
from qcisim.stack.request import Basis

Outcome = tuple[int, int]
"""The bit, and the basis as the link layer numbers it: Z 0, X 1, Y 2, Z+X 3, Z-X 4; -1 for others."""
Turn = tuple[str, tuple[int, int, int]]

_NAMED = {"Z": (0, 0, 0), "X": (0, 24, 0), "Y": (8, 0, 0), "Z+X": (0, 28, 0), "Z-X": (0, 4, 0)}
"""Rotations about x, y, x in pi/16 that bring an axis onto Z."""
_KEPT = 1024
_tables: dict[tuple[int, tuple[Turn, ...], tuple[Turn, ...]], tuple[Matrix, list[float]]] = {}
_framed: dict[tuple[PairState, int], Matrix] = {}
_FLIP = np.kron(np.eye(2), np.array([[0, 1], [1, 0]])).astype(np.complex128)
_numbers: dict[tuple[Turn, ...], int] = {}


def in_frame(state: PairState, bell: int) -> Matrix:
    """The state after the Pauli that makes its Bell state Phi+ (0) or Psi+ (1), (4, 4)."""
    if bell == 0:
        return state.phi_plus
    key = (state, bell)
    rho = _framed.get(key)
    if rho is None:
        if len(_framed) >= _KEPT:
            _framed.clear()
        rho = _FLIP @ state.phi_plus @ _FLIP
        rho.setflags(write=False)
        _framed[key] = rho
    return rho


def _turns(basis: Basis, rng: np.random.Generator) -> tuple[Turn, ...]:
    """The rotations before a measurement in Z; draws the basis where it is random."""
    turns: list[Turn] = []
    if basis.rotations != (0, 0, 0):
        turns.append((basis.axes, basis.rotations))
    if basis.random:
        left, chosen = rng.random(), basis.random[-1]
        for name, weight in zip(basis.random, basis.weights, strict=True):
            left -= weight
            if left < 0.0:
                chosen = name
                break
        if chosen != "Z":
            turns.append(("xyx", _NAMED[chosen]))
    return tuple(turns)


def _unitary(turns: tuple[Turn, ...]) -> Matrix:
    whole: Matrix = np.eye(2, dtype=np.complex128)
    for axes, angles in turns:
        for axis, n in zip(axes, angles, strict=True):
            angle = n * math.pi / 16.0
            whole = rotation(*(angle * (axis == name) for name in "xyz")).kraus[0] @ whole
    return whole


def _number(turns: tuple[Turn, ...]) -> int:
    """Which basis of the link layer these rotations measure."""
    known = _numbers.get(turns)
    if known is None:
        matrix = _unitary(turns)
        axis_z = matrix.conj().T @ np.diag([1.0, -1.0]) @ matrix
        x, y, z = axis_z[0, 1].real, -axis_z[0, 1].imag, axis_z[0, 0].real
        half = math.sqrt(0.5)
        axes = ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (half, 0.0, half), (-half, 0.0, half))
        fits = [abs(abs(x * a + y * b + z * c) - 1.0) < 1e-9 for a, b, c in axes]
        known = _numbers[turns] = fits.index(True) if True in fits else -1
    return known


def measured_pair(rho: Matrix, first: Basis, second: Basis, rng: np.random.Generator) -> tuple[Outcome, Outcome]:
    """Results of both qubits, drawn by Born's rule from ``rho``, (4, 4)."""
    turns_a, turns_b = _turns(first, rng), _turns(second, rng)
    key = (id(rho), turns_a, turns_b)
    kept = _tables.get(key)
    if kept is None:
        turn = np.kron(_unitary(turns_a), _unitary(turns_b))
        shares = np.clip((turn @ rho @ turn.conj().T).diagonal().real, 0.0, None)
        if len(_tables) >= _KEPT:
            _tables.clear()
        kept = _tables[key] = (rho, np.cumsum(shares).tolist())
    edges = kept[1]
    drawn = rng.random() * edges[3]
    cell = 0 if drawn < edges[0] else 1 if drawn < edges[1] else 2 if drawn < edges[2] else 3
    return (cell >> 1, _number(turns_a)), (cell & 1, _number(turns_b))


def measured_qubit(register: Qubits, number: int, basis: Basis, rng: np.random.Generator) -> Outcome:
    """The result of a qubit of a register; it stays there."""
    turns = _turns(basis, rng)
    for axes, angles in turns:
        for axis, n in zip(axes, angles, strict=True):
            for operation, _ in rotation_steps(axis, n, 4) if n else ():
                register.apply(operation, number)
    return register.measure(number), _number(turns)
