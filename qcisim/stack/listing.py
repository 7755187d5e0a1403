"""Subroutines as plain tuples: what the compiler reads, and what tells two of them apart.

A line is (mnemonic, operand, ...). Operands: an int is an immediate value (or the number of a line to jump to), a str
a register, `Array`, `Entry` and `Slice` name arrays. A program that flushes in a loop uses new array addresses each
time; so addresses are replaced by their order of appearance, and the listing is the same text every time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from netqasm.lang.ir import BranchLabel, ICmd, ProtoSubroutine
from netqasm.lang.operand import Address, ArrayEntry, ArraySlice, Immediate, Label, Register, Template
from netqasm.lang.subroutine import Subroutine

from qcisim.errors import InputError
from qcisim.stack.app_memory import REGISTERS


class Array(NamedTuple):
    """An array: its address, or the order in which the subroutine first names it."""

    slot: int


class Entry(NamedTuple):
    """An entry of an array; ``at`` is an int or a register."""

    slot: int
    at: int | str


class Slice(NamedTuple):
    """Entries of an array; ``start`` and ``stop`` are ints or registers."""

    slot: int
    start: int | str
    stop: int | str


Operand = int | str | Array | Entry | Slice
Line = tuple[Any, ...]
Key = tuple[Any, ...]

_EPR = ("create_epr", "recv_epr")
_NAMES: dict[Any, str] = {}


def _name(instruction: Any) -> str:
    """The mnemonic of a generic instruction."""
    name = _NAMES.get(instruction._value_)
    if name is None:
        name = _NAMES[instruction._value_] = instruction.name.lower()
    return name


def key_of(proto: ProtoSubroutine) -> tuple[Key, list[int]]:
    """What two equal proto-subroutines have in common, and the addresses of their arrays in order of appearance."""
    slots: dict[int, int] = {}
    labels: dict[str, int] = {}
    key: list[Any] = []
    add = key.append
    for command in proto.commands:
        if command.__class__ is BranchLabel:
            add(":")
            add(labels.setdefault(command.name, len(labels)))
            continue
        name = _name(command.instruction)
        add(name)
        operands = command.args + command.operands if command.args else command.operands
        for operand in operands:
            kind = operand.__class__
            if kind is int:
                add(operand)
            elif kind is Register:
                add(REGISTERS[operand.name._value_ * 16 + operand.index])
            elif kind is ArrayEntry:
                add("[")
                add(slots.setdefault(operand.address.address, len(slots)))
                index = operand.index
                add(index if index.__class__ is int else REGISTERS[index.name._value_ * 16 + index.index])
            elif kind is Address:
                add("@")
                add(slots.setdefault(operand.address, len(slots)))
            elif kind is Label:
                add("_")
                add(labels.setdefault(operand.name, len(labels)))
            elif kind is ArraySlice:
                add("[:]")
                add(slots.setdefault(operand.address.address, len(slots)))
                for index in (operand.start, operand.stop):
                    add(index if index.__class__ is int else REGISTERS[index.name._value_ * 16 + index.index])
            else:
                add(_plain(operand))
        if name in _EPR:
            _replace_addresses(key, operands, slots)
    return tuple(key), list(slots)


def _replace_addresses(key: list[Any], operands: list[Any], slots: dict[int, int]) -> None:
    """The last operands of a request for pairs are addresses of arrays, written as numbers."""
    for place in range(2, len(operands)):
        if operands[place].__class__ is int:
            key[place - len(operands)] = Array(slots.setdefault(operands[place], len(slots)))


def lines_of(proto: ProtoSubroutine, addresses: list[int]) -> list[Line]:
    """The lines of a proto-subroutine with ``addresses`` replaced by their order."""
    slots = {address: slot for slot, address in enumerate(addresses)}
    targets: dict[str, int] = {}
    commands: list[ICmd] = []
    for command in proto.commands:
        if isinstance(command, BranchLabel):
            targets[command.name] = len(commands)
        else:
            commands.append(command)
    lines: list[Line] = []
    for command in commands:
        name = _name(command.instruction)
        operands = [_operand(operand, slots, targets) for operand in [*command.args, *command.operands]]
        if name in _EPR:
            operands[2:] = [Array(slots[one]) if isinstance(one, int) else one for one in operands[2:]]
        lines.append((name, *operands))
    return lines


def relocated(proto: ProtoSubroutine, addresses: list[int]) -> ProtoSubroutine:
    """A copy with ``addresses`` replaced by their order, for a transpiler."""
    slots = {address: slot for slot, address in enumerate(addresses)}
    commands: list[Any] = []
    for command in proto.commands:
        if isinstance(command, BranchLabel):
            commands.append(BranchLabel(command.name, command.lineno))
            continue
        operands = [_moved(operand, slots) for operand in command.operands]
        args = list(command.args)
        if _name(command.instruction) in _EPR:
            operands = [*args, *operands]
            args = []
            operands[2:] = [slots[one] if one.__class__ is int else one for one in operands[2:]]
        commands.append(ICmd(command.instruction, args, operands, command.lineno))
    return ProtoSubroutine(commands, list(proto.arguments), app_id=proto.app_id)


def lines_of_subroutine(subroutine: Subroutine) -> list[Line]:
    """The lines of an assembled subroutine; addresses stay as they are."""
    return [
        (instruction.mnemonic, *(_operand(operand, None, {}) for operand in instruction.operands))
        for instruction in subroutine.instructions
    ]


def _operand(operand: Any, slots: dict[int, int] | None, targets: dict[str, int]) -> Operand:
    if isinstance(operand, Label):
        if operand.name not in targets:
            raise InputError(f"jump to label '{operand.name}', which is not in the subroutine")
        return targets[operand.name]
    if isinstance(operand, Address):
        return Array(_slot(operand, slots))
    if isinstance(operand, ArrayEntry):
        return Entry(_slot(operand.address, slots), _plain(operand.index))
    if isinstance(operand, ArraySlice):
        return Slice(_slot(operand.address, slots), _plain(operand.start), _plain(operand.stop))
    return _plain(operand)


def _slot(address: Any, slots: dict[int, int] | None) -> int:
    number: int = address.address
    return number if slots is None else slots[number]


def _plain(operand: Any) -> int | str:
    if isinstance(operand, Register):
        register: str = REGISTERS[operand.name.value * 16 + operand.index]
        return register
    if isinstance(operand, Immediate):
        return int(operand.value)
    if isinstance(operand, Template):
        raise InputError(
            f"the subroutine has no value for {{{operand.name}}}: give it to instantiate(app_id, arguments)"
        )
    return int(operand)


def _moved(operand: Any, slots: dict[int, int]) -> Any:
    if isinstance(operand, Address):
        return Address(slots[operand.address])
    if isinstance(operand, ArrayEntry):
        return ArrayEntry(Address(slots[operand.address.address]), operand.index)
    if isinstance(operand, ArraySlice):
        return ArraySlice(Address(slots[operand.address.address]), operand.start, operand.stop)
    return operand
