"""Whatever the file holds: a scenario, or an error that says where."""

from __future__ import annotations

import copy
import re
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_texts import PLAIN

from qcisim.errors import InputError
from qcisim.simulation.load import build
from qcisim.simulation.names import shipped

TEXT = shipped()["first_link"].read_text("utf-8")
TYPED = "{}[]:,-&*!|>'\"#%@`\t\n ?~=0e.\x07é"
PLACE = re.compile(r"f\.yaml(:\d+:\d+)?: (error: |and \d+ more)")


def complaint(text: str, *overrides: str) -> str:
    """What is said about ``text``; empty where it is a scenario."""
    try:
        build(text, "f.yaml", "f", overrides)
    except InputError as error:
        return str(error)
    return ""


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a", "m", "b", "hub"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abz_km", max_size=5), inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += paths(item, (*path, key))
    return found


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(paths(PLAIN)), VALUES)
def test_any_value_anywhere(path: tuple[Any, ...], value: Any) -> None:
    data = copy.deepcopy(PLAIN)
    part = data
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    told = complaint(yaml.safe_dump(data, allow_unicode=True))
    assert all(PLACE.match(line) for line in told.splitlines()), told


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, len(TEXT)),
    st.integers(0, 6),
    st.text(st.sampled_from("{}[]:,-&*!|>'\"#%@`\t\n ?~=0e.\x07é"), max_size=4),
)
def test_any_slip_of_the_keyboard(at: int, length: int, typed: str) -> None:
    told = complaint(TEXT[:at] + typed + TEXT[at + length :])
    assert all(PLACE.match(line) for line in told.splitlines()), told


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.text(max_size=20))
def test_any_override(key: str, value: str) -> None:
    told = complaint(TEXT, f"{key}={value}")
    assert all("--set" in line or PLACE.match(line) for line in told.splitlines()), told
