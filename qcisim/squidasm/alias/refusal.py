"""How a subset says that a name is not in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ROOM = "qcisim.squidasm"
ALIASES = {
    "squidasm": ROOM,
    **{
        name: f"{ROOM}.alias.{name}"
        for name in ("netsquid", "pydynaa", "netsquid_netbuilder", "netsquid_magic", "netsquid_driver")
    },
}
"""Name that programs import -> module of qcisim."""


def public_name(module: str) -> str:
    """The name programs know ``module`` by: ``netsquid.qubits`` for ``qcisim.squidasm.alias.netsquid.qubits``."""
    inside = f"{ROOM}.alias."
    if module.startswith(inside):
        return module[len(inside) :]
    return "squidasm" + module[len(ROOM) :] if module == ROOM or module.startswith(f"{ROOM}.") else module


def words(name: str) -> str:
    """What is said of a name that is missing."""
    return f"{name} is not part of the qcisim subset; see docs/squidasm.md"


def refuse_unknown(module: str) -> Callable[[str], Any]:
    """A module's ``__getattr__``: ``netsquid.X is not part of the qcisim subset``."""

    def missing(name: str) -> Any:
        raise AttributeError(words(f"{public_name(module)}.{name}"), name=name)

    return missing
