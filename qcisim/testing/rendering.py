"""What became of the reference cases, as a table by topic and a list of everything that did not pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from qcisim.testing.cases import CaseResult, Value

COLUMNS = (
    ("pass", "\npass", "green"),
    ("fail_safe", "fail\nsafe", "yellow"),
    ("fail_unsafe", "fail\nunsafe", "bold red"),
    ("fail", "\nfail", "bold red"),
    ("warn", "\nwarn", "yellow"),
    ("not_gating", "not\ngating", "dim"),
    ("unsupported", "unsup-\nported", "dim"),
    ("error", "\nerror", "bold red"),
)
_BAD = (
    ("fail_unsafe", "on the unsafe side"),
    ("fail", "off"),
    ("error", "with an error"),
    ("fail_safe", "on the safe side"),
    ("warn", "outside a sanity band"),
)


def render_cases(results: Sequence[CaseResult]) -> RenderableType:
    """A table by topic, every case that was run and did not pass with its deviation, what is missing, one sentence."""
    parts: list[RenderableType] = [_by_topic(results)]
    shown = [r for r in results if r.status not in ("pass", "unsupported")]
    shown = [r for r in shown if r.status == "error" or r.actual is not None]
    if shown:
        parts += [Text(""), _deviations(shown)]
    missing = Counter(r.field for r in results if r.status == "unsupported")
    if missing:
        listed = ", ".join(f"{field} {count}" for field, count in missing.most_common())
        parts += [Text(""), Text(f"No function yet: {listed}.", style="dim")]
    parts += [Text(""), _summary(results)]
    return Group(*parts)


def print_cases(results: Sequence[CaseResult], console: Console | None = None) -> None:
    """`render_cases` on the terminal."""
    (console or Console()).print(render_cases(results))


def _by_topic(results: Sequence[CaseResult]) -> Table:
    table = Table(title="Reference cases by topic", title_justify="left", header_style="bold", box=None, pad_edge=False)
    table.add_column("\ntopic", no_wrap=True)
    table.add_column("\ncases", justify="right", no_wrap=True)
    for _, heading, style in COLUMNS:
        table.add_column(heading, justify="right", style=style, no_wrap=True)
    topics: dict[str, list[CaseResult]] = {}
    for result in results:
        topics.setdefault(result.topic, []).append(result)
    for topic in sorted(topics, key=lambda name: (name.startswith("link"), name.lower())):
        table.add_row(topic, *_row(topics[topic]))
    table.add_row(Text("all", style="bold"), *_row(results))
    return table


def _row(results: Sequence[CaseResult]) -> list[str]:
    counts = Counter(result.status for result in results)
    return [str(len(results)), *(str(counts[status] or "") for status, _, _ in COLUMNS)]


def _deviations(results: Sequence[CaseResult]) -> Table:
    title = "Every case that was run and did not pass"
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    table.add_column("case", overflow="fold")
    table.add_column("status", no_wrap=True)
    for heading in ("expected", "actual", "deviation"):
        table.add_column(heading, justify="right", no_wrap=True)
    styles = {status: style for status, _, style in COLUMNS}
    for r in results:
        status = Text(r.status.replace("_", " "), style=styles[r.status])
        off = "" if r.deviation is None else f"{100 * r.deviation:+.3g} %"
        name = Text(r.id) + (Text(f"\n  {r.message}", style="dim") if r.message else Text(""))
        table.add_row(name, status, _short(r.expected), _short(r.actual), off)
    return table


def _short(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return "[" + ", ".join(_short(v) for v in value) + "]"
    text = "" if value is None else str(value)
    return text if len(text) <= 16 else f"{text[:13]}..."


def _summary(results: Sequence[CaseResult]) -> Text:
    counts = Counter(r.status for r in results)
    gating = len(results) - counts["not_gating"]
    run = gating - counts["unsupported"]
    share = 100.0 * run / gating if gating else 0.0
    bad = [f"{counts[status]} {text}" for status, text in _BAD if counts[status]]
    text = f"{counts['pass']} of {run} gating cases that were run agree with their source; "
    text += f"{run} of {gating} gating cases ({share:.0f} %) have a function. "
    text += f"Deviations: {', '.join(bad)}." if bad else "No deviation."
    unsafe = counts["fail_unsafe"] + counts["fail"] + counts["error"]
    return Text(text, style="bold red" if unsafe else "bold green")
