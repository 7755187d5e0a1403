"""A scenario from a file, a shipped name, or text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from pydantic import ValidationError

from qcisim.errors import EnvironmentFault, Place, ScenarioError, did_you_mean
from qcisim.simulation import overrides as settings
from qcisim.simulation import stars
from qcisim.simulation.complaints import translate
from qcisim.simulation.names import shipped
from qcisim.simulation.scenario import Scenario
from qcisim.simulation.text import MAX_BYTES, Node, merged, parse


def load_scenario(source: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """The scenario of a file, of a shipped name ("belux"), or of YAML text (recognised by its line breaks).

    Args:
        source: path, name or text.
        overrides: ``KEY=VALUE`` with dotted keys; values under the rules of the file.

    Raises:
        ScenarioError: with file, line and column of everything that is wrong.
        EnvironmentFault: where the file cannot be read.
    """
    if isinstance(source, str) and "\n" in source:
        return build(source, "<text>", "scenario", overrides)
    path, name = find(source)
    return build(
        _read(path, str(source)), str(source) if name is None else str(path.name), name or path.stem, overrides, path
    )


DEFAULTS = ("link", "heralded")


def build(text: str, label: str, name: str, overrides: Sequence[str] = (), path: Path | None = None) -> Scenario:
    """The scenario of ``text``; ``label`` stands for the file in errors."""
    root = parse(text, label)
    if not isinstance(root.value, dict):
        raise ScenarioError(
            root.place,
            "",
            "a mapping with nodes and links",
            "a list" if isinstance(root.value, list) else "a single value",
        )
    of_stars = [text for text in overrides if text.lstrip().startswith("stars.")]
    settings.apply(root, of_stars)
    made = stars.expand(root)
    settings.apply(root, [text for text in overrides if text not in of_stars])
    root = with_defaults(root, apart=made)
    try:
        scenario = Scenario.model_validate(root.plain())
    except ValidationError as error:
        raise translate(error, root, Scenario) from None
    scenario._name, scenario._overrides = name, tuple(overrides)
    scenario._reference = name if path is None or shipped().get(name) == path else path.name
    return scenario


def find(source: str | Path) -> tuple[Path, str | None]:
    """(file, shipped name or None): a file that exists comes first, then the shipped names."""
    path = Path(source)
    known = shipped()
    name = str(source) or "''"
    if name in known and not path.is_file():
        return known[name], name
    names = f"shipped scenarios: {', '.join(known)}"
    if path.is_dir():
        raise ScenarioError(Place(name), "", "a scenario file", "a directory", _program(path, name) or names)
    if path.suffix == ".py" and path.exists():
        hint = f"a SquidASM script is run by: python -m qcisim.squidasm {name}"
        raise ScenarioError(Place(name), "", "a scenario file", "Python", hint)
    if path.exists():
        return path, None
    hint = _program(path, name) or did_you_mean(path.stem, known) or names
    raise ScenarioError(Place(name), "", "a scenario file or the name of a shipped scenario", "nothing there", hint)


def _program(path: Path, name: str) -> str:
    """How to run what is a program instead of a scenario; "" for all else."""
    from qcisim import programs

    try:
        is_one = programs.declares(path) if path.is_dir() else name in programs.shipped()
    except (OSError, SyntaxError):
        return ""
    return f"a program is run by: qcisim program run {name}" if is_one else ""


def _read(path: Path, label: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
            size = max(len(data), path.stat().st_size)
    except OSError as error:
        raise EnvironmentFault(f"{label}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise ScenarioError(
            Place(label),
            "",
            f"at most {MAX_BYTES / 1e6:g} MB of YAML",
            "more" if size < 1.05 * MAX_BYTES else f"{size / 1e6:.1f} MB",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
        got = f"the byte 0x{data[error.start]:02x}"
        raise ScenarioError(Place(label, line, column), "", "UTF-8 text", got, "save the file as UTF-8") from None


def with_defaults(root: Node, apart: Collection[str] = ()) -> Node:
    """`defaults.link` merged under every link but those ``apart`` and heralded ones, `defaults.heralded` under these.

    Places stay those of the values.
    """
    assert isinstance(root.value, dict)
    defaults = root.value.pop("defaults", None)
    if defaults is None or defaults.value is None:
        return root
    if not isinstance(defaults.value, dict):
        raise ScenarioError(defaults.place, "defaults", "a mapping with link or heralded", "something else")
    for key, place in defaults.keys.items():
        if key not in DEFAULTS:
            raise ScenarioError(place, f"defaults.{key}", "link or heralded", f"'{key}'", did_you_mean(key, DEFAULTS))
        if not isinstance(defaults.value[key].value, dict):
            wanted = "a mapping of fields"
            raise ScenarioError(defaults.value[key].place, f"defaults.{key}", wanted, "something else")
    links = root.value.get("links")
    if links is None or not isinstance(links.value, dict):
        return root
    value = dict(links.value)
    for key, link in links.value.items():
        name = "heralded" if isinstance(link.value, dict) and "heralded" in link.value else "link"
        if name in defaults.value and key not in apart:
            base = defaults.value[name]
            whole = base if name == "link" else Node(base.place, {name: base}, {name: base.place})
            value[key] = merged(whole, link)
    return Node(root.place, {**root.value, "links": Node(links.place, value, links.keys)}, root.keys)
