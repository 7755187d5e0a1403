"""The scenario of the hub in Arlon: announced facts, what its run tells, and what it does not claim."""

from __future__ import annotations

import pytest

from qcisim.cli.story import tell
from qcisim.simulation import Result, load_scenario, run
from qcisim.simulation.names import shipped

ANNOUNCED_KM, TOTAL_KM = 45.0, 132.0  # Belnet 2025; Q*Bird, 5 June 2025


@pytest.fixture(scope="module")
def result() -> Result:
    return run("arlon_mdi")


def test_lengths_are_as_announced_and_say_so() -> None:
    scenario = load_scenario("arlon_mdi")
    arms = scenario.links["arlon-kirchberg-redu"].arms
    assert arms is not None
    near, far = (arm.fibre for arm in arms)
    assert near is not None
    assert far is not None
    assert (near.length_km, near.status) == (ANNOUNCED_KM, "announced")
    assert (far.length_km, far.status) == (TOTAL_KM - ANNOUNCED_KM, "derived")
    ends = {node for key, link in scenario.links.items() if key.startswith("arlon-") for node in link.between}
    assert len(ends) == 4  # four end nodes are announced, two of them active and named
    others = [
        link for key, link in scenario.links.items() if key.startswith("arlon-") and not {"redu"} & set(link.between)
    ]
    assert all(link.status == "illustrative" for link in others)
    assert scenario.nodes["arlon_hub"].role == "hub"
    text = shipped()["arlon_mdi"].read_text()
    assert text.count("illustrative") > 20


def test_the_hub_serves_everybody_and_trusts_nobody(result: Result) -> None:
    for demand in result.demands.values():
        assert demand.keys_delivered == demand.keys_requested
        assert len(demand.path) == 2
        assert demand.trusted_nodes == ()
    star = {key: link for key, link in result.links.items() if key.startswith("arlon-")}
    assert len(star) == 6
    assert all(link.secret_bits > 0 for link in star.values())
    assert all(link.theorem.startswith("experimental") for link in star.values())
    assert any(a.text.startswith("experimental") for a in result.assumptions)
    assert any(
        a.text == "arm from redu to arlon_hub: fibre length 87 km" and a.status == "derived" for a in result.assumptions
    )


def test_intensities_are_chosen_per_arm(result: Result) -> None:
    near, far = (
        result.provenance["settings"]["arlon-kirchberg-redu"]["senders"][node] for node in ("kirchberg", "redu")
    )
    assert far["decoys"][0] > 3.0 * near["decoys"][0]


def test_three_ways_are_compared(result: Result) -> None:
    (one,) = result.comparisons
    star, chain, satellite = one["ways"]
    assert star["trusted"] == []
    assert star["untrusted"] == ["arlon_hub"]
    assert star["claim"] == "finite key, experimental bound"
    assert chain["trusted"] == ["arlon_trusted"]
    assert satellite["trusted"] == ["betzdorf", "eagle1"]
    assert chain["bits_per_s"] > star["bits_per_s"] > satellite["bits_per_s"] > 0.0
    assert chain["bits_per_s"] == min(result.links[name].secret_bits_per_s for name in chain["links"])
    story = tell(result)
    assert "Ways to bring key from kirchberg to redu:" in story
    assert "trusts nobody (finite key, experimental bound; derived)" in story


def test_no_rate_passes_the_ceiling_without_a_repeater(result: Result) -> None:
    for link in result.links.values():
        if link.ceilings:
            assert link.secret_bits_per_s < link.ceilings["repeaterless"]
