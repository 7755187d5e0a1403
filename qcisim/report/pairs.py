"""Pairs: photon pairs sent to two stations: coincidences, loss, fidelity and S over time, and the two-photon state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qcisim.report.figure import axes_px, colour, new_figure, quiet, style, to_svg
from qcisim.report.moment import Calendar
from qcisim.report.numbers import NO_VALUE, counted, digits, span
from qcisim.report.pair_view import Matrix, PairView, PairWindow

_WIDTH, _LEFT, _RIGHT, _GAP, _TALL = 480.0, 48.0, 128.0, 30.0, 86.0
_STATES = ("00", "01", "10", "11")
_CLASSICAL, _QUANTUM = 2.0, 2.8284271247461903
Curve = tuple[Sequence[float], str, str, str]  # values, colour, line style, text


def pair_curves(pair: PairView, title: str, name: str) -> Markup | None:
    """Panels over one axis of time; None where nothing was kept over time."""
    panels: list[tuple[str, list[Curve]]] = []
    rates: list[Curve] = []
    if pair.coincidences_per_s:
        rates.append((pair.coincidences_per_s, "series-0", "-", "coincidences"))
    if pair.accidentals_per_s:
        rates.append((pair.accidentals_per_s, "series-1", "--", "accidentals"))
    if rates:
        panels.append(("Coincidences per second", rates))
    if pair.loss_db:
        panels.append(("Loss of both photons together in dB", [(pair.loss_db, "ink", "-", "")]))
    if pair.fidelity:
        panels.append(("Fidelity with the pair that was sent", [(pair.fidelity, "series-2", "-", "")]))
    if pair.chsh_s:
        panels.append(("S of the CHSH inequality", [(pair.chsh_s, "series-3", "-", "")]))
    if not panels or len(pair.t_s) < 2:
        return None
    with style():
        height = len(panels) * (_TALL + _GAP) + 34.0
        figure = new_figure(_WIDTH, height)
        size, unit = (60.0, "minutes") if pair.t_s[-1] - pair.t_s[0] >= 120.0 else (1.0, "s")
        t = [(moment - pair.t_s[0]) / size for moment in pair.t_s]
        axes = None
        for index, (heading, curves) in enumerate(panels):
            axes = _panel(figure, index, heading, curves, t, height)
            axes.tick_params(labelbottom=index == len(panels) - 1)
        assert axes is not None
        axes.set_xlabel(f"{unit} since both stations see the satellite", color=colour("muted"), fontsize=11.5)
        return to_svg(figure, name, f"Pairs of {title} over time: {_spoken(pair)}")


def _panel(
    figure: Figure, index: int, heading: str, curves: Sequence[Curve], t: Sequence[float], height: float
) -> Axes:
    above = index * (_TALL + _GAP) + 0.7 * _GAP
    axes = quiet(axes_px(figure, _LEFT, height - above - _TALL, _RIGHT, above), grid="y")
    axes.set_title(heading, loc="left", fontsize=11.5, fontweight="bold", color=colour("ink"), pad=6.0)
    axes.set_xlim(t[0], t[-1])
    values = [value for curve, *_ in curves for value in curve]
    low, high = min(values), max(values)
    if heading.startswith("S "):
        low, high = min(low, 1.8), max(high, _QUANTUM)
        for level, text in ((_CLASSICAL, "2: local variables"), (_QUANTUM, "2√2: quantum")):
            axes.axhline(level, color=colour("muted"), linewidth=1.0, linestyle=(0, (4, 2)), zorder=2)
            _side(axes, text, level, "muted")
    elif heading.startswith("Coincidences"):
        low = 0.0
    room = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    axes.set_ylim(low - (room if low else 0.0), high + room)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_locator(MaxNLocator(7))
    if min(values) > 0.0 and heading.startswith("Coincidences"):
        axes.set_yscale("log")
        axes.set_ylim(min(values) / 1.3, 1.3 * high)
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    for curve, role, line, text in curves:
        axes.plot(t, curve, color=colour(role), linewidth=2.0, linestyle=line, zorder=3)
        if text:
            mean = sum(curve) / len(curve)
            beside = 0.25 if any(sum(other) / len(other) > mean for other, *_ in curves) else 0.75
            _side(axes, text, beside, role, "axes fraction")
    if not curves[0][3] and not heading.startswith("S "):
        _side(axes, f"{digits(min(curves[0][0]))} to {digits(max(curves[0][0]))}", (low + high) / 2, "ink")
    return axes


def _side(axes: Axes, text: str, height: float, role: str, measure: str = "data") -> None:
    axes.annotate(
        text,
        (1.0, height),
        (10, 0),
        xycoords=("axes fraction", measure),
        textcoords="offset points",
        va="center",
        fontsize=11.0,
        color=colour(role),
    )


def two_qubit_state(real: Matrix, imag: Matrix, of: str, name: str) -> Markup | None:
    """Real and imaginary part as 4 x 4 fields with their numbers; None where no state was kept."""
    if not real:
        return None
    parts = [("real part", real)] + ([("imaginary part", imag)] if imag else [])
    cell, left, top, gap = 47.0, 40.0, 48.0, 46.0
    with style():
        figure = new_figure(left + len(parts) * (4 * cell + gap), top + 4 * cell + 8.0)
        width = figure.get_size_inches()[0] * 72.0
        for index, (heading, matrix) in enumerate(parts):
            start = left + index * (4 * cell + gap)
            axes = axes_px(figure, start, 6.0, width - start - 4 * cell, top)
            _field(axes, heading, matrix)
        trace = sum(real[i][i] for i in range(4))
        told = ", ".join(f"{_STATES[i]} {real[i][i]:.3f}" for i in range(4))
        largest = max(((i, j) for i in range(4) for j in range(i)), key=lambda at: abs(real[at[0]][at[1]]))
        off = f"{_STATES[largest[0]]} to {_STATES[largest[1]]} {real[largest[0]][largest[1]]:.3f}"
        label = f"Density matrix of {of}. Diagonal: {told}; largest coherence: {off}; trace {trace:.3f}"
        return to_svg(figure, name, label.replace("-0.", "−0."))


def _field(axes: Axes, heading: str, matrix: Matrix) -> None:
    axes.set_xlim(0, 4)
    axes.set_ylim(4, 0)
    axes.set_axis_off()
    for row in range(4):
        for column in range(4):
            value = matrix[row][column]
            axes.add_patch(
                Rectangle(
                    (column, row),
                    1,
                    1,
                    facecolor=colour("series-0" if value >= 0.0 else "series-1"),
                    alpha=min(0.75, 1.5 * abs(value)),
                    linewidth=0,
                    zorder=1,
                )
            )
            text = f"{value:.3f}".replace("-", "−") if abs(value) >= 5e-4 else "0"
            axes.text(
                column + 0.5,
                row + 0.5,
                text,
                ha="center",
                va="center",
                fontsize=12.0,
                color=colour("ink" if abs(value) >= 5e-4 else "muted"),
                zorder=3,
            )
    for i in range(5):
        for a, b in (((i, i), (0, 4)), ((0, 4), (i, i))):
            axes.plot(a, b, color=colour("grid"), linewidth=0.8, clip_on=False, zorder=2)
    for i, state in enumerate(_STATES):
        axes.text(i + 0.5, -0.1, f"⟨{state}|", ha="center", va="bottom", fontsize=11.0, color=colour("muted"))
        axes.text(-0.08, i + 0.5, f"|{state}⟩", ha="right", va="center", fontsize=11.0, color=colour("muted"))
    axes.text(0.0, -0.52, heading, ha="left", va="bottom", fontsize=11.5, fontweight="bold", color=colour("ink"))


def _spoken(pair: PairView) -> str:
    told = []
    if pair.coincidences_per_s:
        told.append(f"up to {digits(max(pair.coincidences_per_s))} coincidences per second")
    if pair.loss_db:
        told.append(f"loss {digits(min(pair.loss_db))} to {digits(max(pair.loss_db))} dB")
    if pair.fidelity:
        told.append(f"fidelity {digits(min(pair.fidelity))} to {digits(max(pair.fidelity))}")
    if pair.chsh_s:
        told.append(f"S {digits(min(pair.chsh_s))} to {digits(max(pair.chsh_s))}")
    return ", ".join(told)


def in_words(pair: PairView) -> str:
    """What the run counted, in a sentence."""
    if pair.coincidences is None:
        return ""
    text = f"{digits(pair.coincidences)} coincidences"
    if pair.accidentals is not None:
        text += f" and {digits(pair.accidentals)} accidental ones"
    text += " expected"
    if pair.mean_coincidences_per_s is not None:
        text += f", {digits(pair.mean_coincidences_per_s)} coincidences per second on average"
    if pair.mean_fidelity is not None:
        text += f"; mean fidelity {digits(pair.mean_fidelity)}"
    if pair.mean_chsh_s is not None:
        text += f"; mean S {digits(pair.mean_chsh_s)}"
    if pair.chsh_s:
        above = sum(value > _CLASSICAL for value in pair.chsh_s)
        part = "throughout" if above == len(pair.chsh_s) else "part of the time" if above else "at no time"
        text += f"; S is above 2 {part}"
    return text + "."


def moment(t_s: float | None, calendar: Calendar) -> str:
    """Date and time where the start of the run is known, else the seconds since; nothing of no moment."""
    if t_s is None:
        return ""
    return f"{calendar.text(t_s)} {calendar.zone}" if calendar.start else span(t_s)


def window_moment(window: PairWindow, calendar: Calendar) -> str:
    """When a time of common sight begins."""
    if window.start_s is not None:
        return moment(window.start_s, calendar) or NO_VALUE
    begun = Calendar.parse(window.start_utc)
    return f"{begun.text(0.0)} {begun.zone}" if begun.start else window.start_utc or NO_VALUE


def summary(all_pairs: Mapping[str, PairView]) -> str:
    """The coincidences of all pair links in a clause."""
    count = sum(pair.coincidences or 0.0 for pair in all_pairs.values())
    where = counted(len(all_pairs), "pair of stations", "pairs of stations")
    return (
        f"{digits(count)} coincidences are to be expected between {where}"
        if count
        else f"No coincidence between {where}"
    )
