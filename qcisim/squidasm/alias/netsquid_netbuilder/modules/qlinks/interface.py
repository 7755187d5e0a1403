"""What configurations of links have in common."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import IQLinkConfig

__all__ = ["IQLinkConfig"]

__getattr__ = refuse_unknown(__name__)
