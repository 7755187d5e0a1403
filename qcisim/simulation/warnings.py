"""What a scenario may do, and what its reader should know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario


def warnings_of(scenario: Scenario) -> tuple[str, ...]:
    """One sentence for everything that is allowed and doubtful: at present, old two-line elements."""
    return tuple(_stale_elements(scenario))


def _stale_elements(scenario: Scenario) -> Iterator[str]:
    if not any(node.satellite is not None and node.satellite.orbit.kind == "tle" for node in scenario.nodes.values()):
        return
    from qcisim.optics.orbit import STALE_DAYS, TwoLineElements, along_track_error_km
    from qcisim.simulation.free_space import epoch_of

    start = epoch_of(scenario)
    for key, node in scenario.nodes.items():
        if node.satellite is not None and node.satellite.orbit.kind == "tle":
            elements = TwoLineElements(node.satellite.orbit.line1, node.satellite.orbit.line2)
            begin, end = (
                elements.age_days(start),
                elements.age_days(start.plus(min(scenario.duration_s, 366 * 86400.0))),
            )
            worst = max((begin, end), key=abs)
            if abs(worst) > STALE_DAYS:
                when = "older" if worst > 0 else "younger"
                yield (
                    f"{key}: the elements are {abs(worst):.0f} days {when} than the run, more than {STALE_DAYS:g}: "
                    f"expect about {along_track_error_km(worst):,.0f} km of error along the track; "
                    "passes are a shape, not a prediction"
                )
