"""Pass: what the report knows of one pass of a satellite over a station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qcisim.report.reading import number, rows, series


@dataclass(frozen=True, slots=True)
class Track:
    """The pass in steps of time; a curve that was not kept is empty, all others have the length of ``t_s``."""

    t_s: tuple[float, ...]
    elevation_deg: tuple[float, ...]
    azimuth_deg: tuple[float, ...]
    range_km: tuple[float, ...]
    losses_db: dict[str, tuple[float, ...]]
    qber: tuple[float, ...]
    key_bits_per_s: tuple[float, ...]

    @property
    def on_sky(self) -> bool:
        return bool(self.elevation_deg and self.azimuth_deg)


@dataclass(frozen=True, slots=True)
class PassView:
    """``key_if_clear`` is the length without clouds, ``expected_key`` that length times the chance of a clear sky."""

    id: str
    link: str
    satellite: str
    station: str
    start_s: float
    culmination_s: float
    end_s: float
    start_utc: str
    maximum_elevation_deg: float | None
    minimum_range_km: float | None
    sun_elevation_deg: float | None
    status: str
    reason: str
    clear_probability: float | None
    key_if_clear: float
    expected_key: float
    secret_bits: float | None
    sifted_bits: float | None
    clicks: float | None
    qber: float | None
    block: str
    track: Track


def passes_of(data: Mapping[str, Any]) -> tuple[PassView, ...]:
    """The passes of a result in the order of time."""
    return in_time([pass_view(row) for row in rows(data, "passes")])


def in_time(passes: Sequence[PassView]) -> tuple[PassView, ...]:
    """The same passes, the earliest first."""
    return tuple(sorted(passes, key=lambda p: (p.start_s, p.link)))


def by_link(passes: Sequence[PassView]) -> dict[str, list[PassView]]:
    """The passes of each link, links in the order of their first pass."""
    found: dict[str, list[PassView]] = {}
    for item in passes:
        found.setdefault(item.link, []).append(item)
    return found


def best(passes: Sequence[PassView]) -> PassView | None:
    """The pass that could give most key, of equals the highest; one whose track is known goes first."""
    if not passes:
        return None
    drawn = [p for p in passes if p.track.on_sky]
    return max(drawn or passes, key=lambda p: (p.key_if_clear, p.maximum_elevation_deg or 0.0, -p.start_s))


def pass_view(f: Mapping[str, Any]) -> PassView:
    """One row of ``passes``."""
    start = number(f.get("start_s")) or 0.0
    end = max(start, number(f.get("end_s")) or start)
    middle = number(f.get("culmination_s"))
    satellite, station = str(f.get("satellite") or ""), str(f.get("station") or "")
    return PassView(
        id=str(f.get("id") or ""),
        link=str(f.get("link") or f"{satellite}-{station}"),
        satellite=satellite,
        station=station,
        start_s=start,
        culmination_s=(start + end) / 2 if middle is None else middle,
        end_s=end,
        start_utc=str(f.get("start_utc") or ""),
        maximum_elevation_deg=number(f.get("maximum_elevation_deg")),
        minimum_range_km=number(f.get("minimum_range_km")),
        sun_elevation_deg=number(f.get("sun_elevation_deg")),
        status=str(f.get("status") or ""),
        reason=str(f.get("reason") or ""),
        clear_probability=number(f.get("clear_probability")),
        key_if_clear=number(f.get("key_bits_if_clear")) or 0.0,
        expected_key=number(f.get("expected_key_bits")) or 0.0,
        secret_bits=number(f.get("secret_bits")),
        sifted_bits=number(f.get("sifted_bits")),
        clicks=number(f.get("clicks")),
        qber=number(f.get("qber")),
        block=_block(f),
        track=_track(f.get("track")),
    )


def _block(f: Mapping[str, Any]) -> str:
    """The block that the pass belongs to, nothing where it is one by itself."""
    given = f.get("block")
    return "" if given in (None, "", f.get("id")) else str(given)


def _track(given: Any) -> Track:
    f = given if isinstance(given, Mapping) else {}
    t_s = series(f.get("t_s"))

    def curve(values: Any) -> tuple[float, ...]:
        found = series(values)
        return found if len(found) == len(t_s) else ()

    losses = f.get("losses_db")
    return Track(
        t_s,
        curve(f.get("elevation_deg")),
        curve(f.get("azimuth_deg")),
        curve(f.get("range_km")),
        {str(name): found for name, v in losses.items() if (found := curve(v))} if isinstance(losses, Mapping) else {},
        curve(f.get("qber")),
        curve(f.get("key_bits_per_s")),
    )
