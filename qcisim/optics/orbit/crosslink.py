"""Two satellites that see each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.orbit.crossings import Integers, Intervals, by_speed, crossing_intervals, roots
from qcisim.optics.orbit.epoch import Epoch, Floats, Times
from qcisim.optics.orbit.extremes import largest
from qcisim.optics.orbit.frames import EARTH_ECCENTRICITY_SQUARED, EARTH_EQUATOR_KM, EARTH_FLATTENING, checked_times
from qcisim.optics.orbit.orbit import Orbit, shape
from qcisim.optics.orbit.sight import LIGHT_KM_PER_S, Sight

SCANS_PER_REVOLUTION = 90
_NARROW_S = 0.05
_TOLERANCE_S = 1e-6
_NODES = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class InterSatelliteLook(Sight):
    """Satellite b seen from satellite a; all arrays have the shape of ``t_s``.

    Args:
        grazing_altitude_km: smallest height of the straight line between the two above the WGS84 ellipsoid, negative
            where the Earth is in the way; the height of the lower satellite where the line does not dip below it.
    """

    grazing_altitude_km: Floats


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in which two satellites see each other.

    Args:
        start_s, end_s: seconds since the start of the run.
        closest_s: when they are closest in it.
        minimum_range_km: then.
        clipped_start, clipped_end: they saw each other already, or still, at the end of the search.
    """

    start_s: float
    end_s: float
    closest_s: float
    minimum_range_km: float
    clipped_start: bool = False
    clipped_end: bool = False

    @property
    def clipped(self) -> bool:
        """Whether the search cuts the window."""
        return self.clipped_start or self.clipped_end

    @property
    def duration_s(self) -> float:
        """From start to end."""
        return self.end_s - self.start_s


def grazing_altitude_km(position_a_km: Floats, position_b_km: Floats) -> Floats:
    """min over the segment of h(x) = |p(x)| - R(phi(x)), R(phi) = b/sqrt(1 - e^2 cos^2 phi), phi geocentric.

    Starts at the point nearest to the centre of the Earth, then three Newton steps along the line (h'' is 1/r): good to
    ten metres above the ground. Height along the radius, which is within 1e-5 of the geodetic one.

    Args:
        position_a_km, position_b_km: (..., 3), axes with z to the pole.
    """
    across = position_b_km - position_a_km
    length = np.linalg.norm(across, axis=-1)
    unit = across / np.maximum(length, 1e-9)[..., None]
    polar = EARTH_EQUATOR_KM * (1.0 - EARTH_FLATTENING)
    along = np.clip(-np.sum(position_a_km * unit, axis=-1), 0.0, length)
    height = np.zeros_like(along)
    for last in (False, False, False, True):
        point = position_a_km + along[..., None] * unit
        radius = np.maximum(np.linalg.norm(point, axis=-1), 1.0)
        sine = point[..., 2] / radius
        figure = 1.0 - EARTH_ECCENTRICITY_SQUARED + EARTH_ECCENTRICITY_SQUARED * sine * sine
        height = radius - polar / np.sqrt(figure)
        if not last:
            climb = np.sum(point * unit, axis=-1) / radius
            sine_rate = (unit[..., 2] - sine * climb) / radius
            slope = climb + polar * EARTH_ECCENTRICITY_SQUARED * sine * sine_rate * figure**-1.5
            along = np.clip(along - slope * radius, 0.0, length)
    return np.asarray(height)


def between(orbit_a: Orbit, orbit_b: Orbit, epoch: Epoch, t_s: Times) -> InterSatelliteLook:
    """Range, motion and grazing altitude of the line between two satellites.

    Args:
        orbit_a, orbit_b: the two.
        epoch: start of the run.
        t_s: seconds since, any shape.
    """
    times = checked_times(t_s)
    position_a, velocity_a = orbit_a.teme(epoch, times)
    position_b, velocity_b = orbit_b.teme(epoch, times)
    away, velocity = position_b - position_a, velocity_b - velocity_a
    distance = np.linalg.norm(away, axis=-1)
    require(bool((distance > 1e-3).all()), "the two satellites are at the same place: wanted two different orbits")
    rate = np.sum(away * velocity, axis=-1) / distance
    across = np.sqrt(np.maximum(0.0, np.sum(velocity**2, axis=-1) - rate * rate))
    return InterSatelliteLook(
        t_s=times,
        range_km=distance,
        range_rate_km_per_s=rate,
        point_ahead_rad=2.0 * across / LIGHT_KM_PER_S,
        grazing_altitude_km=grazing_altitude_km(position_a, position_b),
    )


