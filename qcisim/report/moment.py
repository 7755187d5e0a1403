"""Moment: seconds since the start of a run as date and time, where the start is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Calendar:
    """``start`` is the UTC of t = 0; without it days are counted from the start of the run."""

    start: datetime | None

    @classmethod
    def parse(cls, start_utc: str, t_s: float = 0.0) -> Calendar:
        """From a moment such as "2026-12-01T00:00:00Z" that lies ``t_s`` after the start; any other text gives none."""
        try:
            moment = datetime.fromisoformat(start_utc.strip())
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            return cls(moment - timedelta(seconds=t_s))
        except (ValueError, OverflowError):
            return cls(None)

    @property
    def zone(self) -> str:
        """How the times are to be read."""
        return "UTC" if self.start else "since the start"

    @property
    def into_day_s(self) -> float:
        """Time of day at t = 0."""
        if self.start is None:
            return 0.0
        midnight = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        return (self.start - midnight).total_seconds()

    def day(self, t_s: float) -> int:
        """Days between the day of the start and the one of ``t_s``."""
        return math.floor((self.into_day_s + t_s) / DAY_S)

    def hour(self, t_s: float, day: int) -> float:
        """Hours from the midnight that begins ``day``."""
        return (self.into_day_s + t_s - day * DAY_S) / 3600.0

    def date(self, day: int) -> str:
        """Name of a day: 3 Dec, or day 3."""
        if self.start is None:
            return f"day {day + 1}"
        moment = self.start + timedelta(days=day)
        return f"{moment.day} {_MONTHS[moment.month - 1]}"

    def clock(self, t_s: float) -> str:
        """Time of day to the minute: 18:42."""
        minutes = math.floor((self.into_day_s + t_s + 30.0) % DAY_S / 60.0)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    def text(self, t_s: float) -> str:
        """Date and time: 3 Dec 18:42."""
        return f"{self.date(self.day(t_s + 30.0))} {self.clock(t_s)}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
