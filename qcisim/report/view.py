"""View: a result as the report reads it, with every missing part filled by nothing instead of a crash."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qcisim.errors import InputError
from qcisim.report.chain_view import ChainView, chain_of
from qcisim.report.comparison import Comparison, comparisons_of
from qcisim.report.demand_view import DemandView, demand_view
from qcisim.report.entanglement_view import EntanglementView, entanglement_of
from qcisim.report.moment import Calendar
from qcisim.report.pair_view import PairView, pairs_of
from qcisim.report.pass_view import PassView, passes_of
from qcisim.report.program_view import ProgramLinkView, ProgramView, program_links_of, programs_of
from qcisim.report.published import Published, published_of
from qcisim.report.reading import number, numbers, rows, series, table
from qcisim.report.service_view import ServiceView, service_of

_NO_NOISE = 1e-20  # a count per gate below this is told as none


@dataclass(frozen=True, slots=True)
class NodeView:
    id: str
    name: str
    lat: float | None
    lon: float | None
    country: str
    role: str
    satellite: bool
    station: bool


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
    free_space: bool
    passes: int
    passes_taken: int
    provenance: dict[str, str]
    trusted_relays: int
    only_compared: bool = False
    middle: str = ""
    arm_lengths_km: tuple[float, ...] = ()
    ceilings: dict[str, float] = field(default_factory=dict)
    chain: ChainView | None = None
    detected: str = "clicks"

    @property
    def makes_key(self) -> bool:
        return self.secret_bits > 0

    @property
    def total_loss_db(self) -> float:
        return math.fsum(self.losses_db.values())

    @property
    def spans(self) -> int:
        """Into how many stretches trusted relays cut its fibre; losses and counts are those of the longest."""
        return 1 + self.trusted_relays

    @property
    def stored_only(self) -> bool:
        """A link that starts with stored key and transmits nothing."""
        return not self.rounds and not self.blocks and not self.free_space


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
    calendar: Calendar
    passes: tuple[PassView, ...]
    pairs: dict[str, PairView]
    service: ServiceView | None
    published: tuple[Published, ...]
    comparisons: tuple[Comparison, ...] = ()
    entanglement: EntanglementView | None = None
    programs: Mapping[str, ProgramView] = field(default_factory=dict)
    program_links: Mapping[str, ProgramLinkView] = field(default_factory=dict)

    def node_name(self, node: str) -> str:
        """The name of a node, or of the relays of a link such as "a-b (2 relays)"; the id where it has none."""
        link, bracket, rest = node.partition(" (")
        if bracket and link in self.links:
            return f"{self.link_name(link)} ({rest}"
        return self.nodes[node].name if node in self.nodes else node

    def link_name(self, link: str) -> str:
        """Both ends of a link by their short names."""
        found = self.links.get(link) or self.pairs.get(link)
        return " – ".join(short(self.node_name(end)) for end in found.ends) if found else link

    def component_name(self, component: str) -> str:
        """A component such as "satellite:eagle1" by the name of its node or link."""
        kind, _, name = component.rpartition(":")
        return self.link_name(name) if kind == "link" else short(self.node_name(name))

    @property
    def trusted_nodes(self) -> tuple[str, ...]:
        """Nodes that relayed key of at least one demand."""
        return tuple(dict.fromkeys(node for demand in self.demands.values() for node in demand.trusted_nodes))


def short(name: str) -> str:
    """The place in a name such as "ESA ESEC, Redu"."""
    return name.rsplit(",", 1)[-1].strip() or name


def view(result: Any) -> View:
    """Reads a result: a mapping, or an object whose ``as_dict`` gives one.

    Raises `InputError` where it is no result.
    """
    data = _mapping(result)
    nodes = table(data, "nodes")
    links = table(data, "links")
    curves = data.get("series") or {}
    provenance = data.get("provenance") or {}
    planned, early = number(data.get("duration_s")) or 0.0, number(provenance.get("interrupted_at_s"))
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
        demands={name: demand_view(name, fields) for name, fields in table(data, "demands").items()},
        books={name: numbers(fields) for name, fields in table(data, "books").items()},
        t_s=series(curves.get("t_s")),
        stored_keys={name: series(values) for name, values in (curves.get("stored_keys") or {}).items()},
        delivered_keys={name: series(values) for name, values in (curves.get("delivered_keys") or {}).items()},
        assumptions=_assumptions(data.get("assumptions")),
        version=str(provenance.get("qcisim", "")),
        command=str(provenance.get("command", "")),
        planned_s=planned if early is not None else None,
        calendar=Calendar.parse(str(data.get("start_utc") or "")),
        passes=passes_of(data),
        pairs=pairs_of(data),
        service=service_of(data),
        published=published_of(data),
        comparisons=comparisons_of(data),
        entanglement=entanglement_of(data),
        programs=programs_of(data),
        program_links=program_links_of(data),
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


def _node(name: str, f: Mapping[str, Any]) -> NodeView:
    return NodeView(
        name,
        str(f.get("name") or name),
        number(f.get("lat")),
        number(f.get("lon")),
        str(f.get("country") or ""),
        str(f.get("role") or "end"),
        bool(f.get("satellite")),
        bool(f.get("station")),
    )


def _link(name: str, f: Mapping[str, Any]) -> LinkView:
    ends = [str(end) for end in f.get("between") or ()]
    interval = series(f.get("qber_interval"))
    attack, sources = f.get("attack"), f.get("terms_provenance")
    return LinkView(
        id=name,
        ends=(ends[0], ends[1]) if len(ends) == 2 else (name, name),
        protocol=str(f.get("protocol") or ""),
        resolution=str(f.get("resolution") or ""),
        status=str(f.get("fibre_length_status") or f.get("status") or "illustrative"),
        length_km=number(f.get("fibre_length_km")),
        rounds=number(f.get("rounds")) or 0.0,
        clicks=number(f.get("clicks")) or 0.0,
        sifted_bits=number(f.get("sifted_bits")) or 0.0,
        test_bits=number(f.get("test_bits")) or 0.0,
        corrected_bits=number(f.get("corrected_bits")) or 0.0,
        leak_bits=number(f.get("leak_bits")) or 0.0,
        f_ec=number(f.get("f_ec")),
        secret_bits=number(f.get("secret_bits")) or 0.0,
        secret_bits_per_s=number(f.get("secret_bits_per_s")) or 0.0,
        authentication_bits=number(f.get("authentication_bits")) or 0.0,
        qber=number(f.get("qber")),
        qber_interval=(interval[0], interval[1]) if len(interval) == 2 else None,
        epsilon=number(f.get("epsilon")),
        theorem=str(f.get("theorem") or ""),
        reason=str(f.get("reason") or ""),
        blocks=int(number(f.get("blocks")) or 0),
        blocks_accepted=int(number(f.get("blocks_accepted")) or 0),
        transmittance=number(f.get("transmittance")),
        losses_db=numbers(f.get("losses_db")),
        noise_per_gate={k: v if abs(v) >= _NO_NOISE else 0.0 for k, v in numbers(f.get("noise_per_gate")).items()},
        terms=dict(sorted(numbers(f.get("terms")).items(), key=lambda item: item[1] < 0.0)),
        bounds=numbers(f.get("bounds")),
        assumptions=tuple(_assumption(item).text for item in f.get("assumptions") or ()),
        attack=str(attack.get("name", "")) if isinstance(attack, Mapping) else str(attack or ""),
        free_space=str(f.get("medium") or "").replace("_", " ") == "free space",
        passes=int(number(f.get("passes")) or 0),
        passes_taken=int(number(f.get("passes_taken")) or 0),
        provenance={str(k): str(v) for k, v in sources.items() if v} if isinstance(sources, Mapping) else {},
        trusted_relays=max(0, int(number(f.get("trusted_relays")) or 0)),
        only_compared=bool(f.get("only_compared")),
        middle=str(f.get("middle") or ""),
        arm_lengths_km=tuple(x for arm in rows(f, "arms") if (x := number(arm.get("fibre_length_km"))) is not None),
        ceilings=numbers(f.get("ceilings")),
        chain=chain_of(f.get("chain")),
        detected=str(f.get("detected") or "clicks"),
    )


def _assumption(item: Any) -> Assumption:
    if isinstance(item, Mapping):
        return Assumption(str(item.get("text") or ""), str(item.get("source") or ""), str(item.get("status") or ""))
    return Assumption(str(item), "", "")


def _assumptions(items: Any) -> tuple[Assumption, ...]:
    return tuple(_assumption(item) for item in items or ())
