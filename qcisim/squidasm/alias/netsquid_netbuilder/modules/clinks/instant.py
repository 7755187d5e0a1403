"""Messages that take no time."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.clink_config import InstantCLinkConfig

__all__ = ["InstantCLinkConfig"]

__getattr__ = refuse_unknown(__name__)
