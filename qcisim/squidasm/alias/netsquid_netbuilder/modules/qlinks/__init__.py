"""Configurations of links of pairs."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.qlinks import (
    depolarise,
    heralded_double_click,
    heralded_single_click,
    interface,
    perfect,
)
from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import (
    DepolariseQLinkConfig,
    HeraldedDoubleClickQLinkConfig,
    HeraldedSingleClickQLinkConfig,
    IQLinkConfig,
    PerfectQLinkConfig,
)

__all__ = [
    "DepolariseQLinkConfig",
    "HeraldedDoubleClickQLinkConfig",
    "HeraldedSingleClickQLinkConfig",
    "IQLinkConfig",
    "PerfectQLinkConfig",
    "depolarise",
    "heralded_double_click",
    "heralded_single_click",
    "interface",
    "perfect",
]

__getattr__ = refuse_unknown(__name__)
