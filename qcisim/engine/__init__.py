"""Clock, generator processes, signals, random streams."""

from qcisim.engine.clock import AllOf, AnyOf, DeadlockError, Engine, Interrupted, Process, Signal, Steps, Wait
from qcisim.engine.random import stream

__all__ = [
    "AllOf",
    "AnyOf",
    "DeadlockError",
    "Engine",
    "Interrupted",
    "Process",
    "Signal",
    "Steps",
    "Wait",
    "stream",
]
