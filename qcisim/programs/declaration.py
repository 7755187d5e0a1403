"""What a program folder says of itself, read without running any of its code."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qcisim.protocols
import qcisim.scenarios
from qcisim import registry
from qcisim.errors import InputError, Place, ScenarioError, did_you_mean
from qcisim.registry import Entry

STAGES = (
    "trusted repeater",
    "prepare and measure",
    "entanglement distribution",
    "quantum memory",
    "few-qubit fault tolerant",
    "quantum computing",
)
"""Stages of the quantum internet: Wehner, Elkouss, Hanson, Science 362, eaam9288 (2018)."""

REQUIRES = "netqasm"


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a program: a parameter of ``programs(...)`` in program.py."""

    name: str
    kind: str
    """float, int, str or bool."""
    default: Any
    text: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """A program folder.

    Args:
        name: of the folder.
        folder: where it is.
        summary: first line of the docstring of __init__.py.
        stage: of the quantum internet that it needs, one of `STAGES`.
        source: where the protocol is from.
        times: rounds of a run that is not told how many.
        options: of ``programs(...)``.
        shipped: whether it came with qcisim.
    """

    name: str
    folder: Path
    summary: str
    stage: str
    source: str
    times: int
    options: tuple[Option, ...]
    shipped: bool = False


def declares(folder: Path) -> bool:
    """Whether a folder declares itself a program: ``requires = "netqasm"`` in its __init__.py."""
    start = folder / "__init__.py"
    return start.is_file() and _literals(ast.parse(start.read_bytes()), start).get("requires") == REQUIRES


def shipped() -> dict[str, Path]:
    """Name to folder of every program that came with qcisim; from a checkout or from an installed wheel."""
    found: dict[str, Path] = {}
    for root in qcisim.protocols.__path__:
        for start in sorted(Path(root).glob("*/__init__.py")):
            if declares(start.parent):
                found.setdefault(start.parent.name, start.parent)
    return dict(sorted(found.items()))


def register() -> None:
    """Make every shipped program an entry of kind "program" of the registry."""
    for folder in shipped().values():
        one = read(folder, is_shipped=True)
        options = tuple(("option", f"{each.name}={each.default}: {each.text}") for each in one.options)
        facts = (("stage", one.stage), *options, ("run it", f"qcisim program run {one.name}"))
        registry.register(Entry("program", one.name, one.summary, "", "", "", one.source, facts=facts))


def find(name: str, *, shipped_first: bool = False) -> Declaration:
    """The program folder at the path ``name``, or the shipped program called so.

    Where both are there it is the folder; with ``shipped_first`` the shipped one, wherever one happens to stand.

    Raises `InputError`, with a suggestion where the name is near a known one.
    """
    folder = Path(name)
    here = (folder / "program.py").is_file()
    if here and not shipped_first:
        return read(folder)
    known = shipped()
    if name in known:
        return read(known[name], is_shipped=True)
    if here:
        return read(folder)
    if not folder.exists():
        for kind, there in _others().items():
            if name in there:
                raise InputError(
                    f"'{name}' is a {kind}, which is run by: qcisim run {name if kind == 'scenario' else 'SCENARIO'}"
                )
        hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
        raise InputError(f"'{name}' is neither a folder nor the name of a program ({hint})")
    if folder.is_file():
        raise InputError(f"{folder}: wanted the folder of a program, got a file ({_instead(folder.parent)})")
    raise InputError(f"{folder}: a folder without program.py ({_instead(folder)})")


def _others() -> dict[str, set[str]]:
    """Names of what is no program but looks like one."""
    protocols = {start.parent.name for root in qcisim.protocols.__path__ for start in Path(root).glob("*/__init__.py")}
    scenarios = {path.stem for root in qcisim.scenarios.__path__ for path in Path(root).glob("*.yaml")}
    return {"scenario": scenarios, "protocol of key distribution": protocols - set(shipped())}


