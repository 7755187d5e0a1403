"""What a scenario may name: the registry with every room and protocol in it."""

from __future__ import annotations

from functools import cache

from qcisim import registry
from qcisim.registry import Entry


@cache
def known(kind: str) -> dict[str, Entry]:
    """All entries of one kind by name."""
    from qcisim.simulation.protocols import protocols

    registry.load_all()
    protocols()
    return {entry.name: entry for entry in registry.entries(kind)}


def fact(kind: str, name: str, key: str) -> str:
    """A fact of an entry; empty where it states none."""
    return dict(known(kind)[name].facts).get(key, "")


def preset_value(detector: str, parameter: str) -> float:
    """The value of a parameter in a detector preset."""
    return next(p.good for p in known("detector")[detector].parameters if p.name == parameter)
