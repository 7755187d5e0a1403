"""Space: what the page tells of passes: the timeline, the table, and one sheet for each satellite link."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qcisim.report import timeline
from qcisim.report.budget import pass_budget
from qcisim.report.figure import colour, style, to_svg
from qcisim.report.numbers import THIN, counted, digits, key, listed
from qcisim.report.pass_bars import pass_bars, told
from qcisim.report.pass_table import first
from qcisim.report.pass_view import PassView, best, by_link
from qcisim.report.sky import sky_track
from qcisim.report.status import Status, tallied
from qcisim.report.view import LinkView, View

_SCHEDULED = ("taken", "clouded out")
_KNOWN_CLOUDS = "clouds above it, known before"  # then nothing was expected of a pass under clouds
PASS_SHEETS = 6  # beyond so many satellite links, only those that could give most key get a sheet of their own


@dataclass(frozen=True, slots=True)
class PassSheet:
    """One satellite link in detail; ``best_text`` describes the pass drawn bold, ``words`` what came of all."""

    link: LinkView | None
    title: str
    words: str
    best_text: str
    sky: Markup | None
    sky_note: str
    budget: Markup | None
    bars: Markup | None
    bars_note: str
    tally: list[tuple[Status, int]]


@dataclass(frozen=True, slots=True)
class SpacePart:
    timeline: Markup | None
    timeline_note: str
    rows: list[PassView]
    rows_note: str
    tally: list[tuple[Status, int]]
    sheets: list[PassSheet]
    links: int


def space_part(view: View) -> SpacePart | None:
    """All of it; None for a run without passes."""
    if not view.passes:
        return None
    links = by_link(view.passes)
    names = {link: view.link_name(link) for link in links}
    plan = timeline.Timeline.of(view.passes, view.calendar, names)
    with style():
        overview = to_svg(timeline.draw(plan, colour), "passes", timeline.spoken(plan))
    rich = sorted(links, key=lambda k: -max(p.key_if_clear for p in links[k]))
    chosen = [link for link in links if link in rich[:PASS_SHEETS]]
    return SpacePart(
        overview,
        f"{plan.left_out} later passes are not drawn." if plan.left_out else "",
        first(told(view.passes) or view.passes),
        _rows_note(view.passes),
        tallied(view.passes),
        [_sheet(view, link, links[link], number) for number, link in enumerate(chosen)],
        len(links),
    )


def _sheet(view: View, link: str, passes: list[PassView], number: int) -> PassSheet:
    title, top = view.link_name(link), best(passes)
    drawn = sum(p.track.on_sky for p in passes)
    barred = told(passes)
    return PassSheet(
        view.links.get(link),
        title,
        _words(passes, clouds_known(view.passes)),
        _best_text(view, top) if top else "",
        sky_track(passes, title, view.calendar, f"sky{number}"),
        f"{drawn} of {len(passes)} tracks were kept." if drawn < len(passes) else "",
        pass_budget(top, title, f"budget{number}") if top else None,
        pass_bars(passes, title, view.calendar, f"bars{number}"),
        _left_out(len(passes) - len(barred)),
        tallied(passes),
    )


def _rows_note(passes: Sequence[PassView]) -> str:
    """What the table leaves out."""
    offered, count = told(passes), len(passes)
    shown = len(first(offered or passes))
    if shown < len(offered or passes):
        which = "passes that could give key" if offered else "passes, none of which could give key"
        of = len(offered or passes)
        return f"The first {shown} of {of} {which}, in the order of time; all {count} are in result.json."
    return f"The passes that could give key; all {count} are in result.json." if 0 < len(offered) < count else ""


def in_plain(view: View, text: str) -> str:
    """A reason with the ids of passes turned into links and times: what a#1 has -> what EAGLE-1 – Redu at 21:51 has."""
    ids = {p.id: p for p in view.passes if p.id}
    pattern = "|".join(re.escape(known) for known in sorted(ids, key=len, reverse=True))
    if not pattern:
        return text

    def plain(match: re.Match[str]) -> str:
        found = ids[match[0]]
        return f"{view.link_name(found.link)} at {view.calendar.clock(found.start_s)}"

    return re.sub(f"(?:{pattern})(?!\\d)", plain, text)


def _left_out(count: int) -> str:
    if not count:
        return ""
    verb = "is" if count == 1 else "are"
    return f"{counted(count, 'pass', 'passes').capitalize()} that could give no key {verb} left out here."


def clouds_known(passes: Sequence[PassView]) -> bool:
    """Whether the plan left out passes because it knew of the clouds above them."""
    return any(p.reason == _KNOWN_CLOUDS for p in passes)


def _words(passes: Sequence[PassView], clouds_known: bool) -> str:
    """How many passes came to what, what was expected where the plan did not know the clouds, and what was made."""
    ends = listed([f"{count} {look.name}" for look, count in tallied(passes) if look.name])
    text = f"{counted(len(passes), 'pass', 'passes').capitalize()}: {ends}." if ends else ""
    if not told(passes):
        text += " No pass could give key."
    made = math.fsum(p.secret_bits or 0.0 for p in passes)
    given = f"{key(made)} of key were made" if made else "no key was made"
    if not any(p.secret_bits is not None for p in passes):
        given = ""
    scheduled = [] if clouds_known else [p for p in passes if p.status in _SCHEDULED]
    expected = math.fsum(p.expected_key for p in scheduled)
    if expected > 0.0 and any(p.expected_key < p.key_if_clear for p in scheduled if p.expected_key > 0.0):
        text += f" Before the weather was known, {key(expected)} were to be expected of those scheduled"
        text += f"; {given}." if given else "."
    elif given:
        text += f" {given[:1].upper()}{given[1:]}."
    return text


def _best_text(view: View, top: PassView) -> str:
    """When the best pass is, how high, how near, how much key."""
    parts = [f"{view.calendar.text(top.start_s)} {view.calendar.zone}"]
    if top.maximum_elevation_deg is not None:
        parts.append(f"{digits(top.maximum_elevation_deg)}° high")
    if top.minimum_range_km is not None:
        parts.append(f"{digits(top.minimum_range_km)}{THIN}km near")
    if top.key_if_clear > 0.0:
        parts.append(f"{key(top.key_if_clear)} when clear")
    return (
        ", ".join(parts)
        + (f"; {top.status}" if top.status else "")
        + (f" ({in_plain(view, top.reason)})" if top.reason else "")
    )


def in_words(view: View) -> str:
    """The passes of all links in a sentence or two."""
    return _words(view.passes, clouds_known(view.passes))


NOT_COVERED = [
    (
        "Clouds",
        "A cloud cuts a pass off; it does not make its key shorter. An expected key is a key length times a "
        "probability: good for planning, promised by no theorem.",
    ),
    (
        "Orbits",
        "Elements grow old, and satellites are steered. Passes of a circular orbit stand for those of a mission "
        "whose orbit is not public.",
    ),
]
