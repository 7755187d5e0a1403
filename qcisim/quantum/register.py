"""A register of density matrices over groups of qubits."""

from __future__ import annotations

import numpy as np

from qcisim.errors import require
from qcisim.quantum.channel import Channel
from qcisim.quantum.gate import Gate
from qcisim.quantum.groups import Groups, kron, on_rows
from qcisim.quantum.measuring import undoing
from qcisim.quantum.states import Matrix, partial_trace

_ZERO: Matrix = np.array([[1, 0], [0, 0]], dtype=np.complex128)


class Register:
    """Density matrices over lazily merged and split groups of qubits: gates, noise and results, all exact.

    A mutable holder of state, like the devices it stands for. Memory of a group of k qubits: 16 x 4^k bytes.

    Args:
        rng: for the results of measurements.
        largest: qubits in one group; 8 take 1 MiB and about 2 ms per gate.
    """

    __slots__ = ("_groups", "_rng")

    def __init__(self, rng: np.random.Generator, *, largest: int = 8) -> None:
        require(largest <= 13, f"largest group {largest}: 13 qubits take 1 GiB")
        self._rng = rng
        self._groups = Groups(_ZERO, largest)

    @property
    def rng(self) -> np.random.Generator:
        """For the results of measurements."""
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
        """rho -> sum_k K rho K^dagger on the group that holds the qubits."""
        kraus = operation.matrix[None] if isinstance(operation, Gate) else operation.kraus
        wanted = 2 ** len(qubits)
        fits = kraus.shape[1:] == (wanted, wanted)
        require(fits, f"an operation on {kraus.shape[2]} levels for {len(qubits)} qubits: wanted {wanted}")
        group = self._groups.joined(qubits)
        places, count = [group.qubits.index(qubit) for qubit in qubits], len(group.qubits)
        total = np.zeros_like(group.state)
        for matrix in kraus:
            total += _conjugated(matrix, group.state, places, count)
        group.state = total

    def probability(self, qubit: int, result: int) -> float:
        """P(result) of a measurement in Z."""
        require(result in (0, 1), f"result {result}: 0 or 1")
        return float(self.to_density(qubit)[result, result].real)

    def measure(self, qubit: int, basis: str = "Z") -> int:
        """The result in X, Y or Z, drawn; the qubit splits off in the state it was found in."""
        with undoing(self, qubit, basis):
            result = int(self._rng.random() >= self.probability(qubit, 0))
            self._project(qubit, result)
        return result

    def postselect(self, qubit: int, result: int) -> float:
        """Goes on given ``result`` in Z; its probability. Raises `PhysicsError` where that is 0."""
        probability = self.probability(qubit, result)
        require(probability > 1e-14, f"result {result} of qubit {qubit} never happens")
        self._project(qubit, result)
        return probability

    def discard(self, *qubits: int) -> None:
        """Traces the qubits out."""
        for qubit in qubits:
            group = self._groups.find(qubit)
            keep = [place for place, other in enumerate(group.qubits) if other != qubit]
            rest = partial_trace(group.state, [2] * len(group.qubits), keep) if keep else None
            self._groups.drop(qubit, rest)

    def to_density(self, *qubits: int) -> Matrix:
        """The density matrix of the qubits in this order, without merging their groups."""
        require(len(qubits) >= 1, "no qubits named")
        require(len(set(qubits)) == len(qubits), f"qubits {qubits}: wanted different ones")
        rho: Matrix = np.ones((1, 1), dtype=np.complex128)
        order: list[int] = []
        for group in {id(g): g for g in map(self._groups.find, qubits)}.values():
            here = [qubit for qubit in group.qubits if qubit in qubits]
            places = [group.qubits.index(qubit) for qubit in here]
            rho = kron(rho, partial_trace(group.state, [2] * len(group.qubits), places))
            order += here
        return partial_trace(rho, [2] * len(order), [order.index(qubit) for qubit in qubits])

    def _project(self, qubit: int, result: int) -> None:
        group = self._groups.find(qubit)
        count, place = len(group.qubits), group.qubits.index(qubit)
        tensor = group.state.reshape((2,) * (2 * count))
        block = np.take(np.take(tensor, result, axis=count + place), result, axis=place)
        rest = np.ascontiguousarray(block.reshape(2 ** (count - 1), 2 ** (count - 1)))
        own = np.zeros((2, 2), dtype=np.complex128)
        own[result, result] = 1.0
        self._groups.split(qubit, own, rest / rest.trace().real)


def _conjugated(matrix: Matrix, state: Matrix, places: list[int], count: int) -> Matrix:
    """K rho K^dagger."""
    half = on_rows(matrix, state, places, count)
    back: Matrix = on_rows(matrix, half.conj().T, places, count).conj().T
    return back
