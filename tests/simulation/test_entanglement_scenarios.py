"""Entanglement as a service in scenarios: what is refused and where, what a result holds, keys beside pairs."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy import stats

from qcisim.cli import execute
from qcisim.errors import ScenarioError
from qcisim.report.page import render
from qcisim.report.view import view
from qcisim.simulation.load import load_scenario
from qcisim.simulation.result import Result
from qcisim.simulation.runner import run
from qcisim.simulation.without import in_service

ALARM = 1e-9
MEMORY = {"preset": "siv", "t2_s": 20, "gate_depolarising": 0.0, "memories": 4}
NETWORK: dict[str, Any] = {
    "duration_s": 5,
    "resolution": "counts",
    "nodes": {
        "a": {"lat": 50.0, "lon": 5.0, "memory": MEMORY},
        "b": {"lat": 50.2, "lon": 5.2, "memory": MEMORY},
        "c": {"lat": 50.4, "lon": 5.0, "memory": MEMORY},
        "bare": {"lat": 50.4, "lon": 5.4},
    },
    "defaults": {"heralded": {"efficiency": 0.5, "lanes": 3}},
    "links": {
        "ab": {"between": ["a", "b"], "heralded": {"fibre": {"length_km": 10}}},
        "bc": {"between": ["b", "c"], "heralded": {"fibre": {"length_km": 20}}},
    },
    "demands": {
        "near": {"kind": "pairs", "from": "a", "to": "b", "fidelity": 0.9, "rate_hz": 10},
        "far": {"kind": "pairs", "from": "c", "to": "a", "fidelity": 0.8, "rate_hz": 1e6},
    },
}


def changed(**values: Any) -> str:
    """YAML of the network with dotted keys (``__`` for the dot) put to values; None takes a key away."""
    data = copy.deepcopy(NETWORK)
    for key, value in values.items():
        *steps, last = key.split("__")
        part = data
        for step in steps:
            part = part.setdefault(step, {})
        if value is None:
            part.pop(last)
        else:
            part[last] = value
    return str(yaml.safe_dump(data, sort_keys=False))


def refused(**values: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(changed(**values))
    return str(caught.value)


@cache
def found() -> Result:
    return run(changed())


@cache
def shipped() -> Result:
    return run("entanglement_network")


# Refusals


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"demands__near__fidelity": 0.2},
            "demands.near.fidelity: wanted a number from 0.25 to 1, got 0.2 (white noise has 0.25, a perfect pair 1)",
        ),
        ({"demands__near__fidelity": 1.01}, "demands.near.fidelity: wanted a number from 0.25 to 1, got 1.01"),
        ({"demands__near__rate_hz": 0}, "demands.near.rate_hz: wanted a number above 0 and at most 1e+09 Hz, got 0"),
        ({"demands__near__kind": "pair"}, "wanted one of keys, pairs, got 'pair' (did you mean 'pairs'?)"),
        ({"demands__near__fidelity": None}, "demands.near.fidelity: wanted a number from 0.25 to 1, got nothing"),
        (
            {"demands__near__keys_per_s": 1},
            "wanted a field of demands.near, got 'keys_per_s' ('keys_per_s' belongs in a demand for keys)",
        ),
        ({"demands__near__to": "d"}, "demands.near.to: wanted a node of this scenario, got 'd' (nodes: a, b, c, bare)"),
        ({"demands__near__to": "a"}, "demands.near.to: wanted two different nodes, got 'a' twice"),
        (
            {"demands__near__to": "bare"},
            "demands.near.to: wanted a node with a memory, got 'bare', which has none (give bare one: memory: {preset:",
        ),
        (
            {"demands__near__lanes": 5},
            "wanted no more qubits than the devices at both ends have, got 5; the memory at 'a' has 4",
        ),
        (
            {"nodes__a__memory": {"preset": "siv", "t1_s": 1.0}},
            "nodes.a.memory: wanted a memory that can exist, got T2 2.1 s above 2 T1 = 2 s: a qubit that decays loses",
        ),
        (
            {"nodes__a__memory": {"preset": "sv"}},
            "nodes.a.memory.preset: wanted a memory that `qcisim list memory` shows, got 'sv' (did you mean 'siv'?)",
        ),
        (
            {"links__bc": None},
            "demands.far: wanted a demand that pairs can reach, got no path of heralded links from 'c' to 'a'",
        ),
        (
            {"links__bd": {"between": ["b", "bare"], "heralded": {"fibre": {"length_km": 1}}}},
            "links.bd.between[1]: wanted a node with a memory, got 'bare', which has none",
        ),
        (
            {"links__ab__key_source": "qkd"},
            "links.ab.key_source: wanted none: a heralded link makes pairs, no keys, got 'qkd'",
        ),
        (
            {"links__ab__source": {"clock_hz": 1e9}},
            "links.ab.source: wanted no source of a heralded link, got one (the memories of the nodes send the light)",
        ),
        ({"links__ab__attack": {"name": "intercept_resend"}}, "links.ab.attack: wanted no attack of a heralded link"),
        (
            {"links__ab__fibre": {"length_km": 1}},
            "wanted one of fibre, free_space, arms, chain and heralded, got fibre and heralded",
        ),
        (
            {"links__ab__heralded__fibre__trusted_relays": 2},
            "fibre.trusted_relays: wanted no trusted relays between two memories, got 2",
        ),
        (
            {"links__ab__heralded__fibre__classical_channels": [{"launch_power_dbm": 0.0, "wavelength_nm": 1530}]},
            "wanted a fibre without classical channels, got some (dark_count_probability stands for every click",
        ),
        ({"links__ab__heralded__efficency": 0.2}, "got 'efficency' (did you mean 'efficiency'?)"),
        (
            {"entanglement": {"cutoff_s": 1e-9}},
            "entanglement.cutoff_s: wanted at least 9.79e-05 s, the age at which the herald of bc is known, got 1e-09",
        ),
        ({"nodes__b__role": "hub"}, "links.ab.between[1]: wanted a node that keeps qubits, got the hub 'b'"),
        (
            {"demands__keys": {"from": "a", "to": "b", "keys_per_s": 1}},
            "demands.keys: wanted a demand that keys can reach, got no path of links from 'a' to 'b'",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(values: dict[str, Any], words: str) -> None:
    text = refused(**values)
    assert words in text
    assert text.startswith("<text>:")
    assert "Traceback" not in text


def test_the_command_refuses_with_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["run", "entanglement_network", "--set", "demands.vault.fidelity=0.1"]) == 2
    assert "wanted a number from 0.25 to 1, got 0.1" in capsys.readouterr().err


def test_heralded_links_have_defaults_of_their_own() -> None:
    """`defaults.link` is for links that make key, `defaults.heralded` for the others."""
    text = changed(defaults={"link": {"protocol": {"block_s": 3.0}}, "heralded": {"lanes": 2, "visibility": 0.9}})
    scenario = load_scenario(text)
    heralded = scenario.links["ab"].heralded
    assert heralded is not None
    assert (heralded.lanes, heralded.visibility, heralded.fibre.length_km) == (2, 0.9, 10.0)
    assert (scenario.links["ab"].key_source, scenario.links["ab"].status) == ("none", "illustrative")


# Results


def test_a_result_holds_paths_states_waits_and_memories() -> None:
    section = found().entanglement
    assert (section["turns"], section["turn_s"]) == (1, None)
    near, far = section["demands"]["near"], section["demands"]["far"]
    assert (near["met"], near["reason"], near["limit"]) == (True, "", {"kind": "", "at": ""})
    assert (far["met"], far["limit"]["kind"]) == (False, "memories")
    assert "the best reachable is" in far["reason"]
    assert [route["path"] for route in far["routes"]] == [["c", "b", "a"]]
    used = {node: near["memories"].get(node, 0) + far["memories"].get(node, 0) for node in "abc"}
    assert used == {node: row["reserved"] for node, row in section["nodes"].items()}
    assert all(row["reserved"] <= row["memories"] == 4 for row in section["nodes"].values())
    for demand in (near, far):
        weights = np.array(demand["bell_weights"])
        rho = np.array(demand["rho"]["real"]) + 1j * np.array(demand["rho"]["imag"])
        assert weights.sum() == pytest.approx(1.0, abs=1e-12)
        assert demand["fidelity"] == weights[0]
        phi = np.array([1.0, 0.0, 0.0, 1.0]) / np.sqrt(2.0)
        assert float((phi @ rho @ phi).real) == pytest.approx(weights[0], abs=1e-12)
        assert np.linalg.eigvalsh(rho).min() > -1e-12
        waits = demand["waiting_s"]
        assert waits["p05"] <= waits["median"] <= waits["p95"]
        assert waits["mean"] == pytest.approx(1.0 / demand["rate_hz"], rel=0.1)
    for link in section["links"].values():
        assert sum(link["reserved"].values()) == link["most_reserved"] <= link["lanes"] == 3
        assert 0.0 < link["heralded_hz"] <= link["capacity_hz"]


def test_the_events_of_a_direct_demand_are_a_binomial_trial_of_its_link() -> None:
    """The rate that is planned is exact there; the pairs that are delivered in the run lie in its exact interval."""
    for result in (found(), shipped()):
        for demand in result.entanglement["demands"].values():
            if [len(route["links"]) for route in demand["routes"]] != [1] or demand["rate_error_hz"] > 0.0:
                continue
            (route,) = demand["routes"]
            link = result.entanglement["links"][route["links"][0]]
            lanes = route["lanes"][0]
            assert demand["rate_hz"] == pytest.approx(
                lanes * link["success_probability"] / link["attempt_s"], rel=1e-12
            )
            attempts = lanes * int(demand["events"]["simulated_s"] / link["attempt_s"])
            tails = [ALARM / 2.0, 1.0 - ALARM / 2.0]
            low, high = stats.binom.ppf(tails, attempts, link["success_probability"])
            assert low - lanes <= demand["events"]["delivered"] <= high + lanes


def test_the_same_seed_gives_the_same_bytes_and_they_come_back() -> None:
    text = found().to_json()
    assert run(changed()).to_json() == text
    assert Result.from_json(text).to_json() == text
    assert (
        run(changed(seed=2)).entanglement["demands"]["far"]["rate_hz"]
        != found().entanglement["demands"]["far"]["rate_hz"]
    )


def test_a_fidelity_out_of_reach_is_a_stated_zero() -> None:
    (near, far) = run(changed(demands__near__fidelity=0.9999)).entanglement["demands"].values()
    assert (near["met"], near["rate_hz"], near["routes"], near["events"]) == (False, 0.0, [], {})
    best = near["best_reachable"]
    assert 0.9 < best["fidelity"] < 0.9999
    assert best["rate_hz"] > 0.0
    words = (
        f"no path reaches fidelity 0.9999: the best reachable is {best['fidelity']:.4g} at {best['rate_hz']:.4g} pairs"
    )
    assert words in near["reason"]
    assert far["routes"]


def test_expected_rates_are_planned_and_nothing_is_drawn() -> None:
    demands = run(changed(resolution="rates")).entanglement["demands"]
    assert demands["far"]["rate_hz"] == found().entanglement["demands"]["far"]["rate_hz"]
    assert all(demand["events"] == {} for demand in demands.values())


def test_too_few_memories_for_all_are_taken_in_turns() -> None:
    one = {**MEMORY, "memories": 2}
    text = changed(
        nodes__b__memory=one,
        demands__near={"kind": "pairs", "from": "b", "to": "c", "fidelity": 0.8, "rate_hz": 1e6},
        entanglement={"turn_s": 0.5},
    )
    section = run(text).entanglement
    assert (section["turns"], section["turn_s"]) == (2, 0.5)
    assert section["nodes"]["b"]["reserved"] == 2
    far = section["demands"]["far"]
    assert far["share_of_time"] == 0.5
    assert far["events"]["simulated_s"] == 5.0
    assert all(lanes[0] == 0 or lanes[1] == 0 for lanes in (route["lanes"] for route in far["routes"]))


def test_a_node_of_one_qubit_can_be_an_end_and_no_repeater() -> None:
    section = run(changed(nodes__b__memory={**MEMORY, "memories": 1})).entanglement
    assert section["demands"]["near"]["memories"] == {"a": 1, "b": 1}
    assert "a repeater needs two memories for each lane" in section["demands"]["far"]["reason"]


# Keys beside pairs


def test_keys_and_pairs_stand_beside_each_other() -> None:
    result = shipped()
    assert list(result.demands) == ["office"]
    assert list(result.links) == list(result.books) == ["keys"]
    assert result.demands["office"].keys_delivered == 600
    assert list(result.entanglement["demands"]) == ["sensors", "telescopes", "computers", "vault"]
    met = {name: demand["met"] for name, demand in result.entanglement["demands"].items()}
    assert met == {"sensors": True, "telescopes": True, "computers": False, "vault": True}
    assert len(result.entanglement["demands"]["computers"]["routes"]) > 1
    vault = result.entanglement["demands"]["vault"]["routes"][0]
    assert vault["rounds"]["elementary"] + vault["rounds"]["end_to_end"] >= 1
    told = [one.text for one in result.assumptions]
    assert any("heralded fibre of 90 km" in text for text in told)
    assert any("Pauli-twirled" in text for text in told)


def test_key_managers_serve_the_keys_alone() -> None:
    served = in_service(load_scenario("entanglement_network"))
    assert list(served.links) == ["keys"]
    assert list(served.demands) == ["office"]
    assert sorted(served.nodes) == ["brussels", "leuven"]


def test_the_page_has_both_figures_and_a_row_for_each_demand() -> None:
    page = render(view(json.loads(shipped().to_json())))
    assert "Three of four demands for pairs are met in rate and fidelity." in page
    assert 'aria-label="Heralded links and what is reserved on them.' in page
    assert 'aria-label="Rate against fidelity of each demand.' in page
    assert "memories at " in page
    alone = render(view(found()))
    assert "No key was made" not in alone
    assert "One of two demands for pairs is met in rate and fidelity." in alone
    assert "Who got pairs" not in render(view(json.loads(shipped().to_json()) | {"entanglement": {}}))


def test_a_crowded_network_is_drawn_by_its_load() -> None:
    """More demands than colours: no strokes of single demands, panels for the unmet ones first."""
    data = json.loads(shipped().to_json())
    demands = data["entanglement"]["demands"]
    data["entanglement"]["demands"] = {f"{name}{i}": demand for i in range(4) for name, demand in demands.items()}
    page = render(view(data))
    assert "Heralded links by how many of their lanes are reserved" in page
    assert "8 of 16 demands, unmet ones first." in page
    assert all(f"computers{i}: pairs per second" in page for i in range(4))
    assert "vault3: pairs per second" not in page
    assert "up to two thirds" in page


def test_the_command_tells_one_line_for_each_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.yaml").write_text(changed())
    assert execute(["run", str(tmp_path / "net.yaml"), "--out", str(tmp_path / "out")]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if ": pairs for " in line]
    assert [line.split(":")[0] for line in lines] == ["near", "far"]
    assert lines[0].endswith("; met")
    assert "not met, limited by memories at" in lines[1]
    kept = Result.from_json((tmp_path / "out" / "result.json").read_bytes())
    assert kept.entanglement == json.loads(found().to_json())["entanglement"]
    assert execute(["explain", "entanglement_network"]) == 0
    explained = capsys.readouterr().out
    assert "demand vault: antwerp to namur, 0.5 pairs/s of fidelity 0.93" in explained
    assert (
        "link antwerp-brussels: antwerp to brussels, 60 km (illustrative), pairs by double_click, 12 lanes" in explained
    )
