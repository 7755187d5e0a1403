"""The builder of netqasm, told what this stack knows, and quicker where programs spend their time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netqasm.sdk.build_types import HardwareConfig
from netqasm.sdk.builder import Builder

from qcisim.stack.app_memory import AppMemory

if TYPE_CHECKING:
    from qcisim.stack.connection import QnosConnection


class Labels:
    """Labels of jumps: each name with a number of its own, without a search."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def new_label(self, start_with: str = "") -> str:
        """A label that was not used before."""
        count = self._used.get(start_with, 0)
        self._used[start_with] = count + 1
        return f"{start_with}{count}" if count else start_with


class StackBuilder(Builder):  # type: ignore[misc]
    """Turns what programs write into subroutines.

    Args:
        connection: of the program.
        memory: where it is noted in which Bell state a receiver expects its pairs.
        hardware: communication and memory qubits.
        compiler: transpiler of the device; None for devices that know all gates.
        corrects: whether receivers correct the Bell state with gates; False: pairs arrive corrected.
    """

    def __init__(
        self, connection: QnosConnection, memory: AppMemory, hardware: HardwareConfig, compiler: Any, *, corrects: bool
    ) -> None:
        super().__init__(connection=connection, app_id=memory.app_id, hardware_config=hardware, compiler=compiler)
        self._memory, self._corrects = memory, corrects
        if hasattr(self, "_label_mgr"):
            self._label_mgr = Labels()

    @property
    def has_pending(self) -> bool:
        """Whether something was written since the last flush."""
        return bool(self._pending_commands)
