"""Entanglement: what the report knows of demands for pairs, the heralded links and memories that serve them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qcisim.report.reading import number, numbers, rows, series, table, texts


@dataclass(frozen=True, slots=True)
class PathView:
    """A path with its rate and fidelity; ``lanes`` in each turn, ``rounds`` of distillation."""

    path: tuple[str, ...]
    links: tuple[str, ...]
    lanes: tuple[int, ...]
    rounds: int
    rate_hz: float
    fidelity: float


@dataclass(frozen=True, slots=True)
class PairDemandView:
    id: str
    ends: tuple[str, str]
    sector: str
    text: str
    asked_fidelity: float
    asked_rate_hz: float
    met: bool
    reason: str
    limit_kind: str
    limit_at: str
    rate_hz: float
    rate_error_hz: float
    fidelity: float | None
    weights: tuple[float, ...]
    routes: tuple[PathView, ...]
    memories: dict[str, float]
    share_of_time: float
    waits_s: dict[str, float]
    best: PathView | None
    choices: tuple[PathView, ...]
    ceilings: dict[str, float]
    delivered: float | None
    simulated_s: float | None
    seen_rate_hz: float | None
    seen_fidelity: float | None

    @property
    def memories_held(self) -> int:
        return int(sum(self.memories.values()))


@dataclass(frozen=True, slots=True)
class HeraldedView:
    id: str
    ends: tuple[str, str]
    length_km: float | None
    status: str
    fidelity: float | None
    lanes: int
    reserved: dict[str, float]
    most_reserved: int
    capacity_hz: float
    heralded_hz: float


@dataclass(frozen=True, slots=True)
class EntanglementView:
    fairness: str
    turns: int
    turn_s: float | None
    demands: dict[str, PairDemandView]
    links: dict[str, HeraldedView]
    memories: dict[str, tuple[int, int]]

    @property
    def met(self) -> int:
        """How many demands have all that they asked for."""
        return sum(demand.met for demand in self.demands.values())


def entanglement_of(data: Mapping[str, Any]) -> EntanglementView | None:
    """The section ``entanglement`` of a result; None where it has none."""
    f = data.get("entanglement")
    if not isinstance(f, Mapping) or not f:
        return None
    return EntanglementView(
        fairness=str(f.get("fairness") or ""),
        turns=int(number(f.get("turns")) or 1),
        turn_s=number(f.get("turn_s")),
        demands={name: _demand(name, row) for name, row in table(f, "demands").items()},
        links={name: _link(name, row) for name, row in table(f, "links").items()},
        memories={
            name: (int(number(row.get("reserved")) or 0), int(number(row.get("memories")) or 0))
            for name, row in table(f, "nodes").items()
        },
    )


def _demand(name: str, f: Mapping[str, Any]) -> PairDemandView:
    asked, limit, events = (_part(f, key) for key in ("asked", "limit", "events"))
    best = f.get("best_reachable")
    return PairDemandView(
        id=name,
        ends=(str(f.get("from") or ""), str(f.get("to") or "")),
        sector=str(f.get("sector") or ""),
        text=str(f.get("text") or ""),
        asked_fidelity=number(asked.get("fidelity")) or 0.0,
        asked_rate_hz=number(asked.get("rate_hz")) or 0.0,
        met=bool(f.get("met")),
        reason=str(f.get("reason") or ""),
        limit_kind=str(limit.get("kind") or ""),
        limit_at=str(limit.get("at") or ""),
        rate_hz=number(f.get("rate_hz")) or 0.0,
        rate_error_hz=number(f.get("rate_error_hz")) or 0.0,
        fidelity=number(f.get("fidelity")),
        weights=series(f.get("bell_weights")),
        routes=tuple(_path(row) for row in rows(f, "routes")),
        memories=numbers(f.get("memories")),
        share_of_time=number(f.get("share_of_time")) or 0.0,
        waits_s=numbers(f.get("waiting_s")),
        best=_path(best) if isinstance(best, Mapping) else None,
        choices=tuple(_path(row) for row in rows(f, "choices")),
        ceilings=numbers(f.get("ceilings")),
        delivered=number(events.get("delivered")),
        simulated_s=number(events.get("simulated_s")),
        seen_rate_hz=number(events.get("rate_hz")),
        seen_fidelity=number(events.get("fidelity")),
    )


def _part(f: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = f.get(key)
    return found if isinstance(found, Mapping) else {}


def _path(f: Mapping[str, Any]) -> PathView:
    lanes = f.get("lanes")
    return PathView(
        texts(f.get("path")),
        texts(f.get("links")),
        tuple(int(each) for each in series(lanes)) or (int(number(lanes) or 0),),
        int(sum(numbers(f.get("rounds")).values())),
        number(f.get("rate_hz")) or 0.0,
        number(f.get("fidelity")) or 0.0,
    )


def _link(name: str, f: Mapping[str, Any]) -> HeraldedView:
    ends = texts(f.get("between"))
    return HeraldedView(
        id=name,
        ends=(ends[0], ends[1]) if len(ends) == 2 else (name, name),
        length_km=number(f.get("fibre_length_km")),
        status=str(f.get("status") or ""),
        fidelity=number(f.get("fidelity")),
        lanes=int(number(f.get("lanes")) or 0),
        reserved=numbers(f.get("reserved")),
        most_reserved=int(number(f.get("most_reserved")) or 0),
        capacity_hz=number(f.get("capacity_hz")) or 0.0,
        heralded_hz=number(f.get("heralded_hz")) or 0.0,
    )
