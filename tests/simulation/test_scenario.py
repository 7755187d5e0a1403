"""What a scenario means: defaults, overrides, identity, and agreement with the registry."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario_texts import changed, load

from qcisim import registry
from qcisim.simulation.equipment import Detector, Fibre, Receiver, SinglePhoton, WeakCoherent
from qcisim.simulation.load import load_scenario
from qcisim.simulation.names import shipped
from qcisim.simulation.wording import fields


def test_defaults_reach_every_link_and_yield_to_it() -> None:
    scenario = load(
        defaults__link__fibre={"attenuation_db_per_km": 0.3, "connector_db": 2.5},
        links={
            "x": {"between": ["a", "m"], "fibre": {"length_km": 10}},
            "y": {"between": ["m", "b"], "fibre": {"length_km": 20, "connector_db": 0.5}},
        },
    )
    x, y = scenario.links["x"].fibre, scenario.links["y"].fibre
    assert x is not None
    assert y is not None
    assert (x.attenuation_db_per_km, x.connector_db, x.length_km) == (0.3, 2.5, 10.0)
    assert (y.attenuation_db_per_km, y.connector_db, y.length_km) == (0.3, 0.5, 20.0)


def test_a_detector_is_a_name_or_a_mapping() -> None:
    by_name = load(defaults__link__receiver={"detector": "ingaas_gated"})
    by_mapping = load(defaults__link__receiver={"detector": {"preset": "ingaas_gated"}})
    assert by_name == by_mapping
    assert by_name.links["a-m"].receiver.detector == Detector(preset="ingaas_gated")


def test_between_is_written_from_and_to() -> None:
    demand = load().demands["d"]
    assert (demand.from_node, demand.to_node) == ("a", "b")
    assert demand.model_dump()["from"] == "a"


def test_counts_may_be_written_with_an_exponent() -> None:
    assert load_scenario(changed() + "seed: 1e6\n").seed == 1_000_000


def test_resolution_of_a_link_comes_before_that_of_the_scenario() -> None:
    scenario = load(resolution="counts", links__a_to_m__resolution="rates")
    assert scenario.resolution_of("a-m") == "rates"
    assert scenario.resolution_of("m-b") == "counts"


def test_scenarios_cannot_be_changed() -> None:
    scenario = load()
    with pytest.raises(ValueError, match="frozen"):
        scenario.seed = 3


# The hash: everything that affects results, and nothing else.

AFFECTS = [
    {"links__a_to_m__fibre__length_km": 11},
    {"links__a_to_m__fibre__status": "announced"},
    {"links__a_to_m__source": {"clock_hz": 5e8}},
    {"defaults__link__receiver": {"detector": "ingaas_gated"}},
    {"defaults__link__protocol": {"epsilon_secret": 1e-9}},
    {"defaults__link__attack": {"name": "intercept_resend", "fraction": 0.1}},
    {"duration_s": 7},
    {"resolution": "rates"},
    {"demands__d__keys_per_s": 2},
    {"nodes__a__name": "A"},
    {"key_managers__max_key_count": 1000},
    {"saes__S": {"node": "a"}},
]


@pytest.mark.parametrize("values", AFFECTS, ids=[next(iter(v)) for v in AFFECTS])
def test_what_affects_results_changes_the_hash(values: dict[str, object]) -> None:
    assert load(**values).hash != load().hash


def test_what_does_not_affect_results_leaves_the_hash() -> None:
    plain = load().hash
    assert load(title="other", description="other", seed=99).hash == plain
    assert load(links__a_to_m__fibre__length_km=10.0).hash == plain
    assert load(defaults__link__fibre={"group_index": 1.468}).hash == plain
    assert load_scenario("# a comment\n" + changed()).hash == plain
    assert load_scenario(changed(), ["seed=4"]).hash == plain


def test_the_hash_is_the_same_in_another_process() -> None:
    code = "from qcisim.simulation import load_scenario; print(load_scenario('first_link').hash)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == load_scenario("first_link").hash


def test_an_override_is_as_good_as_an_edit() -> None:
    edited = load(links__a_to_m__fibre__length_km=42, links__m_to_b__fibre__length_km=42)
    for sets in (["links.*.fibre.length_km=42"], ["links.a-m.fibre.length_km=42", "links.m-b.fibre.length_km=42"]):
        assert load_scenario(changed(), sets).hash == edited.hash


@given(st.floats(0.0, 2000.0), st.integers(0, 2**63 - 1))
def test_overrides_are_read_as_the_file_is(length_km: float, seed: int) -> None:
    scenario = load_scenario(changed(), [f"links.a-m.fibre.length_km={length_km!r}", f"seed={seed}"])
    fibre = scenario.links["a-m"].fibre
    assert fibre is not None
    assert fibre.length_km == length_km
    assert scenario.seed == seed


def test_overrides_reach_lists_new_sections_and_presets() -> None:
    sets = ["links.a-m.between.1=b", "links.a-m.source.intensities=[0.6, 0.2, 0.01]", "resolution=rates"]
    scenario = load_scenario(changed(), sets)
    assert scenario.links["a-m"].between == ("a", "b")
    assert scenario.links["a-m"].source.intensities == (0.6, 0.2, 0.01)
    assert scenario.resolution == "rates"
    text = changed(links__a_to_m__receiver={"detector": "ingaas_gated"})
    detector = load_scenario(text, ["links.a-m.receiver.detector.gate_s=5e-10"]).links["a-m"].receiver.detector
    assert detector == Detector(preset="ingaas_gated", gate_s=5e-10)
    both = load_scenario(changed(), ["links.*.fibre={length_km: 5}", "links.a-m.fibre.length_km=6"])
    assert [link.fibre.length_km for link in both.links.values() if link.fibre] == [6.0, 5.0]
    new = load_scenario(changed(), ["nodes.z={lat: 1, lon: 2}", "links.m-z={between: [m, z], fibre: {length_km: 5}}"])
    assert set(new.links) == {"a-m", "m-b", "m-z"}


def test_overrides_do_not_reach_through_an_alias() -> None:
    text = """
