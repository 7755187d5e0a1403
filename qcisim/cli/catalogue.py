"""Everything with a name: the registry, the protocols and the shipped scenarios."""

from __future__ import annotations

from qcisim import registry
from qcisim.registry import Entry
from qcisim.simulation.names import shipped

SCENARIO = "scenario"
KINDS = (SCENARIO, *registry.KINDS)


def load() -> None:
    """Fill the registry: rooms, protocols and programs."""
    from qcisim.programs.declaration import register
    from qcisim.simulation.protocols import protocols

    registry.load_all()
    protocols()
    register()


def names(kind: str) -> list[tuple[str, str]]:
    """(name, summary) of all of one kind."""
    if kind == SCENARIO:
        return [(name, headline(name)) for name in shipped()]
    return [(entry.name, entry.summary) for entry in registry.entries(kind)]


def headline(name: str) -> str:
    """The title of a shipped scenario."""
    from qcisim.simulation.text import parse

    node = parse(shipped()[name].read_text("utf-8"), name).child("title")
    return str(node.value) if node is not None else ""


def found(name: str) -> list[Entry]:
    """All entries of that name, whatever their kind."""
    return [entry for entry in registry.entries() if entry.name == name]


def all_names() -> list[str]:
    """Every name that `qcisim explain` knows, fields of scenarios apart."""
    return sorted({entry.name for entry in registry.entries()} | set(shipped()))
