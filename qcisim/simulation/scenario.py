"""The scenario: nodes, links, demands, applications, and how long and how finely they are simulated."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, PrivateAttr, Tag, model_validator

from qcisim.simulation.chain_spec import Memories, RepeaterChain
from qcisim.simulation.entanglement_spec import Entanglement, Heralded, PairDemand
from qcisim.simulation.equipment import Fibre, Receiver, Source, Status, WeakCoherent
from qcisim.simulation.fields import Count, Flag, Identifier, Model, Number, Problem, probability, quantity, refuse
from qcisim.simulation.program_spec import LinkPrograms, Processor, ProgramSpec
from qcisim.simulation.space import (
    Arm,
    Clouds,
    FreeSpace,
    Pairs,
    PairsFrom,
    PassPlanning,
    Published,
    Satellite,
    Station,
    refuse_start,
)

RESULT_FORMAT = 2
"""Counts up when the same scenario and seed give other bytes than before."""

Resolution = Literal["clicks", "counts", "rates"]


class Node(Model):
    """A site, or a satellite. Only trusted nodes relay keys; a hub is not trusted with any."""

    name: str = Field("", description="name shown on maps and in tables", max_length=200)
    lat: Number | None = quantity(
        "deg", "latitude, WGS84; needed but for a satellite", None, ge=-90.0, le=90.0, why="are lat and lon swapped?"
    )
    lon: Number | None = quantity("deg", "longitude, WGS84; needed but for a satellite", None, ge=-180.0, le=180.0)
    country: str = Field(
        "",
        description="ISO 3166 code",
        pattern=r"^([A-Z]{2})?$",
        json_schema_extra={"wanted": "a code of two capitals, such as BE"},
    )
    role: Literal["end", "trusted", "hub"] = Field("end", description="end node, trusted node (relays), untrusted hub")
    domain: str = Field("", description="who administers the node; its country where nothing is said", max_length=100)
    station: Station | None = Field(None, description="an optical ground station at this node")
    satellite: Satellite | None = Field(None, description="makes the node a satellite")
    memory: Memories | None = Field(None, description="quantum memories that heralded links fill and that swap pairs")
    processor: Processor | None = Field(None, description="qubits for programs that run at this node")

    @model_validator(mode="after")
    def _place(self) -> Node:
        if self.satellite is None:
            what = "station" if self.station is not None else "node"
            missing = [name for name in ("lat", "lon") if getattr(self, name) is None]
            if missing:
                wanted = f"the coordinates of the {what} in degrees, as in {{lat: 50.85, lon: 4.35}}"
                refuse(*(Problem((name,), wanted, "nothing") for name in missing))
        else:
            wrong = [name for name in ("lat", "lon", "station") if getattr(self, name) is not None]
            if wrong:
                refuse(
                    *(
                        Problem((name,), "no such field of a satellite: its orbit says where it is", "one")
                        for name in wrong
                    )
                )
        return self

    @property
    def coordinates(self) -> tuple[float, float]:
        """Latitude and longitude of a node on the ground, degrees."""
        assert self.lat is not None  # checked above for everything but satellites
        assert self.lon is not None
        return self.lat, self.lon


class Protocol(Model):
    """The protocol on a link, its security claim and its post-processing."""

    name: str = Field("bb84", description="see `qcisim list protocol`; or a folder, with a slash in its path")
    bound: str = Field("lim2014_chernoff", description="theorem of the key length, see `qcisim list bound`")
    epsilon_secret: Number = probability("secrecy parameter of a block", 1e-10, open_interval=True)
    epsilon_correct: Number = probability("correctness parameter of a block", 1e-15, open_interval=True)
    block_s: Number = quantity(
        "s", "fibre: time after which a block is closed; a shorter run is one block", 10.0, gt=0.0, le=1e6
    )
    passes_per_block: Count = quantity("1", "free space: passes that make one block", 1, ge=1, le=1000)
    reconciliation: Literal["cascade", "ldpc"] = Field("cascade", description="how errors are corrected")
    length_rule: Literal["fixed", "variable"] = Field(
        "fixed", description="key length fixed before the block, or from its counts"
    )
    acceptance_probability: Number = quantity(
        "1", "planned probability that an honest block is accepted", 0.999, ge=0.5, lt=1.0
    )
    optimise: Flag = Field(
        False, description="choose intensities and basis bias from the planned link, before any block"
    )
    pre_shared_key_bits: Count = quantity("bits", "pre-shared key for authentication", 4096, ge=256, le=10**9)


class Attack(Model):
    """An attacker on the quantum channel of the link."""

    name: str = Field(description="see `qcisim list attack`")
    fraction: Number = probability("share of the rounds attacked", 1.0)


def _usual_bound(protocol: Any, usual: str) -> Any:
    """The protocol with the first of its bounds where none is named; ``usual`` where no protocol is."""
    from qcisim.simulation.known import fact, known

    if not isinstance(protocol, dict):
        return protocol
    named = {"name": usual} | protocol
    if "bound" in named or named["name"] not in known("protocol"):
        return named
    return named | {"bound": fact("protocol", named["name"], "bounds").split(", ")[0]}


class Link(Model):
    """A quantum link between two nodes: the first sends (Alice), the second receives (Bob)."""

    between: tuple[Identifier, Identifier] = Field(description="ids of the sending and of the receiving node")
    fibre: Fibre | None = Field(None, description="the fibre; fibre or free_space unless key_source is stored")
    arms: tuple[Arm, Arm] | None = Field(
        None, description="two arms that meet at a third node: at its hub, or at its pair_source"
    )
    chain: RepeaterChain | None = Field(None, description="quantum repeaters between the two ends")
    hub: Identifier | None = Field(None, description="id of the untrusted node in the middle that measures both arms")
    hub_share: Number = quantity(
        "1", "share of the time in which the hub works for this link", 1.0, gt=0.0, le=1.0, why="links share their hub"
    )
    mode_overlap: Number = quantity(
        "1",
        "hub: overlap of the two senders' pulses in time, colour and polarisation; its square is the Hong-Ou-Mandel "
        "visibility of single photons",
        0.98,
        ge=0.0,
        le=1.0,
    )
    heralded: Heralded | None = Field(
        None, description="heralded pairs between memories of the two nodes, for demands of the kind pairs"
    )
    pair_source: PairsFrom | None = Field(None, description="the source of entangled pairs between the two arms")
    free_space: FreeSpace | None = Field(
        None, description="free space between a satellite and a station, or two satellites"
    )
    source: Source = Field(WeakCoherent(), description="the light source")
    receiver: Receiver = Field(Receiver(), description="the receiver")
    protocol: Protocol = Field(Protocol(), description="protocol, security parameters, post-processing")
    attack: Attack | None = Field(None, description="an attacker, if any")
    resolution: Resolution | None = Field(None, description="overrides the resolution of the scenario")
    key_source: Literal["qkd", "stored", "none"] = Field(
        "qkd", description="keys from the protocol, only those stored at the start, or none: pairs alone"
    )
    initial_keys: Count = quantity("keys", "keys stored at the start, for each direction", 0, ge=0, le=10**7)
    only_compared: Flag = Field(False, description="no demand uses its key: the link is there to be compared")
    programs: LinkPrograms | None = Field(None, description="the link makes pairs for programs too, or only for them")

    @model_validator(mode="before")
    @classmethod
    def _of_hub(cls, data: Any) -> Any:
        """Where nothing else is said, two senders at a hub run MDI-QKD, pairs BBM92, ends of a chain swapping."""
        for field, usual in (("pair_source", "bbm92"), ("chain", "swapping")):
            if isinstance(data, dict) and data.get(field) is not None:
                return data | {"protocol": _usual_bound(data.get("protocol", {}), usual)}
        if isinstance(data, dict) and data.get("heralded") is not None:
            return {"key_source": "none"} | data
        if not isinstance(data, dict) or data.get("hub") is None:
            return data
        parts = (("source", {"kind": "four_intensity"}), ("protocol", {"name": "mdi", "bound": "mdi_finite"}))
        merged = {name: wanted | given for name, wanted in parts if isinstance(given := data.get(name, {}), dict)}
        return data | merged

    @model_validator(mode="after")
    def _parts(self) -> Link:
        if self.between[0] == self.between[1]:
            refuse(Problem(("between",), "two different nodes", f"'{self.between[0]}' twice"))
        media = ("fibre", "free_space", "arms", "chain", "heralded")
        given = [name for name in media if getattr(self, name) is not None]
        if len(given) > 1:
            refuse(Problem((given[1],), "one of fibre, free_space, arms, chain and heralded", " and ".join(given)))
        if self.key_source != "stored" and not given and self.middle is None:
            refuse(Problem(("fibre",), "a fibre with its length_km, or free_space, arms or chain", "nothing"))
        self._middle()
        return self

    def _middle(self) -> None:
        """Arms end at a hub or at a source of pairs, and at nothing else."""
        middles = [name for name in ("hub", "pair_source") if getattr(self, name) is not None]
        if self.arms is None and middles:
            refuse(Problem((middles[0],), "arms that lead to it", "none"))
        if self.arms is not None and len(middles) != 1:
            got = "neither" if not middles else "both"
            refuse(Problem(("arms",), "a hub or a pair_source where the two arms meet", got))
        middle = self.hub or (self.pair_source.node if self.pair_source is not None else None)
        if self.hub is None and (alone := sorted(self.model_fields_set & {"hub_share", "mode_overlap"})):
            refuse(Problem((alone[0],), "no such field of a link without a hub", "one"))
        if self.hub is not None and middle in self.between:
            refuse(Problem(("hub",), "a third node, which is no end of the link", f"'{middle}'"))

    @property
    def middle(self) -> str | None:
        """The node where two arms meet, if there is one."""
        return self.pair_source.node if self.pair_source is not None else self.hub

    @property
    def key_share(self) -> float:
        """Share of its time in which the link makes key; the rest is for programs."""
        return 1.0 if self.programs is None else 1.0 - self.programs.share

    @property
    def arm_facts(self) -> tuple[dict[str, Any], ...]:
        """Node, length and status of the fibre of each arm."""
        ends = zip(self.between, self.arms or (), strict=False)
        return tuple(
            {"node": node, "fibre_length_km": arm.fibre.length_km, "status": arm.fibre.status}
            if arm.fibre is not None
            else {"node": node, "fibre_length_km": None, "status": arm.free_space.status if arm.free_space else ""}
            for node, arm in ends
        )

    @property
    def status(self) -> Status:
        """How the length of the fibre, or the numbers of the free-space link, are known; of arms the weaker one."""
        media = [self.fibre or self.free_space] if self.arms is None else [a.fibre or a.free_space for a in self.arms]
        media += self.chain.spans if self.chain is not None else ()
        media += (self.heralded.fibre,) if self.heralded is not None else ()
        known = [medium.status for medium in media if medium is not None]
        order: tuple[Status, ...] = ("illustrative", "estimated", "derived", "announced", "measured")
        return min(known, key=order.index, default="illustrative")


class Demand(Model):
    """Two nodes that ask for keys at a steady rate."""

    kind: Literal["keys"] = Field("keys", description="keys, or pairs")
    from_node: Identifier = Field(alias="from", description="id of the node that asks")
    to_node: Identifier = Field(alias="to", description="id of the other node")
    keys_per_s: Number = quantity("1/s", "keys requested per second", gt=0.0, le=1e6)
    key_bits: Count = quantity("bits", "size of a key", 256, ge=8, le=10**6)
    sector: str = Field("", description="whose demand: government, finance, energy, ...", max_length=100)
    text: str = Field("", description="what the keys are for", max_length=2000)


def _demand_kind(value: Any) -> Any:
    return value.get("kind", "keys") if isinstance(value, dict) else getattr(value, "kind", "keys")


AnyDemand: TypeAlias = Annotated[
    Annotated[Demand, Tag("keys")] | Annotated[PairDemand, Tag("pairs")], Discriminator(_demand_kind)
]


class Sae(Model):
    """A secure application entity (ETSI GS QKD 014) and the node whose key manager serves it."""

    node: Identifier = Field(description="id of the node")


class KeyManagers(Model):
    """Limits that every key manager announces (ETSI GS QKD 014, 6.1)."""

    default_key_bits: Count = quantity("bits", "size of a key when a request names none", 256, ge=8, le=10**6)
    min_key_bits: Count = quantity("bits", "smallest key", 64, ge=8, le=10**6)
    max_key_bits: Count = quantity("bits", "largest key", 1024, ge=8, le=10**6)
    max_key_per_request: Count = quantity("keys", "keys in one request", 128, ge=1, le=100_000)
    max_key_count: Count = quantity(
        "keys", "capacity of the store of a link, both directions together", 1_000_000, ge=1, le=10**9
    )


class Way(Model):
    """One way to bring key from a node to another: over one link, or over links in a row with trusted nodes between."""

    name: str = Field(description="what it is called", min_length=1, max_length=100)
    links: tuple[Identifier, ...] = Field(description="ids of its links, in order", min_length=1, max_length=100)
    text: str = Field("", description="what is to be known about it", max_length=2000)


class Comparison(Model):
    """Ways to bring key between the same two nodes."""

    between: tuple[Identifier, Identifier] = Field(description="ids of the two nodes")
    ways: tuple[Way, ...] = Field(description="what is compared", min_length=1, max_length=20)
    text: str = Field("", description="what the comparison shows", max_length=2000)


class Scenario(Model):
    """Everything that a run needs. Links carry their defaults already merged."""

    title: str = Field("", description="one line for people", max_length=200)
    description: str = Field("", description="what the scenario shows", max_length=10_000)
    seed: Count = quantity("1", "seed of every random stream", 1, ge=0, le=2**63 - 1)
    start_utc: str = Field("", description="UTC time of the start; needed with satellites", max_length=40)
    duration_s: Number = quantity("s", "simulated time", 10.0, gt=0.0, le=1e9)
    step_s: Number = quantity(
        "s", "counts and rates: the state of a link is evaluated anew after this time", 60.0, gt=0.0, le=1e6
    )
    resolution: Resolution = Field("clicks", description="every click, block statistics, or expected rates")
    nodes: dict[Identifier, Node] = Field(description="sites by id", min_length=1)
    links: dict[Identifier, Link] = Field({}, description="quantum links by id")
    demands: dict[Identifier, AnyDemand] = Field({}, description="who asks for keys or for pairs, by id")
    entanglement: Entanglement = Field(Entanglement(), description="how demands for pairs are routed")
    saes: dict[Identifier, Sae] = Field({}, description="applications that fetch keys, by SAE id")
    key_managers: KeyManagers = Field(KeyManagers(), description="limits of the key managers")
    clouds: Clouds = Field(Clouds(), description="how clouds hang together in space and time")
    pass_planning: PassPlanning = Field(PassPlanning(), description="which satellite passes are taken")
    pairs: dict[Identifier, Pairs] = Field({}, description="entangled pairs for two nodes, by id")
    programs: dict[Identifier, ProgramSpec] = Field({}, description="programs that run on processors of nodes, by id")
    service_between: tuple[Identifier, ...] = Field(
        (), description="nodes whose pairs are tabled: who has key with whom, from where, at what rate", max_length=100
    )
    published: tuple[Published, ...] = Field(
        (), description="published numbers to set beside the computed ones", max_length=50
    )

    compare: tuple[Comparison, ...] = Field((), description="ways to set side by side", max_length=20)

    _name: str = PrivateAttr("scenario")
    _reference: str = PrivateAttr("scenario")
    _overrides: tuple[str, ...] = PrivateAttr(())
    _without: tuple[str, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _whole(self) -> Scenario:
        from qcisim.simulation.checks import problems

        if self.start_utc:
            refuse_start(self.start_utc)
        found = list(problems(self))
        if found:
            refuse(*found)
        return self

    @property
    def name(self) -> str:
        """Name of the shipped scenario or stem of the file."""
        return self._name

    @property
    def command(self) -> str:
        """The command that reproduces the run."""
        sets = [f"--set {shlex.quote(item)}" for item in self._overrides if not item.startswith("seed=")]
        sets += [f"--without {shlex.quote(item)}" for item in self._without]
        return " ".join(["qcisim run", shlex.quote(self._reference), *sets, f"--seed {self.seed}"])

    @property
    def hash(self) -> str:
        """SHA-256 of everything that affects the results, the seed apart."""
        return hashlib.sha256(canonical(self)).hexdigest()

    @property
    def key_demands(self) -> dict[str, Demand]:
        """Demands for keys by id."""
        return {key: one for key, one in self.demands.items() if isinstance(one, Demand)}

    @property
    def pair_demands(self) -> dict[str, PairDemand]:
        """Demands for pairs by id."""
        return {key: one for key, one in self.demands.items() if isinstance(one, PairDemand)}

    @property
    def key_links(self) -> dict[str, Link]:
        """Links that can hold keys, by id."""
        return {k: link for k, link in self.links.items() if link.heralded is None and link.key_source != "none"}

    def resolution_of(self, link: str) -> Resolution:
        return self.links[link].resolution or self.resolution

    def reports_status(self) -> Iterator[tuple[str, Status, str]]:
        """(link id, status of its length, source of its length) for every fibre."""
        for key, link in self.links.items():
            if link.fibre is not None:
                yield key, link.fibre.status, link.fibre.source


def canonical(scenario: Scenario) -> bytes:
    """JSON of what affects the results: defaults resolved, no texts, no seed; the result format included.

    The order of nodes, links and demands belongs to it: it is that of the result, and of demands that share a shortage.
    """
    content: dict[str, Any] = scenario.model_dump(mode="json", exclude={"title", "description", "seed"})
    content["result_format"] = RESULT_FORMAT
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
