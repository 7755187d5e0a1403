"""Circular orbits: rates, sun-synchronous nodes, a satellite that stands still."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orbit_samples import MICIUS
from sgp4.api import Satrec

from qcisim.errors import PhysicsError
from qcisim.optics.orbit import (
    CircularOrbit,
    Epoch,
    geostationary,
    ground_track,
    sun_direction_teme,
    sun_synchronous,
    sun_synchronous_inclination_deg,
)
from qcisim.optics.orbit.circular import mean_motion_rad_per_s

START = Epoch(2025, 3, 1, 6)
orbits = st.builds(
    CircularOrbit,
    st.floats(200.0, 40000.0),
    st.floats(0.0, 180.0),
    st.floats(0.0, 360.0),
    st.floats(0.0, 360.0),
    st.just(START),
)


@given(orbits, st.floats(-1e6, 1e6))
def test_velocity_is_the_derivative_of_position(orbit: CircularOrbit, t_s: float) -> None:
    step = 1.0
    position, velocity = orbit.teme(START, np.array([t_s - step, t_s, t_s + step]))
    assert (position[2] - position[0]) / (2 * step) == pytest.approx(velocity[1], abs=3e-6)
    assert np.linalg.norm(position, axis=-1) == pytest.approx(np.full(3, orbit.axis_km), rel=1e-12)


@given(orbits, st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_only_the_moment_counts(orbit: CircularOrbit, shift_s: float, t_s: float) -> None:
    """Run started later, same moment: same place."""
    assert orbit.teme(START.plus(shift_s), t_s)[0] == pytest.approx(orbit.teme(START, shift_s + t_s)[0], abs=1e-5)


def test_angles_at_the_epoch() -> None:
    position, _ = CircularOrbit(500.0, 90.0, 30.0, 0.0, START).teme(START, 0.0)
    assert position / 6878.137 == pytest.approx([math.cos(math.pi / 6), math.sin(math.pi / 6), 0.0], abs=1e-12)
    position, _ = CircularOrbit(500.0, 90.0, 30.0, 90.0, START).teme(START, 0.0)
    assert position / 6878.137 == pytest.approx([0.0, 0.0, 1.0], abs=1e-12)


def test_drifts_are_those_of_sgp4() -> None:
    """SGP4's secular rates of Micius, J4 and J2 squared included: to half a per cent of the drifts."""
    satellite = Satrec.twoline2rv(*MICIUS[2016])
    axis_km = satellite.a * satellite.radiusearthkm
    orbit = CircularOrbit(axis_km - 6378.137, math.degrees(satellite.inclo), 0.0, 0.0, START)
    assert orbit.node_rate_rad_per_s == pytest.approx(satellite.nodedot / 60.0, rel=5e-3)
    theirs = (satellite.mdot + satellite.argpdot) / 60.0
    mean_motion = mean_motion_rad_per_s(axis_km)
    assert orbit.argument_rate_rad_per_s - mean_motion == pytest.approx(theirs - mean_motion, rel=5e-3)


@pytest.mark.parametrize(("altitude_km", "inclination_deg"), [(500.0, 97.402), (550.0, 97.593), (600.0, 97.788)])
def test_sun_synchronous_inclinations(altitude_km: float, inclination_deg: float) -> None:
    """cos i = -2 Omega_sun A^2/(3 J2 RE^2 n), to the three decimals of the mission data."""
    assert sun_synchronous_inclination_deg(altitude_km) == pytest.approx(inclination_deg, abs=6e-4)


@given(st.floats(300.0, 1500.0), st.floats(0.0, 24.0))
@settings(max_examples=30)
def test_a_sun_synchronous_orbit_keeps_its_hour_all_year(altitude_km: float, hour: float) -> None:
    """Local time at the node = 12 h + (node - Sun)/15; the true Sun leads and lags the mean one by 17 minutes."""
    orbit = sun_synchronous(altitude_km, hour, 0.0, START)
    t_s = 86400.0 * np.arange(0.0, 365.0, 5.0)
    sun = sun_direction_teme(START, t_s)
    node = np.radians(orbit.raan_deg) + orbit.node_rate_rad_per_s * t_s
    local_h = 12.0 + np.degrees(node - np.arctan2(sun[:, 1], sun[:, 0])) / 15.0
    off_h = (local_h - hour + 12.0) % 24.0 - 12.0
    assert np.abs(off_h).max() < 17.0 / 60.0
    assert abs(off_h.mean()) < 0.01


@given(st.floats(-180.0, 180.0))
@settings(max_examples=30)
def test_a_geostationary_satellite_stands_still(longitude_deg: float) -> None:
    orbit = geostationary(longitude_deg, START)
    latitude, longitude, height = ground_track(orbit, START, 86400.0 * np.linspace(0.0, 365.0, 50))
    assert np.abs(latitude).max() < 1e-9
    assert np.abs((longitude - longitude_deg + 180.0) % 360.0 - 180.0).max() < 1e-5
    assert height == pytest.approx(np.full(50, 35786.0), abs=3.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"altitude_km": 90.0}, "altitude_km 90: wanted 120"),
        ({"altitude_km": math.nan}, "altitude_km nan"),
        ({"inclination_deg": 190.0}, "inclination_deg 190: wanted 0 to 180"),
        ({"raan_deg": 400.0}, "raan_deg 400"),
        ({"argument_of_latitude_deg": -361.0}, "argument_of_latitude_deg -361"),
    ],
)
def test_what_is_no_orbit_is_refused(change: dict[str, float], says: str) -> None:
    fields = {"altitude_km": 500.0, "inclination_deg": 50.0, "raan_deg": 0.0, "argument_of_latitude_deg": 0.0}
    with pytest.raises(PhysicsError, match=says):
        CircularOrbit(**(fields | change), epoch=START)


def test_other_refusals() -> None:
    with pytest.raises(PhysicsError, match="sun-synchronous orbits end at 5980 km"):
        sun_synchronous_inclination_deg(6000.0)
    assert sun_synchronous_inclination_deg(5970.0) > 170.0
    with pytest.raises(PhysicsError, match="local_time_ascending_node_h 25: wanted 0 to 24"):
        sun_synchronous(600.0, 25.0, 0.0, START)
    with pytest.raises(PhysicsError, match="longitude_deg 361"):
        geostationary(361.0, START)
