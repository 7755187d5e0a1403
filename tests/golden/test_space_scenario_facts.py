"""The shipped scenarios in space say what is known of places, orbits and lengths, and flag the rest."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import pytest

from qcisim.network.satellite_site import satellite
from qcisim.network.station_site import OpticalStation, station
from qcisim.simulation import Scenario, load_scenario
from qcisim.simulation.names import shipped
from qcisim.units import great_circle_km

SHARED = Path(__file__).parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not here")
NAMES = ("micius_2016", "eagle1", "micius_entanglement", "luxqci", "euroqci")
STATIONS = {  # node of a scenario: station of the facts
    "xinglong": "xinglong", "delingha": "delingha", "lijiang": "lijiang", "oberpfaffenhofen": "dlr_ogs_op",
    "the_hague": "nl_eagle1_ogs", "betzdorf": "lu_ogs", "redu": "redu_candidate", "matera": "matera_mlro",
    "helmos": "helmos", "tenerife": "esa_ogs_tenerife", "almeria": "almeria_psa", "graz": "graz_lustbuehel",
}  # fmt: skip


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Scenario]:
    return {name: load_scenario(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_stations_stand_where_the_facts_say(name: str, scenarios: dict[str, Scenario]) -> None:
    for key, node in scenarios[name].nodes.items():
        if node.station is None:
            continue
        if key in STATIONS:
            fact: OpticalStation = station(STATIONS[key])
            assert (node.lat, node.lon, node.station.altitude_m) == (fact.lat_deg, fact.lon_deg, fact.altitude_m), key
            assert node.country == fact.country
            known = {fact.status, "illustrative"} if fact.basis != "real" else {fact.status}
            assert node.station.status in known, key
        else:
            assert (name, node.station.status) == ("euroqci", "illustrative"), key
        assert node.station.source


@pytest.mark.parametrize("name", NAMES)
def test_orbits_are_public_elements_or_flagged(name: str, scenarios: dict[str, Scenario]) -> None:
    for key, node in scenarios[name].nodes.items():
        if node.satellite is None:
            continue
        fact, orbit = satellite(key), node.satellite.orbit
        assert node.satellite.status == fact.status
        assert node.satellite.source
        assert node.role == ("hub" if scenarios[name].pairs else "trusted")  # a source of pairs is trusted with no key
        if orbit.kind == "tle":
            assert (orbit.line1, orbit.line2) == (fact.elements[0].line1, fact.elements[0].line2)
            assert abs(int(scenarios[name].start_utc[8:10]) - fact.elements[0].day.day) <= 5  # of December 2016
        else:
            assert orbit.kind == "sun_synchronous"
            assert fact.orbit is not None
            assert orbit.altitude_km == fact.orbit.altitude_km


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_free_space_is_flagged(name: str, scenarios: dict[str, Scenario]) -> None:
    for key, link in scenarios[name].links.items():
        if link.free_space is not None:
            assert link.free_space.status == ("measured" if name == "micius_2016" else "illustrative"), key
            assert link.free_space.source, key
    text = shipped()[name].read_text("utf-8")
    assert "llustrative" in text.split("\ntitle:")[0]


def test_the_pass_of_2016_has_the_published_source_and_the_loss_that_was_read_off(
    scenarios: dict[str, Scenario],
) -> None:
    link = scenarios["micius_2016"].links["micius-xinglong"]
    payload = satellite("micius").payload
    assert link.source.clock_hz == payload["repetition_rate_hz"]
    assert link.source.intensities == payload["intensities"]
    assert link.source.probabilities == payload["intensity_probabilities"]
    assert link.source.pulse.wavelength_nm == payload["wavelength_nm"]
    assert link.source.pulse.fwhm_s * 1e9 == pytest.approx(payload["pulse_width_ns"])
    assert link.free_space is not None
    assert link.free_space.transmitter.full_rad == pytest.approx(1e-6 * payload["full_divergence_urad"])
    table = link.free_space.loss_table
    assert table is not None
    assert (table.range_km[0], table.loss_excl_detector_db[0]) == (645, 30.06)
    kinds = {item.name: item.kind for item in scenarios["micius_2016"].published}
    assert {k for k, kind in kinds.items() if kind == "prediction"} == {
        "smallest range of the pass",
        "time below 1200 km",
    }
    assert all(item.source and item.note for item in scenarios["micius_2016"].published)


def test_pairs_come_from_the_published_source(scenarios: dict[str, Scenario]) -> None:
    pairs = scenarios["micius_entanglement"].pairs["delingha-lijiang"]
    payload = satellite("micius").payload
    assert pairs.source.pair_rate_hz == payload["pair_rate_hz"]
    assert pairs.source.wavelength_nm == payload["pair_wavelength_nm"]
    ends = [station(name) for name in pairs.between]
    assert great_circle_km(ends[0].lat_deg, ends[0].lon_deg, ends[1].lat_deg, ends[1].lon_deg) == pytest.approx(
        1203, abs=8
    )


@needs_shared
def test_fibre_of_luxembourg_agrees_with_the_shared_data(scenarios: dict[str, Scenario]) -> None:
    shared = json.loads((SHARED / "luxembourg.json").read_text())
    border = json.loads((SHARED / "be_lu_cross_border.json").read_text())
    places = {n["id"]: (n["lat"], n["lon"]) for n in shared["nodes"] + border["nodes"]}
    ids = {
        "kirchberg": "kirchberg_qci_lab", "luxembourg_city": "luxembourg", "capellen": "luxtrust_capellen",
        "bissen": "luxconnect_bissen", "bettembourg": "luxconnect_bettembourg", "esch": "esch",
        "betzdorf": "ses_betzdorf", "arlon": "arlon_hub", "redu": "redu_esec",
    }  # fmt: skip
    lux = scenarios["luxqci"]
    for mine, theirs in ids.items():
        assert lux.nodes[mine].coordinates == places[theirs], mine
    lengths = {frozenset((e["from"], e["to"])): e["fibre_length_km"] for e in shared["edges"] + border["edges"]}
    over_two = {  # legs that pass a point of presence on the way
        "kirchberg-luxembourg_city": ("kirchberg_qci_lab", "kirchberg_restena", "luxembourg"),
        "bettembourg-esch": ("luxconnect_bettembourg", "bettembourg", "esch"),
    }
    for key, link in lux.links.items():
        if link.fibre is not None:
            way = over_two.get(key, tuple(ids[end] for end in link.between))
            expected = math.fsum(lengths[frozenset(pair)] for pair in itertools.pairwise(way))
            assert link.fibre.length_km == pytest.approx(expected, abs=1e-9), key
            assert link.fibre.status == {"arlon-kirchberg": "announced", "redu-arlon": "derived"}.get(key, "estimated")


@needs_shared
def test_capitals_and_edges_of_europe_agree_with_the_shared_data(scenarios: dict[str, Scenario]) -> None:
    shared = json.loads((SHARED / "euroqci_27_capitals.json").read_text())
    euro = scenarios["euroqci"]
    ids = {n["id"]: n["capital"].lower() for n in shared["nodes"]}
    assert set(euro.service_between) == set(ids.values())
    for node in shared["nodes"]:
        mine = euro.nodes[ids[node["id"]]]
        assert (mine.lat, mine.lon, mine.name, mine.country) == (node["lat"], node["lon"], node["capital"], node["id"])
    links = {frozenset(link.between): link.fibre for link in euro.links.values() if link.fibre is not None}
    for edge in shared["edges"]:
        fibre = links.pop(frozenset((ids[edge["from"]], ids[edge["to"]])))
        land = edge["medium"] == "terrestrial"
        assert (fibre.length_km, fibre.status) == (edge["fibre_length_km"], "illustrative")
        assert fibre.trusted_relays == (edge["needs_trusted_nodes"] if land else 0)
    for ends, fibre in links.items():  # what is left joins a station to its capital
        a, b = (euro.nodes[end].coordinates for end in sorted(ends))
        assert ends & set(STATIONS)
        assert fibre.length_km == pytest.approx(1.5 * great_circle_km(*a, *b), abs=0.06)
        assert fibre.length_km / (1 + fibre.trusted_relays) <= 100.0
    relays = sum(link.fibre.trusted_relays for link in euro.links.values() if link.fibre is not None)
    assert f"{relays} of them" in shipped()["euroqci"].read_text("utf-8")
