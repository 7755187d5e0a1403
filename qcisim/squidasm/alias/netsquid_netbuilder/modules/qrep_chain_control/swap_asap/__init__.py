"""Repeaters that swap as soon as they can."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.qrep_chain_control.swap_asap import swap_asap_builder
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["swap_asap_builder"]

__getattr__ = refuse_unknown(__name__)
