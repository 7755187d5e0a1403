"""Links from hardware: stations, chains of repeaters, pairs that come by themselves."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from link_regions import attempts_plausible, binomial_plausible, gamma_plausible
from scipy import stats

from qcisim.engine import stream
from qcisim.errors import PhysicsError
from qcisim.optics import Detector, Fibre, FibreLink, Pulse, Receiver
from qcisim.optics.freespace.link import FreeSpaceLink
from qcisim.optics.freespace.terminals import Atmosphere, Sky, Telescope, Transmitter
from qcisim.optics.heralding import Arm, Station, double_click, single_click
from qcisim.optics.orbit import Epoch, GroundStation, TwoLineElements, sun_elevation_deg
from qcisim.optics.pair_source import ContinuousPairSource
from qcisim.optics.pairs import pair_states
from qcisim.quantum.memory import Memory
from qcisim.repeaters import NV, ElementaryLink, ensemble, uniform
from qcisim.stack.links import NoPairError, double_click_link, werner_pair
from qcisim.stack.links.hardware import (
    RepeaterLink,
    StreamLink,
    pair_source_link,
    satellite_link,
    station_link,
)
from qcisim.stack.links.midpoint import Midpoint, Side

WINDOW_S = 1e-9
SOURCE = ContinuousPairSource(5.9e6, WINDOW_S, fidelity=0.95)
DETECTOR = Receiver(Detector(0.5, 100.0, gate_s=WINDOW_S), 0.5, 0.5, 0.005, 1.0)
EPOCH = Epoch.parse("2016-12-19T15:00:00Z")
SATELLITE = TwoLineElements(
    "1 41731U 16051A   16354.56913372  .00000384  00000-0  18801-4 0  9991",
    "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19164",
)
DELINGHA = FreeSpaceLink(
    SATELLITE,
    GroundStation(37.379, 97.727, 3153.0),
    EPOCH,
    Transmitter(0.3, "flat", divergence_full_rad=10e-6, efficiency=0.9, jitter_rad=0.6e-6),
    Telescope(1.2, 0.2, 0.3),
    Atmosphere(0.8),
    Sky(),
    DETECTOR,
    1e8,
    Pulse(810.0, 2e-10, 0.01),
)
LIJIANG = replace(DELINGHA, station=GroundStation(26.694, 100.029, 3233.0))


def test_a_station_is_its_herald() -> None:
    arms = Arm(0.1, Fibre(20.0)), Arm(0.2, Fibre(35.0))
    for herald in (
        double_click(*arms, Station(0.9, 1e-5)),
        single_click(*arms, 0.05, 0.03, Station(0.95, 1e-6, 0.1)),
    ):
        model = station_link(herald)
        assert model.mean_fidelity == pytest.approx(herald.fidelity, abs=1e-12)
        assert model.mean_duration_ns == pytest.approx(1e9 / herald.rate_hz)
        rng, draws = stream(1, "herald"), 3000
        made = [model.sample(rng) for _ in range(draws)]
        assert attempts_plausible(sum(one.attempts for one in made), draws, herald.success_probability)
        assert {one.bell for one in made} == {0}
        kept = station_link(herald, Memory(t2_s=5e-4), Memory(t2_s=2e-4))
        assert kept.mean_fidelity < model.mean_fidelity


def test_a_station_without_memories_is_the_midpoint_of_configurations() -> None:
    """The double click of Barrett and Kok against two modes at once: the same pair and the same loss, p = eta^2/2."""
    fibre = Fibre(10.0)
    herald = double_click(Arm(0.3, fibre), Arm(0.3, fibre), Station(0.9))
    side = Side(10.0, collection_efficiency=0.3, attenuation_db_per_km=10 * -math.log10(fibre.transmittance) / 10)
    other = double_click_link(side, side, Midpoint(visibility=0.9))
    assert other.success_probability == pytest.approx(herald.success_probability, rel=1e-12)
    assert other.mean_fidelity == pytest.approx(0.95)
    assert station_link(herald).mean_fidelity == pytest.approx(0.95)


def test_a_chain_of_repeaters_is_its_ensemble() -> None:
    """Times of the link against those of 4000 runs at once: the exact two-sample test of Kolmogorov and Smirnov."""
    chain = uniform(4, ElementaryLink.werner(20.0, 0.2, 0.98), NV)
    model, rng = RepeaterLink(chain), stream(2, "chain")
    made = [model.sample(rng) for _ in range(300)]
    many = ensemble(chain, 4000, stream(3, "chain"))
    test = stats.ks_2samp([one.duration_ns * 1e-9 for one in made], many.delivered_s)
    assert test.pvalue > 1e-9
    below = float(np.mean(many.weights[:, 0] <= np.median(many.weights[:, 0])))
    count = sum(one.state.fidelity <= float(np.median(many.weights[:, 0])) for one in made)
    assert stats.binomtest(count, 300, below).pvalue > 1e-7  # the share of 4000 runs has an error of its own
    assert all(one.bell == 0 and one.rho.trace().real == pytest.approx(1.0) for one in made)


def test_an_impossible_chain_is_refused() -> None:
    chain = uniform(3, ElementaryLink.werner(20.0, 0.2, 0.98), replace(NV, swap_success=0.0))
    with pytest.raises(PhysicsError, match="its swaps never succeed"):
        RepeaterLink(chain)


def test_a_steady_source_is_a_poisson_stream() -> None:
    model = StreamLink.constant(2e3, werner_pair(0.9), 1e-3)
    rng, draws, now = stream(4, "poisson"), 5000, 0.0
    waits = []
    for _ in range(draws):
        made = model.sample(rng, now)
        waits.append(made.duration_ns * 1e-9 - 1e-3)
        now += made.duration_ns
    assert gamma_plausible(sum(waits) * 2e3, draws)
    assert binomial_plausible(sum(wait > 1e-3 for wait in waits), draws, math.exp(-2.0))
    assert model.mean_duration_ns == pytest.approx(1.5e6)
    assert model.mean_fidelity == pytest.approx(0.9)


def two_windows() -> StreamLink:
    """1 Hz from 10 s to 20 s, 4 Hz from 20 s to 21 s, 0.5 Hz from 100 s to 104 s; 0.25 s until both know."""
    return StreamLink(
        np.array([10.0, 20.0, 100.0]),
        np.array([20.0, 21.0, 104.0]),
        np.array([1.0, 4.0, 0.5]),
        tuple(werner_pair(fidelity) for fidelity in (0.7, 0.8, 0.9)),
        np.full(3, 0.25),
        name="satellite",
    )


@given(seed=st.integers(0, 10_000), now=st.floats(0.0, 104.0))
def test_pairs_come_only_in_sight(seed: int, now: float) -> None:
    model = two_windows()
    try:
        made = model.sample(stream(seed, "x"), now * 1e9)
    except NoPairError:
        with pytest.raises(NoPairError, match=r"satellite: no pair after.*the last interval ends at 104 s"):
            model.sample(stream(seed, "x"), now * 1e9)
        return
    came = now + made.duration_ns * 1e-9 - 0.25
    assert came >= now - 1e-9
    inside = [k for k, (a, b) in enumerate(((10, 20), (20, 21), (100, 104))) if a - 1e-6 <= came <= b + 1e-6]
    assert made.state.fidelity in [pytest.approx((0.7, 0.8, 0.9)[k]) for k in inside]


@pytest.mark.parametrize(
    ("now", "expected"), [(0.0, (10.0, 14.0, 16.0)), (15.0, (5.0, 9.0, 11.0)), (50.0, (0.0, 0.0, 2.0))]
)
def test_the_first_pair_has_its_law(now: float, expected: tuple[float, float, float]) -> None:
    """P(none until t) = exp(-mean number from now until t), at the end of each interval."""
    model, rng, draws = two_windows(), stream(6, f"{now}"), 3000
    states = list(model.states)
    found: list[int] = []
    for _ in range(draws):
        try:
            found.append(states.index(model.sample(rng, now * 1e9).state))
        except NoPairError:
            found.append(3)
    for place in range(3):
        later = sum(one > place for one in found)
        assert binomial_plausible(later, draws, math.exp(-expected[place]))
    assert model.expected(104.0) - model.expected(now) == pytest.approx(expected[2])
    assert model.mean_fidelity == pytest.approx((10 * 0.7 + 4 * 0.8 + 2 * 0.9) / 16)
    assert math.isnan(model.mean_duration_ns)


def test_intervals_are_checked() -> None:
    one, pair = np.ones(1), (werner_pair(1.0),)
    for starts, ends, rates, words in (
        (one, one, one, "interval from 1 s to 1 s"),
        (one, 2 * one, 0 * one, "rate 0 Hz"),
        (np.array([0.0, 1.0]), np.array([2.0, 3.0]), np.ones(2), "intervals that overlap at 1 s"),
    ):
        with pytest.raises(PhysicsError, match=words):
            StreamLink(starts, ends, rates, pair * len(starts), np.zeros(len(starts)))
    with pytest.raises(PhysicsError, match="as many starts"):
        StreamLink(one, one, one, (), one)


def test_a_source_between_two_fibres() -> None:
    arms = (FibreLink(Fibre(10.0), DETECTOR, 1e8), FibreLink(Fibre(25.0), DETECTOR, 1e8))
    model = pair_source_link(SOURCE, *arms, storing=(0.5, 0.4))
    time = np.zeros(1)
    shared = pair_states(SOURCE, arms[0].states(time), arms[1].states(time), DETECTOR, DETECTOR)
    delays = float(shared.delay_a_s[0]), float(shared.delay_b_s[0])
    wanted_ns = 1e9 * (1.0 / (0.2 * float(shared.coincidence_rate_hz[0])) + max(delays) + sum(delays))
    assert model.mean_duration_ns == pytest.approx(wanted_ns, rel=1e-12)
    assert model.mean_fidelity == pytest.approx(float(shared.fidelity()[0]))
    assert model.sample(stream(1, "x")).duration_ns >= 1e9 * (max(delays) + sum(delays))


def test_a_satellite_gives_pairs_while_both_stations_see_it() -> None:
    """Entangled ones at night; by day the sky clicks so often that nearly every coincidence is white noise, F = 1/4."""
    day = 86_400.0
    model = satellite_link(SOURCE, DELINGHA, LIJIANG, 0.0, day, step_s=5.0)
    seen = [link.passes(0.0, day) for link in (DELINGHA, LIJIANG)]
    rng, now, lit = stream(7, "satellite"), 0.0, []
    for _ in range(200):
        made = model.sample(rng, now)
        came = (now + made.duration_ns) * 1e-9
        assert all(any(one.rise_s <= came <= one.set_s + 0.1 for one in passes) for passes in seen)
        sunny = bool(sun_elevation_deg(DELINGHA.station, EPOCH, np.array([came]))[0] > 0.0)
        assert 0.25 < made.state.fidelity < 0.26 if sunny else 0.94 < made.state.fidelity < 0.95
        lit.append(sunny)
        now += made.duration_ns
    assert 0 < sum(lit) < len(lit)
    starts = np.asarray(model.start_s)
    middle = 0.5 * (starts + np.asarray(model.end_s))
    states = [link.states(middle) for link in (DELINGHA, LIJIANG)]
    shared = pair_states(SOURCE, *states, DETECTOR, DETECTOR)
    np.testing.assert_allclose(model.rate_hz, shared.coincidence_rate_hz, rtol=1e-12)
    dusk = satellite_link(SOURCE, DELINGHA, LIJIANG, float(starts[0]) - 100.0, day, step_s=5.0)
    assert dusk.sample(stream(1, "x")).duration_ns >= 100e9
    with pytest.raises(NoPairError, match="both stations never see the satellite at once between 0 s and 10 s"):
        satellite_link(SOURCE, DELINGHA, LIJIANG, 0.0, 10.0)


def test_the_end_of_the_last_pass_is_said() -> None:
    model = satellite_link(SOURCE, DELINGHA, LIJIANG, 0.0, 86_400.0, step_s=20.0)
    with pytest.raises(NoPairError, match=r"satellite link: no pair after 86400 s; the last interval ends at"):
        model.sample(stream(1, "x"), 86_400e9)
