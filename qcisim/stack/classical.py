"""Classical instructions as closures: each does its work on the registers and returns the number of the next line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from qcisim.errors import InputError
from qcisim.stack.app_memory import REGISTER_INDEX
from qcisim.stack.listing import Array, Entry, Line, Slice

if TYPE_CHECKING:
    from qcisim.stack.processor import Frame

Registers: TypeAlias = "list[Any]"
Operation: TypeAlias = "Callable[[Registers, Frame], int]"
Maker: TypeAlias = "Callable[[Line, int], Operation]"

OUT = -1
"""What an operation returns where the processor has to leave the loop: at the end, or to wait."""


def place(operand: Any, line: Line) -> int:
    """The index of a register operand."""
    index = REGISTER_INDEX.get(operand) if isinstance(operand, str) else None
    if index is None:
        raise InputError(f"'{text(line)}': wanted a register, got {operand!r}")
    return index


def text(line: Line) -> str:
    """A line as NetQASM writes it."""
    parts = [str(line[0])]
    for operand in line[1:]:
        if isinstance(operand, Array):
            parts.append(f"@{operand.slot}")
        elif isinstance(operand, Entry):
            parts.append(f"@{operand.slot}[{operand.at}]")
        elif isinstance(operand, Slice):
            parts.append(f"@{operand.slot}[{operand.start}:{operand.stop}]")
        else:
            parts.append(str(operand))
    return " ".join(parts)


def getter(operand: Any) -> Callable[[Registers], Any]:
    """The value of an operand that may be a register or immediate."""
    if isinstance(operand, str):
        index = REGISTER_INDEX[operand]
        return lambda r: r[index]
    return lambda r: operand


def _set(line: Line, after: int) -> Operation:
    register, value = place(line[1], line), line[2]

    def run(r: Registers, x: Frame) -> int:
        r[register] = value
        return after

    return run


def _jmp(line: Line, after: int) -> Operation:
    target: int = line[1]
    return lambda r, x: target


def _bez(line: Line, after: int) -> Operation:
    a, target = place(line[1], line), line[2]

    def run(r: Registers, x: Frame) -> int:
        return target if r[a] == 0 else after

    return run


def _bnz(line: Line, after: int) -> Operation:
    a, target = place(line[1], line), line[2]

    def run(r: Registers, x: Frame) -> int:
        return target if r[a] != 0 else after

    return run


def _beq(line: Line, after: int) -> Operation:
    _, first, second, target = line
    if isinstance(first, str) and isinstance(second, str):
        a, b = place(first, line), place(second, line)
        return lambda r, x: target if r[a] == r[b] else after
    if isinstance(first, str):
        a = place(first, line)
        return lambda r, x: target if r[a] == second else after
    get_a, get_b = getter(first), getter(second)
    return lambda r, x: target if get_a(r) == get_b(r) else after


def _bne(line: Line, after: int) -> Operation:
    _, first, second, target = line
    if isinstance(first, str) and isinstance(second, str):
        a, b = place(first, line), place(second, line)
        return lambda r, x: target if r[a] != r[b] else after
    get_a, get_b = getter(first), getter(second)
    return lambda r, x: target if get_a(r) != get_b(r) else after


def _blt(line: Line, after: int) -> Operation:
    _, first, second, target = line
    if isinstance(first, str) and isinstance(second, str):
        a, b = place(first, line), place(second, line)
        return lambda r, x: target if r[a] < r[b] else after
    get_a, get_b = getter(first), getter(second)
    return lambda r, x: target if get_a(r) < get_b(r) else after


def _bge(line: Line, after: int) -> Operation:
    _, first, second, target = line
    if isinstance(first, str) and isinstance(second, str):
        a, b = place(first, line), place(second, line)
        return lambda r, x: target if r[a] >= r[b] else after
    get_a, get_b = getter(first), getter(second)
    return lambda r, x: target if get_a(r) >= get_b(r) else after


def _add(line: Line, after: int) -> Operation:
    out, first, second = place(line[1], line), line[2], line[3]
    if isinstance(first, str) and isinstance(second, str):
        a, b = place(first, line), place(second, line)

        def run(r: Registers, x: Frame) -> int:
            r[out] = r[a] + r[b]
            return after

        return run
    if isinstance(first, str):
        a = place(first, line)

        def run_immediate(r: Registers, x: Frame) -> int:
            r[out] = r[a] + second
            return after

        return run_immediate
    return _binary(line, after, lambda a, b: a + b)


def _sub(line: Line, after: int) -> Operation:
    out, first, second = place(line[1], line), line[2], line[3]
    if isinstance(first, str) and isinstance(second, str):
        a, b = place(first, line), place(second, line)

        def run(r: Registers, x: Frame) -> int:
            r[out] = r[a] - r[b]
            return after

        return run
    return _binary(line, after, lambda a, b: a - b)


def _binary(line: Line, after: int, function: Callable[[int, int], int]) -> Operation:
    out, get_a, get_b = place(line[1], line), getter(line[2]), getter(line[3])

    def run(r: Registers, x: Frame) -> int:
        r[out] = function(get_a(r), get_b(r))
        return after

    return run


def _quotient(a: int, b: int) -> int:
    """Towards zero, as machines divide."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _mul(line: Line, after: int) -> Operation:
    return _binary(line, after, lambda a, b: a * b)


