"""Messages that take a time."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.clink_config import DefaultCLinkConfig

__all__ = ["DefaultCLinkConfig"]

__getattr__ = refuse_unknown(__name__)
