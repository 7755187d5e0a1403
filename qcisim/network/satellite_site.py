"""SatelliteSite: facts about quantum communication satellites, their orbits and payloads, each with its source."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from qcisim.errors import InputError, did_you_mean, require
from qcisim.network.link import LengthStatus
from qcisim.network.site import _check_known, _field, _number, _status, _text
from qcisim.network.station_site import Basis, basis_of, entries_of, texts_of

_COLUMNS = 69


@dataclass(frozen=True, slots=True)
class Elements:
    """Public two-line elements: the day of their epoch and what they are good for; columns and checksum are checked."""

    day: date
    line1: str
    line2: str
    use: str

    def __post_init__(self) -> None:
        for number, line in (("1", self.line1), ("2", self.line2)):
            require(
                len(line) == _COLUMNS, f"two-line elements: line {number} has {len(line)} columns, wanted {_COLUMNS}"
            )
            require(line.startswith(f"{number} "), f"two-line elements: line {number} begins with {line[:2]!r}")
            total = sum(int(c) if c.isdigit() else c == "-" for c in line[:-1]) % 10
            require(line[-1] == str(total), f"two-line elements: line {number} has checksum {line[-1]}, wanted {total}")


@dataclass(frozen=True, slots=True)
class CircularElements:
    """A circular orbit that stands in for an orbit that is not public; ``text`` says what is known of the real one.

    ``longitude_deg``: for a geostationary satellite, else None. Node and phase are free.
    """

    altitude_km: float
    inclination_deg: float
    longitude_deg: float | None
    text: str

    def __post_init__(self) -> None:
        require(150.0 <= self.altitude_km <= 100_000.0, f"altitude {self.altitude_km} km: no satellite stays there")
        require(0.0 <= self.inclination_deg <= 180.0, f"inclination {self.inclination_deg} deg: lies in [0, 180]")
        longitude = self.longitude_deg
        require(
            longitude is None or -180.0 <= longitude <= 180.0, f"longitude {longitude}: lies in [-180, 180] degrees"
        )


@dataclass(frozen=True, slots=True)
class SatelliteSite:
    """A satellite. ``basis``: real, announced or illustrative mission; ``status``: how its orbit is known.

    ``elements``: public two-line elements, oldest first; ``orbit``: a circular stand-in; one of the two is there.
    ``payload``, ``mission``: facts as published, by names that carry their unit; read-only.
    """

    id: str
    name: str
    norad_id: int | None
    basis: Basis
    state: str
    status: LengthStatus
    elements: tuple[Elements, ...]
    orbit: CircularElements | None
    payload: Mapping[str, Any]
    mission: Mapping[str, Any]
    source: tuple[str, ...]

    def __post_init__(self) -> None:
        require(bool(self.id) and bool(self.name), f"satellite {self.id!r}: needs an id and a name")
        _check_known("satellite", self.id, self.status, "; ".join(self.source))
        require(
            bool(self.elements) != (self.orbit is not None),
            f"satellite {self.id}: wanted two-line elements or a circular orbit, one of them",
        )

    def elements_near(self, day: date) -> Elements:
        """The two-line elements whose epoch is nearest to ``day``; raises `InputError` where there are none."""
        if not self.elements:
            raise InputError(f"satellite {self.id}: no public two-line elements, only an illustrative orbit")
        return min(self.elements, key=lambda one: abs((one.day - day).days))


def load_satellites(file: Traversable) -> Mapping[str, SatelliteSite]:
    """The satellites of a JSON file, by id.

    Raises `EnvironmentFault` where it cannot be read, and `InputError` with file and entry where it is not sound.
    """
    entries = entries_of(file, "satellites")
    return MappingProxyType(
        {name: _satellite(f"{file.name}: satellites.{name}", name, fields) for name, fields in entries.items()}
    )


def _satellite(where: str, name: str, fields: Mapping[str, Any]) -> SatelliteSite:
    number = _field(where, fields, "norad_id") if "norad_id" in fields else None
    if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
        raise InputError(f"{where}.norad_id: wanted a whole number, got {number!r}")
    listed = fields.get("elements", [])
    if not isinstance(listed, list):
        raise InputError(f"{where}.elements: wanted a list, got {listed!r}")
    try:
        return SatelliteSite(
            id=name,
            name=_text(where, fields, "name"),
            norad_id=number,
            basis=basis_of(where, fields),
            state=_text(where, fields, "state"),
            status=_status(where, fields),
            elements=tuple(_elements(f"{where}.elements[{i}]", one) for i, one in enumerate(listed)),
            orbit=_orbit(f"{where}.orbit", fields["orbit"]) if "orbit" in fields else None,
            payload=_facts(where, fields, "payload"),
            mission=_facts(where, fields, "mission") if "mission" in fields else MappingProxyType({}),
            source=texts_of(where, fields, "source"),
        )
    except ValueError as error:
        raise InputError(f"{where}: {error}") from None


def _elements(where: str, fields: Mapping[str, Any]) -> Elements:
    line1, line2, use = (_text(where, fields, key) for key in ("line1", "line2", "use"))
    return Elements(date.fromisoformat(_text(where, fields, "epoch")), line1, line2, use)


def _orbit(where: str, fields: Mapping[str, Any]) -> CircularElements:
    altitude, inclination = (
        _number(f"{where}.{k}", _field(where, fields, k)) for k in ("altitude_km", "inclination_deg")
    )
    longitude = _number(f"{where}.longitude_deg", fields["longitude_deg"]) if "longitude_deg" in fields else None
    return CircularElements(altitude, inclination, longitude, _text(where, fields, "text"))


def _facts(where: str, fields: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    facts = _field(where, fields, key)
    if not isinstance(facts, dict):
        raise InputError(f"{where}.{key}: wanted an object, got {facts!r}")
    return MappingProxyType({name: tuple(v) if isinstance(v, list) else v for name, v in facts.items()})


@functools.cache
def satellites() -> Mapping[str, SatelliteSite]:
    """The shipped satellites by id."""
    return load_satellites(resources.files("qcisim.network").joinpath("sites", "space", "satellites.json"))


def satellite(name: str) -> SatelliteSite:
    """One shipped satellite; raises `InputError` with a suggestion where there is none."""
    known = satellites()
    if name not in known:
        raise InputError(f"unknown satellite '{name}' ({did_you_mean(name, known) or 'known: ' + ', '.join(known)})")
    return known[name]
