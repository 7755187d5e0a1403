"""Configurations of schedules of hubs."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.scheduler import fifo, interface, static
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["fifo", "interface", "static"]

__getattr__ = refuse_unknown(__name__)
