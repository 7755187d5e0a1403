"""Registers of qubits: one interface for density matrices, kets and stabilisers."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from qcisim.quantum.channel import Channel
from qcisim.quantum.gate import Gate
from qcisim.quantum.states import Matrix


class Qubits(Protocol):
    """Qubits by number; new ones are in |0>. What is random is drawn from the register's generator.

    `Register` holds density matrices (noise exactly, about 8 entangled qubits), `KetRegister` kets (noise sampled,
    about 20), `StabiliserRegister` stabiliser states (Clifford gates and Pauli noise, thousands).
    """

    @property
    def rng(self) -> np.random.Generator:
        """Where results and, in sampled registers, noise come from; may be exchanged at any time."""

    @rng.setter
    def rng(self, rng: np.random.Generator) -> None: ...

    def __len__(self) -> int:
        """Qubits in the register."""

    def add(self, count: int = 1) -> list[int]:
        """New qubits in |0>; their numbers."""

    def insert(self, rho: Matrix) -> tuple[int, int]:
        """Two new qubits in the joint state ``rho``, (4, 4), or a sample of it; their numbers."""

    def apply(self, operation: Gate | Channel, *qubits: int) -> None:
        """A gate or channel on one or two qubits."""

    def measure(self, qubit: int, basis: str = "Z") -> int:
        """The result (0 or 1) in X, Y or Z; the qubit stays in the state it was found in."""

    def relax(self, qubit: int, population: float, coherence: float) -> None:
        """What waiting does: the excess of |1> falls to ``population`` of it, coherences to ``coherence`` of them."""

    def read(self, qubit: int, error_zero: float, error_one: float) -> int:
        """A report in Z of a device that takes |0> for 1 and |1> for 0 with these probabilities."""

    def discard(self, *qubits: int) -> None:
        """The qubits leave the register."""

    def together(self, qubit: int) -> list[int]:
        """The qubits that may be entangled with this one, as far as the register knows; itself included."""

    def to_density(self, *qubits: int) -> Matrix:
        """Their density matrix in this order; of this sample, where the register samples noise."""
