"""Processors of nodes, for programs that hand them subroutines."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from qcisim.errors import InputError
from qcisim.stack.processor import Frame

if TYPE_CHECKING:
    from qcisim.squidasm.sim.stack.network import Qnos, QnosComponent

__all__ = ["GenericProcessor", "NVProcessor", "Processor"]


class Processor:
    """A base class: put one whose ``run`` carries out subroutines at ``stack.qnos.processor``.

    Args:
        comp: ``qnos_comp.processor_comp`` of a stack.
        qnos: of the same stack, with a memory for each application.
    """

    def __init__(self, comp: QnosComponent, qnos: Qnos) -> None:
        self.comp, self.qnos = comp, qnos

    def run(self) -> Generator[Any, Any, None]:
        """What the processor does beside carrying out what its host sends: nothing."""
        yield from ()

    def execute_subroutine(self, subroutine: Any) -> Generator[Any, Any, Any]:
        """Carry out a subroutine; the memory of its application. ``yield from`` it."""
        node, app_id = self.comp.node, subroutine.app_id or 0
        mine = self.qnos.app_memories.get(app_id)
        if mine is None:
            raise InputError(f"{node.name}: a subroutine of application {app_id}, which does not exist")
        frame = node.frames.get(app_id) or node.frames.setdefault(app_id, Frame(node, mine))
        yield from frame.execute(node.compiler.subroutine(subroutine))
        return mine


class GenericProcessor(Processor):
    """Of a device of equal qubits."""


class NVProcessor(Processor):
    """Of an NV centre."""
