"""One click at a midpoint."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import HeraldedSingleClickQLinkConfig

__all__ = ["HeraldedSingleClickQLinkConfig"]

__getattr__ = refuse_unknown(__name__)
