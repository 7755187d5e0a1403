"""The polarisation frame: how the satellite's axes turn against the station's along a pass, and what is left of it.

Angles are those of a linear polarisation in space; the Stokes vector turns by twice as much.
"""

from __future__ import annotations

import math

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats


def frame_rotation_rad(sight: Floats, satellite_axis: Floats, station_axis: Floats) -> Floats:
    """Angle from the station's to the satellite's axis, both seen along the line of sight, in (-pi, pi].

    Args:
        sight: (n, 3), direction from the station to the satellite, any length.
        satellite_axis: (n, 3) or (3,), the satellite's horizontal axis, for example its velocity.
        station_axis: (n, 3) or (3,), the station's horizontal axis.

    All three in one Cartesian frame. Positive is anticlockwise for an observer at the station who looks at the
    satellite. Refused where an axis lies on the line of sight: it has no direction across it.
    """
    u = np.asarray(sight, dtype=np.float64)
    require(bool(np.all(np.linalg.norm(u, axis=-1) > 0.0)), "line of sight: a direction has a length above 0")
    u = u / np.linalg.norm(u, axis=-1, keepdims=True)
    a, b = (_across(np.asarray(axis, dtype=np.float64), u) for axis in (station_axis, satellite_axis))
    angle: Floats = np.arctan2(-np.sum(np.cross(a, b) * u, axis=-1), np.sum(a * b, axis=-1))
    return angle


def _across(axis: Floats, sight: Floats) -> Floats:
    across: Floats = axis - np.sum(axis * sight, axis=-1, keepdims=True) * sight
    length = np.linalg.norm(across, axis=-1)
    reach = 1e-9 * np.linalg.norm(axis, axis=-1)
    require(bool(np.all(length > reach)), "polarisation axis: along the line of sight, it has no direction across it")
    return across


def look_direction(azimuth_deg: Real, elevation_deg: Real) -> Floats:
    """(n, 3) unit vectors (east, north, up) from the station to the satellite."""
    azimuth = np.radians(floats(azimuth_deg, "azimuth_deg", low=-360.0, high=360.0))
    elevation = np.radians(floats(elevation_deg, "elevation_deg", low=-90.0, high=90.0))
    flat = np.cos(elevation)
    return np.stack(np.broadcast_arrays(flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation)), axis=-1)


def horizontal_axis(azimuth_deg: Real) -> Floats:
    """(n, 3) east, north, up: the horizontal axis of an alt-azimuth telescope, to the right of who looks along it."""
    azimuth = np.radians(floats(azimuth_deg, "azimuth_deg", low=-360.0, high=360.0))
    return np.stack(np.broadcast_arrays(np.cos(azimuth), -np.sin(azimuth), np.zeros_like(azimuth)), axis=-1)


def pass_rotation_rad(azimuth_deg: Real, elevation_deg: Real, heading_deg: Real, *, unwrapped: bool = True) -> Floats:
    """Rotation along a pass: satellite axis = direction of flight, station axis = horizontal of the telescope.

    Args:
        azimuth_deg: of the satellite, (n,), clockwise from north.
        elevation_deg: (n,).
        heading_deg: direction of flight over ground, clockwise from north, level at the station: (n,) or a number.
        unwrapped: continuous along the pass instead of in (-pi, pi].

    A level flight seen from the station: good to the few degrees by which the satellite's horizon differs from the
    station's; `frame_rotation_rad` takes the real vectors.
    """
    heading = np.radians(floats(heading_deg, "heading_deg", low=-360.0, high=360.0))
    flight = np.stack(np.broadcast_arrays(np.sin(heading), np.cos(heading), np.zeros_like(heading)), axis=-1)
    angle = frame_rotation_rad(look_direction(azimuth_deg, elevation_deg), flight, horizontal_axis(azimuth_deg))
    return np.unwrap(angle) if unwrapped and angle.ndim else angle


def rotation_qber(rotation_rad: Real, jitter_rad: Real = 0.0) -> Floats:
    """Q = (1 - cos(2 theta) exp(-2 sigma^2))/2; sin^2 theta without jitter: BB84 in turned linear bases.

    Args:
        rotation_rad: theta, mean angle in space, (n,).
        jitter_rad: sigma, rms of a Gaussian error about it.
    """
    theta, sigma = floats(rotation_rad, "rotation_rad"), floats(jitter_rad, "jitter_rad", low=0.0)
    qber: Floats = np.sin(theta) ** 2 + 0.5 * np.cos(2.0 * theta) * -np.expm1(-2.0 * sigma**2)
    return qber


def compensation_residual_rad(rotation_rad: Floats, t_s: Floats, lag_s: float, offset_rad: float = 0.0) -> Floats:
    """theta_res = tau d theta/dt + offset: what a half-wave plate leaves that follows the rotation ``lag_s`` late.

    Args:
        rotation_rad: the rotation along the pass, continuous, (n,).
        t_s: (n,), rising, two or more.
        lag_s: tau.
        offset_rad: constant error of the plate.
    """
    theta, t = np.asarray(rotation_rad, dtype=np.float64), np.asarray(t_s, dtype=np.float64)
    require(
        theta.shape == t.shape and t.ndim == 1 and t.size >= 2, "residual: wanted two times or more, one angle each"
    )
    require(bool(np.all(np.diff(t) > 0.0)), "residual: times rise")
    require(lag_s >= 0.0 and math.isfinite(lag_s), f"lag_s {lag_s:g}: a compensator does not see the future")
    residual: Floats = lag_s * np.gradient(theta, t) + offset_rad
    return residual
