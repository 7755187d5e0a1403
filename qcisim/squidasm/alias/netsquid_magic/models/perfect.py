"""Perfect pairs after a fixed time."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import PerfectQLinkConfig as PerfectLinkConfig

__all__ = ["PerfectLinkConfig"]

__getattr__ = refuse_unknown(__name__)
