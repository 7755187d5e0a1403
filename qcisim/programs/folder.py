"""Program folders as Python: their programs, figures, formulas and networks."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from qcisim.errors import EnvironmentFault, InputError, QcisimError, did_you_mean
from qcisim.programs.declaration import Declaration, Option
from qcisim.programs.figures import Figure, Formula, Mean, Rate
from qcisim.programs.links import Links
from qcisim.stack.spec import Network

Round = Mapping[str, Any]
"""What the program of each node returned in one round."""


_UPSTREAM = re.compile(r"^\s*(from|import)\s+(squidasm|netsquid|pydynaa)\b", re.MULTILINE)


class ProgramFault(InputError):
    """The code of a program folder raised an error; the text says where."""


@dataclass(frozen=True, slots=True)
class ProgramFolder:
    """A program folder whose code is loaded."""

    declaration: Declaration
    _programs: Callable[..., Mapping[str, Any]]
    _figures: Callable[..., Mapping[str, Figure]] | None
    _expected: Callable[..., Mapping[str, Formula]] | None

    def programs(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """New programs by the name of their node."""
        with_text = ", ".join(f"{name}={value}" for name, value in options.items())
        try:
            return dict(self._programs(**options))
        except QcisimError:
            raise
        except ValueError as error:
            raise InputError(f"{self.declaration.name}: {error}") from error
        except Exception as error:
            raise ProgramFault(f"programs({with_text}): {told(error, self.declaration.folder)}") from error

    def figures(self, rounds: Sequence[Round], options: Mapping[str, Any]) -> dict[str, Figure]:
        """What a run shows, by name."""
        if self._figures is None:
            return {}
        found = self._called(self._figures, rounds, options)
        wrong = [name for name, figure in found.items() if not isinstance(figure, Rate | Mean)]
        if wrong:
            kind = type(found[wrong[0]]).__name__
            raise ProgramFault(f"expected.py: figures(): '{wrong[0]}': wanted rate(...) or mean(...), got {kind}")
        return found

    def expected(self, links: Links, options: Mapping[str, Any]) -> dict[str, Formula]:
        """What theory says where nothing but links is noisy. Raises `NoFormula` where it does not cover them."""
        if self._expected is None:
            return {}
        found = self._called(self._expected, links, options)
        wrong = [name for name, formula in found.items() if not isinstance(formula, Formula)]
        if wrong:
            kind = type(found[wrong[0]]).__name__
            raise ProgramFault(f"expected.py: expected(): '{wrong[0]}': wanted Formula(value, text), got {kind}")
        return found

    def _called(self, function: Callable[..., Any], argument: object, options: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return dict(function(argument, **options))
        except QcisimError:
            raise
        except Exception as error:
            raise ProgramFault(told(error, self.declaration.folder)) from error

    def network(self, path: str | Path | None = None) -> Network:
        """The network of a configuration file; by default network.yaml of the folder."""
        return read_network(self.declaration.folder / "network.yaml" if path is None else Path(path))


def load(declaration: Declaration) -> ProgramFolder:
    """Import the code of a folder. Raises `InputError` where it cannot be, `EnvironmentFault` without netqasm."""
    if importlib.util.find_spec("netqasm") is None:
        raise EnvironmentFault("programs need netqasm, which is not installed: pip install 'qcisim[netqasm]'")
    folder = declaration.folder
    with _alias(folder):
        package = f"qcisim.protocols.{declaration.name}" if declaration.shipped else _package(folder)
        program = _module(package, "program", folder)
        expected = _module(package, "expected", folder)
    assert program is not None
    return ProgramFolder(
        declaration, program.programs, getattr(expected, "figures", None), getattr(expected, "expected", None)
    )


def _alias(folder: Path) -> contextlib.AbstractContextManager[object]:
    """While a folder that imports squidasm or netsquid is loaded, these are names of qcisim's modules."""
    from qcisim.squidasm import install, installed

    texts = [path.read_text("utf-8", errors="replace") for path in folder.glob("*.py")]
    if installed() or not any(_UPSTREAM.search(text) for text in texts):
        return contextlib.nullcontext()
    return install()


def _package(folder: Path) -> str:
    """Make a folder a package of its own."""
    name = f"qcisim_program_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
    for loaded in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
        del sys.modules[loaded]
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder.resolve())]
    )
    assert spec is not None  # a .py file has a spec and a loader
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ProgramFault(told(error, folder)) from error
    return name


def _module(package: str, name: str, folder: Path) -> ModuleType | None:
    if not (folder / f"{name}.py").is_file():
        return None
    try:
        return importlib.import_module(f"{package}.{name}")
    except QcisimError:
        raise
    except SyntaxError as error:
        raise ProgramFault(f"{error.filename}:{error.lineno}: {error.msg}") from error
    except Exception as error:
        raise ProgramFault(told(error, folder)) from error


def told(error: BaseException, folder: Path) -> str:
    """An error of the folder's code in one line: file, line, what; and the notes that it carries."""
    inside = str(folder.resolve())
    frames = [
        one for one in traceback.extract_tb(error.__traceback__) if str(Path(one.filename).resolve()).startswith(inside)
    ]
    at = f"{frames[-1].filename}:{frames[-1].lineno}: " if frames else ""
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    what = str(error) if isinstance(error, QcisimError) else f"{type(error).__name__}: {error}"
    return f"{at}{what}{notes}"


def read_network(path: Path) -> Network:
    """A configuration of SquidASM (stacks, links) or of netsquid_netbuilder (processing_nodes, qlinks, hubs, ...)."""
    from qcisim.squidasm.alias.netsquid_netbuilder.network_config import NetworkConfig
    from qcisim.squidasm.run.stack.config import StackNetworkConfig
    from qcisim.squidasm.run.stack.placed import read_yaml

    if not path.is_file():
        raise InputError(f"{path}: no such network file")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: wanted a network file in YAML, got something that is no text") from None
    content = read_yaml(text, str(path))
    if isinstance(content, dict) and "processing_nodes" in content:
        return NetworkConfig.from_file(str(path)).to_network()
    if isinstance(content, dict) and "stacks" not in content:
        scenario = " A scenario is run by: qcisim run" if "nodes" in content else ""
        keys = ", ".join(map(str, content)) or "nothing"
        raise InputError(
            f"{path}: wanted a SquidASM network with stacks and links, got a file with {keys}.{scenario}".rstrip(".")
        )
    return StackNetworkConfig.from_file(str(path)).to_network()


def chosen(options: Sequence[Option], settings: Sequence[str], name: str) -> dict[str, Any]:
    """The options of a program after ``KEY=VALUE`` settings."""
    known = {option.name: option for option in options}
    values = {option.name: option.default for option in options}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise InputError(f"--set {setting}: wanted KEY=VALUE")
        if key not in known:
            hint = did_you_mean(key, known) or (f"options: {', '.join(known)}" if known else "it has no options")
            raise InputError(f"{name} has no option '{key}' ({hint})")
        values[key] = _value(known[key], text)
    return values


def _value(option: Option, text: str) -> Any:
    if option.kind == "bool":
        said = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower())
        if said is None:
            raise InputError(f"{option.name}: wanted true or false, got '{text}'")
        return said
    if option.kind == "str":
        return text
    try:
        return int(text) if option.kind == "int" else float(text)
    except ValueError:
        wanted = "a whole number" if option.kind == "int" else "a number"
        raise InputError(f"{option.name}: wanted {wanted}, got '{text}'") from None
