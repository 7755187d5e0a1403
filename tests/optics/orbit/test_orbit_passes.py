"""Passes: none missed, none invented, exact at their ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orbit_samples import DECAYING, ITALSAT, MICIUS, MOLNIYA, NAVSTAR, VANGUARD

from qcisim.errors import PhysicsError
from qcisim.optics.orbit import (
    CircularOrbit,
    Epoch,
    GroundStation,
    Orbit,
    Pass,
    TwoLineElements,
    find_passes,
    find_passes_many,
    geostationary,
    look,
    look_many,
    passes,
)
from qcisim.optics.orbit.orbit import shape

DAY_S = 86400.0
SPRING = Epoch(2021, 5, 1)
LOW = TwoLineElements(*MICIUS[2021])
LUXEMBOURG = GroundStation(49.6933, 6.3297, 280.0)


def random_stations(seed: int, count: int) -> list[GroundStation]:
    """Spread evenly over the Earth, masks from -5 to 89 deg."""
    rng = np.random.default_rng(seed)
    lat = np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, count)))
    lon = rng.uniform(-180.0, 180.0, count)
    altitude = rng.uniform(0.0, 5000.0, count)
    mask = np.where(rng.random(count) < 0.6, rng.uniform(-5.0, 30.0, count), rng.uniform(30.0, 89.0, count))
    return [GroundStation(*map(float, row)) for row in zip(lat, lon, altitude, mask, strict=True)]


@pytest.mark.parametrize(
    ("name", "orbit", "epoch", "days", "count"),
    [
        ("low", LOW, SPRING, 3.0, 24),
        ("lowest", CircularOrbit(180.0, 52.0, 10.0, 0.0, SPRING), SPRING, 1.0, 24),
        ("eccentric", TwoLineElements(*VANGUARD), Epoch(2000, 6, 28), 2.0, 24),
        ("Molniya", TwoLineElements(*MOLNIYA), Epoch(2006, 6, 25), 2.0, 24),
        ("GPS", TwoLineElements(*NAVSTAR), Epoch(2006, 6, 25), 2.0, 16),
        ("inclined geosynchronous", TwoLineElements(*ITALSAT), Epoch(2006, 6, 26), 2.0, 16),
        ("retrograde equatorial", CircularOrbit(800.0, 180.0, 0.0, 0.0, SPRING), SPRING, 1.0, 24),
    ],
)
def test_every_second_is_in_a_pass_or_below_the_mask(
    name: str, orbit: Orbit, epoch: Epoch, days: float, count: int
) -> None:
    """Brute force: samples of every second over days and random stations, exact at each of them."""
    several = random_stations(len(name), count)
    t_s = np.arange(0.0, days * DAY_S, 1.0) + 0.5
    found = find_passes_many(orbit, several, epoch, 0.0, days * DAY_S)
    total = 0
    for station, its, seen in zip(several, found, look_many(orbit, several, epoch, t_s), strict=True):
        inside = np.zeros(t_s.size, dtype=bool)
        for each in its:
            span = (t_s >= each.rise_s) & (t_s <= each.set_s)
            assert not inside[span].any()
            inside |= span
            if span.any():
                assert seen.elevation_deg[span].max() <= each.maximum_elevation_deg + 1e-9
                assert seen.range_km[span].min() >= each.minimum_range_km - 1e-6
        assert (inside == (seen.elevation_deg > station.minimum_elevation_deg)).all()
        total += len(its)
    assert total >= 5


@pytest.mark.parametrize(
    ("orbit", "epoch"),
    [
        (LOW, SPRING),
        (CircularOrbit(180.0, 52.0, 10.0, 0.0, SPRING), SPRING),
        (TwoLineElements(*VANGUARD), Epoch(2000, 6, 28)),
        (TwoLineElements(*MOLNIYA), Epoch(2006, 6, 25)),
        (geostationary(10.0, SPRING), SPRING),
    ],
)
def test_the_bound_on_the_curvature_holds(orbit: Orbit, epoch: Epoch) -> None:
    """|f''| <= K for f = up.d - sin(mask) |d|, by second differences over a day; f from range and elevation."""
    several = random_stations(11, 40)
    sine = np.sin(np.radians([station.minimum_elevation_deg for station in several]))
    bound = passes._curvature(shape(orbit, epoch, 0.0, DAY_S), several, sine)
    step_s = 2.0
    for k, (station, seen) in enumerate(
        zip(several, look_many(orbit, several, epoch, np.arange(0.0, DAY_S, step_s)), strict=True)
    ):
        f = seen.range_km * (np.sin(np.radians(seen.elevation_deg)) - sine[k])
        assert np.abs(np.diff(f, 2)).max() / step_s**2 <= bound[k], station


def ends_are_exact(orbit: Orbit, station: GroundStation, epoch: Epoch, each: Pass) -> None:
    seen = look(orbit, station, epoch, np.array([each.rise_s, each.culmination_s, each.set_s]))
    if not each.clipped_start:
        assert seen.elevation_deg[0] == pytest.approx(station.minimum_elevation_deg, abs=1e-6)
    if not each.clipped_end:
        assert seen.elevation_deg[2] == pytest.approx(station.minimum_elevation_deg, abs=1e-6)
    assert seen.elevation_deg[1] == pytest.approx(each.maximum_elevation_deg, abs=1e-12)
    assert [each.rise_azimuth_deg, each.set_azimuth_deg] == pytest.approx(seen.azimuth_deg[[0, 2]].tolist(), abs=1e-9)
    assert each.rise_s <= each.culmination_s <= each.set_s


def test_ends_and_culmination(stations: tuple[GroundStation, ...]) -> None:
    """Rise and set on the mask to 1e-6 deg; culmination to a millisecond, by dense sampling."""
    for station, its in zip(stations, find_passes_many(LOW, stations, SPRING, 0.0, 2 * DAY_S), strict=True):
        assert its
        for each in its:
            ends_are_exact(LOW, station, SPRING, each)
            if each.clipped:
                continue
            dense = each.culmination_s + np.arange(-0.05, 0.05, 0.0005)
            elevation = look(LOW, station, SPRING, dense).elevation_deg
            assert abs(dense[np.argmax(elevation)] - each.culmination_s) <= 1.5e-3
            dense = each.culmination_s + np.arange(-20.0, 20.0, 0.01)
            assert look(LOW, station, SPRING, dense).range_km.min() == pytest.approx(each.minimum_range_km, abs=5e-6)


@given(st.integers(0, 5), st.floats(-7.0, -1.0).map(lambda power: 10.0**power))
@settings(max_examples=40, deadline=None)
def test_a_pass_that_grazes_the_mask_is_found(number: int, below_deg: float) -> None:
    """Mask a hair under the culmination of a known pass: there, and short; a hair above: not there."""
    known = find_passes(LOW, LUXEMBOURG, SPRING, 0.0, 2 * DAY_S)[number]
    place = LUXEMBOURG.lat_deg, LUXEMBOURG.lon_deg, LUXEMBOURG.altitude_m
    window = known.rise_s - 1000.0, known.set_s + 1000.0
    above = GroundStation(*place, known.maximum_elevation_deg + below_deg)
    assert find_passes(LOW, above, SPRING, *window) == ()
    under = GroundStation(*place, known.maximum_elevation_deg - below_deg)
    found = find_passes(LOW, under, SPRING, *window)
    if np.radians(below_deg) * known.minimum_range_km < 1e-5:  # the centimetre
        assert len(found) <= 1
        return
    (each,) = found
    assert each.rise_s < known.culmination_s < each.set_s
    assert each.culmination_s == pytest.approx(known.culmination_s, abs=2e-3)
    assert each.duration_s < known.duration_s


def test_the_scan_step_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    several = random_stations(5, 10)
    usual = find_passes_many(LOW, several, SPRING, 0.0, DAY_S)
    for scans in (12, 300):
        monkeypatch.setattr(passes, "SCANS_PER_REVOLUTION", scans)
        other = find_passes_many(LOW, several, SPRING, 0.0, DAY_S)
        for mine, theirs in zip(usual, other, strict=True):
            assert [each.rise_s for each in mine] == pytest.approx([each.rise_s for each in theirs], abs=1e-5)
            assert [each.set_s for each in mine] == pytest.approx([each.set_s for each in theirs], abs=1e-5)
            assert [each.maximum_elevation_deg for each in mine] == pytest.approx(
                [each.maximum_elevation_deg for each in theirs], abs=1e-7
            )


def test_blocks_of_time_join_without_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    several = random_stations(6, 10)
    usual = find_passes_many(LOW, several, SPRING, 0.0, DAY_S)
    monkeypatch.setattr(passes, "_BLOCK", 70)
    assert find_passes_many(LOW, several, SPRING, 0.0, DAY_S) == usual


def test_many_stations_are_the_single_ones(stations: tuple[GroundStation, ...]) -> None:
    many = find_passes_many(LOW, stations, SPRING, 0.0, DAY_S)
    for station, its in zip(stations, many, strict=True):
        alone = find_passes(LOW, station, SPRING, 0.0, DAY_S)
        assert [each.rise_s for each in alone] == pytest.approx([each.rise_s for each in its], abs=1e-5)
    assert find_passes_many(LOW, (), SPRING, 0.0, DAY_S) == ()


@given(st.floats(100.0, DAY_S - 100.0))
@settings(max_examples=25, deadline=None)
def test_a_cut_window_flags_what_it_cuts(cut_s: float) -> None:
    whole = find_passes(LOW, LUXEMBOURG, SPRING, 0.0, DAY_S)
    before = find_passes(LOW, LUXEMBOURG, SPRING, 0.0, cut_s)
    after = find_passes(LOW, LUXEMBOURG, SPRING, cut_s, DAY_S)
    running = [each for each in whole if each.rise_s < cut_s < each.set_s]
    assert len(before) + len(after) == len(whole) + len(running)
    assert [each.clipped_end for each in before] == [each.set_s >= cut_s for each in before]
    assert [each.clipped_start for each in after] == [each.rise_s <= cut_s for each in after]
    for each in (*before, *after):
        ends_are_exact(LOW, LUXEMBOURG, SPRING, each)
        assert each.clipped == (each.clipped_start or each.clipped_end)
    if running:
        assert before[-1].clipped_end
        assert after[0].clipped_start
        assert before[-1].set_s == cut_s == after[0].rise_s
        assert before[-1].duration_s + after[0].duration_s == pytest.approx(running[0].duration_s, abs=1e-4)
        assert max(before[-1].maximum_elevation_deg, after[0].maximum_elevation_deg) == pytest.approx(
            running[0].maximum_elevation_deg, abs=1e-9
        )


def test_always_and_never_visible() -> None:
    still = geostationary(10.0, SPRING)
    (always,) = find_passes(still, LUXEMBOURG, SPRING, 1000.0, 30 * DAY_S)
    assert (always.rise_s, always.set_s) == (1000.0, 30 * DAY_S)
    assert always.clipped_start
    assert always.clipped_end
    assert always.maximum_elevation_deg == pytest.approx(
        float(look(still, LUXEMBOURG, SPRING, 0.0).elevation_deg), abs=1e-6
    )
    assert find_passes(still, GroundStation(0.0, -150.0), SPRING, 0.0, 30 * DAY_S) == ()
    equatorial = CircularOrbit(500.0, 0.0, 0.0, 0.0, SPRING)
    assert find_passes(equatorial, GroundStation(60.0, 0.0), SPRING, 0.0, 5 * DAY_S) == ()
    assert find_passes(LOW, GroundStation(50.0, 5.0, 0.0, 90.0), SPRING, 0.0, 2 * DAY_S) == ()


def test_a_satellite_that_stands_on_the_mask_ends_the_search() -> None:
    """Elevation equal to the mask for a day: the answer may be either, but there is one."""
    still = geostationary(10.0, SPRING)
    elevation = float(look(still, LUXEMBOURG, SPRING, 0.0).elevation_deg)
    on_it = GroundStation(LUXEMBOURG.lat_deg, LUXEMBOURG.lon_deg, LUXEMBOURG.altitude_m, elevation)
    for each in find_passes(still, on_it, SPRING, 0.0, 10 * DAY_S):
        assert each.maximum_elevation_deg == pytest.approx(elevation, abs=1e-6)


def test_refusals() -> None:
    for window in ((0.0, 0.0), (10.0, 5.0)):
        with pytest.raises(PhysicsError, match="not after its start"):
            find_passes(LOW, LUXEMBOURG, SPRING, *window)
    with pytest.raises(PhysicsError, match="not finite"):
        find_passes(LOW, LUXEMBOURG, SPRING, 0.0, float("inf"))
    with pytest.raises(PhysicsError, match="has decayed"):
        find_passes(TwoLineElements(*DECAYING), LUXEMBOURG, Epoch(2006, 4, 4, 12), 0.0, DAY_S)
    with pytest.raises(PhysicsError, match="station is as high as the perigee"):
        find_passes(CircularOrbit(130.0, 50.0, 0.0, 0.0, SPRING), GroundStation(0.0, 0.0, 1e5), SPRING, 0.0, DAY_S)


class Comet:
    """An orbit that leaves the Earth, or one that digs through it."""

    def __init__(self, speed_km_per_s: float) -> None:
        self.speed_km_per_s = speed_km_per_s

    def teme(self, epoch: Epoch, t_s: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ones = np.ones((*np.shape(t_s), 1))
        return ones * [7000.0, 0.0, 0.0], ones * [0.0, self.speed_km_per_s, 0.0]


def test_orbits_that_are_none_are_refused() -> None:
    with pytest.raises(PhysicsError, match="not bound to the Earth"):
        find_passes(Comet(11.0), LUXEMBOURG, SPRING, 0.0, DAY_S)
    with pytest.raises(PhysicsError, match=r"perigee -\d+ km above the equator .* decayed or the elements are wrong"):
        find_passes(Comet(6.0), LUXEMBOURG, SPRING, 0.0, DAY_S)
