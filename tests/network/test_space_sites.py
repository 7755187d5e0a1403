"""Stations and satellites that are shipped: as the shared data say, with statuses and sources, checked when read."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from qcisim.errors import EnvironmentFault, InputError
from qcisim.network import sites
from qcisim.network.satellite_site import load_satellites, satellite, satellites
from qcisim.network.station_site import load_stations, station, stations

SHARED = Path(__file__).parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not here")


def test_nineteen_stations_and_seven_satellites_are_shipped() -> None:
    assert len(stations()) == 19
    assert set(satellites()) == {"micius", "jinan1", "eagle1", "saga", "qeyssat", "qube2", "geo_relay"}
    assert set(sites()).isdisjoint(stations())  # the sites on the ground are read from their own files
    assert station("nanshan").aperture_m == 1.2
    assert station("lu_ogs").aperture_m is None
    assert station("helmos").node().role == "trusted"


@needs_shared
def test_stations_agree_with_the_shared_data() -> None:
    shared = {s["id"]: s for s in json.loads((SHARED / "optical_ground_stations.json").read_text())["stations"]}
    assert set(shared) == set(stations())
    for name, here in stations().items():
        there = shared[name]
        for mine, key in (
            (here.name, "name"), (here.lat_deg, "lat"), (here.lon_deg, "lon"), (here.altitude_m, "altitude_m"),
            (here.aperture_m, "aperture_m"), (here.country, "country"), (here.basis, "basis"), (here.state, "status"),
        ):  # fmt: skip
            assert mine == there[key], (name, key)
        assert here.missions == tuple(there.get("missions", ()))
        quality = there["coordinate_quality"]
        known = {"published": "announced", "illustrative": "illustrative"}
        assert here.status == known.get(re.split(r"[ :,]", quality)[0], "estimated"), (name, quality)


@needs_shared
def test_satellites_agree_with_the_shared_data() -> None:
    shared = {s["id"]: s for s in json.loads((SHARED / "satellites.json").read_text())["satellites"]}
    assert set(shared) == set(satellites())
    for name, here in satellites().items():
        there, orbit = shared[name], shared[name]["orbit"]
        assert (here.name, here.norad_id, here.state) == (there["name"], there.get("norad_id"), there["status"])
        assert here.basis == there["basis"].split()[0]
        assert [(e.line1, e.line2, e.use) for e in here.elements] == [
            (e["line1"], e["line2"], e["use"]) for e in orbit.get("tle", ())
        ]
        for one, other in zip(here.elements, orbit.get("tle", ()), strict=True):
            assert other["epoch"].startswith(one.day.isoformat())
        if here.orbit is not None:
            assert (here.orbit.altitude_km, here.orbit.inclination_deg) == (
                orbit["altitude_km"],
                orbit["inclination_deg"],
            )
            assert here.orbit.longitude_deg == orbit.get("longitude_deg")
        for key, value in there["payload"].items():
            if key not in ("entangled_source", "confidence"):
                assert here.payload[key] == (tuple(value) if isinstance(value, list) else value), (name, key)


def test_only_public_elements_count_as_measured() -> None:
    assert {name for name, s in satellites().items() if s.status == "measured"} == {"micius"}
    assert all(s.status == "illustrative" for name, s in satellites().items() if name != "micius")
    assert all(s.source for s in satellites().values())
    assert all(s.source for s in stations().values())


def test_elements_are_chosen_by_date() -> None:
    micius = satellite("micius")
    assert micius.elements_near(date(2016, 12, 19)).use == "the published pass of 19 Dec 2016"
    assert micius.elements_near(date(2024, 1, 1)).day == date(2021, 4, 27)
    with pytest.raises(InputError, match="satellite eagle1: no public two-line elements"):
        satellite("eagle1").elements_near(date(2027, 1, 1))


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        satellite("eagle1").payload["transmit_aperture_m"] = 0.3  # type: ignore[index]  # a mistake on purpose


def test_unknown_names_come_with_a_suggestion() -> None:
    with pytest.raises(InputError, match=r"unknown station 'helmoss' \(did you mean 'helmos'\?\)"):
        station("helmoss")
    with pytest.raises(InputError, match=r"unknown satellite 'eagle' \(did you mean 'eagle1'\?\)"):
        satellite("eagle")
    with pytest.raises(InputError, match=r"unknown satellite 'zzzz' \(known: micius, "):
        satellite("zzzz")


GOOD_STATION = {
    "name": "S", "lat": 50.0, "lon": 5.0, "altitude_m": 100, "aperture_m": None, "country": "BE", "basis": "real",
    "state": "operational", "status": "estimated", "coordinates": "campus", "missions": [], "source": "a paper",
}  # fmt: skip
LINES = {
    "epoch": "2016-12-19", "use": "a pass",
    "line1": "1 41731U 16051A   16354.56913372  .00000384  00000-0  18801-4 0  9991",
    "line2": "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19164",
}  # fmt: skip
GOOD_SATELLITE = {
    "name": "S", "state": "in orbit", "basis": "real", "status": "measured", "elements": [LINES], "payload": {},
    "source": ["a paper"],
}  # fmt: skip


def write(folder: Path, part: str, entry: object) -> Path:
    path = folder / "x.json"
    path.write_text(json.dumps({part: {"s": entry}}))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lat": 95.0}, "x.json: stations.s: node s: latitude 95.0"),
        ({"lon": "5"}, "stations.s.lon: wanted a number, got '5'"),
        ({"altitude_m": 12000.0}, "altitude 12000.0 m"),
        ({"altitude_m": None}, "stations.s.altitude_m: wanted a number, got None"),
        ({"aperture_m": 0}, "aperture 0.0 m: wanted a diameter in metres"),
        ({"aperture_m": "1 m"}, "stations.s.aperture_m: wanted a number"),
        ({"basis": "reel"}, "stations.s.basis: unknown basis 'reel' (did you mean 'real'?)"),
        ({"status": "published"}, "stations.s.status: unknown status 'published'"),
        ({"missions": "QUBE"}, "stations.s.missions: wanted a list of texts"),
        ({"source": ""}, "station s: wanted a source"),
    ],
)
def test_a_bad_station_is_refused_with_its_place(tmp_path: Path, change: dict[str, object], message: str) -> None:
    assert load_stations(write(tmp_path, "stations", GOOD_STATION))["s"].altitude_m == 100.0
    with pytest.raises(InputError, match=re.escape(message)):
        load_stations(write(tmp_path, "stations", GOOD_STATION | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"elements": []}, "satellite s: wanted two-line elements or a circular orbit, one of them"),
        ({"orbit": {"altitude_km": 600, "inclination_deg": 98, "text": ""}}, "one of them"),
        ({"elements": "no"}, "satellites.s.elements: wanted a list, got 'no'"),
        ({"elements": [LINES | {"line1": LINES["line1"][:-1]}]}, "line 1 has 68 columns, wanted 69"),
        ({"elements": [LINES | {"line1": LINES["line1"][:-1] + "2"}]}, "line 1 has checksum 2, wanted 1"),
        ({"elements": [LINES | {"line2": LINES["line1"]}]}, "line 2 begins with '1 '"),
        ({"elements": [LINES | {"epoch": "19 Dec 2016"}]}, "x.json: satellites.s: Invalid isoformat string"),
        ({"elements": [], "orbit": {"altitude_km": 60, "inclination_deg": 98, "text": ""}}, "altitude 60.0 km"),
        ({"elements": [], "orbit": {"altitude_km": 600, "inclination_deg": 198, "text": ""}}, "inclination 198.0 deg"),
        ({"elements": [], "orbit": {"altitude_km": 600, "text": ""}}, "satellites.s.orbit: no field 'inclination_deg'"),
        ({"norad_id": "41731"}, "satellites.s.norad_id: wanted a whole number"),
        ({"payload": []}, "satellites.s.payload: wanted an object, got []"),
        ({"source": []}, "satellite s: wanted a source"),
        ({"basis": "planned"}, "satellites.s.basis: unknown basis 'planned'"),
    ],
)
def test_a_bad_satellite_is_refused_with_its_place(tmp_path: Path, change: dict[str, object], message: str) -> None:
    assert load_satellites(write(tmp_path, "satellites", GOOD_SATELLITE))["s"].elements[0].day == date(2016, 12, 19)
    with pytest.raises(InputError, match=re.escape(message)):
        load_satellites(write(tmp_path, "satellites", GOOD_SATELLITE | change))


def test_a_bad_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"stations": []}')
    with pytest.raises(InputError, match=r"x\.json: stations: wanted an object by id"):
        load_stations(path)
    with pytest.raises(InputError, match=r"x\.json: satellites: wanted an object by id"):
        load_satellites(path)
    path.write_text("{")
    with pytest.raises(InputError, match="wanted JSON in UTF-8"):
        load_satellites(path)
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        load_stations(tmp_path)