def _instead(folder: Path) -> str:
    if (folder / "program.py").is_file():
        return f"did you mean '{folder}'?"
    if any(folder.glob("app_*.py")):
        return f"with app_*.py it is run by: python -m qcisim.squidasm {folder}"
    scripts = sorted(folder.glob("run*.py"))
    if scripts:
        return f"a SquidASM script is run by: python -m qcisim.squidasm {scripts[0]}"
    return "qcisim new program NAME writes such a folder"


def read(folder: Path, *, is_shipped: bool = False) -> Declaration:
    """The declaration of a folder. Raises `InputError` with file and line of what is wrong."""
    start, program = folder / "__init__.py", folder / "program.py"
    for path in (start, program):
        if not path.is_file():
            raise InputError(f"{folder}: a program folder has {path.name}; it is not there")
    tree = _parsed(start)
    said = _literals(tree, start)
    lines = dict(_assigned(tree))
    summary = (ast.get_docstring(tree) or "").strip().partition("\n")[0]
    requires = said.get("requires")
    if requires != REQUIRES:
        if requires is None and "PROTOCOL" in start.read_text("utf-8", errors="replace"):
            raise InputError(
                f"{folder}: a protocol of key distribution, which scenarios name; qcisim run SCENARIO runs it"
            )
        got = "nothing" if requires is None else repr(requires)
        raise ScenarioError(Place(str(start), lines.get("requires", 1)), "requires", f"'{REQUIRES}'", got)
    stage = said.get("stage")
    if stage not in STAGES:
        hint = did_you_mean(str(stage), STAGES)
        got = "nothing" if stage is None else repr(stage)
        raise ScenarioError(Place(str(start), lines.get("stage", 1)), "stage", f"one of {', '.join(STAGES)}", got, hint)
    times = said.get("times", 200)
    if not isinstance(times, int) or times < 1:
        raise ScenarioError(Place(str(start), lines["times"]), "times", "a whole number from 1", repr(times))
    name = folder.resolve().name
    return Declaration(name, folder, summary, stage, str(said.get("source", "")), times, _options(program), is_shipped)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        raise ScenarioError(Place(str(path), error.lineno or 0, error.offset or 0), "", "Python", error.msg) from None


def _assigned(tree: ast.Module) -> list[tuple[str, int]]:
    return [
        (target.id, node.lineno)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


def _literals(tree: ast.Module, path: Path) -> dict[str, Any]:
    """Names that a module gives literal values."""
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def _options(path: Path) -> tuple[Option, ...]:
    """The parameters of ``programs(...)``; each has a default, which says its type."""
    tree = _parsed(path)
    made = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "programs"]
    if not made:
        raise InputError(f"{path}: wanted a function programs() that returns the programs by the name of their node")
    (function,) = made[-1:]
    texts = _texts(ast.get_docstring(function) or "")
    names = [*function.args.args, *function.args.kwonlyargs]
    defaults = [None] * (len(function.args.args) - len(function.args.defaults)) + list(function.args.defaults)
    options = []
    for argument, default in zip(names, [*defaults, *function.args.kw_defaults], strict=True):
        place = Place(str(path), argument.lineno)
        try:
            value = ast.literal_eval(default) if default is not None else None
        except ValueError:
            value = None
        if not isinstance(value, float | int | str):
            wanted = "a number, text, True or False as default"
            got = "none" if default is None else f"'{ast.unparse(default)}'"
            raise ScenarioError(place, f"programs(): {argument.arg}", wanted, got)
        kind = type(value).__name__
        options.append(Option(argument.arg, kind, value, texts.get(argument.arg, "")))
    return tuple(options)


def _texts(docstring: str) -> dict[str, str]:
    """What the section "Args:" says of each name."""
    found: dict[str, str] = {}
    _, _, section = docstring.partition("Args:\n")
    name = ""
    for line in section.splitlines():
        if not line.strip():
            break
        head, colon, rest = line.strip().partition(": ")
        if line.startswith("    ") and not line.startswith("     ") and colon and head.isidentifier():
            name, found[head] = head, rest
        elif name:
            found[name] += " " + line.strip()
    return found
