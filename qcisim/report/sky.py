"""Sky: the tracks of the passes over one station, as one who looks at a map of its sky sees them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from qcisim.report.figure import axes_px, colour, new_figure, style, to_svg
from qcisim.report.moment import Calendar
from qcisim.report.numbers import counted, digits
from qcisim.report.pass_view import PassView, Track, best
from qcisim.report.status import status, tallied

_SIZE, _RIM = 350.0, 22.0
_STEP_S = 60.0
MOST = 250  # tracks beyond this are left out, those with least key first
DRAWN_ORDER = ("daylight", "no key expected", "not scheduled", "clouded out", "interrupted", "taken")


def sky_track(passes: Sequence[PassView], title: str, calendar: Calendar, name: str) -> Markup | None:
    """North up and east right, zenith in the middle, horizon at the rim; None where no track was kept."""
    drawn = sorted((p for p in passes if p.track.on_sky), key=lambda p: -p.key_if_clear)[:MOST]
    top = best(drawn)
    if top is None:
        return None
    drawn.sort(key=lambda p: DRAWN_ORDER.index(p.status) if p.status in DRAWN_ORDER else -1)
    with style():
        rows = math.ceil((len(tallied(drawn)) + 1) / 2)
        legend = 18.0 * rows + 8.0
        figure = new_figure(_SIZE, _SIZE + legend)
        axes = axes_px(figure, _RIM, legend + _RIM, _RIM, _RIM)
        _frame(axes)
        for item in drawn:
            if item is not top:
                look = status(item.status)
                x, y = _flat(item.track)
                quiet = item.status in DRAWN_ORDER[:2]
                (line,) = axes.plot(x, y, color=colour(look.role), linewidth=0.9 if quiet else 1.5, zorder=2)
                if look.dash:
                    line.set_linestyle((0, look.dash))
        _highlight(axes, top)
        entries = [_entry(look.role, look.dash, 1.8, f"{look.name}: {n}") for look, n in tallied(drawn)]
        entries.append(
            _entry("ink", status(top.status).dash, 3.4, f"best pass ({top.status})" if top.status else "best")
        )
        figure.legend(
            handles=entries,
            loc="lower left",
            ncols=2,
            frameon=False,
            fontsize=11.0,
            labelcolor=colour("ink"),
            handlelength=2.8,
            columnspacing=1.2,
            borderaxespad=0.1,
            labelspacing=0.25,
        )
        height = f"{digits(top.maximum_elevation_deg)}° high" if top.maximum_elevation_deg is not None else "drawn bold"
        label = (
            f"Sky over {title}, north up and east right: {counted(len(drawn), 'track')}. "
            f"The best pass, {calendar.text(top.start_s)} {calendar.zone}, is {height}"
        )
        return to_svg(figure, name, label)


def _entry(role: str, dash: tuple[float, ...], width: float, label: str) -> Line2D:
    line = Line2D([], [], color=colour(role), linewidth=width, label=label)
    if dash:
        line.set_linestyle((0, dash))
    return line


def _flat(track: Track) -> tuple[list[float], list[float]]:
    """Distance from the zenith in degrees, towards east and towards north."""
    x, y = [], []
    for elevation, azimuth in zip(track.elevation_deg, track.azimuth_deg, strict=True):
        far, turn = 90.0 - elevation, math.radians(azimuth)
        x.append(far * math.sin(turn))
        y.append(far * math.cos(turn))
    return x, y


def _frame(axes: Axes) -> None:
    axes.set_xlim(-90.5, 90.5)
    axes.set_ylim(-90.5, 90.5)
    axes.set_aspect("equal")
    axes.set_axis_off()
    for elevation in (0, 30, 60):
        rim = elevation == 0
        ring = Circle((0, 0), 90.0 - elevation, fill=False, linewidth=1.0 if rim else 0.8, zorder=1)
        ring.set_edgecolor(colour("muted" if rim else "grid"))
        ring.set_clip_on(False)
        axes.add_patch(ring)
    for a, b in (((-90, 90), (0, 0)), ((0, 0), (-90, 90))):
        axes.plot(a, b, color=colour("grid"), linewidth=0.8, zorder=1)
    for text, x, y in (("N", 0, 97), ("E", 97, 0), ("S", 0, -97), ("W", -97, 0)):
        axes.text(x, y, text, ha="center", va="center", fontsize=12.0, fontweight="bold", color=colour("muted"))
    for elevation in (30, 60):
        far = (90 - elevation) * math.sqrt(0.5)
        axes.text(far, -far, f"{elevation}°", ha="left", va="top", fontsize=10.5, color=colour("muted"))


def _highlight(axes: Axes, top: PassView) -> None:
    """The best pass: bold, an arrow along it, a dot every minute."""
    x, y = _flat(top.track)
    (line,) = axes.plot(x, y, color=colour("ink"), linewidth=3.2, zorder=4, solid_capstyle="butt")
    dash = status(top.status).dash
    if dash:
        line.set_linestyle((0, tuple(0.6 * part for part in dash)))
    if len(x) > 1:
        axes.annotate(
            "",
            (x[-1], y[-1]),
            (x[-2], y[-2]),
            arrowprops={
                "arrowstyle": "-|>",
                "color": colour("ink"),
                "lw": 0,
                "mutation_scale": 20,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            zorder=5,
        )
    t_s, marks = top.track.t_s, []
    minute = _STEP_S * math.ceil(t_s[0] / _STEP_S)
    for i in range(len(t_s) - 1):
        while t_s[i] <= minute <= t_s[i + 1] and t_s[i] < t_s[i + 1]:
            share = (minute - t_s[i]) / (t_s[i + 1] - t_s[i])
            marks.append((x[i] + share * (x[i + 1] - x[i]), y[i] + share * (y[i + 1] - y[i])))
            minute += _STEP_S
    axes.plot(
        [mark[0] for mark in marks],
        [mark[1] for mark in marks],
        linestyle="",
        marker="o",
        markersize=4.2,
        markerfacecolor=colour("card"),
        markeredgecolor=colour("ink"),
        markeredgewidth=1.2,
        zorder=6,
    )
