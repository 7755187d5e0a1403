"""What a device of the stack does to the pairs that it swaps or keeps, as tables on Pauli coefficients.

A pair is R_ij = tr(rho P_i (x) P_j) over P = 1, X, Y, Z. Tables are worked out once per device, instruction by
instruction: depolarising p on each qubit of an instruction, noisy initialisation and read-out of NV centres.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from qcisim.errors import require
from qcisim.quantum.channel import PAULIS
from qcisim.quantum.pauli import Floats
from qcisim.quantum.states import Matrix
from qcisim.stack.spec import Device, GenericDevice, NVDevice

_SIGNS = {(a, b): np.array([1.0, (-1.0) ** a, (-1.0) ** (a + b), (-1.0) ** b]) for a in (0, 1) for b in (0, 1)}
"""X^b Z^a P X^b Z^a = sign P, for the results a of XX and b of ZZ."""


@dataclass(frozen=True, slots=True, eq=False)
class SwapDevice:
    """Swapping and keeping.

    Args:
        kernel: K_jmn with R_out[i, j] = sum_mn R[i, m] K_jmn R'[n, j] for a swap whose left qubit came last, (4, 4, 4).
        swap_ns: how long it takes.
        waiting: T1 and T2 of a qubit in the position of its arrival, 0 for none.
        stored: of the one of two qubits that came first, and was moved aside.
        move: transfer matrix of moving aside, (4, 4); None for nothing to move.
    """

    kernel: Floats
    swap_ns: float
    waiting: tuple[float, float] = (0.0, 0.0)
    stored: tuple[float, float] = (0.0, 0.0)
    move: Floats | None = None
    _left_first: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_left_first", np.ascontiguousarray(self.kernel.transpose(0, 2, 1)))

    def waited(self, wait_ns: float, *, stored: bool) -> Floats | None:
        """The transfer matrix of a wait, moving aside included; None for nothing."""
        t1_ns, t2_ns = self.stored if stored else self.waiting
        moved = self.move if stored else None
        if wait_ns <= 0.0 or (t1_ns == 0.0 and t2_ns == 0.0):
            return moved
        population = math.exp(-wait_ns / t1_ns) if t1_ns > 0.0 else 1.0
        coherence = math.exp(-wait_ns / t2_ns) if t2_ns > 0.0 else math.sqrt(population)
        transfer = np.diag([1.0, coherence, coherence, population])
        transfer[3, 0] = 1.0 - population
        return transfer if moved is None else transfer @ moved

    def swapped(self, left: Floats, right: Floats, *, left_first: bool = False) -> Floats:
        """The outer pair with corrections on its right side, averaged over the four results, (4, 4)."""
        kernel = self._left_first if left_first else self.kernel
        joined: Floats = np.einsum("im,jmn,nj->ij", left, kernel, right)
        return joined


@lru_cache(maxsize=256)
def swap_device(device: Device) -> SwapDevice:
    """The tables of a device; an NV centre swaps an electron's qubit with a carbon's."""
    if isinstance(device, GenericDevice):
        return _generic(device)
    return _nv(device)


def keeping(device: Device) -> SwapDevice:
    """A node at the end of a chain: it keeps its qubit where it arrives, and need not be able to swap."""
    times = (device.t1_ns, device.t2_ns) if isinstance(device, GenericDevice) else _electron(device)
    return SwapDevice(np.zeros((4, 4, 4)), 0.0, times)


def _electron(device: NVDevice) -> tuple[float, float]:
    return device.electron_t1_ns, device.electron_t2_ns


def _generic(device: GenericDevice) -> SwapDevice:
    """CNOT, H on its control, both measured."""
    require(device.num_qubits >= 2, f"a repeater with {device.num_qubits} qubit: a swap takes two")
    one, two = device.single_qubit_gate_depolar_prob, device.two_qubit_gate_depolar_prob
    cnot = np.eye(4, dtype=np.complex128)[[0, 1, 3, 2]]
    hadamard = (PAULIS[1] + PAULIS[3]) / math.sqrt(2.0)

    def results(operator: Matrix) -> dict[tuple[int, int], float]:
        operator = _noisy(operator, cnot, two, two)
        operator = _noisy(operator, np.kron(hadamard, PAULIS[0]), one, 0.0)
        return {(a, b): float(operator[2 * a + b, 2 * a + b].real) for a in (0, 1) for b in (0, 1)}

    duration = device.two_qubit_gate_ns + device.single_qubit_gate_ns + 2.0 * device.measure_ns
    times = device.t1_ns, device.t2_ns
    return SwapDevice(_kernel(results), duration, times, times)


def _nv(device: NVDevice) -> SwapDevice:
    """CNOT of electron and carbon, H and read-out of the electron, carbon moved to it, second read-out."""
    require(device.num_qubits >= 2, f"an NV repeater with {device.num_qubits} qubit: wanted an electron and a carbon")
    half = 0.5 * math.pi
    rotation, carbon, controlled = (
        device.electron_single_qubit_depolar_prob,
        device.carbon_z_rot_depolar_prob,
        device.ec_gate_depolar_prob,
    )
    read = [
        np.diag([1.0 - device.prob_error_0, device.prob_error_1]).astype(np.complex128),
        np.diag([device.prob_error_0, 1.0 - device.prob_error_1]).astype(np.complex128),
    ]

    def turn(operator: Matrix, axis: int, angle: float) -> Matrix:
        return _noisy(operator, np.kron(_rotation(axis, angle), PAULIS[0]), rotation, 0.0)

    def steer(operator: Matrix, axis: int, angle: float) -> Matrix:
        return _noisy(operator, _controlled(axis, angle), controlled, controlled)

    def to_electron(kept: Matrix) -> Matrix:
        """Carbon (2, 2) to electron: the electron is initialised, then the exchange; its operator, (2, 2)."""
        fresh = _initial(device.electron_init_depolar_prob)
        operator = turn(_product(fresh, kept), 2, half)
        operator = turn(steer(operator, 2, -half), 1, -half)
        operator = turn(steer(operator, 1, half), 2, -half)
        return _electron_part(operator)

    def results(operator: Matrix) -> dict[tuple[int, int], float]:
        operator = steer(operator, 1, half)
        operator = _noisy(operator, np.kron(PAULIS[0], _rotation(1, -half)), 0.0, carbon)
        operator = turn(operator, 3, -half)
        operator = turn(turn(operator, 2, half), 1, math.pi)
        found = {}
        for a in (0, 1):
            kept = _carbon_part(np.kron(read[a], PAULIS[0]) @ operator)
            moved = to_electron(kept)
            for b in (0, 1):
                found[a, b] = float((read[b] @ moved).trace().real)
        return found

    def aside(state: Matrix) -> Matrix:
        operator = turn(_product(state, _initial(device.carbon_init_depolar_prob)), 2, half)
        operator = turn(steer(operator, 2, -half), 1, -half)
        return _carbon_part(steer(operator, 1, half))

    move: Floats = np.array([[0.5 * (q @ aside(p)).trace().real for p in PAULIS] for q in PAULIS])
    electron = device.electron_rot_x_ns, device.electron_rot_y_ns, device.electron_rot_z_ns
    duration = device.ec_controlled_dir_x_ns + device.carbon_rot_x_ns + math.fsum(electron) + device.measure_ns
    duration += device.electron_init_ns + device.ec_controlled_dir_x_ns + device.ec_controlled_dir_y_ns
    duration += 2.0 * device.electron_rot_y_ns + device.electron_rot_x_ns + device.measure_ns
    carbon_times = device.carbon_t1_ns, device.carbon_t2_ns
    return SwapDevice(_kernel(results), duration, _electron(device), carbon_times, move)


def _kernel(results: Callable[[Matrix], dict[tuple[int, int], float]]) -> Floats:
    """K_jmn = sum_ab sign_ab(j) P(a, b | P_m (x) P_n) / 4."""
    kernel = np.zeros((4, 4, 4))
    for m, left in enumerate(PAULIS):
        for n, right in enumerate(PAULIS):
            for ab, weight in results(np.kron(left, right)).items():
                kernel[:, m, n] += 0.25 * _SIGNS[ab] * weight
    kernel[np.abs(kernel) < 1e-15] = 0.0
    return kernel


def _noisy(operator: Matrix, unitary: Matrix, first: float, second: float) -> Matrix:
    """U A U^dagger, then depolarising of each qubit."""
    moved: Matrix = unitary @ operator @ unitary.conj().T
    if first > 0.0:
        moved = (1.0 - first) * moved + first * np.kron(PAULIS[0] / 2.0, _carbon_part(moved))
    if second > 0.0:
        moved = (1.0 - second) * moved + second * np.kron(_electron_part(moved), PAULIS[0] / 2.0)
    return moved


def _product(first: Matrix, second: Matrix) -> Matrix:
    product: Matrix = np.kron(first, second).astype(np.complex128)
    return product


def _electron_part(operator: Matrix) -> Matrix:
    """Trace over the second qubit."""
    part: Matrix = np.einsum("abcb->ac", operator.reshape(2, 2, 2, 2))
    return part


def _carbon_part(operator: Matrix) -> Matrix:
    """Trace over the first qubit."""
    part: Matrix = np.einsum("abac->bc", operator.reshape(2, 2, 2, 2))
    return part


def _initial(noise: float) -> Matrix:
    """|0><0|, depolarised."""
    return np.diag([1.0 - 0.5 * noise, 0.5 * noise]).astype(np.complex128)


def _rotation(axis: int, angle: float) -> Matrix:
    """exp(-i angle P / 2) for P = X, Y, Z (1, 2, 3)."""
    turned: Matrix = math.cos(0.5 * angle) * PAULIS[0] - 1j * math.sin(0.5 * angle) * PAULIS[axis]
    return turned


def _controlled(axis: int, angle: float) -> Matrix:
    """|0><0| (x) R(angle) + |1><1| (x) R(-angle)."""
    whole: Matrix = np.zeros((4, 4), dtype=np.complex128)
    whole[:2, :2], whole[2:, 2:] = _rotation(axis, angle), _rotation(axis, -angle)
    return whole
