"""Circular orbits: any inclination, sun-synchronous, geostationary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.orbit.epoch import Epoch, Floats, Times
from qcisim.optics.orbit.frames import (
    EARTH_EQUATOR_KM,
    EARTH_J2,
    EARTH_MU_KM3_PER_S2,
    EARTH_ROTATION_RAD_PER_S,
    checked_times,
    gmst_rad,
)
from qcisim.optics.orbit.sun import SUN_MEAN_MOTION_RAD_PER_S, sun_mean_longitude_rad


def mean_motion_rad_per_s(axis_km: float) -> float:
    """n = sqrt(mu/A^3)."""
    return math.sqrt(EARTH_MU_KM3_PER_S2 / axis_km**3)


def _drift(axis_km: float) -> float:
    """(3/2) n J2 (RE/A)^2, the scale of the secular J2 rates."""
    return 1.5 * mean_motion_rad_per_s(axis_km) * EARTH_J2 * (EARTH_EQUATOR_KM / axis_km) ** 2


@dataclass(frozen=True, slots=True)
class CircularOrbit:
    """u(t) = u0 + [n + (3/2) n J2 (RE/A)^2 (4 cos^2 i - 1)] t and Omega(t) = Omega0 - (3/2) n J2 (RE/A)^2 cos i t.

    A two-body circle whose node and phase drift as J2 makes them on average; no drag, no periodic terms (some 10 km),
    no Moon and Sun. Good for planning an orbit that does not exist yet; real satellites want `TwoLineElements`.

    Args:
        altitude_km: A - RE, above the equatorial radius 6378.137 km.
        inclination_deg: 0 to 180; above 90 the orbit is retrograde.
        raan_deg: right ascension of the ascending node at ``epoch``, in TEME.
        argument_of_latitude_deg: angle from the ascending node to the satellite at ``epoch``.
        epoch: when the two angles hold.

    Source:
        Vallado, Fundamentals of Astrodynamics (2013), Eqs. (9-38), (9-39), (9-41) with e = 0.
    """

    altitude_km: float
    inclination_deg: float
    raan_deg: float
    argument_of_latitude_deg: float
    epoch: Epoch

    def __post_init__(self) -> None:
        require(
            120.0 <= self.altitude_km <= 1e6,
            f"altitude_km {self.altitude_km:g}: wanted 120 to 1e6; lower, the air ends an orbit within hours",
        )
        require(0.0 <= self.inclination_deg <= 180.0, f"inclination_deg {self.inclination_deg:g}: wanted 0 to 180")
        for name in ("raan_deg", "argument_of_latitude_deg"):
            value = getattr(self, name)
            require(-360.0 <= value <= 360.0, f"{name} {value:g}: wanted -360 to 360")

    @property
    def axis_km(self) -> float:
        """A, the radius of the circle."""
        return EARTH_EQUATOR_KM + self.altitude_km

    @property
    def node_rate_rad_per_s(self) -> float:
        """Drift of the ascending node."""
        return -_drift(self.axis_km) * math.cos(math.radians(self.inclination_deg))  # Eq. (9-38)

    @property
    def argument_rate_rad_per_s(self) -> float:
        """Rate of the argument of latitude: n and the J2 drifts of perigee and mean anomaly together."""
        cosine = math.cos(math.radians(self.inclination_deg))
        drift = _drift(self.axis_km) * (4.0 * cosine**2 - 1.0)  # Eqs. (9-39) + (9-41)
        return mean_motion_rad_per_s(self.axis_km) + drift

    def teme(self, epoch: Epoch, t_s: Times) -> tuple[Floats, Floats]:
        """Position (..., 3) km and velocity (..., 3) km/s in TEME; the velocity is the exact derivative."""
        elapsed = checked_times(t_s) + (epoch - self.epoch)
        node_rate, rate = self.node_rate_rad_per_s, self.argument_rate_rad_per_s
        node = math.radians(self.raan_deg) + node_rate * elapsed
        argument = math.radians(self.argument_of_latitude_deg) + rate * elapsed
        tilt = math.radians(self.inclination_deg)
        cos_node, sin_node = np.cos(node), np.sin(node)
        cos_u, sin_u = np.cos(argument), np.sin(argument)

        def in_space(along: Floats, across: Floats) -> Floats:
            """along towards the node, across 90 deg further in the plane of the orbit."""
            level = across * math.cos(tilt)
            return np.stack(
                [along * cos_node - level * sin_node, along * sin_node + level * cos_node, across * math.sin(tilt)], -1
            )

        position = self.axis_km * in_space(cos_u, sin_u)
        velocity = (self.axis_km * rate) * in_space(-sin_u, cos_u)
        velocity[..., 0] -= node_rate * position[..., 1]
        velocity[..., 1] += node_rate * position[..., 0]
        return position, velocity


def sun_synchronous_inclination_deg(altitude_km: float) -> float:
    """cos i = -2 Omega_sun A^2/(3 J2 RE^2 n): the node turns with the mean Sun, 360 deg in a year.

    Raises:
        PhysicsError: above about 5,980 km no inclination makes the node turn that fast.

    Source:
        Vallado (2013), Eq. (9-38) solved for i.
    """
    axis = EARTH_EQUATOR_KM + altitude_km
    require(axis > 0.0 and math.isfinite(axis), f"altitude_km {altitude_km:g}: not an orbit")
    cosine = -SUN_MEAN_MOTION_RAD_PER_S / _drift(axis)
    require(
        cosine >= -1.0,
        f"altitude_km {altitude_km:g}: sun-synchronous orbits end at 5980 km, higher up J2 turns the node too slowly",
    )
    return math.degrees(math.acos(cosine))


def sun_synchronous(
    altitude_km: float, local_time_ascending_node_h: float, argument_of_latitude_deg: float, epoch: Epoch
) -> CircularOrbit:
    """The circular orbit that crosses the equator northwards at the same mean local solar time all year.

    Node = right ascension of the mean Sun + 15 deg/h (local time - 12 h).

    Args:
        altitude_km: above the equatorial radius.
        local_time_ascending_node_h: mean solar time at the ascending node, 0 to 24; 10.5 is a usual morning orbit.
        argument_of_latitude_deg: angle from the ascending node at ``epoch``.
        epoch: when these hold.
    """
    require(
        0.0 <= local_time_ascending_node_h <= 24.0,
        f"local_time_ascending_node_h {local_time_ascending_node_h:g}: wanted 0 to 24",
    )
    inclination = sun_synchronous_inclination_deg(altitude_km)
    sun = math.degrees(float(sun_mean_longitude_rad(epoch, 0.0)))
    node = math.fmod(sun + 15.0 * (local_time_ascending_node_h - 12.0), 360.0)
    return CircularOrbit(altitude_km, inclination, node, argument_of_latitude_deg, epoch)


def geostationary(longitude_deg: float, epoch: Epoch) -> CircularOrbit:
    """The equatorial circle on which node and phase together turn as fast as the Earth, above ``longitude_deg``.

    About 35,788 km with this model's drifts; the real radius is 1.5 km smaller, because mean and true radius differ by
    (3/2) J2 RE^2/A, which shows in no link budget.
    """
    require(-180.0 <= longitude_deg <= 360.0, f"longitude_deg {longitude_deg:g}: wanted -180 to 360")
    axis = (EARTH_MU_KM3_PER_S2 / EARTH_ROTATION_RAD_PER_S**2) ** (1.0 / 3.0)
    for _ in range(8):  # n(A) + 2 (3/2) n J2 (RE/A)^2 = omega: the correction is 7e-5, each step wins four digits
        axis = (EARTH_MU_KM3_PER_S2 / (EARTH_ROTATION_RAD_PER_S - 2.0 * _drift(axis)) ** 2) ** (1.0 / 3.0)
    phase = math.degrees(float(gmst_rad(epoch, 0.0))) + longitude_deg
    return CircularOrbit(axis - EARTH_EQUATOR_KM, 0.0, 0.0, math.fmod(phase, 360.0), epoch)
