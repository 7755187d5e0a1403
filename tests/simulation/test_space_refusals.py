"""What is no sound scenario in space is refused at its place; what is doubtful is warned about."""

from __future__ import annotations

import pytest
from space_texts import MICIUS, RELAY, micius, relay

from qcisim.errors import InputError, ScenarioError
from qcisim.simulation.load import load_scenario
from qcisim.simulation.warnings import warnings_of
from qcisim.simulation.without import without


def refused(text: str, *overrides: str) -> str:
    with pytest.raises(ScenarioError) as told:
        load_scenario(text, overrides)
    return str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "lat: 55.0, ",
            "",
            "<text>:8:3: error: nodes.north.lat: wanted the coordinates of the station in degrees, as in {lat: 50",
        ),
        (
            "lat: 55.0, lon: 10.0",
            "lat: 110.0, lon: 55.0",
            "nodes.north.lat: wanted a number from -90 to 90 deg, got 110.0 (are lat and lon swapped?)",
        ),
        ("start_utc: 2027-03-20T12:00:00Z\n", "", "start_utc: wanted the UTC time of the start"),
        ("2027-03-20T12:00:00Z", "2027-13-20", "start_utc: wanted a UTC time such as 2026-12-01T00:00:00Z, got"),
        ("2027-03-20T12:00:00Z", "1850-01-01", "start_utc: wanted a year that two-line elements can name"),
        (
            "lon: 10.0, station: {cloud_fraction: 0}}",
            "lon: 10.0}",
            "links.sat-north.between[1]: wanted a node with an optical ground station, got 'north' without one",
        ),
        (
            "sat-north: {between: [sat, north]}",
            "sat-north: {between: [south, north]}",
            "sat-north.between: wanted a satellite at one end of free space, got 'south' and 'north' on the ground",
        ),
        ("satellite: {orbit", "sattelite: {orbit", "(did you mean 'satellite'?)"),
        ("kind: sun_synchronous", "kind: sunsynchronous", "got 'sunsynchronous' (did you mean 'sun_synchronous'?)"),
        ("role: trusted, ", "", "demands.d: wanted a demand that keys can reach"),
    ],
)
def test_a_scenario_in_space_that_is_wrong(old: str, new: str, message: str) -> None:
    assert old in RELAY
    assert message in refused(RELAY.replace(old, new))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "nodes.north.station.minimum_elevation_deg=95",
            "wanted a number from 0 to 90 deg, got 95 (nothing stands above the zenith)",
        ),
        ("nodes.north.station.cloud_fraction=[0.1, 0.2]", "wanted one number, or twelve from January to December"),
        ("nodes.north.station.cloud_fraction=65", "wanted shares from 0 to 1, got 65"),
        ("nodes.sat.lat=3", "nodes.sat.lat: wanted no such field of a satellite"),
        ("nodes.sat.satellite.orbit.altitude_km=60", "wanted a number from 150 to 5900 km, got 60"),
        (
            "links.*.free_space.transmitter={beam: flat, divergence_full_rad: 1e-5, divergence_half_rad: 1e-5}",
            "wanted the full or the half divergence, not both, got full 1e-05 and half 1e-05 rad",
        ),
        ("links.*.free_space.transmitter={beam: flat}", "wanted the divergence of the flat beam, got nothing"),
        (
            "links.*.free_space.transmitter={divergence_full_rad: 1e-5}",
            "wanted beam gaussian or flat with a divergence",
        ),
        ("links.*.free_space.transmitter={beam: flat, divergence_full_rad: 1e-5, waist_m: 0.1}", "wanted a waist of a"),
        (
            "links.*.free_space.transmitter={beam: gaussian, divergence_full_rad: 1e-5, waist_m: 0.1}",
            "wanted the waist or the divergence of a gaussian beam, not both",
        ),
        ("links.*.free_space.transmitter={beam: measured}", "wanted the far field of a measured beam"),
        ("links.*.free_space.telescope.aperture_mm=80", "(did you mean 'aperture_m'? its unit is m)"),
        (
            "links.*.free_space.loss_table={range_km: [500, 400], loss_excl_detector_db: [30, 40]}",
            "wanted positive, rising ranges, got 500, 400",
        ),
        (
            "links.*.free_space.loss_table={range_km: [500, 600], loss_excl_detector_db: [30]}",
            "wanted 2 losses, one for each range, got 1",
        ),
        (
            "links.sat-north.fibre={length_km: 10}",
            "wanted one of fibre, free_space, arms, chain and heralded, got fibre and free_space",
        ),
        ("service_between=[north, soth]", "got 'soth' (did you mean 'south'?)"),
    ],
)
def test_an_override_in_space_that_is_wrong(override: str, message: str) -> None:
    assert message in refused(RELAY, override)


