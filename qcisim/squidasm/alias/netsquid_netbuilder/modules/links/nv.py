"""The link of NV centres of SquidASM up to 0.12."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import NVLinkConfig

__all__ = ["NVLinkConfig"]

__getattr__ = refuse_unknown(__name__)
