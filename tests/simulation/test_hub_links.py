"""Links over a hub: resolutions agree, keys are the same at both ends, a lying hub gives none, refusals."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import pytest
from scipy.stats import poisson

from qcisim.cli.story import tell
from qcisim.engine import stream
from qcisim.errors import ScenarioError
from qcisim.security import ArmSettings
from qcisim.simulation import Result, load_scenario, run
from qcisim.simulation.build import build_link, over_hub
from qcisim.simulation.hub_links import EXPERIMENTAL, HubLinkModel, counts_of

FALSE_ALARM = 1e-9
TEXT = """
seed: 3
duration_s: {duration_s}
resolution: {resolution}
nodes:
  a: {{lat: 50, lon: 5}}
  b: {{lat: 50.2, lon: 5}}
  c: {{lat: 50.2, lon: 5.1}}
  h: {{lat: 50.1, lon: 5, role: hub}}
links:
  a-b:
    between: [a, b]
    hub: h
    arms:
      - fibre: {{length_km: {first_km}, connector_db: 0}}
      - fibre: {{length_km: {second_km}, connector_db: 0}}
    receiver:
      detector: {{preset: snspd, dark_count_rate_hz: 10, gate_s: 3e-10, dead_time_s: {dead_s}}}
      insertion_loss_db: 0
    protocol: {{block_s: {block_s}, optimise: true, epsilon_secret: 1e-8}}
    {more}
