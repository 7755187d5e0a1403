"""Werner pairs after a number of attempts. Under the name of early 2024."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.link_config import DepolariseQLinkConfig as DepolariseLinkConfig

__all__ = ["DepolariseLinkConfig"]

__getattr__ = refuse_unknown(__name__)
