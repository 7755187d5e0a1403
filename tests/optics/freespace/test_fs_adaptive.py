"""Noll residuals, Strehl ratios and fibre coupling against exact integrals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    anisoplanatic_variance,
    fibre_coupling,
    marechal_strehl,
    noll_residual,
    servo_variance,
    smf_coupling,
    strehl,
    uncorrected_fibre_coupling,
    uncorrected_strehl,
    wavefront_variance,
)


def _mode_variance(order: int) -> float:
    """Variance of each Zernike mode of that radial order, (D/r0)^(5/3) rad^2: Noll 1976, Kolmogorov."""
    head = math.gamma(14.0 / 3.0) * (4.8 * math.gamma(1.2)) ** (5.0 / 6.0) * math.gamma(11.0 / 6.0) ** 2
    head /= 2.0 * math.pi**2 * 2.0 ** (5.0 / 3.0)
    gammas = math.gamma(order - 5.0 / 6.0) / (math.gamma(17.0 / 6.0) ** 2 * math.gamma(order + 23.0 / 6.0))
    return 2.0 ** (5.0 / 3.0) * head * (order + 1) * gammas * math.pi


def _tail(j: int) -> float:
    """Variance of all modes above j, from the exact variances, scaled so that all of them are 1.0299."""
    orders = [math.ceil((-3.0 + math.sqrt(9.0 + 8.0 * (i - 1))) / 2.0 - 1e-9) for i in range(2, 5000)]
    terms = [_mode_variance(n) for n in orders[:3000]]
    rest = sum((n + 1) * _mode_variance(n) for n in range(orders[3000], 150))
    whole = math.fsum(terms) + rest
    return 1.0299 * (whole - math.fsum(terms[: j - 1])) / whole


@pytest.mark.parametrize("j", range(1, 22))
def test_noll_table_is_the_sum_of_the_modes_above(j: int) -> None:
    assert noll_residual(j) == pytest.approx(_tail(j), rel=0.02)


def test_residuals_fall_with_every_mode_across_the_end_of_the_table() -> None:
    values = [noll_residual(j) for j in range(1, 200)]
    assert np.all(np.diff(values) < 0.0)
    assert noll_residual(100) == pytest.approx(_tail(100), rel=0.06)


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0, 3.0, 10.0, 60.0])
def test_long_exposure_is_the_integral_of_both_transfer_functions(ratio: float) -> None:
    def mtf(u: float) -> float:
        lens = math.acos(u) - u * math.sqrt(1.0 - u * u)
        return u * lens * math.exp(-3.44 * (u * ratio) ** (5.0 / 3.0))

    exact = 16.0 / math.pi * integrate.quad(mtf, 0.0, 1.0, points=[0.9 / max(1.0, ratio)], epsabs=1e-14)[0]
    assert float(uncorrected_strehl(ratio)) == pytest.approx(exact, rel=1e-6)
    assert float(strehl(wavefront_variance(ratio), ratio)) == pytest.approx(exact, rel=1e-6)


def test_strehl_does_not_collapse() -> None:
    """(r0/D)^2 for large apertures whatever is corrected badly; the Marechal core alone is zero there."""
    ratio = np.array([30.0, 100.0, 1000.0])
    assert strehl(wavefront_variance(ratio, 3), ratio) * ratio**2 == pytest.approx(1.0, abs=0.05)
    assert np.all(marechal_strehl(wavefront_variance(ratio, 3)) < 1e-15)


def _zernike(modes: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The first modes, order by order (the order inside one radial order does not matter for whole orders)."""
    r, t = np.hypot(x, y), np.arctan2(y, x)
    columns: list[np.ndarray] = []
    for n in range(8):
        for m in range(n % 2, n + 1, 2):
            k = (n - m) // 2
            radial = (-1.0) ** k * r**m * special.eval_jacobi(k, m, 0, 1.0 - 2.0 * r**2)
            columns += [radial] if m == 0 else [radial * np.cos(m * t), radial * np.sin(m * t)]
    return np.array(columns[:modes]).T


def _exact_strehl(ratio: float, modes: int) -> float:
    """<|int exp(i phi)|^2> of the Gaussian wavefront that is left of D(r) = 6.88 (r/r0)^(5/3) behind the modes."""
    grid = (np.arange(24) + 0.5) / 12.0 - 1.0
    xx, yy = np.meshgrid(grid, grid)
    inside = xx**2 + yy**2 <= 1.0
    x, y = xx[inside], yy[inside]
    distance = np.hypot(x[:, None] - x, y[:, None] - y) * 0.5 * ratio
    z = _zernike(modes, x, y)
    left = np.eye(x.size) - z @ np.linalg.pinv(z)
    covariance = -0.5 * left @ (6.88 * distance ** (5.0 / 3.0)) @ left.T
    variance = np.diag(covariance)
    return float(np.exp(-0.5 * (variance[:, None] + variance - 2.0 * covariance)).mean())


