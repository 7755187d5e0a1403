"""A register of density matrices over groups of qubits."""

from __future__ import annotations

import numpy as np

from qcisim.errors import require
from qcisim.quantum.channel import Channel
from qcisim.quantum.embedding import SMALL, kraus_of, superoperator
from qcisim.quantum.gate import Gate
from qcisim.quantum.groups import Groups, kron, on_rows
from qcisim.quantum.ket_register import KetRegister
from qcisim.quantum.measuring import undoing
from qcisim.quantum.states import Matrix, partial_trace

_ZERO: Matrix = np.array([[1, 0], [0, 0]], dtype=np.complex128)
_FOUND = (_ZERO, np.array([[0, 0], [0, 1]], dtype=np.complex128))


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

    @rng.setter
    def rng(self, rng: np.random.Generator) -> None:
        self._rng = rng

    @property
    def group_sizes(self) -> list[int]:
        """Qubits in each group, largest first."""
        return self._groups.sizes()

    def __len__(self) -> int:
        return len(self._groups)

    def add(self, count: int = 1) -> list[int]:
        """New qubits in |0>; their numbers."""
        return self._groups.add(count)

    def insert(self, rho: Matrix) -> tuple[int, int]:
        """Two new qubits in the joint state ``rho``, (4, 4); their numbers, that of the slower index first."""
        require(rho.shape == (4, 4), f"state of shape {rho.shape}: wanted (4, 4)")
        return self._groups.insert(rho)

    def apply(self, operation: Gate | Channel, *qubits: int) -> None:
        """rho -> sum_k K rho K^dagger on the group that holds the qubits."""
        kraus = kraus_of(operation, len(qubits))
        group = self._groups.joined(qubits)
        state, count = group.state, len(group.qubits)
        places = [group.qubits.index(qubit) for qubit in qubits]
        if count <= SMALL:
            matrix = superoperator(operation, tuple(places), count)
            if count == SMALL:
                # in blocks: for (64, 64) at once BLAS starts threads, which take longer than the product
                matrix = matrix.reshape(4, 16, 64)
            group.state = (matrix @ state.ravel()).reshape(state.shape)
        elif len(kraus) == 1:
            group.state = _conjugated(kraus[0], state, places, count)
        else:
            local = superoperator(operation, tuple(range(len(places))), len(places))
            both = places + [count + place for place in places]
            group.state = on_rows(local, state.reshape(-1), both, 2 * count).reshape(state.shape)

    def relax(self, qubit: int, population: float, coherence: float) -> None:
        """What waiting does: the excess of |1> falls to ``population`` of it, coherences to ``coherence`` of them.

        Amplitude damping and dephasing with exp(-t/T1) and exp(-t/T2), in one step.
        """
        group = self._groups.find(qubit)
        state = group.state.copy()
        size = len(state)
        after = size >> (group.qubits.index(qubit) + 1)
        before = size // (2 * after)
        parts = state.reshape(before, 2, after, before, 2, after)
        parts[:, 0, :, :, 1] *= coherence
        parts[:, 1, :, :, 0] *= coherence
        if population != 1.0:
            excited = parts[:, 1, :, :, 1]
            parts[:, 0, :, :, 0] += (1.0 - population) * excited
            excited *= population
        group.state = state

    def probability(self, qubit: int, result: int) -> float:
        """P(result) of a measurement in Z."""
        require(result in (0, 1), f"result {result}: 0 or 1")
        return self._weights(qubit)[result]

    def measure(self, qubit: int, basis: str = "Z") -> int:
        """The result in X, Y or Z, drawn; the qubit splits off in the state it was found in."""
        if basis != "Z":
            with undoing(self, qubit, basis):
                return self.measure(qubit)
        zero, one = self._weights(qubit)
        result = int(self._rng.random() * (zero + one) >= zero)
        self._project(qubit, result)
        return result

    def read(self, qubit: int, error_zero: float, error_one: float) -> int:
        """A report in Z of a device that takes |0> for 1 and |1> for 0 with these probabilities, drawn.

        The state goes on as M rho M^dagger with M0 = diag(sqrt(1 - e0), sqrt(e1)), M1 = diag(sqrt(e0), sqrt(1 - e1)):
        an unsure report leaves coherence, so the qubit stays in its group.
        """
        zero, one = self._weights(qubit)
        effects = ((1.0 - error_zero, error_one), (error_zero, 1.0 - error_one))
        share = effects[0][0] * zero + effects[0][1] * one
        result = int(self._rng.random() * (zero + one) >= share)
        kept = effects[result]
        if 0.0 in kept:
            self._project(qubit, int(kept[0] == 0.0))
        else:
            group = self._groups.find(qubit)
            matrix = np.diag(np.sqrt(kept)).astype(np.complex128)
            state = _conjugated(matrix, group.state, [group.qubits.index(qubit)], len(group.qubits))
            group.state = state / state.trace().real
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
            if len(group.qubits) == 1:
                self._groups.drop(qubit, None)
            else:
                parts = self._parts(qubit)
                rest = parts[:, 0, :, :, 0] + parts[:, 1, :, :, 1]
                size = len(group.state) // 2
                self._groups.drop(qubit, rest.reshape(size, size))

    def together(self, qubit: int) -> list[int]:
        """The qubits that are held in one state with this one, itself included."""
        return list(self._groups.find(qubit).qubits)

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

    def sampled(self, *, largest: int = 20) -> KetRegister:
        """The same qubits as kets: each group in an eigenvector of its state, drawn with its eigenvalue."""
        return KetRegister.of_densities(self._groups, self._rng, largest=largest)

    def _parts(self, qubit: int) -> Matrix:
        """A view of the state of its group with row and column index of the qubit on axes 1 and 4."""
        group = self._groups.find(qubit)
        size = len(group.state)
        after = size >> (group.qubits.index(qubit) + 1)
        return group.state.reshape(size // (2 * after), 2, after, size // (2 * after), 2, after)

    def _weights(self, qubit: int) -> tuple[float, float]:
        """Probabilities of 0 and 1 in Z."""
        group = self._groups.find(qubit)
        state = group.state
        if len(state) == 2:
            return state.item(0).real, state.item(3).real
        if len(state) == 4:
            first, second, third, fourth = (state.item(place).real for place in (0, 5, 10, 15))
            if group.qubits[0] == qubit:
                return first + second, third + fourth
            return first + third, second + fourth
        after = len(state) >> (group.qubits.index(qubit) + 1)
        zero, one = state.diagonal().real.reshape(-1, 2, after).sum(axis=(0, 2)).tolist()
        return zero, one

    def _project(self, qubit: int, result: int) -> None:
        group = self._groups.find(qubit)
        if len(group.qubits) == 1:
            group.state = _FOUND[result]
            return
        size = len(group.state) // 2
        rest = self._parts(qubit)[:, result, :, :, result].reshape(size, size)
        self._groups.split(qubit, _FOUND[result], rest / rest.trace().real)


def _conjugated(matrix: Matrix, state: Matrix, places: list[int], count: int) -> Matrix:
    """K rho K^dagger."""
    half = on_rows(matrix, state, places, count)
    back: Matrix = on_rows(matrix, half.conj().T, places, count).conj().T
    return back
