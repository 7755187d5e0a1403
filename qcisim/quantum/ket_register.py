"""A register of kets over groups of qubits; noise is sampled."""

from __future__ import annotations

import numpy as np

from qcisim.errors import require
from qcisim.quantum.bell import BELL_KETS
from qcisim.quantum.channel import Channel, amplitude_damping, dephasing
from qcisim.quantum.embedding import kraus_of
from qcisim.quantum.gate import Gate
from qcisim.quantum.groups import Groups, kron, on_rows
from qcisim.quantum.measuring import undoing
from qcisim.quantum.states import Matrix

ROUNDING = 1e-12
"""Coherences below this are none."""

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

    @classmethod
    def of_densities(cls, groups: Groups, rng: np.random.Generator, *, largest: int = 20) -> KetRegister:
        """Each group of density matrices in one of its eigenvectors, drawn with its eigenvalue; numbers stay."""
        register = cls(rng, largest=largest)
        register._groups = groups.changed(lambda rho: _eigenvector(rho, rng), _ZERO, largest)
        return register

    @property
    def rng(self) -> np.random.Generator:
        """For results and for noise."""
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
        """Two new qubits in an eigenvector of ``rho``, (4, 4), drawn with its eigenvalue.

        Of equal eigenvalues the vectors are Bell states where they can be: a Werner pair is one of the four.
        """
        require(rho.shape == (4, 4), f"state of shape {rho.shape}: wanted (4, 4)")
        bell = BELL_KETS.conj() @ rho @ BELL_KETS.T
        drawn = _eigenvector(np.where(np.abs(bell) < ROUNDING, 0.0, bell), self._rng)
        return self._groups.insert(np.ascontiguousarray(drawn @ BELL_KETS))

    def apply(self, operation: Gate | Channel, *qubits: int) -> None:
        """psi -> K psi / |K psi| for one Kraus operator, drawn with probability |K psi|^2."""
        kraus = kraus_of(operation, len(qubits))
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

    def relax(self, qubit: int, population: float, coherence: float) -> None:
        """A sample of what waiting does: excess of |1> falls to ``population`` of it, coherences to ``coherence``."""
        left = 1.0 if population == 0.0 else min(1.0, coherence / np.sqrt(population))
        if population < 1.0:
            self.apply(amplitude_damping(1.0 - population), qubit)
        if left < 1.0:
            self.apply(dephasing(0.5 * (1.0 - left)), qubit)

    def read(self, qubit: int, error_zero: float, error_one: float) -> int:
        """A report in Z, drawn; M0 = diag(sqrt(1 - e0), sqrt(e1)), M1 = diag(sqrt(e0), sqrt(1 - e1))."""
        halves = self._halves(qubit)
        zero, one = (float(np.vdot(half, half).real) for half in halves)
        share = (1.0 - error_zero) * zero + error_one * one
        result = int(self._rng.random() * (zero + one) >= share)
        kept = ((1.0 - error_zero, error_one), (error_zero, 1.0 - error_one))[result]
        if 0.0 in kept:
            self._collapse(qubit, int(kept[0] == 0.0), halves)
        else:
            group = self._groups.find(qubit)
            matrix = np.diag(np.sqrt(kept)).astype(np.complex128)
            state = on_rows(matrix, group.state, [group.qubits.index(qubit)], len(group.qubits))
            group.state = state / np.linalg.norm(state)
        return result

    def measure(self, qubit: int, basis: str = "Z") -> int:
        """The result in X, Y or Z, drawn; the qubit splits off in the state it was found in."""
        with undoing(self, qubit, basis):
            halves = self._halves(qubit)
            zero = float(np.vdot(halves[0], halves[0]).real)
            total = zero + float(np.vdot(halves[1], halves[1]).real)
            result = int(self._rng.random() * total >= zero)
            self._collapse(qubit, result, halves)
        return result

    def discard(self, *qubits: int) -> None:
        """Measures the qubits and forgets the results: a sample of the partial trace."""
        for qubit in qubits:
            self.measure(qubit)
            self._groups.drop(qubit, None)

    def together(self, qubit: int) -> list[int]:
        """The qubits that are held in one state with this one, itself included."""
        return list(self._groups.find(qubit).qubits)

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

    def _collapse(self, qubit: int, result: int, halves: Matrix) -> None:
        """The qubit splits off in |result>."""
        own = np.zeros(2, dtype=np.complex128)
        own[result] = 1.0
        rest = halves[result]
        norm = np.linalg.norm(rest)
        alone = len(self._groups.find(qubit).qubits) == 1
        self._groups.split(qubit, own * (rest[0] / norm) if alone else own, rest / norm)


def _eigenvector(rho: Matrix, rng: np.random.Generator) -> Matrix:
    """One of the eigenvectors of a density matrix, drawn with its eigenvalue."""
    values, vectors = np.linalg.eigh(rho)
    edges = np.cumsum(np.clip(values, 0.0, None))
    drawn = int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))
    vector: Matrix = np.ascontiguousarray(vectors[:, drawn])
    return vector
