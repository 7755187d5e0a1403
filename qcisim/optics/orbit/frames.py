"""From the frame of the orbits (TEME) to the turning Earth (ECEF), and the figure of the Earth.

TEME is the frame of SGP4: true equator, mean equinox of date. ECEF = R_z(GMST) TEME with

- GMST by IAU 1982 and UT1 taken as UTC: |UT1 - UTC| < 0.9 s turns the Earth by at most 420 m at the equator (some
  100 m in most years);
- polar motion neglected: at most 0.6 arc seconds, 20 m.

Both are below the error of two-line elements.
"""

from __future__ import annotations

import math

import numpy as np

from qcisim.errors import require
from qcisim.optics.orbit.epoch import DAY_S, J2000, Epoch, Floats, Times

EARTH_MU_KM3_PER_S2 = 398600.4418  # WGS84
EARTH_J2 = 1.08262668e-3  # WGS84
EARTH_EQUATOR_KM = 6378.137  # WGS84, semi-major axis
EARTH_FLATTENING = 1.0 / 298.257223563  # WGS84
EARTH_ECCENTRICITY_SQUARED = EARTH_FLATTENING * (2.0 - EARTH_FLATTENING)
EARTH_ROTATION_RAD_PER_S = 7.292115855e-5  # rate of GMST, IAU 1982: 2 pi 1.002737909350795 / 86400 s


def gmst_rad(epoch: Epoch, t_s: Times) -> Floats:
    """Greenwich mean sidereal time, theta = 67310.54841 + (876600 h + 8640184.812866) T + 0.093104 T^2 - 6.2e-6 T^3 s.

    Args:
        epoch: start of the run.
        t_s: seconds since, any shape.

    Returns:
        rad, from 0 to 2 pi.

    Source:
        Aoki et al., Astron. Astrophys. 105, 359 (1982); Vallado, Fundamentals of Astrodynamics (2013), Eq. (3-47).
    """
    midnight, fraction = epoch.julian(t_s)
    century = ((midnight - J2000) + fraction) / 36525.0
    slow_s = 67310.54841 + (8640184.812866 + (0.093104 - 6.2e-6 * century) * century) * century
    # 876600 h per century are whole turns, one a day: what is left of them is the fraction of the day since noon
    turns = slow_s / DAY_S + np.mod(midnight - J2000, 1.0) + fraction
    return np.asarray(2.0 * math.pi * np.mod(turns, 1.0))


def rotated_z(vector: Floats, angle_rad: Floats) -> Floats:
    """R_z(angle) v: the same vector in axes turned by ``angle_rad`` (...) about z; ``vector`` (..., 3)."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    turned = np.empty(np.broadcast_shapes(vector.shape, (*np.shape(angle_rad), 3)))
    turned[..., 0] = cosine * vector[..., 0] + sine * vector[..., 1]
    turned[..., 1] = cosine * vector[..., 1] - sine * vector[..., 0]
    turned[..., 2] = vector[..., 2]
    return turned


def ecef_from_teme(position_km: Floats, velocity_km_per_s: Floats, epoch: Epoch, t_s: Times) -> tuple[Floats, Floats]:
    """r = R_z(theta) r_TEME, v = R_z(theta) v_TEME - omega x r: the motion that the turning Earth sees.

    Args:
        position_km, velocity_km_per_s: (..., 3) in TEME.
        epoch, t_s: their times, shape (...).

    Returns:
        (..., 3) km and km/s in ECEF.
    """
    theta = gmst_rad(epoch, t_s)
    position = rotated_z(position_km, theta)
    velocity = rotated_z(velocity_km_per_s, theta)
    velocity[..., 0] += EARTH_ROTATION_RAD_PER_S * position[..., 1]
    velocity[..., 1] -= EARTH_ROTATION_RAD_PER_S * position[..., 0]
    return position, velocity


def geodetic(position_km: Floats) -> tuple[Floats, Floats, Floats]:
    """WGS84 latitude (deg), longitude (deg, -180 to 180) and height (km) of ECEF positions (..., 3).

    Four fixed-point steps of the latitude: 1e-9 deg from the ground to beyond the geostationary ring.
    """
    x, y, z = position_km[..., 0], position_km[..., 1], position_km[..., 2]
    radius = np.hypot(x, y)
    latitude = np.arctan2(z, radius * (1.0 - EARTH_ECCENTRICITY_SQUARED))
    normal = np.zeros_like(latitude)
    for _ in range(4):
        sine = np.sin(latitude)
        normal = EARTH_EQUATOR_KM / np.sqrt(1.0 - EARTH_ECCENTRICITY_SQUARED * sine * sine)
        latitude = np.arctan2(z + EARTH_ECCENTRICITY_SQUARED * normal * sine, radius)
    sine, cosine = np.sin(latitude), np.cos(latitude)
    height = radius * cosine + z * sine - EARTH_EQUATOR_KM * np.sqrt(1.0 - EARTH_ECCENTRICITY_SQUARED * sine * sine)
    return np.degrees(latitude), np.degrees(np.arctan2(y, x)), height


def checked_times(t_s: Times) -> Floats:
    """``t_s`` as float64 array of its own shape, refused where not finite."""
    times = np.asarray(t_s, dtype=np.float64)
    require(bool(np.isfinite(times).all()), "t_s: a time is not finite")
    return times
