"""Runs reference cases through the functions that the simulation uses."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qcisim.errors import EnvironmentFault, InputError
from qcisim.testing.cases import Case, CaseResult, Unsupported, Value, load_cases, shipped_cases
from qcisim.testing.verdict import deviation, status_of

FAILURES = ("fail", "fail_unsafe", "error")
"""Statuses that make `qcisim validate` exit with 1."""


def run_cases(
    path: str | Path | None = None, *, progress: Callable[[int, int, str], None] | None = None
) -> list[CaseResult]:
    """The results of all cases of a file, or of the shipped files where ``path`` is None.

    ``progress`` is called with (cases done, cases in all, id of the case that starts).
    Raises `InputError` where the file is not one of reference cases.
    """
    cases = shipped_cases() if path is None else load_cases(path)
    results = []
    for done, case in enumerate(cases):
        if progress is not None:
            progress(done, len(cases), case.id)
        results.append(run_case(case))
    return results


def run_case(case: Case) -> CaseResult:
    """One case: its adapter, the verdict, and what went wrong where something did."""
    actual: Value = None
    try:
        actual = _plain(_adapter(case)(case))
        status, message = status_of(case, actual), ""
    except Unsupported as missing:
        status, message = "unsupported", str(missing) or "no function for it yet"
    except Exception as error:  # one broken case must not hide the others
        status, message = "error", f"{type(error).__name__}: {error}"
    if not case.gating:
        message = f"for information: {status.replace('_', ' ')}" + (f" ({message})" if status == "error" else "")
        status = "not_gating"
    return CaseResult(case.id, status, case.expected, actual, case.topic, message, deviation(case, actual), case.field)


def exit_code(results: Iterable[CaseResult]) -> int:
    """1 where any case failed without direction, failed on the unsafe side, or could not be run; else 0."""
    return int(any(result.status in FAILURES for result in results))


def write_json(results: Sequence[CaseResult], path: str | Path) -> None:
    """One record per case, ``{id, status, expected, actual, topic, message}``, written whole or not at all."""
    place = Path(path)
    text = json.dumps([result.record() for result in results], indent=1, ensure_ascii=False, allow_nan=False)
    partial = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(place)
    except OSError as error:
        partial.unlink(missing_ok=True)
        kind = InputError if place.is_dir() or not place.parent.is_dir() else EnvironmentFault
        raise kind(f"{place}: cannot be written: {error.strerror}") from error


def _adapter(case: Case) -> Callable[[Case], Any]:
    if case.schema == "qkd":
        from qcisim.testing.qkd_cases import adapter

        return adapter(case)
    from qcisim.testing.link_cases import ADAPTERS

    if case.id not in ADAPTERS:
        raise Unsupported("no function for it yet")
    function = ADAPTERS[case.id]
    return lambda one: function(one.record["parameters"])


def _plain(value: Any) -> Value:
    """Python numbers and lists instead of numpy's."""
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if value is None or isinstance(value, int | float | str):
        return value
    raise TypeError(f"an adapter returned {type(value).__name__}")
