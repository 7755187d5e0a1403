"""Pair: what the report knows of a link that sends one photon of a pair to each of two stations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from qcisim.report.reading import number, rows, series, table, texts

Matrix: TypeAlias = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class PairWindow:
    """One time in which both stations see the source."""

    start_utc: str
    start_s: float | None
    duration_s: float | None
    coincidences: float | None
    accidentals: float | None
    fidelity: float | None
    chsh_s: float | None
    minimum_loss_db: float | None
    maximum_loss_db: float | None


@dataclass(frozen=True, slots=True)
class PairView:
    """Curves have the length of ``t_s`` or are empty; ``real`` and ``imag`` are 4 x 4 or empty."""

    id: str
    ends: tuple[str, str]
    source_node: str
    t_s: tuple[float, ...]
    coincidences_per_s: tuple[float, ...]
    accidentals_per_s: tuple[float, ...]
    loss_db: tuple[float, ...]
    fidelity: tuple[float, ...]
    chsh_s: tuple[float, ...]
    rho_t_s: float | None
    real: Matrix
    imag: Matrix
    coincidences: float | None
    accidentals: float | None
    mean_fidelity: float | None
    mean_chsh_s: float | None
    mean_coincidences_per_s: float | None
    windows: tuple[PairWindow, ...]
    reason: str


def pairs_of(data: Mapping[str, Any]) -> dict[str, PairView]:
    """The pair links of a result by id."""
    return {name: _pair(name, fields) for name, fields in table(data, "pairs").items()}


def _pair(name: str, f: Mapping[str, Any]) -> PairView:
    ends = texts(f.get("between"))
    t_s = series(f.get("t_s"))

    def curve(key: str) -> tuple[float, ...]:
        found = series(f.get(key))
        return found if len(found) == len(t_s) else ()

    given = f.get("rho")
    rho = given if isinstance(given, Mapping) else {}
    real, imag = _matrix(rho.get("real")), _matrix(rho.get("imag"))
    return PairView(
        id=name,
        ends=(ends[0], ends[1]) if len(ends) == 2 else (name, name),
        source_node=str(f.get("source_node") or ""),
        t_s=t_s,
        coincidences_per_s=curve("coincidences_per_s"),
        accidentals_per_s=curve("accidentals_per_s"),
        loss_db=curve("loss_db"),
        fidelity=curve("fidelity"),
        chsh_s=curve("chsh_s"),
        rho_t_s=number(rho.get("t_s")),
        real=real,
        imag=imag if real else (),
        coincidences=number(f.get("coincidences")),
        accidentals=number(f.get("accidentals")),
        mean_fidelity=number(f.get("mean_fidelity")),
        mean_chsh_s=number(f.get("mean_chsh_s")),
        mean_coincidences_per_s=number(f.get("mean_coincidences_per_s")),
        windows=tuple(_window(row) for row in rows(f, "table")),
        reason=str(f.get("reason") or ""),
    )


def _window(f: Mapping[str, Any]) -> PairWindow:
    return PairWindow(
        str(f.get("start_utc") or ""),
        number(f.get("start_s")),
        number(f.get("duration_s")),
        number(f.get("coincidences")),
        number(f.get("accidentals")),
        number(f.get("fidelity")),
        number(f.get("chsh_s")),
        number(f.get("minimum_loss_db")),
        number(f.get("maximum_loss_db")),
    )


def _matrix(values: Any) -> Matrix:
    found = tuple(series(row) for row in values) if isinstance(values, (list, tuple)) else ()
    return found if len(found) == 4 and all(len(row) == 4 for row in found) else ()
