"""How a subset says that a name is not in it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from qcisim.errors import InputError, did_you_mean

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


class MissingNameError(InputError, AttributeError):
    """A name that is not in the subset, as an attribute."""


class MissingModuleError(InputError, ModuleNotFoundError):
    """A name that is not in the subset, as a module."""


def words(name: str, among: ModuleType | None = None) -> str:
    """What is said of a name that is missing ``among`` those of a module."""
    there = vars(among) if among is not None else {}
    known = there.get("__all__") or [one for one in there if not one.startswith("_")]
    hint = did_you_mean(name.rpartition(".")[2], known)
    return f"{name} is not part of the qcisim subset{hint and f' ({hint})'}; see docs/squidasm.md"


def refuse_unknown(module: str) -> Callable[[str], Any]:
    """A module's ``__getattr__``: ``netsquid.X is not part of the qcisim subset``."""

    def missing(name: str) -> Any:
        error = MissingNameError(words(f"{public_name(module)}.{name}", sys.modules.get(module)))
        error.name = name
        raise error

    return missing
