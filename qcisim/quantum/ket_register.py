"""A register of kets over groups of qubits; noise is sampled."""

from __future__ import annotations

import numpy as np

from qcisim.errors import require
from qcisim.quantum.channel import Channel
from qcisim.quantum.gate import Gate
from qcisim.quantum.groups import Groups, kron, on_rows
from qcisim.quantum.measuring import undoing
from qcisim.quantum.states import Matrix

_ZERO: Matrix = np.array([1, 0], dtype=np.complex128)


class KetRegister:
    """Kets over lazily merged and split groups; of each channel one Kraus operator happens, with its probability.

    The mean of |psi><psi| over runs is the density matrix. A mutable holder of state.
    Source: Dalibard, Castin, Molmer, Phys. Rev. Lett. 68, 580 (1992).

    Args:
        rng: for results and for noise.
        largest: qubits in one group; 20 take 16 MiB.
    """

    __slots__ = ("_groups", "_rng")

    def __init__(self, rng: np.random.Generator, *, largest: int = 20) -> None:
        require(largest <= 26, f"largest group {largest}: 26 qubits take 1 GiB")
        self._rng = rng
        self._groups = Groups(_ZERO, largest)

    @property
    def rng(self) -> np.random.Generator:
        """For results and for noise."""
        return self._rng

    @property
    def group_sizes(self) -> list[int]:
        """Qubits in each group, largest first."""
        return self._groups.sizes()

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, count: int = 1) -> list[int]:
        """New qubits in |0>; their numbers."""
        return self._groups.add(count)

    def apply(self, operation: Gate | Channel, *qubits: int) -> None:
        """psi -> K psi / |K psi| for one Kraus operator, drawn with probability |K psi|^2."""
        kraus = operation.matrix[None] if isinstance(operation, Gate) else operation.kraus
        wanted = 2 ** len(qubits)
        fits = kraus.shape[1:] == (wanted, wanted)
        require(fits, f"an operation on {kraus.shape[2]} levels for {len(qubits)} qubits: wanted {wanted}")
        group = self._groups.joined(qubits)
        places, count = [group.qubits.index(qubit) for qubit in qubits], len(group.qubits)
        if len(kraus) == 1:
            group.state = on_rows(kraus[0], group.state, places, count)
            return
        left = self._rng.random()
        image, weight = group.state, 0.0
        for matrix in kraus:
            candidate = on_rows(matrix, group.state, places, count)
            share = float(np.vdot(candidate, candidate).real)
            if share > 0.0:  # the last possible one stays where rounding leaves something over
                image, weight = candidate, share
            left -= share
            if left < 0.0:
                break
        group.state = image / np.sqrt(weight)

    def measure(self, qubit: int, basis: str = "Z") -> int:
        """The result in X, Y or Z, drawn; the qubit splits off in the state it was found in."""
        with undoing(self, qubit, basis):
            group = self._groups.find(qubit)
            halves = self._halves(qubit)
            zero = float(np.vdot(halves[0], halves[0]).real)
            total = zero + float(np.vdot(halves[1], halves[1]).real)
            result = int(self._rng.random() * total >= zero)
            own = np.zeros(2, dtype=np.complex128)
            own[result] = 1.0
            rest = halves[result]
            norm = np.linalg.norm(rest)
            self._groups.split(qubit, own if len(group.qubits) > 1 else own * (rest[0] / norm), rest / norm)
        return result

    def discard(self, *qubits: int) -> None:
        """Measures the qubits and forgets the results: a sample of the partial trace."""
        for qubit in qubits:
            self.measure(qubit)
            self._groups.drop(qubit, None)

    def to_density(self, *qubits: int) -> Matrix:
        """The reduced density matrix of this sample, in this order; the groups stay apart."""
        require(len(qubits) >= 1, "no qubits named")
        require(len(set(qubits)) == len(qubits), f"qubits {qubits}: wanted different ones")
        parts: Matrix = np.ones((1, 1), dtype=np.complex128)
        order: list[int] = []
        for group in {id(g): g for g in map(self._groups.find, qubits)}.values():
            count = len(group.qubits)
            here = [qubit for qubit in group.qubits if qubit in qubits]
            places = [group.qubits.index(qubit) for qubit in here]
            table = np.moveaxis(group.state.reshape((2,) * count), places, range(len(places)))
            table = table.reshape(2 ** len(places), -1)
            parts = kron(parts, table @ table.conj().T)
            order += here
        axes = [order.index(qubit) for qubit in qubits]
        count = len(axes)
        tensor = parts.reshape((2,) * (2 * count)).transpose([*axes, *(count + axis for axis in axes)])
        rho: Matrix = tensor.reshape(2**count, 2**count)
        return rho

    def _halves(self, qubit: int) -> Matrix:
        """Rows: the amplitudes of the others where the qubit is 0, and 1, (2, 2^(k-1))."""
        group = self._groups.find(qubit)
        count, place = len(group.qubits), group.qubits.index(qubit)
        halves: Matrix = np.moveaxis(group.state.reshape((2,) * count), place, 0).reshape(2, -1)
        return halves
