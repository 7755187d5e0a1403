"""Sampled clicks against the table they are drawn from, and against a slow reference that looks at every round."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from exact_regions import binomial_plausible

from qcisim.engine import stream
from qcisim.errors import PhysicsError
from qcisim.optics import (
    Clicks,
    ClickTable,
    Detector,
    FibreLink,
    Receiver,
    ReceiverMemory,
    Tally,
    WeakCoherentSource,
    click_table,
    expected_tally,
    sample_clicks,
)
from qcisim.optics.clicks import walker_alias

CLOCK_HZ = 1e9


@pytest.fixture
def table(source: WeakCoherentSource, link: FibreLink, receiver: Receiver) -> ClickTable:
    return click_table(source, link.at(), receiver)


def bright_table(seed: int = 0) -> ClickTable:
    """A table with many clicks of every kind."""
    probability = stream(seed, "bright").dirichlet([2, 2, 1, 6], size=(2, 2, 2, 2))[..., :3]
    return ClickTable(probability, np.array([0.6, 0.4]), np.array([0.7, 0.3]), np.array([0.8, 0.2]))


def reference(
    table: ClickTable, rounds: int, detector: Detector, rng: np.random.Generator
) -> tuple[list[int], list[int]]:
    """Every round in turn: choices, detectors, dead time, afterpulses. Slow and obvious."""
    prior, outcomes = table.prior.ravel(), table.probability.reshape(-1, 3)
    dead, decay = detector.dead_rounds(CLOCK_HZ), detector.afterpulse_decay_s * CLOCK_HZ
    round_out, cell_out, pending, live = [], [], [], 0
    choices = rng.choice(len(prior), size=rounds, p=prior)
    for r in range(rounds):
        now = [d for when, d in pending if when == r]
        pending = [(when, d) for when, d in pending if when > r]
        if r < live:
            continue
        u, p = rng.random(), outcomes[choices[r]]
        light = 0 if u < p[0] else 1 if u < p[0] + p[1] else 2 if u < p.sum() else None
        detectors = set({0: [0], 1: [1], 2: [0, 1], None: []}[light]) | set(now[:1])
        if not detectors:
            continue
        if light is not None and rng.random() < detector.afterpulse_probability:
            which = light if light < 2 else int(rng.integers(2))
            pending.append((r + dead + 1 + int(rng.exponential(decay)), which))
        outcome = 2 if len(detectors) == 2 else detectors.pop()
        round_out.append(r)
        cell_out.append(3 * int(choices[r]) + outcome)
        live = r + dead + 1
    return round_out, cell_out


def test_counts_follow_the_table(table: ClickTable, detector: Detector) -> None:
    rounds = 20_000_000
    clicks, _ = sample_clicks(table, rounds, detector, CLOCK_HZ, stream(1, "clicks"))
    joint = table.joint.ravel()
    for count, p in zip(clicks.counts.ravel().tolist(), joint.tolist(), strict=True):
        assert binomial_plausible(count, rounds, p, comparisons=len(joint))
    assert binomial_plausible(len(clicks), rounds, table.click_probability)


def test_clicks_are_sorted_rounds_of_their_stretch(table: ClickTable, detector: Detector) -> None:
    clicks, memory = sample_clicks(table, 1_000_000, detector, CLOCK_HZ, stream(2, "clicks"), first_round=7_000_000)
    assert np.all(np.diff(clicks.round) > 0)
    assert clicks.round[0] >= 7_000_000
    assert clicks.round[-1] < 8_000_000
    assert (clicks.rounds, clicks.first_round, memory.live_from) == (1_000_000, 7_000_000, 8_000_000)
    assert (clicks.round.dtype, clicks.cell.dtype) == (np.int64, np.uint8)


def test_gaps_are_geometric() -> None:
    """All gaps up to 20 rounds, each against its exact probability."""
    table = bright_table()
    clicks, _ = sample_clicks(table, 2_000_000, Detector(1, 0), CLOCK_HZ, stream(3, "gaps"))
    gaps, p = np.diff(clicks.round), table.click_probability
    for gap in range(1, 21):
        assert binomial_plausible(int((gaps == gap).sum()), len(gaps), p * (1 - p) ** (gap - 1), comparisons=20)


def test_cells_are_independent_of_gaps_and_predecessors() -> None:
    clicks, _ = sample_clicks(bright_table(), 2_000_000, Detector(1, 0), CLOCK_HZ, stream(4, "cells"))
    share = np.mean(clicks.outcome == 0)
    after_long = clicks.outcome[1:][np.diff(clicks.round) > 3] == 0
    after_same = clicks.outcome[1:][clicks.outcome[:-1] == 0] == 0
    for sample in (after_long, after_same):
        assert abs(sample.mean() - share) < 6.2 * math.sqrt(share * (1 - share) * 2 / len(sample))


def test_axes_of_a_click_are_those_of_the_table() -> None:
    cell = np.arange(48, dtype=np.uint8)
    clicks = Clicks(np.arange(48), cell, 48, 0, 2, CLOCK_HZ)
    for i in range(48):
        index = (clicks.setting[i], clicks.alice_basis[i], clicks.alice_bit[i], clicks.bob_basis[i], clicks.outcome[i])
        assert np.ravel_multi_index(index, (2, 2, 2, 2, 3)) == i


def test_dead_time_blinds_the_whole_receiver(table: ClickTable, detector: Detector) -> None:
    slow = replace(detector, dead_time_s=100e-9)
    clicks, memory = sample_clicks(table, 5_000_000, slow, CLOCK_HZ, stream(5, "dead"))
    assert np.diff(clicks.round).min() == 100  # 99 dead rounds; rate high enough that the next one occurs
    assert memory.live_from == max(5_000_000, int(clicks.round[-1]) + 100)
    live = 5_000_000 - 99 * len(clicks)
    assert binomial_plausible(len(clicks), live, table.click_probability)


def test_short_stretches_follow_on_as_one_long_one() -> None:
    """Dead time and pending afterpulses survive the border between two stretches."""
    table, n = bright_table(), 40_000
    detector = Detector(1, 0, dead_time_s=12e-9, afterpulse_probability=0.4, afterpulse_decay_s=20e-9)
    memory, rng, parts = ReceiverMemory(), stream(6, "parts"), []
    for start in range(0, n, 7):
        clicks, memory = sample_clicks(table, 7, detector, CLOCK_HZ, rng, first_round=start, memory=memory)
        parts.append(clicks)
    rounds = np.concatenate([c.round for c in parts])
    assert np.diff(rounds).min() >= 12
    whole, _ = sample_clicks(table, n, detector, CLOCK_HZ, stream(7, "whole"))
    spread = math.sqrt(len(rounds) + len(whole))
    assert abs(len(rounds) - len(whole)) < 6.2 * spread


@pytest.mark.parametrize(
    ("dead_time_s", "probability", "decay_s"),
    [(0.0, 0.0, 1e-6), (5e-9, 0.0, 1e-6), (0.0, 0.3, 4e-9), (9e-9, 0.3, 30e-9), (9e-9, 0.3, 1e-9)],
)
def test_against_the_slow_reference(dead_time_s: float, probability: float, decay_s: float) -> None:
    table, rounds = bright_table(1), 60_000
    detector = Detector(1, 0, dead_time_s, probability, decay_s)
    slow_round, slow_cell = reference(table, rounds, detector, stream(8, "slow"))
    clicks, _ = sample_clicks(table, rounds, detector, CLOCK_HZ, stream(8, "fast"))

    def alike(a: float, b: float) -> bool:
        return abs(a - b) < 6.5 * math.sqrt(
            a + b + 1
        )  # renewal counts vary less than Poisson, afterpulses a little more

    assert alike(len(slow_round), len(clicks))
    slow_counts = np.bincount(slow_cell, minlength=48)
    assert all(alike(a, b) for a, b in zip(slow_counts.tolist(), clicks.counts.ravel().tolist(), strict=True))
    slow_gaps, gaps = np.diff(slow_round), np.diff(clicks.round)
    for gap in range(1, 25):
        assert alike(int((slow_gaps == gap).sum()), int((gaps == gap).sum()))


def test_an_afterpulse_is_the_same_detector_with_unrelated_choices() -> None:
    """Bright only for Alice's bit 0: detector 0 fires, and its afterpulses carry bit 1 as often as the prior says."""
    probability = np.zeros((1, 2, 2, 2, 3))
    probability[:, :, 0, :, 0] = 1e-3
    table = ClickTable(probability, np.ones(1), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    detector = Detector(1, 0, afterpulse_probability=0.1, afterpulse_decay_s=50e-9)
    clicks, _ = sample_clicks(table, 20_000_000, detector, CLOCK_HZ, stream(9, "after"))
    assert np.all(clicks.outcome == 0)
    wrong = int(clicks.alice_bit.sum())  # only an afterpulse can be wrong here: half of them
    assert binomial_plausible(wrong, len(clicks), 0.5 * 0.1 / 1.1)


def test_dark_links_and_empty_stretches() -> None:
    dark = ClickTable(np.zeros((1, 2, 2, 2, 3)), np.ones(1), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    clicks, memory = sample_clicks(dark, 10**15, Detector(1, 0), CLOCK_HZ, stream(10, "dark"))
    assert (len(clicks), memory.live_from) == (0, 10**15)
    clicks, _ = sample_clicks(bright_table(), 0, Detector(1, 0), CLOCK_HZ, stream(10, "none"))
    assert len(clicks) == 0
    with pytest.raises(PhysicsError, match="rounds -1"):
        sample_clicks(dark, -1, Detector(1, 0), CLOCK_HZ, stream(10, "neg"))


def test_very_rare_clicks_over_very_many_rounds() -> None:
    probability = np.full((1, 2, 2, 2, 3), 1e-15)
    table = ClickTable(probability, np.ones(1), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    clicks, _ = sample_clicks(table, 2 * 10**18, Detector(1, 0), CLOCK_HZ, stream(11, "rare"))
    assert binomial_plausible(len(clicks), 2 * 10**18, 3e-15)


def test_a_round_that_always_clicks() -> None:
    probability = np.zeros((1, 2, 2, 2, 3))
    probability[..., 1] = 1.0
    table = ClickTable(probability, np.ones(1), np.array([0.5, 0.5]), np.array([0.5, 0.5]))
    clicks, _ = sample_clicks(table, 1000, Detector(1, 0), CLOCK_HZ, stream(12, "always"))
    assert np.array_equal(clicks.round, np.arange(1000))
    assert np.all(clicks.outcome == 1)


def test_same_seed_same_bytes(table: ClickTable, detector: Detector) -> None:
    tired = replace(detector, dead_time_s=50e-9, afterpulse_probability=0.05)
    one, _ = sample_clicks(table, 3_000_000, tired, CLOCK_HZ, stream(13, "same"))
    two, _ = sample_clicks(table, 3_000_000, tired, CLOCK_HZ, stream(13, "same"))
    other, _ = sample_clicks(table, 3_000_000, tired, CLOCK_HZ, stream(14, "same"))
    assert one.round.tobytes() == two.round.tobytes()
    assert one.cell.tobytes() == two.cell.tobytes()
    assert one.round.tobytes() != other.round.tobytes()


def test_tally_of_clicks_agrees_with_rates(table: ClickTable, detector: Detector) -> None:
    rounds = 10_000_000
    tally = Tally.of(sample_clicks(table, rounds, detector, CLOCK_HZ, stream(15, "tally"))[0])
    rates = expected_tally(table, rounds, detector, CLOCK_HZ)
    for count, mean in zip(tally.detections.ravel().tolist(), rates.detections.ravel().tolist(), strict=True):
        assert binomial_plausible(count, rounds, mean / rounds, comparisons=12)


def test_alias_table_is_exact() -> None:
    for seed in range(20):
        weights = stream(seed, "alias").exponential(size=72) ** 4
        share, alias = walker_alias(weights)
        back = share.copy()
        np.add.at(back, alias, 1.0 - share)
        assert back / 72 == pytest.approx(weights / weights.sum(), abs=1e-14)