"""


def text(**changes: object) -> str:
    usual = {
        "resolution": "counts",
        "duration_s": 1.0,
        "block_s": 1.0,
        "first_km": 1,
        "second_km": 8,
        "dead_s": "1e-9",
        "more": "",
    }
    return TEXT.format(**(usual | changes))


@cache
def ran(resolution: str, more: str = "") -> Result:
    return run(text(resolution=resolution, more=more))


def model(**changes: object) -> HubLinkModel:
    return over_hub(load_scenario(text(**changes)), "a-b")


def plausible(count: float, mean: float, comparisons: int) -> bool:
    level = FALSE_ALARM / comparisons / 2.0
    return bool(poisson.cdf(count, mean) > level and poisson.sf(count - 1, mean) > level)


def test_rates_counts_and_clicks_agree() -> None:
    """Counts of successes are thinner than Poisson (the dead time), so its interval holds."""
    rates, counts, clicks = (ran(one).links["a-b"] for one in ("rates", "counts", "clicks"))
    for seen in (counts, clicks):
        for name in ("clicks", "sifted_bits", "test_bits"):
            assert plausible(getattr(seen, name), getattr(rates, name), 6), name
        assert seen.qber_interval is not None
        assert rates.qber is not None
        assert seen.qber_interval[0] * 0.98 < rates.qber < seen.qber_interval[1] * 1.02
        assert seen.secret_bits == rates.secret_bits > 0  # the length fixed before the block


def test_both_ends_store_the_same_key_and_say_that_it_is_experimental() -> None:
    """The run itself compares the ends, and the leakage with the transcript."""
    result = ran("clicks")
    link = result.links["a-b"]
    assert link.blocks_accepted == 1
    assert link.authentication_bits + result.books["a-b"].stored == link.secret_bits // 8 * 8
    assert link.theorem.startswith("experimental")
    assert f"{link.clicks:,} announcements" in tell(result)
    assert EXPERIMENTAL in link.assumptions
    assert any("nothing is assumed about the hub" in one for one in link.assumptions)
    assert link.medium == "arms"
    assert link.middle == "h"
    assert [arm["fibre_length_km"] for arm in link.arms] == [1.0, 8.0]
    assert Result.from_json(result.to_json()) == result


@pytest.mark.parametrize("resolution", ["counts", "clicks"])
def test_a_lying_hub_gives_no_key(resolution: str) -> None:
    link = ran(resolution, "attack: {name: lying_hub, fraction: 1.0}").links["a-b"]
    assert link.clicks > 1000
    assert link.secret_bits == 0
    assert link.reason
    assert link.attack.startswith("lying_hub")


def test_a_hub_that_lies_now_and_then_is_noticed() -> None:
    link = ran("counts", "attack: {name: lying_hub, fraction: 0.3}").links["a-b"]
    assert link.secret_bits == 0


def test_planned_counts_are_the_closed_forms_of_the_table() -> None:
    """What the owners expect comes from closed forms, what happens from the joint table: one hub, twice."""
    link = model(dead_s="3e-8")
    block = next(iter(link.blocks(1.0)))
    seen, planned = link.count(block, None).counts, link.expected(block)
    assert isinstance(seen, type(planned))
    assert seen.key == pytest.approx(planned.key, rel=1e-9)
    assert seen.test == pytest.approx(planned.test, rel=1e-9)
    assert seen.test_errors == pytest.approx(planned.test_errors, rel=1e-9)
    assert seen.key_errors == pytest.approx(planned.key_errors, rel=1e-9)


def test_symmetric_arms_are_asymmetric_arms_of_the_same_length() -> None:
    there, back = model(first_km=5, second_km=5), model(first_km=5, second_km=5)
    one, other = there.source.senders
    assert one.signal == pytest.approx(other.signal, rel=0.01)
    assert one.decoys == pytest.approx(other.decoys, rel=0.05, abs=1e-9)
    swapped = replace(back, source=replace(back.source, senders=(other, one)))
    blocks = [next(iter(link.blocks(1.0))) for link in (there, swapped)]
    counts = [link.expected(block) for link, block in zip((there, swapped), blocks, strict=True)]
    assert counts[0].key == pytest.approx(counts[1].key, rel=1e-9)
    turned = [counts[1].test[3 * (i % 3) + i // 3] for i in range(9)]
    assert counts[0].test == pytest.approx(turned, rel=1e-9)


def test_the_far_sender_gets_brighter_decoys() -> None:
    near, far = model(first_km=1, second_km=20).source.senders
    assert far.decoys[0] > 1.5 * near.decoys[0]


def test_settings_of_the_source_and_of_an_arm() -> None:
    more = "source: {signal: 0.2, decoys: [0.4, 0.1, 0.01]}"
    plain = text(more=more).replace("optimise: true", "optimise: false")
    plain = plain.replace(
        "- fibre: {length_km: 8,", "- sender: {signal: 0.6, signal_probability: 0.7}\n        fibre: {length_km: 8,"
    )
    near, far = over_hub(load_scenario(plain), "a-b").source.senders
    assert near == ArmSettings(0.2, (0.4, 0.1, 0.01), 0.4, (0.1, 0.6, 0.3))
    assert far == ArmSettings(0.6, (0.4, 0.1, 0.01), 0.7, (0.1, 0.6, 0.3))


def test_a_share_of_the_hub_is_a_share_of_the_rounds() -> None:
    whole, part = model(), model(more="hub_share: 0.25")
    assert next(iter(part.blocks(1.0))).rounds == 0.25 * next(iter(whole.blocks(1.0))).rounds


def test_counts_are_drawn_around_what_is_expected() -> None:
    link = model()
    block = next(iter(link.blocks(1.0)))
    drawn, mean = link.count(block, stream(1, "test")).counts, link.expected(block)
    values = list(
        zip((*drawn.key, *drawn.test, *drawn.test_errors), (*mean.key, *mean.test, *mean.test_errors), strict=True)
    )
    assert all(plausible(n, m, 2 * len(values)) for n, m in values)


def test_flips_of_the_table_are_those_of_the_programs() -> None:
    """Errors counted from the table are those that the programs find: equal bits in Z, by outcome in X."""
    link = model()
    cells = link.table.expected(1e9)
    counts = counts_of(cells, link.source, 1e9, False)
    assert counts.key_qber == pytest.approx(link.expected(next(iter(link.blocks(1.0)))).key_qber, rel=1e-9)
    assert 0.25 < math.fsum(counts.test_errors) / counts.test_total < 0.5


def test_neighbours_afterpulses_and_misaligned_fibre_reach_the_hub() -> None:
    quiet = model()
    noisy = build_link(
        load_scenario(
            text(more="")
            .replace("dark_count_rate_hz: 10", "dark_count_rate_hz: 10, afterpulse_probability: 0.02")
            .replace("length_km: 8,", "length_km: 8, misalignment_stokes_rad: 0.3,")
        ),
        "a-b",
    )
    assert isinstance(noisy, HubLinkModel)
    assert "afterpulses" in noisy.optics.noise(noisy.source.senders)
    turned = math.sin(0.15) ** 2
    together = 0.01 * (1.0 - turned) + 0.99 * turned
    assert noisy.optics.misalignment_error == pytest.approx(together, abs=1e-4)
    assert quiet.optics.misalignment_error == pytest.approx(0.01, abs=1e-4)


def test_ceilings_lie_above_the_rate() -> None:
    link = ran("rates").links["a-b"]
    eta_db = 0.22 * 9.0
    assert link.ceilings["repeaterless"] == pytest.approx(-math.log2(1.0 - 10.0 ** (-eta_db / 10.0)) * 1e9, rel=1e-12)
    assert link.secret_bits_per_s < link.ceilings["repeaterless"] < link.ceilings["one repeater"]
    assert link.ceilings["repeater at the middle"] < link.ceilings["one repeater"]


ARMS = """    arms:
      - fibre: {length_km: 1, connector_db: 0}
      - fibre: {length_km: 8, connector_db: 0}
