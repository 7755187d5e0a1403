"""Chains: how long one waits for the next pair of a repeater chain."""

from __future__ import annotations

from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qcisim.report.chain_view import ChainView
from qcisim.report.figure import axes_px, colour, new_figure, quiet, style, to_svg
from qcisim.report.numbers import digits, span

_WIDTH, _HEIGHT = 480.0, 236.0
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def waiting_times(chain: ChainView, title: str, name: str) -> Markup | None:
    """Share of pairs that have come after a time, beside the law of a steady source; None without pairs."""
    if len(chain.quantiles_s) < 2 or not chain.mean_wait_s or chain.quantiles_s[-1] <= 0.0:
        return None
    import numpy as np

    size, unit = next((u for u in _UNITS if chain.quantiles_s[-1] >= u[0]), _UNITS[-1])
    with style():
        figure = new_figure(_WIDTH, _HEIGHT)
        axes = quiet(axes_px(figure, 48.0, 44.0, 14.0, 12.0), grid="y")
        last = chain.quantiles_s[-1] / size
        axes.set_xlim(0.0, last)
        axes.set_ylim(0.0, 1.0)
        t = np.linspace(0.0, last, 120)
        steady = 1.0 - np.exp(-t * size / chain.mean_wait_s)
        axes.plot(t, steady, color=colour("muted"), linewidth=1.2, linestyle=(0, (4, 2)), zorder=2)
        waited = [value / size for value in chain.quantiles_s]
        axes.plot(waited, chain.levels, color=colour("series-0"), linewidth=2.0, marker="o", markersize=4.0, zorder=3)
        mean = chain.mean_wait_s / size
        axes.axvline(mean, color=colour("ink"), linewidth=1.0, zorder=1)
        axes.annotate(
            f"mean {span(chain.mean_wait_s)}",
            (mean, 0.06),
            (6, 0),
            textcoords="offset points",
            fontsize=11.0,
            color=colour("ink"),
        )
        axes.text(0.98 * last, 0.55, "● this chain", ha="right", fontsize=11.0, color=colour("series-0"))
        axes.text(0.98 * last, 0.45, "– – no memory: exponential", ha="right", fontsize=11.0, color=colour("muted"))
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
        axes.set_xlabel(f"time since the pair before, {unit}", color=colour("muted"), fontsize=11.5)
        half = next(
            (q for level, q in zip(chain.levels, chain.quantiles_s, strict=True) if level >= 0.5), chain.quantiles_s[-1]
        )
        label = f"Waiting times of {title}: mean {span(chain.mean_wait_s)}, half of all pairs within {span(half)}"
        return to_svg(figure, name, label)


def in_words(chain: ChainView) -> str:
    """What the chain delivers, in a sentence."""
    if not chain.pairs or chain.pairs_per_s is None or chain.fidelity is None:
        return chain.reason or "No pair came."
    text = f"{digits(chain.pairs_per_s)} pairs per second with fidelity {digits(chain.fidelity)}"
    if chain.key_fraction:
        text += f"; {digits(chain.key_fraction)} secret bits from each, were there pairs without end"
    elif chain.key_fraction is not None:
        text += "; too many errors for any key"
    return f"{text}."
