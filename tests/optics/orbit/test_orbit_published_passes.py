"""Passes with published or independently computed numbers."""

from __future__ import annotations

import pytest

from qcisim import registry
from qcisim.optics.orbit import Epoch, GroundStation, TwoLineElements, find_passes, look

HOUR_S = 3600.0


def test_micius_over_xinglong_in_december_2016(micius: dict[int, TwoLineElements]) -> None:
    """sat-micius-20161219-min-range: 645 km, and 273 s below 1200 km (Liao et al., Nature 549, 43, Fig. 3)."""
    station = GroundStation(40.39586667, 117.5774583, 893.0)
    epoch = Epoch.parse("2016-12-19T15:00:00")
    (only,) = find_passes(micius[2016], station, epoch, 0.0, 3 * HOUR_S)
    assert only.minimum_range_km == pytest.approx(645.0, abs=1.5)

    def crossing(near: float, far: float) -> float:
        while abs(far - near) > 1e-6:
            middle = 0.5 * (near + far)
            below = float(look(micius[2016], station, epoch, middle).range_km) < 1200.0
            near, far = (middle, far) if below else (near, middle)
        return near

    below_s = crossing(only.culmination_s, only.set_s) - crossing(only.culmination_s, only.rise_s)
    assert below_s == pytest.approx(272.6, abs=0.1)


def test_micius_over_nanshan_in_february_2017(micius: dict[int, TwoLineElements]) -> None:
    """sat-micius-20170213-zenith-pass: 507.0 km at 85.7 deg (Liao et al. 2017)."""
    station = GroundStation(43.47546111, 87.17668611, 2080.0)
    (only,) = find_passes(micius[2017], station, Epoch.parse("2017-02-13T17:00:00"), 0.0, 3 * HOUR_S)
    assert only.minimum_range_km == pytest.approx(507.0, abs=1.0)
    assert only.maximum_elevation_deg == pytest.approx(85.7, abs=0.1)


def test_micius_over_delft(micius: dict[int, TwoLineElements]) -> None:
    """sat-sgp4-delft-20210515."""
    station = GroundStation(52.012, 4.357, 0.0)
    (only,) = find_passes(micius[2021], station, Epoch.parse("2021-05-15T00:00:00"), 0.0, HOUR_S)
    assert only.maximum_elevation_deg == pytest.approx(77.3, abs=0.15)


def test_micius_over_redu_in_a_day(micius: dict[int, TwoLineElements]) -> None:
    """sat-sgp4-redu-pass-count."""
    station = GroundStation(50.002, 5.146, 330.0)
    assert len(find_passes(micius[2021], station, Epoch.parse("2021-05-01T00:00:00"), 0.0, 24 * HOUR_S)) == 4


def test_micius_over_tenerife(micius: dict[int, TwoLineElements]) -> None:
    """sat-sgp4-tenerife-duration."""
    station = GroundStation(28.298, -16.5118, 2400.0)
    (only,) = find_passes(micius[2021], station, Epoch.parse("2021-05-01T00:00:00"), 0.0, 2 * HOUR_S)
    assert only.duration_s == pytest.approx(435.2, abs=1.5)


def test_orbits_are_registered() -> None:
    """Every orbit has a name, a source, and is made from the parameters it declares."""
    registry.load_all()
    found = {entry.name: entry for entry in registry.entries("orbit")}
    assert set(found) == {"two_line_elements", "circular", "sun_synchronous", "geostationary"}
    epoch = Epoch(2025, 1, 1)
    for name, entry in found.items():
        assert entry.source
        assert entry.make is not None
        if entry.parameters:
            for choice in ("minimum", "maximum", "good"):
                values = {each.name: getattr(each, choice) for each in entry.parameters}
                if name != "sun_synchronous" or choice == "good":
                    position, _ = entry.make(**values, epoch=epoch).teme(epoch, 0.0)
                    assert position.shape == (3,)
