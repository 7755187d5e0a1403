"""Clicks, counts and rates are three resolutions of one model: their tallies agree within exact intervals."""

from __future__ import annotations

import pytest
from link_harness import run_link
from scipy import stats

from qcisim.security import binary_entropy
from qcisim.simulation.build import FEW_ERRORS, planned_efficiency
from qcisim.simulation.totals import BlockReport

FALSE_ALARM = 1e-9
DEAD_TIME_FREE = ("receiver.detector.dead_time_s=0", "receiver.detector.afterpulse_probability=0")


def blocks(resolution: str, *settings: str, seed: int = 1) -> list[BlockReport]:
    return run_link(*settings, "protocol.block_s=0.05", duration_s=0.2, seed=seed, resolution=resolution).reports


@pytest.mark.parametrize("resolution", ["clicks", "counts"])
def test_independent_detections_agree_exactly(resolution: str) -> None:
    (expected, *_) = blocks("rates", *DEAD_TIME_FREE)
    for block in blocks(resolution, *DEAD_TIME_FREE):
        for quantity in ("clicks", "sifted_bits", "test_bits"):
            p = getattr(expected, quantity) / expected.rounds
            pvalue = stats.binomtest(round(getattr(block, quantity)), block.rounds, p).pvalue
            assert pvalue > FALSE_ALARM, (resolution, getattr(block, quantity), p * block.rounds)


def test_error_rates_agree() -> None:
    (expected, *_) = blocks("rates")
    qber = expected.errors / expected.errors_out_of
    for resolution in ("clicks", "counts"):
        for block in blocks(resolution):
            assert stats.binomtest(round(block.errors), round(block.errors_out_of), qber).pvalue > FALSE_ALARM


def test_dead_time_keeps_mean_and_narrows_the_counts() -> None:
    """Clicks behind a dead time are under-dispersed: mean R/(1+R tau), variance smaller by (1+R tau)^-2."""
    settings = ("receiver.detector.dead_time_s=200e-9", "protocol.block_s=0.002")
    expected = run_link(*settings, duration_s=0.002, resolution="rates").reports[0].clicks
    for resolution in ("clicks", "counts"):
        counts = [b.clicks for b in run_link(*settings, duration_s=0.2, resolution=resolution).reports]
        mean, spread = sum(counts) / len(counts), stats.tvar(counts)
        error = (spread / len(counts)) ** 0.5
        assert abs(mean - expected) < 6.2 * error + 1.0, resolution  # 6.2 sigma: false alarm 1e-9
        _, high = stats.chi2.interval(1 - FALSE_ALARM, len(counts) - 1)
        assert spread * (len(counts) - 1) / high < 0.5 * expected, (
            resolution
        )  # Poisson counts would spread by their mean


def test_key_lengths_agree() -> None:
    lengths = {r: [b.length.bits for b in blocks(r)] for r in ("clicks", "counts", "rates")}
    assert len({bits for values in lengths.values() for bits in values}) == 1  # one fixed length, accepted by all three


def test_honest_blocks_are_accepted_as_often_as_planned_where_few_errors_begin() -> None:
    """At about 1 % errors, where the planned efficiency of reconciliation changes; planned is 99.9 %."""
    reports = run_link("protocol.block_s=0.1", duration_s=10.0, resolution="counts").reports
    accepted = sum(block.length.bits > 0 for block in reports)
    assert abs(reports[0].errors / reports[0].errors_out_of - FEW_ERRORS) < 0.001
    assert stats.binomtest(accepted, len(reports), 0.99, alternative="less").pvalue > FALSE_ALARM


@pytest.mark.parametrize("reconciliation", ["cascade", "ldpc"])
def test_planned_leakage_rises_with_the_error_rate(reconciliation: str) -> None:
    rates = [0.0005 * k for k in range(1, 300)]
    leak = [planned_efficiency(reconciliation, rate) * binary_entropy(rate) for rate in rates]
    assert leak == sorted(leak)
