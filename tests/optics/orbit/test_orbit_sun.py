"""Sun and shadow: ephem as oracle, and a ray tracer."""

from __future__ import annotations

import math
from datetime import datetime

import ephem
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orbit_samples import MICIUS

from qcisim.optics.orbit import (
    CircularOrbit,
    Epoch,
    GroundStation,
    TwoLineElements,
    geostationary,
    sun_direction_teme,
    sun_elevation_deg,
    sun_visible_share,
    sunlit,
)
from qcisim.optics.orbit.frames import EARTH_EQUATOR_KM, EARTH_FLATTENING
from qcisim.optics.orbit.sun import SUN_RADIUS_KM, sun_teme_km

SPRING = Epoch(2021, 5, 1)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)),
    st.floats(-89.9, 89.9),
    st.floats(-180.0, 180.0),
    st.floats(0.0, 5000.0),
)
@settings(max_examples=300)
def test_sun_elevation_is_ephems(moment: datetime, lat_deg: float, lon_deg: float, altitude_m: float) -> None:
    """Within 0.02 deg from 1990 to 2050, anywhere, without refraction."""
    observer = ephem.Observer()
    observer.lat, observer.lon, observer.elevation = math.radians(lat_deg), math.radians(lon_deg), altitude_m
    observer.pressure, observer.date = 0.0, ephem.Date(moment)
    theirs = math.degrees(ephem.Sun(observer).alt)
    station = GroundStation(lat_deg, lon_deg, altitude_m)
    assert float(sun_elevation_deg(station, Epoch.parse(moment.isoformat()), 0.0)) == pytest.approx(theirs, abs=0.02)


def test_seasons() -> None:
    """Noon at the tropic on the day of the solstice, and the equinox of 2021 March 20, 09:37 UTC."""
    assert float(sun_elevation_deg(GroundStation(23.4366, 0.4), Epoch(2021, 6, 21, 12), 0.0)) == pytest.approx(
        90.0, abs=0.1
    )
    assert math.degrees(math.asin(sun_direction_teme(Epoch(2021, 3, 20, 9, 37), 0.0)[2])) == pytest.approx(
        0.0, abs=0.01
    )
    hours = np.arange(0.0, 86400.0, 600.0).reshape(12, 12)
    heights = sun_elevation_deg(GroundStation(80.0, 0.0), Epoch(2021, 12, 21), hours)
    assert heights.shape == (12, 12)
    assert (heights < -10.0).all()
    assert np.linalg.norm(sun_direction_teme(SPRING, hours), axis=-1) == pytest.approx(np.ones((12, 12)))


@pytest.mark.parametrize(("year", "day"), [(2016, (2016, 12, 19)), (2017, (2017, 2, 13)), (2021, (2021, 5, 1))])
def test_eclipses_are_ephems(year: int, day: tuple[int, int, int]) -> None:
    """As many, and edges within 20 s: ephem has a sharp shadow, ours begins at the end of 8 s of penumbra."""
    t_s = np.arange(0.0, 86400.0, 5.0)
    ours = sunlit(TwoLineElements(*MICIUS[year]), Epoch(*day), t_s)
    satellite = ephem.readtle("Micius", *MICIUS[year])
    begin = ephem.Date("/".join(map(str, day)))
    theirs = np.empty(t_s.size, dtype=bool)
    for k, t in enumerate(t_s):
        satellite.compute(ephem.Date(begin + t / 86400.0))
        theirs[k] = not satellite.eclipsed
    edges, their_edges = (t_s[1:][lit[1:] != lit[:-1]] for lit in (ours, theirs))
    assert edges.size == their_edges.size >= 28
    assert np.abs(edges - their_edges).max() <= 20.0
    assert (ours[1:] == theirs[1:])[np.abs(t_s[1:, None] - edges).min(axis=1) > 20.0].all()


def test_penumbra_by_ray_tracing() -> None:
    """Rays to 20,000 points of the Sun's disc against the WGS84 ellipsoid: the share that misses it."""
    orbit = TwoLineElements(*MICIUS[2021])
    t_s = np.arange(0.0, 6000.0, 1.0)
    share = sun_visible_share(orbit, SPRING, t_s)
    edge = np.flatnonzero((share > 0.0) & (share < 1.0))
    assert 10 < edge.size < 30
    moments = t_s[np.unique(np.concatenate([edge, edge - 4, edge + 4]))]
    rng = np.random.default_rng(7)
    disc = rng.uniform(-1.0, 1.0, (25000, 2))
    disc = disc[(disc**2).sum(axis=1) < 1.0]
    stretch = np.array([1.0, 1.0, 1.0 / (1.0 - EARTH_FLATTENING)])
    for t in moments:
        place, sun = orbit.teme(SPRING, t)[0], sun_teme_km(SPRING, t)
        line = (sun - place) / np.linalg.norm(sun - place)
        a = np.cross(line, [0.0, 0.0, 1.0])
        a /= np.linalg.norm(a)
        points = sun + SUN_RADIUS_KM * (disc[:, :1] * a + disc[:, 1:] * np.cross(line, a))
        ray, start = (points - place) * stretch, place * stretch
        along = ray @ start
        inside = along**2 - (ray * ray).sum(axis=1) * (start @ start - EARTH_EQUATOR_KM**2)
        free = 1.0 - ((along < 0.0) & (inside > 0.0)).mean()
        assert float(sun_visible_share(orbit, SPRING, t)) == pytest.approx(free, abs=0.02)


def test_shadow_of_well_known_orbits() -> None:
    """Geostationary: none at the solstice, 68 to 72 minutes at the equinox. Dawn-dusk at 800 km: none in April."""
    day = np.arange(0.0, 86400.0, 10.0)
    solstice, equinox = Epoch(2021, 6, 21), Epoch(2021, 3, 20)
    assert sunlit(geostationary(10.0, solstice), solstice, day).all()
    dark_min = (~sunlit(geostationary(10.0, equinox), equinox, day)).sum() / 6.0
    assert 66.0 < dark_min < 72.0
    sunward = math.degrees(math.atan2(*sun_direction_teme(equinox, 0.0)[[1, 0]]))
    facing = CircularOrbit(800.0, 90.0, sunward - 90.0 + 360.0 if sunward < 90.0 else sunward - 90.0, 0.0, equinox)
    assert sunlit(facing, equinox, np.arange(0.0, 6000.0, 10.0)).all()
    share = sun_visible_share(facing, equinox, 0.0)
    assert share.shape == ()
    assert float(share) == 1.0
