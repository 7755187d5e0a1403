"""OpticalStation: facts about real and announced optical ground stations, each with its source and how it is known."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from qcisim.errors import InputError, did_you_mean, require
from qcisim.network.link import LengthStatus
from qcisim.network.node import Node, Role
from qcisim.network.site import _check_known, _field, _number, _read, _status, _text

Basis: TypeAlias = Literal["real", "announced", "illustrative"]
BASES: tuple[Basis, ...] = get_args(Basis)


@dataclass(frozen=True, slots=True)
class OpticalStation:
    """An optical ground station, WGS84 degrees, ``altitude_m`` above mean sea level.

    ``aperture_m`` is None where no telescope is published. ``basis``: real (built), announced, or illustrative;
    ``state``: what is said of it in words; ``status``: how its coordinates are known, ``coordinates`` in words.
    """

    id: str
    name: str
    lat_deg: float
    lon_deg: float
    altitude_m: float
    aperture_m: float | None
    country: str
    basis: Basis
    state: str
    status: LengthStatus
    coordinates: str
    missions: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        self.node()  # a node's domain is a station's domain
        _check_known("station", self.id, self.status, self.source)
        require(
            math.isfinite(self.altitude_m) and -500.0 <= self.altitude_m <= 9000.0,
            f"station {self.id}: altitude {self.altitude_m} m: wanted metres above sea, on land",
        )
        require(
            self.aperture_m is None or 0.0 < self.aperture_m <= 50.0,
            f"station {self.id}: aperture {self.aperture_m} m: wanted a diameter in metres, or none",
        )

    def node(self, role: Role = "trusted") -> Node:
        """The station as a node of a network."""
        return Node(self.id, self.name, self.lat_deg, self.lon_deg, self.country, role)


def load_stations(file: Traversable) -> Mapping[str, OpticalStation]:
    """The stations of a JSON file, by id.

    Raises `EnvironmentFault` where it cannot be read, and `InputError` with file and entry where it is not sound.
    """
    entries = entries_of(file, "stations")
    return MappingProxyType({name: _station(f"{file.name}: stations.{name}", name, f) for name, f in entries.items()})


def entries_of(file: Traversable, part: str) -> Mapping[str, Any]:
    """The entries of one part of a JSON file, by id."""
    entries = _read(file).get(part)
    if not isinstance(entries, dict):
        raise InputError(f"{file.name}: {part}: wanted an object by id")
    return entries


def basis_of(where: str, fields: Mapping[str, Any]) -> Basis:
    """The basis of an entry; raises `InputError` with a suggestion where it is none."""
    given = _text(where, fields, "basis")
    for known in BASES:
        if given == known:
            return known
    hint = did_you_mean(given, BASES) or f"known: {', '.join(BASES)}"
    raise InputError(f"{where}.basis: unknown basis '{given}' ({hint})")


def texts_of(where: str, fields: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts."""
    values = _field(where, fields, key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{where}.{key}: wanted a list of texts, got {values!r}")
    return tuple(values)


def _station(where: str, name: str, fields: Mapping[str, Any]) -> OpticalStation:
    lat, lon, altitude_m = (_number(f"{where}.{k}", _field(where, fields, k)) for k in ("lat", "lon", "altitude_m"))
    aperture = _field(where, fields, "aperture_m")
    try:
        return OpticalStation(
            id=name,
            name=_text(where, fields, "name"),
            lat_deg=lat,
            lon_deg=lon,
            altitude_m=altitude_m,
            aperture_m=None if aperture is None else _number(f"{where}.aperture_m", aperture),
            country=_text(where, fields, "country"),
            basis=basis_of(where, fields),
            state=_text(where, fields, "state"),
            status=_status(where, fields),
            coordinates=_text(where, fields, "coordinates"),
            missions=texts_of(where, fields, "missions"),
            source=_text(where, fields, "source"),
        )
    except ValueError as error:
        raise InputError(f"{where}: {error}") from None


@functools.cache
def stations() -> Mapping[str, OpticalStation]:
    """The shipped stations by id."""
    return load_stations(resources.files("qcisim.network").joinpath("sites", "space", "stations.json"))


def station(name: str) -> OpticalStation:
    """One shipped station; raises `InputError` with a suggestion where there is none."""
    known = stations()
    if name not in known:
        raise InputError(f"unknown station '{name}' ({did_you_mean(name, known) or 'known: ' + ', '.join(known)})")
    return known[name]
