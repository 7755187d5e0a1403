"""Repeater chains: memories, elementary links, swapping, distillation, routing of entanglement."""

from qcisim.repeaters import entries  # noqa: F401 - imported so that they register
from qcisim.repeaters.chain import Chain, uniform
from qcisim.repeaters.device import MemoryDevice
from qcisim.repeaters.link import ElementaryLink, Heralded
from qcisim.repeaters.policy import NO_DISTILLATION, Schedule
from qcisim.repeaters.run import ChainRun, Ensemble, ensemble, run
from qcisim.repeaters.trace import Event, Trace

__all__ = [
    "NO_DISTILLATION",
    "Chain",
    "ChainRun",
    "ElementaryLink",
    "Ensemble",
    "Event",
    "Heralded",
    "MemoryDevice",
    "Schedule",
    "Trace",
    "ensemble",
    "run",
    "uniform",
]
