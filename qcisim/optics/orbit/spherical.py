"""Closed forms on a spherical Earth, for checks and first estimates; real passes use `look` and `find_passes`."""

from __future__ import annotations

import math

import numpy as np

from qcisim.errors import require
from qcisim.optics.orbit.epoch import Floats, Times
from qcisim.optics.orbit.frames import EARTH_MU_KM3_PER_S2
from qcisim.units import EARTH_MEAN_RADIUS_KM, SPEED_OF_LIGHT_M_PER_S


def _checked(altitude_km: float, earth_radius_km: float) -> None:
    require(altitude_km > 0.0 and math.isfinite(altitude_km), f"altitude_km {altitude_km:g}: wanted above 0")
    require(earth_radius_km > 0.0, f"earth_radius_km {earth_radius_km:g}: wanted above 0")


def slant_range_km(altitude_km: float, elevation_deg: Times, earth_radius_km: float = EARTH_MEAN_RADIUS_KM) -> Floats:
    """L = -R sin e + sqrt(R^2 sin^2 e + 2 R h + h^2), law of cosines.

    Args:
        altitude_km: h.
        elevation_deg: e, any shape.
        earth_radius_km: R.
    """
    _checked(altitude_km, earth_radius_km)
    height = earth_radius_km * np.sin(np.radians(np.asarray(elevation_deg, dtype=np.float64)))
    # (2Rh + h^2)/(R sin e + sqrt(...)) is the same number without the difference of two large ones
    square = altitude_km * (2.0 * earth_radius_km + altitude_km)
    return np.asarray(np.sqrt(height * height + square) - height)


def central_angle_rad(
    altitude_km: float, elevation_deg: Times, earth_radius_km: float = EARTH_MEAN_RADIUS_KM
) -> Floats:
    """gamma = arccos(R cos e/(R + h)) - e: angle at the Earth's centre between station and satellite."""
    _checked(altitude_km, earth_radius_km)
    elevation = np.radians(np.asarray(elevation_deg, dtype=np.float64))
    return np.asarray(np.arccos(earth_radius_km / (earth_radius_km + altitude_km) * np.cos(elevation)) - elevation)


def elevation_deg(altitude_km: float, central_rad: Times, earth_radius_km: float = EARTH_MEAN_RADIUS_KM) -> Floats:
    """tan e = (cos gamma - R/(R + h))/sin gamma: the inverse of `central_angle_rad`."""
    _checked(altitude_km, earth_radius_km)
    gamma = np.abs(np.asarray(central_rad, dtype=np.float64))
    up = np.cos(gamma) - earth_radius_km / (earth_radius_km + altitude_km)
    return np.degrees(np.arctan2(up, np.sin(gamma)))


def circular_period_s(
    altitude_km: float, earth_radius_km: float = EARTH_MEAN_RADIUS_KM, mu_km3_per_s2: float = EARTH_MU_KM3_PER_S2
) -> float:
    """T = 2 pi sqrt(A^3/mu), A = R + h (Kepler)."""
    _checked(altitude_km, earth_radius_km)
    require(mu_km3_per_s2 > 0.0, f"mu_km3_per_s2 {mu_km3_per_s2:g}: wanted above 0")
    return 2.0 * math.pi * math.sqrt((earth_radius_km + altitude_km) ** 3 / mu_km3_per_s2)


def overhead_pass_duration_s(
    altitude_km: float, minimum_elevation_deg: float, earth_radius_km: float = EARTH_MEAN_RADIUS_KM
) -> float:
    """T gamma/pi: a pass through the zenith between two crossings of the mask, the Earth at rest."""
    gamma = float(central_angle_rad(altitude_km, minimum_elevation_deg, earth_radius_km))
    return circular_period_s(altitude_km, earth_radius_km) * gamma / math.pi


def overhead_pass_elevation_deg(
    altitude_km: float,
    time_from_culmination_s: Times,
    maximum_elevation_deg: float = 90.0,
    earth_radius_km: float = EARTH_MEAN_RADIUS_KM,
) -> Floats:
    """cos gamma = cos gamma_min cos(2 pi t/T): elevation along a pass, the Earth at rest.

    Args:
        altitude_km: of the circular orbit.
        time_from_culmination_s: t, any shape.
        maximum_elevation_deg: at culmination; gives gamma_min.
        earth_radius_km: of the sphere.
    """
    closest = float(central_angle_rad(altitude_km, maximum_elevation_deg, earth_radius_km))
    phase = 2.0 * math.pi * np.asarray(time_from_culmination_s, dtype=np.float64)
    phase = phase / circular_period_s(altitude_km, earth_radius_km)
    gamma = np.arccos(np.clip(math.cos(closest) * np.cos(phase), -1.0, 1.0))
    return elevation_deg(altitude_km, gamma, earth_radius_km)


def doppler_hz(closing_speed_km_per_s: Times, wavelength_nm: float) -> Floats:
    """v/lambda to first order: received less sent frequency, positive where the two ends approach.

    The relativistic terms are smaller by v/c, 2.3e-5 at 7 km/s.
    """
    require(wavelength_nm > 0.0 and math.isfinite(wavelength_nm), f"wavelength_nm {wavelength_nm:g}: wanted above 0")
    return np.asarray(np.asarray(closing_speed_km_per_s, dtype=np.float64) * 1e3 / (wavelength_nm * 1e-9))


def point_ahead_rad(transverse_speed_km_per_s: Times) -> Floats:
    """2 v/c."""
    return np.asarray(2e3 * np.asarray(transverse_speed_km_per_s, dtype=np.float64) / SPEED_OF_LIGHT_M_PER_S)
