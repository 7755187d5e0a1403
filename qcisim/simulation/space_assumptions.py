"""What a result in space rests on: orbits, stations, air, clouds, plans, contacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qcisim.simulation.result import Assumption
from qcisim.simulation.warnings import warnings_of

if TYPE_CHECKING:
    from qcisim.simulation.passes import Timetable
    from qcisim.simulation.scenario import Scenario

MODEL = "model"


def space_assumptions(scenario: Scenario, timetable: Timetable) -> Iterator[Assumption]:
    """The assumptions of satellites, ground stations, free space and trusted relays; none where there are none."""
    yield from _relays(scenario)
    if not any(node.satellite is not None for node in scenario.nodes.values()):
        return
    yield from _places(scenario)
    yield from _ideal(scenario)
    yield from _clouds(scenario, timetable)
    for sentence in warnings_of(scenario):
        yield Assumption(sentence, "scenario", "doubtful")
    planned = (
        "fixed from the predicted pass before its first light; a cloud cuts a pass whole and does not shorten its key"
    )
    yield Assumption(f"the length of each block is {planned}", MODEL, "model")
    if scenario.pass_planning.knows_clouds:
        text = "the plan of passes knows the clouds of each pass: a perfect forecast, optimistic"
        yield Assumption(text, "scenario", "illustrative")
    text = (
        "orbits and look angles: UT1 = UTC, no refraction, no light time; mean photon numbers are those before the "
        "transmitter's aperture, which clips"
    )
    yield Assumption(text, MODEL, "model")
    linked = {end for link in scenario.links.values() for end in link.between}
    if not any(scenario.nodes[name].satellite is not None for name in linked):
        return
    text = (
        "a trusted satellite reads every key that it relays; it announces while it is above the mask of one of its "
        "stations, whatever the clouds; a live fleet of key managers relays at any time"
    )
    yield Assumption(text, MODEL, "trust")


def _relays(scenario: Scenario) -> Iterator[Assumption]:
    relays = {key: link.fibre.trusted_relays for key, link in scenario.links.items() if link.fibre is not None}
    if any(relays.values()):
        listed = ", ".join(f"{key} {number}" for key, number in relays.items() if number)
        yield Assumption(f"trusted relays on the way read every key of their link: {listed}", "ITU-T Y.3803", "trust")


def _places(scenario: Scenario) -> Iterator[Assumption]:
    for key, node in scenario.nodes.items():
        if node.satellite is not None:
            orbit = node.satellite.orbit.kind.replace("_", "-").replace("tle", "two-line elements")
            yield Assumption(f"{key}: orbit by {orbit}", node.satellite.source, node.satellite.status)
        if node.station is not None:
            yield Assumption(f"{key}: optical ground station", node.station.source, node.station.status)
    media: dict[tuple[str, str], list[str]] = {}
    for key, link in scenario.links.items():
        if link.free_space is not None:
            media.setdefault((link.free_space.source, link.free_space.status), []).append(key)
    for (source, status), keys in media.items():
        yield Assumption(f"light through free space of {', '.join(keys)}", source, status)


def _ideal(scenario: Scenario) -> Iterator[Assumption]:
    """Parts of a budget that the scenario does not state and that are taken as ideal."""
    found: dict[str, list[str]] = {}
    for key, link in scenario.links.items():
        space = link.free_space
        if space is not None and space.loss_table is None:
            ideal = {
                "no loss in the transmitter's optics": space.transmitter.efficiency == 1.0,
                "no pointing jitter": space.transmitter.jitter_rad == 0.0,
                "no loss in the telescope's optics": space.telescope.efficiency == 1.0,
            }
            for what in (what for what, yes in ideal.items() if yes):
                found.setdefault(what, []).append(key)
    for what, keys in found.items():
        yield Assumption(f"{what}: {', '.join(keys)}", "default of the scenario file", "ideal")


def _clouds(scenario: Scenario, timetable: Timetable) -> Iterator[Assumption]:
    from qcisim.optics.cloud_climate import DEFAULT_SOURCE

    stations = {key: node.station for key, node in scenario.nodes.items() if node.station is not None}
    default = [key for key, station in stations.items() if not station.cloud_fraction]
    given = [key for key, station in stations.items() if station.cloud_fraction]
    if default:
        yield Assumption(
            f"cloud fractions of {', '.join(default)}: default climatology", DEFAULT_SOURCE, "illustrative"
        )
    if given:
        yield Assumption(f"cloud fractions of {', '.join(given)}: as the scenario states them", "scenario", "given")
    if stations:
        space, time = scenario.clouds.correlation_length_km, scenario.clouds.correlation_time_h
        text = f"clouds of two stations at distance d are correlated by exp(-d/{space:g} km), in time over {time:g} h"
        yield Assumption(text + "; three and more stations by a Gaussian copula", MODEL, "assumed")
    for sentence in timetable.impossible_clouds:
        yield Assumption(f"clouds: {sentence}", MODEL, "model")
