"""Demand: what the report knows of one demand: keys asked for and delivered, over which routes, after which wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qcisim.report.reading import number, numbers, rows, texts


@dataclass(frozen=True, slots=True)
class RouteView:
    """Keys of a demand that came one way; ``origin`` is fibre or satellite."""

    path: tuple[str, ...]
    delivered: float
    origin: str


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
    routes: tuple[RouteView, ...]
    latency_median_s: float | None
    latency_p95_s: float | None
    latency_step_s: float | None

    @property
    def told_routes(self) -> list[RouteView]:
        """The routes that brought key, where there is more to tell than the path."""
        used = [route for route in self.routes if route.delivered > 0]
        return used if len(used) > 1 or any(route.origin != "fibre" for route in used) else []

    @property
    def by_satellite(self) -> bool:
        """Whether most of its keys came over a satellite."""
        return 2 * math.fsum(r.delivered for r in self.routes if r.origin == "satellite") > self.delivered

    @property
    def met(self) -> bool:
        return self.requested > 0 and self.delivered >= self.requested


def demand_view(name: str, f: Mapping[str, Any]) -> DemandView:
    """One row of ``demands``."""
    path = tuple(str(node) for node in f.get("path") or ())
    trusted = f.get("trusted_nodes")
    delivered = number(f.get("keys_delivered")) or 0.0
    latency = numbers(f.get("latency_s"))
    return DemandView(
        id=name,
        source=str(f.get("from") or ""),
        target=str(f.get("to") or ""),
        path=path,
        sector=str(f.get("sector") or ""),
        key_bits=int(number(f.get("key_bits")) or 0),
        requested=number(f.get("keys_requested")) or 0.0,
        delivered=delivered,
        epsilon_per_key=number(f.get("epsilon_per_key")),
        trusted_nodes=(tuple(map(str, trusted)) if trusted is not None else path[1:-1]) if delivered > 0 else (),
        text=str(f.get("text") or ""),
        routes=tuple(_route(row) for row in rows(f, "routes")),
        latency_median_s=latency.get("median"),
        latency_p95_s=latency.get("p95"),
        latency_step_s=latency.get("step"),
    )


def _route(f: Mapping[str, Any]) -> RouteView:
    return RouteView(texts(f.get("path")), number(f.get("keys_delivered")) or 0.0, str(f.get("origin") or "fibre"))
