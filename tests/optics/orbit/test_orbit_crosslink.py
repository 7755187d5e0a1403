"""Two satellites: grazing altitude, windows, none missed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from orbit_samples import MICIUS, MOLNIYA

from qcisim.errors import PhysicsError
from qcisim.optics.orbit import (
    CircularOrbit,
    Epoch,
    Orbit,
    TwoLineElements,
    between,
    find_windows,
    geostationary,
    sun_synchronous,
)
from qcisim.optics.orbit.frames import geodetic

SPRING = Epoch(2021, 5, 1)
SUMMER_2006 = Epoch(2006, 6, 25)
DAY_S = 86400.0
LOW = TwoLineElements(*MICIUS[2021])
circles = st.builds(
    CircularOrbit,
    st.floats(300.0, 36000.0),
    st.floats(0.0, 180.0),
    st.floats(0.0, 360.0),
    st.floats(0.0, 360.0),
    st.just(SPRING),
)


@given(circles, circles)
@settings(max_examples=60, deadline=None)
def test_grazing_altitude_by_walking_along_the_line(a: CircularOrbit, b: CircularOrbit) -> None:
    """Least geodetic height of 8,001 points of the line, to 20 m and 1e-5 of it where it is above the ground."""
    start, end = a.teme(SPRING, 0.0)[0], b.teme(SPRING, 0.0)[0]
    assume(np.linalg.norm(end - start) > 1.0)
    walk = geodetic(start + np.linspace(0.0, 1.0, 8001)[:, None] * (end - start))[2].min()
    seen = float(between(a, b, SPRING, 0.0).grazing_altitude_km)
    assert (seen < -20.0) == (walk < -20.0) or abs(seen - walk) < 1.0
    if walk > -20.0:
        assert seen == pytest.approx(walk, rel=1e-5, abs=0.02)


@given(circles, circles, st.floats(0.0, 1e5))
@settings(max_examples=60)
def test_both_ends_see_the_same(a: CircularOrbit, b: CircularOrbit, t_s: float) -> None:
    assume(np.linalg.norm(a.teme(SPRING, t_s)[0] - b.teme(SPRING, t_s)[0]) > 1.0)
    there, back = between(a, b, SPRING, t_s), between(b, a, SPRING, t_s)
    for name in ("range_km", "range_rate_km_per_s", "point_ahead_rad", "delay_s"):
        assert getattr(there, name) == pytest.approx(float(getattr(back, name)), rel=1e-9, abs=1e-12)
    assert there.grazing_altitude_km == pytest.approx(float(back.grazing_altitude_km), abs=0.05)
    lowest = min(a.altitude_km, b.altitude_km) + 21.4  # heights are above the ellipsoid, not the equator
    assert there.grazing_altitude_km <= lowest + 1e-6


def test_neighbours_in_one_orbit() -> None:
    """Chord 2 A sin(du/2), which dips to A cos(du/2); no motion along the line."""
    behind, ahead = (CircularOrbit(600.0, 0.0, 0.0, u, SPRING) for u in (0.0, 20.0))
    seen = between(behind, ahead, SPRING, np.arange(0.0, 6000.0, 100.0))
    assert seen.range_km == pytest.approx(np.full(60, 2.0 * 6978.137 * np.sin(np.radians(10.0))))
    assert seen.grazing_altitude_km == pytest.approx(np.full(60, 6978.137 * np.cos(np.radians(10.0)) - 6378.137))
    assert np.abs(seen.range_rate_km_per_s).max() < 1e-9
    assert np.abs(seen.doppler_hz(1550.0)).max() < 1.0
    (window,) = find_windows(behind, ahead, SPRING, 0.0, DAY_S, 100.0)
    assert (window.start_s, window.end_s) == (0.0, DAY_S)
    assert window.clipped_start
    assert window.clipped_end
    assert find_windows(behind, ahead, SPRING, 0.0, DAY_S, 500.0) == ()


@pytest.mark.parametrize(
    ("a", "b", "epoch", "floor_km"),
    [
        (LOW, sun_synchronous(600.0, 10.5, 0.0, SPRING), SPRING, 50.0),
        (LOW, geostationary(10.0, SPRING), SPRING, 20.0),
        (CircularOrbit(550.0, 53.0, 0.0, 0.0, SPRING), CircularOrbit(1200.0, 88.0, 60.0, 40.0, SPRING), SPRING, 100.0),
        (CircularOrbit(500.0, 30.0, 0.0, 0.0, SPRING), CircularOrbit(500.0, 150.0, 0.0, 30.0, SPRING), SPRING, 0.0),
        (TwoLineElements(*MOLNIYA), CircularOrbit(700.0, 98.0, 0.0, 0.0, SUMMER_2006), SUMMER_2006, 480.0),
    ],
)
def test_every_second_is_in_a_window_or_the_line_is_too_low(a: Orbit, b: Orbit, epoch: Epoch, floor_km: float) -> None:
    """Brute force over two days, exact at every second; ends on the floor to a metre."""
    t_s = np.arange(0.0, 2 * DAY_S, 1.0) + 0.5
    windows = find_windows(a, b, epoch, 0.0, 2 * DAY_S, floor_km)
    seen = between(a, b, epoch, t_s)
    inside = np.zeros(t_s.size, dtype=bool)
    assert len(windows) >= 3
    for window in windows:
        span = (t_s >= window.start_s) & (t_s <= window.end_s)
        inside |= span
        if span.any():
            assert window.minimum_range_km <= seen.range_km[span].min() + 1e-6
        assert window.duration_s > 0.0
        assert window.start_s <= window.closest_s <= window.end_s
        ends = between(a, b, epoch, np.array([window.start_s, window.end_s])).grazing_altitude_km
        for height, cut in zip(ends, (window.clipped_start, window.clipped_end), strict=True):
            assert cut or height == pytest.approx(floor_km, abs=1e-3)
        assert window.clipped == (window.start_s == 0.0 or window.end_s == 2 * DAY_S)
    assert (inside == (seen.grazing_altitude_km > floor_km)).all()


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="two satellites are at the same place"):
        between(LOW, LOW, SPRING, 0.0)
    other = geostationary(0.0, SPRING)
    with pytest.raises(PhysicsError, match=r"minimum_grazing_altitude_km -1: .* the Earth is in the way"):
        find_windows(LOW, other, SPRING, 0.0, DAY_S, -1.0)
    with pytest.raises(PhysicsError, match="not after its start"):
        find_windows(LOW, other, SPRING, DAY_S, 0.0, 50.0)
    with pytest.raises(PhysicsError, match="not finite"):
        find_windows(LOW, other, SPRING, 0.0, float("nan"), 50.0)
