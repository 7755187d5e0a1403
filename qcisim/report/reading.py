"""Reading: numbers, series and tables out of a result that may lack any of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from qcisim.errors import InputError


def number(value: Any) -> float | None:
    """A finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def count(value: Any) -> int | None:
    """A finite number as a whole one, else None."""
    found = number(value)
    return None if found is None else int(found)


def numbers(fields: Any) -> dict[str, float]:
    """The finite numbers of a mapping by name."""
    if not isinstance(fields, Mapping):
        return {}
    return {str(name): found for name, value in fields.items() if (found := number(value)) is not None}


def series(values: Any) -> tuple[float, ...]:
    """A curve; what is no number in it is zero."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    return tuple(number(value) or 0.0 for value in values)


def texts(values: Any) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    return tuple(str(value) for value in values)


def table(data: Mapping[str, Any], key: str) -> Mapping[str, Mapping[str, Any]]:
    """The rows by id; raises `InputError` where they are none."""
    rows = data.get(key) or {}
    if not isinstance(rows, Mapping) or not all(isinstance(row, Mapping) for row in rows.values()):
        raise InputError(f"{key}: wanted a table by id; is this a result.json of qcisim?")
    return rows


def rows(data: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    """A list of rows; raises `InputError` where it is none."""
    found = data.get(key) or ()
    if not isinstance(found, Sequence) or isinstance(found, str) or not all(isinstance(row, Mapping) for row in found):
        raise InputError(f"{key}: wanted a list of rows; is this a result.json of qcisim?")
    return found
