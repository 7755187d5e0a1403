"""Look angles: laws, point-ahead, stations that cannot be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orbit_samples import MICIUS, MOLNIYA, NAVSTAR

from qcisim.errors import PhysicsError
from qcisim.optics.orbit import (
    CircularOrbit,
    Epoch,
    GroundStation,
    Orbit,
    TwoLineElements,
    geostationary,
    gmst_rad,
    ground_track,
    look,
    look_many,
)
from qcisim.optics.orbit.frames import geodetic

START = Epoch(2006, 6, 25)
ORBITS: list[Orbit] = [
    TwoLineElements(*NAVSTAR),
    TwoLineElements(*MOLNIYA),
    CircularOrbit(500.0, 97.4, 10.0, 20.0, START),
    geostationary(20.0, START),
]
places = st.builds(
    GroundStation,
    st.floats(-90.0, 90.0),
    st.floats(-180.0, 360.0),
    st.floats(0.0, 5000.0),
)
orbits = st.sampled_from(ORBITS)
times = st.floats(0.0, 3e5)
C_KM_PER_S = 299792.458


@given(orbits, places, times)
def test_range_rate_is_the_derivative_of_the_range(orbit: Orbit, place: GroundStation, t_s: float) -> None:
    seen = look(orbit, place, START, t_s + np.array([-0.5, 0.0, 0.5]))
    own = 2e-3 if orbit is ORBITS[1] else 1e-4  # SGP4's velocity is not quite the derivative of its position
    assert seen.range_km[2] - seen.range_km[0] == pytest.approx(seen.range_rate_km_per_s[1], abs=own)


@given(orbits, places, times)
def test_slew_rate_is_the_derivative_of_the_direction(orbit: Orbit, place: GroundStation, t_s: float) -> None:
    seen = look(orbit, place, START, t_s + np.array([-0.5, 0.0, 0.5]))
    e, a = np.radians(seen.elevation_deg), np.radians(seen.azimuth_deg)
    line = np.stack([np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), np.sin(e)], -1)
    turned = np.linalg.norm(line[2] - line[0])
    assert turned == pytest.approx(seen.slew_rate_rad_per_s[1], rel=1e-3, abs=1e-6)


@given(orbits, places, times)
def test_the_line_of_sight_ends_at_the_satellite(orbit: Orbit, place: GroundStation, t_s: float) -> None:
    """Station plus range along elevation and azimuth is the point above the ground track, by other formulas."""
    seen = look(orbit, place, START, t_s)
    e, a = math.radians(seen.elevation_deg), math.radians(seen.azimuth_deg)
    local = np.array([math.cos(e) * math.sin(a), math.cos(e) * math.cos(a), math.sin(e)])
    end = place.ecef_km + seen.range_km * (place.axes.T @ local)
    latitude, longitude, height = geodetic(end)
    there = ground_track(orbit, START, t_s)
    assert latitude == pytest.approx(float(there[0]), abs=1e-8)
    assert height == pytest.approx(float(there[2]), abs=1e-6)
    if abs(latitude) < 89.9:
        assert (longitude - there[1] + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-6)


@given(places)
def test_geodetic_coordinates_and_back(place: GroundStation) -> None:
    latitude, longitude, height = geodetic(place.ecef_km)
    assert latitude == pytest.approx(place.lat_deg, abs=1e-9)
    assert height == pytest.approx(1e-3 * place.altitude_m, abs=1e-8)
    if abs(place.lat_deg) < 89.9:
        assert (longitude - place.lon_deg + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-9)


@given(orbits, places, times)
@settings(max_examples=50)
def test_point_ahead_by_following_the_light(orbit: Orbit, place: GroundStation, t_s: float) -> None:
    """Light that arrives left the satellite earlier, light that leaves meets it later, and the telescope moves.

    In space: direction to where the satellite was, plus u/c (aberration of what is received), against direction to
    where it will be, less u/c (aberration of what is sent); u is the speed of the station.
    """
    seen = look(orbit, place, START, t_s)
    delay = float(seen.delay_s)
    site = place.ecef_km

    def in_space(at_s: float) -> np.ndarray:
        turn = float(gmst_rad(START, at_s))
        c, s = math.cos(turn), math.sin(turn)
        return np.array([c * site[0] - s * site[1], s * site[0] + c * site[1], site[2]])

    here = in_space(t_s)
    speed = in_space(t_s + 0.5) - in_space(t_s - 0.5)
    came, goes = (orbit.teme(START, t_s + side * delay)[0] - here for side in (-1.0, 1.0))
    came, goes = came / np.linalg.norm(came), goes / np.linalg.norm(goes)
    turn = goes - came - 2.0 * speed / C_KM_PER_S
    turn -= came * (turn @ came)
    assert np.linalg.norm(turn) == pytest.approx(float(seen.point_ahead_rad), rel=2e-3, abs=1e-8)


def test_point_ahead_of_known_links() -> None:
    """Up to 51 urad at 500 km over the zenith, 18 urad to the geostationary ring, though that stands still."""
    low = CircularOrbit(500.0, 90.0, 0.0, 0.0, START)
    _, longitude, _ = ground_track(low, START, 0.0)
    seen = look(low, GroundStation(0.0, float(longitude)), START, 0.0)
    assert seen.elevation_deg == pytest.approx(90.0, abs=1e-4)
    assert seen.point_ahead_rad == pytest.approx(2.0 * math.hypot(7.6126, 0.4651) / C_KM_PER_S, rel=2e-3)
    still = look(geostationary(5.0, START), GroundStation(50.0, 5.0), START, np.arange(0.0, 86400.0, 3600.0))
    assert still.slew_rate_rad_per_s.max() < 1e-12
    assert (still.point_ahead_rad > 17.5e-6).all()
    assert (still.point_ahead_rad < 19e-6).all()


def test_delay_and_doppler_sign() -> None:
    orbit = TwoLineElements(*MICIUS[2016])
    station = GroundStation(40.39586667, 117.5774583, 890.0)
    seen = look(orbit, station, Epoch.parse("2016-12-19T16:52:13Z"), np.array([-120.0, 120.0]))
    assert seen.delay_s == pytest.approx(seen.range_km / C_KM_PER_S)
    approach, leave = seen.doppler_hz(848.6)
    assert seen.range_rate_km_per_s[0] < 0.0 < approach
    assert leave < 0.0 < seen.range_rate_km_per_s[1]
    assert approach == pytest.approx(-seen.range_rate_km_per_s[0] * 1e3 / 848.6e-9)
    with pytest.raises(PhysicsError, match="wavelength_nm 0"):
        seen.doppler_hz(0.0)


def test_many_stations_and_any_shape() -> None:
    orbit = ORBITS[2]
    several = [GroundStation(50.0, 5.0), GroundStation(-20.0, 250.0, 1000.0)]
    grid = np.arange(12.0).reshape(3, 4) * 100.0
    for station, seen in zip(several, look_many(orbit, several, START, grid), strict=True):
        assert seen.elevation_deg.shape == (3, 4)
        for k in np.ndindex(3, 4):
            alone = look(orbit, station, START, float(grid[k]))
            for name in ("range_km", "elevation_deg", "azimuth_deg", "range_rate_km_per_s", "point_ahead_rad"):
                assert np.ndim(getattr(alone, name)) == 0
                assert getattr(seen, name)[k] == pytest.approx(float(getattr(alone, name)), rel=1e-13)
    assert look_many(orbit, [], START, 0.0) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ((117.6, 40.4, 900.0), r"lat_deg 117.6: wanted -90 to 90 \(latitude and longitude may be swapped\)"),
        ((-91.0, 40.4), "may be swapped"),
        ((4000.0, 40.4), r"lat_deg 4000: wanted -90 to 90$"),
        ((math.nan, 0.0), "lat_deg nan"),
        ((40.0, 400.0), "lon_deg 400: wanted -180 to 360"),
        ((40.0, math.inf), "lon_deg inf"),
        ((40.0, 5.0, 2e5), "altitude_m 200000"),
        ((40.0, 5.0, math.nan), "altitude_m nan"),
        ((40.0, 5.0, 0.0, 95.0), "minimum_elevation_deg 95: nothing stands above the zenith"),
        ((40.0, 5.0, 0.0, -6.0), "minimum_elevation_deg -6: .* the Earth is in the way"),
        ((40.0, 5.0, 0.0, math.nan), "minimum_elevation_deg nan"),
    ],
)
def test_stations_that_cannot_be_are_refused(fields: tuple[float, ...], says: str) -> None:
    with pytest.raises(PhysicsError, match=says):
        GroundStation(*fields)
