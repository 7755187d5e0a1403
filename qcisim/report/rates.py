"""Rates: key per use of the light over the loss of the fibre, under what no protocol can pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from qcisim.report.figure import axes_px, colour, new_figure, quiet, spread, style, to_svg
from qcisim.report.numbers import scientific
from qcisim.report.view import LinkView, View
from qcisim.security.ceilings import repeaterless_bound, single_repeater_bound
from qcisim.simulation.ceilings import fibre_transmittance
from qcisim.units import db_from_transmittance, transmittance_from_db

_WIDTH, _HEIGHT, _LEFT, _RIGHT = 640.0, 330.0, 64.0, 190.0
_NAMED = 10  # beyond so many links, points bear no names
_MARKS = {"chain": "D", "arms": "s", "middle": "^"}


@dataclass(frozen=True, slots=True)
class Point:
    """A link: loss of its fibre in dB, secret bits per use, and what its own repeaters allow, where it has some."""

    name: str
    loss_db: float
    bits_per_use: float
    allowed: float | None
    kind: str


def points(view: View) -> list[Point]:
    """The links with key whose light goes through fibre."""
    found = []
    for link in view.links.values():
        eta = link.transmittance if link.chain else fibre_transmittance(link.losses_db)
        ceiling = link.ceilings.get("repeaterless")
        if not link.makes_key or not ceiling or not eta or eta >= 1.0 or link.trusted_relays:
            continue
        uses_per_s = ceiling / float(repeaterless_bound(eta))
        own = link.ceilings.get("these repeaters") or link.ceilings.get("repeater at the middle")
        kind = "chain" if link.chain else "arms" if _twin(link) else ""
        allowed = None if own is None else own / uses_per_s
        loss_db = db_from_transmittance(eta)
        found.append(Point(view.link_name(link.id), loss_db, link.secret_bits_per_s / uses_per_s, allowed, kind))
    return found


def _twin(link: LinkView) -> bool:
    return len(link.arm_lengths_km) == 2


def rates_under_ceilings(view: View, name: str) -> Markup | None:
    """The figure; None where no link through fibre makes key."""
    found = points(view)
    if not found:
        return None
    with style():
        figure = new_figure(_WIDTH, _HEIGHT)
        axes = quiet(axes_px(figure, _LEFT, 44.0, _RIGHT, 12.0), grid="y")
        last = 10.0 * math.ceil((1.15 * max(p.loss_db for p in found) + 2.0) / 10.0)
        loss_db = np.linspace(0.05, last, 200)
        eta = np.array([transmittance_from_db(x) for x in loss_db])
        curves = (
            (np.asarray(repeaterless_bound(eta)), "bad", "-", "no repeater: −log₂(1 − η)"),
            (np.asarray(single_repeater_bound(eta)), "series-2", (0, (5, 2)), "one repeater halfway"),
        )
        for values, role, line, _ in curves:
            axes.plot(loss_db, values, color=colour(role), linewidth=1.6, linestyle=line, zorder=2)
        low = min(*(p.bits_per_use for p in found), float(curves[0][0][-1]))
        axes.set_yscale("log")
        axes.set_ylim(10.0 ** math.floor(math.log10(low)), 30.0)
        axes.set_xlim(0.0, last)
        named = len(found) <= _NAMED
        for point in found:
            mark = _MARKS.get(point.kind, "o")
            at = [point.loss_db]
            axes.plot(at, [point.bits_per_use], mark, color=colour("series-0"), markersize=6.5, zorder=4)
            if point.allowed:
                axes.plot(at, [point.allowed], "_", color=colour("ink"), markersize=13.0, markeredgewidth=1.6, zorder=3)
        texts = [(float(values[-1]), text, role) for values, role, _, text in curves]
        if named:
            texts += [(point.bits_per_use, point.name, "series-0") for point in found]
        _beside(axes, texts, {point.name: point for point in found} if named else {}, last)
        axes.xaxis.set_major_locator(MaxNLocator(7))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power(value)))
        axes.set_xlabel("loss of the fibre from end to end, dB", color=colour("muted"), fontsize=11.5)
        spoken = "; ".join(f"{p.name} {scientific(p.bits_per_use, 2)} at {p.loss_db:.1f} dB" for p in found[:_NAMED])
        return to_svg(figure, name, f"Secret bits per use of the light under the repeaterless bound: {spoken}")


def _beside(axes: object, texts: Sequence[tuple[float, str, str]], at: dict[str, Point], last: float) -> None:
    """Names in the right margin, thin lines from the points to them."""
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    bottom, top = (math.log10(y) for y in axes.get_ylim())
    wanted = [(math.log10(value) - bottom) / (top - bottom) for value, *_ in texts]
    placed = spread(wanted, 0.062, 0.0, 1.0)
    for (value, text, role), height in zip(texts, placed, strict=True):
        axes.annotate(
            text if len(text) <= 28 else f"{text[:27]}…",
            (1.0, height),
            (10, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            fontsize=10.5,
            color=colour(role),
        )
        start = at[text].loss_db if text in at else last
        y = 10.0 ** (bottom + height * (top - bottom))
        axes.plot([start, last], [value, y], color=colour("grid"), linewidth=0.8, zorder=1)


def _power(value: float) -> str:
    raised = str(round(math.log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "1" if raised == "⁰" else f"10{raised}"
