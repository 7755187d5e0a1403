"""Closed forms on the sphere against published and derived numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics.orbit import CircularOrbit, Epoch
from qcisim.optics.orbit.spherical import (
    central_angle_rad,
    circular_period_s,
    doppler_hz,
    elevation_deg,
    overhead_pass_duration_s,
    overhead_pass_elevation_deg,
    point_ahead_rad,
    slant_range_km,
)

SPHERE = 6371.0


@pytest.mark.parametrize(
    ("elevation", "range_km", "rel"),
    [(90.0, 500.0, 1e-6), (30.0, 909.4249382619946, 1e-6), (10.0, 1694.5672211546794, 1e-6), (20.0, 1192.797, 1e-5)],
)
def test_slant_range_at_500_km(elevation: float, range_km: float, rel: float) -> None:
    """Reference cases sat.slant.500.* and sat-slant-range-500km-20deg, law of cosines."""
    assert float(slant_range_km(500.0, elevation, SPHERE)) == pytest.approx(range_km, rel=rel)


def test_periods() -> None:
    """Reference cases sat.period.500 and sat-circular-period-600km."""
    assert circular_period_s(500.0, SPHERE) == pytest.approx(5668.144369061165, rel=1e-12)
    assert circular_period_s(600.0, 6378.137) / 60.0 == pytest.approx(96.687, abs=0.005)


def test_overhead_pass() -> None:
    """Reference cases sat.pass.500.10 and sat-satquma-zenith-pass-60s."""
    assert overhead_pass_duration_s(500.0, 10.0, SPHERE) == pytest.approx(442.63594956608785, rel=1e-9)
    assert float(overhead_pass_elevation_deg(500.0, 60.0, 90.0, SPHERE)) == pytest.approx(46.712, abs=0.01)


def test_doppler_at_7_km_per_s() -> None:
    """Reference case sat-doppler-7kms-1550."""
    assert float(doppler_hz(7.0, 1550.0)) / 1e9 == pytest.approx(4.5161, rel=1e-4)
    assert doppler_hz(np.array([-7.0, 0.0]), 1550.0).tolist() == [-float(doppler_hz(7.0, 1550.0)), 0.0]
    assert float(point_ahead_rad(7.5)) == pytest.approx(50.03e-6, rel=1e-3)


@given(st.floats(150.0, 40000.0), st.floats(-5.0, 90.0))
def test_triangle_of_centre_station_and_satellite(altitude_km: float, elevation: float) -> None:
    gamma = central_angle_rad(altitude_km, elevation, SPHERE)
    assert elevation_deg(altitude_km, gamma, SPHERE) == pytest.approx(elevation, abs=1e-6)
    radius = SPHERE + altitude_km
    chord = np.sqrt(SPHERE**2 + radius**2 - 2.0 * SPHERE * radius * np.cos(gamma))
    assert slant_range_km(altitude_km, elevation, SPHERE) == pytest.approx(float(chord), rel=1e-6)


@given(st.floats(300.0, 2000.0), st.floats(0.0, 30.0))
def test_a_pass_ends_at_the_mask(altitude_km: float, mask_deg: float) -> None:
    half = 0.5 * overhead_pass_duration_s(altitude_km, mask_deg, SPHERE)
    assert overhead_pass_elevation_deg(altitude_km, half, 90.0, SPHERE) == pytest.approx(mask_deg, abs=1e-6)
    assert overhead_pass_elevation_deg(altitude_km, 0.0, 60.0, SPHERE) == pytest.approx(60.0, abs=1e-6)


def test_the_circular_orbit_has_that_period() -> None:
    epoch = Epoch(2025, 1, 1)
    polar = CircularOrbit(600.0, 60.0, 0.0, 0.0, epoch)  # 4 cos^2 i = 1: no J2 drift of the argument of latitude
    assert 2.0 * np.pi / polar.argument_rate_rad_per_s == pytest.approx(circular_period_s(600.0, 6378.137), rel=1e-12)


def test_refusals() -> None:
    for bad in (0.0, -1.0, float("nan")):
        with pytest.raises(PhysicsError, match="altitude_km"):
            slant_range_km(bad, 10.0)
    with pytest.raises(PhysicsError, match="mu_km3_per_s2"):
        circular_period_s(500.0, mu_km3_per_s2=0.0)
    with pytest.raises(PhysicsError, match="wavelength_nm -1"):
        doppler_hz(7.0, -1.0)
