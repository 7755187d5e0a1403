"""Scenarios in, results out. The names below load what they need when they are first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qcisim.simulation.load import load_scenario
    from qcisim.simulation.pass_results import planned_passes
    from qcisim.simulation.result import Result
    from qcisim.simulation.runner import RunInterrupted, run
    from qcisim.simulation.scenario import Scenario

_HOMES = {
    "Result": "result",
    "RunInterrupted": "runner",
    "Scenario": "scenario",
    "load_scenario": "load",
    "planned_passes": "pass_results",
    "run": "runner",
}
__all__ = ["Result", "RunInterrupted", "Scenario", "load_scenario", "planned_passes", "run"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
