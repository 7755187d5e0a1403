"""Programs and what they are given."""

from qcisim.stack.program import Program, ProgramContext, ProgramMeta

__all__ = ["Program", "ProgramContext", "ProgramMeta"]
