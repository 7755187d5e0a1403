"""Expected and sampled tallies: mean, variance and law against clicks and exact formulas."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from exact_regions import binomial_plausible, variance_plausible
from scipy.stats import binom

from qcisim.engine import stream
from qcisim.errors import PhysicsError
from qcisim.optics import (
    ClickTable,
    Detector,
    FibreLink,
    Receiver,
    Tally,
    WeakCoherentSource,
    click_table,
    expected_tally,
    sample_clicks,
    sample_tally,
)
from qcisim.optics.renewal import renewal_count

CLOCK_HZ = 1e9


@pytest.fixture
def table(source: WeakCoherentSource, link: FibreLink, receiver: Receiver) -> ClickTable:
    return click_table(source, link.at(), receiver)


def renewal_law(rounds: int, p: float, dead: int) -> np.ndarray:
    """P(N = n) by running the live/dead chain round by round."""
    most = rounds // (dead + 1) + 2
    live = np.zeros((rounds + dead + 2, most))
    live[0, 0] = 1.0
    for r in range(rounds):
        live[r + 1] += (1 - p) * live[r]
        landing = min(r + dead + 1, rounds)
        live[landing, 1:] += p * live[r, :-1]
    return live[rounds]


def test_number_of_clicks_with_dead_time_is_exact() -> None:
    """Inversion against the law computed round by round: every probability of N."""
    rounds, p, dead, samples = 40, 0.2, 3, 200_000
    law = renewal_law(rounds, p, dead)
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    rng = stream(1, "renewal")
    drawn = np.bincount(renewal_count(np.full(samples, rounds), p, dead, rng), minlength=len(law))
    for count, probability in zip(drawn.tolist(), law.tolist(), strict=True):
        assert binomial_plausible(count, samples, min(1.0, probability), comparisons=len(law))


def test_tail_formula_of_the_dead_time() -> None:
    """P(N >= k) = P(Binomial(rounds - (k-1) d, p) >= k)."""
    rounds, p, dead = 60, 0.3, 4
    law = renewal_law(rounds, p, dead)
    for k in range(1, 12):
        assert law[k:].sum() == pytest.approx(float(binom.sf(k - 1, rounds - (k - 1) * dead, p)), abs=1e-12)


def test_expected_counts_with_dead_time_are_the_renewal_mean(table: ClickTable, detector: Detector) -> None:
    slow = replace(detector, dead_time_s=50e-9)
    rates = expected_tally(table, 1_000_000, slow, CLOCK_HZ)
    p = table.click_probability
    assert rates.clicks == pytest.approx(1_000_000 * p / (1 + 49 * p), rel=1e-12)
    fast = expected_tally(table, 1_000_000, detector, CLOCK_HZ)
    assert rates.detections == pytest.approx(fast.detections / (1 + 49 * p), rel=1e-12)
    assert rates.errors == pytest.approx(fast.errors / (1 + 49 * p), rel=1e-12)


def test_expected_tally_is_the_table(table: ClickTable, detector: Detector) -> None:
    rates = expected_tally(table, 1000, detector, CLOCK_HZ)
    prior = np.einsum("s,a,b->sab", [0.7, 0.2, 0.1], [0.9, 0.1], [0.8, 0.2])
    assert rates.detections == pytest.approx(1000 * prior * table.gain, rel=1e-12)
    assert rates.errors == pytest.approx(1000 * prior * table.error_gain, rel=1e-12)


@pytest.mark.parametrize("dead_time_s", [0.0, 100e-9])
@pytest.mark.parametrize("probability", [0.0, 0.05])
def test_three_resolutions_agree(table: ClickTable, detector: Detector, dead_time_s: float, probability: float) -> None:
    """Clicks, counts and rates of many short blocks: means by the central limit at 1e-9, variances by chi-square."""
    tired = replace(detector, dead_time_s=dead_time_s, afterpulse_probability=probability, afterpulse_decay_s=200e-9)
    rounds, blocks, rng = 200_000, 400, stream(3, f"blocks/{dead_time_s}/{probability}")
    by_clicks = [Tally.of(sample_clicks(table, rounds, tired, CLOCK_HZ, rng)[0]) for _ in range(blocks)]
    by_counts = [sample_tally(table, rounds, tired, CLOCK_HZ, rng) for _ in range(blocks)]
    rates = expected_tally(table, rounds, tired, CLOCK_HZ)
    second_order = probability**2 * table.click_probability * (1 + dead_time_s * CLOCK_HZ)
    edge = rates.clicks * (dead_time_s * CLOCK_HZ + probability * 200) / rounds  # dead time and pending at the borders
    for field in ("detections", "errors", "doubles"):
        mean = getattr(rates, field)
        for sample in (by_clicks, by_counts):
            values = np.array([getattr(t, field) for t in sample])
            allowed = 6.5 * np.sqrt(np.maximum(mean, 1.0) / blocks) + (second_order + edge / rates.clicks) * mean
            assert np.all(np.abs(values.mean(axis=0) - mean) <= allowed), field
    spread = [np.var([t.clicks for t in sample], ddof=1) for sample in (by_clicks, by_counts)]
    p, d = table.click_probability, tired.dead_rounds(CLOCK_HZ)
    renewal = rounds * p * (1 - p) / (1 + p * d) ** 3
    if probability == 0.0:
        assert all(variance_plausible(float(v), renewal, blocks) for v in spread)
    else:
        ratio = float(spread[0] / spread[1])
        assert 0.6 < ratio < 1.65  # F(399, 399) at 1e-9 is 0.55 to 1.83; the corrected variance is of first order
        assert min(spread) > renewal * 0.8


def test_sampled_cells_are_multinomial(table: ClickTable, detector: Detector) -> None:
    rounds = 10**12
    tally = sample_tally(table, rounds, detector, CLOCK_HZ, stream(4, "cells"))
    prior = np.einsum("s,a,b->sab", [0.7, 0.2, 0.1], [0.9, 0.1], [0.8, 0.2])
    for counts, expected in ((tally.detections, prior * table.gain), (tally.errors, prior * table.error_gain)):
        for count, p in zip(counts.ravel().tolist(), expected.ravel().tolist(), strict=True):
            assert binomial_plausible(count, rounds, p, comparisons=24)


def test_a_day_with_dead_time(table: ClickTable, detector: Detector) -> None:
    """86400 s at 1 GHz in one draw: the mean to within the exact spread."""
    slow, rounds = replace(detector, dead_time_s=30e-9), 86_400 * 10**9
    tally, rates = (
        sample_tally(table, rounds, slow, CLOCK_HZ, stream(5, "day")),
        expected_tally(table, rounds, slow, CLOCK_HZ),
    )
    p = table.click_probability
    sigma = math.sqrt(rounds * p * (1 - p) / (1 + 29 * p) ** 3)
    assert abs(tally.clicks - rates.clicks) < 6.2 * sigma + 1
    assert tally.clicks != rates.clicks


def test_tallies_add(table: ClickTable, detector: Detector) -> None:
    one, two = (sample_tally(table, n, detector, CLOCK_HZ, stream(n, "add")) for n in (10**6, 10**7))
    both = one + two
    assert both.rounds == 11 * 10**6
    assert np.array_equal(both.detections, one.detections + two.detections)
    assert both.clicks == one.clicks + two.clicks


def test_doubles_count_half_or_a_random_bit() -> None:
    probability = np.zeros((1, 2, 2, 2, 3))
    probability[..., 2] = 0.5
    table = ClickTable(probability, np.ones(1), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    clicks, _ = sample_clicks(table, 100_000, Detector(1, 0), CLOCK_HZ, stream(6, "doubles"))
    half, drawn = Tally.of(clicks), Tally.of(clicks, stream(6, "bits"))
    assert half.errors.sum() == len(clicks) / 2
    assert binomial_plausible(drawn.errors.sum(), len(clicks), 0.5)
    assert drawn.errors.sum() == np.floor(drawn.errors.sum())


def test_nothing_sent_and_nothing_seen(detector: Detector, table: ClickTable) -> None:
    dark = ClickTable(np.zeros((1, 2, 2, 2, 3)), np.ones(1), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    for tally in (
        expected_tally(dark, 10**9, detector, CLOCK_HZ),
        sample_tally(dark, 10**9, detector, CLOCK_HZ, stream(7, "dark")),
        sample_tally(table, 0, detector, CLOCK_HZ, stream(7, "none")),
    ):
        assert tally.clicks == 0.0
    with pytest.raises(PhysicsError, match="not negative"):
        sample_tally(dark, -5, detector, CLOCK_HZ, stream(7, "neg"))
    with pytest.raises(PhysicsError, match="different shape"):
        Tally(np.zeros((1, 2, 2)), np.zeros((2, 2, 2)), np.zeros((1, 2, 2)), 0.0)
