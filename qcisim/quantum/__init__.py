"""States, channels (Kraus and superoperator), measurements, entropies, Bell pairs; qutip through `quantum.bridge`."""

from qcisim.quantum.bell import bell_state, chsh_value, correlation_matrix, werner_state
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
from qcisim.quantum.entropy import binary_entropy, shannon_entropy, von_neumann_entropy
from qcisim.quantum.povm import Povm, bb84_povm
from qcisim.quantum.states import (
    Matrix,
    bb84_ket,
    check_density,
    density,
    ket,
    maximally_mixed,
    partial_trace,
)

__all__ = [
    "PAULIS",
    "Channel",
    "Matrix",
    "Povm",
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
    "mixture",
    "partial_trace",
    "pauli",
    "quaternion",
    "rotation",
    "rotation_y",
    "sequence",
    "shannon_entropy",
    "trace_distance",
    "unitary",
    "von_neumann_entropy",
    "werner_state",
]
