"""Finding protocols: shipped folders and entry points; discovery walks ``qcisim.protocols.__path__``."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from functools import cache

import qcisim.protocols
from qcisim import registry
from qcisim.errors import InputError, did_you_mean
from qcisim.registry import Entry
from qcisim.sdk import ProtocolEntry

ENTRY_POINT_GROUP = "qcisim.protocols"


@cache
def protocols() -> dict[str, ProtocolEntry]:
    """All protocols by name, registered as entries of kind "protocol"; entry points go before shipped ones."""
    found: dict[str, ProtocolEntry] = {}
    for module in pkgutil.iter_modules(qcisim.protocols.__path__):
        entry = importlib.import_module(f"qcisim.protocols.{module.name}").PROTOCOL
        found[entry.name] = entry
    for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        found[point.name] = point.load()
    for entry in found.values():
        registry.register(
            Entry(
                "protocol",
                entry.name,
                entry.summary,
                entry.models,
                entry.ignores,
                entry.domain,
                entry.source,
                facts=(
                    *(("assumes", text) for text in entry.assumptions),
                    ("bounds", ", ".join(entry.bounds)),
                    ("sources", ", ".join(entry.source_kinds)),
                ),
            )
        )
    return found


def find_protocol(name: str) -> ProtocolEntry:
    """The protocol called ``name``; raises `InputError` with a suggestion where there is none."""
    known = protocols()
    if name not in known:
        hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}"
        raise InputError(f"unknown protocol '{name}' ({hint})")
    return known[name]
