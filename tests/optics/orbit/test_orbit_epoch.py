"""Time: parsing, arithmetic, Julian dates, months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics.orbit import Epoch, gmst_rad

moments = st.datetimes(datetime(1958, 1, 1), datetime(2099, 12, 31))


@given(moments)
def test_text_and_parse_are_inverse(moment: datetime) -> None:
    epoch = Epoch.parse(moment.isoformat() + "Z")
    assert Epoch.parse(epoch.text) == epoch
    assert datetime.fromisoformat(epoch.text) == moment.replace(tzinfo=UTC)


@given(moments, st.floats(-3e7, 3e7))
def test_plus_and_difference_agree_with_datetime(moment: datetime, t_s: float) -> None:
    epoch = Epoch.parse(moment.isoformat())
    try:
        later = epoch.plus(t_s)
    except PhysicsError:
        assert not 1957 <= (moment + timedelta(seconds=t_s)).year <= 2100
        return
    assert later - epoch == pytest.approx(t_s, abs=1e-8)
    assert abs(datetime.fromisoformat(later.text[:-1]) - moment - timedelta(seconds=t_s)) <= timedelta(microseconds=2)
    assert (later > epoch) == (later - epoch > 0.0)


@given(moments, st.floats(-1e7, 1e7))
def test_julian_dates_are_those_of_the_calendar(moment: datetime, t_s: float) -> None:
    midnight, fraction = Epoch.parse(moment.isoformat()).julian(np.array([t_s]))
    assert midnight[0] % 1.0 == 0.5
    assert 0.0 <= fraction[0] <= 1.0
    exact = (moment - datetime(2000, 1, 1, 12)) / timedelta(days=1) + t_s / 86400.0
    assert (midnight[0] - 2451545.0) + fraction[0] == pytest.approx(exact, abs=1e-10)


def test_months_of_a_year() -> None:
    epoch = Epoch(2020, 1, 15)
    days = np.arange(0.0, 366.0)
    expected = [(datetime(2020, 1, 15) + timedelta(days=float(day))).month for day in days]
    assert epoch.month(days * 86400.0).tolist() == expected
    assert int(Epoch(2021, 12, 31, 23, 59, 59.5).month(0.0)) == 12
    assert int(Epoch(2021, 12, 31, 23, 59, 59.5).month(1.0)) == 1


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2016-12-19", "2016-12-19T00:00:00Z"),
        ("2016-12-19T15:00", "2016-12-19T15:00:00Z"),
        ("2016-12-19T15:00:00.250Z", "2016-12-19T15:00:00.25Z"),
        ("2016-12-19T16:30:00+01:30", "2016-12-19T15:00:00Z"),
        ("2017-01-01T00:30:00+01:00", "2016-12-31T23:30:00Z"),
        (" 2016-12-19 15:00:00 ", "2016-12-19T15:00:00Z"),
    ],
)
def test_ways_to_write_a_moment(text: str, same: str) -> None:
    assert Epoch.parse(text).text == same


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("yesterday", "wanted UTC like"),
        ("19.12.2016", "wanted UTC like"),
        ("2016-13-01T00:00:00Z", "wanted UTC like.*month"),
        ("2016-02-30", "wanted UTC like.*day"),
        ("2016-12-31T23:59:60Z", "wanted UTC like.*second"),
        ("1900-01-01", "year 1900: wanted 1957 to 2100"),
        ("", "wanted UTC like"),
    ],
)
def test_what_is_no_moment_is_refused(text: str, says: str) -> None:
    with pytest.raises(PhysicsError, match=says):
        Epoch.parse(text)


def test_fields_out_of_range_are_refused() -> None:
    for fields in ((2020, 2, 30), (2020, 1, 1, 24), (2020, 1, 1, 0, 60), (2020, 1, 1, 0, 0, 60.0), (2101, 1, 1)):
        with pytest.raises(PhysicsError):
            Epoch(*fields)
    with pytest.raises(PhysicsError, match="beyond"):
        Epoch(2100, 1, 1).plus(1e13)


def test_sidereal_time_of_a_textbook() -> None:
    """Vallado, Fundamentals of Astrodynamics (2013), example 3-5: 1992 August 20, 12:14 UT1 gives 152.57878781 deg."""
    assert np.degrees(gmst_rad(Epoch(1992, 8, 20, 12, 14), 0.0)) == pytest.approx(152.57878781, abs=1e-7)


@given(moments)
def test_the_earth_turns_at_its_rate(moment: datetime) -> None:
    epoch = Epoch.parse(moment.isoformat())
    angle = np.unwrap(gmst_rad(epoch, np.array([0.0, 1000.0, 86400.0])))
    assert (angle[1] - angle[0]) / 1000.0 == pytest.approx(7.292115855e-5, abs=1e-14)
