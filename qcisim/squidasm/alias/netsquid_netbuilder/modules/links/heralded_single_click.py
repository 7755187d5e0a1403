"""One click at a midpoint. Under the name of early 2024."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import HeraldedSingleClickQLinkConfig as HeraldedSingleClickLinkConfig

__all__ = ["HeraldedSingleClickLinkConfig"]

__getattr__ = refuse_unknown(__name__)
