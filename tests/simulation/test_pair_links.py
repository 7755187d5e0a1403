"""Links of entangled pairs in scenarios: where the source may stand, passes of a satellite, refusals, what is shown."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from scipy import stats

from qcisim.cli.explain import entry_text
from qcisim.cli.story import tell
from qcisim.errors import ScenarioError
from qcisim.security.e91 import ChshFinite
from qcisim.simulation import Result, load_scenario, run
from qcisim.simulation.build import build_link, build_links
from qcisim.simulation.known import known
from qcisim.simulation.pair_links import PairLinkModel
from qcisim.simulation.pair_passes import Sights

FALSE_ALARM = 1e-9
FIBRE = """
title: pairs over two fibres
duration_s: 1
nodes:
  a: {lat: 50, lon: 5}
  source: {lat: 50, lon: 5.05, role: hub}
  b: {lat: 50, lon: 5.1}
links:
  a-b:
    between: [a, b]
    pair_source: {node: source, pair_rate_hz: 5e6, coincidence_window_s: 5e-10, wavelength_nm: 1550, fidelity: 0.99}
    arms:
      - {fibre: {length_km: 5}}
      - {fibre: {length_km: 5}}
"""
SATELLITE = """
title: pairs from a satellite to two stations
start_utc: 2016-12-17T12:00:00Z
duration_s: 172800
resolution: counts
seed: 3
nodes:
  micius:
    satellite:
      orbit:
        kind: tle
        line1: "1 41731U 16051A   16354.56913372  .00000384  00000-0  18801-4 0  9991"
        line2: "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19164"
  delingha: {lat: 37.379, lon: 97.727, station: {altitude_m: 3153, minimum_elevation_deg: 10, cloud_fraction: 0}}
  lijiang: {lat: 26.694, lon: 100.029, station: {altitude_m: 3233, minimum_elevation_deg: 10, cloud_fraction: 0}}
links:
  delingha-lijiang:
    between: [delingha, lijiang]
    pair_source: {node: micius, pair_rate_hz: 2e7, coincidence_window_s: 1e-9, wavelength_nm: 810, fidelity: 0.98}
    arms:
      - &down
        free_space:
          transmitter: {aperture_m: 0.3, beam: flat, divergence_full_rad: 1e-5, jitter_rad: 1e-6}
          telescope: {aperture_m: 1.8, efficiency: 0.5}
          atmosphere: {fading_nodes: 4}
        receiver: {detector: {preset: si_apd, dark_count_rate_hz: 100}, key_basis_probability: 0.7,
                   insertion_loss_db: 0, misalignment_error: 0.005}
      - *down
    protocol: {name: bbm92}
