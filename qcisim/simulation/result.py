"""Result: what a run found, as a value that survives a round trip through ``result.json`` byte for byte."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import EnvironmentFault, InputError, require

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """One link over the whole run; ``terms`` and ``bounds`` name what the key length is made of.

    ``qber`` is the error rate of the sifted key basis with its 95 % interval, None where nothing was sifted;
    ``leak_bits`` counts disclosed parities; ``f_ec`` = leak / (n h(qber)); ``epsilon`` adds up over accepted blocks.
    ``losses_db`` of a link through free space are those of its best pass at culmination; ``terms_provenance`` says
    by which formula each was found. ``middle`` is the node where two arms meet; ``arms`` hold the node at the other end
    of each, length and status of its fibre. ``only_compared``: no demand uses its key. ``ceilings`` are bits per second
    that no protocol can pass at this loss of fibre and clock, without a repeater or with one. ``chain`` is what
    `qcisim.simulation.chain_facts` tells of a chain of quantum repeaters. ``detected`` says what ``clicks`` counts:
    clicks, coincidences of a source of pairs, announcements of a hub, or pairs of a chain; ``rounds`` are then rounds,
    windows of coincidence, rounds, or attempts of the slowest span, all lanes together.
    """

    between: tuple[str, str]
    protocol: str = ""
    resolution: str = ""
    status: str = ""
    rounds: int = 0
    clicks: int = 0
    sifted_bits: int = 0
    test_bits: int = 0
    qber: float | None = None
    qber_interval: tuple[float, float] | None = None
    corrected_bits: int = 0
    leak_bits: int = 0
    f_ec: float | None = None
    secret_bits: int = 0
    secret_bits_per_s: float = 0.0
    epsilon: float = 0.0
    theorem: str = ""
    reason: str = ""
    blocks: int = 0
    blocks_accepted: int = 0
    losses_db: Mapping[str, float] = field(default_factory=dict)
    transmittance: float | None = None
    noise_per_gate: Mapping[str, float] = field(default_factory=dict)
    terms: Mapping[str, float] = field(default_factory=dict)
    bounds: Mapping[str, float] = field(default_factory=dict)
    authentication_bits: int = 0
    attack: str = ""
    assumptions: tuple[str, ...] = ()
    fibre_length_km: float | None = None
    fibre_length_status: str = ""
    trusted_relays: int = 0
    medium: str = "fibre"
    passes: int = 0
    passes_taken: int = 0
    terms_provenance: Mapping[str, str] = field(default_factory=dict)
    only_compared: bool = False
    middle: str = ""
    arms: tuple[Mapping[str, Any], ...] = ()
    ceilings: Mapping[str, float] = field(default_factory=dict)
    chain: Mapping[str, Any] = field(default_factory=dict)
    detected: str = "clicks"

    def __post_init__(self) -> None:
        for name in ("between", "qber_interval", "assumptions", "arms"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("rounds", "clicks", "sifted_bits", "test_bits", "corrected_bits", "leak_bits", "secret_bits"):
            require(getattr(self, name) >= 0, f"{name} {getattr(self, name)}: counts are not negative")
        require(self.clicks <= self.rounds, f"clicks {self.clicks}: more than the {self.rounds} rounds")
        require(self.sifted_bits <= self.clicks, f"sifted_bits {self.sifted_bits}: more than the {self.clicks} clicks")
        require(
            self.secret_bits <= self.sifted_bits,
            f"secret_bits {self.secret_bits}: more than the {self.sifted_bits} sifted",
        )
        require(self.blocks_accepted <= self.blocks, f"blocks_accepted {self.blocks_accepted}: more than {self.blocks}")
        require(self.epsilon >= 0.0, f"epsilon {self.epsilon}: not negative")
        require(self.qber is None or 0.0 <= self.qber <= 1.0, f"qber {self.qber}: a probability")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassResult:
    """One pass: geometry, what was expected of it, what became of it.

    ``key_bits_if_clear`` is what the rule fixed before the pass; ``expected_key_bits`` is that times the probability
    of a clear sky, a planning number and no key. Counts are None where no light was sent, and where the pass shared a
    block with others, which ``block`` names by its first pass. ``settings`` are those chosen for this pass alone, where
    they were. ``track`` holds times and curves of the best passes.
    """

    id: str
    link: str
    satellite: str
    station: str
    start_s: float
    culmination_s: float
    end_s: float
    duration_s: float
    start_utc: str
    maximum_elevation_deg: float | None
    minimum_range_km: float
    sun_elevation_deg: float | None
    sunlit: bool
    status: str
    reason: str = ""
    clear_probability: float = 1.0
    key_bits_if_clear: int = 0
    expected_key_bits: float = 0.0
    secret_bits: int | None = None
    sifted_bits: int | None = None
    clicks: int | None = None
    qber: float | None = None
    block: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    track: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteResult:
    """One route of a demand and the keys that came over it; ``origin`` is fibre or satellite."""

    path: tuple[str, ...]
    keys_delivered: int
    origin: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", tuple(self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedResult:
    """A published number beside the computed one; ``computed`` is None where the result does not hold it."""

    name: str
    kind: str
    computed: float | None
    published: float
    unit: str = ""
    tolerance: float | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandResult:
    """One demand over the whole run; ``epsilon_per_key`` adds over the links of ``path``, the route that carried most.

    ``latency_s``: median and 95 % quantile of the time from the request of a key to its delivery, and the step at which
    keys were handed out.
    """

    from_node: str
    to_node: str
    path: tuple[str, ...] = ()
    sector: str = ""
    key_bits: int = 256
    keys_requested: int = 0
    keys_delivered: int = 0
    epsilon_per_key: float = 0.0
    trusted_nodes: tuple[str, ...] = ()
    text: str = ""
    routes: tuple[RouteResult, ...] = ()
    latency_s: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", tuple(self.path))
        object.__setattr__(self, "trusted_nodes", tuple(self.trusted_nodes))
        got = f"keys_delivered {self.keys_delivered}: more than the {self.keys_requested} requested"
        require(0 <= self.keys_delivered <= self.keys_requested, got)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Key bits of one link, where they went."""

    generated: int = 0
    delivered: int = 0
    relay: int = 0
    authentication: int = 0
    discarded: int = 0
    stored: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Over time: ``t_s`` (n,), keys stored on each link and keys delivered to each demand so far, each (n,)."""

    t_s: Floats = field(default_factory=lambda: np.zeros(0))
    stored_keys: Mapping[str, Floats] = field(default_factory=dict)
    delivered_keys: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "t_s", np.asarray(self.t_s, dtype=np.float64))
        for name in ("stored_keys", "delivered_keys"):
            curves = {key: np.asarray(curve, dtype=np.float64) for key, curve in getattr(self, name).items()}
            for key, curve in curves.items():
                require(
                    curve.shape == self.t_s.shape, f"{name} of {key}: {curve.size} values for {self.t_s.size} times"
                )
            object.__setattr__(self, name, curves)


@dataclass(frozen=True, slots=True)
class Assumption:
    """What the result rests on: the sentence, its source, and how well it is known."""

    text: str
    source: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Result:
    """What a run found, in the order of its scenario. Two results are equal when their bytes are."""

    scenario: str
    hash: str
    seed: int
    resolution: str
    duration_s: float
    links: Mapping[str, LinkResult]
    title: str = ""
    description: str = ""
    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    demands: Mapping[str, DemandResult] = field(default_factory=dict)
    books: Mapping[str, Book] = field(default_factory=dict)
    series: Series = field(default_factory=Series)
    assumptions: tuple[Assumption, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    start_utc: str = ""
    passes: tuple[PassResult, ...] = ()
    pairs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    service: Mapping[str, Any] = field(default_factory=dict)
    published: tuple[PublishedResult, ...] = ()
    comparisons: tuple[Mapping[str, Any], ...] = ()
    entanglement: Mapping[str, Any] = field(default_factory=dict)
    programs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    program_links: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The content of ``result.json``."""
        demands = {}
        for key, demand in self.demands.items():
            plain = asdict(demand)
            demands[key] = {"from": plain.pop("from_node"), "to": plain.pop("to_node"), **plain}
        return {
            **{name: getattr(self, name) for name in _HEAD},
            "links": {key: asdict(link) for key, link in self.links.items()},
            "demands": demands,
            "books": {key: asdict(book) for key, book in self.books.items()},
            "assumptions": [asdict(assumption) for assumption in self.assumptions],
            "series": {
                "t_s": self.series.t_s.tolist(),
                "stored_keys": {key: curve.tolist() for key, curve in self.series.stored_keys.items()},
                "delivered_keys": {key: curve.tolist() for key, curve in self.series.delivered_keys.items()},
            },
            "provenance": self.provenance,
            "start_utc": self.start_utc,
            "passes": [asdict(one) for one in self.passes],
            "pairs": self.pairs,
            "service": self.service,
            "published": [asdict(one) for one in self.published],
            "comparisons": list(self.comparisons),
            "entanglement": self.entanglement,
            "programs": self.programs,
            "program_links": self.program_links,
        }

    def to_json(self) -> bytes:
        """The same bytes every time: order of the scenario, floats by ``repr``, one line per scalar or list of scalars.

        Raises:
            ValueError: for NaN or infinity, naming where.
        """
        return (_canonical(self.as_dict(), "") + "\n").encode()

    @classmethod
    def from_json(cls, data: bytes | str) -> Result:
        """The inverse of `to_json`.

        Raises:
            InputError: where ``data`` is not the content of a ``result.json``.
        """
        try:
            plain = json.loads(data)
            links = {key: LinkResult(**link) for key, link in plain.pop("links").items()}
            demands = {}
            for key, demand in plain.pop("demands").items():
                routes = tuple(RouteResult(**route) for route in demand.pop("routes", ()))
                ends = {"from_node": demand.pop("from"), "to_node": demand.pop("to")}
                demands[key] = DemandResult(**ends, routes=routes, **demand)
            books = {key: Book(**book) for key, book in plain.pop("books").items()}
            series = Series(**plain.pop("series"))
            assumptions = tuple(Assumption(**item) for item in plain.pop("assumptions"))
            passes = tuple(PassResult(**one) for one in plain.pop("passes", ()))
            published = tuple(PublishedResult(**one) for one in plain.pop("published", ()))
            comparisons = tuple(plain.pop("comparisons", ()))
            return cls(
                links=links,
                demands=demands,
                books=books,
                series=series,
                assumptions=assumptions,
                passes=passes,
                published=published,
                comparisons=comparisons,
                **plain,
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            what = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise InputError(f"not a result.json of this version of qcisim: {what}") from None

    def __repr__(self) -> str:
        bits = sum(link.secret_bits for link in self.links.values())
        run = f"{self.duration_s:g} s, {self.resolution}, seed {self.seed}"
        return f"<Result {self.scenario}: {run}, {len(self.links)} links, {bits:,} secret bits>"

    def __eq__(self, other: object) -> bool:
        return self.to_json() == other.to_json() if isinstance(other, Result) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.hash, self.seed))

    def to_pandas(self) -> pd.DataFrame:
        """One row per link, columns as in ``result.json``; mappings such as ``losses_db`` stay out."""
        import pandas as pd

        rows = {
            key: {name: value for name, value in asdict(link).items() if not isinstance(value, dict)}
            for key, link in self.links.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("link")

    def _repr_html_(self) -> str:
        from qcisim.simulation.result_html import table

        return table(self)

    def save(self, directory: str | Path) -> Path:
        """Write ``result.json`` into ``directory``, whole or not at all; returns its path."""
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        return write_whole(folder / "result.json", self.to_json())


_HEAD = ("scenario", "title", "description", "hash", "seed", "resolution", "duration_s", "nodes")


def write_whole(path: Path, data: bytes) -> Path:
    """Write ``data`` to a temporary neighbour, then rename it: a reader sees the old file or the new one.

    Raises:
        EnvironmentFault: where the file cannot be written.
    """
    try:
        return _write_whole(path, data)
    except OSError as error:
        raise EnvironmentFault(f"{path}: cannot be written: {error.strerror}") from None


def _write_whole(path: Path, data: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def _canonical(value: Any, indent: str, path: str = "") -> str:
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        deeper = indent + " "
        items = [
            f"{deeper}{json.dumps(str(key), ensure_ascii=False)}: {_canonical(value[key], deeper, f'{path}.{key}')}"
            for key in value
        ]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_canonical(item, indent, f"{path}[{i}]") for i, item in enumerate(value)) + "]"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{path.lstrip('.')} is {value}: a result holds finite numbers only")
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
