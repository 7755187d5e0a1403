"""The clipped Gaussian against the double integral that defines it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, optimize, special

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    clipped_share,
    collected_gaussian,
    divergence_half_rad,
    gaussian_radius_m,
    truncated_divergence_half_rad,
    truncated_gaussian,
)


def _direct(waist: float, d_t: float, d_r: float, wavelength_nm: float, range_km: float, eps: float) -> float:
    """SatQuMA's formulation, in metres: |k/L int E J0(k rho r/L) r dr|^2 over the receiver."""
    k, length = 2.0 * math.pi / (wavelength_nm * 1e-9), range_km * 1e3

    def field(rho: float) -> float:
        def ring(r: float) -> float:
            return r * math.exp(-((r / waist) ** 2)) * float(special.j0(k * rho * r / length))

        return integrate.quad(ring, 0.5 * eps * d_t, 0.5 * d_t, epsabs=1e-14, epsrel=1e-11, limit=300)[0]

    power = integrate.quad(lambda rho: rho * field(rho) ** 2, 0.0, 0.5 * d_r, epsabs=0, epsrel=1e-9, limit=300)[0]
    return 2.0 * math.pi * (k / length) ** 2 * 2.0 / (math.pi * waist**2) * power


@pytest.mark.parametrize(
    "link",
    [
        (0.15, 0.3, 1.2, 810.0, 500.0, 0.0),
        (0.067, 0.15, 2.3, 1550.0, 1900.0, 0.3),
        (0.04, 0.08, 0.8, 1550.0, 600.0, 0.0),
        (0.3, 0.3, 4.0, 532.0, 200.0, 0.4),  # 25 rings of the spot on the receiver
    ],
)
def test_series_is_the_double_integral(link: tuple[float, ...]) -> None:
    waist, d_t, d_r, wavelength, length, eps = link
    eta = truncated_gaussian(waist, d_t, d_r, wavelength, np.array([length, 10.0 * length]), obstruction=eps)
    assert eta[0] == pytest.approx(_direct(*link), rel=1e-7)
    assert eta[1] == pytest.approx(_direct(waist, d_t, d_r, wavelength, 10.0 * length, eps), rel=1e-7)


def test_a_wide_aperture_leaves_the_gaussian_beam() -> None:
    ranges = np.array([400.0, 1000.0, 2500.0])
    far_radius = divergence_half_rad(0.05, 850.0) * ranges * 1e3
    assert truncated_gaussian(0.05, 0.4, 1.0, 850.0, ranges) == pytest.approx(
        collected_gaussian(far_radius, 1.0), rel=1e-6
    )
    assert far_radius == pytest.approx(gaussian_radius_m(0.05, 850.0, ranges), rel=1e-3)


def test_best_waist_and_its_gain() -> None:
    """On the axis 0.8145 of an even illumination, at a/w = 1.12: Klein and Degnan, Appl. Opt. 13, 2134 (1974)."""

    def gain(alpha: float) -> float:
        even = (math.pi * 0.1**2) * (math.pi * 0.05**2) / (850e-9 * 1e7) ** 2
        return float(truncated_gaussian(0.1 / alpha, 0.2, 0.1, 850.0, 1e4)) / even

    best = optimize.minimize_scalar(lambda alpha: -gain(alpha), bounds=(0.5, 2.0), options={"xatol": 1e-7})
    assert best.x == pytest.approx(1.1209, abs=1e-3)
    assert gain(best.x) == pytest.approx(0.81453, abs=1e-4)


def test_everything_that_leaves_arrives_on_a_huge_receiver() -> None:
    kept = 1.0 - clipped_share(0.1, 0.2, 0.2)
    # hard edges spread light far: what misses falls like 1/V
    eta = truncated_gaussian(0.1, 0.2, np.array([30.0, 60.0, 1e4]), 850.0, 100.0, obstruction=0.2)
    assert np.all(np.diff(eta) > 0.0)
    assert eta[-1] == pytest.approx(kept, abs=1e-4)
    assert float(truncated_gaussian(0.1, 0.2, 1e6, 850.0, 100.0, clipping_included=False)) == pytest.approx(
        1.0, abs=1e-5
    )


def test_the_tail_beyond_the_series_fits_the_series() -> None:
    """V = 500 by the series, V = 520 to 2000 by the tail: both against a direct sum over fine rings."""
    k = 2.0 * math.pi / 850e-9
    for v in (500.0, 530.0, 1500.0):
        x, w = np.polynomial.legendre.leggauss(1200)
        u, wu = 0.5 * (x + 1.0), 0.5 * w
        ring, wr = 0.5 * v * (x + 1.0), 0.5 * v * w
        if v > 600.0:  # more rings than one rule resolves
            edges = np.linspace(0.0, v, 4)
            width = edges[1]
            ring = (edges[:-1, None] + width * u).ravel()
            wr = np.tile(width * wu, 3)
        g = special.j0(np.outer(ring, u)) @ (wu * u * np.exp(-(u**2)))
        exact = 4.0 * float(wr @ (g**2 * ring))
        length_km = k * 0.1 * 1.0 / v / 1e3
        assert float(truncated_gaussian(0.1, 0.2, 2.0, 850.0, length_km)) == pytest.approx(exact, abs=2e-5)


def test_receiver_obstruction_is_a_difference() -> None:
    whole, disc = (truncated_gaussian(0.06, 0.15, d, 1550.0, 800.0) for d in (1.0, 0.3))
    shaded = truncated_gaussian(0.06, 0.15, 1.0, 1550.0, 800.0, receive_obstruction=0.3)
    assert float(shaded) == pytest.approx(float(whole - disc), rel=1e-12)


def test_equivalent_divergence_is_that_of_the_gaussian_without_clipping() -> None:
    free = truncated_divergence_half_rad(0.02, 0.3, 850.0)
    assert free == pytest.approx(float(divergence_half_rad(0.02, 850.0)), rel=1e-9)
    clipped = truncated_divergence_half_rad(0.15, 0.3, 850.0)
    assert clipped > float(divergence_half_rad(0.15, 850.0))
    # the far field falls like the Gaussian near its axis: compare shares of a small and a larger receiver
    small, larger = truncated_gaussian(0.15, 0.3, np.array([0.01, 0.4]), 850.0, 1000.0)
    radius = clipped * 1e6
    assert larger / small == pytest.approx(
        float(collected_gaussian(radius, 0.4) / collected_gaussian(radius, 0.01)), rel=2e-4
    )


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="range above 0"):
        truncated_gaussian(0.05, 0.1, 1.0, 850.0, np.array([500.0, 0.0]))
    with pytest.raises(PhysicsError, match="is not truncated"):
        truncated_gaussian(0.001, 0.3, 1.0, 850.0, 500.0)
    with pytest.raises(PhysicsError, match=r"obstruction 1\.2"):
        truncated_gaussian(0.05, 0.1, 1.0, 850.0, 500.0, obstruction=1.2)
    with pytest.raises(PhysicsError, match="transmit_aperture_m 0"):
        clipped_share(0.05, 0.0)
