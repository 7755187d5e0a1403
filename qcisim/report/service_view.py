"""Service: which pairs of nodes have key, from where, at what rate, and what each satellite adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qcisim.report.reading import count, number, numbers, rows, table, texts

ORIGINS = ("fibre", "satellite", "both", "none")


@dataclass(frozen=True, slots=True)
class ServicePair:
    """``fibre_only_bits_per_s`` is the rate without any satellite, ``without`` that without one component."""

    a: str
    b: str
    bits_per_s: float
    origin: str
    route: tuple[str, ...]
    fibre_only_bits_per_s: float | None
    without: dict[str, float]

    @property
    def served(self) -> bool:
        return self.bits_per_s > 0.0


@dataclass(frozen=True, slots=True)
class Marginal:
    """What one component adds to all others; ``made_bits_per_s`` is the key of all its links."""

    pairs_gained: int
    made_bits_per_s: float | None


@dataclass(frozen=True, slots=True)
class ServiceView:
    nodes: tuple[str, ...]
    pairs: tuple[ServicePair, ...]
    marginal: dict[str, Marginal]

    @property
    def served(self) -> list[ServicePair]:
        """Pairs with key, the richest first."""
        return sorted((p for p in self.pairs if p.served), key=lambda p: -p.bits_per_s)


def service_of(data: Mapping[str, Any]) -> ServiceView | None:
    """The service of a result, None where it tells of none."""
    given = data.get("service")
    if not isinstance(given, Mapping):
        return None
    pairs = tuple(_pair(row) for row in rows(given, "pairs"))
    nodes = texts(given.get("nodes")) or tuple(dict.fromkeys(end for pair in pairs for end in (pair.a, pair.b)))
    marginal = {
        name: Marginal(count(f.get("pairs_gained")) or 0, number(f.get("made_bits_per_s")))
        for name, f in table(given, "marginal").items()
    }
    return ServiceView(nodes, pairs, marginal) if pairs else None


def _pair(f: Mapping[str, Any]) -> ServicePair:
    rate = number(f.get("bits_per_s")) or 0.0
    origin = str(f.get("origin") or "")
    return ServicePair(
        str(f.get("a") or ""),
        str(f.get("b") or ""),
        rate,
        origin if origin in ORIGINS and rate > 0.0 else "none",
        texts(f.get("route")),
        number(f.get("fibre_only_bits_per_s")),
        numbers(f.get("without")),
    )
