"""Stores: keys in the stores of the links, and keys delivered to the demands, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup
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
    to_svg,
    wrapped,
)
from qcisim.report.numbers import tick, whole
from qcisim.report.view import View

_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
_HEIGHT = 235.0


def stored_keys(view: View, width: float = 430.0) -> Markup | None:
    """Keys in the store of each link; None where no such series was kept."""
    names = {link: view.link_name(link) for link in view.stored_keys}
    return _curves(view, view.stored_keys, names, "stored", "Keys in store", width)


def delivered_keys(view: View, width: float = 430.0) -> Markup | None:
    """Keys delivered to each demand so far; None where no such series was kept."""
    names = {demand: demand for demand in view.delivered_keys}
    return _curves(view, view.delivered_keys, names, "delivered", "Keys delivered", width)


def _time(view: View) -> tuple[float, str]:
    longest = max(view.t_s, default=0.0)
    for size, unit in ((2 * 86400.0, "days"), (2 * 3600.0, "hours"), (2 * 60.0, "minutes")):
        if longest >= size:
            return size / 2, unit
    return 1.0, "s"


def _curves(
    view: View,
    series: Mapping[str, Sequence[float]],
    names: Mapping[str, str],
    name: str,
    title: str,
    width: float,
) -> Markup | None:
    curves = {key: values for key, values in series.items() if len(values) == len(view.t_s) and values}
    if not curves or len(view.t_s) < 2:
        return None
    size, unit = _time(view)
    t = [moment / size for moment in view.t_s]
    few = len(curves) <= SERIES
    with style():
        labels = {key: wrapped(names[key], 19) for key in curves}
        right = min(156.0, max(map(len, labels.values())) * 6.9 + 22)
        figure = new_figure(width, _HEIGHT)
        axes = quiet(axes_px(figure, 44, 40, right, 10), grid="y")
        top = max(max(values) for values in curves.values()) or 1.0
        axes.set_ylim(0, top * 1.06)
        axes.set_xlim(t[0], t[-1])
        for index, values in enumerate(curves.values()):
            axes.plot(
                t,
                values,
                color=series_colour(index) if few else colour("series-0"),
                linewidth=2.0 if few else 1.0,
                alpha=1.0 if few else 0.55,
                marker=_MARKS[index % len(_MARKS)] if few else None,
                markevery=max(1, len(t) // 6),
                markersize=5,
                clip_on=False,
                zorder=3,
            )
        told = {key: values[-1] for key, values in curves.items()}
        if not few:  # only the ends of the field are named
            told = {key: told[key] for key in (min(told, key=told.__getitem__), max(told, key=told.__getitem__))}
        heights = spread(list(told.values()), top * 1.06 * 16 / (_HEIGHT - 50), 0, top * 1.06)
        for key, height in zip(told, heights, strict=True):
            axes.annotate(
                labels[key],
                (1.0, height),
                (10, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                fontsize=11.5,
                color=series_colour(list(curves).index(key)) if few else colour("muted"),
            )
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 3, 4, 6, 10] if unit == "hours" else [1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.set_xlabel(f"time in {unit}", color=colour("muted"), fontsize=11.5)
        ends = ", ".join(f"{names[key]} {whole(values[-1])}" for key, values in list(curves.items())[:SERIES])
        return to_svg(figure, name, f"{title} over time. At the end: {ends}")
