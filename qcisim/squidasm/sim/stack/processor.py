"""Names of processors; devices know their instructions themselves."""

from __future__ import annotations

from typing import Any

__all__ = ["GenericProcessor", "NVProcessor", "Processor"]


class Processor:
    """A processor of a node; where one is put in place of another, nothing changes."""

    def __init__(self, comp: Any, qnos: Any) -> None:
        self.comp, self.qnos = comp, qnos


class GenericProcessor(Processor):
    """Of a device of equal qubits."""


class NVProcessor(Processor):
    """Of an NV centre."""
