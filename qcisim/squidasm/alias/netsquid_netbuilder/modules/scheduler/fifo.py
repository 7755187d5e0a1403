"""First come, first served."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.scheduler.interface import IScheduleConfig
from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import Integer, Number
from qcisim.stack.topology import Fifo

__all__ = ["FIFOScheduleConfig"]


class FIFOScheduleConfig(IScheduleConfig):
    """Links are opened in the order of requests, each after ``switch_time`` (ns) without light."""

    switch_time: Number = 1000.0
    max_multiplexing: Integer = 1
    """Links that are open at once."""

    def to_schedule(self) -> Fifo:
        """As `qcisim.stack` wants it."""
        return Fifo(self.switch_time, self.max_multiplexing)


__getattr__ = refuse_unknown(__name__)
