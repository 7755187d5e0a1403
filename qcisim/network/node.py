"""Node: a place of the network, with what it may do with key."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qcisim.errors import require

Role: TypeAlias = Literal["end", "trusted", "hub"]
ROLES: tuple[Role, ...] = ("end", "trusted", "hub")


@dataclass(frozen=True, slots=True)
class Node:
    """One place, WGS84 degrees; a satellite has none.

    ``role`` is the trusted-node rule: an ``end`` node holds key and uses it, but relays none for others; a ``trusted``
    node may do both; a ``hub`` measures and announces, holds no key, and so neither relays nor ends a demand.
    ``domain`` names who administers the node; where it is not given, it is the country.
    """

    id: str
    name: str
    lat_deg: float | None
    lon_deg: float | None
    country: str = ""
    role: Role = "end"
    domain: str = ""

    def __post_init__(self) -> None:
        require(bool(self.id), "a node needs an id")
        require(
            self.lat_deg is None or (math.isfinite(self.lat_deg) and -90.0 <= self.lat_deg <= 90.0),
            f"node {self.id}: latitude {self.lat_deg}: a latitude lies between -90 and 90 degrees",
        )
        require(
            self.lon_deg is None or (math.isfinite(self.lon_deg) and -180.0 <= self.lon_deg <= 180.0),
            f"node {self.id}: longitude {self.lon_deg}: a longitude lies between -180 and 180 degrees",
        )
        require(self.role in ROLES, f"node {self.id}: role {self.role!r}: wanted one of {', '.join(ROLES)}")
        if not self.domain:
            object.__setattr__(self, "domain", self.country)

    @property
    def holds_keys(self) -> bool:
        """Whether key may be stored here and delivered to applications."""
        return self.role != "hub"

    @property
    def relays(self) -> bool:
        """Whether key of others may pass through here in the clear."""
        return self.role == "trusted"
