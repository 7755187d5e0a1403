"""Sun and shadow without an ephemeris."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qcisim.optics.orbit.epoch import DAY_S, Epoch, Floats, Times
from qcisim.optics.orbit.frames import EARTH_EQUATOR_KM, EARTH_FLATTENING, checked_times, gmst_rad, rotated_z

if TYPE_CHECKING:
    from qcisim.optics.orbit.orbit import Orbit
    from qcisim.optics.orbit.station import GroundStation

ASTRONOMICAL_UNIT_KM = 149_597_870.7  # exact, IAU 2012
SUN_RADIUS_KM = 695_700.0  # nominal, IAU 2015
SUN_MEAN_MOTION_RAD_PER_S = math.radians(0.9856474) / DAY_S  # along the equator, mean


def _days(epoch: Epoch, t_s: Times) -> Floats:
    return 36525.0 * epoch.centuries(checked_times(t_s))


def sun_mean_longitude_rad(epoch: Epoch, t_s: Times) -> Floats:
    """L = 280.460 deg + 0.9856474 deg n, n days since J2000: also the right ascension of the mean Sun."""
    return np.asarray(np.radians(np.mod(280.460 + 0.9856474 * _days(epoch, t_s), 360.0)))


def sun_teme_km(epoch: Epoch, t_s: Times) -> Floats:
    """lambda = L + 1.915 deg sin g + 0.020 deg sin 2g on an ecliptic tilted by 23.439 deg - 4e-7 deg n.

    Accuracy 0.01 deg from 1950 to 2050 (aberration is in it). The frame is the mean equinox of date, which differs from
    TEME by nutation in obliquity only, 0.003 deg.

    Args:
        epoch: start of the run.
        t_s: seconds since, shape (...).

    Returns:
        (..., 3) km, apparent place of the Sun seen from the centre of the Earth.

    Source:
        The Astronomical Almanac, page C5, low-precision formulas for the Sun.
    """
    days = _days(epoch, t_s)
    anomaly = np.radians(np.mod(357.528 + 0.9856003 * days, 360.0))
    longitude = sun_mean_longitude_rad(epoch, t_s) + np.radians(1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    tilt = np.radians(23.439 - 4e-7 * days)
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)
    sine = np.sin(longitude)
    direction = np.stack([np.cos(longitude), np.cos(tilt) * sine, np.sin(tilt) * sine], axis=-1)
    return np.asarray(ASTRONOMICAL_UNIT_KM * distance[..., None] * direction)


def sun_direction_teme(epoch: Epoch, t_s: Times) -> Floats:
    """Unit vector (..., 3) from the centre of the Earth to the Sun in TEME; see `sun_teme_km`."""
    sun = sun_teme_km(epoch, t_s)
    return np.asarray(sun / np.linalg.norm(sun, axis=-1, keepdims=True))


def sun_elevation_deg(station: GroundStation, epoch: Epoch, t_s: Times) -> Floats:
    """Elevation of the centre of the Sun above the station's horizon, without refraction, to 0.02 deg.

    Args:
        station: on WGS84.
        epoch: start of the run.
        t_s: seconds since, shape (...); the result has it too.
    """
    sun = rotated_z(sun_teme_km(epoch, t_s), gmst_rad(epoch, t_s)) - station.ecef_km
    up = sun @ station.up
    return np.asarray(np.degrees(np.arcsin(np.clip(up / np.linalg.norm(sun, axis=-1), -1.0, 1.0))))


def sun_visible_share(orbit: Orbit, epoch: Epoch, t_s: Times) -> Floats:
    """Share of the Sun's disc that the Earth leaves uncovered, seen from the satellite: 1 in light, 0 in the umbra.

    Two discs of angular radii asin(R_sun/d) and asin(RE/r) at the angle between the directions to Sun and Earth: a
    conical shadow with penumbra. The Earth is its WGS84 ellipsoid (the axes are scaled until it is a sphere); air
    neither bends nor dims light. Edges are good to about a second in a low orbit.

    Source:
        Montenbruck and Gill, Satellite Orbits (2000), Eqs. (3.85) to (3.94).
    """
    stretch = np.array([1.0, 1.0, 1.0 / (1.0 - EARTH_FLATTENING)])
    position = orbit.teme(epoch, t_s)[0] * stretch
    sun = sun_teme_km(epoch, t_s) * stretch - position
    distance, radius = np.linalg.norm(sun, axis=-1), np.linalg.norm(position, axis=-1)
    a = np.arcsin(SUN_RADIUS_KM / distance)  # Eq. (3.85)
    b = np.arcsin(np.minimum(1.0, EARTH_EQUATOR_KM / radius))  # Eq. (3.86)
    cosine = -np.sum(position * sun, axis=-1) / (radius * distance)
    c = np.arccos(np.clip(cosine, -1.0, 1.0))  # Eq. (3.87)
    safe = np.clip(c, np.abs(b - a) + 1e-15, a + b)
    x = (safe**2 + a**2 - b**2) / (2.0 * safe)  # Eq. (3.93)
    y = np.sqrt(np.maximum(0.0, a**2 - x**2))
    covered = a**2 * np.arccos(np.clip(x / a, -1.0, 1.0))
    covered += b**2 * np.arccos(np.clip((safe - x) / b, -1.0, 1.0)) - safe * y  # Eq. (3.92)
    partly = np.clip(1.0 - covered / (math.pi * a**2), 0.0, 1.0)
    whole = np.where(b > a, 0.0, 1.0 - (b / a) ** 2)  # the Earth inside the disc: beyond 1.4 million km
    return np.where(c >= a + b, 1.0, np.where(c <= np.abs(b - a), whole, partly))


def sunlit(orbit: Orbit, epoch: Epoch, t_s: Times) -> NDArray[np.bool_]:
    """True where any of the Sun is seen from the satellite (penumbra included), False in the umbra; see
    `sun_visible_share`."""
    return np.asarray(sun_visible_share(orbit, epoch, t_s) > 0.0)
