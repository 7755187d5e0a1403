"""Connections of programs to their processor."""

from qcisim.stack.connection import QnosConnection

__all__ = ["QnosConnection"]
