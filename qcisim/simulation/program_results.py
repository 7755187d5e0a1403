"""What the rounds of a program found, as plain values for ``result.json``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qcisim.programs import Links, NoFormula, Rate
from qcisim.simulation.program_messages import Traffic

if TYPE_CHECKING:
    from qcisim.simulation.program_round import PairMade, Record
    from qcisim.simulation.program_runs import Application

ROUNDS_KEPT = 200
"""Rounds that a result tells one by one, the first."""

PAIRS_KEPT = 2000
"""Pairs that a result tells one by one, evenly picked where there are more."""


def program_result(one: Application) -> dict[str, Any]:
    """Everything about one program."""
    spec, records = one.spec, one.records
    done = [record for record in records if record.ended == "done"]
    failed = [record for record in records if record.ended == "failed"]
    traffic = Traffic()
    for record in records:
        traffic.add(record.traffic)
    pairs = [pair for record in records for pair in record.pairs]
    found: dict[str, Any] = {
        "program": one.declaration.name,
        "summary": one.declaration.summary,
        "stage": one.declaration.stage,
        "text": spec.text,
        "roles": dict(spec.roles),
        "swap_at": list(spec.swap_at),
        "links": list(one.links.values()),
        "parameters": one.options,
        "messages": spec.messages,
        "cipher": spec.cipher if spec.messages == "encrypted" else "",
        "times": spec.times,
        "done": len(done),
        "failed": len(failed),
        "unfinished": sum(record.ended == "unfinished" for record in records),
        "not_begun": spec.times - len(records),
        "reasons": [{"reason": one.impossible, "rounds": spec.times}] if one.impossible else _reasons(records),
        "figures": _figures(one, done),
        "round_s": _spread([record.end_s - record.start_s for record in done]),
        "first_start_s": records[0].start_s if records else None,
        "last_end_s": max((record.end_s for record in records), default=None),
        "waits_s": {
            "processors": _spread([record.start_s - record.due_s for record in records]),
            "pairs": _spread([pair.came_s - pair.asked_s for pair in pairs]),
            "keys": _spread([record.traffic.waited_s for record in records if record.traffic.messages])
            if spec.messages != "plain"
            else {},
        },
        "pairs": len(pairs),
        "pair_links": _by_link(one, pairs),
        "traffic": {
            "messages": traffic.messages,
            "data_bytes": traffic.data_bytes,
            "key_bits": traffic.key_bits,
            "longest_key_wait_s": traffic.longest_wait_s,
            "forgery_epsilon": traffic.forgery_epsilon,
        },
        "noise": [
            {"place": place, "source": source, "count": int(count), "total": total}
            for (place, source), (count, total) in sorted(one.noise.items(), key=lambda item: -item[1][1])
        ],
        "rounds": [_row(one, record) for record in records[:ROUNDS_KEPT]],
        "bars": _bars(records),
        "pair_points": _points(one, pairs),
    }
    return found


def _reasons(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Why rounds did not end, each reason once, with how often."""
    counts: dict[str, int] = {}
    for record in records:
        if record.reason:
            counts[record.reason] = counts.get(record.reason, 0) + 1
    return [{"reason": reason, "rounds": count} for reason, count in list(counts.items())[:10]]


def _figures(one: Application, done: Sequence[Record]) -> dict[str, dict[str, Any]]:
    """What the program folder reads off its rounds, with 95 % intervals, and its formulas where they hold."""
    if not done:
        return {}
    figures = one.folder.figures([record.results for record in done], one.options)
    try:
        formulas = one.folder.expected(Links(one.network), one.options)
    except NoFormula:
        formulas = {}
    found: dict[str, dict[str, Any]] = {}
    for name, figure in figures.items():
        low, high = figure.interval()
        entry: dict[str, Any] = {"value": _number(figure.value), "low": _number(low), "high": _number(high)}
        if isinstance(figure, Rate):
            entry |= {"successes": figure.successes, "trials": figure.trials}
        if name in formulas:
            entry |= {"formula": formulas[name].text, "expected": _number(formulas[name].value)}
        found[name] = entry
    return found


def _by_link(one: Application, pairs: Sequence[PairMade]) -> dict[str, dict[str, Any]]:
    """Pairs by link: how many, how long they took, how good they were."""
    grouped: dict[str, list[PairMade]] = {}
    for pair in pairs:
        grouped.setdefault(label_of(one, pair), []).append(pair)
    return {
        label: {
            "pairs": len(some),
            "duration_s": _spread([pair.came_s - pair.asked_s for pair in some]),
            "fidelity": math.fsum(pair.fidelity for pair in some) / len(some),
        }
        for label, some in grouped.items()
    }


def label_of(one: Application, pair: PairMade) -> str:
    """The link that a pair came over, or the nodes that joined it."""
    link = one.links.get(frozenset(pair.roles))
    return link or " - ".join(one.spec.roles.get(role, role) for role in pair.roles) + " (swapped)"


def _row(one: Application, record: Record) -> dict[str, Any]:
    """One round of the results table."""
    return {
        "number": record.number,
        "start_s": record.start_s,
        "end_s": record.end_s,
        "ended": record.ended,
        "reason": record.reason,
        "results": {role: _plain(value) for role, value in record.results.items()},
        "pairs": len(record.pairs),
        "pairs_s": math.fsum(pair.came_s - pair.asked_s for pair in record.pairs),
        "messages": record.traffic.messages,
        "key_bits": record.traffic.key_bits,
        "key_wait_s": record.traffic.waited_s,
    }


def _bars(records: Sequence[Record]) -> list[list[Any]]:
    """Start, end and outcome of rounds, those that touch and end alike joined into one."""
    bars: list[list[Any]] = []
    for record in records:
        if bars and bars[-1][2] == record.ended and record.start_s - bars[-1][1] < 1e-9:
            bars[-1][1], bars[-1][3] = record.end_s, bars[-1][3] + 1
        else:
            bars.append([record.start_s, record.end_s, record.ended, 1])
    return bars


def _points(one: Application, pairs: Sequence[PairMade]) -> dict[str, list[Any]]:
    stride = max(1, math.ceil(len(pairs) / PAIRS_KEPT))
    some = pairs[::stride]
    return {
        "link": [label_of(one, pair) for pair in some],
        "t_s": [pair.came_s for pair in some],
        "duration_s": [pair.came_s - pair.asked_s for pair in some],
        "fidelity": [pair.fidelity for pair in some],
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95 % quantile, largest and sum; empty for nothing."""
    if not values:
        return {}
    median, high = np.quantile(values, [0.5, 0.95])
    return {"median": float(median), "p95": float(high), "largest": max(values), "sum": math.fsum(values)}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _plain(value: Any) -> Any:
    """A result as JSON has it; what it has no words for, as text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    return str(value)
