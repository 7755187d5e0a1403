"""Subroutines compiled once into closures, kept by what they say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from netqasm.lang.ir import ProtoSubroutine
from netqasm.lang.parsing.text import assemble_subroutine
from netqasm.lang.subroutine import Subroutine

from qcisim.errors import InputError, did_you_mean
from qcisim.stack.classical import CLASSICAL, JUMPS, Operation, text
from qcisim.stack.instructions import Instructions
from qcisim.stack.listing import Key, Line, key_of, lines_of, lines_of_subroutine, relocated
from qcisim.stack.repertoire import Repertoire
from qcisim.stack.spec import Device, GenericDevice
from qcisim.stack.waits import WAITS

_KEPT = 4096
_NATIVE = frozenset(("crot_x", "crot_y"))
"""Instructions that only programs in the flavour of NV centres contain; those need no transpiler."""


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A subroutine ready to run: one closure per line, and one behind the last that ends it."""

    operations: tuple[Operation, ...]
    lines: tuple[Line, ...]

    def where(self, number: int) -> str:
        """A line for an error message."""
        return f"line {number}, '{text(self.lines[number])}'" if number < len(self.lines) else "its end"


class Compiler:
    """Compiles for one kind of device and keeps what it compiled.

    Args:
        device: whose instructions, times and noise.
        merged: gates and noise as one channel (for density matrices) or apart (for sampled states).
    """

    def __init__(self, device: Device, merged: bool) -> None:
        self._instructions = Instructions(device, merged=merged)
        self._device = device
        self._makers = CLASSICAL | WAITS | self._instructions.makers
        self._kept: dict[Key, Compiled] = {}

    @property
    def repertoire(self) -> Repertoire:
        """What the device does."""
        return self._instructions.repertoire

    def proto(self, proto: ProtoSubroutine, transpiler: Any = None) -> tuple[Compiled, list[int]]:
        """A proto-subroutine and the addresses of its arrays in the order of its slots."""
        key, addresses = key_of(proto)
        compiled = self._kept.get(key)
        if compiled is None:
            if transpiler is None or not _NATIVE.isdisjoint(key):
                lines = lines_of(proto, addresses)
            else:
                assembled = assemble_subroutine(relocated(proto, addresses))
                lines = lines_of_subroutine(transpiler(subroutine=assembled).transpile())
            compiled = self._keep(key, lines)
        return compiled, addresses

    def subroutine(self, subroutine: Subroutine) -> Compiled:
        """An assembled subroutine; it names its arrays by their addresses."""
        lines = lines_of_subroutine(subroutine)
        key = ("assembled", *lines)
        return self._kept.get(key) or self._keep(key, lines)

    def _keep(self, key: Key, lines: list[Line]) -> Compiled:
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        compiled = self._kept[key] = self._compile(lines)
        return compiled

    def _compile(self, lines: list[Line]) -> Compiled:
        operations: list[Operation] = []
        for number, line in enumerate(lines):
            maker = self._makers.get(line[0])
            if maker is None:
                kind = "generic" if isinstance(self._device, GenericDevice) else "nv"
                hint = did_you_mean(line[0], self._makers)
                raise InputError(
                    f"instruction '{text(line)}' in line {number}: a {kind} device does not know it"
                    + (f"; {hint}" if hint else "")
                )
            target = line[-1] if line[0] in JUMPS else 0
            if not 0 <= target <= len(lines):
                raise InputError(f"instruction '{text(line)}' in line {number}: the lines are 0 to {len(lines) - 1}")
            try:
                operations.append(maker(line, number + 1))
            except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
                if isinstance(error, InputError):
                    raise
                raise InputError(f"instruction '{text(line)}' in line {number}: wrong operands ({error})") from error
        operations.append(lambda r, x: x.end())
        return Compiled(tuple(operations), tuple(lines))


@cache
def compiler_for(device: Device, merged: bool) -> Compiler:
    """The compiler of a kind of device; devices with the same values share one."""
    return Compiler(device, merged)
