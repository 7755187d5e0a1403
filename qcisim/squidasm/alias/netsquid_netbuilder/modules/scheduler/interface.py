"""What configurations of schedules have in common."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import YamlLoadable
from qcisim.stack.topology import Fifo, Windows

__all__ = ["IScheduleConfig"]


class IScheduleConfig(YamlLoadable):
    """Base of the configurations of schedules of a hub."""

    def to_schedule(self) -> Fifo | Windows:
        """As `qcisim.stack` wants it."""
        raise NotImplementedError


__getattr__ = refuse_unknown(__name__)
