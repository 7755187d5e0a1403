"""States of qubits outside of a run, and looking at those inside."""

from qcisim.squidasm.alias.netsquid.qubits import dmutil, ketstates, operators, qformalism, qubit, qubitapi
from qcisim.squidasm.alias.netsquid.qubits.ketstates import BellIndex
from qcisim.squidasm.alias.netsquid.qubits.operators import Operator
from qcisim.squidasm.alias.netsquid.qubits.qformalism import QFormalism, get_qstate_formalism, set_qstate_formalism
from qcisim.squidasm.alias.netsquid.qubits.qubit import QState, Qubit
from qcisim.squidasm.alias.netsquid.qubits.qubitapi import (
    assign_qstate,
    combine_qubits,
    create_qubits,
    exp_value,
    fidelity,
    operate,
    reduced_dm,
)
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = [
    "BellIndex",
    "Operator",
    "QFormalism",
    "QState",
    "Qubit",
    "assign_qstate",
    "combine_qubits",
    "create_qubits",
    "dmutil",
    "exp_value",
    "fidelity",
    "get_qstate_formalism",
    "ketstates",
    "operate",
    "operators",
    "qformalism",
    "qubit",
    "qubitapi",
    "reduced_dm",
    "set_qstate_formalism",
]

__getattr__ = refuse_unknown(__name__)
