"""A moment of UTC, the start of a run."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import PhysicsError, require

Floats: TypeAlias = NDArray[np.float64]
Times: TypeAlias = float | Floats

DAY_S = 86400.0
J2000 = 2451545.0  # Julian date of 2000 January 1, 12 h
_ORDINAL_TO_JULIAN = 1721424.5  # Julian date of midnight at the start of a day, less date.toordinal()
_FIRST_YEAR, _LAST_YEAR = 1957, 2100
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?")


@dataclass(frozen=True, slots=True, order=True, init=False, repr=False)
class Epoch:
    """A moment of UTC in which every day has 86,400 s.

    Leap seconds are not counted: a run across one (there was one at the end of 2016, none since) is off by that second
    afterwards. The second of the day is kept apart from the day, so times are good to 1e-9 s over a month.

    Args:
        year: 1957 to 2100, where the formulas of Sun and Earth rotation hold.
        month, day, hour, minute: as in a calendar.
        second: 0 up to but not including 60, with fractions.
    """

    _midnight: float  # Julian date
    _second_of_day: float

    def __init__(self, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: float = 0.0) -> None:
        require(_FIRST_YEAR <= year <= _LAST_YEAR, f"year {year}: wanted {_FIRST_YEAR} to {_LAST_YEAR}")
        try:
            ordinal = date(year, month, day).toordinal()
        except (ValueError, TypeError) as error:
            raise PhysicsError(f"{year}-{month}-{day}: no such day ({error})") from None
        require(0 <= hour < 24, f"hour {hour}: wanted 0 to 23")
        require(0 <= minute < 60, f"minute {minute}: wanted 0 to 59")
        require(0.0 <= second < 60.0, f"second {second:g}: wanted 0 to below 60; leap seconds are not counted")
        object.__setattr__(self, "_midnight", ordinal + _ORDINAL_TO_JULIAN)
        object.__setattr__(self, "_second_of_day", hour * 3600.0 + minute * 60.0 + second)

    @classmethod
    def parse(cls, text: str) -> Epoch:
        """From ``2016-12-19T15:00:00Z``: UTC where no zone is given, midnight where no time is."""
        stripped = text.strip()
        try:
            require(_ISO.fullmatch(stripped) is not None, "")
            moment = datetime.fromisoformat(stripped)
        except ValueError as error:
            reason = f" ({error})" if str(error) else ""
            raise PhysicsError(f"time '{text}': wanted UTC like 2016-12-19T15:00:00Z{reason}") from None
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
        second = moment.second + moment.microsecond * 1e-6
        return cls(moment.year, moment.month, moment.day, moment.hour, moment.minute, second)

    @classmethod
    def from_julian(cls, day: float, fraction: float = 0.0) -> Epoch:
        """From a Julian date in two parts, rounded to the microsecond."""
        midnight = math.floor(day - 0.5) + 0.5
        second = ((day - midnight) + fraction) * DAY_S
        return cls._at(midnight, round(second, 6))

    @classmethod
    def _at(cls, midnight: float, second_of_day: float) -> Epoch:
        days = math.floor(second_of_day / DAY_S)
        second = second_of_day - days * DAY_S
        if second >= DAY_S:  # a hair before midnight, rounded up
            days, second = days + 1, 0.0
        try:
            day = date.fromordinal(int(midnight - _ORDINAL_TO_JULIAN) + days)
        except (ValueError, OverflowError):
            raise PhysicsError(f"time beyond the calendar: wanted years {_FIRST_YEAR} to {_LAST_YEAR}") from None
        minutes, rest = divmod(second, 60.0)
        hour, minute = divmod(int(minutes), 60)
        return cls(day.year, day.month, day.day, hour, minute, rest)

    def plus(self, t_s: float) -> Epoch:
        """This moment and ``t_s`` seconds."""
        return self._at(self._midnight, self._second_of_day + t_s)

    def seconds_since(self, other: Epoch) -> float:
        """self - other, in seconds."""
        return (self._midnight - other._midnight) * DAY_S + (self._second_of_day - other._second_of_day)

    def __sub__(self, other: Epoch) -> float:
        return self.seconds_since(other)

    def julian(self, t_s: Times) -> tuple[Floats, Floats]:
        """Julian date of this moment and ``t_s`` seconds, as (midnight, fraction of a day from 0 to 1).

        Args:
            t_s: seconds since this moment, any shape; both results have that shape.
        """
        days = (self._second_of_day + np.asarray(t_s, dtype=np.float64)) / DAY_S
        whole = np.floor(days)
        return np.asarray(self._midnight + whole), np.asarray(days - whole)

    def centuries(self, t_s: Times) -> Floats:
        """Julian centuries of UTC since J2000."""
        midnight, fraction = self.julian(t_s)
        return ((midnight - J2000) + fraction) / 36525.0

    def month(self, t_s: Times = 0.0) -> NDArray[np.int64]:
        """Month of the calendar, 1 to 12, ``t_s`` seconds after this moment; the shape of ``t_s``."""
        midnight, _ = self.julian(t_s)
        days = (midnight - 2440587.5).astype("datetime64[D]")  # days since 1970
        return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 + 1)

    @property
    def text(self) -> str:
        """``2016-12-19T15:00:00Z``, with as many decimals as the microsecond needs."""
        moment = datetime.fromordinal(int(self._midnight - _ORDINAL_TO_JULIAN))
        text = (moment + timedelta(microseconds=round(self._second_of_day * 1e6))).isoformat()
        return (text.rstrip("0") if "." in text else text) + "Z"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Epoch.parse('{self.text}')"
