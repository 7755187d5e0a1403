"""Devices of equal qubits."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.device_config import GenericQDeviceConfig

__all__ = ["GenericQDeviceConfig"]

__getattr__ = refuse_unknown(__name__)
