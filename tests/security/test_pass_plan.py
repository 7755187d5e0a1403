"""Passes are planned on what is predicted, in closed form, before their first round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.errors import InputError, PhysicsError
from qcisim.optics import Detector, LinkState, Receiver, WeakCoherentSource, click_table, click_tables, expected_tallies
from qcisim.optics import expected_tally as tally_of
from qcisim.optics.polarisation import rotation_angle_stokes_rad
from qcisim.optics.states import LinkStates
from qcisim.quantum import dephasing, depolarising, rotation_y, sequence
from qcisim.quantum.channel import Channel
from qcisim.security import (
    BlockCounts,
    Objective,
    PassCells,
    PassModel,
    SourceSettings,
    blocks_of,
    bound,
    joined,
    optimise,
    optimise_pass,
    plan_length,
    sum_counts,
)
from qcisim.security.link_models import planned_leak_bits
from qcisim.security.pass_cells import basis_errors

CLOCK_HZ = 1e8
START = SourceSettings((0.8, 0.15, 0.0), (0.7, 0.2, 0.1), 0.8)
BOUND = bound("lim2014_chernoff_capped")
EPS = {"epsilon_secret": 1e-9, "epsilon_correct": 1e-15}
COUNTS = ("key", "test", "key_errors", "test_errors")
FREE = Detector(0.5, 25.0)
DEAD = Detector(0.5, 25.0, dead_time_s=200e-9)
AGAIN = Detector(0.5, 25.0, dead_time_s=100e-9, afterpulse_probability=0.05, afterpulse_decay_s=30e-9)


def overpass(zenith_loss_db: float, *, fading_variance: float = 0.2, seconds: int = 230) -> PassCells:
    """A zenith pass at 500 km over a flat Earth: inverse square, extinction, log-normal fading in eight nodes."""
    t_s = np.arange(-seconds, seconds + 1.0)
    range_km = np.hypot(500.0, 7.0 * t_s)
    sine = 500.0 / range_km
    eta = 10.0 ** (-zenith_loss_db / 10.0) * sine**2 * 0.9 ** (1.0 / sine - 1.0)
    x, weight = np.polynomial.hermite_e.hermegauss(8)
    weight = weight / weight.sum()
    factor = np.exp(np.sqrt(fading_variance) * x)
    factor = factor / (weight @ factor)
    return PassCells.of(
        np.minimum(np.outer(eta, factor), 1.0).ravel(),
        np.outer(np.full(t_s.size, CLOCK_HZ), weight).ravel(),
        noise_per_gate=5e-7,
        misalignment_error=0.01,
        elevation_deg=np.repeat(np.degrees(np.arcsin(sine)), 8),
    )


def model(zenith_loss_db: float, detector: Detector = FREE) -> PassModel:
    return PassModel(overpass(zenith_loss_db), detector, CLOCK_HZ)


def slow(cells: PassCells, chosen: SourceSettings, detector: Detector, bob: float) -> BlockCounts:
    """The counts by a click table for every cell."""
    source = WeakCoherentSource(chosen.intensities, chosen.probabilities, CLOCK_HZ, chosen.key_basis_probability)
    receiver = Receiver(detector, bob)
    counts = []
    for i in range(len(cells)):
        state = LinkState(
            0.0,
            (("all", -10.0 * np.log10(cells.transmittance[i])),),
            rotation_y(rotation_angle_stokes_rad(float(cells.key_error[i]))),
            (("all", float(cells.noise_per_gate[i])),),
            0.0,
            float(cells.neighbour_share[i]),
        )
        table = click_table(source, state, receiver)
        tally = tally_of(table, float(cells.rounds[i]), detector, CLOCK_HZ)
        counts.append(BlockCounts.of(tally, source, observed=False))
    return sum_counts(counts)


def agree(got: BlockCounts, wanted: BlockCounts, relative: float) -> None:
    for name in COUNTS:
        assert getattr(got, name) == pytest.approx(getattr(wanted, name), rel=relative), name
    assert got.rounds == pytest.approx(wanted.rounds, rel=1e-12)


# The closed form is the click table


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    detector=st.sampled_from((FREE, DEAD, AGAIN)),
    alice=st.floats(0.05, 0.95),
    bob=st.floats(0.05, 0.95),
    mu=st.tuples(st.floats(0.3, 2.0), st.floats(0.05, 0.2)),
)
def test_counts_are_those_of_the_click_tables(
    seed: int, detector: Detector, alice: float, bob: float, mu: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    cells = PassCells.of(
        10.0 ** rng.uniform(-6.0, -0.1, 4),
        rng.integers(1e4, 1e8, 4),
        noise_per_gate=10.0 ** rng.uniform(-9.0, -2.0, 4),
        misalignment_error=rng.uniform(0.0, 0.1, 4),
        neighbour_share=rng.uniform(0.0, 0.1, 4),
    )
    chosen = SourceSettings((*mu, 0.0), (0.6, 0.3, 0.1), alice)
    agree(PassModel(cells, detector, CLOCK_HZ, bob)(chosen), slow(cells, chosen, detector, bob), 1e-9)


def states(channels: list[Channel]) -> LinkStates:
    """Link states with these channels, three fading nodes, falling transmittance."""
    n = len(channels)
    most = max(len(channel.kraus) for channel in channels)
    kraus = np.zeros((n, most, 2, 2), dtype=np.complex128)
    for row, channel in zip(kraus, channels, strict=True):
        row[: len(channel.kraus)] = channel.kraus
    factor = np.array([0.5, 1.0, 1.6]) * np.linspace(1.0, 1.0, n)[:, None]
    weight = np.array([0.3, 0.45, 0.25])
    factor = factor / (factor @ weight)[:, None]
    return LinkStates(
        np.arange(float(n)),
        (("path", np.linspace(15.0, 30.0, n)), ("optics", np.full(n, 3.0))),
        kraus,
        (("dark", np.full(n, 1e-7)), ("sky", np.linspace(0.0, 1e-5, n))),
        np.full(n, 3e-3),
        np.linspace(0.0, 0.02, n),
        factor,
        weight,
        elevation_deg=np.linspace(80.0, 10.0, n),
    )


@pytest.mark.parametrize("detector", [FREE, DEAD, AGAIN])
def test_cells_of_link_states_give_the_counts_of_the_batch_of_tables(detector: Detector) -> None:
    """Fading, several noise terms, errors that differ between the bases and from state to state."""
    channels = [sequence(rotation_y(0.02 * i), depolarising(0.01 * i), dephasing(0.005 * i)) for i in range(6)]
    seen, rounds = states(channels), np.linspace(1e6, 3e6, 6)
    source = WeakCoherentSource(START.intensities, START.probabilities, CLOCK_HZ, 0.8)
    receiver = Receiver(detector, 0.7)
    tally = expected_tallies(click_tables(source, seen, receiver), rounds, detector, CLOCK_HZ).total()
    cells = PassCells.of_states(seen, rounds)
    assert len(cells) == 18
    assert not np.array_equal(cells.key_error, cells.test_error)
    agree(PassModel(cells, detector, CLOCK_HZ, 0.7)(START), BlockCounts.of(tally, source, observed=False), 1e-9)


def test_a_channel_that_prefers_a_bit_is_not_planned_in_closed_form() -> None:
    damping = np.array([[[1.0, 0.0], [0.0, np.sqrt(0.9)]], [[0.0, np.sqrt(0.1)], [0.0, 0.0]]])
    with pytest.raises(PhysicsError, match="flips one bit"):
        basis_errors(damping)
    key, test = basis_errors(rotation_y(rotation_angle_stokes_rad(0.03)).kraus)
    assert key == pytest.approx([0.03])
    assert test == pytest.approx([0.03])


# Fewer cells


@pytest.mark.parametrize("detector", [FREE, DEAD, AGAIN])
@pytest.mark.parametrize("zenith_loss_db", [10.0, 27.0, 40.0])
def test_compressed_cells_have_the_counts_of_all(zenith_loss_db: float, detector: Detector) -> None:
    whole = model(zenith_loss_db, detector)
    fewer = whole.with_cells(whole.cells.compressed(64))
    assert len(whole.cells) == 3688
    assert len(fewer.cells) <= 64
    agree(fewer(START), whole(START), 1e-3)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 40), cells=st.integers(1, 200))
def test_compression_keeps_rounds_light_noise_and_errors(seed: int, count: int, cells: int) -> None:
    rng = np.random.default_rng(seed)
    whole = PassCells.of(
        10.0 ** rng.uniform(-6.0, 0.0, cells) * (rng.random(cells) > 0.1),
        rng.uniform(0.0, 1e8, cells),
        noise_per_gate=rng.uniform(0.0, 1e-3, cells),
        misalignment_error=rng.uniform(0.0, 0.5, cells),
        test_error=rng.uniform(0.0, 0.5, cells),
        neighbour_share=rng.uniform(0.0, 0.2, cells),
        elevation_deg=rng.uniform(5.0, 90.0, cells),
    )
    fewer = whole.compressed(count)
    assert len(fewer) <= max(count, 1)

    def moments(c: PassCells) -> list[float]:
        light = c.rounds * c.transmittance
        parts = (c.rounds, light, c.rounds * c.noise_per_gate, light * c.key_error, light * c.test_error)
        return [float(part.sum()) for part in (*parts, light * c.neighbour_share)]

    assert moments(fewer) == pytest.approx(moments(whole), rel=1e-9)
    assert fewer.elevation_deg.min() == whole.elevation_deg.min()


# The plan


def test_the_plan_is_the_best_of_all_settings_and_elevations() -> None:
    """Against a search of the settings at every elevation, and against changes of each setting."""
    lossy, elevations = model(39.0), [10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 50.0]
    plan = optimise_pass(lossy, BOUND, START, **EPS, minimum_elevations_deg=elevations)
    objective = Objective(BOUND, **EPS)
    best = -np.inf
    for elevation in elevations:
        cut = lossy.with_cells(lossy.cells.above(elevation))
        best = max(best, objective.bits(cut(optimise(cut, BOUND, START, **EPS, keep_weakest=True))))
    assert plan.bits == pytest.approx(best, rel=1e-3)
    assert 15.0 < float(plan.minimum_elevation_deg or 0.0) < 50.0
    whole = optimise_pass(lossy, BOUND, START, **EPS)
    assert whole.minimum_elevation_deg is None
    assert plan.bits > 1.05 * whole.bits > 0.0
    used = lossy.with_cells(lossy.cells.above(float(plan.minimum_elevation_deg or 0.0)))
    assert plan.expected == used(plan.settings)
    mu, p, q = plan.settings.intensities, plan.settings.probabilities, plan.settings.key_basis_probability
    for factor in (0.97, 1.03):
        for changed in (
            replace(plan.settings, intensities=(mu[0] * factor, *mu[1:])),
            replace(plan.settings, intensities=(mu[0], mu[1] * factor, mu[2])),
            replace(plan.settings, probabilities=(p[0] * factor, p[1], 1.0 - p[0] * factor - p[1])),
            replace(plan.settings, key_basis_probability=1.0 - (1.0 - q) * factor),
        ):
            assert objective.bits(used(changed)) <= plan.bits * (1.0 + 1e-6)


def test_every_elevation_is_evaluated_as_if_alone() -> None:
    whole, elevations = model(33.0, AGAIN), [10.0, 33.0, 70.0]
    for counts, elevation in zip(whole.above(START, elevations), elevations, strict=True):
        agree(counts, whole.with_cells(whole.cells.above(elevation))(START), 1e-12)


def test_a_good_pass_is_used_down_to_the_horizon_and_a_hopeless_one_is_no_crash() -> None:
    good = optimise_pass(model(24.0), BOUND, START, **EPS, minimum_elevations_deg=(17.5, 25.0, 40.0))
    assert good.minimum_elevation_deg == 17.5
    assert good.bits > 1e6
    hopeless = optimise_pass(model(60.0), BOUND, START, **EPS, minimum_elevations_deg=(17.5, 40.0), restarts=1)
    assert hopeless.bits < 0.0


def test_the_leakage_may_be_planned_by_a_rule_of_ones_own() -> None:
    costly = optimise_pass(model(33.0), BOUND, START, **EPS, leak=lambda counts: planned_leak_bits(counts, 1.5))
    usual = optimise_pass(model(33.0), BOUND, START, **EPS, efficiency=1.1)
    assert 0.0 < costly.bits < usual.bits


# Refusals


def test_plans_are_not_made_from_data() -> None:
    """Pitfall 9: what is chosen after seeing the counts voids the claim."""
    counts = model(30.0)(START)
    for seen in (counts, replace(counts, observed=True), lambda chosen: counts):
        with pytest.raises(InputError, match="not counts"):
            optimise_pass(seen, BOUND, START, **EPS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"transmittance": [1.2]}, "cannot amplify"),
        ({"transmittance": [-0.1]}, "not negative"),
        ({"transmittance": [np.nan]}, "finite"),
        ({"rounds": [-1.0]}, "not negative"),
        ({"noise_per_gate": [-1e-9]}, "not negative"),
        ({"misalignment_error": [1.1]}, "a probability"),
        ({"test_error": [1.1]}, "a probability"),
        ({"transmittance": [[0.1]]}, "one dimension"),
    ],
)
def test_impossible_cells_are_refused(change: dict[str, Any], text: str) -> None:
    with pytest.raises(PhysicsError, match=text):
        PassCells.of(**{"transmittance": [0.1], "rounds": [1e6], **change})


def test_cuts_and_models_that_mean_nothing_are_refused() -> None:
    no_horizon = PassCells.of([0.1, 0.01], 1e6)
    with pytest.raises(PhysicsError, match="without elevation"):
        no_horizon.above(10.0)
    with pytest.raises(PhysicsError, match="no rounds"):
        PassModel(PassCells.of([0.1], 0.0), FREE, CLOCK_HZ)
    with pytest.raises(PhysicsError, match="no cell reaches"):
        model(30.0).above(START, [20.0, 95.0])
    with pytest.raises(PhysicsError, match="reaches 90"):
        optimise_pass(model(30.0), BOUND, START, **EPS, minimum_elevations_deg=(95.0,))
    with pytest.raises(PhysicsError, match="without elevation"):
        optimise_pass(PassModel(no_horizon, FREE, CLOCK_HZ), BOUND, START, **EPS, minimum_elevations_deg=(10.0,))
    with pytest.raises(PhysicsError, match="at least one pass"):
        joined([])
    with pytest.raises(PhysicsError, match="passes_per_block"):
        blocks_of([1, 2], 0)
    with pytest.raises(PhysicsError, match="at least one cell"):
        no_horizon.compressed(0)


# Several passes in one block


def bits(counts: BlockCounts) -> float:
    return Objective(BOUND, **EPS).bits(counts)


def test_one_bound_on_summed_counts_beats_the_sum_of_bounds() -> None:
    passes = [overpass(loss) for loss in (36.0, 38.0, 40.0)]
    counts = [PassModel(cells, DEAD, CLOCK_HZ)(START) for cells in passes]
    block = sum_counts(counts)
    agree(block, PassModel(joined(passes), DEAD, CLOCK_HZ)(START), 1e-12)
    apart = sum(max(0.0, bits(one)) for one in counts)
    assert bits(block) > 1.2 * apart > 0.0
    thin = model(41.0).above(START, [35.0]) * 8
    assert bits(thin[0]) < 0.0 < bits(sum_counts(thin))


def test_where_the_errors_fall_changes_no_boundary() -> None:
    """Pitfall 8: eight passes, two blocks; all errors of a block moved into its first half change neither the blocks
    nor the length that was fixed, while a bound per half would have thrown the first half away."""
    timetable = [f"pass {i}" for i in range(8)]
    blocks = blocks_of(timetable, 4)
    assert blocks == (tuple(timetable[:4]), tuple(timetable[4:]))
    expected = model(38.0)(START)
    predicted = sum_counts([expected] * 4)
    rule = plan_length(BOUND, predicted, planned_leak_bits(predicted, 1.16), **EPS)
    assert rule.bits > 0
    honest = [observed(expected)] * 4
    assert honest[0].key_errors is not None
    none = tuple(0.0 for _ in honest[0].key)
    heavy = replace(
        honest[0],
        test_errors=tuple(2.0 * m for m in honest[0].test_errors),
        key_errors=tuple(2.0 * m for m in honest[0].key_errors),
    )
    clean = replace(honest[0], test_errors=none, key_errors=none)
    moved = [heavy, heavy, clean, clean]
    assert sum_counts(moved) == sum_counts(honest)
    leak = planned_leak_bits(sum_counts(honest), 1.16)
    first, second = (rule.decide(sum_counts(block), leak) for block in (honest, moved))
    assert first == second
    assert first.bits == rule.bits
    assert blocks_of(timetable, 4) == blocks
    assert bits(sum_counts(moved[:2])) < 0.25 * bits(sum_counts(moved[2:]))


def observed(expected: BlockCounts) -> BlockCounts:
    """The block that comes out exactly as expected, in whole counts."""
    whole = {name: tuple(float(round(v)) for v in getattr(expected, name)) for name in COUNTS}
    return replace(expected, **whole, observed=True)


def test_left_over_passes_make_no_block_and_no_pass_counts_twice() -> None:
    assert blocks_of(list(range(10)), 4) == ((0, 1, 2, 3), (4, 5, 6, 7))
    assert blocks_of([], 3) == ()
    assert blocks_of([1], 1) == ((1,),)


def test_passes_with_different_settings_are_no_block() -> None:
    one = model(30.0)(START)
    other = model(30.0)(replace(START, intensities=(0.7, 0.15, 0.0)))
    with pytest.raises(InputError, match="different intensities"):
        sum_counts([one, other])
    with pytest.raises(InputError, match="at least one pass"):
        sum_counts([])


def test_sums_remember_what_is_known_and_what_was_seen() -> None:
    one = model(30.0)(START)
    assert not sum_counts([one, one]).observed
    assert sum_counts([one, replace(one, observed=True)]).observed
    assert sum_counts([one, replace(one, key_errors=None)]).key_errors is None
    with pytest.raises(InputError, match="not observed"):
        plan_length(BOUND, sum_counts([replace(one, observed=True)]), 1e4, **EPS)
