"""Configurations of classical links."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.clinks import default, instant, interface
from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.clink_config import DefaultCLinkConfig, ICLinkConfig, InstantCLinkConfig

__all__ = ["DefaultCLinkConfig", "ICLinkConfig", "InstantCLinkConfig", "default", "instant", "interface"]

__getattr__ = refuse_unknown(__name__)
