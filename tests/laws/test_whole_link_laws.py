"""Laws of a whole link, from the fibre to the claimed length, that no part can promise alone."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from whole_links import run_whole_link

from qcisim.security import binary_entropy, capacity
from qcisim.simulation.assumptions import link_assumptions
from qcisim.units import SPEED_OF_LIGHT_M_PER_S

QUIET = (
    "receiver.detector={preset: snspd, dark_count_rate_hz: 0, dead_time_s: 0, jitter_fwhm_s: 0}",
    "source.pulse={fwhm_s: 1e-11, linewidth_rms_nm: 0}",
    "fibre.pmd_ps_per_sqrt_km=0",
)
SINGLE = ("source={kind: single_photon, clock_hz: 1e9}", "protocol.bound=tomamichel2012")
BOUNDS = (
    ("protocol.bound=lim2014_chernoff_capped",),
    ("protocol.bound=asymptotic",),
    ("protocol.bound=rusca2018", "source.intensities=[0.5, 0.15]", "source.probabilities=[0.8, 0.2]"),
    SINGLE,
)


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound[-1][-24:])
@pytest.mark.parametrize("quiet", [(), QUIET], ids=["usual", "quiet"])
def test_no_link_beats_plob_and_longer_ones_give_less(bound: tuple[str, ...], quiet: tuple[str, ...]) -> None:
    """Per round, detectors taken as part of the channel; rates of the whole simulation, blocks of 1000 s."""
    before = math.inf
    for length_km in (0.0, 1.0, 20.0, 60.0, 120.0, 200.0, 300.0):
        run = run_whole_link(*bound, *quiet, f"fibre.length_km={length_km}", "protocol.block_s=1000", duration_s=1000.0)
        (report,), state = run.reports, run.model.actual.at(0.0)
        share = report.length.bits / report.rounds
        assert share <= capacity.plob(state.transmittance)
        assert share <= before
        before = share


@given(length_km=st.floats(0.0, 250.0), error=st.floats(0.0, 0.2))
@settings(max_examples=15, deadline=None)
def test_loss_is_erasure_never_depolarising(length_km: float, error: float) -> None:
    """Without noise of its own the receiver sees the same error rate at any length, up to double clicks."""
    run = run_whole_link(*SINGLE, *QUIET, f"receiver.misalignment_error={error}", f"fibre.length_km={length_km}")
    (report,) = run.reports
    assert report.errors == pytest.approx(error * report.errors_out_of, rel=1e-9, abs=1e-9 * report.errors_out_of)


BASE: dict[str, float] = {"duration_s": 3.0, "error": 0.02, "epsilon": 1e-10, "dark": 300.0}


def bits(**changes: float) -> int:
    """Secret bits of one block whose length follows the counts."""
    point = BASE | changes
    run = run_whole_link(
        "protocol.length_rule=variable",
        f"protocol.epsilon_secret={point['epsilon']}",
        f"receiver.misalignment_error={point['error']}",
        f"receiver.detector={{preset: snspd, dark_count_rate_hz: {point['dark']}}}",
        duration_s=point["duration_s"],
    )
    return run.bits


@given(factor=st.floats(1.0, 100.0), error=st.floats(0.0, 0.08))
@example(factor=2.0, error=0.0)
@settings(max_examples=15, deadline=None)
def test_the_length_is_monotone(factor: float, error: float) -> None:
    here = bits(error=error)
    assert bits(error=error, duration_s=BASE["duration_s"] / factor) <= here / factor + 1.0
    assert bits(error=min(0.5, error + 0.01 * factor)) <= here
    assert bits(error=error, epsilon=BASE["epsilon"] / factor) <= here
    assert bits(error=error, dark=BASE["dark"] * factor) <= here


@pytest.mark.parametrize("resolution", ["clicks", "counts", "rates"])
@pytest.mark.parametrize("length_km", [0.0, 50.0])
def test_no_key_before_light_and_messages_could_bring_it(resolution: str, length_km: float) -> None:
    block_s = 0.02
    run = run_whole_link(
        f"fibre.length_km={length_km}", f"protocol.block_s={block_s}", resolution=resolution, duration_s=0.04
    )
    assert len(run.reports) == 2
    for index, (report, now_s) in enumerate(zip(run.reports, run.times_s, strict=True)):
        one_way_s = length_km * 1e3 / SPEED_OF_LIGHT_M_PER_S  # light to Bob, his detections back, the bases to him
        assert report.start_s == pytest.approx(index * block_s)
        assert now_s >= report.start_s + block_s + 3.0 * one_way_s


def test_block_boundaries_follow_the_clock_and_not_the_errors() -> None:
    quiet, noisy = (
        run_whole_link("protocol.block_s=0.03", f"receiver.misalignment_error={error}", resolution="counts")
        for error in (0.0, 0.4)
    )
    assert [(r.start_s, r.rounds) for r in quiet.reports] == [(r.start_s, r.rounds) for r in noisy.reports]
    assert sum(r.rounds for r in quiet.reports) == 10**8


@pytest.mark.parametrize("source", ["weak_coherent", "single_photon"])
def test_plans_do_not_know_where_a_polarisation_will_drift(source: str) -> None:
    bound = {"weak_coherent": "lim2014_chernoff", "single_photon": "tomamichel2012"}[source]
    settings = ("protocol.block_s=4", f"source.kind={source}", f"protocol.bound={bound}")
    still = run_whole_link(*settings, duration_s=4.0)
    drifting = run_whole_link(*settings, "fibre.drift_stokes_rad_per_sqrt_s=0.2", duration_s=4.0)
    (block,) = drifting.model.blocks(4.0)
    planned, usual = drifting.model.expected(block), still.model.expected(block)
    assert planned.key_qber == pytest.approx(usual.key_qber, rel=1e-3)  # a walk begins aligned
    assert abs(drifting.model.count(block, None).counts.key_qber / usual.key_qber - 1.0) > 0.1


def test_same_seed_same_counts_and_another_seed_other_counts() -> None:
    one, again, other = (run_whole_link(resolution="counts", seed=seed).reports[0] for seed in (1, 1, 2))
    assert one == again
    assert one.sifted_bits != other.sifted_bits


def test_clicks_and_counts_pay_the_same_for_authentication() -> None:
    """Two hash keys once, four pads a block, refilled from the key: the same bits at both resolutions."""
    settings = ("source={kind: single_photon, clock_hz: 2e6}", "protocol.bound=tomamichel2012", "protocol.block_s=0.1")
    clicks, counts = (run_whole_link(*settings, resolution=r, duration_s=0.3).reports for r in ("clicks", "counts"))
    assert [r.length.bits for r in clicks] == [r.length.bits for r in counts]
    assert all(r.length.bits > 0 for r in clicks)
    assert [r.authentication_bits for r in clicks] == [r.authentication_bits for r in counts] == [768, 512, 512]
    assert [r.key_bits for r in clicks] == [r.key_bits for r in counts]


@pytest.mark.parametrize("resolution", ["clicks", "counts"])
def test_a_link_that_cannot_sustain_itself_starves_after_the_same_blocks(resolution: str) -> None:
    short = ("protocol.pre_shared_key_bits=2048", "protocol.block_s=1e-4")
    run = run_whole_link(*short, resolution=resolution, duration_s=1e-3)
    assert len(run.reports) == 3
    assert len(run.stopped) == 1


def test_a_bound_without_finite_size_says_that_its_epsilon_is_not_proven() -> None:
    model = run_whole_link("protocol.bound=asymptotic").model
    assert any("no claim about a finite block" in text for text in link_assumptions(model))
    assert not any("no claim" in text for text in link_assumptions(run_whole_link().model))


@pytest.mark.parametrize("error", [0.005, 0.01, 0.03, 0.06])
def test_planned_leakage_is_what_reconciliation_discloses_and_a_little_more(error: float) -> None:
    """Counts and rates must not promise a reconciler better than the one that runs (2 % for a run repeated)."""
    photons = ("source={kind: single_photon, clock_hz: 5e7}", "protocol.bound=tomamichel2012")
    settings = (*photons, f"receiver.misalignment_error={error}", "protocol.acceptance_probability=0.9")
    clicks, rates = (run_whole_link(*settings, resolution=r).reports[0] for r in ("clicks", "rates"))
    assert clicks.leak_bits > 0
    f, planned = (r.leak_bits / (r.sifted_bits * binary_entropy(r.errors / r.sifted_bits)) for r in (clicks, rates))
    assert 1.0 < f <= 1.02 * planned
    assert planned <= 1.1 * f
