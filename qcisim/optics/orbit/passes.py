"""When a satellite stands above a station's mask."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qcisim.errors import require
from qcisim.optics.orbit.crossings import Booleans, Integers, Intervals, by_curvature, crossing_intervals, roots
from qcisim.optics.orbit.epoch import Epoch, Floats
from qcisim.optics.orbit.extremes import largest
from qcisim.optics.orbit.frames import ecef_from_teme
from qcisim.optics.orbit.orbit import Orbit, Shape, shape
from qcisim.optics.orbit.station import GroundStation

SCANS_PER_REVOLUTION = 60  # 93 s in a low orbit: decides the speed of the search, not what it finds
_OVERLOOKED_KM = 1e-5  # a satellite that stays this little above the cone of the mask may be overlooked: 0.15 s
_TOLERANCE_S = 1e-6
_BLOCK = 1 << 18  # nodes times stations held at once


@dataclass(frozen=True, slots=True)
class Pass:
    """A satellite above a station's mask from rise to set; times in seconds since the start of the run.

    Args:
        rise_s, set_s: when it crosses the mask, or the end of the window if ``clipped_start``, ``clipped_end`` say so.
        culmination_s: when it stands highest.
        maximum_elevation_deg: then.
        minimum_range_km: smallest distance in the pass, within a second or so of culmination.
        rise_azimuth_deg, set_azimuth_deg: at ``rise_s`` and ``set_s``, from north over east.
        clipped_start, clipped_end: it stood above the mask already, or still, at the end of the window.
    """

    rise_s: float
    culmination_s: float
    set_s: float
    maximum_elevation_deg: float
    minimum_range_km: float
    rise_azimuth_deg: float
    set_azimuth_deg: float
    clipped_start: bool = False
    clipped_end: bool = False

    @property
    def clipped(self) -> bool:
        """Whether the window cuts the pass."""
        return self.clipped_start or self.clipped_end

    @property
    def duration_s(self) -> float:
        """From rise to set."""
        return self.set_s - self.rise_s


@dataclass(frozen=True, slots=True, eq=False)
class _Sky:
    """The stations of one search as arrays, and what they see of the orbit."""

    orbit: Orbit
    epoch: Epoch
    site_km: Floats
    axes: Floats
    sin_mask: Floats

    def _away(self, index: Integers, t_s: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Vector, velocity, distance and its rate from station ``index[k]`` at ``t_s[k]``."""
        position, velocity = ecef_from_teme(*self.orbit.teme(self.epoch, t_s), self.epoch, t_s)
        away = position - self.site_km[index]
        distance = np.sqrt(np.einsum("nk,nk->n", away, away))
        return away, velocity, distance, np.einsum("nk,nk->n", away, velocity) / distance

    def above_mask(self, index: Integers, t_s: Floats) -> tuple[Floats, Floats]:
        """f = up.d - sin(mask) |d| (km) and its rate: positive above the mask."""
        away, velocity, distance, rate = self._away(index, t_s)
        up, sine = self.axes[index, 2], self.sin_mask[index]
        return np.einsum("nk,nk->n", up, away) - sine * distance, np.einsum("nk,nk->n", up, velocity) - sine * rate

    def height(self, index: Integers, t_s: Floats) -> tuple[Floats, Floats]:
        """sin e = up.d/|d| and its rate."""
        away, velocity, distance, rate = self._away(index, t_s)
        up = self.axes[index, 2]
        sine = np.einsum("nk,nk->n", up, away) / distance
        return sine, (np.einsum("nk,nk->n", up, velocity) - sine * rate) / distance

    def nearness(self, index: Integers, t_s: Floats) -> tuple[Floats, Floats]:
        """-|d| and its rate."""
        _, _, distance, rate = self._away(index, t_s)
        return -distance, -rate

    def angles(self, index: Integers, t_s: Floats) -> tuple[Floats, Floats]:
        """Elevation and azimuth, deg."""
        east, north, up = np.einsum("nik,nk->in", self.axes[index], self._away(index, t_s)[0])
        azimuth = np.mod(np.degrees(np.arctan2(east, north)), 360.0)
        return np.degrees(np.arctan2(up, np.hypot(east, north))), azimuth


