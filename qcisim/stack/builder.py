"""The builder of netqasm, told what this stack knows, and quicker where programs spend their time.

It emits the instructions that netqasm emits, but for one thing: where pairs arrive in the Bell state that the receiver
expects (the default), the instructions that would correct them are left out, since their branches are never taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from netqasm.lang.encoding import RegisterName
from netqasm.lang.operand import Register
from netqasm.sdk.build_types import HardwareConfig
from netqasm.sdk.builder import Builder
from netqasm.sdk.futures import RegFuture
from netqasm.sdk.memmgr import MemoryManager

from qcisim.errors import InputError
from qcisim.stack.app_memory import AppMemory

if TYPE_CHECKING:
    from qcisim.stack.connection import QnosConnection

_R = tuple(Register(RegisterName.R, index) for index in range(16))
_M = tuple(Register(RegisterName.M, index) for index in range(16))
_NO_M_USED = dict.fromkeys(_M, False)
_PSI_PLUS = 1


class Labels:
    """Labels of jumps: each name with a number of its own, without a search."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def new_label(self, start_with: str = "") -> str:
        """A label that was not used before."""
        count = self._used.get(start_with, 0)
        self._used[start_with] = count + 1
        return f"{start_with}{count}" if count else start_with


@cache
def _fresh() -> dict[str, Any]:
    """Attributes of a new memory manager of netqasm: lists, sets and dictionaries."""
    return dict(vars(MemoryManager()))


class StackMemoryManager(MemoryManager):  # type: ignore[misc]
    """Registers in use by number instead of by value."""

    def __init__(self) -> None:
        for name, value in _fresh().items():
            setattr(self, name, type(value)(value))
        self._taken: set[int] = set()

    def is_register_active(self, reg: Register) -> bool:
        """Whether a register is in use."""
        return reg.name._value_ * 16 + reg.index in self._taken

    def add_active_register(self, reg: Register) -> None:
        """Take a register."""
        number = reg.name._value_ * 16 + reg.index
        if number in self._taken:
            raise ValueError(f"register {reg} is in use already")
        self._taken.add(number)

    def remove_active_register(self, reg: Register) -> None:
        """Give a register back."""
        self._taken.remove(reg.name._value_ * 16 + reg.index)

    def get_inactive_register(self, activate: bool = False) -> Register:
        """The first R register that is not in use."""
        taken = self._taken
        for index in range(16):
            if index not in taken:
                if activate:
                    taken.add(index)
                return _R[index]
        raise InputError("no R register is left: the loops and conditions of this subroutine are nested too deeply")

    def get_new_meas_outcome_register(self) -> Register:
        """The first M register that is not in use."""
        for register, used in self._used_meas_registers.items():
            if not used:
                self._used_meas_registers[register] = True
                return register
        raise InputError("no M register is left: at most 16 results with store_array=False between two flushes")

    def reset_used_meas_registers(self) -> None:
        """No M register is in use."""
        self._used_meas_registers = dict(_NO_M_USED)


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
        if hasattr(self, "_mem_mgr"):
            self._mem_mgr = StackMemoryManager()

    @property
    def has_pending(self) -> bool:
        """Whether something was written since the last flush."""
        return bool(self._pending_commands)

    # lines of programs are found in frames, when they are asked for

    def subrt_add_pending_commands(self, commands: Sequence[Any]) -> None:
        """Commands at the end of the subroutine."""
        self._pending_commands.extend(commands)

    def subrt_add_pending_command(self, command: Any) -> None:
        """A command at the end of the subroutine."""
        self._pending_commands.append(command)

    # Bell states

    def _expect(self, results: Any, params: Any) -> None:
        """Note in which Bell state the pairs reported to an array are wanted."""
        if self._corrects:
            return
        if getattr(params, "expect_psi_plus", False):
            self._memory.frames[results.address] = _PSI_PLUS
        elif not getattr(params, "expect_phi_plus", True):
            self._memory.frames[results.address] = None

    def _build_cmds_epr_recv_keep(
        self, qubit_ids_array: Any, ent_results_array: Any, wait_all: bool, params: Any
    ) -> None:
        self._expect(ent_results_array, params)
        super()._build_cmds_epr_recv_keep(qubit_ids_array, ent_results_array, wait_all, params)

    def _build_cmds_epr_recv_measure(self, ent_results_array: Any, wait_all: bool, params: Any) -> None:
        self._expect(ent_results_array, params)
        super()._build_cmds_epr_recv_measure(ent_results_array, wait_all, params)

    def _build_cmds_epr_recv_rsp(
        self, qubit_ids_array: Any, ent_results_array: Any, wait_all: bool, params: Any
    ) -> None:
        self._expect(ent_results_array, params)
        super()._build_cmds_epr_recv_rsp(qubit_ids_array, ent_results_array, wait_all, params)

    def _build_cmds_epr_keep_corrections(self, *args: Any, **kwargs: Any) -> None:
        if self._corrects:
            super()._build_cmds_epr_keep_corrections(*args, **kwargs)

    def _build_cmds_epr_keep_corrections_single_pair(self, *args: Any, **kwargs: Any) -> None:
        if self._corrects:
            super()._build_cmds_epr_keep_corrections_single_pair(*args, **kwargs)

    def _get_raw_bell_state(self, results_array: Any, index: Any, target_reg: Register) -> RegFuture:
        if self._corrects:
            return super()._get_raw_bell_state(results_array, index, target_reg)
        return RegFuture(self._connection, target_reg)
