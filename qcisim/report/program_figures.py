"""Figures of programs: when their rounds ran, and how long their pairs took and how good they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qcisim.report.figure import axes_px, colour, new_figure, quiet, series_colour, style, to_svg
from qcisim.report.numbers import digits, span
from qcisim.report.program_view import ProgramLinkView, ProgramView

_WIDE, _ROW, _FOOT, _HEAD = 980.0, 30.0, 64.0, 10.0
_CHARACTER = 6.9
_NARROWEST = 2.5  # px of a bar
_ROLES = {"done": "good", "failed": "bad", "unfinished": "neutral"}
_PAIRS_WIDE, _PAIRS_TALL = 480.0, 300.0


def time_line(
    programs: Mapping[str, ProgramView], links: Mapping[str, ProgramLinkView], duration_s: float
) -> Markup | None:
    """A row for each program, a bar for its rounds; None where nothing ran."""
    shown = [one for one in programs.values() if one.bars]
    if not shown or duration_s <= 0.0:
        return None
    size, unit = _unit(duration_s)
    with style():
        height = _HEAD + len(shown) * _ROW + _FOOT
        left = max(len(one.id) for one in shown) * _CHARACTER + 16.0
        figure = new_figure(_WIDE, height)
        axes = quiet(axes_px(figure, left, _FOOT, 90.0, _HEAD), grid="x")
        axes.set_xlim(0.0, duration_s / size)
        axes.set_ylim(len(shown), 0)
        axes.set_yticks([row + 0.5 for row in range(len(shown))], [one.id for one in shown])
        axes.tick_params(axis="y", colors=colour("ink"))
        axes.xaxis.set_major_locator(MaxNLocator(9))
        narrowest = _NARROWEST * duration_s / size / (_WIDE - left - 90.0)
        sights = False
        for row, one in enumerate(shown):
            sights = _sights(axes, row, one, links, size) or sights
            _bars(axes, row, one, size, narrowest)
            told = f"{one.done} of {one.times}"
            axes.annotate(
                told,
                (1.0, row + 0.5),
                (8, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                fontsize=11.0,
                color=colour("ink" if one.good else "bad"),
            )
        axes.set_xlabel(f"{unit} since the start of the run; at the right: rounds done", color=colour("muted"))
        _legend(axes, shown, sights)
        told = "; ".join(f"{one.id} {one.done} of {one.times} rounds done" for one in shown)
        return to_svg(figure, "programs-time", f"When programs ran. {told}")


def _unit(duration_s: float) -> tuple[float, str]:
    return next(
        (size, unit)
        for size, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "s"))
        if duration_s >= 2.0 * size or size == 1.0
    )


def _sights(axes: Axes, row: int, one: ProgramView, links: Mapping[str, ProgramLinkView], size: float) -> bool:
    """When the satellites of a program are in sight."""
    windows = [window for link in one.links if link in links for window in links[link].sights_s]
    for start, end in windows:
        axes.broken_barh(
            [(start / size, (end - start) / size)], (row + 0.08, 0.84), color=colour("series-5"), alpha=0.35
        )
    return bool(windows)


def _bars(axes: Axes, row: int, one: ProgramView, size: float, narrowest: float) -> None:
    for ended, role in _ROLES.items():
        spans = [
            (start / size, max((end - start) / size, narrowest)) for start, end, what, _ in one.bars if what == ended
        ]
        if spans:
            axes.broken_barh(spans, (row + 0.25, 0.5), facecolor=colour(role), linewidth=0, zorder=3)


def _legend(axes: Axes, shown: Sequence[ProgramView], sights: bool) -> None:
    there = [ended for ended in _ROLES if any(bar[2] == ended for one in shown for bar in one.bars)]
    entries = [Patch(facecolor=colour(_ROLES[ended]), linewidth=0, label=f"rounds {ended}") for ended in there]
    if sights:
        entries.append(Patch(facecolor=colour("series-5"), alpha=0.35, linewidth=0, label="satellite in sight"))
    axes.legend(
        handles=entries,
        loc="upper left",
        bbox_to_anchor=(0.0, -38.0 / (len(shown) * _ROW)),
        ncols=4,
        frameon=False,
        fontsize=11.0,
        labelcolor=colour("muted"),
        borderaxespad=0.0,
        handlelength=1.4,
    )


def pair_points(programs: Mapping[str, ProgramView]) -> Markup | None:
    """Each pair by how long it took and how good it was; None without pairs."""
    by_link: dict[str, list[tuple[float, float]]] = {}
    for one in programs.values():
        for link, _, duration_s, fidelity in one.points:
            by_link.setdefault(link, []).append((max(duration_s, 1e-9), fidelity))
    if not by_link:
        return None
    with style():
        legend = 17.0 * len(by_link) + 8.0
        figure = new_figure(_PAIRS_WIDE, _PAIRS_TALL + legend)
        axes = quiet(axes_px(figure, 52.0, 44.0 + legend, 14.0, 12.0), grid="y")
        axes.set_xscale("log")
        entries = []
        for index, (link, points) in enumerate(by_link.items()):
            x, y = zip(*points, strict=True)
            shade = series_colour(index)
            axes.plot(x, y, linestyle="", marker="o", markersize=4.0, color=shade, alpha=0.55, markeredgewidth=0)
            number = f"{len(points)} pair{'s' if len(points) != 1 else ''}"
            entries.append(Line2D([], [], linestyle="", marker="o", color=shade, label=f"{link}, {number}"))
        values = [fidelity for points in by_link.values() for _, fidelity in points]
        room = max(0.01, 0.08 * (max(values) - min(values)))
        axes.set_ylim(min(values) - room, min(1.0, max(values) + room))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: span(value)))
        axes.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
        axes.set_xlabel("time from the request to the pair", color=colour("muted"), fontsize=11.5)
        axes.set_ylabel("fidelity", color=colour("muted"), fontsize=11.5)
        figure.legend(
            handles=entries,
            loc="lower left",
            frameon=False,
            fontsize=11.0,
            labelcolor=colour("muted"),
            borderaxespad=0.2,
            handletextpad=0.3,
            labelspacing=0.35,
        )
        told = "; ".join(
            f"{link}: {len(points)} pairs of mean fidelity {digits(sum(f for _, f in points) / len(points))}"
            for link, points in by_link.items()
        )
        return to_svg(figure, "programs-pairs", f"Pairs of programs by duration and fidelity. {told}")
