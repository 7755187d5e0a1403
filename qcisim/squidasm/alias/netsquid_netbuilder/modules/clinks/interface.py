"""What configurations of classical links have in common."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.clink_config import ICLinkConfig

__all__ = ["ICLinkConfig"]

__getattr__ = refuse_unknown(__name__)
