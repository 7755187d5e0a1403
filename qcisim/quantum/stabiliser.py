"""A register of stabiliser states. The only file that imports stim."""

from __future__ import annotations

import numpy as np
import stim

from qcisim.errors import require
from qcisim.quantum.bell import BELL_KETS
from qcisim.quantum.channel import Channel
from qcisim.quantum.gate import CLIFFORD_GATES, Gate
from qcisim.quantum.pauli import Floats, density_of, pauli_weights
from qcisim.quantum.states import Matrix

_LETTERS = "IXYZ"
_KNOWN = {gate.name: gate for gate in CLIFFORD_GATES}
_METHODS = {name: {"I": None, "CNOT": "cx"}.get(name, name.lower()) for name in _KNOWN}
_REDUCED = 6
"""Density matrices of at most so many qubits are asked of a stabiliser register: 4^6 expectation values."""


class StabiliserRegister:
    """Stabiliser states for thousands of qubits: Clifford gates, mixtures of Paulis, measurements of X, Y, Z.

    Noise is sampled: of each channel one Pauli operator happens. Every random number comes from ``rng``, so a seed
    gives the same run on every machine. Gottesman and Aaronson, Phys. Rev. A 70, 052328 (2004);
    Gidney, Quantum 5, 497 (2021).

    Args:
        rng: for results and for noise.
    """

    __slots__ = ("_free", "_next", "_place", "_rng", "_simulator", "_weights")

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._simulator = stim.TableauSimulator()
        self._place: dict[int, int] = {}
        self._free: list[int] = []
        self._next = 0
        self._weights: dict[int, tuple[Channel, Floats]] = {}

    @property
    def rng(self) -> np.random.Generator:
        """For results and for noise."""
        return self._rng

    @rng.setter
    def rng(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def __len__(self) -> int:
        return len(self._place)

    def add(self, count: int = 1) -> list[int]:
        """New qubits in |0>; their numbers. Places of qubits that have left are used again."""
        require(count >= 1, f"{count} new qubits: wanted at least one")
        numbers = list(range(self._next, self._next + count))
        self._next += count
        for number in numbers:
            self._place[number] = self._free.pop() if self._free else len(self._place)
        self._simulator.set_num_qubits(len(self._place) + len(self._free))
        return numbers

    def insert(self, rho: Matrix) -> tuple[int, int]:
        """Two new qubits in a Bell state, drawn with its weight in ``rho``, (4, 4): a sample of the twirled state.

        Exact for mixtures of Bell states, an approximation for the rest.
        """
        require(rho.shape == (4, 4), f"state of shape {rho.shape}: wanted (4, 4)")
        edges = np.cumsum(np.einsum("ki,ij,kj->k", BELL_KETS.conj(), rho, BELL_KETS).real.clip(0.0))
        drawn = int(np.searchsorted(edges, self._rng.random() * edges[3], side="right"))
        first, second = self.add(2)
        places = self._place[first], self._place[second]
        self._simulator.h(places[0])
        self._simulator.cx(*places)
        if drawn % 2:
            self._simulator.z(places[0])
        if drawn >= 2:
            self._simulator.x(places[1])
        return first, second

    def apply(self, operation: Gate | Channel, *qubits: int) -> None:
        """A Clifford gate by its name, or one Pauli operator of a mixture, drawn.

        Raises `PhysicsError` for anything else: a stabiliser state cannot hold what comes of it.
        """
        places = self._places(qubits)
        if isinstance(operation, Gate):
            fits = operation.qubits == len(qubits)
            require(fits, f"gate {operation.name} on {len(qubits)} qubits: wanted {operation.qubits}")
            known = _KNOWN.get(operation.name)
            same = known is operation or (known is not None and np.allclose(known.matrix, operation.matrix))
            require(same, f"gate {operation.name} is not Clifford, or not known by this name: see CLIFFORD_GATES")
            method = _METHODS[operation.name]
            if method is not None:
                getattr(self._simulator, method)(*places)
            return
        weights = self._known(operation)
        require(len(weights) == 4 ** len(qubits), f"a channel on another number of qubits than {len(qubits)}")
        drawn = int(np.searchsorted(np.cumsum(weights), self._rng.random() * weights.sum(), side="right"))
        for place in reversed(places):
            drawn, letter = divmod(drawn, 4)
            if letter:
                (self._simulator.x, self._simulator.y, self._simulator.z)[letter - 1](place)

    def measure(self, qubit: int, basis: str = "Z") -> int:
        """The result in X, Y or Z; the qubit stays in the state it was found in."""
        require(basis in ("X", "Y", "Z"), f"basis '{basis}': wanted X, Y or Z")
        (place,) = self._places((qubit,))
        peek = {"X": self._simulator.peek_x, "Y": self._simulator.peek_y, "Z": self._simulator.peek_z}[basis]
        known = peek(place)
        if known:
            return int(known < 0)
        result = int(self._rng.integers(2))
        choose = {"X": "postselect_x", "Y": "postselect_y", "Z": "postselect_z"}[basis]
        getattr(self._simulator, choose)(place, desired_value=bool(result))
        return result

    def relax(self, qubit: int, population: float, coherence: float) -> None:
        """A sample of the Pauli twirl of what waiting does: px = py = (1 - d)/4, pz = (1 - c)/2 - px, an approximation.

        It relaxes to 1/2 where waiting relaxes to |0>. Ghosh, Fowler, Geller, Phys. Rev. A 86, 062318 (2012).
        """
        (place,) = self._places((qubit,))
        flip = 0.25 * (1.0 - population)
        left = self._rng.random()
        if left < 2.0 * flip:
            (self._simulator.x if left < flip else self._simulator.y)(place)
        elif left < max(2.0 * flip, flip + 0.5 * (1.0 - coherence)):
            self._simulator.z(place)

    def read(self, qubit: int, error_zero: float, error_one: float) -> int:
        """A report in Z that takes |0> for 1 and |1> for 0 with these probabilities; the qubit is measured."""
        found = self.measure(qubit)
        return found ^ int(self._rng.random() < (error_one if found else error_zero))

    def discard(self, *qubits: int) -> None:
        """Measures the qubits, forgets the results and frees their places."""
        for qubit in qubits:
            if self.measure(qubit):
                self._simulator.x(self._place[qubit])
            self._free.append(self._place.pop(qubit))

    def together(self, qubit: int) -> list[int]:
        """The qubit alone: stabilisers are not held in groups."""
        self._places((qubit,))
        return [qubit]

    def to_density(self, *qubits: int) -> Matrix:
        """rho = sum_a <P_a> P_a / 2^n of this sample, each <P_a> -1, 0 or 1; up to 6 qubits."""
        count = len(qubits)
        require(1 <= count <= _REDUCED, f"the density matrix of {count} qubits: wanted 1 to {_REDUCED}")
        places = self._places(qubits)
        size = len(self._place) + len(self._free)
        expectations = np.empty(4**count)
        for index in range(4**count):
            observable, left = stim.PauliString(size), index
            for place in reversed(places):
                left, letter = divmod(left, 4)
                observable[place] = _LETTERS[letter]
            expectations[index] = self._simulator.peek_observable_expectation(observable)
        return density_of(expectations)

    def _places(self, qubits: tuple[int, ...]) -> list[int]:
        for qubit in qubits:
            known = qubit in self._place
            require(known, f"qubit {qubit} is not in the register: it was never added, or has left")
        require(len(set(qubits)) == len(qubits), f"qubits {qubits}: an operation needs different ones")
        return [self._place[qubit] for qubit in qubits]

    def _known(self, channel: Channel) -> Floats:
        """The Pauli weights of a channel, kept with it."""
        kept = self._weights.get(id(channel))
        if kept is None:
            kept = (channel, pauli_weights(channel))
            if len(self._weights) > 256:
                self._weights.clear()
            self._weights[id(channel)] = kept
        return kept[1]