def find_windows(
    orbit_a: Orbit,
    orbit_b: Orbit,
    epoch: Epoch,
    start_s: float,
    end_s: float,
    minimum_grazing_altitude_km: float,
) -> tuple[Window, ...]:
    """All spans of time in which the line between two satellites stays above ``minimum_grazing_altitude_km``.

    No point of the line moves faster than the faster satellite, so the grazing altitude changes by no more than that
    speed: intervals where this leaves a doubt are halved down to 0.05 s. No window or gap longer than that is missed.

    Args:
        orbit_a, orbit_b: the two.
        epoch: start of the run.
        start_s, end_s: where to look, seconds since ``epoch``.
        minimum_grazing_altitude_km: over WGS84, from 0; some 20 to 100 km keep the light out of the air.

    Raises:
        PhysicsError: the search is empty, a satellite decays in it, or the two are at the same place.
    """
    require(math.isfinite(start_s) and math.isfinite(end_s), "find_windows: the window is not finite")
    require(end_s > start_s, f"find_windows: the window ends at {end_s:g} s, not after its start at {start_s:g} s")
    floor_km = minimum_grazing_altitude_km
    require(
        0.0 <= floor_km < 1e6,
        f"minimum_grazing_altitude_km {floor_km:g}: wanted 0 or more; below, the Earth is in the way",
    )
    bounds = [shape(orbit, epoch, start_s, end_s) for orbit in (orbit_a, orbit_b)]
    speed = 1.01 * max(bound.speed_km_per_s for bound in bounds)
    step_s = min(bound.perigee_period_s for bound in bounds) / SCANS_PER_REVOLUTION

    def clearance(_: Integers, t_s: Floats) -> tuple[Floats, Floats]:
        value = between(orbit_a, orbit_b, epoch, t_s).grazing_altitude_km - floor_km
        return value, np.zeros_like(value)

    def nearness(_: Integers, t_s: Floats) -> tuple[Floats, Floats]:
        seen = between(orbit_a, orbit_b, epoch, t_s)
        return -seen.range_km, -seen.range_rate_km_per_s

    count = max(2, math.ceil((end_s - start_s) / step_s)) + 1
    nodes = np.linspace(start_s, end_s, count)
    parts: list[Intervals] = []
    sign_start = sign_end = False
    for first in range(0, count - 1, _NODES):
        t_s = nodes[first : first + _NODES + 1]
        which = np.zeros(t_s.size - 1, dtype=np.intp)
        value, slope = clearance(which, t_s)
        if first == 0:
            sign_start = bool(value[0] > 0.0)
        sign_end = bool(value[-1] > 0.0)
        block = Intervals(which, t_s[:-1], t_s[1:], value[:-1], value[1:], slope[:-1], slope[1:])
        parts.append(crossing_intervals(clearance, block, by_speed(speed), _NARROW_S))
    times = np.sort(roots(clearance, Intervals.joined(parts), _TOLERANCE_S))
    edges = np.concatenate([[start_s] if sign_start else [], times, [end_s] if sign_end else []])
    opens, closes = edges[0::2], edges[1::2]
    closest, near = largest(nearness, np.zeros(opens.size, dtype=np.intp), opens, closes, step_s)
    last = opens.size - 1
    return tuple(
        Window(a, b, c, -d, sign_start and k == 0, sign_end and k == last)
        for k, (a, b, c, d) in enumerate(
            zip(opens.tolist(), closes.tolist(), closest.tolist(), near.tolist(), strict=True)
        )
    )
