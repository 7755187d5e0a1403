"""The classical memory of one application: registers and arrays that program and processor share."""

from __future__ import annotations

from typing import Any

from qcisim.engine import Signal
from qcisim.errors import InputError, QcisimError

REGISTER_GROUPS = "RCQM"
REGISTERS = tuple(f"{group}{index}" for group in REGISTER_GROUPS for index in range(16))
"""Names of the 64 registers in the order in which they are stored."""
REGISTER_INDEX = {name: index for index, name in enumerate(REGISTERS)}

Value = int | None


def register_index(register: Any) -> int:
    """The place of a register, given its name ("Q0") or a register operand of netqasm."""
    if isinstance(register, str):
        index = REGISTER_INDEX.get(register)
        if index is None:
            raise InputError(f"register '{register}': wanted one of R, C, Q, M with a number from 0 to 15")
        return index
    place: int = register.name.value * 16 + register.index
    return place


class AppMemory:
    """Registers, arrays and the map of virtual to physical qubits of one application, live.

    Args:
        app_id: of the application at its node.
        max_qubits: what the application announced; no limit, the device is.
    """

    __slots__ = ("app_id", "arrays", "failure", "frames", "max_qubits", "registers", "virtual", "written")

    def __init__(self, app_id: int, max_qubits: int) -> None:
        self.app_id, self.max_qubits = app_id, max_qubits
        self.registers: list[Value] = [None] * len(REGISTERS)
        self.arrays: dict[int, list[Value]] = {}
        self.virtual: dict[int, int] = {}
        self.frames: dict[int, int | None] = {}
        """Bell state that pairs reported to an array are delivered in, where it is not Phi+; None: as they came."""
        self.written = Signal("results of a request for pairs")
        self.failure: QcisimError | None = None

    # what processors of netqasm call these

    @property
    def qubit_mapping(self) -> dict[int, int | None]:
        """Virtual qubits and where they are."""
        return {virtual: self.virtual.get(virtual) for virtual in range(max(self.max_qubits, len(self.virtual)))}

    def map_virt_id(self, virt_id: int, phys_id: int) -> None:
        """Virtual qubit ``virt_id`` is at position ``phys_id``."""
        self.virtual[virt_id] = phys_id

    def unmap_virt_id(self, virt_id: int) -> None:
        """Virtual qubit ``virt_id`` is nowhere."""
        self.virtual.pop(virt_id, None)

    def unmap_all(self) -> None:
        """No virtual qubit is anywhere."""
        self.virtual.clear()

    def phys_id_for(self, virt_id: int) -> int | None:
        """Where a virtual qubit is."""
        return self.virtual.get(virt_id)

    def virt_id_for(self, phys_id: int) -> int | None:
        """Which virtual qubit is at a position."""
        return next((virtual for virtual, place in self.virtual.items() if place == phys_id), None)

    def get_reg_value(self, register: Any) -> Value:
        """What a register holds; None where nothing was ever written."""
        return self.registers[register_index(register)]

    def set_reg_value(self, register: Any, value: int) -> None:
        """Write a register."""
        self.registers[register_index(register)] = value

    get_register = get_reg_value

    def init_new_array(self, address: int, length: int) -> list[Value]:
        """A new array of undefined entries at ``address``."""
        if length < 0:
            raise InputError(f"array @{address} of length {length}: wanted at least 0")
        array: list[Value] = [None] * length
        self.arrays[address] = array
        return array

    def get_array(self, address: int) -> list[Value]:
        """The array at ``address``, itself."""
        array = self.arrays.get(address)
        if array is None:
            raise IndexError(f"no array at address {address}: it exists after the flush that makes it")
        return array

    def get_array_value(self, address: int, offset: int) -> Value:
        """One entry of an array."""
        return self.get_array(address)[offset]

    def get_array_values(self, address: int, start: int, stop: int) -> list[Value]:
        """Entries ``start`` to ``stop`` of an array."""
        return self.get_array(address)[start:stop]

    def set_array_value(self, address: int, offset: int, value: Value) -> None:
        """Write one entry of an array."""
        self.get_array(address)[offset] = value

    def get_array_part(self, address: int, index: int | slice) -> Any:
        """An entry or a part of an array; None where there is no such array yet."""
        array = self.arrays.get(address)
        return None if array is None else array[index]
