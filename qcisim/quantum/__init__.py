"""States, channels (Kraus and superoperator), measurements, entropies; pairs, memories and registers of qubits.

qutip comes in through `quantum.bridge`, stim through `quantum.stabiliser`, numba when pairs are swapped or distilled.
"""

from qcisim.quantum.adaptive import AdaptiveRegister
from qcisim.quantum.bell import bell_state, chsh_value, correlation_matrix, werner_state
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.channel import (
    PAULIS,
    Channel,
    amplitude_damping,
    bit_flip,
    dephasing,
    depolarising,
    erasure,
    identity,
    mixture,
    pauli,
    quaternion,
    rotation,
    rotation_y,
    sequence,
    unitary,
)
from qcisim.quantum.distance import fidelity, trace_distance
from qcisim.quantum.distillation import BBPSSW, DEJMPS, EPL, SCHEMES, Scheme
from qcisim.quantum.entropy import binary_entropy, shannon_entropy, von_neumann_entropy
from qcisim.quantum.gate import Gate
from qcisim.quantum.groups import CrowdedError
from qcisim.quantum.ket_register import KetRegister
from qcisim.quantum.memory import DepolarisingMemory, Memory, TwirledMemory
from qcisim.quantum.nested import Nested, pumping, reaching, recurrence
from qcisim.quantum.operations import PERFECT, OperationNoise
from qcisim.quantum.pair import Distilled, Pair
from qcisim.quantum.pair_density import PairDensity
from qcisim.quantum.pauli import pauli_weights, transfer_matrix, twirled, two_qubit_depolarising
from qcisim.quantum.povm import Povm, bb84_povm
from qcisim.quantum.qubits import Qubits
from qcisim.quantum.register import Register
from qcisim.quantum.register_pair import RegisterPair
from qcisim.quantum.states import (
    Matrix,
    bb84_ket,
    check_density,
    density,
    ket,
    maximally_mixed,
    partial_trace,
)
from qcisim.quantum.teleportation import mean_teleportation_fidelity, teleport, teleportation_transfer

__all__ = [
    "BBPSSW",
    "DEJMPS",
    "EPL",
    "PAULIS",
    "PERFECT",
    "SCHEMES",
    "AdaptiveRegister",
    "BellDiagonal",
    "Channel",
    "CrowdedError",
    "DepolarisingMemory",
    "Distilled",
    "Gate",
    "KetRegister",
    "Matrix",
    "Memory",
    "Nested",
    "OperationNoise",
    "Pair",
    "PairDensity",
    "Povm",
    "Qubits",
    "Register",
    "RegisterPair",
    "Scheme",
    "TwirledMemory",
    "amplitude_damping",
    "bb84_ket",
    "bb84_povm",
    "bell_state",
    "binary_entropy",
    "bit_flip",
    "check_density",
    "chsh_value",
    "correlation_matrix",
    "density",
    "dephasing",
    "depolarising",
    "erasure",
    "fidelity",
    "identity",
    "ket",
    "maximally_mixed",
    "mean_teleportation_fidelity",
    "mixture",
    "partial_trace",
    "pauli",
    "pauli_weights",
    "pumping",
    "quaternion",
    "reaching",
    "recurrence",
    "rotation",
    "rotation_y",
    "sequence",
    "shannon_entropy",
    "teleport",
    "teleportation_transfer",
    "trace_distance",
    "transfer_matrix",
    "twirled",
    "two_qubit_depolarising",
    "unitary",
    "von_neumann_entropy",
    "werner_state",
]
