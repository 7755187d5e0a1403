"""Requests for pairs and waiting for their results, as closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qcisim.stack.app_memory import Value
from qcisim.stack.classical import Maker, Operation, Registers, entry_of, getter
from qcisim.stack.listing import Array, Line
from qcisim.stack.moves import measured_at_electron, moves_off_electron

if TYPE_CHECKING:
    from qcisim.stack.processor import Frame


def _missing(values: list[Value], start: int, stop: int) -> int:
    """Where the first undefined entry is; ``stop`` where there is none."""
    try:
        return values.index(None, start, stop)
    except ValueError:
        return stop


def _wait_all(line: Line, after: int) -> Operation:
    slot, start, stop = line[1]
    get_start, get_stop = getter(start), getter(stop)

    def begin(r: Registers, x: Frame) -> int:
        x.scanned = get_start(r)
        return check(r, x)

    def check(r: Registers, x: Frame) -> int:
        end = get_stop(r)
        x.scanned = _missing(x.arrays[slot], x.scanned, end)
        return after if x.scanned >= end else x.wait_for_results(check)

    return begin


def _wait_any(line: Line, after: int) -> Operation:
    slot, start, stop = line[1]
    get_start, get_stop = getter(start), getter(stop)

    def check(r: Registers, x: Frame) -> int:
        values = x.arrays[slot][get_start(r) : get_stop(r)]
        return after if any(value is not None for value in values) else x.wait_for_results(check)

    return check


def _wait_single(line: Line, after: int) -> Operation:
    slot, index = entry_of(line)
    get_index = getter(index)

    def check(r: Registers, x: Frame) -> int:
        return after if x.arrays[slot][get_index(r)] is not None else x.wait_for_results(check)

    return check


def _create_epr(line: Line, after: int) -> Operation:
    remote, socket, qubits, arguments, results = (_reader(operand) for operand in line[1:])

    def run(r: Registers, x: Frame) -> int:
        x.create(remote(r), socket(r), qubits(r), arguments(r), results(r))
        return after

    return _with_room(run, after)


def _recv_epr(line: Line, after: int) -> Operation:
    remote, socket, qubits, results = (_reader(operand) for operand in line[1:])

    def run(r: Registers, x: Frame) -> int:
        x.receive(remote(r), socket(r), qubits(r), results(r))
        return after

    return _with_room(run, after)


def _with_room(ask: Operation, after: int) -> Operation:
    """Ask for pairs; on NV centres after a qubit that was measured in place has left the electron to them."""

    def at_last(r: Registers, x: Frame) -> int:
        x.memory.release(0, x.register)
        return ask(r, x)

    def run(r: Registers, x: Frame) -> int:
        if x.memory.single and measured_at_electron(x, 0):
            why = "a pair needs the electron, which holds a qubit that was measured there"
            return x.work_through(moves_off_electron(x, why), after, at_last)
        return ask(r, x)

    return run


def _reader(operand: Any) -> Callable[[Registers], Any]:
    return getter(operand.slot if isinstance(operand, Array) else operand)


WAITS: dict[str, Maker] = {
    "wait_all": _wait_all,
    "wait_any": _wait_any,
    "wait_single": _wait_single,
    "create_epr": _create_epr,
    "recv_epr": _recv_epr,
}
"""Makers of closures by mnemonic."""