def _curvature(bounds: Shape, stations: Sequence[GroundStation], sin_mask: Floats) -> Floats:
    """Bound on |f''| of `_Sky.above_mask`, km/s^2.

    f'' = up.a - sin m [(v^2 - rate^2)/|d| + a.d/|d|], so |f''| <= a (1 + |sin m|) + |sin m| v^2/d_min, where d_min is
    the perigee less the station's distance from the centre of the Earth.
    """
    site = np.array([np.linalg.norm(station.ecef_km) for station in stations])
    nearest = bounds.perigee_km - site
    require(bool((nearest > 10.0).all()), "a station is as high as the perigee of the orbit")
    slant = np.abs(sin_mask)
    return bounds.acceleration_km_per_s2 * (1.0 + slant) + slant * bounds.speed_km_per_s**2 / nearest


def _scan(sky: _Sky, curvature: Floats, start_s: float, end_s: float, step_s: float) -> Iterator[Intervals]:
    """Intervals of an even grid that are not below the mask for certain; one track of the orbit for all stations."""
    count = max(2, math.ceil((end_s - start_s) / step_s)) + 1
    block = max(2, _BLOCK // len(sky.site_km))
    up, sine = sky.axes[:, 2], sky.sin_mask[:, None]
    site_up = np.einsum("sk,sk->s", up, sky.site_km)[:, None]
    site_square = np.einsum("sk,sk->s", sky.site_km, sky.site_km)[:, None]
    nodes = np.linspace(start_s, end_s, count)
    seam = np.zeros(0)
    for first in range(0, count - 1, block):
        t_s = nodes[first : first + block + 1]
        position, velocity = ecef_from_teme(*sky.orbit.teme(sky.epoch, t_s), sky.epoch, t_s)
        square = np.einsum("nk,nk->n", position, position) - 2.0 * (sky.site_km @ position.T) + site_square
        distance = np.sqrt(square)
        rate = (np.einsum("nk,nk->n", position, velocity) - sky.site_km @ velocity.T) / distance
        value = up @ position.T - site_up - sine * distance
        slope = up @ velocity.T - sine * rate
        if first:  # a node that two blocks share has one value, to the last bit
            value[:, 0] = seam
        seam = value[:, -1]
        reach = 0.125 * curvature[:, None] * (t_s[1] - t_s[0]) ** 2 * (1.0 + 1e-6)
        possible = (value > -reach)[:, :-1] | (value > -reach)[:, 1:]
        which, node = np.nonzero(possible)
        yield Intervals(
            which,
            t_s[node],
            t_s[node + 1],
            value[which, node],
            value[which, node + 1],
            slope[which, node],
            slope[which, node + 1],
        )


def find_passes_many(
    orbit: Orbit, stations: Sequence[GroundStation], epoch: Epoch, start_s: float, end_s: float
) -> tuple[tuple[Pass, ...], ...]:
    """All passes of one satellite over several stations from ``start_s`` to ``end_s``, by rise, one tuple per station.

    f = up.d - sin(mask) |d| is positive above the mask. Its second derivative is bounded by the shape of the orbit, so
    between two samples it stays within K h^2/8 of its chord (10 to 200 km in a low orbit): only where that leaves a
    doubt is the interval halved, until a satellite could rise above the cone of the mask by no more than a centimetre.
    No pass longer than 0.15 s is missed in a low orbit, whatever the scan step. Rise and set are zeros of f to 1e-6 s,
    culmination the largest elevation to a millisecond.

    Args:
        orbit: the satellite.
        stations: where from; the satellite's track is computed once for all.
        epoch: start of the run.
        start_s, end_s: window, seconds since ``epoch``. Of a pass that it cuts the part inside is returned, flagged.

    Returns:
        A satellite that never rises gives (), one that never sets a single pass clipped at both ends.

    Raises:
        PhysicsError: the window is empty, the satellite decays in it, or the orbit meets the Earth.
    """
    require(math.isfinite(start_s) and math.isfinite(end_s), "find_passes: the window is not finite")
    require(end_s > start_s, f"find_passes: the window ends at {end_s:g} s, not after its start at {start_s:g} s")
    if not stations:
        return ()
    sine = np.sin(np.radians([station.minimum_elevation_deg for station in stations]))
    sky = _Sky(
        orbit,
        epoch,
        np.array([station.ecef_km for station in stations]),
        np.array([station.axes for station in stations]),
        sine,
    )
    bounds = shape(orbit, epoch, start_s, end_s)
    curvature = _curvature(bounds, stations, sine)
    narrow_s = math.sqrt(8.0 * _OVERLOOKED_KM / float(curvature.max()))
    step_s = bounds.perigee_period_s / SCANS_PER_REVOLUTION
    decided = by_curvature(curvature)
    begins = np.zeros(len(stations), dtype=bool)
    parts: list[Intervals] = []
    for block in _scan(sky, curvature, start_s, end_s, step_s):
        begins[block.which[(block.left == start_s) & (block.value_left > 0.0)]] = True
        parts.append(crossing_intervals(sky.above_mask, block, decided, narrow_s))
    brackets = Intervals.joined(parts)
    times = roots(sky.above_mask, brackets, _TOLERANCE_S)
    return _assembled(sky, begins, brackets, times, (start_s, end_s), step_s)


def _assembled(
    sky: _Sky, begins: Booleans, brackets: Intervals, times: Floats, window: tuple[float, float], step_s: float
) -> tuple[tuple[Pass, ...], ...]:
    """Passes from the crossings: rises and sets alternate, from ``begins``: above the mask at the window's start."""
    count = len(sky.site_km)
    order = np.lexsort((times, brackets.which))
    which, times = brackets.which[order], times[order]
    rising = brackets.value_right[order] > 0.0
    stations = np.arange(count)
    ends = begins ^ (np.bincount(which, minlength=count) % 2 == 1)
    station = np.concatenate([stations[begins], which[rising]])
    rise = np.concatenate([np.full(int(begins.sum()), window[0]), times[rising]])
    cut = np.arange(rise.size) < begins.sum()
    order = np.lexsort((rise, station))
    station, rise, cut_start = station[order], rise[order], cut[order]
    leaving = np.concatenate([which[~rising], stations[ends]])
    fall = np.concatenate([times[~rising], np.full(int(ends.sum()), window[1])])
    cut = np.arange(fall.size) >= times.size - rising.sum()
    order = np.lexsort((fall, leaving))
    fall, cut_end = fall[order], cut[order]

    culmination, _ = largest(sky.height, station, rise, fall, step_s)
    _, nearness = largest(sky.nearness, station, rise, fall, step_s)
    elevation, _ = sky.angles(station, culmination)
    _, rise_azimuth = sky.angles(station, rise)
    _, set_azimuth = sky.angles(station, fall)
    columns = (rise, culmination, fall, elevation, -nearness, rise_azimuth, set_azimuth, cut_start, cut_end)
    passes = [Pass(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    split = np.searchsorted(station, np.arange(count + 1)).tolist()
    return tuple(tuple(passes[a:b]) for a, b in pairwise(split))


def find_passes(orbit: Orbit, station: GroundStation, epoch: Epoch, start_s: float, end_s: float) -> tuple[Pass, ...]:
    """All passes over one station; see `find_passes_many`."""
    return find_passes_many(orbit, (station,), epoch, start_s, end_s)[0]
