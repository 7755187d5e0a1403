"""Programs: the part of the report about what ran on processors of nodes, and its lines on the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from qcisim.report.numbers import THIN, digits, interval, listed, percent, span, whole
from qcisim.report.program_figures import pair_points, time_line
from qcisim.report.program_view import FigureView, ProgramLinkView, ProgramView, program_links_of, programs_of

_WIDTH = 100
ROWS = 8
"""Rounds of a program that the page tells one by one."""


@dataclass(frozen=True, slots=True)
class ProgramsPart:
    """What the page tells of programs."""

    words: str
    programs: Mapping[str, ProgramView]
    links: Mapping[str, ProgramLinkView]
    time_line: Markup | None
    pairs: Markup | None
    figures: Mapping[str, list[str]]
    tables: Mapping[str, tuple[Sequence[str], Sequence[Sequence[str]]]]


def programs_part(
    programs: Mapping[str, ProgramView], links: Mapping[str, ProgramLinkView], duration_s: float
) -> ProgramsPart | None:
    """None where no program ran."""
    if not programs:
        return None
    return ProgramsPart(
        in_words(programs),
        programs,
        links,
        time_line(programs, links, duration_s),
        pair_points(programs),
        {name: [shown(figure) for figure in one.figures] for name, one in programs.items()},
        {name: _table(one) for name, one in programs.items() if one.rounds},
    )


def in_words(programs: Mapping[str, ProgramView]) -> str:
    """All programs in a sentence or two."""
    done, times = sum(one.done for one in programs.values()), sum(one.times for one in programs.values())
    pairs, bits = sum(one.pairs for one in programs.values()), sum(one.key_bits for one in programs.values())
    text = f"{whole(done)} of {whole(times)} rounds of {len(programs)} program{'s' if len(programs) != 1 else ''} were"
    text += f" done, with {whole(pairs)} entangled pairs."
    protected = [one.id for one in programs.values() if one.messages != "plain"]
    if protected:
        text += f" The messages of {listed(protected)} were protected with {whole(bits)} bits of delivered key."
    return text


def shown(figure: FigureView) -> str:
    """A figure with its interval, and its formula where there is one."""
    if figure.value is None:
        return f"{figure.name}: –"
    if figure.trials is not None:
        within = f", {interval(figure.low, figure.high)}" if figure.low is not None and figure.high is not None else ""
        text = f"{figure.name}: {figure.successes} of {figure.trials} ({percent(figure.value)}{within})"
    else:
        text = f"{figure.name}: {digits(figure.value, 4)}"
        if figure.low is not None and figure.high is not None and figure.low < figure.high:
            text += f" ({digits(figure.low)} to {digits(figure.high)})"
    return text + (f"; {figure.formula} = {digits(figure.expected, 4)}" if figure.expected is not None else "")


def _table(one: ProgramView) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Rounds one by one: the first that show something, with what the programs returned."""
    names: dict[tuple[str, str], None] = {}
    for row in one.rounds:
        for role, result in row.results.items():
            for key in result if isinstance(result, Mapping) else ("",):
                names[role, str(key)] = None
    columns = list(names)[:6]
    head = ["Round", "Start", "Took", *(f"{role} {key}".strip() for role, key in columns), "Wait for key"]
    lines = []
    for row in one.rounds[:ROWS]:
        took = None if row.start_s is None or row.end_s is None else row.end_s - row.start_s
        cells = [_cell(row.results.get(role), key) for role, key in columns]
        ended = span(took) if row.ended == "done" else row.ended
        lines.append(
            [str(row.number), span(row.start_s), ended, *cells, span(row.key_wait_s) if row.key_wait_s else "–"]
        )
    if one.messages == "plain":
        head, lines = head[:-1], [line[:-1] for line in lines]
    return head, lines


def _cell(result: Any, key: str) -> str:
    value = result.get(key) if key and isinstance(result, Mapping) else result
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:.4g}"
    text = str(value)
    return text if len(text) <= 24 else text[:23] + "…"


def told(data: Mapping[str, Any], links: Mapping[str, Any]) -> list[str]:
    """A paragraph for each program, for the terminal."""
    known = program_links_of({"program_links": links})
    return ["\n".join(_lines(one, known)) for one in programs_of({"programs": data}).values()]


def _lines(one: ProgramView, links: Mapping[str, ProgramLinkView]) -> list[str]:
    places = ", ".join(f"{role} at {node}" for role, node in one.roles.items())
    over = "; ".join(_over(link, links) for link in one.links)
    lines = [_wrapped(f"{one.id}: {one.program}, {places}", ""), _wrapped(f"pairs from {over}" if over else "no pairs")]
    ended = [f"{whole(one.done)} of {whole(one.times)} rounds done"]
    for count, what in ((one.failed, "failed"), (one.unfinished, "unfinished"), (one.not_begun, "not begun")):
        ended += [f"{whole(count)} {what}"] if count else []
    if one.round is not None:
        ended.append(f"a round takes {span(one.round.median_s)} (95{THIN}%: {span(one.round.p95_s)})")
    lines.append(_wrapped(", ".join(ended)))
    for row in one.by_link:
        if row.duration is not None and row.fidelity is not None:
            took = f"{span(row.duration.median_s)} (95{THIN}%: {span(row.duration.p95_s)})"
            lines.append(_wrapped(f"{whole(row.pairs)} pairs of {row.link}: {took} each, fidelity {row.fidelity:.4f}"))
    if one.figures:
        lines.append(_wrapped("; ".join(shown(figure) for figure in one.figures)))
    if one.messages != "plain":
        wait = f", longest wait for key {span(one.longest_key_wait_s)}" if one.longest_key_wait_s else ""
        sent = f"{whole(one.sent)} messages {one.protection}: {whole(one.key_bits)} bits of delivered key{wait}"
        lines.append(_wrapped(sent))
    busy = one.waits.get("processors")
    if busy is not None and busy.largest_s > 0.0:
        lines.append(_wrapped(f"waited for busy processors up to {span(busy.largest_s)}"))
    for reason, count in one.reasons[:3]:
        lines.append(_wrapped(f"{whole(count)} round{'s' if count != 1 else ''}: {reason}"))
    return lines


def _over(link: str, links: Mapping[str, ProgramLinkView]) -> str:
    seen = links.get(link)
    if seen is None:
        return link
    part = "" if seen.share >= 1.0 else f", {percent(seen.share)} of its time"
    return f"{link} ({seen.kind}{part})"


def _wrapped(text: str, indent: str = "  ") -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
