"""Bad scenarios: one clear line for each thing that is wrong, with file, line and column."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from scenario_texts import changed, load, refused

from qcisim.errors import EnvironmentFault, InputError, ScenarioError
from qcisim.simulation.complaints import ScenarioErrors
from qcisim.simulation.load import load_scenario

NODES = "nodes: {a: {lat: 1, lon: 2}, b: {lat: 1, lon: 3}}\n"
HEAD = f"{NODES}defaults: {{link: {{protocol: {{bound: lim2014}}}}}}\n"


def link(text: str) -> str:
    return refused(f"{HEAD}links:\n  a-b: {{between: [a, b], {text}}}\n")


FIBRE = "fibre: {length_km: 10}"

# What stands in a link, with § where the error is (else at the link), and the whole line that comes back.
LINES = [
    (
        "fibre: {§length_m: 87}",
        "links.a-b.fibre.length_m: wanted a field of links.a-b.fibre, got 'length_m' "
        "(did you mean 'length_km'? its unit is km)",
    ),
    (
        "fibre: {§lenght_km: 87}",
        "links.a-b.fibre.lenght_km: wanted a field of links.a-b.fibre, got 'lenght_km' "
        "(did you mean 'length_km'? its unit is km)",
    ),
    (
        "fibre: {length_km: §87 km}",
        "links.a-b.fibre.length_km: wanted a number from 0 to 2000 km, got '87 km' "
        "(write the number alone, the unit is km)",
    ),
    (
        "fibre: {length_km: §'87'}",
        "links.a-b.fibre.length_km: wanted a number from 0 to 2000 km, got '87' (write it without quotes)",
    ),
    (
        "fibre: {length_km: §true}",
        "links.a-b.fibre.length_km: wanted a number from 0 to 2000 km, got true",
    ),
    (
        "fibre: {length_km: §.nan}",
        "links.a-b.fibre.length_km: wanted a number from 0 to 2000 km, got nan",
    ),
    (
        "fibre: {length_km: §-3}",
        "links.a-b.fibre.length_km: wanted a number from 0 to 2000 km, got -3",
    ),
    (
        "fibre: {length_km: 5, attenuation_db_per_km: §0.1}",
        "links.a-b.fibre.attenuation_db_per_km: wanted a number from 0.14 to 10 dB/km, got 0.1 "
        "(silica fibre loses at least 0.14 dB/km)",
    ),
    ("§fibre: {}", "links.a-b.fibre.length_km: wanted a number from 0 to 2000 km, got nothing"),
    ("fibre: §87", "links.a-b.fibre: wanted a mapping of fields, got 87"),
    (
        "resolution: counts",
        "links.a-b.fibre: wanted a fibre with its length_km, or free_space, arms or chain, got nothing",
    ),
    (
        FIBRE + ", resolution: §click",
        "links.a-b.resolution: wanted one of clicks, counts, rates, got 'click' (did you mean 'clicks'?)",
    ),
    (
        FIBRE + ", §sauce: {}",
        "links.a-b.sauce: wanted a field of links.a-b, got 'sauce' (did you mean 'source'?)",
    ),
    (
        FIBRE + ", protocol: {§clock_hz: 1e9}",
        "links.a-b.protocol.clock_hz: wanted a field of links.a-b.protocol, got 'clock_hz' "
        "('clock_hz' belongs in source)",
    ),
    (
        FIBRE + ", source: {kind: §laser}",
        "links.a-b.source.kind: wanted one of weak_coherent, single_photon, four_intensity, got 'laser'",
    ),
    (
        FIBRE + ", source: {probabilities: §[0.7, 0.2, 0.2]}",
        "links.a-b.source.probabilities: wanted positive probabilities with sum 1, got 0.7 + 0.2 + 0.2 = 1.1",
    ),
    (
        FIBRE + ", source: {probabilities: §[0.5, 0.5]}",
        "links.a-b.source.probabilities: wanted one probability for each intensity, got 2 for 3 intensities",
    ),
    (
        FIBRE + ", source: {intensities: §[0.1, 0.5, 0.0]}",
        "links.a-b.source.intensities: wanted descending mean photon numbers, got 0.1, 0.5, 0",
    ),
    (
        FIBRE + ", source: {intensities: §[0.5, 0.3, 0.25]}",
        "links.a-b.source.intensities: wanted mu1 > mu2 + mu3 for the bound lim2014, got 0.5, 0.3, 0.25",
    ),
    (
        FIBRE + ", source: {intensities: §[0.5, 0.1], probabilities: [0.7, 0.3]}",
        "links.a-b.source.intensities: wanted 3 intensities for the bound lim2014, got 2 (0.5, 0.1)",
    ),
    (
        FIBRE + ", source: {intensities: [0.5, 0.1, §dim]}",
        "links.a-b.source.intensities[2]: wanted a number, got 'dim'",
    ),
    (
        FIBRE + ", source: {kind: single_photon}, protocol: {bound: §lim2014}",
        "links.a-b.protocol.bound: wanted a bound for single photons, got 'lim2014' "
        "(tomamichel2012 is the one for single photons)",
    ),
    (
        FIBRE + ", receiver: {detector: {gate_s: §2e-9}}",
        "links.a-b.receiver.detector.gate_s: wanted a gate no longer than the clock period, 1e-09 s, got 2e-09 s",
    ),
    (
        FIBRE + ", source: {clock_hz: 2.5e9}, receiver: {detector: §snspd}",
        "links.a-b.receiver.detector.gate_s: wanted a gate no longer than the clock period, 4e-10 s, "
        "got 5e-10 s, the gate of snspd",
    ),
    (
        FIBRE + ", source: {kind: single_photon}, protocol: {bound: tomamichel2012, length_rule: §variable}",
        "links.a-b.protocol.length_rule: wanted the length rule fixed, "
        "got 'variable', which tomamichel2012 does not cover",
    ),
    (
        FIBRE + ", protocol: {bound: §tomamichel2012}",
        "links.a-b.protocol.bound: wanted a bound for decoy states, got 'tomamichel2012' (it holds for single photons)",
    ),
    (
        FIBRE + ", receiver: {detector: {efficiency: §1.2}}",
        "links.a-b.receiver.detector.efficiency: wanted a number above 0 and at most 1, got 1.2 "
        "(a detector cannot amplify)",
    ),
    (
        FIBRE + ", receiver: {key_basis_probability: §1}",
        "links.a-b.receiver.key_basis_probability: wanted a number above 0 and below 1, got 1",
    ),
    (
        FIBRE + ", key_source: stored",
        "links.a-b.initial_keys: wanted keys to start with, as key_source is stored, got 0",
    ),
    (
        FIBRE + ", key_source: stored, initial_keys: §20.5",
        "links.a-b.initial_keys: wanted a whole number from 0 to 1e+07 keys, got 20.5",
    ),
]


@pytest.mark.parametrize(("text", "line"), LINES, ids=[text[:60] for text, _ in LINES])
def test_a_link_that_is_wrong(text: str, line: str) -> None:
    before = "  a-b: {between: [a, b], "
    column = len(before) + text.index("§") + 1 if "§" in text else 3
    assert link(text.replace("§", "")) == f"<text>:4:{column}: error: {line}"


def test_unknown_node_in_a_link() -> None:
    text = refused(f"{HEAD}links:\n  l: {{between: [a, bb], {FIBRE}}}\n")
    assert (
        text == "<text>:4:20: error: links.l.between[1]: wanted a node of this scenario, got 'bb' (did you mean 'b'?)"
    )


def test_link_to_itself() -> None:
    text = refused(f"{HEAD}links:\n  l: {{between: [a, a], {FIBRE}}}\n")
    assert text == "<text>:4:16: error: links.l.between: wanted two different nodes, got 'a' twice"


def test_three_ends() -> None:
    assert "wanted a list of 2 ids, got [" in refused(f"{HEAD}links:\n  l: {{between: [a, b, c], {FIBRE}}}\n")


def test_unreachable_demand_without_links() -> None:
    text = changed(nodes__z={"lat": 1, "lon": 1}, demands__d__to="z")
    assert "demands.d: wanted a demand that keys can reach, got no path of links from 'a' to 'z'" in refused(text)


def test_unreachable_demand_for_want_of_trust() -> None:
    told = refused(changed(nodes__m__role="end"))
    assert told.startswith("<text>:26:3: error: demands.d: wanted a demand that keys can reach, got no path")
    assert "only nodes with the role trusted relay keys" in told


def test_demand_to_itself_and_to_nobody() -> None:
    assert "demands.d.to: wanted another node than 'from', got 'a' twice" in refused(changed(demands__d__to="a"))
    assert "demands.d.to: wanted a node of this scenario, got 'x'" in refused(changed(demands__d__to="x"))


def test_hubs_hold_no_keys() -> None:
    told = refused(changed(nodes__m__role="hub"))
    assert "links.a-m.between[1]: wanted an end or trusted node for bb84, got the hub 'm'" in told
    assert "links.m-b.between[0]" in told
    assert "saes.S.node: wanted an end or trusted node" in refused(changed(nodes__m__role="hub", saes__S__node="m"))


def test_repeated_names() -> None:
    twice = "nodes:\n  a: {lat: 1, lon: 2}\n  a: {lat: 1, lon: 2}\n"
    assert refused(twice) == "<text>:3:3: error: wanted each key once, got 'a' again (first at <text>:2:3)"
    assert "names that differ by more than capitals" in refused(changed(nodes__A={"lat": 1, "lon": 1}))
    assert "a name for each node" in refused(changed(nodes__a__name="X", nodes__b__name="X"))


def test_bad_ids() -> None:
    told = refused(changed(nodes={"a b": {"lat": 1, "lon": 2}}))
    assert "nodes.a b: wanted an id of letters, digits, '-' and '_', at most 64 characters, got 'a b'" in told


def test_missing_sections() -> None:
    assert refused("title: x\n").splitlines()[0] == "<text>:1:1: error: nodes: wanted a mapping of fields, got nothing"
    assert "links: wanted at least one link, or pairs, got neither" in refused(HEAD + "links: {}\n")
    assert refused("- a\n- b\n") == "<text>:1:1: error: wanted a mapping with nodes and links, got a list"
    assert "nodes: wanted a mapping of fields, got nothing" in refused("nodes:\nlinks:\n")


def test_less_than_two_rounds() -> None:
    told = refused(changed(duration_s=1e-9, defaults__link__source={"clock_hz": 1e9}))
    assert "duration_s: wanted at least two rounds of the link 'a-m', 2e-09 s, got 1e-09 s" in told


def test_key_sizes() -> None:
    assert "demands.d.key_bits: wanted a multiple of 8, got 100" in refused(changed(demands__d__key_bits=100))
    told = refused(changed(key_managers__default_key_bits=2048))
    assert (
        "key_managers.default_key_bits: wanted a size from min_key_bits = 64 to max_key_bits = 1024, got 2048" in told
    )


def test_defaults_are_checked_where_they_stand() -> None:
    text = f"{NODES}defaults: {{link: {{fibre: {{attenuation: 0.2}}}}}}\nlinks:\n  l: {{between: [a, b], {FIBRE}}}\n"
    assert refused(text).startswith("<text>:2:27: error: links.l.fibre.attenuation: wanted a field of links.l.fibre")
    assert "did you mean 'attenuation_db_per_km'" in refused(text)
    assert "defaults.links: wanted link or heralded, got 'links' (did you mean 'link'?)" in refused(
        changed(defaults__links={})
    )
    assert "defaults.link: wanted a mapping of fields" in refused(changed(defaults__link=3))


def test_an_error_in_the_defaults_of_many_links_is_told_once() -> None:
    assert len(refused(changed(defaults__link__fibre={"group_index": 0.5})).splitlines()) == 1


def test_names_that_are_not_registered() -> None:
    for field, value, meant in [
        ("bound", "lim2015", "lim2014"),
        ("name", "bb48", "bb84"),
        ("reconciliation", "cascada", "cascade"),
    ]:
        told = refused(changed(**{f"defaults__link__protocol__{field}": value}))
        assert f"protocol.{field}" in told
        assert f"did you mean '{meant}'?" in told
    told = refused(changed(defaults__link__receiver__detector="snspt"))
    assert "detector.preset: wanted a detector that `qcisim list detector` shows, got 'snspt'" in told
    assert "did you mean 'snspd'?" in told
    assert "attack.name: wanted an attack" in refused(changed(defaults__link__attack={"name": "intercept_recend"}))


def test_ten_errors_and_a_count_of_the_rest() -> None:
    nodes = {f"n{i}": {"lat": 95 + i, "lon": 0} for i in range(14)}
    with pytest.raises(ScenarioErrors) as caught:
        load_scenario(changed(nodes=nodes))
    lines = str(caught.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "<text>: and 4 more"
    assert len(caught.value.errors) == 14
    assert all("wanted a number from -90 to 90 deg" in line for line in lines[:10])
    assert [error.place.line for error in caught.value.errors] == sorted(
        error.place.line for error in caught.value.errors
    )


def test_errors_are_input_errors() -> None:
    with pytest.raises(InputError):
        load(duration_s=0)


def test_a_directory(tmp_path: Path) -> None:
    assert f"{tmp_path}: error: wanted a scenario file, got a directory" in refused(str(tmp_path))


def test_a_file_that_is_not_there() -> None:
    told = refused("scenarios_of_mine/belux.yml")
    assert told.startswith(
        "scenarios_of_mine/belux.yml: error: wanted a scenario file or the name of a shipped scenario"
    )
    assert "did you mean 'belux'?" in told
    assert "did you mean 'first_link'?" in refused("first_lnik")


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: ok\ndescription: Lüttich\n".encode("latin-1"))
    assert refused(str(path)) == f"{path}:2:15: error: wanted UTF-8 text, got the byte 0xfc (save the file as UTF-8)"
    path.write_bytes("title: x".encode("utf-16"))
    assert f"{path}:1:1: error: wanted UTF-8 text" in refused(str(path))


def test_bom_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + changed().encode())
    assert load_scenario(path).name == "bom"


def test_ten_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a: 1\n" * 2_000_000)
    assert refused(str(path)) == f"{path}: error: wanted at most 2 MB of YAML, got 10.0 MB"


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.touch()
    assert f"{path}:1:1: error: wanted a scenario, got an empty file" in refused(str(path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(changed())
    path.chmod(0)
    with pytest.raises(EnvironmentFault, match="cannot be read: Permission denied"):
        load_scenario(path)


def test_a_value_put_by_hand() -> None:
    place = "--set links.a-m.fibre.length_km"
    told = refused(changed(), "links.a-m.fibre.length_km=far")
    assert told == f"{place}: error: links.a-m.fibre.length_km: wanted a number from 0 to 2000 km, got 'far'"
    assert "did you mean 'a-m'?" in refused(changed(), "links.a_m.fibre.length_km=5")
    assert "wanted a field of links.a-m.fibre, got 'length'" in refused(changed(), "links.a-m.fibre.length=5")
    assert refused(changed(), "links.a-m.fibre.length_km=[1").startswith(f"{place}:2:1: error: wanted valid YAML")
    for override in ("seed", "=3", "a..b=3", "links.a-m.between.7=x", "duration_s.x=3"):
        with pytest.raises(InputError, match="--set"):
            load_scenario(changed(duration_s=3), [override])


def test_a_scenario_error_says_it_all_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        load(duration_s="long")
    error = caught.value
    assert (error.place.path, error.field, error.got) == ("<text>", "duration_s", "'long'")
