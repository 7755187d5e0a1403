"""Timeline: when satellites pass over stations, one row for each link and day, over the hours of the day."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from qcisim.report.figure import axes_px, new_figure, quiet, widest, wrapped
from qcisim.report.moment import Calendar
from qcisim.report.numbers import key
from qcisim.report.pass_view import PassView, by_link
from qcisim.report.status import Status, status, tallied

MOST_ROWS = 120
WIDTH = 980.0
_NAME = 40  # characters of a link beside its row
_LEFT, _RIGHT, _FOOT, _HEAD, _GAP = 66.0, 22.0, 62.0, 8.0, 24.0
_SCALE_PX = 82.0  # room for the height of the highest bar of a row
_ASIDE_PX = (8.0, 4.0)  # a mark stands right of its bar, on the ground
_NARROWEST_PX, _GROUND = 7.0, 0.92  # least width of a bar; where it stands in its row
_MARKED = ("taken", "interrupted", "clouded out", "not scheduled")  # passes that could give key, by what came of them

Paint = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn: rows by (link, day), and what had to be left out."""

    passes: tuple[PassView, ...]
    calendar: Calendar
    links: Mapping[str, list[PassView]]
    days: tuple[int, ...]
    left_out: int
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, passes: Sequence[PassView], calendar: Calendar, names: Mapping[str, str]) -> Timeline:
        """The first days, as many as give `MOST_ROWS` rows at most."""
        links = by_link(passes)
        days = sorted({day for p in passes for day in _days_of(p, calendar)})
        kept = days[: max(1, MOST_ROWS // max(1, len(links)))]
        shown = [p for p in passes if _days_of(p, calendar)[0] in kept]
        stations = list(dict.fromkeys(p.station for p in shown))
        found = by_link(shown)
        order = sorted(found, key=lambda link: stations.index(found[link][0].station))
        ordered = {link: found[link] for link in order}
        return cls(tuple(shown), calendar, ordered, tuple(kept), len(passes) - len(shown), names)

    @property
    def row_px(self) -> float:
        return max(13.0, min(34.0, 900.0 / max(1, len(self.days) * len(self.links))))

    @property
    def one_day(self) -> bool:
        """Then a row needs no date, and has the name of its link instead."""
        return len(self.days) == 1

    def name(self, link: str) -> str:
        return self.names.get(link, link)

    @property
    def hours(self) -> tuple[float, float]:
        """The whole day, or of a single one the hours around its passes."""
        if not self.one_day or not self.passes:
            return 0.0, 24.0
        day = self.days[0]
        low = min(self.calendar.hour(p.start_s, day) for p in self.passes)
        high = max(self.calendar.hour(p.end_s, day) for p in self.passes)
        if high - low > 8.0:
            return 0.0, 24.0
        return max(0.0, math.floor(2 * low - 0.5) / 2), min(24.0, math.ceil(2 * high + 0.5) / 2)


def draw(plan: Timeline, paint: Paint) -> Figure:
    """The figure; ``paint`` turns a role of the page into a colour. Call it inside `figure.style`."""
    panel = len(plan.days) * plan.row_px
    gap = 3.0 if plan.one_day else _GAP
    left = _LEFT
    if plan.one_day:
        left = widest(wrapped(plan.name(link), _NAME) for link in plan.links) * 6.9 + 14.0
    height = _HEAD + _FOOT + len(plan.links) * (panel + gap)
    figure = new_figure(WIDTH, height)
    right = _SCALE_PX if plan.one_day else _RIGHT
    axes = None
    for index, (link, passes) in enumerate(plan.links.items()):
        top = _HEAD + gap + index * (panel + gap)
        axes = quiet(axes_px(figure, left, height - top - panel, right, top), paint=paint)
        _panel(axes, plan, link, passes, paint)
        axes.tick_params(labelbottom=index == len(plan.links) - 1)
    if axes is not None:
        axes.set_xlabel(_below(plan), color=paint("muted"), fontsize=11.5)
    _legend(figure, plan, paint)
    return figure


def _below(plan: Timeline) -> str:
    """What stands under the hours."""
    what = "hour" if plan.hours == (0.0, 24.0) else "time"
    text = f"{what} of {plan.calendar.date(plan.days[0]) if plan.one_day else 'the day'}, {plan.calendar.zone}"
    return f"{text}; {plan.left_out} later passes are not drawn" if plan.left_out else text


def spoken(plan: Timeline) -> str:
    """What the figure says, for those who hear it."""
    told = []
    for link, passes in plan.links.items():
        rich = [p for p in passes if p.key_if_clear > 0.0]
        told.append(f"{plan.name(link)} {len(passes)} passes, {len(rich)} of them with key when clear")
    return f"Passes over {len(plan.days)} days: {'; '.join(told)}"


def _days_of(item: PassView, calendar: Calendar) -> list[int]:
    return list(range(calendar.day(item.start_s), calendar.day(item.end_s) + 1))


def _panel(axes: Axes, plan: Timeline, link: str, passes: Sequence[PassView], paint: Paint) -> None:
    """One link: a row for each day, heights as a share of its richest pass."""
    full = max(p.key_if_clear for p in passes)
    scale = f"highest bar {key(full)}" if full > 0.0 else "no key even when clear"
    rows = {day: row for row, day in enumerate(plan.days)}
    axes.set_xlim(*plan.hours)
    axes.set_ylim(len(rows) + 0.02, -0.02)
    if plan.hours == (0.0, 24.0):
        axes.set_xticks(range(0, 25, 2))
    else:
        low, high = plan.hours
        step = next(minutes for minutes in (5, 10, 15, 30, 60) if 60.0 * (high - low) <= 14 * minutes)
        ticks = range(math.ceil(60.0 * low), math.floor(60.0 * high) + 1, step)
        axes.set_xticks([minute / 60.0 for minute in ticks], [f"{m // 60:02d}:{m % 60:02d}" for m in ticks])
    if plan.one_day:
        axes.set_yticks([0.55], [wrapped(plan.name(link), _NAME)])
        axes.tick_params(axis="y", colors=paint("ink"))
        text = key(full) if full > 0.0 else "no key"
        axes.text(1.01, 0.5, text, transform=axes.transAxes, va="center", fontsize=11.0, color=paint("muted"))
    else:
        shown = list(rows)[:: max(1, math.ceil(13.0 / plan.row_px))]
        axes.set_yticks([rows[day] + 0.55 for day in shown], [plan.calendar.date(day) for day in shown])
        axes.set_title(
            wrapped(plan.name(link), 90), loc="left", fontsize=11.5, fontweight="bold", color=paint("ink"), pad=4.0
        )
        axes.set_title(scale, loc="right", fontsize=11.0, color=paint("muted"), pad=4.0)
    for row in range(len(plan.days)):
        axes.axhline(row + _GROUND, color=paint("grid"), linewidth=0.7, zorder=1)
    for item in passes:
        for day in _days_of(item, plan.calendar):
            if day in rows:
                _bar(axes, rows[day] + _GROUND, item, plan.calendar, day, full, paint)
    for look in _looks(passes):
        mine = [p for p in passes if status(p.status) is look]
        ends = [(plan.calendar.hour(p.end_s, day), day) for p in mine for day in _days_of(p, plan.calendar)[-1:]]
        here = [(hour, rows[day] + _GROUND) for hour, day in ends if day in rows]
        line = _sign(look, paint)
        line.set_data([x for x, _ in here], [y for _, y in here])
        aside = ScaledTranslation(_ASIDE_PX[0] / 72.0, _ASIDE_PX[1] / 72.0, axes.figure.dpi_scale_trans)
        line.set_transform(axes.transData + aside)
        axes.add_line(line)


def _looks(passes: Sequence[PassView]) -> list[Status]:
    """What came of passes, as far as it is marked."""
    return [look for look, _ in tallied(passes) if look.name in _MARKED]


def _sign(look: Status, paint: Paint) -> Line2D:
    """The mark of a status."""
    line = Line2D([], [], linestyle="", marker=look.mark, markersize=6.5, color=paint(look.role), zorder=5)
    line.set_markeredgewidth(1.8 if look.mark == "x" else 0.8)
    line.set_markeredgecolor(paint(look.role if look.mark == "x" else "card"))
    line.set_clip_on(False)
    line.set_label(look.name)
    return line


def _bar(axes: Axes, base: float, item: PassView, calendar: Calendar, day: int, full: float, paint: Paint) -> None:
    """From rise to set: a thick line on the ground, the key when clear filled, the expected key hollow."""
    start, end = max(0.0, calendar.hour(item.start_s, day)), min(24.0, calendar.hour(item.end_s, day))
    axes.plot([start, end], [base, base], color=paint("ink"), linewidth=2.2, solid_capstyle="butt", zorder=4)
    if full <= 0.0:
        return
    low, high = axes.get_xlim()
    wide = max(end - start, _NARROWEST_PX * (high - low) / (WIDTH - _LEFT - _RIGHT))
    span = [((start + end - wide) / 2, wide)]
    for value, fill, edge, zorder in (
        (item.key_if_clear, paint("series-5"), "none", 2.0),
        (item.expected_key, "none", paint("ink"), 3.0),
    ):
        if value > 0.0:
            tall = 0.86 * value / full
            axes.broken_barh(span, (base - tall, tall), facecolor=fill, edgecolor=edge, linewidth=1.2, zorder=zorder)


def _legend(figure: Figure, plan: Timeline, paint: Paint) -> None:
    entries: list[Patch | Line2D] = []
    if any(p.key_if_clear > 0.0 for p in plan.passes):
        scale = "at the right: its highest bar" if plan.one_day else "each link on its own scale"
        entries += [
            Patch(facecolor=paint("series-5"), linewidth=0, label=f"key when clear, {scale}"),
            Patch(facecolor="none", edgecolor=paint("ink"), linewidth=1.2, label="expected with clouds"),
        ]
    entries += [_sign(look, paint) for look in _looks(plan.passes)]
    if entries:
        figure.legend(
            handles=entries,
            loc="lower left",
            ncols=6,
            frameon=False,
            fontsize=10.5,
            labelcolor=paint("ink"),
            handlelength=1.5,
            columnspacing=1.2,
            borderaxespad=0.1,
            handletextpad=0.5,
        )
