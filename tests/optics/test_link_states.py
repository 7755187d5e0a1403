"""Many link states at once: the one-element case, fading nodes, sampling, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from exact_regions import binomial_plausible, variance_plausible
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from qcisim.engine import stream
from qcisim.errors import PhysicsError
from qcisim.optics import (
    ClickTables,
    Detector,
    Fibre,
    FibreLink,
    LinkState,
    LinkStates,
    Receiver,
    Tallies,
    WeakCoherentSource,
    click_table,
    click_tables,
    expected_tallies,
    expected_tally,
    sample_tallies,
    sample_tally,
)
from qcisim.optics.renewal import renewal_count, split_rounds
from qcisim.quantum import depolarising, identity, rotation_y, sequence
from qcisim.units import db_from_transmittance

CLOCK_HZ = 1e8
SOURCE = WeakCoherentSource((0.5, 0.1, 0.0), (0.7, 0.2, 0.1), CLOCK_HZ, 0.9)
TIRED = Detector(0.5, 200.0, 1e-6, afterpulse_probability=0.02, afterpulse_decay_s=1e-6, gate_s=1e-9)
BOB = Receiver(TIRED, 0.8)

Floats = NDArray[np.float64]


def single_states(count: int = 5) -> list[LinkState]:
    return [
        LinkState(
            float(i),
            (("sky", 3.0 + 5.0 * i), ("lens", 1.0)),
            sequence(depolarising(0.02 * i), rotation_y(0.1 * i)) if i else identity(),
            (("dark", 1e-6 * (i + 1)), ("light", 1e-7)),
            1e-3 * i,
            0.01 * i,
            500.0 + i,
            10.0 * i,
        )
        for i in range(count)
    ]


def fading_states(eta: Floats, factor: Floats, weight: Floats, noise: float = 1e-6) -> LinkStates:
    n = len(eta)
    losses = (("all", -10.0 * np.log10(eta)),)
    still = identity().kraus[None]
    zero = np.zeros(n)
    return LinkStates(np.arange(float(n)), losses, still, (("dark", np.full(n, noise)),), zero, zero, factor, weight)


def test_states_and_their_elements_are_the_same() -> None:
    singles = single_states()
    states = LinkStates.of(singles)
    assert len(states) == 5
    assert states.nodes == 1
    for i, single in enumerate(singles):
        one = states[i]
        assert (one.t_s, one.losses_db, one.noise_per_gate) == (single.t_s, single.losses_db, single.noise_per_gate)
        assert (one.delay_s, one.neighbour_share) == (single.delay_s, single.neighbour_share)
        assert (one.range_km, one.elevation_deg) == (500.0 + i, 10.0 * i)
        assert one.channel.superop == pytest.approx(single.channel.superop, abs=1e-15)
        assert states.transmittance[i] == pytest.approx(single.transmittance, rel=1e-14)
        assert states.noise[i] == pytest.approx(single.noise, rel=1e-14)


def test_a_fibre_has_no_range_and_many_times_are_those_asked_one_by_one() -> None:
    fibre = Fibre(20.0, drift_stokes_rad_per_sqrt_s=0.05, tracking_period_s=60.0, misalignment_stokes_rad=0.1)

    def link() -> FibreLink:
        return FibreLink(fibre, BOB, CLOCK_HZ, attack=depolarising(0.1), rng=stream(1, "walk"))

    times = np.array([0.0, 0.5, 59.9999, 60.0, 61.3, 3600.25, 120.0])
    many, alone = link().states(times), link()
    for i, t_s in enumerate(times.tolist()):
        one = alone.at(t_s)
        assert many[i].losses_db == one.losses_db
        assert many[i].channel.superop == pytest.approx(one.channel.superop, abs=1e-14)
        assert (one.range_km, one.elevation_deg) == (None, None)
    assert np.abs(many.kraus[1] - many.kraus[0]).max() > 1e-4
    nothing = click_tables(SOURCE, link().states(np.empty(0)), BOB)
    assert expected_tallies(nothing, np.empty(0), TIRED, CLOCK_HZ).total().clicks == 0.0


def test_tables_of_many_states_are_those_of_each() -> None:
    singles = single_states()
    tables = click_tables(SOURCE, LinkStates.of(singles), BOB)
    assert (len(tables), tables.steps, tables.nodes) == (5, 5, 1)
    for i, single in enumerate(singles):
        one = click_table(SOURCE, single, BOB)
        assert tables[i].probability == pytest.approx(one.probability, rel=1e-12, abs=1e-18)
        names = [name for name, _ in tables[i].noise_per_gate]
        assert names == ["dark", "light", "neighbouring pulses"]
        assert tables.click_probability[i] == pytest.approx(one.click_probability, rel=1e-12)


@pytest.mark.parametrize("detector", [TIRED, replace(TIRED, dead_time_s=0.0), replace(TIRED, afterpulse_probability=0)])
def test_tallies_of_many_tables_are_those_of_each(detector: Detector) -> None:
    tables = click_tables(SOURCE, LinkStates.of(single_states()), BOB)
    rounds = np.array([0, 1, 10**3, 10**6, 10**9])
    tallies = expected_tallies(tables, rounds, detector, CLOCK_HZ)
    for i in range(5):
        one = expected_tally(tables[i], int(rounds[i]), detector, CLOCK_HZ)
        for field in ("detections", "errors", "doubles"):
            assert getattr(tallies[i], field) == pytest.approx(getattr(one, field), rel=1e-12, abs=1e-18)
    total = tallies.total()
    assert total.rounds == rounds.sum()
    assert total.clicks == pytest.approx(tallies.clicks.sum(), rel=1e-14)


@given(
    st.floats(1e-6, 0.3),
    st.lists(st.floats(0.0, 3.0), min_size=2, max_size=6),
    st.integers(0, 10**10),
    st.floats(0.0, 5e-6),
)
def test_fading_averages_counts_over_its_nodes(eta: float, raw: list[float], rounds: int, dead_time_s: float) -> None:
    """The tally of a fading link = weighted sum of the tallies of links that stand at each node."""
    weight = np.arange(1.0, len(raw) + 1.0)
    weight /= weight.sum()
    factor = (np.array(raw) + 0.1) / float(np.dot(np.array(raw) + 0.1, weight))
    factor = factor[None] if eta * factor.max() <= 1.0 else np.ones((1, len(raw)))
    detector = replace(TIRED, dead_time_s=dead_time_s, afterpulse_probability=0.0)
    tables = click_tables(SOURCE, fading_states(np.array([eta]), factor, weight), BOB)
    tally = expected_tallies(tables, np.array([float(rounds)]), detector, CLOCK_HZ)[0]
    by_hand = np.zeros_like(tally.detections)
    for f, w in zip(factor[0].tolist(), weight.tolist(), strict=True):
        state = LinkState(0.0, (("all", db_from_transmittance(eta * f)),), identity(), (("dark", 1e-6),), 0.0)
        by_hand += expected_tally(click_table(SOURCE, state, BOB), rounds * w, detector, CLOCK_HZ).detections
    assert tally.detections == pytest.approx(by_hand, rel=1e-9, abs=1e-300)


def test_the_mean_transmittance_overstates_a_fading_link_with_dead_time() -> None:
    """Half of the rounds dark, half at twice the mean: without dead time nearly the same, with it far fewer clicks."""
    eta, factor, weight = np.array([0.02]), np.array([[0.0, 2.0]]), np.array([0.5, 0.5])
    fading = click_tables(SOURCE, fading_states(eta, factor, weight, 0.0), BOB)
    steady = click_tables(SOURCE, fading_states(eta, np.ones((1, 1)), np.ones(1), 0.0), BOB)
    quick, slow = replace(TIRED, dead_time_s=0.0, afterpulse_probability=0.0), replace(TIRED, afterpulse_probability=0)
    rounds = np.array([1e8])

    def clicks(tables: ClickTables, detector: Detector) -> float:
        return expected_tallies(tables, rounds, detector, CLOCK_HZ)[0].clicks

    assert clicks(fading, quick) == pytest.approx(clicks(steady, quick), rel=0.01)
    p, dead = steady.click_probability[0], slow.dead_rounds(CLOCK_HZ)
    p2 = fading.click_probability[1]
    assert clicks(fading, slow) == pytest.approx(0.5e8 * p2 / (1 + p2 * dead), rel=1e-12)
    assert clicks(steady, slow) == pytest.approx(1e8 * p / (1 + p * dead), rel=1e-12)
    assert clicks(fading, slow) < 0.8 * clicks(steady, slow)


def test_fading_nodes_lie_beside_each_other_in_their_time_step() -> None:
    eta, factor = np.array([0.1, 0.01]), np.array([[0.5, 1.5], [0.8, 1.2]])
    tables = click_tables(SOURCE, fading_states(eta, factor, np.array([0.5, 0.5])), BOB)
    assert (len(tables), tables.steps, tables.nodes) == (4, 2, 2)
    assert tables.share == pytest.approx([0.5] * 4)
    seen = [float(SOURCE.detection(x)[0]) for x in (0.05, 0.15, 0.008, 0.012)]
    noise = -math.expm1(-2e-6)
    assert [tables[i].gain[0, 0, 0] for i in range(4)] == pytest.approx([x + noise * (1 - x) for x in seen], rel=1e-9)


@given(
    st.lists(st.integers(0, 10**14), min_size=1, max_size=5),
    st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=9),
)
def test_rounds_are_split_without_loss(rounds: list[int], raw: list[float]) -> None:
    share = np.tile(np.array(raw) / sum(raw), (len(rounds), 1))
    split = split_rounds(np.array(rounds), share)
    assert np.array_equal(split.sum(axis=1), rounds)
    assert split.min() >= 0
    off = np.abs(split - np.array(rounds)[:, None] * share)
    assert np.all(off <= 1.0 + 1e-15 * np.array(rounds)[:, None] * len(raw))
    assert np.array_equal(split, split_rounds(np.array(rounds), share))


def test_largest_remainders_come_first() -> None:
    assert split_rounds(np.array([10]), np.array([[0.26, 0.37, 0.37]])).tolist() == [[2, 4, 4]]
    assert split_rounds(np.array([10]), np.array([[0.34, 0.33, 0.33]])).tolist() == [[4, 3, 3]]


def test_sampled_tallies_follow_the_binomial_law_of_each_node() -> None:
    """Two nodes, no dead time: clicks of every time step = sum of two binomials; their total, exactly, at 1e-9."""
    n, rounds = 200, 40_000
    eta, factor, weight = np.full(n, 0.1), np.array([[0.4, 1.6]]), np.array([0.5, 0.5])
    quick = replace(TIRED, dead_time_s=0.0, afterpulse_probability=0.0)
    tables = click_tables(SOURCE, fading_states(eta, factor, weight), BOB)
    tallies = sample_tallies(tables, np.full(n, rounds), quick, CLOCK_HZ, stream(2, "nodes"))
    expected = expected_tallies(tables, np.full(n, rounds), quick, CLOCK_HZ)
    for name in ("detections", "errors"):
        drawn, mean = getattr(tallies.total(), name), getattr(expected.total(), name)
        for count, m in zip(drawn.ravel().tolist(), mean.ravel().tolist(), strict=True):
            assert binomial_plausible(count, n * rounds, m / (n * rounds), comparisons=24)
    assert np.array_equal(tallies.detections, np.floor(tallies.detections))
    assert np.array_equal(tallies.rounds, np.full(n, float(rounds)))
    p = tables.click_probability[:2]
    law = rounds * float(np.dot(weight, p * (1 - p)))
    assert variance_plausible(float(np.var(tallies.clicks, ddof=1)), law, n)


def test_sampled_tallies_with_dead_time_and_afterpulses_match_the_expected_ones() -> None:
    n, rounds = 400, 100_000
    states = fading_states(np.full(n, 0.05), np.array([[0.5, 1.5]]), np.array([0.5, 0.5]))
    tables = click_tables(SOURCE, states, BOB)
    tallies = sample_tallies(tables, np.full(n, rounds), TIRED, CLOCK_HZ, stream(3, "dead"))
    mean = expected_tallies(tables, np.full(n, rounds), TIRED, CLOCK_HZ).clicks
    error = math.sqrt(float(np.var(tallies.clicks, ddof=1)) / n)
    edge = 2.0 * TIRED.dead_rounds(CLOCK_HZ) / rounds * mean[0]  # the first dead time of each node
    assert abs(tallies.clicks.mean() - mean[0]) < 6.2 * error + edge


@pytest.mark.parametrize("rounds", [50, 10**6, 10**11])
@pytest.mark.parametrize("dead", [1.0, 7.5, 400.0])
@pytest.mark.parametrize("p", [1e-9, 1e-4, 0.3, 1.0])
def test_renewal_counts_invert_their_tail(rounds: int, dead: float, p: float) -> None:
    """P(N >= k) > u >= P(N >= k+1), with the tail of the binomial law itself where it is defined (d whole)."""
    u = stream(4, "u").random(50)
    counts = renewal_count(np.full(50, rounds), p, dead, stream(4, "u"))
    if dead != int(dead):
        assert np.all(counts <= (rounds + dead) / (1 + dead) + 1)
        return

    def tail(k: NDArray[np.int64]) -> Floats:
        free = np.maximum(rounds - (k - 1) * int(dead), 0)
        return np.where(k <= 0, 1.0, binom.sf(k - 1, free, p))

    assert np.all(tail(counts) >= u - 1e-9)
    assert np.all(tail(counts + 1) <= u + 1e-9)


def test_the_same_seed_gives_the_same_tallies_and_single_ones_are_their_case() -> None:
    tables = click_tables(SOURCE, LinkStates.of(single_states()), BOB)
    rounds = np.full(5, 10**7)
    first, again = (sample_tallies(tables, rounds, TIRED, CLOCK_HZ, stream(5, "seed")) for _ in range(2))
    assert np.array_equal(first.errors, again.errors)
    one = click_tables(SOURCE, LinkStates.of(single_states(1)), BOB)
    batch = sample_tallies(one, rounds[:1], TIRED, CLOCK_HZ, stream(5, "one"))[0]
    alone = sample_tally(one[0], 10**7, TIRED, CLOCK_HZ, stream(5, "one"))
    assert np.array_equal(batch.detections, alone.detections)
    assert np.array_equal(batch.errors, alone.errors)


STATES = LinkStates.of(single_states())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"losses_db": (("lens", np.full(5, -1.0)),)}, "cannot amplify"),
        ({"losses_db": (("lens", np.ones(4)),)}, "lens of shape"),
        ({"losses_db": (("lens", np.full(5, math.nan)),)}, "lens"),
        ({"noise_per_gate": (("sky", np.full(5, -1.0)),)}, "not negative"),
        ({"noise_per_gate": (("sky", np.full(5, math.inf)),)}, "not negative"),
        ({"delay_s": np.full(5, -1e-3)}, "before it is sent"),
        ({"neighbour_share": np.full(5, -1.0)}, "neighbour_share"),
        ({"kraus": np.eye(3)[None, None] + 0j}, "on a qubit"),
        ({"kraus": 1.1 * np.eye(2)[None, None] + 0j}, "preserves the trace"),
        ({"fading_factor": np.full((1, 1), 0.9)}, "mean off one"),
        ({"fading_factor": np.array([[-1.0, 3.0]]), "fading_weight": np.array([0.5, 0.5])}, "not negative"),
        ({"fading_weight": np.array([0.9])}, "sum 1"),
        ({"fading_factor": np.ones((3, 1))}, "fading of shapes"),
        ({"fading_factor": np.array([[0.0, 4.0]]), "fading_weight": np.array([0.75, 0.25])}, "cannot amplify"),
        ({"range_km": np.ones(3)}, "range_km"),
        ({"t_s": np.zeros((5, 1))}, "one time per state"),
    ],
)
def test_states_refuse_what_no_link_does(change: dict[str, object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        replace(STATES, **change)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: replace(single_states()[0], range_km=-1.0), "distance is not negative"),
        (lambda: replace(single_states()[0], elevation_deg=91.0), r"\[-90, 90\]"),
        (lambda: LinkStates.of([single_states()[0], replace(single_states()[0], losses_db=())]), "different names"),
        (lambda: replace(click_tables(SOURCE, STATES, BOB), nodes=2), "one share per table"),
        (lambda: replace(click_tables(SOURCE, STATES, BOB), share=np.full(5, 0.5)), "sum 1"),
        (lambda: expected_tallies(click_tables(SOURCE, STATES, BOB), np.ones(4), TIRED, 1e8), "one per time step"),
        (lambda: expected_tallies(click_tables(SOURCE, STATES, BOB), -np.ones(5), TIRED, 1e8), "not negative"),
        (lambda: Tallies(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)), np.zeros((1, 2, 2)), np.zeros(1)), "wanted"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()
