"""Two clicks at a midpoint."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import HeraldedDoubleClickQLinkConfig

__all__ = ["HeraldedDoubleClickQLinkConfig"]

__getattr__ = refuse_unknown(__name__)