"""
REFUSED = [
    (ARMS, "", "links.a-b.hub: wanted arms that lead to it, got none"),
    (
        "      - fibre: {length_km: 8, connector_db: 0}\n",
        "",
        "links.a-b.arms[1]: wanted a mapping of fields, got nothing",
    ),
    ("    hub: h\n", "    hub: a\n", "links.a-b.hub: wanted a third node, which is no end of the link, got 'a'"),
    ("    hub: h\n", "    hub: hh\n", "links.a-b.hub: wanted a node of this scenario, got 'hh' (did you mean 'h'?)"),
    ("role: hub", "role: trusted", "links.a-b.hub: wanted a node with the role hub"),
    ("between: [a, b]", "between: [a, h]", "got 'h'"),
    (
        "{block_s:",
        "{name: bb84, block_s:",
        "links.a-b.protocol.name: wanted a protocol of two senders and a hub, got 'bb84'",
    ),
    ("{block_s:", "{bound: lim2014, block_s:", "links.a-b.protocol.bound: wanted a bound for mdi"),
    ("    hub: h\n", "    hub: h\n    source: {kind: weak_coherent}\n", "links.a-b.source.kind: wanted four_intensity"),
    (
        "    hub: h\n",
        "    hub: h\n    source: {decoys: [0.1, 0.2, 0.0]}\n",
        "links.a-b.source.decoys: wanted three descending",
    ),
    (
        "    hub: h\n",
        "    hub: h\n    source: {decoy_probabilities: [0.5, 0.5, 0.5]}\n",
        "wanted positive probabilities with sum 1",
    ),
    ("    hub: h\n", "    hub: h\n    attack: {name: breidbart}\n", "links.a-b.attack.name: wanted lying_hub"),
    ("    hub: h\n", "    hub: h\n    hub_share: 1.5\n", "links.a-b.hub_share: wanted a number above 0 and at most 1"),
    ("length_km: 8", "trusted_relays: 1, length_km: 8", "wanted an arm without trusted relays"),
    ("length_km: 8", "drift_stokes_rad_per_sqrt_s: 0.1, length_km: 8", "wanted an arm that stands still"),
    (
        "length_km: 8, connector_db: 0}",
        "length_km: 8}\n        receiver: {detector: snspd}",
        "wanted no receiver at an arm",
    ),
    (
        "    hub: h\n" + ARMS,
        "    fibre: {length_km: 1}\n    source: {kind: four_intensity}\n",
        "wanted a source for a link without a hub",
    ),
    ("    hub: h\n" + ARMS, "    fibre: {length_km: 1}\n    hub_share: 0.5\n", "no such field of a link without a hub"),
]


@pytest.mark.parametrize(("old", "new", "told"), REFUSED)
def test_refusals(old: str, new: str, told: str) -> None:
    given = text()
    assert old in given
    with pytest.raises(ScenarioError) as caught:
        load_scenario(given.replace(old, new, 1))
    assert told in str(caught.value)
    assert "<text>:" in str(caught.value)


def test_mdi_on_a_plain_fibre_is_refused() -> None:
    plain = text().replace("    hub: h\n" + ARMS, "    fibre: {length_km: 1}\n")
    for changed, told in (
        ("name: mdi", "wanted a protocol for a link without a hub"),
        ("bound: mdi_finite", "wanted a bound"),
    ):
        with pytest.raises(ScenarioError, match=told):
            load_scenario(plain.replace("{block_s:", f"{{{changed}, block_s:"))


def test_links_that_share_a_hub_do_not_get_more_than_all_of_it() -> None:
    second = text(more="").rstrip().split("links:\n")[1].replace("a-b:", "a-c:").replace("[a, b]", "[a, c]")
    with pytest.raises(ScenarioError, match="shares of the hub 'h' that add up to 1 at most, got 2"):
        load_scenario(text() + second + "\n")
