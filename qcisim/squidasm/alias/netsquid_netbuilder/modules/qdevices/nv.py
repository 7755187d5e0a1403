"""Nitrogen-vacancy centres."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.device_config import NVQDeviceConfig

__all__ = ["NVQDeviceConfig"]

__getattr__ = refuse_unknown(__name__)
