"""The alias: `install` lets programs import squidasm, netsquid and their like from qcisim.

A finder at the front of ``sys.meta_path``; nothing is written to disk, and a real installation is never shadowed.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.metadata
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from qcisim.errors import InputError
from qcisim.squidasm.alias.refusal import ALIASES, ROOM, MissingModuleError, public_name, words

PLACEHOLDER = (0, 0, 1)
"""Version of the empty packages that hold some of the names on the package index."""


class Installed:
    """What `install` returns; as a context manager it uninstalls at the end."""

    def __enter__(self) -> Installed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        uninstall()


class AliasFinder(importlib.abc.MetaPathFinder):
    """Finds ``squidasm.x`` as ``qcisim.squidasm.x`` and ``netsquid.x`` as ``qcisim.squidasm.alias.netsquid.x``.

    An alias and its original are the same module object. What is missing raises `ModuleNotFoundError` with its name.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top, _, rest = fullname.partition(".")
        if top in ALIASES:
            original = f"{ALIASES[top]}.{rest}" if rest else ALIASES[top]
            if _exists(original):
                return ModuleSpec(fullname, _AliasLoader(original), is_package=True)
        elif not fullname.startswith(f"{ROOM}.") or _exists(fullname):
            return None
        error = MissingModuleError(words(public_name(fullname), sys.modules.get(fullname.rpartition(".")[0])))
        error.name = public_name(fullname)
        raise error


class _AliasLoader(importlib.abc.Loader):
    def __init__(self, original: str) -> None:
        self.original = original
        self.spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.original)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec
        if not hasattr(module, "__path__"):
            module.__path__ = []  # so that "from module import missing" asks the finder, which answers with the name


def _exists(module: str) -> bool:
    if module in sys.modules:
        return True
    parent, _, _ = module.rpartition(".")
    search = getattr(importlib.import_module(parent), "__path__", None)
    return search is not None and PathFinder.find_spec(module, search) is not None


_finder = AliasFinder()


def install(force: bool = False) -> Installed:
    """Let ``import squidasm``, ``netsquid``, ``pydynaa``, ``netsquid_netbuilder``... mean qcisim's.

    Args:
        force: also where a real package of such a name is installed, or one of the modules is imported already (which
            is then forgotten).

    Returns:
        A context manager that uninstalls.

    Raises:
        InputError: where ``force`` would be needed, or netqasm is missing.
    """
    if _finder in sys.meta_path:
        return Installed()
    import qcisim.squidasm.extra  # noqa: F401 -- says how to install netqasm where it is missing

    loaded = [name for name in sys.modules if name.partition(".")[0] in ALIASES]
    if not force:
        for name in ALIASES:
            version = _installed_version(name)
            if version is not None:
                raise InputError(
                    f"{name} {version} is installed: qcisim does not shadow it; uninstall it, or force=True"
                )
        if loaded:
            raise InputError(f"{loaded[0]} is imported already: install before the first import, or force=True")
    for name in loaded:
        del sys.modules[name]
    sys.meta_path.insert(0, _finder)
    return Installed()


def uninstall() -> None:
    """Take the names back; modules imported under them stay usable where they are held."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name in [name for name in sys.modules if name.partition(".")[0] in ALIASES]:
        del sys.modules[name]


def installed() -> bool:
    """Whether the alias is in place."""
    return _finder in sys.meta_path


def _installed_version(name: str) -> str | None:
    """Version of a real distribution of this name; None for none, and for the empty placeholders."""
    for spelled in dict.fromkeys((name, name.replace("_", "-"))):
        try:
            found = importlib.metadata.distribution(spelled)
        except importlib.metadata.PackageNotFoundError:
            continue
        if Path(str(found.locate_file(""))).resolve() == Path.cwd():
            continue  # the source tree one stands in, not an installation
        version = found.version
        parts: list[Any] = version.split(".")
        numbers = tuple(int(part) for part in parts if part.isdigit())
        return version if numbers > PLACEHOLDER else None
    return None
