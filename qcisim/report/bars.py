"""Bars: a cascade of signed contributions, each starting where the one before it ended."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from qcisim.report.figure import axes_px, colour, new_figure, quiet, style, tallest, to_svg, widest, wrapped

_ROW = 21.0
_CHARACTER = 6.9


@dataclass(frozen=True, slots=True)
class Step:
    """One bar: a contribution to the running sum, or with ``total`` a bar from zero."""

    name: str
    value: float
    role: str
    total: bool = False


def cascade(
    steps: Sequence[Step], name: str, label: str, *, axis: str, value_text: Callable[[float], str], width: float = 420.0
) -> Markup:
    """Horizontal bars from top to bottom, each labelled with its value."""
    with style():
        names = [wrapped(step.name, 21) for step in steps]
        left = widest(names) * _CHARACTER + 14
        row_px = _ROW if tallest(names) == 1 else 0.7 * _ROW * tallest(names)
        texts = [value_text(step.value) for step in steps]
        figure = new_figure(width, row_px * len(steps) + 40)
        axes = quiet(axes_px(figure, left, 36, 8, 2), grid="x")
        starts = [0.0, *itertools.accumulate(0.0 if step.total else step.value for step in steps)]
        spans = [
            (0.0 if step.total else start, 0.0 if step.total else start)
            for step, start in zip(steps, starts, strict=False)
        ]
        ends = [span[0] + step.value for span, step in zip(spans, steps, strict=True)]
        low, high = min(0.0, *ends), max(0.0, *ends)
        room = (max(map(len, texts)) * _CHARACTER + 12) / (width - left - 8)
        extent = (high - low or 1.0) / max(0.3, 1.0 - room)
        axes.set_xlim(low, low + extent)
        axes.set_ylim(len(steps) - 0.5, -0.5)
        for row, (step, end, text) in enumerate(zip(steps, ends, texts, strict=True)):
            start = end - step.value
            axes.barh(row, step.value, left=start, height=0.62, color=colour(step.role), linewidth=0)
            if row + 1 < len(steps):
                axes.plot([end, end], [row - 0.31, row + 1.31], color=colour("muted"), linewidth=0.8)
            axes.text(
                max(start, end) + 5 * extent / (width - left - 8),
                row,
                text,
                va="center",
                ha="left",
                fontsize=11.5,
                color=colour("ink"),
                fontweight="bold" if step.total else "normal",
            )
        axes.set_yticks(range(len(steps)), names)
        for tick, step in zip(axes.get_yticklabels(), steps, strict=True):
            tick.set_color(colour("ink"))
            tick.set_fontweight("bold" if step.total else "normal")
        axes.set_xlabel(axis, color=colour("muted"), fontsize=11.5)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.axvline(0.0, color=colour("muted"), linewidth=0.8, zorder=0.5)
        return to_svg(figure, name, label)
