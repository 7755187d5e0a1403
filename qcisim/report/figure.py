"""Figure: from a matplotlib figure to inline SVG that follows the colours of the page, the same bytes every time."""

from __future__ import annotations

import html
import io
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# A colour of the page is drawn as a stand-in that no one would choose, and turned into its CSS variable in the SVG.
_ROLES = (
    *("ink", "muted", "grid", "card", "good", "bad", "neutral"),
    *(f"series-{n}" for n in range(8)),
    *(f"rate-{n}" for n in range(6)),
    *(f"heat-{n}" for n in range(7)),
)
_STAND_IN = {role: f"#0b{n:02x}d7" for n, role in enumerate(_ROLES)}
SERIES = 8

_RC: Any = {
    **{key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")},
    "svg.fonttype": "none",
    "svg.hashsalt": "qcisim",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11.0,
    "axes.linewidth": 0.8,
    "text.parse_math": False,
}


def colour(role: str) -> str:
    """The stand-in of a CSS variable of the page, to be used as a matplotlib colour."""
    return _STAND_IN[role]


def series_colour(index: int) -> str:
    """Colour of the n-th of several curves."""
    return _STAND_IN[f"series-{index % SERIES}"]


def new_figure(width_px: float, height_px: float) -> Figure:
    """A figure whose SVG unit is one CSS pixel."""
    figure = Figure(figsize=(width_px / 72.0, height_px / 72.0), dpi=72)
    FigureCanvasSVG(figure)
    return figure


def axes_px(figure: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    """Axes with the given margins in pixels."""
    width, height = figure.get_size_inches() * 72.0
    return figure.add_axes((left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height))


def quiet(axes: Axes, *, grid: str = "", paint: Callable[[str], str] = colour) -> Axes:
    """Axes that stay behind the data: no frame, thin grid along ``grid`` ("x", "y" or none)."""
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, colors=paint("muted"), labelsize=11.5)
    axes.set_axisbelow(True)
    if grid in ("x", "y"):
        axes.grid(True, axis="x" if grid == "x" else "y", color=paint("grid"), linewidth=0.8)
    return axes


def to_svg(figure: Figure, name: str, label: str) -> Markup:
    """Inline SVG: colours as CSS variables, ids prefixed by ``name``, no date, no metadata, ``label`` spoken."""
    figure.patch.set_visible(False)
    for axes in figure.axes:
        axes.patch.set_visible(False)
    buffer = io.StringIO()
    with mpl.rc_context(_RC):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return Markup(_for_page(buffer.getvalue(), name, label))


def style() -> AbstractContextManager[None]:
    """The settings under which every figure of the page is built."""
    return mpl.rc_context(_RC)


def _for_page(svg: str, name: str, label: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(?<= d=")[^"]*', lambda m: re.sub(r"(\.\d\d)\d+", r"\1", m[0]), svg)  # hundredths of a pixel
    for role, stand_in in _STAND_IN.items():
        svg = svg.replace(stand_in, f"var(--{role})")
    used = set(re.findall(r"(?:#)([\w-]+)(?=[\"')])", svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(url\(#|href="#)([\w-]+)', rf"\g<1>{name}-\g<2>", svg)
    head = svg[: svg.index(">") + 1]
    box = re.search(r'viewBox="([^"]+)"', head)
    view_box = box[1] if box else "0 0 100 100"
    width = float(view_box.split()[2])
    text = html.escape(label, quote=True)
    opening = (
        f'<svg viewBox="{view_box}" style="max-width:{1.3 * width:.0f}px" role="img" aria-label="{text}" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return re.sub(r"\n\s*", "\n", opening + svg[len(head) :]).strip()


def wrapped(text: str, length: int) -> str:
    """``text`` in lines of at most ``length`` characters, broken at spaces and only in words that are longer."""
    return "\n".join(textwrap.wrap(text, length, break_on_hyphens=False))


def widest(texts: Iterable[str]) -> int:
    """Characters of the longest line."""
    return max((len(line) for text in texts for line in text.split("\n")), default=0)


def tallest(texts: Iterable[str]) -> int:
    """Lines of the text that has most."""
    return max((text.count("\n") + 1 for text in texts), default=1)


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions moved as little as needed to lie ``gap`` apart between ``low`` and ``high``, in the same order."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    gap = min(gap, (high - low) / max(1, len(positions) - 1))
    placed = [0.0] * len(positions)
    floor = low
    for i in order:
        placed[i] = max(positions[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed
