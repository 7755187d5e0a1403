"""What configurations of links have in common. Under the name of early 2024."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import IQLinkConfig as ILinkConfig

__all__ = ["ILinkConfig"]

__getattr__ = refuse_unknown(__name__)
