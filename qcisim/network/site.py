"""Site and leg: facts about real places and the fibre between them, each with its source and how it is known."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from qcisim.errors import EnvironmentFault, InputError, did_you_mean, require
from qcisim.network.link import LENGTH_STATUSES, LengthStatus, Link
from qcisim.network.node import Node, Role
from qcisim.units import great_circle_km


@dataclass(frozen=True, slots=True)
class Site:
    """A real place, WGS84 degrees; ``status`` and ``source`` say how it is known."""

    id: str
    name: str
    lat_deg: float
    lon_deg: float
    country: str
    status: LengthStatus
    source: str

    def __post_init__(self) -> None:
        self.node()  # a node's domain is a site's domain
        _check_known("site", self.id, self.status, self.source)

    def node(self, role: Role = "end") -> Node:
        """The site as a node of a network."""
        return Node(self.id, self.name, self.lat_deg, self.lon_deg, self.country, role)


@dataclass(frozen=True, slots=True)
class Leg:
    """Fibre between two sites. ``fibre_length_range_km`` bounds an estimated length; for a known one both are equal."""

    id: str
    ends: tuple[Site, Site]
    fibre_length_km: float
    status: LengthStatus
    source: str
    fibre_length_range_km: tuple[float, float]

    def __post_init__(self) -> None:
        self.link()
        _check_known("leg", self.id, self.status, self.source)
        low, high = self.fibre_length_range_km
        require(
            math.isfinite(high) and low <= self.fibre_length_km <= high,
            f"leg {self.id}: fibre length {self.fibre_length_km} km is not between {low} and {high} km",
        )
        require(
            low >= self.great_circle_km,
            f"leg {self.id}: {low} km of fibre over {self.great_circle_km:.1f} km: fibre is no shorter than that",
        )

    @property
    def great_circle_km(self) -> float:
        """Distance of the two ends on the sphere, in km."""
        a, b = self.ends
        return great_circle_km(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg)

    def link(self) -> Link:
        """The leg as a link of a network."""
        return Link(self.id, (self.ends[0].id, self.ends[1].id), self.fibre_length_km, self.status)


def _check_known(what: str, name: str, status: str, source: str) -> None:
    require(status in LENGTH_STATUSES, f"{what} {name}: status {status!r}: wanted one of {', '.join(LENGTH_STATUSES)}")
    require(bool(source), f"{what} {name}: wanted a source")


def load_sites(folder: Traversable) -> tuple[Mapping[str, Site], Mapping[str, Leg]]:
    """All sites and legs of the ``*.json`` files of a folder, by id.

    Raises `EnvironmentFault` where a file cannot be read, and `InputError` with file and entry where it is not sound.
    """
    sites: dict[str, Site] = {}
    legs: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name):
        content = _read(file)
        for name, fields in content.get("sites", {}).items():
            if name in sites:
                raise InputError(f"{file.name}: sites.{name}: this id is used in another file already")
            sites[name] = _site(f"{file.name}: sites.{name}", name, fields)
        for name, fields in content.get("legs", {}).items():
            if name in legs:
                raise InputError(f"{file.name}: legs.{name}: this id is used in another file already")
            legs[name] = (f"{file.name}: legs.{name}", fields)
    return MappingProxyType(sites), MappingProxyType(
        {name: _leg(where, name, fields, sites) for name, (where, fields) in legs.items()}
    )


def _read(file: Traversable) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise EnvironmentFault(f"{file.name}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{file.name}: wanted JSON in UTF-8: {error}") from None
    if not isinstance(content, dict):
        raise InputError(f"{file.name}: wanted an object with sites and legs, got {type(content).__name__}")
    for part in ("sites", "legs"):
        if not isinstance(content.get(part, {}), dict):
            raise InputError(f"{file.name}: {part}: wanted an object by id")
    return content


def _text(where: str, fields: Mapping[str, Any], key: str) -> str:
    value = _field(where, fields, key)
    if not isinstance(value, str):
        raise InputError(f"{where}.{key}: wanted text, got {value!r}")
    return value


def _number(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{where}: wanted a number, got {value!r}")
    return float(value)


def _field(where: str, fields: Any, key: str) -> Any:
    if not isinstance(fields, dict):
        raise InputError(f"{where}: wanted an object, got {fields!r}")
    if key not in fields:
        raise InputError(f"{where}: no field '{key}'")
    return fields[key]


def _status(where: str, fields: Mapping[str, Any]) -> LengthStatus:
    status = _text(where, fields, "status")
    for known in LENGTH_STATUSES:
        if status == known:
            return known
    hint = did_you_mean(status, LENGTH_STATUSES) or f"known: {', '.join(LENGTH_STATUSES)}"
    raise InputError(f"{where}.status: unknown status '{status}' ({hint})")


def _site(where: str, name: str, fields: Mapping[str, Any]) -> Site:
    lat, lon = (_number(f"{where}.{key}", _field(where, fields, key)) for key in ("lat", "lon"))
    texts = [_text(where, fields, key) for key in ("name", "country", "source")]
    try:
        return Site(name, texts[0], lat, lon, texts[1], _status(where, fields), texts[2])
    except ValueError as error:
        raise InputError(f"{where}: {error}") from None


def _leg(where: str, name: str, fields: Mapping[str, Any], sites: Mapping[str, Site]) -> Leg:
    length_km = _number(f"{where}.fibre_length_km", _field(where, fields, "fibre_length_km"))
    ends = _field(where, fields, "between")
    if not isinstance(ends, list) or len(ends) != 2:
        raise InputError(f"{where}.between: wanted two site ids, got {ends!r}")
    for end in ends:
        if end not in sites:
            hint = did_you_mean(str(end), sites) or f"known: {', '.join(sites)}"
            raise InputError(f"{where}.between: unknown site {end!r} ({hint})")
    bounds = fields.get("fibre_length_range_km", [length_km, length_km])
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise InputError(f"{where}.fibre_length_range_km: wanted [low, high], got {bounds!r}")
    low, high = (_number(f"{where}.fibre_length_range_km", bound) for bound in bounds)
    pair = (sites[ends[0]], sites[ends[1]])
    try:
        return Leg(name, pair, length_km, _status(where, fields), _text(where, fields, "source"), (low, high))
    except ValueError as error:
        raise InputError(f"{where}: {error}") from None


@functools.cache
def _shipped() -> tuple[Mapping[str, Site], Mapping[str, Leg]]:
    return load_sites(resources.files("qcisim.network").joinpath("sites"))


def sites() -> Mapping[str, Site]:
    """The shipped sites by id."""
    return _shipped()[0]


def legs() -> Mapping[str, Leg]:
    """The shipped legs by id."""
    return _shipped()[1]


def site(name: str) -> Site:
    """One shipped site; raises `InputError` with a suggestion where there is none."""
    if name not in sites():
        raise InputError(f"unknown site '{name}' ({did_you_mean(name, sites()) or 'known: ' + ', '.join(sites())})")
    return sites()[name]


def leg(name: str) -> Leg:
    """One shipped leg; raises `InputError` with a suggestion where there is none."""
    if name not in legs():
        raise InputError(f"unknown leg '{name}' ({did_you_mean(name, legs()) or 'known: ' + ', '.join(legs())})")
    return legs()[name]
