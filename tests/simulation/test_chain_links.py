"""Links over quantum repeaters: the laws of their counts, what a result tells of them, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from qcisim.cli.story import tell
from qcisim.engine import stream
from qcisim.errors import ScenarioError
from qcisim.repeaters import chain_ceiling_bits_per_s
from qcisim.repeaters import run as run_chain
from qcisim.report import write_report
from qcisim.simulation import Result, load_scenario, run
from qcisim.simulation.build import build_links
from qcisim.simulation.chain_facts import chain_facts
from qcisim.simulation.chain_links import ChainLinkModel

FALSE_ALARM = 1e-9
CHAIN = """
title: two ends and a repeater
duration_s: 600
resolution: counts
seed: 5
nodes:
  a: {lat: 50, lon: 5}
  r: {lat: 50, lon: 5.3, role: hub}
  b: {lat: 50, lon: 5.6}
links:
  a-b:
    between: [a, b]
    chain:
      repeaters: [r]
      spans: [{length_km: 20}, {length_km: 25}]
      efficiency: 0.4
      visibility: 0.98
      memory: {preset: trapped_ion, t1_s: 1000, t2_s: 50, memories: 16}
      lanes: 8
    protocol: {block_s: 300}
demands:
  keys: {from: a, to: b, keys_per_s: 0.01}
