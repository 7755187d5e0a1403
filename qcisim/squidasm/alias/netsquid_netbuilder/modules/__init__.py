"""Configurations of devices, links, schedules and repeater chains."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules import (
    clinks,
    links,
    photonic_interface,
    qdevices,
    qlinks,
    qrep_chain_control,
    scheduler,
)
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["clinks", "links", "photonic_interface", "qdevices", "qlinks", "qrep_chain_control", "scheduler"]

__getattr__ = refuse_unknown(__name__)
