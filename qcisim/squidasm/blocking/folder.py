"""A folder of blocking programs, looked at before netqasm reads it: what is wrong is one error with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qcisim.errors import InputError, Place, ScenarioError, did_you_mean
from qcisim.squidasm.run.stack.placed import Placed, read_yaml

NODE_KEYS = ("name", "qubits")
LINK_KEYS = ("name", "node_name1", "node_name2")


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be run.

    Raises:
        InputError: no program ``app_<role>.py``.
        ScenarioError: a YAML file that cannot be read, that names a role without a program, or without what it needs.
    """
    roles = sorted(path.stem.removeprefix("app_") for path in folder.glob("app_*.py"))
    if not roles:
        raise InputError(f"{folder}: a folder without programs app_<role>.py")
    given = _mapping(folder / "roles.yaml")
    for role in given:
        if role not in roles:
            hint = did_you_mean(str(role), roles)
            raise ScenarioError(given.place(role), "", f"roles with a program: {', '.join(roles)}", f"'{role}'", hint)
    for role in roles:
        if given and role not in given:
            raise ScenarioError(given.place(), "", f"a node for each role; app_{role}.py has", "none")
        _mapping(folder / f"{role}.yaml")
    network = _mapping(folder / "network.yaml")
    if network:
        for part, keys in (("nodes", NODE_KEYS), ("links", LINK_KEYS)):
            _check_list(network, part, keys)


def _mapping(path: Path) -> Placed:
    """What a file holds; nothing where there is no file."""
    if not path.is_file():
        return Placed()
    content = read_yaml(path.read_text(encoding="utf-8-sig"), str(path))
    if content is None:
        return Placed()
    if not isinstance(content, Placed):
        raise ScenarioError(Place(str(path)), "", "a mapping", "something else")
    return content


def _check_list(network: Placed, part: str, keys: tuple[str, ...]) -> None:
    given: Any = network.get(part)
    if not isinstance(given, list):
        got = "nothing" if part not in network else repr(given)
        hint = did_you_mean(part, [str(key) for key in network]) if part not in network else ""
        raise ScenarioError(network.place(part), part, "a list", got, hint.replace("did you mean", "is it"))
    for index, one in enumerate(given):
        if not isinstance(one, Placed):
            raise ScenarioError(network.place(part), f"{part}[{index}]", "a mapping", repr(one))
        for key in keys:
            if key not in one:
                raise ScenarioError(one.place(), f"{part}[{index}].{key}", "a value", "nothing")
