"""What configurations of devices have in common."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.device_config import IQDeviceConfig

__all__ = ["IQDeviceConfig"]

__getattr__ = refuse_unknown(__name__)
