"""Parts of a network, under their names of early 2024."""

from qcisim.squidasm.alias.netsquid_netbuilder.network_config import (
    CLinkConfig,
    MetroHubConfig,
    MetroHubConnectionConfig,
    NetworkConfig,
    ProcessingNodeConfig,
    RepeaterChainConfig,
    RepeaterNodeConfig,
)
from qcisim.squidasm.alias.netsquid_netbuilder.network_config import QLinkConfig as LinkConfig
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = [
    "CLinkConfig",
    "LinkConfig",
    "MetroHubConfig",
    "MetroHubConnectionConfig",
    "NetworkConfig",
    "ProcessingNodeConfig",
    "RepeaterChainConfig",
    "RepeaterNodeConfig",
]

__getattr__ = refuse_unknown(__name__)
