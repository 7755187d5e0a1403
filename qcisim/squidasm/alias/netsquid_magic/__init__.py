"""Models of links under the names of netsquid_magic."""

from qcisim.squidasm.alias.netsquid_magic import models
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["models"]

__getattr__ = refuse_unknown(__name__)
