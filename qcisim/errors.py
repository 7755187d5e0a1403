"""The exception tree of qcisim.

QcisimError
├── InputError                 what the user gave is wrong: the command exits with 2
│   ├── ScenarioError          with file, line and column
│   └── PhysicsError           (also a ValueError) a physical parameter outside its domain
├── EnvironmentFault           the machine is at fault: full disk, port in use, unreadable file; exit code 1
├── ProtocolAbort              a protocol run ends without key, with the reason
│   └── AuthenticationError    a tag does not fit, or the authentication pool is empty
└── KeyStoreError              a key store refuses or fails; no key has left it
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class QcisimError(Exception):
    """Root of all errors that qcisim raises on purpose; its text is one clear message for the user."""


class InputError(QcisimError):
    """What the user gave is wrong."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: path, line and column, both counted from 1 (0 = not known)."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])


class ScenarioError(InputError):
    """One thing wrong in a scenario: where, what was wanted, what came, and perhaps what was meant."""

    def __init__(self, place: Place, field: str, wanted: str, got: str, hint: str = "") -> None:
        self.place, self.field, self.wanted, self.got, self.hint = place, field, wanted, got, hint
        text = f"{place}: error: {field}: wanted {wanted}" if field else f"{place}: error: wanted {wanted}"
        text += f", got {got}" if got else ""
        text += f" ({hint})" if hint else ""
        super().__init__(text)


class PhysicsError(InputError, ValueError):
    """A physical parameter is outside its domain."""


class EnvironmentFault(QcisimError):
    """The machine, not the input, is at fault."""


class ProtocolAbort(QcisimError):
    """A protocol run ends without key."""


class AuthenticationError(ProtocolAbort):
    """A message was not authentic, or there is no key left to authenticate with."""


class KeyStoreError(QcisimError):
    """A key store refuses or fails; no key has left it."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"did you mean 'x'?"`` for the nearest known word, ``""`` where none is near."""
    lowered = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.6)
    return f"did you mean '{lowered[near[0]]}'?" if near else ""


def require(condition: bool, message: str) -> None:
    """Raise `PhysicsError` with ``message`` unless ``condition`` holds."""
    if not condition:
        raise PhysicsError(message)
