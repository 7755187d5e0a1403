"""The passes of links through free space in a time, and the part of each in which light is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qcisim.optics.orbit import Pass, Sight, Window
    from qcisim.simulation.link_model import LinkModel
    from qcisim.simulation.scenario import Scenario
    from qcisim.simulation.space import FreeSpace

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Unused: TypeAlias = Literal["daylight", "sunlit", "out of range", "too short"]
_REASONS = {
    "daylight": "the sun stands too high at the station",
    "sunlit": "the satellite is not in the Earth's shadow",
    "out of range": "the satellite stays beyond the largest range",
}
GRID_S = 5.0  # shadow, sun and range change slowly: looked at so often, and to a millisecond where they change
MARGIN_S = 3600.0  # a pass that begins in one window and culminates in the next is found whole


@dataclass(frozen=True, slots=True)
class Geometry:
    """A time in which two ends see each other; of two satellites culmination is closest approach, elevation None."""

    rise_s: float
    culmination_s: float
    set_s: float
    maximum_elevation_deg: float | None
    minimum_range_km: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pass, the part of it in which light is allowed, and why there is none."""

    link_id: str
    satellite: str
    station: str
    geometry: Geometry
    start_s: float
    end_s: float
    status: Literal["taken"] | Unused
    reason: str = ""


def candidates(
    scenario: Scenario, models: Mapping[str, LinkModel], start_s: float, end_s: float
) -> Iterator[Candidate]:
    """The passes of all links that culminate from ``start_s`` to ``end_s``."""
    begin_s, stop_s = max(0.0, start_s - MARGIN_S), min(scenario.duration_s, end_s + MARGIN_S)
    for link_id, passes in _found(models, begin_s, stop_s):
        model = models[link_id]
        first, second = model.spec.between
        down = scenario.nodes[first].satellite is not None
        satellite, station = (first, second) if down else (second, first)
        for found in passes:
            geometry = _of_window(geometry_of(found), start_s, end_s, scenario.duration_s)
            if geometry is not None:
                whole = Candidate(link_id, satellite, station, geometry, geometry.rise_s, geometry.set_s, "taken")
                yield from _used_parts(scenario, model, whole)


def _found(
    models: Mapping[str, LinkModel], begin_s: float, stop_s: float
) -> Iterator[tuple[str, tuple[Pass, ...] | tuple[Window, ...]]]:
    """The passes of every link; a satellite is flown once for all its stations."""
    from qcisim.optics.orbit import find_passes_many

    flown: dict[Any, list[str]] = {}
    for link_id, model in models.items():
        link = _link(model)
        if hasattr(link, "station"):
            flown.setdefault(link.orbit, []).append(link_id)
        else:
            yield link_id, link.passes(begin_s, stop_s)
    for orbit, link_ids in flown.items():
        links = [_link(models[link_id]) for link_id in link_ids]
        passes = find_passes_many(orbit, [link.station for link in links], links[0].epoch, begin_s, stop_s)
        yield from zip(link_ids, passes, strict=True)


def _of_window(found: Geometry, start_s: float, end_s: float, duration_s: float) -> Geometry | None:
    """The pass, if its culmination is in the window; of one that is as long as the margin, the part in the window."""
    if found.set_s - found.rise_s < MARGIN_S:
        last = end_s >= duration_s
        return found if start_s <= found.culmination_s and (found.culmination_s < end_s or last) else None
    rise_s, set_s = max(found.rise_s, start_s), min(found.set_s, end_s)
    if rise_s >= set_s:
        return None
    return replace(found, rise_s=rise_s, set_s=set_s, culmination_s=min(max(found.culmination_s, rise_s), set_s))


def sight(link: Any, t_s: Floats) -> Sight:
    """One end of a link through free space as the other sees it: a `Look` from a station."""
    from qcisim.optics.orbit import between, look

    if hasattr(link, "station"):
        return look(link.orbit, link.station, link.epoch, t_s)
    return between(link.orbit_a, link.orbit_b, link.epoch, t_s)


def geometry_of(one: Pass | Window) -> Geometry:
    """A pass over a station, or a window between two satellites."""
    from qcisim.optics.orbit import Pass

    if isinstance(one, Pass):
        return Geometry(one.rise_s, one.culmination_s, one.set_s, one.maximum_elevation_deg, one.minimum_range_km)
    return Geometry(one.start_s, one.closest_s, one.end_s, None, one.minimum_range_km)


def _link(model: LinkModel) -> Any:
    return model.calibrated


def _used_parts(scenario: Scenario, model: LinkModel, whole: Candidate) -> Iterator[Candidate]:
    """The parts of a pass in which sun, shadow and range allow light; the pass itself, with the reason, where none."""
    spec = model.spec.free_space
    assert spec is not None
    parts = [(whole.start_s, whole.end_s)]
    for status, allows in conditions(_link(model), spec):
        parts = [smaller for part in parts for smaller in allowed(allows, *part)]
        if not parts:
            yield replace(whole, status=status, reason=_REASONS[status])
            return
    shortest_s = scenario.pass_planning.minimum_duration_s
    usable = [part for part in parts if part[1] - part[0] >= shortest_s]
    for start_s, end_s in usable:
        yield replace(whole, start_s=start_s, end_s=end_s)
    if not usable:
        longest_s = max(end_s - start_s for start_s, end_s in parts)
        reason = f"{longest_s:.0f} s of it can be used, less than {shortest_s:g} s"
        yield replace(whole, status="too short", reason=reason)


def conditions(link: Any, spec: FreeSpace) -> Iterator[tuple[Unused, Callable[[Floats], Mask]]]:
    """What must hold for light to be sent, as functions of the time."""
    from qcisim.optics.orbit import sun_elevation_deg, sunlit

    station = getattr(link, "station", None)
    if spec.maximum_sun_elevation_deg < 90.0 and station is not None:
        yield "daylight", lambda t: sun_elevation_deg(station, link.epoch, t) <= spec.maximum_sun_elevation_deg
    if spec.eclipse_only:
        orbit = getattr(link, "orbit", None) or link.orbit_a
        yield "sunlit", lambda t: ~sunlit(orbit, link.epoch, t)
    if (maximum_km := spec.maximum_range_km) is not None:
        yield "out of range", lambda t: sight(link, t).range_km <= maximum_km


def allowed(allows: Callable[[Floats], Mask], start_s: float, end_s: float) -> list[tuple[float, float]]:
    """The times from ``start_s`` to ``end_s`` in which ``allows`` holds, their ends to a millisecond."""
    t_s = np.linspace(start_s, end_s, max(2, math.ceil((end_s - start_s) / GRID_S) + 1))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], allows(t_s), [False]]).astype(np.int8)))
    found = []
    for low, high in edges.reshape(-1, 2):
        begin_s = start_s if low == 0 else _edge(allows, t_s[low], t_s[low - 1])
        stop_s = end_s if high == t_s.size else _edge(allows, t_s[high - 1], t_s[high])
        found.append((float(begin_s), float(stop_s)))
    return found


def _edge(allows: Callable[[Floats], Mask], inside_s: float, outside_s: float) -> float:
    """Where ``allows`` ends between a time inside and one outside, by bisection; a time inside."""
    while abs(outside_s - inside_s) > 1e-3:
        middle_s = 0.5 * (inside_s + outside_s)
        if allows(np.array([middle_s]))[0]:
            inside_s = middle_s
        else:
            outside_s = middle_s
    return inside_s
