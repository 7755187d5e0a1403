"""The part of netsquid that SquidASM programs use: time, seed, formalism, states of qubits."""

from qcisim.squidasm.alias.netsquid import components, nodes, qubits, util
from qcisim.squidasm.alias.netsquid.qubits.qformalism import QFormalism, set_qstate_formalism
from qcisim.squidasm.alias.netsquid.util.simtools import (
    MICROSECOND,
    MILLISECOND,
    NANOSECOND,
    SECOND,
    set_random_state,
    sim_reset,
    sim_time,
)
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = [
    "MICROSECOND",
    "MILLISECOND",
    "NANOSECOND",
    "SECOND",
    "QFormalism",
    "components",
    "nodes",
    "qubits",
    "set_qstate_formalism",
    "set_random_state",
    "sim_reset",
    "sim_time",
    "util",
]

__getattr__ = refuse_unknown(__name__)
