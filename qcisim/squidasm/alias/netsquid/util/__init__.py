"""Time of the simulation."""

from qcisim.squidasm.alias.netsquid.util import simtools
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["simtools"]

__getattr__ = refuse_unknown(__name__)
