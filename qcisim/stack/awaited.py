"""Steps of programs that do nothing until ``yield from`` begins them, and say so when nobody does."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Generator, Iterator
from types import CodeType
from typing import Any

from qcisim.errors import InputError

Steps = Generator[Any, Any, Any]


_said: dict[Any, Any] = {}
"""Each place is warned of once."""

_forgotten: list[str] = []


class NotAwaitedWarning(UserWarning):
    """A program called ``flush()`` or ``recv()`` without ``yield from``: nothing happened."""


class NotAwaitedError(InputError, AttributeError):
    """A program uses the result of ``recv()`` without ``yield from``: it has none yet."""


@contextlib.contextmanager
def watching(strict: bool) -> Iterator[None]:
    """A run; ``strict``: what its programs forgot to begin is an error at its end, whatever else came of it."""
    _forgotten.clear()
    try:
        yield
    except Exception as error:
        if strict and _forgotten:
            raise InputError(_forgotten[0]) from error
        raise
    if strict and _forgotten:
        raise InputError(_forgotten[0])


class Awaited(Generator[Any, Any, Any]):
    """Steps that ``yield from`` begins.

    Args:
        steps: what is done.
        what: the call, such as "flush()".
        node: of the program.
        depth: how many frames above this one the program's is.
    """

    __slots__ = ("_begun", "_code", "_line", "_node", "_steps", "_what")

    def __init__(self, steps: Steps, what: str, node: str, depth: int = 2) -> None:
        caller = sys._getframe(depth)
        self._steps, self._what, self._node, self._begun = steps, what, node, False
        self._code: CodeType = caller.f_code
        self._line = caller.f_lineno

    def __iter__(self) -> Steps:
        self._begun = True
        return self._steps

    def __next__(self) -> Any:
        self._begun = True
        return next(self._steps)

    def send(self, value: Any) -> Any:
        """As of a generator."""
        self._begun = True
        return self._steps.send(value)

    def throw(self, *error: Any) -> Any:
        """As of a generator."""
        return self._steps.throw(*error)

    def close(self) -> None:
        """As of a generator."""
        self._begun = True
        self._steps.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_", "gi_")):
            raise AttributeError(name)
        self._begun = True  # said now, not again at the end
        raise NotAwaitedError(f"{self.text} (what came of it is used: .{name})")

    @property
    def text(self) -> str:
        """What was called where, and what to write."""
        return f"{self._what} not awaited on node {self._node}: {self.place}: write 'yield from ...{self._what}'"

    @property
    def place(self) -> str:
        """File and line of the call."""
        return f"{self._code.co_filename}:{self._line}"

    def __repr__(self) -> str:
        return f"{self._what} at {self.place}"

    def __del__(self) -> None:
        if not self._begun:
            self._steps.close()
            if not _forgotten:
                _forgotten.append(self.text)
            warnings.warn_explicit(self.text, NotAwaitedWarning, self._code.co_filename, self._line, registry=_said)
