"""Budget: one pass over time: elevation, loss terms stacked in dB, QBER and key per second on one axis of time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qcisim.report.figure import (
    SERIES,
    axes_px,
    colour,
    new_figure,
    quiet,
    series_colour,
    spread,
    style,
    tallest,
    to_svg,
    wrapped,
)
from qcisim.report.numbers import digits, key, percent, tick
from qcisim.report.pass_view import PassView
from qcisim.report.waterfall import plain

_WIDTH, _LEFT, _RIGHT, _GAP = 640.0, 52.0, 196.0, 30.0
_LINE, _LEAST_DB = 15.0, 0.05  # height of a text; a term that would be told as 0.0 is not drawn


@dataclass(frozen=True, slots=True)
class _Panel:
    kind: str
    title: str
    height: float


def pass_budget(item: PassView, title: str, name: str) -> Markup | None:
    """The panels for which the pass has curves; None where it has none."""
    panels = _panels(item)
    if not panels:
        return None
    with style():
        height = sum(panel.height + _GAP for panel in panels) + 34.0
        figure = new_figure(_WIDTH, height)
        t = [(moment - item.culmination_s) / 60.0 for moment in item.track.t_s]
        above = 0.0
        axes = None
        for panel in panels:
            axes = _axes(figure, above, panel, height)
            axes.set_xlim(t[0], t[-1])
            axes.axvline(0.0, color=colour("muted"), linewidth=0.8, zorder=1)
            _DRAW[panel.kind](axes, t, item, panel)
            axes.tick_params(labelbottom=panel is panels[-1])
            above += panel.height + _GAP
        assert axes is not None
        axes.set_xlabel("minutes from culmination", color=colour("muted"), fontsize=11.5)
        return to_svg(figure, name, f"Best pass of {title} over time: {_spoken(item)}")


def _panels(item: PassView) -> list[_Panel]:
    track = item.track
    if len(track.t_s) < 2:
        return []
    stack = max(170.0, _LINE * (len(track.losses_db) + 1) + 12.0)
    offered = (
        (track.elevation_deg, _Panel("elevation", "Elevation in degrees", 80.0)),
        (track.losses_db, _Panel("losses", "Loss in dB, terms stacked", stack)),
        (track.qber, _Panel("qber", "Expected QBER (key basis) in %", 70.0)),
        (track.key_bits_per_s, _Panel("key", "Expected secret key in bit/s, without finite-size terms", 80.0)),
    )
    return [panel for curve, panel in offered if curve]


def _axes(figure: Figure, above: float, panel: _Panel, height: float) -> Axes:
    axes = quiet(
        axes_px(figure, _LEFT, height - above - _GAP * 0.7 - panel.height, _RIGHT, above + _GAP * 0.7), grid="y"
    )
    axes.set_title(panel.title, loc="left", fontsize=11.5, color=colour("ink"), pad=6.0, fontweight="bold")
    axes.yaxis.set_major_locator(MaxNLocator(4 if panel.height > 100 else 3))
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    return axes


def _middle(item: PassView) -> int:
    """The step nearest to culmination."""
    t_s = item.track.t_s
    return min(range(len(t_s)), key=lambda i: abs(t_s[i] - item.culmination_s))


def _side(
    axes: Axes, text: str, height: float, *, role: str = "ink", away_px: float = 12.0, bold: bool = False
) -> None:
    """A text to the right of the panel."""
    axes.annotate(
        text,
        (1.0, height),
        (away_px, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        fontsize=11.0,
        color=colour(role),
        fontweight="bold" if bold else "normal",
    )


def _elevation(axes: Axes, t: Sequence[float], item: PassView, panel: _Panel) -> None:
    curve = item.track.elevation_deg
    axes.set_ylim(0, 92)
    axes.set_yticks((0, 30, 60, 90))
    axes.plot(t, curve, color=colour("ink"), linewidth=2.0, zorder=3)
    _side(axes, f"{digits(_highest(item))}° at most", 76.0)
    if item.track.range_km:
        near = min(item.track.range_km) if item.minimum_range_km is None else item.minimum_range_km
        _side(axes, f"range {digits(near)} km", 48.0, role="muted")
        _side(axes, f"to {digits(max(item.track.range_km))} km", 24.0, role="muted")


def _highest(item: PassView) -> float:
    """At culmination, which may lie between two steps of the track."""
    return max(item.track.elevation_deg) if item.maximum_elevation_deg is None else item.maximum_elevation_deg


def _losses(axes: Axes, t: Sequence[float], item: PassView, panel: _Panel) -> None:
    """Bands named at their right end with the loss at culmination."""
    terms = {name: curve for name, curve in item.track.losses_db.items() if max(curve) >= _LEAST_DB}
    here = _middle(item)
    floor = [0.0] * len(t)
    centres, texts = [], []
    for index, (name, curve) in enumerate(terms.items()):
        roof = [low + max(0.0, value) for low, value in zip(floor, curve, strict=True)]
        hatch = "////" if index >= SERIES else None
        axes.fill_between(
            t,
            floor,
            roof,
            facecolor=series_colour(index),
            edgecolor=colour("card"),
            linewidth=0.7,
            hatch=hatch,
            zorder=2,
        )
        centres.append((floor[-1] + roof[-1]) / 2)
        texts.append(f"{wrapped(plain(name), 22)} {curve[here]:.1f}".replace("-", "−"))
        floor = roof
    top = 1.04 * max(floor) or 1.0
    axes.set_ylim(0.0, top)
    total = f"total {math.fsum(curve[here] for curve in item.track.losses_db.values()):.1f} at culmination"
    axes.plot(t, floor, color=colour("ink"), linewidth=1.6, zorder=3)
    step = _LINE * tallest(texts) * top / panel.height
    heights = spread([*centres, floor[-1] + step], step, 0.35 * step, top)
    for index, (text, at) in enumerate(zip(texts, heights, strict=False)):
        axes.plot(
            [1.012, 1.045],
            [centres[index], at],
            transform=axes.get_yaxis_transform(),
            color=series_colour(index),
            linewidth=1.6,
            clip_on=False,
        )
        _side(axes, text, at, away_px=22.0)
    _side(axes, total, heights[-1], away_px=22.0, bold=True)


def _qber(axes: Axes, t: Sequence[float], item: PassView, panel: _Panel) -> None:
    values = [100.0 * value for value in item.track.qber]
    top = 1.25 * max(values) or 1.0
    axes.set_ylim(0.0, top)
    axes.plot(t, values, color=colour("series-6"), linewidth=2.0, zorder=3)
    here = _middle(item)
    _side(axes, f"{percent(item.track.qber[here])} at culmination", 0.7 * top)
    if item.qber is not None:
        _side(axes, f"{percent(item.qber)} counted in all", 0.35 * top, role="muted")


def _key(axes: Axes, t: Sequence[float], item: PassView, panel: _Panel) -> None:
    values = item.track.key_bits_per_s
    top = 1.12 * max(values) or 1.0
    axes.set_ylim(0.0, top)
    axes.fill_between(t, 0.0, values, facecolor=colour("good"), alpha=0.25, linewidth=0, zorder=2)
    axes.plot(t, values, color=colour("good"), linewidth=2.0, zorder=3)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    _side(axes, f"{key(max(values), 'bit/s')} at most", 0.72 * top)
    _side(axes, f"{key(item.key_if_clear)} in the pass", 0.42 * top, role="muted")
    _side(axes, "when clear", 0.18 * top, role="muted")


_DRAW = {"elevation": _elevation, "losses": _losses, "qber": _qber, "key": _key}


def _spoken(item: PassView) -> str:
    track, here, told = item.track, _middle(item), []
    if track.elevation_deg:
        told.append(f"elevation up to {digits(_highest(item))} degrees")
    if track.losses_db:
        terms = [f"{plain(name)} {curve[here]:.1f} dB" for name, curve in track.losses_db.items()]
        told.append(f"loss at culmination {', '.join(terms)}")
    if track.qber:
        told.append(f"QBER {percent(track.qber[here])} at culmination")
    if track.key_bits_per_s:
        told.append(f"key up to {key(max(track.key_bits_per_s), 'bit/s')}")
    return "; ".join(told)
