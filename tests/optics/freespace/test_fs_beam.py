"""Gaussian, flat and measured beams against the integrals that define them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    MeasuredBeam,
    collected_flat,
    collected_gaussian,
    divergence_half_rad,
    divergence_radius_m,
    gaussian_radius_m,
    waist_of_divergence_m,
)

SIZES = st.floats(0.05, 20.0)


def _off_axis(w: float, a: float, r: float) -> float:
    """(4/w^2) int_0^a rho exp(-2 (rho^2 + r^2)/w^2) I0(4 rho r/w^2) d rho."""

    def ring(rho: float) -> float:
        return rho * math.exp(-2.0 * (rho - r) ** 2 / w**2) * float(special.i0e(4.0 * rho * r / w**2))

    return 4.0 / w**2 * integrate.quad(ring, 0.0, a, epsabs=1e-15, epsrel=1e-11, limit=200)[0]


@pytest.mark.parametrize("a", [0.05, 0.5, 2.0])
@pytest.mark.parametrize("r", [0.0, 0.3, 1.0, 3.0])
def test_off_axis_collection_is_its_integral(a: float, r: float) -> None:
    assert float(collected_gaussian(1.0, 2.0 * a, r)) == pytest.approx(_off_axis(1.0, a, r), rel=1e-8)


def test_collection_over_all_offsets_sums_to_the_area_of_the_aperture() -> None:
    r = np.linspace(0.0, 12.0, 6001)
    total = integrate.simpson(collected_gaussian(2.0, 1.5, r) * 2.0 * np.pi * r, x=r)
    assert total == pytest.approx(math.pi * 0.75**2, rel=1e-9)


@given(w=SIZES, aperture=SIZES, r=st.floats(0.0, 5.0), more=st.floats(0.01, 5.0))
def test_collection_falls_off_the_axis_and_stays_a_share(w: float, aperture: float, r: float, more: float) -> None:
    near, far = collected_gaussian(w, aperture, np.array([r, r + more]))
    assert 0.0 <= far <= near + 1e-12 <= 1.0 + 1e-12


@given(w=SIZES, aperture=SIZES, eps=st.floats(0.0, 0.95), r=st.floats(0.0, 5.0))
def test_an_obstruction_takes_what_its_disc_would_collect(w: float, aperture: float, eps: float, r: float) -> None:
    whole, disc = collected_gaussian(w, aperture, r), collected_gaussian(w, eps * aperture, r)
    assert float(collected_gaussian(w, aperture, r, eps)) == pytest.approx(float(whole - disc), abs=1e-14)


def test_gaussian_beam_near_and_far() -> None:
    assert float(gaussian_radius_m(0.1, 850.0, 0.0)) == 0.1
    far = gaussian_radius_m(0.01, 850.0, np.array([1e4, 2e4]))
    assert far[1] / far[0] == pytest.approx(2.0, rel=1e-6)
    assert far[0] / 1e7 == pytest.approx(float(divergence_half_rad(0.01, 850.0)), rel=1e-6)


@given(full=st.floats(1e-6, 1e-3), wavelength=st.floats(400.0, 2000.0))
def test_waist_and_divergence_are_inverse(full: float, wavelength: float) -> None:
    waist = float(waist_of_divergence_m(full, wavelength))
    assert 2.0 * float(divergence_half_rad(waist, wavelength)) == pytest.approx(full)


def test_conventions_cost_what_they_are_said_to_cost() -> None:
    """Full for half angle: a factor 4; a Gaussian of the same full divergence: a factor 2 on the axis."""
    flat = float(collected_flat(1e-5, 1200.0, 1.0))
    assert float(collected_flat(2e-5, 1200.0, 1.0)) == pytest.approx(flat / 4.0)
    gaussian = float(collected_gaussian(divergence_radius_m(1e-5, 1200.0), 1.0))
    assert gaussian == pytest.approx(2.0 * flat, rel=0.01)
    assert -10.0 * math.log10(gaussian) == pytest.approx(18.6, abs=0.05)  # note of sat-micius-diffraction-22db


def test_flat_beam_is_capped_and_cut_at_its_edge() -> None:
    assert float(collected_flat(1e-5, 0.0, 1.0)) == 1.0
    assert float(collected_flat(1e-5, 50.0, 1.0)) == 1.0  # a spot of 0.5 m
    eta = collected_flat(1e-5, 1200.0, 1.0, np.array([0.0, 5.49, 6.0, 6.51]))
    assert eta[0] == eta[1] == pytest.approx(1.0 / 144.0)
    assert 0.0 < eta[2] < 0.5 * eta[0]
    assert eta[3] == 0.0


def test_flat_beam_overlap_is_an_area() -> None:
    """Against the chord integral of the lens between two discs."""
    spot, a, d = 2.0, 1.3, 1.7

    def chord(x: float) -> float:
        inside = min(spot**2 - x**2, a**2 - (x - d) ** 2)
        return 2.0 * math.sqrt(max(0.0, inside))

    area = integrate.quad(chord, d - a, spot, points=[(spot**2 - a**2 + d**2) / (2 * d)], limit=200)[0]
    assert float(collected_flat(2.0 * spot / 1e6, 1e3, 2.0 * a, d)) == pytest.approx(
        area / (math.pi * spot**2), rel=1e-7
    )


def test_measured_beam_of_a_gaussian_is_the_gaussian() -> None:
    half = 5e-6
    angle = np.linspace(0.0, 4.0 * half, 2001)
    beam = MeasuredBeam(angle, 7.0 * np.exp(-2.0 * (angle / half) ** 2))
    radius_m = divergence_radius_m(2.0 * half, np.array([500.0, 1200.0]))
    for offset in (0.0, 1.0, 4.0):
        for eps in (0.0, 0.3):
            seen = beam.collected(np.array([500.0, 1200.0]), 1.2, offset, eps)
            assert seen == pytest.approx(collected_gaussian(radius_m, 1.2, offset, eps), rel=2e-5)


def test_measured_beam_holds_all_its_light() -> None:
    beam = MeasuredBeam(np.array([0.0, 2e-6, 5e-6]), np.array([1.0, 1.0, 0.0]))
    assert float(beam.encircled(5e-6)) == 1.0
    assert float(beam.collected(1000.0, 20.0)) == 1.0
    inside = 0.5 * 4.0  # int t dt to 2, and on the slope int (5 - t)/3 t dt
    slope = (5.0 * (25.0 - 4.0) / 2.0 - (125.0 - 8.0) / 3.0) / 3.0
    assert float(beam.encircled(2e-6)) == pytest.approx(inside / (inside + slope))


@pytest.mark.parametrize(
    ("angle", "value", "reason"),
    [
        ([0.0], [1.0], "two or more"),
        ([0.0, 1e-6], [1.0], "equal length"),
        ([1e-6, 2e-6], [1.0, 0.0], "rise from 0"),
        ([0.0, 2e-6, 1e-6], [1.0, 1.0, 0.0], "rise from 0"),
        ([0.0, 1e-6], [1.0, -0.1], "not negative"),
        ([0.0, 1e-6], [0.0, 0.0], "no light"),
        ([0.0, 1e-6], [1.0, math.nan], "finite"),
        ([0.0, 10.0], [1.0, 0.0], "below 0.5 rad"),
    ],
)
def test_measured_beam_refuses_what_is_no_far_field(angle: list[float], value: list[float], reason: str) -> None:
    with pytest.raises(PhysicsError, match=reason):
        MeasuredBeam(np.array(angle), np.array(value))


def test_refusals_name_the_value() -> None:
    with pytest.raises(PhysicsError, match=r"waist_m -0\.1"):
        gaussian_radius_m(-0.1, 850.0, 500.0)
    with pytest.raises(PhysicsError, match="range_km -3"):
        gaussian_radius_m(0.1, 850.0, np.array([1.0, -3.0]))
    with pytest.raises(PhysicsError, match="obstruction 1"):
        collected_gaussian(1.0, 1.0, obstruction=1.0)
    with pytest.raises(PhysicsError, match="divergence_full_rad 0"):
        collected_flat(0.0, 500.0, 1.0)
    with pytest.raises(PhysicsError, match="nan"):
        collected_gaussian(1.0, 1.0, math.nan)
