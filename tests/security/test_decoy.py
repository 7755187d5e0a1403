"""Decoy bounds hold for every set of yields and errors that nature, or Eve, may choose."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qcisim.security import decoy, ma2005

PHOTONS = 12
UNIT = st.floats(0.0, 1.0)
YIELDS = st.lists(UNIT, min_size=PHOTONS, max_size=PHOTONS)


def scaled_gains(mu: tuple[float, ...], yields: list[float]) -> tuple[tuple[float, float], ...]:
    """e^k Q_k = sum_n Y_n k^n/n!, as exact intervals."""
    gains = [math.fsum(y * k**n / math.factorial(n) for n, y in enumerate(yields)) for k in mu]
    return tuple((g, g) for g in gains)


@given(YIELDS, YIELDS, st.floats(0.2, 1.0), st.floats(0.05, 0.7), st.floats(0.0, 0.9))
@settings(max_examples=300, deadline=None)
def test_two_decoys_bound_any_yields(
    yields: list[float], errors: list[float], mu1: float, ratio2: float, ratio3: float
) -> None:
    mu2 = mu1 * ratio2
    mu3 = min(mu2 * ratio3, (mu1 - mu2) * 0.99)
    assume(mu2 - mu3 > 1e-3)
    mu, n = (mu1, mu2, mu3), scaled_gains((mu1, mu2, mu3), yields)
    errors = [0.5, *errors[1:]]
    m = scaled_gains(mu, [e * y for e, y in zip(errors, yields, strict=True)])
    vacuum = decoy.two_decoy_vacuum(mu, n)
    tolerance = 1e-9 / (mu2 - mu3)
    assert vacuum <= yields[0] + tolerance
    assert decoy.two_decoy_single(mu, n, max(0.0, vacuum)) <= yields[1] + tolerance
    assert decoy.two_decoy_errors(mu, m) >= errors[1] * yields[1] - tolerance


@given(YIELDS, YIELDS, st.floats(0.2, 1.0), st.floats(0.05, 0.9))
@settings(max_examples=300, deadline=None)
def test_one_decoy_bounds_any_yields(yields: list[float], errors: list[float], mu1: float, ratio: float) -> None:
    mu = (mu1, mu1 * ratio)
    n = scaled_gains(mu, yields)
    errors = [0.5, *errors[1:]]
    m = scaled_gains(mu, [e * y for e, y in zip(errors, yields, strict=True)])
    upper, tolerance = decoy.one_decoy_vacuum_upper(m), 1e-8 / (mu1 * ratio * (1 - ratio))
    assert upper >= yields[0] - tolerance
    assert decoy.one_decoy_vacuum(mu, n) <= yields[0] + tolerance
    assert decoy.one_decoy_single(mu, n, upper) <= yields[1] + tolerance
    assert decoy.one_decoy_errors(mu, m) >= errors[1] * yields[1] - tolerance


def test_photon_number_splitting_leaves_no_single_photon() -> None:
    """A10: Y0 = Y1 = 0, multi-photon yields tuned to the honest gain: the bound must see it."""
    eta, mu = 0.01, (0.48, 0.05, 0.0)
    honest = 1 - math.exp(-eta * 0.48)
    multi = 1 - math.exp(-0.48) * (1 + 0.48)
    attack = [0.0, 0.0] + [honest / multi] * (PHOTONS - 2)
    n = scaled_gains(mu, attack)
    assert decoy.two_decoy_single(mu, n, 0.0) <= 1e-12
    assert decoy.two_decoy_single(mu, scaled_gains(mu, [1 - (1 - eta) ** k for k in range(PHOTONS)]), 0.0) > 0.009


@given(st.floats(1e-5, 0.3), st.floats(0.0, 1e-4), st.floats(0.0, 0.08), st.floats(0.2, 0.9), st.floats(0.05, 0.5))
@settings(max_examples=200, deadline=None)
def test_fewer_decoys_never_promise_more(eta: float, y0: float, e_d: float, mu: float, ratio: float) -> None:
    link = ma2005.ThresholdLink(eta, y0, e_d)
    signal, weak = link.observed(mu), link.observed(mu * ratio)
    assume(signal.gain > 0.0)
    rates = [
        ma2005.key_rate(signal, single, 1.16)
        for single in (link.single_photon(), ma2005.vacuum_weak(signal, weak, y0), ma2005.one_decoy(signal, weak))
    ]
    assert rates[0] >= rates[1] - 1e-12
    assert rates[1] >= rates[2] - 1e-12


def test_single_photon_errors_are_not_the_errors_of_all_pulses() -> None:
    """Pitfall 5: errors in single photons only; taking e1 = E_mu would claim a key that is not there."""
    mu, eta, f = 0.48, 1e-4, 1.16
    yields = [1 - (1 - eta) ** n for n in range(PHOTONS)]
    gain = math.exp(-mu) * scaled_gains((mu,), yields)[0][0]
    error_gain = math.exp(-mu) * mu * yields[1] * 0.10
    signal = ma2005.Observed(mu, gain, error_gain)
    assert signal.qber == pytest.approx(0.0619, abs=1e-4)
    honest = ma2005.key_rate(signal, ma2005.SinglePhoton(eta, 0.10 * eta), f, sifting=1.0) / gain
    naive = ma2005.key_rate(signal, ma2005.SinglePhoton(eta, signal.qber * eta), f, sifting=1.0) / gain
    assert honest == pytest.approx(-0.060, abs=1e-3)
    assert naive == pytest.approx(0.023, abs=1e-3)


def test_reach_and_refusals() -> None:
    assert ma2005.reach_km(lambda length: -1.0) == 0.0
    assert ma2005.reach_km(lambda length: 42.0 - length) == pytest.approx(42.0)
    with pytest.raises(ValueError, match="mu > nu"):
        ma2005.vacuum_weak(ma2005.Observed(0.1, 0.1, 0.0), ma2005.Observed(0.5, 0.2, 0.0), 0.0)
    with pytest.raises(ValueError, match="cannot amplify"):
        ma2005.ThresholdLink(1.2, 0.0, 0.0)
    with pytest.raises(ValueError, match="no intensity"):
        ma2005.optimal_intensity(0.2, 1.22)


def test_the_interval_of_no_deviation_is_exact() -> None:
    assert decoy.exact(3.0, 10.0, 1e-9) == (3.0, 3.0)
    assert np.isclose(decoy.one_decoy_vacuum((0.5, 0.1), ((2.0, 2.0), (1.0, 1.0))), 0.75)
