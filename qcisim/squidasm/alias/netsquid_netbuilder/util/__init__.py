"""Networks by a few numbers; fidelities."""

from qcisim.squidasm.alias.netsquid_netbuilder.util import fidelity, network_generation
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["fidelity", "network_generation"]

__getattr__ = refuse_unknown(__name__)
