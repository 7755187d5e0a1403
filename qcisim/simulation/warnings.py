"""What a scenario may do, and what its reader should know before trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qcisim.units import great_circle_km

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario


LOST_DAYS = 60.0  # drag is not known well enough for longer


def warnings_of(scenario: Scenario) -> tuple[str, ...]:
    """One sentence for everything that is allowed and doubtful: old elements, fibre shorter than the way."""
    return (*_stale_elements(scenario), *_short_fibres(scenario))


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
                age = f"{abs(worst):.0f} days {'before' if worst > 0 else 'after'} the run"
                expect = (
                    f"expect about {along_track_error_km(worst):,.0f} km of error along the track; passes are a shape"
                )
                if abs(worst) > LOST_DAYS:
                    expect = "where the satellite is in its orbit is not known any more; passes are a shape"
                yield f"{key}: the elements are from {age}, more than {STALE_DAYS:g}: {expect}, not a prediction"


def _short_fibres(scenario: Scenario) -> Iterator[str]:
    for key, link in scenario.links.items():
        first, second = (scenario.nodes[name] for name in link.between)
        if link.fibre is None or first.satellite is not None or second.satellite is not None:
            continue
        apart_km = great_circle_km(*first.coordinates, *second.coordinates)
        if link.fibre.length_km < 0.98 * apart_km:
            yield (
                f"{key}: {link.fibre.length_km:g} km of fibre between nodes that are {apart_km:,.0f} km apart: are the "
                "coordinates right, latitude and longitude not swapped?"
            )
