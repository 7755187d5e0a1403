"""Configurations of photonic interfaces."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.photonic_interface import depolarizing, interface
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["depolarizing", "interface"]

__getattr__ = refuse_unknown(__name__)
