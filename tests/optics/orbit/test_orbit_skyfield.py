"""Oracle: skyfield, with its built-in time scale (no download).

With skyfield's UT1 set to UTC, as here, both give the same numbers. With its real UT1 the Earth stands up to 0.9 s
elsewhere: what remains is UT1 - UTC (-0.40, +0.54 and -0.18 s on the three days), some hundred metres. Light time and
polar motion are in neither.
"""

from __future__ import annotations

import numpy as np
import pytest
from orbit_samples import MICIUS, MOLNIYA, NAVSTAR
from skyfield.api import EarthSatellite, load, wgs84
from skyfield.timelib import Time, Timescale

from qcisim.optics.orbit import Epoch, GroundStation, TwoLineElements, find_passes_many, look

TT_LESS_TAI_S = 32.184
DAY_S = 86400.0


def timescale(tai_less_utc_s: int) -> Timescale:
    """Skyfield's time scale with UT1 = UTC on days of that many leap seconds."""
    return load.timescale(builtin=True, delta_t=TT_LESS_TAI_S + tai_less_utc_s)


def differences(
    lines: tuple[str, str], day: tuple[int, int, int], scale: Timescale, station: GroundStation
) -> tuple[float, float, float, float]:
    """Largest differences above the horizon in a day: elevation and azimuth (deg on the sky), m, m/s."""
    t_s = np.arange(0.0, DAY_S, 60.0)
    seen = look(TwoLineElements(*lines), station, Epoch(*day), t_s)
    place = wgs84.latlon(station.lat_deg, station.lon_deg, station.altitude_m)
    when: Time = scale.utc(*day, 0, 0, t_s)
    view = (EarthSatellite(*lines, None, scale) - place).at(when)
    altitude, azimuth, distance, _, _, rate = view.frame_latlon_and_rates(place)
    up = seen.elevation_deg > 0.0
    turn = (azimuth.degrees - seen.azimuth_deg + 180.0) % 360.0 - 180.0
    return (
        float(np.abs(altitude.degrees - seen.elevation_deg)[up].max(initial=0.0)),
        float(np.abs(turn * np.cos(np.radians(seen.elevation_deg)))[up].max(initial=0.0)),
        1e3 * float(np.abs(distance.km - seen.range_km)[up].max(initial=0.0)),
        1e3 * float(np.abs(rate.km_per_s - seen.range_rate_km_per_s)[up].max(initial=0.0)),
    )


@pytest.mark.parametrize(
    ("lines", "day", "leap"),
    [
        (MICIUS[2016], (2016, 12, 19), 36),
        (MICIUS[2017], (2017, 2, 13), 37),
        (MICIUS[2021], (2021, 5, 1), 37),
        (MOLNIYA, (2006, 6, 25), 33),
        (NAVSTAR, (2006, 6, 25), 33),
    ],
)
def test_look_angles_are_skyfields(
    lines: tuple[str, str], day: tuple[int, int, int], leap: int, stations: tuple[GroundStation, ...]
) -> None:
    """1e-8 deg, a millimetre, a millimetre per second."""
    for station in stations:
        elevation_deg, azimuth_deg, range_m, rate_m_per_s = differences(lines, day, timescale(leap), station)
        assert elevation_deg < 1e-8
        assert azimuth_deg < 1e-8
        assert range_m < 1e-3
        assert rate_m_per_s < 1e-3


@pytest.mark.parametrize(
    ("year", "day", "ut1_less_utc_s"),
    [(2016, (2016, 12, 19), -0.40), (2017, (2017, 2, 13), 0.54), (2021, (2021, 5, 1), -0.18)],
)
def test_what_the_real_turn_of_the_earth_would_change(
    year: int, day: tuple[int, int, int], ut1_less_utc_s: float, stations: tuple[GroundStation, ...]
) -> None:
    """No more than the equator moves in |UT1 - UTC|, seen from the satellite's height: 465 m/s, 0.06 deg/s."""
    scale = load.timescale(builtin=True)
    assert float(scale.utc(*day).dut1) == pytest.approx(ut1_less_utc_s, abs=0.01)
    for station in stations:
        elevation_deg, azimuth_deg, range_m, _ = differences(MICIUS[year], day, scale, station)
        assert range_m < 465.2 * (abs(ut1_less_utc_s) + 0.01)
        assert max(elevation_deg, azimuth_deg) < 0.06 * (abs(ut1_less_utc_s) + 0.01)


@pytest.mark.parametrize(("year", "day", "leap"), [(2016, (2016, 12, 19), 36), (2021, (2021, 5, 1), 37)])
def test_passes_are_skyfields(
    year: int, day: tuple[int, int, int], leap: int, stations: tuple[GroundStation, ...]
) -> None:
    """The same passes; times within what skyfield stops its search at (ours are exact, see the brute force)."""
    scale = timescale(leap)
    satellite = EarthSatellite(*MICIUS[year], None, scale)
    begin = scale.utc(*day)
    found = find_passes_many(TwoLineElements(*MICIUS[year]), stations, Epoch(*day), 0.0, DAY_S)
    for station, its in zip(stations, found, strict=True):
        place = wgs84.latlon(station.lat_deg, station.lon_deg, station.altitude_m)
        when, what = satellite.find_events(place, begin, scale.utc(*day[:2], day[2] + 1), station.minimum_elevation_deg)
        theirs = [(int(kind), DAY_S * (moment - begin)) for kind, moment in zip(what, when, strict=True)]
        ours: list[tuple[int, float]] = []
        for each in its:
            ours += [] if each.clipped_start else [(0, each.rise_s)]
            ours += [(1, each.culmination_s)]
            ours += [] if each.clipped_end else [(2, each.set_s)]
        assert [kind for kind, _ in ours] == [kind for kind, _ in theirs]
        assert [time for _, time in ours] == pytest.approx([time for _, time in theirs], abs=0.5)
