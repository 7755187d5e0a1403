"""Everything a user can name, in one registry: sources, links, detectors, protocols, bounds, attacks, policies.

`qcisim list`, `qcisim explain`, the JSON Schema, the docs and the generic tests are derived from it. A room registers
its entries when it is imported; `load_all` imports the rooms that register.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from qcisim.errors import InputError, did_you_mean

KINDS = (
    "source",
    "link",
    "orbit",
    "beam",
    "fading",
    "atmosphere",
    "detector",
    "memory",
    "protocol",
    "program",
    "bound",
    "reconciler",
    "attack",
    "policy",
)
_ROOMS = (
    "qcisim.optics",
    "qcisim.optics.orbit",
    "qcisim.optics.freespace",
    "qcisim.security",
    "qcisim.distill",
    "qcisim.keys",
    "qcisim.repeaters",
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an entry: ``name`` carries the unit; ``good`` is a sensible value; the domain is closed."""

    name: str
    unit: str
    minimum: float
    maximum: float
    good: float
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a user can name. ``models``, ``ignores`` and ``domain`` are sentences; ``source`` is a citation.

    ``facts`` holds what must be said for the kind; bounds: ``attack_class``, ``post_processing``, ``optimised_over``.
    """

    kind: str
    name: str
    summary: str
    models: str
    ignores: str
    domain: str
    source: str
    parameters: tuple[Parameter, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    make: Callable[..., Any] | None = None


_entries: dict[tuple[str, str], Entry] = {}


def register(entry: Entry) -> Entry:
    """Add ``entry``; the same (kind, name) registered twice with another content is a programming error."""
    if entry.kind not in KINDS:
        raise ValueError(f"kind {entry.kind!r}: wanted one of {', '.join(KINDS)}")
    key = (entry.kind, entry.name)
    if _entries.get(key, entry) != entry:
        raise ValueError(f"{entry.kind} {entry.name!r} is registered already")
    _entries[key] = entry
    return entry


def load_all() -> None:
    """Import every room that registers entries."""
    for room in _ROOMS:
        importlib.import_module(room)


def entries(kind: str | None = None) -> Iterator[Entry]:
    """All entries, or those of one kind, by kind and name."""
    for key in sorted(_entries, key=lambda k: (KINDS.index(k[0]), k[1])):
        if kind is None or key[0] == kind:
            yield _entries[key]


def get(kind: str, name: str) -> Entry:
    """The entry; raises `InputError` with a suggestion where there is none."""
    try:
        return _entries[kind, name]
    except KeyError:
        known = [n for k, n in _entries if k == kind]
        hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known)) or 'none'}"
        raise InputError(f"unknown {kind} '{name}' ({hint})") from None
