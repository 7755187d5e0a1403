"""What a fleet of key managers is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qcisim.errors import InputError
from qcisim.keys.state import Limits
from qcisim.keys.topology import Topology
from qcisim.web.environment import variable


@dataclass(frozen=True, slots=True)
class FleetLink:
    """A link and what both ends hold of it at the start: ``initial_keys`` per direction, of the default size."""

    between: tuple[str, str]
    initial_keys: int = 0
    epsilon: float = 1e-10
    theorem: str = "stored key of a simulated link"


@dataclass(frozen=True, slots=True)
class FleetConfig:
    """What `qcisim serve` starts. ``nodes``: node -> may relay (role trusted or hub); ``saes``: SAE ID -> node;

    ``pairs``: (master, slave) that may share keys, ``None`` = all; ``ports``: SAE-plane port by node where it is
    not to be chosen; ``directory``: everything lies under it, and a second start goes on with what is there.
    """

    directory: Path
    nodes: Mapping[str, bool]
    links: Mapping[str, FleetLink]
    saes: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...] | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    ready_s: float = 60.0
    max_pages: int = 0

    def __post_init__(self) -> None:
        topology = Topology(self.nodes, {n: link.between for n, link in self.links.items()}, self.saes, None)
        Topology(topology.nodes, topology.links, self.saes, None if self.pairs is None else frozenset(self.pairs))
        for kind, names in (("KME", self.nodes), ("SAE", self.saes)):
            made: dict[str, str] = {}
            for name in names:
                other = made.setdefault(variable(kind, name), name)
                if other != name:
                    raise InputError(f"{kind} {name!r} and {other!r} would share the variable {variable(kind, name)}")
