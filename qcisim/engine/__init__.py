"""Clock, generator processes, signals, random streams."""

from qcisim.engine.clock import DeadlockError, Engine, Process, Signal, Steps, Wait
from qcisim.engine.random import stream

__all__ = ["DeadlockError", "Engine", "Process", "Signal", "Steps", "Wait", "stream"]
