"""Waiting times and fidelities of chains against exact formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from qcisim.errors import PhysicsError
from qcisim.optics.heralding import expected_rounds
from qcisim.repeaters import (
    Chain,
    ElementaryLink,
    MemoryDevice,
    ensemble,
    links_up_within,
    mean_rounds,
    nested_rounds,
    run,
    two_links_with_cutoff,
    uniform,
)

ALARM = 1e-9
PERFECT = np.array([1.0, 0.0, 0.0, 0.0])


def ticking(success_probability: float, weights: np.ndarray = PERFECT, attempt_s: float = 1e-6) -> ElementaryLink:
    """A link of no length: rounds and nothing else."""
    return ElementaryLink(0.0, success_probability, attempt_s, weights)


def mean_interval(sample: np.ndarray, bound: float) -> tuple[float, float]:
    """Bernstein's interval at 1e-9 for the mean of a sample whose values are cut off at ``bound``."""
    cut = np.minimum(sample, bound)
    log = math.log(4.0 / ALARM)
    spread = math.sqrt(2.0 * float(cut.var(ddof=1)) * log / len(cut)) + 7.0 * bound * log / (3.0 * (len(cut) - 1))
    return float(cut.mean()) - spread, float(cut.mean()) + spread


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
def test_two_links_wait_as_the_closed_form_says(p: float) -> None:
    """(3-2p)/(p(2-p)) rounds, Collins et al., Phys. Rev. Lett. 98, 060502 (2007)."""
    done = ensemble(uniform(3, ticking(p)), 40_000, np.random.default_rng(5))
    rounds = done.joined_s / 1e-6
    low, high = mean_interval(rounds, 60.0 / p)
    assert low <= (3.0 - 2.0 * p) / (p * (2.0 - p)) <= high


@pytest.mark.parametrize("links", [1, 2, 5, 9])
def test_every_quantile_of_the_wait_is_that_of_the_slowest_link(links: int) -> None:
    """P(K <= k) = (1 - (1-p)^k)^n, at many k, each by an exact binomial interval."""
    p, runs = 0.05, 20_000
    done = ensemble(uniform(links + 1, ticking(p)), runs, np.random.default_rng(links))
    rounds = np.rint(done.joined_s / 1e-6)
    levels = range(1, 200, 9)
    for k in levels:
        expected = (1.0 - (1.0 - p) ** k) ** links
        tail = ALARM / (2 * len(levels))
        low, high = stats.binom.ppf([tail, 1.0 - tail], runs, expected)
        assert low <= np.sum(rounds <= k) <= high


def test_a_run_ends_with_all_pairs_and_counts_them() -> None:
    done = run(uniform(4, ticking(0.2)), 50, np.random.default_rng(1))
    assert done.ended == "done"
    assert done.reason == ""
    assert len(done) == 50
    assert done.counts.swaps >= 100
    assert np.all(np.diff(done.delivered_s) >= 0.0)
    assert done.fidelity == 1.0


@pytest.mark.parametrize("cutoff_rounds", [1, 2, 4, 20])
def test_two_links_with_a_cutoff_wait_as_their_closed_form_says(cutoff_rounds: int) -> None:
    p, tick = 0.2, 1e-6
    link = ElementaryLink(0.0, p, tick, PERFECT, wait_s=(0.0, 0.0))
    chain = uniform(3, link, cutoff_s=cutoff_rounds * tick)
    done = ensemble(chain, 30_000, np.random.default_rng(cutoff_rounds))
    low, high = mean_interval(done.joined_s / tick, 400.0)
    assert low <= two_links_with_cutoff(p, cutoff_rounds) <= high


def test_the_cutoff_formula_contains_the_one_without() -> None:
    for p in (0.01, 0.4, 1.0):
        assert two_links_with_cutoff(p, 10**7) == pytest.approx((3.0 - 2.0 * p) / (p * (2.0 - p)), rel=1e-12)


@pytest.mark.parametrize("links", [2, 4])
def test_nested_swaps_that_fail_wait_as_the_generating_function_says(links: int) -> None:
    """Brand, Coopmans, Elkouss 2020; for more links a chain is faster, its inner links begin anew before the outer."""
    p, swap = 0.3, 0.6
    levels = links.bit_length() - 1
    law = nested_rounds(p, swap, levels, 4000)
    assert law.sum() == pytest.approx(1.0, abs=1e-9)
    device = MemoryDevice(swap_success=swap)
    runs = 20_000
    done = ensemble(uniform(links + 1, ticking(p), device, policy="doubling"), runs, np.random.default_rng(links))
    rounds = np.rint(done.joined_s / 1e-6)
    levels_tested = [1, 2, 3, 5, 8, 12, 20, 30, 50]
    for k in levels_tested:
        expected = float(law[: k + 1].sum())
        tail = ALARM / (2 * len(levels_tested))
        low, high = stats.binom.ppf([tail, 1.0 - tail], runs, expected)
        assert low <= np.sum(rounds <= k) <= high


def test_inclusion_and_exclusion_is_the_sum_over_rounds() -> None:
    for p in ([0.3], [0.2, 0.5], [0.1, 0.2, 0.9, 1.0]):
        rounds = np.arange(0, 4000)
        assert mean_rounds(p) == pytest.approx(float(np.sum(1.0 - links_up_within(p, rounds))), rel=1e-12)
    for count in (3, 12):
        assert mean_rounds([0.07] * count) == pytest.approx(expected_rounds(0.07, count), rel=1e-10)


def test_unequal_links_wait_as_their_product_law_says() -> None:
    p = [0.5, 0.05, 0.2]
    chain = Chain(tuple(ticking(each) for each in p))
    done = ensemble(chain, 20_000, np.random.default_rng(3))
    low, high = mean_interval(done.joined_s / 1e-6, 600.0)
    assert low <= mean_rounds(p) <= high


def test_impossible_waits_are_refused() -> None:
    with pytest.raises(PhysicsError, match="never ends"):
        links_up_within([0.3, 0.0], 4)
    with pytest.raises(PhysicsError, match="negative number of rounds"):
        links_up_within([0.3], -1)
    with pytest.raises(PhysicsError, match="too long"):
        mean_rounds([1e-8] * 11)
