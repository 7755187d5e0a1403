"""Two clicks at a midpoint. Under the name of early 2024."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import HeraldedDoubleClickQLinkConfig as HeraldedDoubleClickLinkConfig

__all__ = ["HeraldedDoubleClickLinkConfig"]

__getattr__ = refuse_unknown(__name__)
