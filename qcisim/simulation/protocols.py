"""Finding protocols: shipped folders and entry points; discovery walks ``qcisim.protocols.__path__``."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
import pkgutil
import sys
from functools import cache
from pathlib import Path

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
        entry = getattr(importlib.import_module(f"qcisim.protocols.{module.name}"), "PROTOCOL", None)
        if entry is not None:  # folders of `qcisim program` hold none
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
    """The protocol called ``name``, or in the folder ``name`` where that has a slash; then entry points, then shipped.

    Raises `InputError`, with a suggestion where the name is near a known one.
    """
    if "/" in name:
        return _from_folder(Path(name))
    known = protocols()
    if name not in known:
        hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}"
        raise InputError(f"unknown protocol '{name}' ({hint})")
    return known[name]


def _from_folder(folder: Path) -> ProtocolEntry:
    """What a protocol folder exports as ``PROTOCOL``; its code runs as the user's own."""
    start = folder / "__init__.py"
    if not start.is_file():
        raise InputError(f"protocol folder {folder}: wanted a folder with an __init__.py that exports PROTOCOL")
    module_name = f"qcisim_protocol_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(module_name, start, submodule_search_locations=[str(folder)])
    assert spec is not None  # a .py file has a spec and a loader
    assert spec.loader is not None
    module = sys.modules[module_name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    entry = getattr(module, "PROTOCOL", None)
    if not isinstance(entry, ProtocolEntry):
        raise InputError(f"protocol folder {folder}: its __init__.py exports no PROTOCOL")
    return entry
