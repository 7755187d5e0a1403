"""Passes as the result tells of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qcisim.optics import WeakCoherentSource
from qcisim.simulation.build import build_links
from qcisim.simulation.load import load_scenario
from qcisim.simulation.pass_search import sight
from qcisim.simulation.result import PassResult
from qcisim.simulation.scenario import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qcisim.simulation.link_model import LinkModel
    from qcisim.simulation.passes import PlannedPass, Timetable
    from qcisim.simulation.totals import BlockReport

TRACK_POINTS = 61
TRACKS = 24  # passes with curves, the best of each link first
DIGITS = 6  # of the curves: they are there to be drawn


class PassLog:
    """Blocks by the passes whose light is in them."""

    def __init__(self) -> None:
        self._blocks: dict[str, BlockReport] = {}

    def add(self, block: BlockReport) -> None:
        """Note a block; blocks of fibre have no passes."""
        for name in block.passes:
            self._blocks[name] = block

    def block(self, name: str) -> BlockReport | None:
        """The block that holds the light of a pass."""
        return self._blocks.get(name)


def pass_results(scenario: Scenario, timetable: Timetable, log: PassLog, until_s: float) -> tuple[PassResult, ...]:
    """All passes of a run that culminate before ``until_s``; the best ones with their curves."""
    passes = list(timetable.passes(min(until_s, scenario.duration_s)))
    drawn = set(_drawn(passes))
    return tuple(_result(one, timetable.model(one.link_id), log.block(one.id), one.id in drawn) for one in passes)


def planned_passes(
    scenario: Scenario | str | Path,
    *,
    overrides: Sequence[str] = (),
    progress: Callable[[float, str], None] | None = None,
) -> tuple[PassResult, ...]:
    """All passes of a scenario (a `Scenario`, a shipped name, a file, or YAML text) as planned, by culmination.

    Nothing is sent, and what clouds will do is not known. ``overrides`` are those of ``--set``.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario, overrides)
    progress = progress or (lambda fraction, text: None)
    _, timetable = build_links(scenario)
    found = []
    for one in timetable.passes(scenario.duration_s):
        planned = replace(one, status="taken") if one.status == "clouded out" and not one.reason else one
        found.append(_result(planned, timetable.model(one.link_id), None, False))
        progress(one.geometry.culmination_s / scenario.duration_s, f"{len(found)} passes")
    return tuple(found)


def _drawn(passes: Sequence[PlannedPass]) -> list[str]:
    """The passes that get curves: round by round over the links, each time the next best."""
    by_link: dict[str, list[PlannedPass]] = {}
    for one in passes:
        if one.status in ("taken", "clouded out", "no key expected"):
            by_link.setdefault(one.link_id, []).append(one)
    for mine in by_link.values():
        mine.sort(key=lambda one: (one.status != "taken", -one.key_bits_if_clear, one.geometry.minimum_range_km))
    ranked = [one.id for rank in range(TRACKS) for mine in by_link.values() if rank < len(mine) for one in [mine[rank]]]
    return ranked[:TRACKS]


def _result(one: PlannedPass, model: LinkModel, block: BlockReport | None, drawn: bool) -> PassResult:
    link: Any = model.calibrated
    alone = block is not None and len(block.passes) == 1
    sun_deg, sunlit = _light(link, one.middle_s)
    return PassResult(
        id=one.id,
        link=one.link_id,
        satellite=one.satellite,
        station=one.station,
        start_s=one.start_s,
        culmination_s=one.geometry.culmination_s,
        end_s=one.end_s,
        duration_s=one.end_s - one.start_s,
        start_utc=link.epoch.plus(one.start_s).text,
        maximum_elevation_deg=one.geometry.maximum_elevation_deg,
        minimum_range_km=one.geometry.minimum_range_km,
        sun_elevation_deg=sun_deg,
        sunlit=sunlit,
        status=one.status,
        reason=one.reason or (block.length.reason if block is not None else ""),
        clear_probability=one.clear_probability,
        key_bits_if_clear=one.key_bits_if_clear,
        expected_key_bits=one.expected_key_bits,
        secret_bits=block.length.bits if block is not None and alone else None,
        sifted_bits=round(block.sifted_bits) if block is not None and alone else None,
        clicks=round(block.clicks) if block is not None and alone else None,
        qber=block.errors / block.errors_out_of if block is not None and alone and block.errors_out_of else None,
        block=block.passes[0] if block is not None else "",
        settings=_settings(one) if model.spec.protocol.optimise else {},
        track=_track(one, model) if drawn else {},
    )


def _settings(one: PlannedPass) -> dict[str, Any]:
    """What was chosen for a pass before its first light."""
    if not isinstance(one.source, WeakCoherentSource):
        return {}
    return {
        "intensities": list(one.source.intensities),
        "probabilities": list(one.source.probabilities),
        "key_basis_probability": one.source.key_basis_probability,
    }


def _light(link: Any, t_s: float) -> tuple[float | None, bool]:
    """Sun elevation at the station (None where there is none), and whether the sun shines on the satellite."""
    from qcisim.optics.orbit import sun_elevation_deg, sunlit

    at = np.array([t_s])
    station = getattr(link, "station", None)
    sun_deg = None if station is None else float(sun_elevation_deg(station, link.epoch, at)[0])
    orbit = getattr(link, "orbit", None) or link.orbit_a
    return sun_deg, bool(sunlit(orbit, link.epoch, at)[0])


def _track(one: PlannedPass, model: LinkModel) -> dict[str, Any]:
    """Curves of a pass on the calibrated link, with the settings that were chosen for it."""
    t_s = np.linspace(one.start_s, one.end_s, TRACK_POINTS)
    states = model.calibrated.states(t_s)
    look = sight(model.calibrated, t_s)
    found: dict[str, Any] = {
        "t_s": _listed(t_s),
        "elevation_deg": _listed(getattr(look, "elevation_deg", None)),
        "azimuth_deg": _listed(getattr(look, "azimuth_deg", None)),
        "range_km": _listed(look.range_km),
        "losses_db": {name: _listed(loss) for name, loss in states.losses_db},
        "doppler_hz": _listed(look.doppler_hz(model.wavelength_nm)),
        "point_ahead_rad": _listed(look.point_ahead_rad),
    }
    source = one.source if isinstance(one.source, WeakCoherentSource) else model.source
    if isinstance(source, WeakCoherentSource):
        found |= model.per_second(t_s, source)
    return found


def _listed(values: NDArray[np.float64] | None) -> list[float]:
    """Numbers with as many digits as a figure needs."""
    if values is None:
        return []
    return [float(f"{value:.{DIGITS}g}") if math.isfinite(value) else 0.0 for value in values]
