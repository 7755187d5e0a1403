"""A register that is exact while its groups are small, and samples once one grows too large for that."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcisim.quantum.channel import Channel
from qcisim.quantum.gate import Gate
from qcisim.quantum.groups import CrowdedError
from qcisim.quantum.ket_register import KetRegister
from qcisim.quantum.register import Register
from qcisim.quantum.states import Matrix


class AdaptiveRegister:
    """Density matrices until more than ``exact`` qubits are entangled; from then on kets, for all qubits.

    At the change each group goes on in an eigenvector of its density matrix, drawn with its eigenvalue, so that what is
    measured later is distributed as before. A mutable holder of state.

    Args:
        rng: for results, and for noise once it is sampled.
        exact: qubits in one group as a density matrix.
        largest: qubits in one group as a ket.
        on_change: called once, when density matrices no longer do.
    """

    __slots__ = ("_exact", "_held", "_largest", "_on_change")

    def __init__(
        self,
        rng: np.random.Generator,
        *,
        exact: int = 8,
        largest: int = 20,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._exact: Register | None = Register(rng, largest=exact)
        self._held: Register | KetRegister = self._exact
        self._largest, self._on_change = largest, on_change

    @property
    def rng(self) -> np.random.Generator:
        """For results and for noise."""
        return self._held.rng

    @rng.setter
    def rng(self, rng: np.random.Generator) -> None:
        self._held.rng = rng

    @property
    def samples(self) -> bool:
        """Whether states have become kets."""
        return self._exact is None

    @property
    def group_sizes(self) -> list[int]:
        """Qubits in each group, largest first."""
        return self._held.group_sizes

    def __len__(self) -> int:
        return len(self._held)

    def add(self, count: int = 1) -> list[int]:
        """New qubits in |0>; their numbers."""
        return self._held.add(count)

    def insert(self, rho: Matrix) -> tuple[int, int]:
        """Two new qubits in the joint state ``rho``, (4, 4), or a sample of it; their numbers."""
        return self._held.insert(rho)

    def apply(self, operation: Gate | Channel, *qubits: int) -> None:
        """A gate or channel on one or two qubits."""
        try:
            self._held.apply(operation, *qubits)
        except CrowdedError:
            if self._exact is None:
                raise
            self._held, self._exact = self._exact.sampled(largest=self._largest), None
            if self._on_change is not None:
                self._on_change()
            self._held.apply(operation, *qubits)

    def relax(self, qubit: int, population: float, coherence: float) -> None:
        """What waiting does: the excess of |1> falls to ``population`` of it, coherences to ``coherence`` of them."""
        self._held.relax(qubit, population, coherence)

    def measure(self, qubit: int, basis: str = "Z") -> int:
        """The result (0 or 1) in X, Y or Z; the qubit stays in the state it was found in."""
        return self._held.measure(qubit, basis)

    def read(self, qubit: int, error_zero: float, error_one: float) -> int:
        """A report in Z of a device that takes |0> for 1 and |1> for 0 with these probabilities."""
        return self._held.read(qubit, error_zero, error_one)

    def discard(self, *qubits: int) -> None:
        """The qubits leave the register."""
        self._held.discard(*qubits)

    def together(self, qubit: int) -> list[int]:
        """The qubits that are held in one state with this one, itself included."""
        return self._held.together(qubit)

    def to_density(self, *qubits: int) -> Matrix:
        """Their density matrix in this order; of this sample, once noise is sampled."""
        return self._held.to_density(*qubits)
