"""Networks as netsquid_netbuilder describes them, run on the stack of qcisim."""

from qcisim.squidasm.alias.netsquid_netbuilder import base_configs, modules, network_config, util, yaml_loadable
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["base_configs", "modules", "network_config", "util", "yaml_loadable"]

__getattr__ = refuse_unknown(__name__)