@pytest.mark.parametrize("modes", [1, 3, 10, 21])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0, 4.0])
def test_strehl_is_near_that_of_the_exact_covariance(ratio: float, modes: int) -> None:
    exact = _exact_strehl(ratio, modes)
    assert float(strehl(wavefront_variance(ratio, modes), ratio)) == pytest.approx(exact, rel=0.07)


def test_strehl_is_too_low_where_tip_and_tilt_are_all_that_is_corrected_of_a_large_aperture() -> None:
    """By 20 % at D = 6 r0 and by half at 10 r0: never too high there."""
    for ratio, share in ((6.0, 0.75), (10.0, 0.4)):
        exact = _exact_strehl(ratio, 3)
        assert share * exact < float(strehl(wavefront_variance(ratio, 3), ratio)) < exact


@given(ratio=st.floats(0.01, 100.0), modes=st.integers(1, 300), extra=st.floats(0.0, 5.0))
def test_correction_helps_and_errors_hurt(ratio: float, modes: int, extra: float) -> None:
    better, now = (float(strehl(wavefront_variance(ratio, j), ratio)) for j in (modes + 1, modes))
    worse = float(strehl(wavefront_variance(ratio, modes) + extra, ratio))
    assert 0.0 < worse <= now * (1 + 1e-12) <= better * (1 + 1e-9) <= 1.0 + 1e-9


@pytest.mark.parametrize("eps", [0.0, 0.2, 0.4])
def test_fibre_coupling_is_the_best_overlap(eps: float) -> None:
    """Brute force over the width of the mode, overlap by quadrature over the annulus."""
    best = 0.0
    for width in np.linspace(0.5, 1.6, 221):
        top = integrate.quad(lambda r, w=width: 2.0 * math.pi * r * math.exp(-((r / w) ** 2)), eps, 1.0)[0]
        best = max(best, top**2 / (math.pi * width**2 / 2.0) / (math.pi * (1.0 - eps**2)))
    assert smf_coupling(eps) == pytest.approx(best, abs=1e-5)


def test_obstruction_costs_coupling() -> None:
    values = [smf_coupling(eps) for eps in (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("ratio", [0.2, 1.0, 2.0, 5.0, 12.0])
def test_coupling_without_correction_is_near_the_two_point_integral(ratio: float) -> None:
    """Dikmelik and Davidson 2005: the fibre weighs the middle of the aperture, 0.8145 S_LE lies up to 15 % below."""
    quick, exact = float(fibre_coupling(ratio, 1.0, 1)), uncorrected_fibre_coupling(ratio)
    assert 0.85 * exact < quick < 1.01 * exact


def test_two_point_integral_without_turbulence_is_the_limit() -> None:
    assert uncorrected_fibre_coupling(0.0) == pytest.approx(0.81453, abs=1e-5)
    c = (2.1 * 2.0 / 2.0) ** 2  # against scipy's double quadrature at D = 2 r0
    b2 = 1.1209**2

    def kernel(x: float, y: float) -> float:
        bell = math.exp(-b2 * (x * x + y * y) - c * (x - y) ** 2)
        return 8.0 * b2 * bell * float(special.i0e(2.0 * c * x * y)) * x * y

    exact = integrate.dblquad(kernel, 0.0, 1.0, 0.0, 1.0, epsabs=1e-9)[0]
    assert uncorrected_fibre_coupling(2.0) == pytest.approx(exact, rel=1e-6)


def test_lag_and_point_ahead_are_one_radian_squared_at_their_scale() -> None:
    assert float(servo_variance(40.0, 40.0)) == 1.0
    assert float(anisoplanatic_variance(7e-6, 7e-6)) == 1.0
    assert float(anisoplanatic_variance(50e-6, 12e-6)) > 10.0  # point-ahead of a low orbit: no correlation is left


def test_fibre_coupling_by_rows() -> None:
    r0 = np.array([0.05, 0.1, 0.3])
    eta = fibre_coupling(0.8, r0, 50, 0.3, np.array([0.1, 0.1, 0.1]))
    assert eta.shape == (3,)
    assert np.all(np.diff(eta) > 0.0)
    assert np.all(eta < smf_coupling(0.3))


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="corrected modes 0"):
        noll_residual(0)
    with pytest.raises(PhysicsError, match=r"corrected modes 2\.5"):
        noll_residual(2.5)  # type: ignore[arg-type]
    with pytest.raises(PhysicsError, match="fried_m 0"):
        fibre_coupling(1.0, 0.0)
    with pytest.raises(PhysicsError, match="obstruction 1"):
        smf_coupling(1.0)
    with pytest.raises(PhysicsError, match="bandwidth_hz 0"):
        servo_variance(40.0, 0.0)
    with pytest.raises(PhysicsError, match="variance_rad2 -1"):
        strehl(-1.0, 1.0)
