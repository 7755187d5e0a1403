"""Waiting times and fidelities of chains against exact formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from qcisim.repeaters import ElementaryLink, ensemble, run, uniform

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
