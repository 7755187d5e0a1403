"""Classical sockets of programs."""

from qcisim.stack.csocket import ClassicalSocket

__all__ = ["ClassicalSocket"]
