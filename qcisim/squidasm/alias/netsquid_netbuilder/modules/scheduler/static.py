"""Windows that repeat."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.scheduler.interface import IScheduleConfig
from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import Integer, Number
from qcisim.stack.topology import Windows

__all__ = ["StaticScheduleConfig"]


class StaticScheduleConfig(IScheduleConfig):
    """Each ordered pair of nodes has a window of ``time_window`` in turn, ``switch_time`` apart (ns)."""

    time_window: Number = 1e6
    switch_time: Number = 1000.0
    max_multiplexing: Integer = 1
    """Links that are open at once."""

    def to_schedule(self) -> Windows:
        """As `qcisim.stack` wants it."""
        return Windows(self.time_window, self.switch_time, self.max_multiplexing)


__getattr__ = refuse_unknown(__name__)
