"""The verdict of one case: the safe side, the unsafe side, and values that must never pass."""

from __future__ import annotations

import math
from typing import Any

import pytest

from qcisim.testing import Case, link_status, parse_cases, qkd_verdict, status_of
from qcisim.testing.verdict import deviation, has_own_value


def case(**change: Any) -> dict[str, Any]:
    base = {
        "id": "x",
        "expected": 100.0,
        "comparison": "approx",
        "tolerance": {"rel": 0.01},
        "unsafe_direction": "too_large",
        "how": "recomputed",
        "model": "m",
        "params": {},
    }
    return {**base, **change}


@pytest.mark.parametrize(
    ("change", "value", "verdict"),
    [
        ({}, 100.9, "ok"),
        ({}, 101.1, "unsafe"),
        ({}, 98.9, "safe"),
        ({"unsafe_direction": "too_small"}, 101.1, "safe"),
        ({"unsafe_direction": "too_small"}, 98.9, "unsafe"),
        ({"unsafe_direction": None}, 101.1, "off"),
        ({"unsafe_direction": None}, 98.9, "off"),
        ({"tolerance": {"rel": 0.01, "abs": 5.0}}, 104.9, "ok"),
        ({"tolerance": {}}, 100.0, "ok"),
        ({"comparison": "le"}, 1.0, "ok"),
        ({"comparison": "le"}, 102.0, "unsafe"),
        ({"comparison": "ge", "unsafe_direction": "too_small"}, 102.0, "ok"),
        ({"comparison": "ge", "unsafe_direction": "too_small"}, 98.0, "unsafe"),
        ({"comparison": "exact", "expected": "101"}, "101", "ok"),
        ({"comparison": "exact", "expected": "101"}, "100", "off"),
        ({"expected": [100.0, 200.0]}, [100.0, 200.0], "ok"),
        ({"expected": [100.0, 200.0]}, [98.0, 203.0], "unsafe"),
        ({"expected": [100.0, 200.0]}, [98.0, 200.0], "safe"),
    ],
)
def test_verdicts(change: dict[str, Any], value: Any, verdict: str) -> None:
    assert qkd_verdict(case(**change), value) == verdict


@pytest.mark.parametrize(
    ("expected", "value", "status"),
    [
        ({"compare": "approx", "value": 10.0, "rel_tol": 0.1}, 10.9, "pass"),
        ({"compare": "approx", "value": 10.0, "abs_tol": 0.5}, 10.6, "fail"),
        ({"compare": "approx", "value": 10.0}, 10.0, "pass"),
        ({"compare": "at_least", "value": 10.0}, 10.0, "pass"),
        ({"compare": "at_least", "value": 10.0}, 9.9, "fail"),
        ({"compare": "at_most", "value": 10.0}, 10.1, "fail"),
        ({"compare": "at_most", "value": 10.0}, 3.0, "pass"),
        ({"compare": "range", "low": 1.0, "high": 5.0}, 5.0, "pass"),
        ({"compare": "range", "low": 1.0, "high": 5.0}, 0.2, "warn"),
        ({"compare": "range", "low": 1.0, "high": 5.0}, 49.0, "warn"),
        ({"compare": "range", "low": 1.0, "high": 5.0}, 50.1, "fail"),
        ({"compare": "range", "low": 1.0, "high": 5.0}, 0.09, "fail"),
        ({"compare": "range", "low": 1.0, "high": 5.0}, 0.0, "fail"),
    ],
)
def test_link_verdicts(expected: dict[str, Any], value: float, status: str) -> None:
    assert link_status(expected, value) == status


def made(**change: Any) -> Case:
    import json

    return parse_cases(json.dumps({"cases": [case(**change)]}), "test")[0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, "100", True, [100.0], [100.0, math.nan]])
def test_what_is_not_a_number_never_passes(value: Any) -> None:
    """NaN compares false with everything: a naive verdict would let it through."""
    with pytest.raises(ValueError, match="function returned"):
        status_of(made(), value)


def test_lists_must_have_the_same_length() -> None:
    with pytest.raises(ValueError, match="returned 1 values"):
        status_of(made(expected=[1.0, 2.0]), [1.0])


def test_a_printed_number_with_its_own_value_must_meet_both() -> None:
    printed = made(how="table", tolerance={"rel": 0.16}, recomputed=95.0, unsafe_direction="too_large")
    assert status_of(printed, 95.0) == "pass"
    assert status_of(printed, 100.0) == "fail_unsafe"
    assert status_of(printed, 90.0) == "fail_safe"
    assert not has_own_value(case(id="cascade.x", how="table", recomputed=1.0))
    assert not has_own_value(case(id="lim.text.ratio", how="table", recomputed=1.0))
    assert not has_own_value(case(how="table"))


def test_deviation() -> None:
    assert deviation(made(), 110.0) == pytest.approx(0.1)
    assert deviation(made(expected=0), 1.0) is None
    assert deviation(made(), [1.0]) is None
