"""View: a result as the report reads it, with every missing part filled by nothing instead of a crash."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qcisim.errors import InputError


@dataclass(frozen=True, slots=True)
class NodeView:
    id: str
    name: str
    lat: float | None
    lon: float | None
    country: str
    role: str


@dataclass(frozen=True, slots=True)
class LinkView:
    id: str
    ends: tuple[str, str]
    protocol: str
    resolution: str
    status: str
    length_km: float | None
    rounds: float
    clicks: float
    sifted_bits: float
    test_bits: float
    corrected_bits: float
    leak_bits: float
    f_ec: float | None
    secret_bits: float
    secret_bits_per_s: float
    authentication_bits: float
    qber: float | None
    qber_interval: tuple[float, float] | None
    epsilon: float | None
    theorem: str
    reason: str
    blocks: int
    blocks_accepted: int
    transmittance: float | None
    losses_db: dict[str, float]
    noise_per_gate: dict[str, float]
    terms: dict[str, float]
    bounds: dict[str, float]
    assumptions: tuple[str, ...]
    attack: str

    @property
    def makes_key(self) -> bool:
        return self.secret_bits > 0

    @property
    def total_loss_db(self) -> float:
        return math.fsum(self.losses_db.values())

    @property
    def stored_only(self) -> bool:
        """A link that starts with stored key and transmits nothing."""
        return not self.rounds and not self.blocks


@dataclass(frozen=True, slots=True)
class DemandView:
    id: str
    source: str
    target: str
    path: tuple[str, ...]
    sector: str
    key_bits: int
    requested: float
    delivered: float
    epsilon_per_key: float | None
    trusted_nodes: tuple[str, ...]
    text: str

    @property
    def met(self) -> bool:
        return self.requested > 0 and self.delivered >= self.requested


@dataclass(frozen=True, slots=True)
class Assumption:
    text: str
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class View:
    """``duration_s`` is what was simulated; ``planned_s`` what should have been, where a run was interrupted."""

    scenario: str
    title: str
    description: str
    hash: str
    seed: str
    resolution: str
    duration_s: float
    nodes: dict[str, NodeView]
    links: dict[str, LinkView]
    demands: dict[str, DemandView]
    books: dict[str, dict[str, float]]
    t_s: tuple[float, ...]
    stored_keys: dict[str, tuple[float, ...]]
    delivered_keys: dict[str, tuple[float, ...]]
    assumptions: tuple[Assumption, ...]
    version: str
    command: str
    planned_s: float | None

    def node_name(self, node: str) -> str:
        """The name of a node; its id where it has none."""
        return self.nodes[node].name if node in self.nodes else node

    def link_name(self, link: str) -> str:
        """Both ends of a link by their short names."""
        return " – ".join(short(self.node_name(end)) for end in self.links[link].ends) if link in self.links else link

    @property
    def trusted_nodes(self) -> tuple[str, ...]:
        """Nodes that relay key of at least one demand."""
        return tuple(dict.fromkeys(node for demand in self.demands.values() for node in demand.trusted_nodes))


def short(name: str) -> str:
    """The place in a name such as "ESA ESEC, Redu"."""
    return name.rsplit(",", 1)[-1].strip() or name


def view(result: Any) -> View:
    """Reads a result: a mapping, or an object whose ``as_dict`` gives one.

    Raises `InputError` where it is no result.
    """
    data = _mapping(result)
    nodes = _table(data, "nodes")
    links = _table(data, "links")
    series = data.get("series") or {}
    provenance = data.get("provenance") or {}
    planned, early = _number(data.get("duration_s")) or 0.0, _number(provenance.get("interrupted_at_s"))
    return View(
        scenario=str(data.get("scenario", "")),
        title=str(data.get("title") or data.get("scenario") or "qcisim result"),
        description=str(data.get("description") or ""),
        hash=str(data.get("hash", "")),
        seed=str(data.get("seed", "")),
        resolution=str(data.get("resolution", "")),
        duration_s=planned if early is None else early,
        nodes={name: _node(name, fields) for name, fields in nodes.items()},
        links={name: _link(name, fields) for name, fields in links.items()},
        demands={name: _demand(name, fields) for name, fields in _table(data, "demands").items()},
        books={name: _numbers(fields) for name, fields in _table(data, "books").items()},
        t_s=_series(series.get("t_s")),
        stored_keys={name: _series(values) for name, values in (series.get("stored_keys") or {}).items()},
        delivered_keys={name: _series(values) for name, values in (series.get("delivered_keys") or {}).items()},
        assumptions=_assumptions(data.get("assumptions")),
        version=str(provenance.get("qcisim", "")),
        command=str(provenance.get("command", "")),
        planned_s=planned if early is not None else None,
    )


def _mapping(result: Any) -> Mapping[str, Any]:
    if isinstance(result, Mapping):
        data: Any = result
    elif hasattr(result, "as_dict"):
        data = result.as_dict()
    else:
        raise InputError(f"wanted a result, got {type(result).__name__}")
    if not isinstance(data, Mapping) or not isinstance(data.get("links"), Mapping):
        raise InputError("wanted a result with links; is this a result.json of qcisim?")
    return data


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Mapping[str, Any]]:
    """The rows by id."""
    table = data.get(key) or {}
    if not isinstance(table, Mapping) or not all(isinstance(row, Mapping) for row in table.values()):
        raise InputError(f"{key}: wanted a table by id; is this a result.json of qcisim?")
    return table


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def _numbers(fields: Any) -> dict[str, float]:
    if not isinstance(fields, Mapping):
        return {}
    return {str(name): number for name, value in fields.items() if (number := _number(value)) is not None}


def _series(values: Any) -> tuple[float, ...]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    return tuple(_number(value) or 0.0 for value in values)


def _node(name: str, f: Mapping[str, Any]) -> NodeView:
    return NodeView(
        name,
        str(f.get("name") or name),
        _number(f.get("lat")),
        _number(f.get("lon")),
        str(f.get("country") or ""),
        str(f.get("role") or "end"),
    )


def _link(name: str, f: Mapping[str, Any]) -> LinkView:
    ends = [str(end) for end in f.get("between") or ()]
    interval = _series(f.get("qber_interval"))
    attack = f.get("attack")
    return LinkView(
        id=name,
        ends=(ends[0], ends[1]) if len(ends) == 2 else (name, name),
        protocol=str(f.get("protocol") or ""),
        resolution=str(f.get("resolution") or ""),
        status=str(f.get("fibre_length_status") or f.get("status") or "illustrative"),
        length_km=_number(f.get("fibre_length_km")),
        rounds=_number(f.get("rounds")) or 0.0,
        clicks=_number(f.get("clicks")) or 0.0,
        sifted_bits=_number(f.get("sifted_bits")) or 0.0,
        test_bits=_number(f.get("test_bits")) or 0.0,
        corrected_bits=_number(f.get("corrected_bits")) or 0.0,
        leak_bits=_number(f.get("leak_bits")) or 0.0,
        f_ec=_number(f.get("f_ec")),
        secret_bits=_number(f.get("secret_bits")) or 0.0,
        secret_bits_per_s=_number(f.get("secret_bits_per_s")) or 0.0,
        authentication_bits=_number(f.get("authentication_bits")) or 0.0,
        qber=_number(f.get("qber")),
        qber_interval=(interval[0], interval[1]) if len(interval) == 2 else None,
        epsilon=_number(f.get("epsilon")),
        theorem=str(f.get("theorem") or ""),
        reason=str(f.get("reason") or ""),
        blocks=int(_number(f.get("blocks")) or 0),
        blocks_accepted=int(_number(f.get("blocks_accepted")) or 0),
        transmittance=_number(f.get("transmittance")),
        losses_db=_numbers(f.get("losses_db")),
        noise_per_gate=_numbers(f.get("noise_per_gate")),
        terms=dict(sorted(_numbers(f.get("terms")).items(), key=lambda item: item[1] < 0.0)),
        bounds=_numbers(f.get("bounds")),
        assumptions=tuple(_assumption(item).text for item in f.get("assumptions") or ()),
        attack=str(attack.get("name", "")) if isinstance(attack, Mapping) else str(attack or ""),
    )


def _demand(name: str, f: Mapping[str, Any]) -> DemandView:
    path = tuple(str(node) for node in f.get("path") or ())
    trusted = f.get("trusted_nodes")
    return DemandView(
        id=name,
        source=str(f.get("from") or ""),
        target=str(f.get("to") or ""),
        path=path,
        sector=str(f.get("sector") or ""),
        key_bits=int(_number(f.get("key_bits")) or 0),
        requested=_number(f.get("keys_requested")) or 0.0,
        delivered=_number(f.get("keys_delivered")) or 0.0,
        epsilon_per_key=_number(f.get("epsilon_per_key")),
        trusted_nodes=tuple(str(node) for node in trusted) if trusted is not None else path[1:-1],
        text=str(f.get("text") or ""),
    )


def _assumption(item: Any) -> Assumption:
    if isinstance(item, Mapping):
        return Assumption(str(item.get("text") or ""), str(item.get("source") or ""), str(item.get("status") or ""))
    return Assumption(str(item), "", "")


def _assumptions(items: Any) -> tuple[Assumption, ...]:
    return tuple(_assumption(item) for item in items or ())
