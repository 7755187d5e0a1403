"""Reference cases: what a file of them says, in the two schemas that exist."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from qcisim.errors import EnvironmentFault, InputError

SHIPPED = ("qkd_cases.json", "link_cases.json")
Value = float | int | str | list[Any] | None


class Unsupported(Exception):
    """Raised by an adapter for a case that no function of the house covers yet; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case: ``schema`` "qkd" or "link", ``topic`` and ``field`` where it is listed, ``record`` the JSON."""

    schema: str
    id: str
    topic: str
    field: str
    gating: bool
    expected: Value
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case.

    ``status``: pass, warn, fail_safe, fail_unsafe, fail, not_gating, unsupported or error. ``deviation`` is relative
    to the expected number, where there is one. ``message`` says what is missing or went wrong.
    """

    id: str
    status: str
    expected: Value
    actual: Value
    topic: str = ""
    message: str = ""
    deviation: float | None = None
    field: str = ""

    def record(self) -> dict[str, Value]:
        """The record of this case in a JSON report."""
        return {
            "id": self.id,
            "status": self.status,
            "expected": jsonable(self.expected),
            "actual": jsonable(self.actual),
            "topic": self.topic,
            "message": self.message,
        }


def jsonable(value: Value) -> Value:
    """The value without NaN and infinity, which JSON does not know: they become text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, list):
        return [jsonable(v) for v in value]
    return value


def load_cases(path: str | Path) -> list[Case]:
    """The cases of a file; raises `InputError` where it is not a file of reference cases."""
    place = Path(path)
    if place.is_dir():
        raise InputError(f"{place} is a directory: wanted a JSON file of reference cases")
    try:
        text = place.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{place}: no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: not UTF-8 text, at byte {error.start}") from None
    except OSError as error:
        raise EnvironmentFault(f"{place}: cannot be read: {error.strerror}") from error
    return parse_cases(text, str(place))


def shipped_cases() -> list[Case]:
    """The cases that ship with the package, both files."""
    folder = resources.files("qcisim.testing.reference")
    return [case for name in SHIPPED for case in parse_cases((folder / name).read_text("utf-8"), name)]


def parse_cases(text: str, name: str) -> list[Case]:
    """The cases of a JSON text; ``name`` stands in the messages."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = (
            f":{error.lineno}:{error.colno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else ": too deep"
        )
        raise InputError(f"{name}{where}: not JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("cases"), list):
        raise InputError(f"{name}: wanted an object with a list 'cases', as in the shipped {' and '.join(SHIPPED)}")
    if not data["cases"]:
        raise InputError(f"{name}: the list 'cases' is empty")
    cases = [_parse(record, f"{name}: case {i + 1}") for i, record in enumerate(data["cases"])]
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise InputError(f"{name}: two cases have the id '{case.id}'")
        seen.add(case.id)
    return cases


def _parse(record: Any, place: str) -> Case:
    if not isinstance(record, dict):
        raise InputError(f"{place}: wanted an object, got {type(record).__name__}")
    if not isinstance(record.get("id"), str):
        raise InputError(f"{place}: wanted a text 'id'")
    place = f"{place} ('{record['id']}')"
    if isinstance(record.get("params"), dict) and isinstance(record.get("model"), str):
        return _qkd(record, place)
    if isinstance(record.get("parameters"), dict) and isinstance(record.get("expected"), dict):
        return _link(record, place)
    raise InputError(
        f"{place}: unknown schema: wanted 'params' and 'model' (QKD cases) or 'parameters' and 'expected' (link cases)"
    )


def _qkd(record: Mapping[str, Any], place: str) -> Case:
    if "expected" not in record:
        raise InputError(f"{place}: no 'expected' value")
    if record.get("comparison") not in ("approx", "le", "ge", "exact"):
        raise InputError(f"{place}: comparison {record.get('comparison')!r}: wanted approx, le, ge or exact")
    if not isinstance(record.get("tolerance", {}), dict):
        raise InputError(f"{place}: tolerance: wanted an object with 'rel' or 'abs'")
    return Case(
        "qkd",
        record["id"],
        str(record.get("topic", "other")),
        str(record.get("protocol", "other")),
        record.get("verified") is not False,
        record["expected"],
        record,
    )


def _link(record: Mapping[str, Any], place: str) -> Case:
    wanted = record["expected"]
    compare = wanted.get("compare")
    if compare not in ("approx", "range", "at_least", "at_most"):
        raise InputError(f"{place}: compare {compare!r}: wanted approx, range, at_least or at_most")
    needed = ("low", "high") if compare == "range" else ("value",)
    for key in needed:
        if not isinstance(wanted.get(key), int | float) or isinstance(wanted.get(key), bool):
            raise InputError(f"{place}: expected.{key}: wanted a number, got {wanted.get(key)!r}")
    expected = [wanted["low"], wanted["high"]] if compare == "range" else wanted["value"]
    kind = str(record.get("kind", "other"))
    return Case(
        "link", record["id"], f"link: {kind}", f"{kind} links", record.get("confidence") != "low", expected, record
    )
