"""Program: what the report knows of one that ran on processors of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qcisim.report.reading import number, rows, series, table, texts

PROGRAMS = "programs"
"""The sector of demands for keys of their messages."""


@dataclass(frozen=True, slots=True)
class FigureView:
    """A number that a program shows, with its 95 % interval; ``successes`` of ``trials`` where it is counted."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    successes: int | None
    trials: int | None
    formula: str
    expected: float | None


@dataclass(frozen=True, slots=True)
class WaitView:
    """Times that something took: median, 95 % quantile, the longest, all together."""

    median_s: float
    p95_s: float
    largest_s: float
    sum_s: float


@dataclass(frozen=True, slots=True)
class PairsOfLink:
    """Pairs that a program had over one link."""

    link: str
    pairs: int
    duration: WaitView | None
    fidelity: float | None


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round of a program."""

    number: int
    start_s: float | None
    end_s: float | None
    ended: str
    reason: str
    results: Mapping[str, Any]
    pairs: int
    key_wait_s: float


@dataclass(frozen=True, slots=True)
class ProgramView:
    """One program. ``bars``: (start, end, outcome, rounds); ``points``: (link, time, duration, fidelity)."""

    id: str
    program: str
    summary: str
    stage: str
    text: str
    roles: Mapping[str, str]
    links: tuple[str, ...]
    messages: str
    cipher: str
    times: int
    done: int
    failed: int
    unfinished: int
    not_begun: int
    reasons: tuple[tuple[str, int], ...]
    figures: tuple[FigureView, ...]
    round: WaitView | None
    waits: Mapping[str, WaitView]
    pairs: int
    by_link: tuple[PairsOfLink, ...]
    sent: int
    key_bits: float
    longest_key_wait_s: float
    noise: tuple[tuple[str, str, int, float], ...]
    rounds: tuple[RoundView, ...]
    bars: tuple[tuple[float, float, str, int], ...]
    points: tuple[tuple[str, float, float, float], ...]

    @property
    def good(self) -> bool:
        """Whether every round was done."""
        return self.done == self.times

    @property
    def protection(self) -> str:
        """How its messages are protected."""
        ciphers = {"one_time_pad": "one-time pad", "aes_gcm": "AES-256-GCM"}
        return f"encrypted, {ciphers.get(self.cipher, self.cipher)}" if self.cipher else self.messages


@dataclass(frozen=True, slots=True)
class ProgramLinkView:
    """A link that makes pairs for programs: its kind, its ends and the nodes on its way, their share, when in sight."""

    id: str
    kind: str
    ends: tuple[str, ...]
    way: tuple[str, ...]
    share: float
    sights_s: tuple[tuple[float, float], ...]


def programs_of(data: Mapping[str, Any]) -> dict[str, ProgramView]:
    """The programs of a result by id."""
    return {name: _program(name, fields) for name, fields in table(data, "programs").items()}


def program_links_of(data: Mapping[str, Any]) -> dict[str, ProgramLinkView]:
    """The links that made pairs for them."""
    found = {}
    for name, fields in table(data, "program_links").items():
        sights = [series(one) for one in fields.get("sights_s") or ()]
        pairs = tuple((one[0], one[1]) for one in sights if len(one) == 2)
        kind, ends, way = str(fields.get("kind") or ""), texts(fields.get("between")), texts(fields.get("way"))
        found[name] = ProgramLinkView(name, kind, ends, way or ends, number(fields.get("share")) or 0.0, pairs)
    return found


def _program(name: str, f: Mapping[str, Any]) -> ProgramView:
    traffic = f.get("traffic")
    traffic = traffic if isinstance(traffic, Mapping) else {}
    waits = {what: _wait(values) for what, values in table(f, "waits_s").items()}
    return ProgramView(
        id=name,
        program=str(f.get("program") or ""),
        summary=str(f.get("summary") or ""),
        stage=str(f.get("stage") or ""),
        text=str(f.get("text") or ""),
        roles={str(k): str(v) for k, v in (f.get("roles") or {}).items()},
        links=tuple(texts(f.get("links"))),
        messages=str(f.get("messages") or "plain"),
        cipher=str(f.get("cipher") or ""),
        times=_whole(f, "times"),
        done=_whole(f, "done"),
        failed=_whole(f, "failed"),
        unfinished=_whole(f, "unfinished"),
        not_begun=_whole(f, "not_begun"),
        reasons=tuple((str(row.get("reason") or ""), _whole(row, "rounds")) for row in rows(f, "reasons")),
        figures=tuple(_figure(key, row) for key, row in table(f, "figures").items()),
        round=_wait(f.get("round_s")),
        waits={what: wait for what, wait in waits.items() if wait is not None},
        pairs=_whole(f, "pairs"),
        by_link=tuple(
            PairsOfLink(key, _whole(row, "pairs"), _wait(row.get("duration_s")), number(row.get("fidelity")))
            for key, row in table(f, "pair_links").items()
        ),
        sent=_whole(traffic, "messages"),
        key_bits=number(traffic.get("key_bits")) or 0.0,
        longest_key_wait_s=number(traffic.get("longest_key_wait_s")) or 0.0,
        noise=tuple(
            (str(r.get("place")), str(r.get("source")), _whole(r, "count"), number(r.get("total")) or 0.0)
            for r in rows(f, "noise")
        ),
        rounds=tuple(_round(row) for row in rows(f, "rounds")),
        bars=tuple(_bars(f.get("bars"))),
        points=tuple(_points(f.get("pair_points"))),
    )


def _whole(f: Mapping[str, Any], name: str) -> int:
    return int(number(f.get(name)) or 0)


def _wait(values: Any) -> WaitView | None:
    if not isinstance(values, Mapping) or not values:
        return None
    return WaitView(*(number(values.get(name)) or 0.0 for name in ("median", "p95", "largest", "sum")))


def _figure(name: str, f: Mapping[str, Any]) -> FigureView:
    counts = [number(f.get(key)) for key in ("successes", "trials")]
    successes, trials = (None if one is None else int(one) for one in counts)
    value, low, high = (number(f.get(key)) for key in ("value", "low", "high"))
    return FigureView(name, value, low, high, successes, trials, str(f.get("formula") or ""), number(f.get("expected")))


def _round(f: Mapping[str, Any]) -> RoundView:
    results = f.get("results")
    return RoundView(
        _whole(f, "number"),
        number(f.get("start_s")),
        number(f.get("end_s")),
        str(f.get("ended") or ""),
        str(f.get("reason") or ""),
        results if isinstance(results, Mapping) else {},
        _whole(f, "pairs"),
        number(f.get("key_wait_s")) or 0.0,
    )


def _bars(values: Any) -> list[tuple[float, float, str, int]]:
    found = []
    for one in values if isinstance(values, list | tuple) else ():
        if isinstance(one, list | tuple) and len(one) == 4:
            start, end = number(one[0]), number(one[1])
            if start is not None and end is not None:
                found.append((start, end, str(one[2]), int(number(one[3]) or 0)))
    return found


def _points(f: Any) -> list[tuple[str, float, float, float]]:
    if not isinstance(f, Mapping):
        return []
    links = texts(f.get("link"))
    columns = [series(f.get(name)) for name in ("t_s", "duration_s", "fidelity")]
    if any(len(column) != len(links) for column in columns):
        return []
    return [(link, *values) for link, *values in zip(links, *columns, strict=True)]