"""
LINK = "delingha-lijiang"


def model_of(text: str, *overrides: str) -> PairLinkModel:
    scenario = load_scenario(text, overrides)
    model = build_link(scenario, next(iter(scenario.links)))
    assert isinstance(model, PairLinkModel)
    return model


def test_pairs_run_bbm92_where_nothing_else_is_said() -> None:
    model = model_of(FIBRE)
    assert (model.protocol.name, model.bound.name) == ("bbm92", "bbm92")
    model = model_of(FIBRE, "links.a-b.protocol.name=e91")
    assert (model.protocol.name, model.bound.name) == ("e91", "e91")
    model = model_of(FIBRE, "links.a-b.protocol.name=e91", "links.a-b.protocol.bound=e91_game")
    assert isinstance(model.bound, ChshFinite)
    assert model.bound.game


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["protocol.name=bb84"], "protocol.name: wanted a protocol that measures pairs"),
        (["protocol.name=bb92"], "got 'bb92' (did you mean 'bbm92'?)"),
        (["protocol.bound=lim2014_chernoff"], "protocol.bound: wanted a bound for bbm92"),
        (["protocol.bound=bbm29"], "(did you mean 'bbm92'?)"),
        (["protocol.name=e91", "protocol.bound=di_chsh"], "wanted a bound for e91, got 'di_chsh'"),
        (["protocol.length_rule=variable"], "length_rule: wanted the length rule fixed, got 'variable'"),
        (["protocol.optimise=true"], "optimise: wanted false: pairs have no intensities to choose"),
        (["source.clock_hz=1e8"], "source: wanted no source of a link with a pair_source"),
        (["receiver.insertion_loss_db=1"], "receiver: wanted no receiver of a link with a pair_source"),
        (["arms.1.receiver.detector.preset=snspdd"], "arms[1].receiver.detector.preset: wanted a detector that"),
        (["arms.0.receiver.detector.gate_s=1e-9"], "arms[0].receiver.detector.gate_s: wanted no gate on an arm"),
        (["arms.0.fibre.trusted_relays=1"], "trusted_relays: wanted no trusted relays on an arm"),
        (["arms.0.sender.signal=0.3"], "arms[0].sender: wanted no sender on an arm"),
        (["pair_source.node=a"], "arms[0].fibre.length_km: wanted an arm of 0 km to the node of the source, got 5 km"),
        (["pair_source.node=nowhere"], "pair_source.node: wanted a node of this scenario, got 'nowhere'"),
        (["pair_source.fidelity=0.2"], "wanted a number above 0.25 and at most 1, got 0.2"),
        (["pair_source.pair_rate_hz=0"], "pair_source.pair_rate_hz: wanted a number above 0"),
        (["attack.name=intercept"], "attack.name: wanted an attack that `qcisim list attack` shows"),
        (["between=[a, source]"], "wanted"),
        (["hub=source"], "wanted a hub or a pair_source where the two arms meet, got both"),
    ],
)
def test_what_does_not_go_with_pairs_is_refused(overrides: list[str], message: str) -> None:
    with pytest.raises(ScenarioError) as told:
        load_scenario(FIBRE, [f"links.a-b.{one}" for one in overrides])
    assert message in str(told.value)


def test_a_protocol_of_pairs_wants_a_source_of_pairs() -> None:
    text = "nodes: {a: {lat: 50, lon: 5}, b: {lat: 50, lon: 6}}\nlinks:\n  a-b: {between: [a, b], "
    for protocol in ("bbm92", "e91"):
        with pytest.raises(ScenarioError, match="in which both ends measure pairs"):
            load_scenario(text + f"fibre: {{length_km: 5}}, protocol: {{name: {protocol}}}}}\n")
    with pytest.raises(ScenarioError, match="wanted arms that lead to it"):
        load_scenario(text + "fibre: {length_km: 5}, pair_source: {node: a}}\n")


def test_a_fibre_arm_does_not_reach_a_satellite() -> None:
    with pytest.raises(ScenarioError, match="wanted a fibre between nodes on the ground, got the satellite 'micius'"):
        load_scenario(SATELLITE.replace("      - *down", "      - fibre: {length_km: 5}"))


def test_a_source_at_one_end_is_one_arm_without_length() -> None:
    """Loss of the arms is what counts: the same coincidences from the middle, other singles."""
    at_end = ["pair_source.node=a", "arms.0.fibre.length_km=0", "arms.1.fibre.length_km=10"]
    still = [f"arms.{i}.receiver.detector.dead_time_s=0" for i in (0, 1)]
    middle, end = (model_of(FIBRE, *(f"links.a-b.{one}" for one in (*more, *still))) for more in ([], at_end))
    states = [model.states(np.zeros(1)) for model in (middle, end)]
    assert states[1].coincidence_rate_hz[0] == pytest.approx(states[0].coincidence_rate_hz[0], rel=5e-3)
    assert states[1].singles_a_hz[0] > 1.2 * states[0].singles_a_hz[0]
    assert states[1].singles_b_hz[0] < states[0].singles_b_hz[0] / 1.2
    assert end.delay_s(0.0) == pytest.approx(middle.delay_s(0.0))
    links = run(FIBRE, overrides=[f"links.a-b.{one}" for one in at_end] + ["resolution=counts", "duration_s=10"]).links
    assert links["a-b"].secret_bits > 0


def test_dead_time_costs_coincidences() -> None:
    usual, blind = (
        model_of(FIBRE, *(f"links.a-b.arms.{i}.receiver.detector.dead_time_s={dead_s}" for i in (0, 1)))
        for dead_s in (0.0, 1e-6)
    )
    free, dead = usual.states(np.zeros(1)), blind.states(np.zeros(1))
    live = [1.0 / (1.0 + float(rate[0]) * 1e-6) for rate in (free.singles_a_hz, free.singles_b_hz)]
    assert live[0] < 0.8
    wanted = float(free.coincidence_rate_hz[0]) * math.prod(live)
    assert float(dead.coincidence_rate_hz[0]) == pytest.approx(wanted, rel=1e-3)


def test_a_drifting_arm_is_followed_step_by_step() -> None:
    """The law changes in time; drawn coincidences follow the mean of its steps."""
    settings = ["step_s=0.05", "links.a-b.arms.1.fibre.drift_stokes_rad_per_sqrt_s=0.3"]
    model = model_of(FIBRE, *settings)
    assert not model.is_constant
    (block,) = model.blocks(1.0)
    light = model.coincidences(block)
    assert len(light.windows) == 20
    assert light.windows.sum() == block.rounds
    assert light.cells.sum(axis=(1, 2, 3, 4)) == pytest.approx(1.0)
    expected = model.count(block, None)
    alice, bob, number = model.sampler(1).sample(block)
    low, high = stats.poisson.interval(1.0 - FALSE_ALARM, expected.clicks)
    assert low <= number <= high
    both = [(a, b, (a.setting == 0) & (b.setting == 0)) for a, b in zip(alice, bob, strict=True)]
    keys = sum(int(key.sum()) for _, _, key in both)
    wrong = sum(int((key & (a.bit != b.bit)).sum()) for a, b, key in both)
    assert stats.binomtest(wrong, keys, expected.counts.key_qber).pvalue > FALSE_ALARM


def test_plans_do_not_know_where_a_polarisation_will_drift() -> None:
    """The rule of a block is made before it: two blocks that begin alike are planned alike, however they go on."""
    settings = ["duration_s=40", "step_s=0.5", "links.a-b.protocol.block_s=20"]
    model = model_of(FIBRE, *settings, "links.a-b.arms.1.fibre.drift_stokes_rad_per_sqrt_s=0.1")
    still = model_of(FIBRE, *settings)
    first, second = model.blocks(40.0)
    assert model.expected(first).key_qber == pytest.approx(still.expected(first).key_qber, rel=1e-9)  # begins aligned
    assert model.expected(second).key_qber > 1.01 * still.expected(second).key_qber
    assert model.count(first, None).counts.key_qber > 1.01 * model.expected(first).key_qber
    assert any("drifts" in text for text in model.assumptions())
    assert not any("drifts" in text for text in still.assumptions())


@pytest.fixture(scope="module")
def downlinks() -> Result:
    return run(SATELLITE)


def test_common_passes_of_two_downlinks_make_blocks(downlinks: Result) -> None:
    link = downlinks.links[LINK]
    assert link.medium == "arms"
    assert link.passes == link.passes_taken == link.blocks >= 2
    assert link.secret_bits > 0
    assert link.clicks > 10_000
    assert f"{link.rounds:,} windows → {link.clicks:,} coincidences" in tell(downlinks)
    assert {name.rpartition(", ")[2] for name in link.losses_db} == {"delingha", "lijiang"}
    assert any("takes" in text or "terminal" in text for text in link.assumptions)
    model = model_of(SATELLITE)
    for block in model.blocks(172800.0):
        (stretch,) = block.stretches
        t_s = np.linspace(stretch.start_s, block.end_s, 5)
        assert (model.states(t_s).coincidence_rate_hz > 0.0).all()
        for arm in model.actual:
            assert (arm.states(t_s).elevation_deg > 9.99).all()


def test_resolutions_agree_over_a_satellite(downlinks: Result) -> None:
    expected = run(SATELLITE, overrides=["resolution=rates"]).links[LINK]
    clicks = run(SATELLITE, overrides=["resolution=clicks"]).links[LINK]
    for link in (downlinks.links[LINK], clicks):
        low, high = stats.poisson.interval(1.0 - FALSE_ALARM, expected.clicks)
        assert low <= link.clicks <= high
        share = expected.sifted_bits / expected.clicks
        assert stats.binomtest(link.sifted_bits, link.clicks, share).pvalue > FALSE_ALARM
    assert clicks.secret_bits == expected.secret_bits  # the same fixed lengths, all accepted
    assert clicks.qber == pytest.approx(expected.qber, rel=0.2)


def test_clouds_over_either_station_stop_the_light() -> None:
    for station in ("delingha", "lijiang"):
        cloudy = [f"nodes.{station}.station.cloud_fraction=1", "resolution=clicks"]
        link = run(SATELLITE, overrides=cloudy).links[LINK]
        assert link.passes > link.passes_taken == link.blocks == 0
        assert link.secret_bits == 0
        assert "clouds over one station or the other" in link.reason or "no pass" in link.reason


def test_two_passes_make_one_block_and_a_cloud_takes_it_whole() -> None:
    model = model_of(SATELLITE, f"links.{LINK}.protocol.passes_per_block=2")
    assert model.sights is not None
    blocks = list(model.blocks(172800.0))
    assert len(blocks) == len(list(model.sights)) // 2
    assert [len(block.stretches) for block in blocks] == [2] * len(blocks)
    assert blocks[0].passes == (f"{LINK}#1", f"{LINK}#2")
    first, *others = model.sights
    clouded = replace(model, sights=cast(Sights, [replace(first, clear=False), *others]))
    assert [block.passes[0] for block in clouded.blocks(172800.0)] == [block.passes[0] for block in blocks[1:]]


def test_stations_that_never_see_the_source_at_once_make_nothing() -> None:
    for resolution in ("clicks", "counts"):
        far = ["nodes.lijiang.lat=-40", "nodes.lijiang.lon=-70", f"resolution={resolution}"]
        link = run(SATELLITE, overrides=far).links[LINK]
        assert (link.passes, link.blocks, link.secret_bits) == (0, 0, 0)
        assert "never see the source at once" in link.reason


def test_the_seed_of_the_scenario_draws_the_clouds_of_all_links() -> None:
    scenario = load_scenario(SATELLITE, ["nodes.lijiang.station.cloud_fraction=0.5"])
    models, plan = build_links(scenario)
    model = models[LINK]
    assert isinstance(model, PairLinkModel)
    assert model.sights is not None
    for sight in model.sights:
        assert sight.clear is not plan.clouds.cloudy("lijiang", sight.middle_s)


def test_sights_are_the_same_in_windows_of_any_length_and_without_an_end() -> None:
    found = [list(model_of(SATELLITE, f"pass_planning.window_h={hours}").sights or ()) for hours in (1.0, 5.5, 24.0)]
    assert len(found[0]) >= 2
    for other in found[1:]:
        assert len(other) == len(found[0])
        for a, b in zip(found[0], other, strict=True):
            assert (a.start_s, a.end_s) == pytest.approx((b.start_s, b.end_s), abs=0.01)
    endless = load_scenario(SATELLITE).model_copy(update={"duration_s": math.inf})
    model = build_link(endless, LINK)
    assert isinstance(model, PairLinkModel)
    assert model.sights is not None
    few = [sight.start_s for sight in islice(model.sights, len(found[0]) + 1)]
    assert few[:-1] == pytest.approx([sight.start_s for sight in found[0]], abs=0.01)
    assert next(model.blocks(math.inf)).start_s == pytest.approx(few[0], abs=0.01)


@pytest.mark.parametrize("resolution", ["clicks", "counts", "rates"])
def test_s_stands_in_the_result_with_its_interval(resolution: str, tmp_path: Path) -> None:
    overrides = ["links.a-b.protocol.name=e91", f"resolution={resolution}", "duration_s=2"]
    result = run(FIBRE, overrides=overrides)
    bounds = result.links["a-b"].bounds
    assert 2.0 < bounds["chsh_lower"] < bounds["chsh"] < bounds["chsh_upper"]
    assert result.links["a-b"].secret_bits > 0
    assert "fair sampling" in result.links["a-b"].theorem
    assert any("fair sampling" in text for text in result.links["a-b"].assumptions)
    result.save(tmp_path)
    assert Result.from_json((tmp_path / "result.json").read_bytes()).links["a-b"].bounds == bounds


def test_eve_on_an_arm_shows_in_s_and_takes_the_key() -> None:
    overrides = ["links.a-b.protocol.name=e91", "links.a-b.attack.name=intercept_resend", "duration_s=2"]
    link = run(FIBRE, overrides=overrides).links["a-b"]
    assert link.bounds["chsh_upper"] < 2.0
    assert link.secret_bits == 0
    assert "S is not above 2" in link.reason


@pytest.mark.parametrize("name", ["bbm92", "e91"])
def test_explain_tells_of_the_protocols(name: str) -> None:
    text = entry_text(known("protocol")[name])
    assert name in text
    assert "Phys. Rev. Lett. 67, 661" in text or "Phys. Rev. Lett. 68, 557" in text
    assert ("fair sampling" in text) == (name == "e91")


@pytest.mark.parametrize("scenario", ["bbm92_fibre", "e91"])
def test_the_shipped_scenarios_make_key(scenario: str) -> None:
    result = run(scenario, overrides=["resolution=counts"])
    link = result.links["alice-bob"]
    assert link.blocks_accepted == link.blocks > 0
    assert result.demands["keys"].keys_delivered > 0
    assert load_scenario(scenario).resolution == "clicks"
