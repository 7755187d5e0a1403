"""Pass bars: key of each pass, three ways that are never added: when clear, expected with clouds, made."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qcisim.report.figure import axes_px, colour, new_figure, quiet, style, to_svg
from qcisim.report.moment import Calendar
from qcisim.report.numbers import counted, key, tick
from qcisim.report.pass_view import PassView
from qcisim.report.status import Status, status

_WIDTH, _HEIGHT, _FOOT = 980.0, 230.0, 22.0
_CHARACTER = 6.4


def told(passes: Sequence[PassView]) -> list[PassView]:
    """The passes that could give key, or did."""
    return [p for p in passes if p.key_if_clear > 0.0 or (p.secret_bits or 0.0) > 0.0]


def pass_bars(passes: Sequence[PassView], title: str, calendar: Calendar, name: str) -> Markup | None:
    """One group of bars for each pass that could give key, in the order of time; None where there are less than two."""
    shown = told(passes)
    if len(shown) < 2:
        return None
    with style():
        marks = [look for look in dict.fromkeys(status(p.status) for p in shown) if look.name != "taken"]
        figure = new_figure(_WIDTH, _HEIGHT + 26.0)
        axes = quiet(axes_px(figure, 58, 44, 8, 34), grid="y")
        top = max(max(p.key_if_clear, p.expected_key, p.secret_bits or 0.0) for p in shown)
        foot = -top * _FOOT / (_HEIGHT - 52 - _FOOT)
        axes.set_ylim(foot, 1.03 * top)
        span = max(len(shown), 12)
        axes.set_xlim(-0.6, span - 0.4)
        axes.axhline(0.0, color=colour("muted"), linewidth=0.8, zorder=1)
        for x, item in enumerate(shown):
            _bars(axes, x, item)
        for look in marks:
            _signs(axes, [x for x, p in enumerate(shown) if status(p.status) is look], foot / 2, look)
        _days(axes, shown, calendar, (_WIDTH - 66) / span)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "" if value < 0 else tick(value)))
        figure.legend(
            handles=_legend(marks),
            loc="upper right",
            ncols=7,
            frameon=False,
            fontsize=11.0,
            labelcolor=colour("ink"),
            handlelength=1.5,
            columnspacing=1.2,
            borderaxespad=0.1,
            handletextpad=0.5,
        )
        label = f"Key per pass of {title}, {counted(len(shown), 'pass', 'passes')}. {_spoken(shown, calendar)}"
        return to_svg(figure, name, label)


def _bars(axes: Axes, x: int, item: PassView) -> None:
    look = status(item.status)
    dashed = item.status in ("clouded out", "not scheduled")
    axes.bar(
        x,
        item.key_if_clear,
        width=0.84,
        facecolor="none",
        edgecolor=colour(look.role if dashed else "muted"),
        linewidth=1.1,
        linestyle=(0, look.dash) if dashed else "-",
        zorder=2,
    )
    axes.bar(x, item.expected_key, width=0.84, color=colour("series-5"), alpha=0.45, linewidth=0, zorder=2.5)
    if item.secret_bits:
        axes.bar(x, item.secret_bits, width=0.4, color=colour("good"), linewidth=0, zorder=3)


def _signs(axes: Axes, at: Sequence[int], height: float, look: Status) -> None:
    axes.plot(
        at,
        [height] * len(at),
        linestyle="",
        marker=look.mark,
        markersize=7,
        color=colour(look.role),
        markeredgewidth=1.8 if look.mark in "x_" else 0.8,
        zorder=4,
    )


def _days(axes: Axes, shown: Sequence[PassView], calendar: Calendar, step_px: float) -> None:
    """Dates under the first pass of each day, as many as there is room for, and a thin line between days."""
    firsts: list[tuple[int, int]] = []
    for x, item in enumerate(shown):
        day = calendar.day(item.culmination_s)
        if not firsts or firsts[-1][1] != day:
            firsts.append((x, day))
    ticks, labels, free = [], [], -1e9
    for x, day in firsts:
        text = calendar.date(day)
        if x:
            axes.axvline(x - 0.5, color=colour("grid"), linewidth=0.8, zorder=0.5)
        if x * step_px >= free:
            ticks.append(x)
            labels.append(text)
            free = x * step_px + len(text) * _CHARACTER + 12
    axes.set_xticks(ticks, labels)
    zone = "UTC days" if calendar.start else "days since the start"
    axes.set_xlabel(f"passes that could give key, in the order of time; {zone}", color=colour("muted"), fontsize=11.5)


def _legend(marks: Sequence[Status]) -> list[Patch | Line2D]:
    entries: list[Patch | Line2D] = [
        Patch(facecolor="none", edgecolor=colour("muted"), linewidth=1.1, label="when clear"),
        Patch(facecolor=colour("series-5"), alpha=0.45, linewidth=0, label="expected with clouds"),
        Patch(facecolor=colour("good"), linewidth=0, label="made"),
    ]
    for look in marks:
        line = Line2D([], [], linestyle="", marker=look.mark, markersize=7, color=colour(look.role), label=look.name)
        line.set_markeredgewidth(1.8 if look.mark in "x_" else 0.8)
        entries.append(line)
    return entries


def _spoken(shown: Sequence[PassView], calendar: Calendar) -> str:
    top = max(shown, key=lambda p: p.key_if_clear)
    made = [p for p in shown if p.secret_bits]
    text = f"Most when clear: {key(top.key_if_clear)}, {calendar.text(top.start_s)} {calendar.zone}"
    return f"{text}. Key was made in {len(made)}"