"""


def model(*overrides: str) -> ChainLinkModel:
    links, _ = build_links(load_scenario(CHAIN, overrides))
    found = links["a-b"]
    assert isinstance(found, ChainLinkModel)
    return found


@pytest.fixture(scope="module")
def result() -> Result:
    return run(CHAIN)


def test_pairs_of_a_block_follow_the_plan() -> None:
    link = model()
    block = next(link.blocks(600.0))
    drawn = np.bincount(link.pairs(block, stream(7, "test")), minlength=16).reshape(2, 2, 2, 2)
    pairs, expected = int(drawn.sum()), link.pilot.rate_hz * 300.0
    spread = link.pilot.waiting_s[1:].std() / link.pilot.waiting_s[1:].mean() if len(link.pilot) > 2 else 1.0
    sigma = expected * max(1.0, spread) * math.sqrt(1.0 / expected + 1.0 / len(link.pilot))
    assert abs(pairs - expected) < stats.norm.isf(FALSE_ALARM) * sigma
    settings = drawn.sum(axis=(2, 3))
    for (i, j), count in np.ndenumerate(settings):
        law = stats.binomtest(int(count), pairs, link.settings_law[i, j])
        assert law.pvalue > FALSE_ALARM
    # errors of equal bases against the Bell weights of an independent run of the chain
    weights = run_chain(link.chain, 40_000, stream(8, "test")).mean_weights
    for basis, wrong in ((0, weights[2] + weights[3]), (1, weights[1] + weights[3])):
        table = drawn[basis, basis]
        errors, total = int(table[0, 1] + table[1, 0]), int(table.sum())
        sigma = math.sqrt(wrong * (1.0 - wrong) * (1.0 / total + 1.0 / 40_000))
        assert abs(errors / total - wrong) < stats.norm.isf(FALSE_ALARM) * sigma


def test_rounds_and_transmittance_come_from_the_spans() -> None:
    link = model()
    slowest = max(one.attempt_s for one in link.chain.links)
    assert link.windows.clock_hz == pytest.approx(8.0 / slowest, rel=1e-12)
    assert link.pilot.rate_hz <= link.windows.clock_hz
    budget = link.budget(0.0)
    assert budget["transmittance"] == pytest.approx(10.0 ** (-sum(budget["losses_db"].values()) / 10.0), rel=1e-12)
    assert set(budget["losses_db"]) == {"fibre a - r", "fibre r - b"}
    assert link.delay_s(0.0) > 45e3 / 299_792_458.0


def test_what_a_result_tells(result: Result) -> None:
    link = result.links["a-b"]
    assert link.medium == "chain"
    assert link.detected == "pairs"
    assert f"{link.rounds:,} attempts → {link.clicks:,} pairs → " in tell(result)
    assert link.fibre_length_km == 45.0
    assert 0 < link.secret_bits < link.sifted_bits
    facts = link.chain
    rho, weights = np.array(facts["rho"]), facts["weights"]
    assert np.trace(rho) == pytest.approx(1.0, abs=1e-12)
    phi = np.array([1.0, 0.0, 0.0, 1.0]) / math.sqrt(2.0)
    assert phi @ rho @ phi == pytest.approx(weights["Phi+"], abs=1e-12)
    assert facts["fidelity"] == pytest.approx(weights["Phi+"], abs=1e-12)
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-12)
    assert facts["waiting_s"]["mean"] == pytest.approx(1.0 / facts["pairs_per_s"], rel=1e-9)
    assert facts["waiting_s"]["quantiles"] == sorted(facts["waiting_s"]["quantiles"])
    assert facts["per_pair"]["swaps"] >= 1.0
    assert Result.from_json(result.to_json()) == result
    chosen = [item.text for item in result.assumptions if "from a to r" in item.text]
    assert chosen == ["a-b: fibre length 20 km from a to r"]


def test_rates_stay_under_what_is_possible(result: Result) -> None:
    link = result.links["a-b"]
    assert link.secret_bits_per_s < link.chain["asymptotic_bits_per_s"] < link.ceilings["these repeaters"]
    assert link.ceilings["repeaterless"] < link.ceilings["one repeater"]
    assert link.ceilings["these repeaters"] == pytest.approx(chain_ceiling_bits_per_s(model().chain), rel=1e-12)


def test_clicks_and_counts_agree(result: Result) -> None:
    clicks = run(CHAIN, overrides=["resolution=clicks"]).links["a-b"]
    counts = result.links["a-b"]
    spread = stats.norm.isf(FALSE_ALARM) * math.sqrt(clicks.clicks + counts.clicks)
    assert abs(clicks.clicks - counts.clicks) < spread
    assert clicks.corrected_bits > 0.0
    assert clicks.secret_bits == pytest.approx(counts.secret_bits, rel=0.02)


GOOD_GATES = "links.a-b.chain.memory.gate_depolarising=0.002"


def test_distillation_is_chosen_for_a_fidelity() -> None:
    plain = chain_facts(model(GOOD_GATES))
    better = chain_facts(model("links.a-b.chain.distillation.target_fidelity=0.985", GOOD_GATES))
    assert plain["distillation"] == ""
    assert better["distillation"].startswith("dejmps: ")
    assert plain["fidelity"] < 0.985 <= better["fidelity"]
    assert better["pairs_per_s"] < 0.6 * plain["pairs_per_s"]
    assert better["ends"] == "store"


def test_the_report_shows_the_chain(result: Result, tmp_path: object) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    html = write_report(result, tmp_path / "report.html").read_text("utf-8")
    for text in ("Quantum repeaters", "Waiting times of a – b", "Ceiling, these repeaters", "Secret bits per use"):
        assert text in html


REFUSALS = [
    ("chain.repeaters=[x]", "got 'x'"),
    ("chain.repeaters=[a]", "wanted a node between the two ends, got 'a', which is an end"),
    ("chain.repeaters=[]", "wanted 1 spans, one more than repeaters, got 2 spans for 0 repeaters"),
    ("chain.memory.preset=tarpped_ion", "got 'tarpped_ion' (did you mean 'trapped_ion'?)"),
    ("chain.memory={t1_s: 1, t2_s: 3}", "wanted a memory that can exist, got T2 3 s above 2 T1"),
    ("chain.lanes=9", "got node 'r': 18 memories in use, its device has 16"),
    ("chain.cutoff_s=1e-6", "so all would be thrown away"),
    ("chain.cutoff_s=1e-6", "span 'a' to 'r' hears"),
    ("chain.distillation.target_fidelity=0.2", "wanted a number from 0.25 to 1"),
    ("chain.distillation.target_fidelity=0.99999", "target_fidelity: wanted at most 0.9"),
    ("chain.distillation={elementary: 10}", "lanes: wanted at least 11, which this distillation fills, got 8"),
    ("chain.distillation={target_fidelity: 0.9, end_to_end: 1}", "wanted either rounds or a target_fidelity, got both"),
    ("chain.polciy=doubling", "got 'polciy' (did you mean 'policy'?)"),
    ("chain.policy=never", "wanted one of swap_asap, doubling, sequential"),
    ("protocol.name=bb84", "wanted a protocol that measures pairs"),
    ("fibre={length_km: 3}", "got fibre and chain"),
]


@pytest.mark.parametrize(("override", "message"), REFUSALS)
def test_a_chain_that_is_wrong(override: str, message: str) -> None:
    with pytest.raises(ScenarioError) as told:
        load_scenario(CHAIN, [f"links.a-b.{override}"])
    assert message in str(told.value)


MIDDLE = [
    GOOD_GATES,
    "links.a-b.chain.scheme=midpoint_source",
    "links.a-b.chain.source={mean_pairs: 0.02, pulse_rate_hz: 1e7, pulses: 200, fidelity: 0.99}",
]


def test_a_source_in_the_middle_of_each_span() -> None:
    """Messages cross a whole span; a train uses the light as often as it has pulses, and ends at the first photon."""
    link = model(*MIDDLE)
    one = link.chain.links[0]
    assert one.uses == 200
    assert one.attempt_s == pytest.approx(5e-6 + 200 / 1e7 + one.delay_s, rel=1e-9)
    eta = 0.4 * math.sqrt(one.transmittance or 0.0)
    either = 0.02 * (2.0 * eta - eta**2)  # a photon of a dim pulse is noticed on one side at least
    law = 0.02 * eta**2 * (1.0 - (1.0 - either) ** 200) / either
    assert one.success_probability == pytest.approx(law, rel=0.05)
    assert 0.95 < one.fidelity < 0.99
    found = run(CHAIN, overrides=MIDDLE).links["a-b"]
    assert found.secret_bits > 0
    assert found.secret_bits_per_s < found.ceilings["these repeaters"]
    per_use = found.ceilings["repeaterless"] / -math.log2(1.0 - link.budget(0.0)["transmittance"])
    assert per_use == pytest.approx(200 * link.windows.clock_hz, rel=1e-9)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("chain.source={}", "source: wanted no source with scheme double_click, got one"),
        ("chain.source={pulses: 0}", "source.pulses: wanted a whole number from 1"),
        ("chain={repeaters: [r], spans: [{length_km: 20}, {length_km: 25}], scheme: midpoint}", "did you mean"),
    ],
)
def test_a_source_in_the_middle_that_is_wrong(override: str, message: str) -> None:
    with pytest.raises(ScenarioError) as told:
        load_scenario(CHAIN, [f"links.a-b.{override}"])
    assert message in str(told.value)
