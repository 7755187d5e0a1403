"""Entangled pairs from a source at a third node: coincidences over time and the state that the two nodes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qcisim.simulation.passes import Timetable
    from qcisim.simulation.scenario import Scenario


def pairs_result(scenario: Scenario, name: str, timetable: Timetable) -> dict[str, Any]:
    """What the two nodes of ``name`` see of their source."""
    return {}
