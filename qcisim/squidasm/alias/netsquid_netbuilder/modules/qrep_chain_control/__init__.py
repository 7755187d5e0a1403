"""Configurations of how repeater chains are run."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.qrep_chain_control import interface, swap_asap
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["interface", "swap_asap"]

__getattr__ = refuse_unknown(__name__)
