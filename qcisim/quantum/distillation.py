"""Distillation schemes: what two parties do to two pairs so that one better pair is left.

Each party acts with CNOT from its qubit of the kept pair onto its qubit of the spent pair and measures the latter in
Z; the kept pair survives where the two reports are what the scheme wants. Noise: depolarising of either CNOT, readout
errors of either measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qcisim.quantum.channel import PAULIS
from qcisim.quantum.operations import OperationNoise
from qcisim.quantum.pauli import Floats, pauli_products
from qcisim.quantum.states import Matrix


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of two-to-one distillation.

    Args:
        name: as users write it.
        twirled_input: both pairs become Werner states first, by random bilateral rotations.
        rotated: Alice turns both qubits by pi/2 around X, Bob by -pi/2, which exchanges Phi- and Psi-.
        both_one: keeps only the reports 1, 1; otherwise all equal reports.
        source: the paper.
    """

    name: str
    twirled_input: bool
    rotated: bool
    both_one: bool
    source: str

    def __hash__(self) -> int:
        return hash(self.name)


BBPSSW = Scheme("bbpssw", True, False, False, "Bennett et al., Phys. Rev. Lett. 76, 722 (1996)")
DEJMPS = Scheme("dejmps", False, True, False, "Deutsch et al., Phys. Rev. Lett. 77, 2818 (1996)")
EPL = Scheme("epl", False, False, True, "Campbell and Benjamin, Phys. Rev. Lett. 101, 130502 (2008)")
"""Extreme photon loss: makes a pure pair of two single-click pairs x |Psi+><Psi+| + (1-x) |11><11|."""

SCHEMES = {scheme.name: scheme for scheme in (BBPSSW, DEJMPS, EPL)}


@dataclass(frozen=True, slots=True)
class WeightTable:
    """What a scheme does to Bell weights: factors of the exact convolution.

    gates = (1-p_a)(1-p_b) survives both gates; ``equal``, ``unequal`` accept true results; rotated swaps Phi-, Psi-.
    """

    gates: float
    equal: float
    unequal: float
    rotated: bool
    twirled_input: bool


@dataclass(frozen=True, slots=True, eq=False)
class DensityTable:
    """out[a] = sum_t factor[t, a] kept[first[t, a]] spent[second[t, a]] on the 16 Pauli coefficients of each pair."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    factor: Floats
    twirled_input: bool


def _accepted(scheme: Scheme) -> tuple[int, ...]:
    return (1,) if scheme.both_one else (0, 1)


@lru_cache(maxsize=1024)
def weight_table(scheme: Scheme, noise_a: OperationNoise, noise_b: OperationNoise) -> WeightTable:
    """The table of a scheme at two nodes, for Bell-diagonal pairs."""

    def report(noise: OperationNoise, reported: int, true: int) -> float:
        wrong = noise.readout_error_one if true else noise.readout_error_zero
        return 1.0 - wrong if reported == true else wrong

    def accept(true_a: int, true_b: int) -> float:
        return sum(report(noise_a, r, true_a) * report(noise_b, r, true_b) for r in _accepted(scheme))

    return WeightTable(
        (1.0 - noise_a.gate_depolarising) * (1.0 - noise_b.gate_depolarising),
        0.5 * (accept(0, 0) + accept(1, 1)),
        0.5 * (accept(0, 1) + accept(1, 0)),
        scheme.rotated,
        scheme.twirled_input,
    )


@lru_cache(maxsize=1024)
def density_table(scheme: Scheme, noise_a: OperationNoise, noise_b: OperationNoise) -> DensityTable:
    """The table of a scheme at two nodes, for any pairs: the effect of the reports, pulled back through the circuit.

    Each side turns P (x) Z^u into +- P' (x) P'' (a Clifford circuit), depolarising scales all but 1 by 1 - p.
    """
    effect = np.zeros((2, 2))
    for report in _accepted(scheme):
        effect += np.outer(noise_a.reported[report], noise_b.reported[report])
    sides = [_pulled_back(1.0 if scheme.rotated else 0.0), _pulled_back(-1.0 if scheme.rotated else 0.0)]
    first, second = np.zeros((4, 16), np.int64), np.zeros((4, 16), np.int64)
    factor = np.zeros((4, 16))
    for term in range(4):
        u, v = divmod(term, 2)
        for i in range(4):
            for j in range(4):
                kept_a, spent_a, sign_a = sides[0][u][i]
                kept_b, spent_b, sign_b = sides[1][v][j]
                alive_a = 1.0 if (i, u) == (0, 0) else 1.0 - noise_a.gate_depolarising
                alive_b = 1.0 if (j, v) == (0, 0) else 1.0 - noise_b.gate_depolarising
                first[term, 4 * i + j] = 4 * kept_a + kept_b
                second[term, 4 * i + j] = 4 * spent_a + spent_b
                factor[term, 4 * i + j] = effect[u, v] * sign_a * sign_b * alive_a * alive_b
    used = np.any(factor != 0.0, axis=1)
    return DensityTable(
        np.ascontiguousarray(first[used]),
        np.ascontiguousarray(second[used]),
        np.ascontiguousarray(factor[used]),
        scheme.twirled_input,
    )


def rotation_matrix(quarter_turns: float) -> Matrix:
    """exp(-i (pi/4) s X): a turn by s pi/2 around X."""
    angle = 0.25 * np.pi * quarter_turns
    matrix: Matrix = np.cos(angle) * PAULIS[0] - 1j * np.sin(angle) * PAULIS[1]
    return matrix


def _pulled_back(quarter_turns: float) -> list[list[tuple[int, int, float]]]:
    """For Z^u on the spent and P_i on the kept qubit: the Pauli operators and sign before CNOT (U (x) U)."""
    cnot = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], dtype=np.complex128)
    turn = rotation_matrix(quarter_turns)
    circuit = cnot @ np.kron(turn, turn)
    products = pauli_products(2)
    table = []
    for u in (0, 3):
        row = []
        for i in range(4):
            before = circuit.conj().T @ products[4 * i + u] @ circuit
            parts = np.einsum("aij,ji->a", products, before).real / 4.0
            where = int(np.argmax(np.abs(parts)))
            row.append((where // 4, where % 4, float(np.round(parts[where]))))
        table.append(row)
    return table
