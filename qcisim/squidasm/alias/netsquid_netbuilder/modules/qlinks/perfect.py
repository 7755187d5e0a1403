"""Perfect pairs after a fixed time."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import PerfectQLinkConfig

__all__ = ["PerfectQLinkConfig"]

__getattr__ = refuse_unknown(__name__)
