"""Comparison: ways to bring key between the same two nodes, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qcisim.report.reading import count, number, rows, texts


@dataclass(frozen=True, slots=True)
class Way:
    """``bits_per_s`` is that of the poorest link, None where the way was left out of the run."""

    name: str
    links: tuple[str, ...]
    route: tuple[str, ...]
    bits_per_s: float | None
    limiting_link: str
    trusted: tuple[str, ...]
    trusted_relays: int
    untrusted: tuple[str, ...]
    status: str
    protocols: tuple[str, ...]
    claim: str
    reason: str
    text: str

    @property
    def served(self) -> bool:
        return bool(self.bits_per_s)

    @property
    def experimental(self) -> bool:
        return "experimental" in self.claim


@dataclass(frozen=True, slots=True)
class Comparison:
    """All ways between two nodes, in the order of the scenario."""

    ends: tuple[str, ...]
    text: str
    ways: tuple[Way, ...]


def comparisons_of(data: Mapping[str, Any]) -> tuple[Comparison, ...]:
    """The comparisons of a result."""
    return tuple(
        Comparison(texts(f.get("between")), str(f.get("text") or ""), tuple(_way(one) for one in rows(f, "ways")))
        for f in rows(data, "comparisons")
    )


def _way(f: Mapping[str, Any]) -> Way:
    return Way(
        str(f.get("name") or ""),
        texts(f.get("links")),
        texts(f.get("route")),
        number(f.get("bits_per_s")),
        str(f.get("limiting_link") or ""),
        texts(f.get("trusted")),
        count(f.get("trusted_relays")) or 0,
        texts(f.get("untrusted")),
        str(f.get("status") or ""),
        texts(f.get("protocols")),
        str(f.get("claim") or ""),
        str(f.get("reason") or ""),
        str(f.get("text") or ""),
    )
