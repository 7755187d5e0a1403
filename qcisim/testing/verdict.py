"""Does a number agree with its reference case, and if not, on which side does it err?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from qcisim.testing.cases import Case, Value

TABLE_TOLERANCE = 1e-6
_STATUS = {"ok": "pass", "unsafe": "fail_unsafe", "safe": "fail_safe", "off": "fail"}


def status_of(case: Case, value: Value) -> str:
    """pass, warn, fail_safe, fail_unsafe or fail; raises `ValueError` for a value that is not comparable."""
    _require_comparable(case.expected, value, case.record.get("comparison", "approx"))
    if case.schema == "link":
        return link_status(case.record["expected"], value)
    verdict = qkd_verdict(case.record, value)
    if verdict == "ok" and has_own_value(case.record):
        recomputed = {"expected": case.record["recomputed"], "tolerance": {"rel": TABLE_TOLERANCE}}
        verdict = qkd_verdict({**case.record, **recomputed}, value)
    return _STATUS[verdict]


def has_own_value(case: Mapping[str, Any]) -> bool:
    """Whether a printed number comes with a recomputed one that must be met closely.

    Not for simulations of a few hundred frames, nor for a value kept to three digits.
    """
    rounded = str(case["id"]).startswith("cascade.") or case["id"] == "lim.text.ratio"
    return case.get("how") == "table" and case.get("recomputed") is not None and not rounded


def qkd_verdict(case: Mapping[str, Any], value: Any) -> str:
    """'ok', 'unsafe' (claims too much), 'safe' (loses performance) or 'off' (no security meaning)."""
    want, tolerance = case["expected"], case.get("tolerance", {})
    if case["comparison"] == "exact":
        return "ok" if value == want else "off"
    if isinstance(want, list):
        verdicts = {qkd_verdict({**case, "expected": w}, v) for w, v in zip(want, value, strict=True)}
        return next(v for v in ("unsafe", "off", "safe", "ok") if v in verdicts)
    slack = max(tolerance.get("rel", 0) * abs(want), tolerance.get("abs", 0))
    high, low = value > want + slack, value < want - slack
    if case["comparison"] == "le":
        low = False
    if case["comparison"] == "ge":
        high = False
    if not (high or low):
        return "ok"
    if case.get("unsafe_direction") is None:
        return "off"
    return "unsafe" if high == (case["unsafe_direction"] == "too_large") else "safe"


def link_status(expected: Mapping[str, Any], value: Any) -> str:
    """pass, warn (outside a band, within a decade of it) or fail."""
    compare = expected["compare"]
    if compare == "range":
        low, high = expected["low"], expected["high"]
        if low <= value <= high:
            return "pass"
        return "warn" if low / 10.0 < value < high * 10.0 else "fail"
    want = expected["value"]
    slack = max(expected.get("rel_tol", 0) * abs(want), expected.get("abs_tol", 0))
    if compare == "approx":
        return "pass" if abs(value - want) <= slack else "fail"
    good = value >= want - slack if compare == "at_least" else value <= want + slack
    return "pass" if good else "fail"


def deviation(case: Case, value: Value) -> float | None:
    """(value - expected)/|expected| for a number, against the nearest edge for a band; None where it means nothing."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    want = case.expected
    if case.schema == "link" and isinstance(want, list):
        want = min(max(float(value), float(want[0])), float(want[1]))
    if not isinstance(want, int | float) or want == 0:
        return None
    return (float(value) - float(want)) / abs(float(want))


def _require_comparable(expected: Value, value: Value, comparison: str) -> None:
    """A number that is not finite, or of another kind than the expected value, must never pass."""
    if comparison == "exact" and isinstance(expected, str):
        if not isinstance(value, str):
            raise ValueError(f"wanted text, the function returned {value!r}")
        return
    if isinstance(value, list):
        if not isinstance(expected, list) or len(value) != len(expected):
            raise ValueError(f"the function returned {len(value)} values where {expected!r} was expected")
        for single in value:
            _require_number(single)
        return
    _require_number(value)


def _require_number(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"wanted a finite number, the function returned {value!r}")
