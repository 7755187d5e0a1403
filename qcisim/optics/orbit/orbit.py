"""What an orbit is to everybody else, and what its shape says about how fast things change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qcisim.errors import require
from qcisim.optics.orbit.epoch import Epoch, Floats, Times
from qcisim.optics.orbit.frames import EARTH_EQUATOR_KM, EARTH_MU_KM3_PER_S2, EARTH_ROTATION_RAD_PER_S

_MARGIN_KM = 30.0  # osculating perigee and apogee of one revolution against those of a month: J2 and J3 periods


class Orbit(Protocol):
    """Where a satellite is."""

    def teme(self, epoch: Epoch, t_s: Times) -> tuple[Floats, Floats]:
        """Position (..., 3) km and velocity (..., 3) km/s in TEME, ``t_s`` (...) seconds after ``epoch``."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """Bounds on an orbit over a window of time, in km, km/s and km/s^2.

    Args:
        perigee_km, apogee_km: smallest and largest distance from the centre of the Earth.
        speed_km_per_s: largest speed, seen from the turning Earth or from space.
        acceleration_km_per_s2: largest acceleration seen from the turning Earth.
        perigee_period_s: period of a circular orbit at the perigee: the fastest anything recurs.
    """

    perigee_km: float
    apogee_km: float
    speed_km_per_s: float
    acceleration_km_per_s2: float
    perigee_period_s: float


def shape(orbit: Orbit, epoch: Epoch, start_s: float, end_s: float) -> Shape:
    """Bounds from the osculating ellipses of 16 moments at either end of the window, widened by 30 km.

    Perigee a(1 - e), apogee a(1 + e) from r and v (vis-viva and angular momentum); in the turning frame
    a <= mu/r_p^2 + 2 omega v + omega^2 r_a.

    Raises:
        PhysicsError: the orbit is open, or meets the ground.
    """
    t_s = np.linspace(0.0, 5400.0, 16)
    times = np.clip(np.concatenate([start_s + t_s, end_s - t_s]), start_s, end_s)
    position, velocity = orbit.teme(epoch, times)
    radius = np.linalg.norm(position, axis=-1)
    energy = 0.5 * np.sum(velocity**2, axis=-1) - EARTH_MU_KM3_PER_S2 / radius
    require(bool((energy < 0.0).all()), "the orbit is not bound to the Earth")
    axis = -0.5 * EARTH_MU_KM3_PER_S2 / energy
    momentum = np.linalg.norm(np.cross(position, velocity), axis=-1)
    eccentricity = np.sqrt(np.maximum(0.0, 1.0 - momentum**2 / (EARTH_MU_KM3_PER_S2 * axis)))
    perigee = float((axis * (1.0 - eccentricity)).min()) - _MARGIN_KM
    apogee = float((axis * (1.0 + eccentricity)).max()) + _MARGIN_KM
    require(
        perigee > EARTH_EQUATOR_KM,
        f"perigee {perigee - EARTH_EQUATOR_KM:.0f} km above the equator (with {_MARGIN_KM:g} km of margin): the orbit "
        "meets the atmosphere, the satellite has decayed or the elements are wrong",
    )
    speed = math.sqrt(EARTH_MU_KM3_PER_S2 * (2.0 / perigee - 2.0 / (perigee + apogee)))
    turning = speed + EARTH_ROTATION_RAD_PER_S * apogee
    return Shape(
        perigee,
        apogee,
        turning,
        1.01 * EARTH_MU_KM3_PER_S2 / perigee**2
        + EARTH_ROTATION_RAD_PER_S * (2.0 * turning + EARTH_ROTATION_RAD_PER_S * apogee),
        2.0 * math.pi * math.sqrt(perigee**3 / EARTH_MU_KM3_PER_S2),
    )
