"""Configurations of links of pairs."""

from qcisim.squidasm.alias.netsquid_magic.models import (
    depolarise,
    heralded_double_click,
    heralded_single_click,
    perfect,
)
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["depolarise", "heralded_double_click", "heralded_single_click", "perfect"]

__getattr__ = refuse_unknown(__name__)
