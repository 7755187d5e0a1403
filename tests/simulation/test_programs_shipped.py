"""The shipped quantum_internet: programs on every kind of link, beside keys, in the report and on the terminal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, gamma

from qcisim import registry
from qcisim.cli.story import tell
from qcisim.optics.heralding import Arm, Station, single_click
from qcisim.report import write_report
from qcisim.simulation import Result, load_scenario, run
from qcisim.simulation.build import hub_arms
from qcisim.simulation.passes import Timetable
from qcisim.simulation.program_links import NoLight, program_link, sights_of
from qcisim.stack.links import NoPairError
from qcisim.stack.links.hardware import StreamLink

pytest.importorskip("netqasm")

FALSE_ALARM = 1e-9
FEWER = [
    "programs.teleport.times=5",
    "programs.conference.times=20",
    "programs.gate.times=6",
    "programs.chsh.times=400",
    "programs.blind.times=20",
    "nodes.betzdorf.processor={preset: perfect}",
    "nodes.oberpfaffenhofen.processor={preset: perfect}",
    "links.kirchberg-redu-hub.protocol.optimise=false",
]


@pytest.fixture(scope="module")
def result() -> Result:
    return run("quantum_internet", overrides=FEWER)


def model(link: str, *overrides: str) -> Any:
    registry.load_all()
    scenario = load_scenario("quantum_internet", [*FEWER, *overrides])
    return scenario, program_link(scenario, link, {}, Timetable(scenario))


def test_every_kind_of_link_serves_programs_and_every_round_is_done(result: Result) -> None:
    kinds = {facts["kind"] for facts in result.program_links.values()}
    wanted = {"source of pairs", "heralding hub", "repeater chain", "source of pairs on a satellite"}
    assert kinds == wanted
    assert {name: one["done"] for name, one in result.programs.items()} == {
        "teleport": 5,
        "conference": 20,
        "gate": 6,
        "chsh": 400,
        "blind": 20,
    }
    assert result.links["kirchberg-bissen-pairs"].secret_bits > 0  # beside the programs on it
    assert "brussels-luxembourg-chain" not in result.links
    for name, one in result.programs.items():
        keyed = [demand for key, demand in result.demands.items() if key.startswith(f"{name}-")]
        assert bool(keyed) == (one["messages"] != "plain")
        spent = sum(demand.keys_delivered * demand.key_bits for demand in keyed)
        assert 0 <= spent - one["traffic"]["key_bits"] < 256 * max(1, len(keyed))
    relayed = result.demands["conference-alice-charlie"]
    assert relayed.trusted_nodes == ("kirchberg",)


def test_a_game_over_the_satellite_waits_for_it_and_is_won_as_its_pairs_allow(result: Result) -> None:
    """1/2 + sqrt 2 (T_xx + T_zz)/8, T the correlations of the pairs of the pass; perfect processors."""
    scenario, link = model("betzdorf-oberpfaffenhofen-space")
    ((start_s, end_s),) = sights_of(link)
    game = result.programs["chsh"]
    assert game["first_start_s"] == scenario.programs["chsh"].start_s < start_s
    assert game["rounds"][0]["end_s"] > start_s
    assert all(start_s < row["end_s"] < end_s + 1.0 for row in game["rounds"])
    assert all(start_s < t < end_s + 1.0 for t in game["pair_points"]["t_s"])
    chances = []
    for state in link.states:
        _, x, y, z = (state.bell_weights[k] for k in (0, 1, 2, 3))
        chances.append(0.5 + math.sqrt(2.0) * ((1 - 2 * (x + y)) + (1 - 2 * (y + z))) / 8)
    won = game["figures"]["won"]
    low = binom.ppf(FALSE_ALARM / 2, 400, min(chances))
    high = binom.ppf(1 - FALSE_ALARM / 2, 400, max(chances))
    assert low <= won["successes"] <= high
    assert max(chances) - min(chances) < 0.05


def test_clouds_and_a_satellite_that_never_comes_have_their_reason() -> None:
    _, cloudy = model("betzdorf-oberpfaffenhofen-space", "nodes.betzdorf.station.cloud_fraction=1.0")
    assert isinstance(cloudy, NoLight)
    with pytest.raises(NoPairError, match="clouds over one station or the other in every pass"):
        cloudy.sample(np.random.default_rng(0))
    _, never = model("betzdorf-oberpfaffenhofen-space", "nodes.pairsat.satellite.orbit.argument_of_latitude_deg=0")
    assert isinstance(never, StreamLink)  # another pass
    early = [*FEWER, "duration_s=3500", "programs.chsh.times=3", "programs.blind.start_s=10"]
    found = run("quantum_internet", overrides=early)
    assert found.programs["chsh"]["failed"] == 3
    assert found.programs["chsh"]["reasons"][0]["reason"].endswith("both stations never see the satellite at once")


def test_the_hub_heralds_as_its_hardware_says() -> None:
    """Attempts of Cabrillo et al. with both arms alike in light: 400 pairs, exact interval of their light."""
    scenario, link = model("kirchberg-redu-hub")
    spec = scenario.links["kirchberg-redu-hub"]
    receiver = hub_arms(spec)[0].receiver
    optics = 0.5 * receiver.detector.efficiency * 10 ** (-receiver.insertion_loss_db / 10)
    near, far = (Arm(optics, arm.fibre) for arm in hub_arms(spec))
    dark = -math.expm1(-receiver.detector.dark_counts_per_gate)
    bright = 0.1 * far.detection_probability / near.detection_probability
    herald = single_click(near, far, bright, 0.1, Station(0.98**2, dark), preparation_s=5e-6)
    assert link.model.success_probability == pytest.approx(herald.success_probability, rel=1e-9)
    assert link.turns.window_s == pytest.approx(0.4 * 60.0)
    rng = np.random.default_rng(2)
    light = math.fsum(link.model.sample(rng).duration_ns * 1e-9 for _ in range(400))
    low, high = gamma.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], 400, scale=1.0 / herald.rate_hz)
    assert low < light < high
    now_s = 30.0  # the window is closed from 24 s to 60 s of every minute
    assert all(link.sample(rng, now_s * 1e9).duration_ns * 1e-9 > 30.0 for _ in range(20))


def test_the_terminal_and_the_page_tell_of_every_program(result: Result, tmp_path: Any) -> None:
    text = tell(result)
    assert "teleport: teleportation, alice at kirchberg, bob at bissen" in text
    assert "  pairs from kirchberg-redu-hub (heralding hub, 40.0" in text
    assert "  5 of 5 rounds done" in text
    assert "longest wait for key 30.0" in text
    page = write_report(result, tmp_path / "report.html").read_text()
    assert "What ran on the processors" in page
    assert "When programs ran. teleport 5 of 5 rounds done" in page
    assert "Pairs of programs by duration and fidelity" in page
    for name, one in result.programs.items():
        assert f"<strong>{name}</strong>" in page
        assert all(link in page for link in one["links"])
    again = write_report(Result.from_json(result.to_json()), tmp_path / "again.html").read_text()
    assert again == page


def test_a_part_that_is_taken_out_leaves_programs_without_pairs() -> None:
    scenario = [
        *FEWER,
        "duration_s=200",
        "programs.gate.start_s=10",
        "programs.chsh.start_s=10",
        "programs.blind.start_s=10",
    ]
    found = run(
        "quantum_internet",
        overrides=[*scenario, "programs.conference.start_s=100"],
        without=["link:brussels-luxembourg-chain"],
    )
    blind = found.programs["blind"]
    assert (blind["done"], blind["not_begun"]) == (0, 20)
    reason = "no link of pairs between brussels (client) and luxembourg (server)"
    assert blind["reasons"] == [{"reason": reason, "rounds": 20}]


@pytest.mark.full
def test_the_shipped_scenario_gives_the_same_bytes_twice() -> None:
    first, second = run("quantum_internet"), run("quantum_internet")
    assert first.to_json() == second.to_json()
    assert all(one["done"] == one["times"] for one in first.programs.values())
