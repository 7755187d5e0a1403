"""What a station sees of a satellite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qcisim.optics.orbit.epoch import Epoch, Floats, Times
from qcisim.optics.orbit.frames import EARTH_ROTATION_RAD_PER_S, checked_times, ecef_from_teme, geodetic
from qcisim.optics.orbit.orbit import Orbit
from qcisim.optics.orbit.spherical import doppler_hz
from qcisim.optics.orbit.station import GroundStation
from qcisim.units import SPEED_OF_LIGHT_M_PER_S

LIGHT_KM_PER_S = 1e-3 * SPEED_OF_LIGHT_M_PER_S


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One end of a link seen from the other; all arrays have the shape of ``t_s``.

    Geometric at one moment: a low satellite moves 4 to 60 m while its light is on the way, left out.

    Args:
        t_s: time since the start of the run.
        range_km: distance.
        range_rate_km_per_s: its derivative; negative while the two approach.
        point_ahead_rad: 2 v/c, angle between the light that arrives and the direction in which light must leave to meet
            the other end; v is the speed across the line of sight of one end relative to the other in space.
    """

    t_s: Floats
    range_km: Floats
    range_rate_km_per_s: Floats
    point_ahead_rad: Floats

    @property
    def delay_s(self) -> Floats:
        """Time of flight L/c."""
        return self.range_km / LIGHT_KM_PER_S

    def doppler_hz(self, wavelength_nm: float) -> Floats:
        """Received less sent frequency, -(dL/dt)/lambda to first order: positive while the two approach."""
        return np.asarray(doppler_hz(-self.range_rate_km_per_s, wavelength_nm))


@dataclass(frozen=True, slots=True, eq=False)
class Look(Sight):
    """A satellite seen from a station; all arrays have the shape of ``t_s``.

    Args:
        elevation_deg: above the plane normal to the WGS84 ellipsoid, without refraction.
        azimuth_deg: from north over east, 0 to 360.
        transverse_speed_km_per_s: speed across the line of sight as the turning Earth sees it; with the range it is
            the rate at which the telescope turns. ``point_ahead_rad`` is made from the speed in space instead, which
            differs by the Earth's rotation times the range: 1 % in a low orbit, everything for a geostationary one.
    """

    elevation_deg: Floats
    azimuth_deg: Floats
    transverse_speed_km_per_s: Floats

    @property
    def slew_rate_rad_per_s(self) -> Floats:
        """How fast the line of sight turns in the station's frame."""
        return self.transverse_speed_km_per_s / self.range_km


def _across(velocity: Floats, along: Floats) -> Floats:
    """Length of the part of ``velocity`` (..., 3) that is normal to the line of sight, along which it is ``along``."""
    square = np.einsum("...k,...k", velocity, velocity) - along * along
    return np.asarray(np.sqrt(np.maximum(0.0, square)))


def _seen(station: GroundStation, t_s: Floats, position: Floats, velocity: Floats) -> Look:
    away = position - station.ecef_km
    distance = np.sqrt(np.einsum("...k,...k", away, away))
    rate = np.einsum("...k,...k", away, velocity) / distance
    local = away @ station.axes.T
    east, north, up = local[..., 0], local[..., 1], local[..., 2]
    across = _across(velocity, rate)
    in_space = velocity.copy()  # + omega x (r - s): the speed in space relative to the moving station
    in_space[..., 0] -= EARTH_ROTATION_RAD_PER_S * away[..., 1]
    in_space[..., 1] += EARTH_ROTATION_RAD_PER_S * away[..., 0]
    return Look(
        t_s=t_s,
        range_km=distance,
        range_rate_km_per_s=rate,
        point_ahead_rad=2.0 * _across(in_space, rate) / LIGHT_KM_PER_S,
        elevation_deg=np.degrees(np.arctan2(up, np.hypot(east, north))),
        azimuth_deg=np.mod(np.degrees(np.arctan2(east, north)), 360.0),
        transverse_speed_km_per_s=across,
    )


def look(orbit: Orbit, station: GroundStation, epoch: Epoch, t_s: Times) -> Look:
    """Range, elevation, azimuth and motion of a satellite seen from a station.

    Args:
        orbit: the satellite.
        station: the telescope.
        epoch: start of the run.
        t_s: seconds since, any shape; a number gives results without axes.

    Raises:
        PhysicsError: the satellite has decayed by then.
    """
    return look_many(orbit, (station,), epoch, t_s)[0]


def look_many(orbit: Orbit, stations: Sequence[GroundStation], epoch: Epoch, t_s: Times) -> list[Look]:
    """`look` from several stations; the satellite is computed once."""
    times = checked_times(t_s)
    position, velocity = ecef_from_teme(*orbit.teme(epoch, times), epoch, times)
    return [_seen(station, times, position, velocity) for station in stations]


def ground_track(orbit: Orbit, epoch: Epoch, t_s: Times) -> tuple[Floats, Floats, Floats]:
    """Geodetic latitude (deg), longitude (deg, -180 to 180) and height (km) of the satellite, the shape of ``t_s``."""
    times = checked_times(t_s)
    position, _ = ecef_from_teme(*orbit.teme(epoch, times), epoch, times)
    return geodetic(position)
