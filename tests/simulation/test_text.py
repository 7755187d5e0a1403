"""The YAML reader: values of the core schema, places, limits."""

from __future__ import annotations

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import ScenarioError
from qcisim.simulation.text import MAX_BYTES, merged, parse, scalar

# YAML 1.2.2, 10.3.2 and example 10.9, and the words that YAML 1.1 reads otherwise.
CORE = [
    ("1e-6", 1e-6),
    ("1e9", 1e9),
    ("-2E+05", -2e5),
    (".5", 0.5),
    ("5.", 5.0),
    ("12e03", 12e3),
    ("0", 0),
    ("-19", -19),
    ("017", 17),
    ("0o17", 15),
    ("0xC", 12),
    ("true", True),
    ("FALSE", False),
    ("~", None),
    ("null", None),
    ("NO", "NO"),
    ("yes", "yes"),
    ("off", "off"),
    ("1_000", "1_000"),
    ("12:30", "12:30"),
    ("2024-10-17", "2024-10-17"),
    ("+.inf", math.inf),
    ("-.INF", -math.inf),
    ("0b1", "0b1"),
    ("-0o7", "-0o7"),
    (".", "."),
    ("e5", "e5"),
]


@pytest.mark.parametrize(("text", "value"), CORE)
def test_core_schema(text: str, value: object) -> None:
    got = scalar(text)
    assert got == value
    assert type(got) is type(value)


def test_nan_is_read_as_a_number() -> None:
    assert math.isnan(float(scalar(".NaN") or 0))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back(value: float) -> None:
    assert scalar(repr(value)) == value


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcdefgh", min_size=1), JSON, min_size=1))
def test_json_is_yaml(data: dict[str, object]) -> None:
    assert parse(json.dumps(data), "x").plain() == data


def test_places_of_keys_and_values() -> None:
    root = parse("a:\n  b: 1\n  c: [2, 3]\n", "f.yaml")
    assert str(root.find(("a", "b")).place) == "f.yaml:2:6"  # type: ignore[union-attr]
    assert str(root.find(("a", "c", 1)).place) == "f.yaml:3:10"  # type: ignore[union-attr]
    assert str(root.child("a").keys["c"]) == "f.yaml:3:3"  # type: ignore[union-attr]
    assert root.find(("a", "c", 2)) is None
    assert root.find(("a", "z", "z")) is None


def test_merge_keeps_places_and_order_of_precedence() -> None:
    base, over = parse("x: {a: 1, b: {c: 2}}", "base"), parse("x: {b: {c: 3, d: 4}, e: [5]}", "over")
    both = merged(base, over)
    assert both.plain() == {"x": {"a": 1, "b": {"c": 3, "d": 4}, "e": [5]}}
    assert both.find(("x", "a")).place.path == "base"  # type: ignore[union-attr]
    assert both.find(("x", "b", "c")).place.path == "over"  # type: ignore[union-attr]
    assert base.plain() == {"x": {"a": 1, "b": {"c": 2}}}


def refused(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "f.yaml")
    return str(caught.value)


def test_repeated_key_names_both_places() -> None:
    assert (
        refused("a: 1\nb: 2\na: 3\n") == "f.yaml:3:1: error: wanted each key once, got 'a' again (first at f.yaml:1:1)"
    )


def test_tabs_are_named() -> None:
    text = refused("a:\n\tb: 1\n")
    assert text.startswith("f.yaml:2:1: error: wanted valid YAML")
    assert "indent with spaces" in text


def test_syntax_errors_have_a_place() -> None:
    assert refused("a: [1, 2\nb: 3\n").startswith("f.yaml:2:2: error: wanted valid YAML")
    assert refused("a: 'open\n").startswith("f.yaml:2:1: error: wanted valid YAML")


def test_control_characters_have_a_place() -> None:
    assert (
        refused("a: 1\nb: x\x07y\n")
        == "f.yaml:2:5: error: wanted printable characters, got the control character U+0007"
    )


def test_empty_files() -> None:
    for text in ("", "\n\n", "# only a comment\n", "---\n", "null\n"):
        assert "an empty file" in refused(text)


def test_two_documents() -> None:
    assert refused("a: 1\n---\nb: 2\n") == "f.yaml:2:1: error: wanted one YAML document, got a second one"


def test_python_tags_are_refused_unrun() -> None:
    assert "the tag" in refused("a: !!python/object/apply:os.system ['true']\n")
    assert "the tag !x" in refused("a: !x 1\n")
    assert parse("a: !!str 5\nb: !!float 5\n", "x").plain() == {"a": "5", "b": 5.0}


def test_merge_keys_and_odd_keys_are_refused() -> None:
    assert "defaults.link" in refused("a: &x {b: 1}\nc: {<<: *x}\n")
    assert "text as a key" in refused("? [1, 2]\n: 3\n")


def test_aliases_are_values() -> None:
    assert parse("a: &x {b: 1}\nc: *x\n", "f").plain() == {"a": {"b": 1}, "c": {"b": 1}}
    assert "before its alias" in refused("a: &x [*x]\n")
    assert refused("a: *y\n").startswith("f.yaml:1:4: error: wanted an anchor")


QUICK_S = 10.0  # what is refused too late takes hours; a loaded machine has taken 1.2 s


def cpu_s(text: str) -> tuple[str, float]:
    start = time.process_time()
    return refused(text), time.process_time() - start


def test_billion_laughs_are_refused_quickly() -> None:
    lines = ['a0: &a0 ["lol", "lol", "lol", "lol", "lol", "lol", "lol", "lol", "lol"]']
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    text, seconds = cpu_s("\n".join(lines))
    assert "aliases that expand to more" in text
    assert seconds < QUICK_S


@pytest.mark.parametrize("text", ["[" * 30_000, "a: " + "{b: " * 30_000, "- " * 30_000 + "x"])
def test_deep_nesting_is_refused_quickly(text: str) -> None:
    told, seconds = cpu_s(text)
    assert "levels of nesting" in told
    assert seconds < QUICK_S


def test_nesting_through_aliases_is_refused() -> None:
    lines = ["a0: &a0 [[[[[[[[[[x]]]]]]]]]]"]
    lines += [f"a{i}: &a{i} [[[[[[[[[*a{i - 1}]]]]]]]]]" for i in range(1, 200)]
    told, seconds = cpu_s("\n".join(lines))
    assert "levels of nesting" in told
    assert seconds < QUICK_S


def test_big_files_are_refused_quickly() -> None:
    told, seconds = cpu_s("a: 1\n" * (MAX_BYTES // 4))
    assert told == "f.yaml: error: wanted at most 2 MB of YAML, got 2.5 MB"
    assert seconds < 0.1
    told, seconds = cpu_s("".join(f"k{i}: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" for i in range(40_000)))
    assert "at most 100000 values" in told
    assert seconds < 5.0


def test_huge_integers_are_refused() -> None:
    assert "a number of reasonable size" in refused("a: " + "9" * 5000)
