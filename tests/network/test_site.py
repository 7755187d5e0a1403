"""Sites and legs: sources, statuses, and lengths that fit the map."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from qcisim.errors import EnvironmentFault, InputError
from qcisim.network import leg, legs, load_sites, site, sites

SHARED = Path(__file__).parents[3] / "shared" / "data"
STATUS = {
    "brussels-namur": "estimated",
    "namur-redu": "estimated",
    "redu-arlon": "derived",
    "arlon-luxembourg": "announced",
}


def test_the_flagship_has_its_five_sites_and_four_legs() -> None:
    assert set(sites()) == {"brussels", "namur", "redu", "arlon", "luxembourg"}
    assert {name: leg.status for name, leg in legs().items()} == STATUS
    assert site("redu").country == "BE"
    assert site("luxembourg").country == "LU"


def test_announced_lengths_add_up_to_the_announced_total() -> None:
    """Q*Bird press release, 5 June 2025: 132 km, of which 45 km cross the border."""
    assert leg("arlon-luxembourg").fibre_length_km == 45.0
    assert leg("redu-arlon").fibre_length_km + leg("arlon-luxembourg").fibre_length_km == 132.0


@pytest.mark.parametrize("name", [n for n, status in STATUS.items() if status == "estimated"])
def test_estimates_are_the_great_circle_times_the_stated_factor(name: str) -> None:
    here = leg(name)
    low, high = here.fibre_length_range_km
    assert here.fibre_length_km == pytest.approx(1.5 * here.great_circle_km, abs=0.05)
    assert (low, high) == pytest.approx((1.4 * here.great_circle_km, 1.8 * here.great_circle_km), abs=0.05)
    stated = re.search(r"great circle ([\d.]+) km x 1\.5", here.source)
    assert stated is not None
    assert float(stated[1]) == pytest.approx(here.great_circle_km, abs=0.05)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not here")
def test_great_circles_and_coordinates_agree_with_the_shared_data() -> None:
    border = json.loads((SHARED / "be_lu_cross_border.json").read_text())
    ids = {"arlon_hub": "arlon", "redu_esec": "redu", "kirchberg_qci_lab": "luxembourg"}
    for node in border["nodes"]:
        here = site(ids[node["id"]])
        assert (here.lat_deg, here.lon_deg, here.country) == (node["lat"], node["lon"], node["country"])
    lengths = {frozenset((ids[e["from"]], ids[e["to"]])): e for e in border["edges"]}
    belnet = json.loads((SHARED / "belgium_belnet.json").read_text())
    lengths[frozenset(("namur", "redu"))] = next(
        e for e in belnet["edges"] if {e["from"], e["to"]} == {"namur", "redu_esec"}
    )
    for here in legs().values():
        edge = lengths.pop(frozenset(end.id for end in here.ends), None)
        if edge is not None:
            assert here.great_circle_km == pytest.approx(edge["great_circle_km"], abs=0.005)
            assert here.fibre_length_km == pytest.approx(edge["fibre_length_km"], abs=0.05)
            assert edge["fibre_length_basis"].startswith(here.status)
    assert not lengths
    brussels = next(c for c in belnet["beqci_planned_node_cities"] if c["name"] == "Brussels")
    assert (site("brussels").lat_deg, site("brussels").lon_deg) == (brussels["lat"], brussels["lon"])


def test_unknown_names_come_with_a_suggestion() -> None:
    with pytest.raises(InputError, match=r"unknown site 'reduu' \(did you mean 'redu'\?\)"):
        site("reduu")
    with pytest.raises(InputError, match=r"unknown leg 'zzz' \(known: brussels-namur, "):
        leg("zzz")


GOOD = {"name": "P", "lat": 50.0, "lon": 5.0, "country": "BE", "status": "announced", "source": "a paper"}
LEG = {"between": ["p", "q"], "fibre_length_km": 100.0, "status": "estimated", "source": "a guess"}


def write(folder: Path, sites: object, legs: object = None) -> Path:
    (folder / "x.json").write_text(json.dumps({"sites": sites, "legs": legs or {}}))
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lat": 91.0}, "x.json: sites.p: node p: latitude 91.0"),
        ({"lon": "5"}, "x.json: sites.p.lon: wanted a number, got '5'"),
        ({"lat": True}, "sites.p.lat: wanted a number"),
        ({"status": "anounced"}, "x.json: sites.p.status: unknown status 'anounced' (did you mean 'announced'?)"),
        ({"source": ""}, "site p: wanted a source"),
        ({"name": 3}, "sites.p.name: wanted text, got 3"),
    ],
)
def test_a_bad_site_is_refused_with_its_place(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        load_sites(write(tmp_path, {"p": GOOD | change}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"between": ["p", "qq"]}, "x.json: legs.l.between: unknown site 'qq' (did you mean 'q'?)"),
        ({"between": "pq"}, "legs.l.between: wanted two site ids"),
        ({"fibre_length_km": 60.0}, "fibre is no shorter than that"),
        ({"fibre_length_km": None}, "legs.l.fibre_length_km: wanted a number, got None"),
        ({"fibre_length_range_km": [110.0, 120.0]}, "fibre length 100.0 km is not between 110.0 and 120.0 km"),
        ({"fibre_length_range_km": 3}, "wanted [low, high]"),
        ({"between": ["p", "p"]}, "a link joins two"),
    ],
)
def test_a_bad_leg_is_refused_with_its_place(tmp_path: Path, change: dict[str, object], message: str) -> None:
    folder = write(tmp_path, {"p": GOOD, "q": GOOD | {"lon": 6.0}}, {"l": LEG | change})
    with pytest.raises(InputError, match=re.escape(message)):
        load_sites(folder)


def test_a_field_left_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sites\.p: no field 'lat'"):
        load_sites(write(tmp_path, {"p": {k: v for k, v in GOOD.items() if k != "lat"}}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "wanted JSON in UTF-8"),
        (b"\xff", "wanted JSON in UTF-8"),
        (b"[]", "wanted an object"),
        (b'{"legs": 1}', "legs: wanted an object"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(InputError, match=re.escape("x.json: ") + message):
        load_sites(tmp_path)


def test_an_id_used_in_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"p": GOOD})
    (tmp_path / "y.json").write_text((tmp_path / "x.json").read_text())
    with pytest.raises(InputError, match=r"y\.json: sites\.p: this id is used in another file already"):
        load_sites(tmp_path)


def test_a_file_that_cannot_be_read_is_the_machines_fault(tmp_path: Path) -> None:
    (tmp_path / "x.json").mkdir()
    with pytest.raises(EnvironmentFault, match=r"x\.json: cannot be read"):
        load_sites(tmp_path)
