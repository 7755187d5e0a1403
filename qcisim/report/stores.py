"""Stores: keys in the stores of the links, and keys delivered to the demands, over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
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
    widest,
    wrapped,
)
from qcisim.report.numbers import tick, whole
from qcisim.report.view import View

_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
_HEIGHT = 235.0
_ENDS = 3  # of a field of many curves so many are named at either end


@dataclass(frozen=True, slots=True)
class _Panel:
    """Curves that share an axis; a heading tells panels apart, and dashes the satellite pools also on black paper."""

    heading: str
    curves: dict[str, Sequence[float]]
    dashed: bool = False


def stored_keys(view: View, width: float = 430.0) -> Markup | None:
    """Keys in the store of each link, pools of satellites below those of fibres; None where no series was kept."""
    names = {link: view.link_name(link) for link in view.stored_keys}
    space, fibre = dict[str, Sequence[float]](), dict[str, Sequence[float]]()
    for link, values in _whole(view, view.stored_keys).items():
        (space if link in view.links and view.links[link].free_space else fibre)[link] = values
    if not space:
        return _figure(view, [_Panel("", fibre)], names, "stored", "Keys in store", width)
    panels = [_Panel("fibre pools", fibre)] if fibre else []
    panels.append(_Panel("satellite pools", space, dashed=True))
    return _figure(view, panels, names, "stored", "Keys in store", width)


def delivered_keys(view: View, width: float = 430.0) -> Markup | None:
    """Keys delivered so far to each demand that got any, those of satellites on an axis of their own; None without."""
    names = {demand: demand for demand in view.delivered_keys}
    keyless = without_key(view)
    space, fibre = dict[str, Sequence[float]](), dict[str, Sequence[float]]()
    for demand, values in _whole(view, view.delivered_keys).items():
        if demand not in keyless:
            (space if demand in view.demands and view.demands[demand].by_satellite else fibre)[demand] = values
    if not space or not fibre:
        return _figure(view, [_Panel("", fibre or space)], names, "delivered", "Keys delivered", width)
    panels = [_Panel("mostly by fibre", fibre), _Panel("mostly by satellite", space, dashed=True)]
    return _figure(view, panels, names, "delivered", "Keys delivered", width)


def without_key(view: View) -> list[str]:
    """Demands that got none; no curve is drawn for them."""
    return [demand.id for demand in view.demands.values() if not demand.delivered]


def _whole(view: View, series: Mapping[str, Sequence[float]]) -> dict[str, Sequence[float]]:
    """The curves that are as long as time."""
    return {key: values for key, values in series.items() if len(values) == len(view.t_s) and values}


def _time(view: View) -> tuple[float, str]:
    longest = max(view.t_s, default=0.0)
    for size, unit in ((2 * 86400.0, "days"), (2 * 3600.0, "hours"), (2 * 60.0, "minutes")):
        if longest >= size:
            return size / 2, unit
    return 1.0, "s"


def _figure(
    view: View, panels: Sequence[_Panel], names: Mapping[str, str], name: str, title: str, width: float
) -> Markup | None:
    curves = {key: values for panel in panels for key, values in panel.curves.items()}
    if not curves or len(view.t_s) < 2:
        return None
    size, unit = _time(view)
    t = [moment / size for moment in view.t_s]
    with style():
        labels = {key: wrapped(names[key], 19) for key in curves}
        right = widest(labels.values()) * 6.9 + 26
        head = 26.0 if panels[0].heading else 6.0 + 7.5 * tallest(labels.values())
        tall = _HEIGHT - 50.0 if len(panels) == 1 else 150.0
        tall = max(tall, *(_room(panel, labels) for panel in panels))
        height = 40.0 + len(panels) * (tall + head)
        figure = new_figure(width, height)
        for index, panel in enumerate(panels):
            top = head + index * (tall + head)
            axes = quiet(axes_px(figure, 44, height - top - tall, right, top), grid="y")
            if panel.heading:
                axes.set_title(
                    panel.heading, loc="left", fontsize=11.5, fontweight="bold", color=colour("ink"), pad=6.0
                )
            _draw(axes, t, panel, labels, tall)
            axes.xaxis.set_major_locator(
                MaxNLocator(6, steps=[1, 2, 3, 4, 6, 10] if unit == "hours" else [1, 2, 5, 10])
            )
            axes.tick_params(labelbottom=index == len(panels) - 1)
        axes.set_xlabel(f"time in {unit}", color=colour("muted"), fontsize=11.5)
        ends = "; ".join(_spoken(panel, names) for panel in panels)
        return to_svg(figure, name, f"{title} over time. At the end: {ends}")


def _draw(axes: Axes, t: Sequence[float], panel: _Panel, labels: Mapping[str, str], tall: float) -> None:
    """The curves of one panel, named at their right end; of a field of many those fullest and emptiest all the time."""
    few = len(panel.curves) <= SERIES
    top = max(max(values) for values in panel.curves.values()) or 1.0
    axes.set_ylim(0, top * 1.06)
    axes.set_xlim(t[0], t[-1])
    for index, values in enumerate(panel.curves.values()):
        axes.plot(
            t,
            values,
            color=series_colour(index) if few else colour("series-0"),
            linestyle=(0, (5, 1.6)) if panel.dashed else "-",
            linewidth=2.0 if few else 1.0,
            alpha=1.0 if few else 0.55,
            marker=_MARKS[index % len(_MARKS)] if few else None,
            markevery=max(1, len(t) // 6),
            markersize=5,
            clip_on=False,
            zorder=3,
        )
    told = {key: values[-1] for key, values in panel.curves.items()}
    if not few:
        order = sorted(told, key=lambda key: math.fsum(panel.curves[key]))
        told = {key: told[key] for key in order[:_ENDS] + order[-_ENDS:]}
    line = 15.0 * tallest(labels[key] for key in told) + 1.0
    heights = spread(list(told.values()), top * 1.06 * line / tall, 0, top * 1.06)
    for key, height in zip(told, heights, strict=True):
        if not few:
            axes.plot(
                [1.0, 1.03],
                [told[key], height],
                transform=axes.get_yaxis_transform(),
                color=colour("muted"),
                linewidth=0.8,
                clip_on=False,
            )
        axes.annotate(
            labels[key],
            (1.0, height),
            (10 if few else 16, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=11.5,
            color=series_colour(list(panel.curves).index(key)) if few else colour("muted"),
        )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))


def _room(panel: _Panel, labels: Mapping[str, str]) -> float:
    """Height in pixels that the names of the curves need."""
    named = [labels[key] for key in panel.curves]
    return (len(named) if len(named) <= SERIES else 2 * _ENDS) * (15.0 * tallest(named) + 1.0)


def _spoken(panel: _Panel, names: Mapping[str, str]) -> str:
    ends = ", ".join(f"{names[key]} {whole(values[-1])}" for key, values in list(panel.curves.items())[:SERIES])
    return f"{panel.heading}: {ends}" if panel.heading else ends
