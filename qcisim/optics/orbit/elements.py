"""Two-line elements and SGP4."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from sgp4.api import SGP4_ERRORS, Satrec

from qcisim.errors import PhysicsError, require
from qcisim.optics.orbit.epoch import DAY_S, Epoch, Floats, Times
from qcisim.optics.orbit.frames import checked_times

_COLUMNS = 69
_NUMBER = re.compile(r" *\d*\.?\d+ *")
_FIELDS = (  # line, what, first and last column, smallest and largest value
    ("line1", "year of the epoch", 19, 20, 0, 99),
    ("line1", "day of the epoch", 21, 32, 1, 367),
    ("line2", "inclination in degrees", 9, 16, 0, 180),
    ("line2", "right ascension of the node in degrees", 18, 25, 0, 360),
    ("line2", "eccentricity behind the decimal point", 27, 33, 0, 9999999),
    ("line2", "argument of perigee in degrees", 35, 42, 0, 360),
    ("line2", "mean anomaly in degrees", 44, 51, 0, 360),
    ("line2", "mean motion in revolutions a day", 53, 63, 0.01, 18),
)
STALE_DAYS = 14.0  # two weeks; older elements are worth a warning


def checksum(line: str) -> int:
    """Sum of the digits of the first 68 columns, a minus sign counting 1, modulo 10."""
    return sum(int(c) if c.isdecimal() else c == "-" for c in line[: _COLUMNS - 1]) % 10


def along_track_error_km(age_days: float) -> float:
    """1 km + 3 km/day |age|: along-track error to expect of two-line elements in a low orbit, the upper usual value.

    Elements are good to about a kilometre at their epoch and degrade quickly; 1 to 3 km a day is what is usually said
    of low orbits under a quiet Sun. It is an order of magnitude, not a bound: drag adds a term that grows with the
    square of the age (two sets of Micius elements 56 days apart disagree by 164 km or 367 km, by which one is
    propagated; this formula says 170 km), and CubeSats at 400 km were off by 10 to 30 km after one day.

    Args:
        age_days: age of the elements; its sign does not matter.

    Source:
        Vallado, Crawford, Hujsak, Kelso, Revisiting Spacetrack Report #3, AIAA 2006-6753 (a kilometre at epoch);
        Kelso, AAS 07-127 (2007) (growth); Riesing, SmallSat SSC15-VIII-5 (2015) (CubeSats).
    """
    return 1.0 + 3.0 * abs(age_days)


@dataclass(frozen=True, slots=True)
class TwoLineElements:
    """SGP4 with the constants of WGS72, as the elements are made for.

    The velocity is SGP4's own, the derivative of the position to 2e-5 km/s in round orbits and 2e-3 km/s in
    eccentric ones.

    Args:
        line1, line2: the two lines, 69 columns each, with valid checksums.

    Raises:
        PhysicsError: a line has the wrong length, number or checksum; the lines are of different satellites; SGP4
            refuses the elements, now or later (a satellite that has decayed).

    Source:
        Vallado, Crawford, Hujsak, Kelso, AIAA 2006-6753, in the package sgp4 (compiled).
    """

    line1: str
    line2: str
    _satellite: Satrec = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for number in (1, 2):
            name = f"line{number}"
            line = getattr(self, name)
            require(isinstance(line, str), f"{name}: wanted text of {_COLUMNS} columns, got {type(line).__name__}")
            line = line.rstrip()
            object.__setattr__(self, name, line)
            require(len(line) == _COLUMNS and line.isascii(), f"{name}: wanted {_COLUMNS} columns, got {len(line)}")
            require(line.startswith(f"{number} "), f"{name}: wanted it to begin with '{number} ', got '{line[:2]}'")
            require(
                line[-1] == str(checksum(line)),
                f"{name}: its checksum is {checksum(line)}, the last column says '{line[-1]}': mistyped or damaged",
            )
        require(
            self.line1[2:7] == self.line2[2:7],
            f"satellite {self.line1[2:7].strip()} in line1 and {self.line2[2:7].strip()} in line2: "
            "the lines are of different satellites",
        )
        for line, name, first, last, low, high in _FIELDS:
            text = getattr(self, line)[first - 1 : last]
            wanted = (
                f"{line}: {name} '{text.strip()}': wanted a number from {low:g} to {high:g} in columns {first}-{last}"
            )
            require(_NUMBER.fullmatch(text) is not None and low <= float(text) <= high, wanted)
        try:
            satellite = Satrec.twoline2rv(self.line1, self.line2)
        except ValueError as error:
            raise PhysicsError(f"two-line elements: {error}") from None
        self._refuse(int(satellite.error), "at their epoch")
        object.__setattr__(self, "_satellite", satellite)

    def __reduce__(self) -> tuple[type[TwoLineElements], tuple[str, str]]:
        return TwoLineElements, (self.line1, self.line2)  # the compiled satellite does not travel between processes

    def _refuse(self, code: int, when: str) -> None:
        reason = SGP4_ERRORS.get(code, "")
        require(
            code == 0,
            f"two-line elements of satellite {self.number} {when}: {reason} (SGP4 error {code}): it has decayed, or "
            "this is too far from the epoch of the elements",
        )

    @property
    def number(self) -> str:
        """Catalogue number as written."""
        return self.line1[2:7].strip()

    @property
    def epoch(self) -> Epoch:
        """When the elements are best."""
        return Epoch.from_julian(self._satellite.jdsatepoch, self._satellite.jdsatepochF)

    def age_days(self, epoch: Epoch) -> float:
        """Days from the elements' epoch to ``epoch``; negative for elements from after it."""
        return (epoch - self.epoch) / DAY_S

    def teme(self, epoch: Epoch, t_s: Times) -> tuple[Floats, Floats]:
        """Position (..., 3) km and velocity (..., 3) km/s in TEME; `PhysicsError` once the satellite has decayed."""
        times = checked_times(t_s)
        day, fraction = epoch.julian(times.ravel())
        error, position, velocity = self._satellite.sgp4_array(day, fraction)
        if error.any():
            first = int(np.flatnonzero(error)[0])
            self._refuse(int(error[first]), f"on {epoch.plus(float(times.ravel()[first])).text}")
        return position.reshape(*times.shape, 3), velocity.reshape(*times.shape, 3)
