"""Configurations of quantum devices."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.qdevices import generic, interface, nv
from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.device_config import GenericQDeviceConfig, IQDeviceConfig, NVQDeviceConfig

__all__ = ["GenericQDeviceConfig", "IQDeviceConfig", "NVQDeviceConfig", "generic", "interface", "nv"]

__getattr__ = refuse_unknown(__name__)
