"""Programs that block instead of yielding: one thread per role, in lock step with the event loop."""

from qcisim.squidasm.blocking.lockstep import Actor, await_, current
from qcisim.squidasm.blocking.qne_network import qne_network

__all__ = ["Actor", "await_", "current", "qne_network"]
