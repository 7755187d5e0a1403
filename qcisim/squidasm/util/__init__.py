"""Networks, states and routines that programs share."""

from qcisim.squidasm.util.util import create_two_node_network, get_qubit_state, get_reference_state

__all__ = ["create_two_node_network", "get_qubit_state", "get_reference_state"]
