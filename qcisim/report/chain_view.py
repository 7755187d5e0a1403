"""Chain: what the report knows of a link over quantum repeaters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qcisim.report.reading import number, numbers, rows, series, texts

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class SpanView:
    """One span: its fibre, how often an attempt succeeds, how good its pairs are."""

    ends: tuple[str, ...]
    length_km: float | None
    loss_db: float | None
    success_probability: float | None
    attempt_s: float | None
    mean_wait_s: float | None
    fidelity: float | None


@dataclass(frozen=True, slots=True)
class ChainView:
    """``levels`` and ``quantiles_s`` tell the law of the waiting time; both are empty where no pair came."""

    nodes: tuple[str, ...]
    spans: tuple[SpanView, ...]
    lanes: int
    policy: str
    distillation: str
    pairs: int
    pairs_per_s: float | None
    fidelity: float | None
    weights: dict[str, float]
    rho: Matrix
    mean_wait_s: float | None
    levels: tuple[float, ...]
    quantiles_s: tuple[float, ...]
    key_fraction: float | None
    asymptotic_bits_per_s: float | None
    per_pair: dict[str, float]
    reason: str


def chain_of(fields: Any) -> ChainView | None:
    """The chain of a link's result; None for other links."""
    if not isinstance(fields, Mapping) or not fields:
        return None
    waits = fields.get("waiting_s")
    waiting: Mapping[str, Any] = waits if isinstance(waits, Mapping) else {}
    levels, quantiles = series(waiting.get("levels")), series(waiting.get("quantiles"))
    given = fields.get("rho")
    rho = tuple(series(row) for row in given) if isinstance(given, (list, tuple)) else ()
    return ChainView(
        nodes=texts(fields.get("nodes")),
        spans=tuple(_span(row) for row in rows(fields, "spans")),
        lanes=int(number(fields.get("lanes")) or 1),
        policy=str(fields.get("policy") or ""),
        distillation=str(fields.get("distillation") or ""),
        pairs=int(number(fields.get("pairs")) or 0),
        pairs_per_s=number(fields.get("pairs_per_s")),
        fidelity=number(fields.get("fidelity")),
        weights=numbers(fields.get("weights")),
        rho=rho if len(rho) == 4 and all(len(row) == 4 for row in rho) else (),
        mean_wait_s=number(waiting.get("mean")),
        levels=levels if len(levels) == len(quantiles) else (),
        quantiles_s=quantiles if len(levels) == len(quantiles) else (),
        key_fraction=number(fields.get("key_fraction")),
        asymptotic_bits_per_s=number(fields.get("asymptotic_bits_per_s")),
        per_pair=numbers(fields.get("per_pair")),
        reason=str(fields.get("reason") or ""),
    )


def _span(f: Mapping[str, Any]) -> SpanView:
    return SpanView(
        texts(f.get("between")),
        number(f.get("length_km")),
        number(f.get("loss_db")),
        number(f.get("success_probability")),
        number(f.get("attempt_s")),
        number(f.get("mean_wait_s")),
        number(f.get("fidelity")),
    )