nodes: {a: {lat: 1, lon: 2}, b: {lat: 1, lon: 3}, c: {lat: 1, lon: 4}}
links:
  x: {between: [a, b], fibre: &f {length_km: 10}}
  y: {between: [b, c], fibre: *f}
"""
    scenario = load_scenario(text, ["links.x.fibre.length_km=99"])
    lengths = [link.fibre.length_km for link in scenario.links.values() if link.fibre is not None]
    assert lengths == [99.0, 10.0]


# Names, files and the command that reproduces a run.


def test_names_files_and_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(changed(), "utf-8")
    assert load_scenario(path).name == "mine"
    assert load_scenario(str(path)).command == "qcisim run mine.yaml --seed 1"
    assert load_scenario(changed()).name == "scenario"
    named = load_scenario("first_link", ["duration_s=3", "links.*.fibre={length_km: 5}"])
    assert named.name == "first_link"
    assert load_scenario("first_link", ["seed=9"]).command == "qcisim run first_link --seed 9"
    assert named.command == "qcisim run first_link --set duration_s=3 --set 'links.*.fibre={length_km: 5}' --seed 1"
    assert load_scenario(shipped()["first_link"]) == load_scenario("first_link")
    assert load_scenario(shipped()["first_link"]).command == load_scenario("first_link").command


def test_a_file_comes_before_a_shipped_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "belux").mkdir()
    assert load_scenario("belux").title == load_scenario(shipped()["belux"]).title
    (tmp_path / "first_link").write_text(changed(title="mine"), "utf-8")
    assert load_scenario("first_link").title == "mine"


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_is_valid_and_says_how_lengths_are_known(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.title
    for _, status, source in scenario.reports_status():
        assert status == "illustrative" or source


def test_first_link_is_the_announced_fibre() -> None:
    fibres = {key: link.fibre for key, link in load_scenario("first_link").links.items() if link.fibre}
    lengths = {key: (fibre.length_km, fibre.status) for key, fibre in fibres.items()}
    # Belnet, 2025: 45 km Arlon-Kirchberg, 132 km in all.
    assert lengths == {"redu-arlon": (87.0, "derived"), "arlon-luxembourg": (45.0, "announced")}


# The registry is the truth about names and units.

OWNERS = [
    ("link", "fibre", Fibre),
    ("source", "weak_coherent", WeakCoherent),
    ("source", "single_photon", SinglePhoton),
    ("detector", "snspd", Detector),
]


@pytest.mark.parametrize(("kind", "name", "model"), OWNERS, ids=[name for _, name, _ in OWNERS])
def test_fields_carry_the_names_and_units_of_the_registry(kind: str, name: str, model: type[Fibre]) -> None:
    registry.load_all()
    for parameter in registry.get(kind, name).parameters:
        field = fields(model)[parameter.name]
        extra = field.json_schema_extra
        unit = extra.get("unit", "1") if isinstance(extra, dict) else "1"
        assert unit == parameter.unit, parameter.name


def test_fields_are_the_parameters_of_the_constructors() -> None:
    import dataclasses

    from qcisim import optics

    def names(record: type) -> set[str]:
        return {f.name for f in dataclasses.fields(record)}

    assert set(fields(Fibre)) - {"status", "source", "classical_channels", "trusted_relays"} == names(optics.Fibre)
    assert set(fields(Receiver)) == names(optics.Receiver)
    assert set(fields(Detector)) - {"preset"} == names(optics.Detector)
    assert set(fields(WeakCoherent)) - {"kind", "pulse"} == names(optics.WeakCoherentSource)
    assert set(fields(SinglePhoton)) - {"kind", "pulse"} == names(optics.SinglePhotonSource)
