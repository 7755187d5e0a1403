"""Pointing: means and the log-negative Weibull transmittance against integrals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    LogNegativeWeibull,
    WeibullPointing,
    collected_gaussian,
    jittered_radius_m,
    mean_efficiency,
    wander_per_axis_m,
)
from qcisim.optics.freespace.pointing import weibull_shape


@pytest.mark.parametrize(("sigma", "bias"), [(0.2, 0.0), (1.0, 0.0), (0.5, 0.8), (2.0, 1.5)])
def test_mean_is_the_integral_over_the_gaussian_error(sigma: float, bias: float) -> None:
    """Rice distribution of the radial error about a constant offset."""

    def density(r: float) -> float:
        rice = r / sigma**2 * math.exp(-0.5 * ((r - bias) / sigma) ** 2) * float(special.i0e(r * bias / sigma**2))
        return rice * math.exp(-2.0 * r**2)

    exact = integrate.quad(density, 0.0, 30.0, epsabs=1e-13, limit=300, points=[bias + 0.5])[0]
    assert float(mean_efficiency(sigma, 1.0, bias)) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("aperture", [0.1, 1.5, 4.0])
def test_jittered_radius_is_exact_for_every_aperture(aperture: float) -> None:
    w, sigma = 2.0, 0.9

    def density(r: float) -> float:
        return float(collected_gaussian(w, aperture, r)) * r / sigma**2 * math.exp(-0.5 * (r / sigma) ** 2)

    mean = integrate.quad(density, 0.0, 12.0, epsabs=1e-12)[0]
    wide = jittered_radius_m(w, sigma / 1e6, 1e3)
    assert float(collected_gaussian(wide, aperture)) == pytest.approx(mean, rel=1e-8)


@given(aperture=st.floats(0.01, 4.0), r=st.floats(0.0, 3.0))
def test_weibull_form_follows_the_exact_integral(aperture: float, r: float) -> None:
    """Within 4 % of the peak for apertures up to four radii of the spot."""
    law = WeibullPointing.of(1.0, aperture)
    exact = collected_gaussian(1.0, aperture, r)
    assert float(abs(law.transmittance(r) - exact)) <= 0.04 * float(law.peak_transmittance)


def test_weibull_form_of_a_small_aperture_is_the_gaussian() -> None:
    """a -> 0: lambda -> 2, R -> w/sqrt(2)."""
    peak, scale, shape = weibull_shape(np.array([1e-9, 1e-7]))
    assert shape == pytest.approx(2.0, abs=1e-6)
    assert scale * np.sqrt([1e-9, 1e-7]) / 2.0 == pytest.approx(math.sqrt(0.5), rel=1e-6)
    assert peak == pytest.approx([0.5e-9, 0.5e-7], rel=1e-6)


@pytest.mark.parametrize("seam", [1e-5, 1e-2])
def test_series_meet_the_functions(seam: float) -> None:
    for values in weibull_shape(np.array([seam * (1 - 1e-9), seam * (1 + 1e-9)])):
        assert values[0] == pytest.approx(values[1], rel=1e-7)


@pytest.mark.parametrize(("aperture", "sigma"), [(0.5, 0.3), (2.0, 0.4), (1.0, 2.0)])
def test_mean_over_the_wander_is_that_of_the_published_distribution(aperture: float, sigma: float) -> None:
    """int T^2 P(T) dT with the density of the amplitude T printed in Phys. Rev. Lett. 108, 220501 (2012)."""
    law = WeibullPointing.of(1.0, aperture)
    t0, scale, shape = math.sqrt(float(law.peak_transmittance)), float(law.scale_m), float(law.shape)

    def density(t: float) -> float:
        depth = 2.0 * math.log(t0 / t)
        head = 2.0 * scale**2 / (sigma**2 * shape * t) * depth ** (2.0 / shape - 1.0)
        return t**2 * head * math.exp(-0.5 * (scale / sigma) ** 2 * depth ** (2.0 / shape))

    exact = integrate.quad(density, 0.0, t0, epsabs=1e-13, limit=500)[0]
    fading = LogNegativeWeibull.of(law, sigma)
    assert float(law.peak_transmittance * fading.mean_efficiency) == pytest.approx(exact, rel=1e-6)


def test_mean_over_the_wander_is_near_the_exact_mean() -> None:
    """The Weibull form against the jittered Gaussian: 1 % for a receiver small against the spot."""
    sigma = np.array([0.5, 1.0, 2.0])
    fading = LogNegativeWeibull.of(WeibullPointing.of(6.0, 1.0), sigma)
    exact = collected_gaussian(jittered_radius_m(6.0, sigma / 1e6, 1e3), 1.0) / collected_gaussian(6.0, 1.0)
    assert fading.mean_efficiency == pytest.approx(exact, rel=0.01)


def test_wander_adds_in_squares() -> None:
    assert float(wander_per_axis_m(3e-6, 1000.0, 4.0)) == pytest.approx(5.0)


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="jitter_rad -1e-06"):
        mean_efficiency(-1e-6, 5e-6)
    with pytest.raises(PhysicsError, match="beam_radius_rad 0"):
        mean_efficiency(1e-6, 0.0)
    with pytest.raises(PhysicsError, match=r"peak_transmittance 1\.2"):
        WeibullPointing(1.2, 1.0, 2.0)
    with pytest.raises(PhysicsError, match="no light"):
        WeibullPointing(0.0, 1.0, 2.0)
