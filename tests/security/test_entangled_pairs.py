"""BBM92: gains of pulsed and continuous sources, the error floor, windows, and the finite bound."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics import ContinuousPairSource
from qcisim.optics.pair_source import coincidence_gain
from qcisim.security import (
    Bbm92,
    BlockCounts,
    ContinuousPairLink,
    PulsedPairLink,
    Tomamichel2012,
    bb84_fraction,
    bbm92_fraction,
    bbm92_rate,
    bound,
    ceilings,
    counted_pairs,
    pair_counts,
    threshold,
)
from qcisim.security.link_models import planned_leak_bits
from qcisim.security.pair_link import pulsed_error_floor

EPSILON = {"epsilon_secret": 1e-10, "epsilon_correct": 1e-15}
ETA = st.floats(1e-3, 1.0)
PULSED = PulsedPairLink(0.1, 0.05, 6e-6, 1e-6, 0.015)
CONTINUOUS = ContinuousPairLink(0.1, 0.05, 500.0, 800.0, 1e-9, 3e-10, 0.01)


@given(ETA, ETA, st.floats(0.0, 1e-3), st.floats(0.0, 1e-3), st.floats(1e-3, 0.5))
@settings(max_examples=60, deadline=None)
def test_gain_is_the_sum_over_pair_numbers(a: float, b: float, dark_a: float, dark_b: float, mean: float) -> None:
    """sum_n (n+1) l^n/(1+l)^(n+2) [1-(1-Y_a)(1-eta_a)^n][1-(1-Y_b)(1-eta_b)^n], Ma, Fung, Lo (2007)."""
    x = mean / 2.0
    total = math.fsum(
        (n + 1)
        * x**n
        / (1.0 + x) ** (n + 2)
        * (1.0 - (1.0 - dark_a) * (1.0 - a) ** n)
        * (1.0 - (1.0 - dark_b) * (1.0 - b) ** n)
        for n in range(80)
    )
    assert PulsedPairLink(a, b, dark_a, dark_b, 0.0).observed(mean).gain == pytest.approx(total, rel=1e-9)


def test_errors_are_those_of_photons_drawn_one_by_one() -> None:
    """Dark-free: n pairs split binomially over the two polarisations, clicks drawn, doubles as random bits."""
    eta_a, eta_b, mean, x = 0.4, 0.3, 0.6, 0.3
    right = wrong = 0.0
    for n in range(40):
        weight = x**n / (1.0 + x) ** (n + 2)  # n pairs, k of them (H, H): all k = 0..n equally likely
        for k in range(n + 1):
            a0, a1, b0, b1 = (
                1.0 - (1.0 - eta) ** m for eta, m in ((eta_a, k), (eta_a, n - k), (eta_b, k), (eta_b, n - k))
            )
            bit_a = (a0 * (1 - a1) + a0 * a1 / 2, a1 * (1 - a0) + a0 * a1 / 2)
            bit_b = (b0 * (1 - b1) + b0 * b1 / 2, b1 * (1 - b0) + b0 * b1 / 2)
            right += weight * (bit_a[0] * bit_b[0] + bit_a[1] * bit_b[1])
            wrong += weight * (bit_a[0] * bit_b[1] + bit_a[1] * bit_b[0])
    seen = PulsedPairLink(eta_a, eta_b, 0.0, 0.0, 0.0).observed(mean)
    assert seen.gain == pytest.approx(right + wrong, rel=1e-12)
    assert seen.error_gain == pytest.approx(wrong, rel=1e-12)


@pytest.mark.parametrize("mean", [0.01, 0.1, 0.5])
def test_floor_of_the_error_rate_from_several_pairs(mean: float) -> None:
    seen = PulsedPairLink(1e-5, 1e-5, 0.0, 0.0, 0.0).observed(mean)
    assert seen.qber == pytest.approx(pulsed_error_floor(mean), rel=1e-3)
    assert pulsed_error_floor(mean) == mean / (2.0 + 3.0 * mean)


@given(ETA, ETA, st.floats(1e-3, 0.4), st.floats(0.0, 0.05))
@settings(max_examples=60, deadline=None)
def test_loss_and_errors_never_help(a: float, b: float, mean: float, e_d: float) -> None:
    rate = bbm92_rate(PulsedPairLink(a, b, 1e-6, 1e-6, e_d).observed(mean))
    assert bbm92_rate(PulsedPairLink(a, b, 1e-6, 1e-6, e_d + 0.01).observed(mean)) <= rate
    assert bbm92_rate(PulsedPairLink(a, b, 1e-5, 1e-6, e_d).observed(mean)) <= rate + 1e-15
    if rate > 0.0:
        assert bbm92_rate(PulsedPairLink(0.9 * a, b, 1e-6, 1e-6, e_d).observed(mean)) < rate
    # a pulse is one use of two modes (two polarisations) of a line with the source in it
    assert rate <= 2.0 * ceilings.chain_bound([a, b])
    assert rate <= 2.0 * ceilings.repeaterless_bound(a * b)


def test_best_number_of_pairs() -> None:
    best = PULSED.best_mean_pairs()
    rate = bbm92_rate(PULSED.observed(best))
    assert rate > 0.0
    assert all(bbm92_rate(PULSED.observed(best * step)) < rate for step in (0.5, 0.9, 1.1, 2.0))


def test_doubling_the_window_doubles_accidentals_and_raises_gain_and_error_together() -> None:
    """Pitfall: a window in the gain only, or in the error only."""
    one = CONTINUOUS.observed(1e7)
    two = replace(CONTINUOUS, coincidence_window_s=2e-9).observed(1e7)
    assert two.accidental_hz == pytest.approx(2.0 * one.accidental_hz, rel=1e-12)
    assert two.total_hz > one.total_hz
    assert two.qber > one.qber
    narrow = replace(CONTINUOUS, coincidence_window_s=1e-11).observed(1e7)
    assert narrow.true_hz < 0.1 * one.true_hz
    assert narrow.qber < one.qber


def test_windows_and_attempts_agree_where_pairs_are_few() -> None:
    """The continuous model of qcisim.optics, in the same window, counts the same coincidences to first order."""
    link = ContinuousPairLink(0.1, 0.05, 0.0, 0.0, 1e-9, 0.0, 0.0)
    source = ContinuousPairSource(1e5, 1e-9)
    gain = coincidence_gain(source, *(np.asarray(x) for x in (0.1, 0.05, 0.0, 0.0)))
    assert float(gain) * source.attempts_hz == pytest.approx(link.observed(1e5).total_hz, rel=1e-3)


def test_brightness_has_an_optimum() -> None:
    rates = [CONTINUOUS.observed(10.0**e).rate_bit_per_s() for e in np.arange(3.0, 10.0, 0.5)]
    best = int(np.argmax(rates))
    assert 0 < best < len(rates) - 1
    assert rates[-1] < 0.0 < rates[best]


def test_fraction_and_threshold() -> None:
    assert bbm92_fraction(0.03, 0.01, 1.16) == pytest.approx(bb84_fraction(0.03, 0.01, 1.16))
    assert bbm92_fraction(0.03, 0.01, 1.16) == pytest.approx(0.69371, abs=5e-6)
    assert threshold(lambda q: bbm92_fraction(q, q)) == pytest.approx(0.110028, abs=1e-6)
    with pytest.raises(PhysicsError, match="Shannon"):
        bbm92_fraction(0.01, 0.01, 0.99)


def test_the_finite_bound_is_that_of_ideal_single_photons_under_its_own_theorem() -> None:
    counts = pair_counts(1e6, 0.03, 0.02, key_basis_probability=0.7, attempts=1e9)
    leak = planned_leak_bits(counts, 1.16)
    made = Bbm92().secret_length(counts, leak, **EPSILON)
    single = Tomamichel2012().secret_length(counts, leak, **EPSILON)
    assert (made.bits, made.terms, made.bounds) == (single.bits, single.terms, single.bounds)
    assert made.bits > 0
    assert "BBM92" in made.theorem
    assert bound("bbm92") == Bbm92()
    assert counts.key_total == pytest.approx(0.49e6)
    assert counts.test_total == pytest.approx(0.09e6)
    assert counts.rounds == 1e9


def test_long_blocks_reach_the_asymptotic_fraction() -> None:
    shares = []
    for coincidences in (1e3, 1e4, 1e6, 1e8, 1e10, 1e13):
        counts = pair_counts(coincidences, 0.02, 0.02)
        leak = planned_leak_bits(counts, 1.1)
        shares.append(Bbm92().secret_length(counts, leak, **EPSILON).bits / counts.key_total)
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == pytest.approx(bbm92_fraction(0.02, 0.02, 1.1), rel=1e-4)
    assert shares[-1] < bbm92_fraction(0.02, 0.02, 1.1)


def test_observed_coincidences() -> None:
    table = np.zeros((2, 2, 2, 2))
    table[0, 0] = [[490, 10], [5, 495]]
    table[1, 1] = [[240, 3], [7, 250]]
    table[0, 1] = 100
    counts = counted_pairs(table)
    assert counts == BlockCounts((1.0,), (1.0,), (1000.0,), (500.0,), (10.0,), (15.0,), rounds=1900.0, observed=True)
    with pytest.raises(PhysicsError, match="shape"):
        counted_pairs(np.zeros((2, 2)))
    with pytest.raises(PhysicsError, match="negative"):
        counted_pairs(-table)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: PulsedPairLink(1.1, 0.5, 0.0, 0.0, 0.0), "transmittance_a"),
        (lambda: PulsedPairLink(0.5, 0.5, -1e-6, 0.0, 0.0), "background_yield_a"),
        (lambda: PulsedPairLink(0.5, 0.5, 0.0, 0.0, 0.6), "misalignment_error"),
        (lambda: PULSED.observed(-0.1), "not negative"),
        (lambda: replace(CONTINUOUS, coincidence_window_s=0.0), "coincidence_window_s"),
        (lambda: replace(CONTINUOUS, transmittance_b=2.0), "cannot amplify"),
        (lambda: replace(CONTINUOUS, dark_rate_a_hz=-1.0), "dark_rate_a_hz"),
        (lambda: replace(CONTINUOUS, polarisation_error=0.7), "polarisation_error"),
        (lambda: CONTINUOUS.observed(math.inf), "pair_rate_hz"),
        (lambda: pair_counts(-1.0, 0.0, 0.0), "negative"),
        (lambda: pair_counts(1.0, 1.1, 0.0), "qber_key"),
        (lambda: pair_counts(1.0, 0.0, 0.0, key_basis_probability=1.0), "both bases"),
        (lambda: pulsed_error_floor(-1.0), "mean_pairs"),
    ],
)
def test_what_cannot_be_is_refused(make, text: str) -> None:
    with pytest.raises(PhysicsError, match=text):
        make()