def test_elements_that_are_damaged() -> None:
    assert "its checksum is 1, the last column says '0'" in refused(MICIUS.replace("0  9991", "0  9990"))
    assert "line1: wanted 69 columns, got 68" in refused(MICIUS.replace("0  9991", "0  991"))


def test_old_elements_are_warned_about_and_used() -> None:
    assert warnings_of(micius()) == ()
    (told,) = warnings_of(micius("start_utc=2017-01-20T00:00:00Z"))
    assert "micius: the elements are from 31 days before the run, more than 14" in told
    assert "about 96 km of error" in told or "about 95 km of error" in told  # 1 km and 3 km a day
    assert "not a prediction" in told
    (old,) = warnings_of(micius("start_utc=2017-06-01T00:00:00Z"))
    assert "is not known any more" in old
    (early,) = warnings_of(micius("start_utc=2016-11-20T00:00:00Z"))
    assert "30 days after the run" in early
    assert warnings_of(relay()) == ()


def test_trusted_relays_need_counts() -> None:
    text = """
nodes: {a: {lat: 50, lon: 5}, b: {lat: 51, lon: 9}}
links: {a-b: {between: [a, b], fibre: {length_km: 300, trusted_relays: 3}, resolution: clicks}}
"""
    assert "wanted resolution counts or rates on a link with trusted_relays, got clicks" in refused(text)


def test_leaving_out_parts() -> None:
    scenario = relay("service_between=[north, south]")
    smaller = without(scenario, ["satellite:sat"])
    assert list(smaller.nodes) == ["north", "south"]
    assert smaller.links == {}
    assert list(smaller.demands) == ["d"]
    assert smaller.hash != scenario.hash
    assert "--without satellite:sat" in smaller.command
    assert list(without(scenario, ["link:sat-north"]).links) == ["sat-south"]
    for part, message in (
        ("satellite:sta", "did you mean 'sat'"),
        ("satelite:sat", "did you mean 'satellite'"),
        ("sat", "wanted satellite:NAME, node:NAME or link:NAME"),
        ("node:north", "a demand ends at north, which has to stay"),
        ("satellite:north", "no such satellite"),
    ):
        with pytest.raises(InputError, match=message):
            without(scenario, [part])


def test_latitude_and_longitude_the_wrong_way_round() -> None:
    told = refused(RELAY.replace("north: {lat: 55.0, lon: 10.0", "north: {country: DK, lat: 10.0, lon: 55.0"))
    assert "nodes.north.lat: wanted a place in DK, as the node says, got lat 10 and lon 55" in told
    assert "are lat and lon the wrong way round?" in told
    far = RELAY.replace("north: {lat: 55.0, lon: 10.0", "north: {country: FR, lat: 5.0, lon: -52.0")
    assert load_scenario(far).nodes["north"].country == "FR"  # overseas: not in the table, not refused
    near = (
        "nodes: {a: {lat: 50, lon: 5}, b: {lat: 52, lon: 9}}\nlinks: {a-b: {between: [a, b], fibre: {length_km: 50}}}"
    )
    (told,) = warnings_of(load_scenario(near))
    assert "a-b: 50 km of fibre between nodes that are 357 km apart" in told