def _div(line: Line, after: int) -> Operation:
    return _binary(line, after, _quotient)


def _rem(line: Line, after: int) -> Operation:
    return _binary(line, after, lambda a, b: a - b * _quotient(a, b))


def _modular(line: Line, after: int, sign: int) -> Operation:
    out, get_a, get_b, get_m = place(line[1], line), getter(line[2]), getter(line[3]), getter(line[4])

    def run(r: Registers, x: Frame) -> int:
        r[out] = (get_a(r) + sign * get_b(r)) % get_m(r)
        return after

    return run


def _addm(line: Line, after: int) -> Operation:
    return _modular(line, after, 1)


def _subm(line: Line, after: int) -> Operation:
    return _modular(line, after, -1)


def _array(line: Line, after: int) -> Operation:
    get_length, slot = getter(line[1]), line[2].slot

    def run(r: Registers, x: Frame) -> int:
        x.new_array(slot, get_length(r))
        return after

    return run


def entry_of(line: Line) -> Entry:
    """The last operand, an entry of an array."""
    entry = line[-1]
    if not isinstance(entry, Entry):
        raise InputError(f"'{text(line)}': wanted an entry of an array, such as @0[R1], got {entry!r}")
    return entry


def _store(line: Line, after: int) -> Operation:
    value, (slot, index) = line[1], entry_of(line)
    get_value, get_index = getter(value), getter(index)
    if isinstance(value, str) and isinstance(index, str):
        v, i = place(value, line), place(index, line)

        def run_registers(r: Registers, x: Frame) -> int:
            x.put(slot, r[i], r[v])
            return after

        return run_registers

    def run(r: Registers, x: Frame) -> int:
        x.put(slot, get_index(r), get_value(r))
        return after

    return run


def _load(line: Line, after: int) -> Operation:
    out, (slot, index) = place(line[1], line), entry_of(line)
    get_index = getter(index)

    def run(r: Registers, x: Frame) -> int:
        r[out] = x.get(slot, get_index(r))
        return after

    return run


def _undef(line: Line, after: int) -> Operation:
    slot, index = entry_of(line)
    get_index = getter(index)

    def run(r: Registers, x: Frame) -> int:
        x.arrays[slot][get_index(r)] = None
        return after

    return run


def _lea(line: Line, after: int) -> Operation:
    out, slot = place(line[1], line), line[2].slot

    def run(r: Registers, x: Frame) -> int:
        r[out] = slot
        return after

    return run


def _nothing(line: Line, after: int) -> Operation:
    return lambda r, x: after


def _breakpoint(line: Line, after: int) -> Operation:
    get_action, get_role = getter(line[1]), getter(line[2])

    def run(r: Registers, x: Frame) -> int:
        x.breakpoint(get_action(r), get_role(r))
        return after

    return run


JUMPS = frozenset(("jmp", "bez", "bnz", "beq", "bne", "blt", "bge"))
"""Instructions whose last operand is the number of a line."""

CLASSICAL: dict[str, Maker] = {
    "set": _set,
    "jmp": _jmp,
    "bez": _bez,
    "bnz": _bnz,
    "beq": _beq,
    "bne": _bne,
    "blt": _blt,
    "bge": _bge,
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "rem": _rem,
    "addm": _addm,
    "subm": _subm,
    "array": _array,
    "store": _store,
    "load": _load,
    "undef": _undef,
    "lea": _lea,
    "ret_reg": _nothing,
    "ret_arr": _nothing,
    "breakpoint": _breakpoint,
}
"""Makers of closures by mnemonic: (line, number of the next line) -> closure."""
