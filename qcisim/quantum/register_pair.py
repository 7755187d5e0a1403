"""A pair as two qubits of a register: the circuits behind the closed forms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.quantum.bell import BELL_KETS
from qcisim.quantum.channel import Channel
from qcisim.quantum.distillation import DEJMPS, Scheme
from qcisim.quantum.gate import CNOT, S_DAG, SQRT_X, SQRT_X_DAG, Gate, H, S, X, Y, Z
from qcisim.quantum.memory import Waiting
from qcisim.quantum.operations import PERFECT, OperationNoise
from qcisim.quantum.pair import Axis, Distilled
from qcisim.quantum.pauli import two_qubit_depolarising
from qcisim.quantum.qubits import Qubits
from qcisim.quantum.states import Matrix

_TWIRL_ALICE = ((), (S, H), (H, S_DAG))
"""1, and both turns that send X to Y to Z to X, up to Paulis: with the Paulis a unitary 2-design of 12 elements."""
_TWIRL_BOB = ((), (S_DAG, H), (H, S))


@dataclass(frozen=True, slots=True, eq=False)
class RegisterPair:
    """Qubits ``a`` (side 0) and ``b`` (side 1) of a register; operations change the register and return a pair there.

    Args:
        register: any register; it samples results, and noise where it cannot hold it.
        a, b: numbers of the qubits.
    """

    register: Qubits
    a: int
    b: int

    @classmethod
    def perfect(cls, register: Qubits) -> RegisterPair:
        """A new Phi+ in the register."""
        a, b = register.add(2)
        register.apply(H, a)
        register.apply(CNOT, a, b)
        return cls(register, a, b)

    def apply(self, operation: Gate | Channel, side: int | None = None) -> RegisterPair:
        """A one-qubit operation on side 0 or 1, or a two-qubit operation (``side`` None)."""
        require(side in (0, 1, None), f"side {side}: wanted 0, 1 or None")
        self.register.apply(operation, *((self.a, self.b) if side is None else ((self.a, self.b)[side],)))
        return self

    def store(self, memory: Waiting, time_s: ArrayLike, side: int) -> RegisterPair:
        """One qubit waits in its memory; one pair, so one time."""
        return self.apply(memory.channel(float(np.asarray(time_s))), side)

    def measure(
        self, axis_a: Axis, axis_b: Axis, rng: np.random.Generator, noise: OperationNoise = PERFECT
    ) -> NDArray[np.uint8]:
        """Bits of both sides in X, Y or Z; both qubits leave. ``rng`` for readout errors."""
        bits = []
        for qubit, axis in ((self.a, axis_a), (self.b, axis_b)):
            require(isinstance(axis, str), "a register measures X, Y or Z: turn the qubit first for other axes")
            bits.append(_read(self.register, qubit, str(axis), rng, noise))
        return np.array(bits, dtype=np.uint8)

    def swap(self, other: RegisterPair, noise: OperationNoise = PERFECT) -> RegisterPair:
        """CNOT, H and two readouts in the middle, X and Z on the far side."""
        self._same(other)
        register = self.register
        _gate(register, self.b, other.a, noise)
        register.apply(H, self.b)
        if _read(register, other.a, "Z", register.rng, noise):
            register.apply(X, other.b)
        if _read(register, self.b, "Z", register.rng, noise):
            register.apply(Z, other.b)
        return RegisterPair(register, self.a, other.b)

    def distil(
        self,
        other: RegisterPair,
        scheme: Scheme = DEJMPS,
        noise: OperationNoise = PERFECT,
        noise_b: OperationNoise | None = None,
    ) -> Distilled[RegisterPair]:
        """The circuit of the scheme; probability 1.0 where the sampled reports are what it wants, else 0.0.

        The state given success is that of runs with 1.0. The pair stays in the register either way.
        """
        self._same(other)
        register = self.register
        for pair in (self, other):
            if scheme.twirled_input:
                pair._twirl()
            if scheme.rotated:
                register.apply(SQRT_X, pair.a)
                register.apply(SQRT_X_DAG, pair.b)
        _gate(register, self.a, other.a, noise)
        _gate(register, self.b, other.b, noise_b or noise)
        report_a = _read(register, other.a, "Z", register.rng, noise)
        report_b = _read(register, other.b, "Z", register.rng, noise_b or noise)
        good = report_a == report_b and (report_a == 1 or not scheme.both_one)
        return Distilled(self, float(good))

    def fidelity(self, bell: int = 0) -> float:
        """<B|rho|B>; of this sample, where the register samples noise."""
        require(bell in range(4), f"Bell state {bell}: there are four, 0 to 3")
        psi = BELL_KETS[bell]
        return float((psi.conj() @ self.to_density() @ psi).real)

    def to_density(self) -> Matrix:
        """rho, (4, 4); of this sample, where the register samples noise."""
        return self.register.to_density(self.a, self.b)

    def discard(self) -> None:
        """Both qubits leave the register."""
        self.register.discard(self.a, self.b)

    def _twirl(self) -> None:
        """A random U (x) U*, drawn: Phi+ stays, its complement becomes white on average."""
        register = self.register
        turn, pauli = (int(register.rng.integers(count)) for count in (3, 4))
        for qubit, gates in ((self.a, _TWIRL_ALICE[turn]), (self.b, _TWIRL_BOB[turn])):
            for gate in gates:
                register.apply(gate, qubit)
            if pauli:
                register.apply((X, Y, Z)[pauli - 1], qubit)

    def _same(self, other: RegisterPair) -> None:
        require(other.register is self.register, "two pairs in different registers: a joint gate needs one register")


@lru_cache(maxsize=64)
def _depolarising(probability: float) -> Channel:
    return two_qubit_depolarising(probability)


def _gate(register: Qubits, control: int, target: int, noise: OperationNoise) -> None:
    register.apply(CNOT, control, target)
    if noise.gate_depolarising > 0.0:
        register.apply(_depolarising(noise.gate_depolarising), control, target)


def _read(register: Qubits, qubit: int, basis: str, rng: np.random.Generator, noise: OperationNoise) -> int:
    """The reported bit; the qubit leaves."""
    bit = register.measure(qubit, basis)
    register.discard(qubit)
    wrong = noise.readout_error_one if bit else noise.readout_error_zero
    return bit ^ int(wrong > 0.0 and rng.random() < wrong)
