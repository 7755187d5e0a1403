"""Names only: nodes are qcisim's own."""

from qcisim.squidasm.alias.netsquid.nodes import node
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["node"]

__getattr__ = refuse_unknown(__name__)
