"""Configurations of links of pairs, under their names of early 2024."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.links import (
    depolarise,
    heralded_double_click,
    heralded_single_click,
    interface,
    nv,
    perfect,
)
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["depolarise", "heralded_double_click", "heralded_single_click", "interface", "nv", "perfect"]

__getattr__ = refuse_unknown(__name__)
