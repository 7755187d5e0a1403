"""Fibre, pulses in time, polarisation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import maxwell, norm

from qcisim.engine import stream
from qcisim.errors import PhysicsError
from qcisim.optics import Fibre, FibreLink, Receiver
from qcisim.optics.fibre import attenuation_of_span_db_per_km, dispersion_ps_per_nm_km
from qcisim.optics.polarisation import (
    PolarisationWalk,
    _product,
    _turns,
    pmd_depolarising,
    rotation_angle_stokes_rad,
    rotation_error,
)
from qcisim.optics.pulse_shape import broadened_rms_s, neighbour_share, rms_from_fwhm, window_share
from qcisim.quantum import bb84_ket, bb84_povm, density, rotation_y


@given(st.floats(0, 500), st.floats(0, 500), st.floats(0.1, 1.0))
def test_losses_of_spans_multiply(one_km: float, two_km: float, alpha: float) -> None:
    whole = Fibre(one_km + two_km, alpha).transmittance
    assert whole == pytest.approx(Fibre(one_km, alpha).transmittance * Fibre(two_km, alpha).transmittance, rel=1e-12)


def test_constants_of_g652() -> None:
    """ITU-T G.652 figures."""
    assert Fibre(100.0).transmittance == pytest.approx(0.01, rel=1e-12)
    assert Fibre(1.0).delay_s == pytest.approx(4.897e-6, rel=1e-4)
    assert dispersion_ps_per_nm_km(1550.0) == pytest.approx(17.46, abs=0.005)
    assert dispersion_ps_per_nm_km(1310.0) == pytest.approx(0.0, abs=1e-12)
    assert Fibre(100.0, pmd_ps_per_sqrt_km=0.1).mean_dgd_s == pytest.approx(1e-12, rel=1e-12, abs=0.0)
    assert attenuation_of_span_db_per_km(51.9, 307.0) == pytest.approx(0.16906, abs=1e-5)


def test_pulse_width_is_the_rms_of_a_sampled_pulse() -> None:
    """Each wavelength and each polarisation half of the pulse arrives at its own time."""
    rng = stream(1, "pulse")
    fibre, n = Fibre(50.0, pmd_ps_per_sqrt_km=5.0), 400_000
    tau = maxwell.rvs(scale=fibre.mean_dgd_s * math.sqrt(math.pi / 8), size=n, random_state=rng)
    arrival = (
        rng.normal(0, 20e-12, n)
        + fibre.dispersion_ps_per_nm_km * fibre.length_km * 1e-12 * rng.normal(0, 0.03, n)
        + rng.choice([-0.5, 0.5], n) * tau
    )
    assert fibre.pulse_rms_s(20e-12, 0.03) == pytest.approx(arrival.std(), rel=6.2 * math.sqrt(0.5 / n), abs=0.0)


@given(st.floats(1e-12, 1e-9), st.floats(1e-12, 1e-9))
def test_broadening_is_symmetric_and_grows(a: float, b: float) -> None:
    assert broadened_rms_s(a, b) == pytest.approx(broadened_rms_s(b, a), rel=1e-12, abs=0.0)
    assert broadened_rms_s(a, b) >= max(a, b) * (1 - 1e-15)


@given(st.floats(1e-11, 3e-9), st.floats(0.05, 1.0))
def test_light_in_and_around_the_gates(fwhm_s: float, duty: float) -> None:
    period_s, sigma = 1e-9, rms_from_fwhm(fwhm_s)
    window_s = duty * period_s
    assert window_share(fwhm_s, window_s) == pytest.approx(2 * norm.cdf(window_s / 2 / sigma) - 1, abs=1e-12)
    k = np.arange(1, 400)
    outside = 2 * np.sum(
        norm.sf((k * period_s - window_s / 2) / sigma) - norm.sf((k * period_s + window_s / 2) / sigma)
    )
    assert neighbour_share(fwhm_s, window_s, period_s) == pytest.approx(outside, abs=1e-12)
    if duty == 1.0:
        assert window_share(fwhm_s, window_s) + neighbour_share(fwhm_s, window_s, period_s) == pytest.approx(1.0)


def test_a_gate_as_long_as_the_period_loses_nothing() -> None:
    assert window_share(1.5e-9, 1e-9) + neighbour_share(1.5e-9, 1e-9, 1e-9) == pytest.approx(1.0, abs=1e-12)
    assert (window_share(0.0, 1e-9), neighbour_share(0.0, 1e-9, 1e-9)) == (1.0, 0.0)


@given(st.floats(0.0, math.pi))
def test_rotation_error_is_born_in_both_bases(theta: float) -> None:
    channel = rotation_y(theta)
    for basis in (0, 1):
        for bit in (0, 1):
            seen = bb84_povm(basis).probabilities(channel.apply(density(bb84_ket(basis, bit))))
            assert seen[1 - bit] == pytest.approx(rotation_error(theta), abs=1e-12)
    assert rotation_angle_stokes_rad(rotation_error(theta)) == pytest.approx(theta, abs=1e-6)


def test_pmd_depolarises_as_the_average_over_delays_and_directions() -> None:
    mean_dgd_s, line_nm = 5e-12, 0.1
    spread = 2 * math.pi * 299_792_458.0 * line_nm * 1e-9 / 1550e-9**2
    scale = mean_dgd_s * math.sqrt(math.pi / 8)
    coherence = quad(lambda tau: maxwell.pdf(tau, scale=scale) * math.exp(-((spread * tau) ** 2) / 2), 0, 40 * scale)[0]
    shrunk = pmd_depolarising(mean_dgd_s, 1550.0, line_nm).apply(density([1, 0]))
    assert (shrunk[0, 0] - shrunk[1, 1]).real == pytest.approx((1 + 2 * coherence) / 3, rel=1e-7)
    assert np.abs(pmd_depolarising(0.0, 1550.0, 1.0).apply(density([1, 0])) - density([1, 0])).max() < 1e-15


def walk(seed: int = 1, rate: float = 0.01, **options: float) -> PolarisationWalk:
    return PolarisationWalk(stream(seed, "walk"), rate, **options)


def test_drift_does_not_depend_on_the_order_of_questions() -> None:
    times = [0.0, 3.25, 9000.3, 17.0, 5000.0, 9000.29]
    for options in ({}, {"tracking_period_s": 60.0}):
        forward, backward = walk(**options), walk(**options)
        a = {t: forward.at(t).kraus for t in times}
        b = {t: backward.at(t).kraus for t in reversed(times)}
        assert all(np.array_equal(a[t], b[t]) for t in times)


def test_drift_is_the_product_of_its_steps() -> None:
    drift = walk(rate=0.3)
    turns = _turns(stream(1, "walk").standard_normal((1, 4096, 3))[0] * 0.15)
    rotation = np.array([1.0, 0.0, 0.0, 0.0])
    for step in turns[:500]:
        rotation = _product(step, rotation)
    w, x, y, z = rotation
    expected = np.array([[w - 1j * z, -1j * x - y], [-1j * x + y, w + 1j * z]])
    assert np.abs(drift.at(500.0).kraus[0] - expected).max() < 1e-12


def test_drift_spreads_like_its_rate() -> None:
    """Mean of <Z> over walks on the sphere: exp(-rate^2 t), two of three axes turn it."""
    rate, t_s, walks = 0.02, 900.0, 400
    z = []
    for seed in range(walks):
        rho = walk(seed, rate).at(t_s).apply(density([1, 0]))
        z.append((rho[0, 0] - rho[1, 1]).real)
    assert np.mean(z) == pytest.approx(math.exp(-(rate**2) * t_s), abs=6.2 * np.std(z) / math.sqrt(walks))


def test_tracking_brings_the_axes_back() -> None:
    drift = walk(rate=0.1, tracking_period_s=60.0)
    identity = np.eye(2)
    for period in (0, 1, 7, 1000):
        assert np.abs(drift.at(60.0 * period).kraus[0] - identity).max() < 1e-12
        assert np.abs(drift.at(60.0 * period + 59.999).kraus[0] - identity).max() > 1e-3
    free = walk(rate=0.1)
    assert np.abs(free.at(60.0).kraus[0] - identity).max() > 1e-3


def test_drift_is_continuous_inside_a_period() -> None:
    drift = walk(rate=0.1, tracking_period_s=60.0)
    for t in (1.0, 30.0, 45.5):
        before, after = drift.at(t - 1e-6).kraus, drift.at(t + 1e-6).kraus
        assert np.abs(before - after).max() < 1e-5


def test_a_drifting_link_needs_a_generator(receiver: Receiver) -> None:
    fibre = Fibre(10.0, drift_stokes_rad_per_sqrt_s=0.01)
    with pytest.raises(PhysicsError, match="pass rng"):
        FibreLink(fibre, receiver, 1e9)
    link = FibreLink(fibre, receiver, 1e9, rng=stream(1, "link"))
    assert np.abs(link.at(0.0).channel.superop - link.at(500.0).channel.superop).max() > 1e-3


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Fibre(-1.0), "length_km"),
        (lambda: Fibre(math.inf), "length_km"),
        (lambda: Fibre(1.0, -0.2), "attenuation_db_per_km"),
        (lambda: Fibre(1.0, connector_db=-1.0), "connector_db"),
        (lambda: Fibre(1.0, group_index=0.9), "not faster than c"),
        (lambda: Fibre(1.0, dispersion_ps_per_nm_km=math.nan), "dispersion"),
        (lambda: Fibre(1.0, misalignment_stokes_rad=4.0), "misalignment"),
        (lambda: attenuation_of_span_db_per_km(1.0, 0.0), "above 0"),
        (lambda: window_share(1e-10, 0.0), "open for some time"),
        (lambda: neighbour_share(1e-10, 2e-9, 1e-9), "longer than the period"),
        (lambda: walk(step_s=0.0), "time moves on"),
        (lambda: walk().at(-1.0), "starts at 0"),
        (lambda: rotation_angle_stokes_rad(1.5), "lies in"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()
