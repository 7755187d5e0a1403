"""Memory devices: how long their qubits live, how good their operations are, how many they hold."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.errors import require
from qcisim.quantum.memory import Memory, TwirledMemory
from qcisim.quantum.operations import OperationNoise


@dataclass(frozen=True, slots=True)
class MemoryDevice:
    """What a node stores its qubits in, and what it acts on them with.

    Args:
        t1_s: relaxation time of the storing qubit; infinite for none.
        t2_s: coherence time of the storing qubit, at most 2 T1.
        gate_depolarising: p of a two-qubit gate, rho -> (1-p) U rho U^dagger + p 1/4.
        readout_error_zero: probability that |0> is read as 1.
        readout_error_one: probability that |1> is read as 0.
        swap_success: of a Bell measurement: 1 with gates, at most 1/2 with linear optics and no ancillas.
        gate_s: duration of a two-qubit gate.
        readout_s: duration of a measurement.
        memories: qubits of a node that can hold a pair.
        efficiency: probability that a photon entangled with the qubit leaves the node in the right mode.

    Raises:
        PhysicsError: for T2 > 2 T1 and for what is no probability.
    """

    t1_s: float = math.inf
    t2_s: float = math.inf
    gate_depolarising: float = 0.0
    readout_error_zero: float = 0.0
    readout_error_one: float = 0.0
    swap_success: float = 1.0
    gate_s: float = 0.0
    readout_s: float = 0.0
    memories: int = 2
    efficiency: float = 1.0

    def __post_init__(self) -> None:
        Memory(self.t1_s, self.t2_s)
        OperationNoise(self.gate_depolarising, self.readout_error_zero, self.readout_error_one)
        for name in ("swap_success", "efficiency"):
            value = getattr(self, name)
            require(0.0 <= value <= 1.0, f"{name} {value:g}: a probability lies in [0, 1]")
        for name in ("gate_s", "readout_s"):
            value = getattr(self, name)
            require(value >= 0.0 and math.isfinite(value), f"{name} {value:g}: a duration is finite and not negative")
        require(self.memories >= 1, f"memories {self.memories}: a node that stores nothing is no node of a chain")

    @property
    def memory(self) -> Memory:
        """Damping and dephasing, exactly."""
        return Memory(self.t1_s, self.t2_s)

    @property
    def twirled(self) -> TwirledMemory:
        """Its Pauli twirl, what Bell-diagonal chains use; exact for infinite T1."""
        return TwirledMemory(self.t1_s, self.t2_s)

    @property
    def noise(self) -> OperationNoise:
        """Of its gates and measurements."""
        return OperationNoise(self.gate_depolarising, self.readout_error_zero, self.readout_error_one)

    @property
    def swap_s(self) -> float:
        """Duration of a Bell measurement: a gate and a read-out."""
        return self.gate_s + self.readout_s


PERFECT_DEVICE = MemoryDevice()

NV = MemoryDevice(
    t1_s=36_000.0,
    t2_s=1.0,
    gate_depolarising=0.02,
    readout_error_zero=0.05,
    readout_error_one=0.005,
    gate_s=500e-6,
    readout_s=3.7e-6,
    memories=2,
    efficiency=3.5e-4,
)
SIV = MemoryDevice(
    t2_s=2.1,
    gate_depolarising=0.05,
    readout_error_zero=0.01,
    readout_error_one=0.01,
    gate_s=30e-6,
    readout_s=30e-6,
    memories=2,
    efficiency=0.05,
)
TRAPPED_ION = MemoryDevice(
    t2_s=0.085,
    gate_depolarising=0.1,
    readout_error_zero=0.001,
    readout_error_one=0.001,
    gate_s=107e-6,
    readout_s=1.5e-3,
    memories=10,
    efficiency=0.091,
)
ATOMIC_ENSEMBLE = MemoryDevice(
    t2_s=1e-3,
    swap_success=0.5,
    memories=2,
    efficiency=0.5,
)
QUANTUM_DOT = MemoryDevice(
    t2_s=0.113e-3,
    gate_depolarising=0.05,
    readout_error_zero=0.02,
    readout_error_one=0.02,
    gate_s=10e-9,
    readout_s=100e-9,
    memories=1,
    efficiency=0.5,
)
