"""Waterfall: where the light of a link goes, in dB, term by term."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup
from matplotlib.axes import Axes

from qcisim.report.bars import Step, cascade
from qcisim.report.figure import (
    SERIES,
    axes_px,
    colour,
    new_figure,
    quiet,
    series_colour,
    style,
    tallest,
    to_svg,
    widest,
    wrapped,
)
from qcisim.report.numbers import digits
from qcisim.report.view import LinkView, View

_MOST_DB = 80.0
_STEPS = 40  # of one link; what comes after them is summed
_HATCHES = (None, "////", "....", "xxxx")  # after each round of the colours of the page


def plain(name: str) -> str:
    """A term's name as words."""
    return name.replace("_", " ").strip()


def loss_waterfall(link: LinkView, title: str, name: str) -> Markup | None:
    """The named losses of one link, running to their sum; None where there are none."""
    if not link.losses_db:
        return None
    steps = [Step(plain(term), loss_db, "series-0") for term, loss_db in link.losses_db.items()]
    if len(steps) > _STEPS:
        rest = steps[_STEPS - 1 :]
        steps[_STEPS - 1 :] = [Step(f"{len(rest)} more terms", math.fsum(step.value for step in rest), "series-0")]
    steps.append(Step("total", link.total_loss_db, "ink", total=True))
    spoken = ", ".join(f"{step.name} {digits(step.value)} dB" for step in steps)
    return cascade(
        steps,
        name,
        f"Loss waterfall of {title}: {spoken}",
        axis="loss in dB",
        value_text=lambda value: f"{value:.2f} dB".replace("-", "−"),
    )


def _over_arms(losses_db: Mapping[str, float]) -> dict[str, float]:
    """The terms of arms, "fibre, redu", summed over them; other terms as they are."""
    found: dict[str, float] = {}
    for term, loss_db in losses_db.items():
        name = term.partition(", ")[0]
        found[name] = found.get(name, 0.0) + loss_db
    return found


def loss_overview(view: View) -> Markup | None:
    """The losses of all links, one row each, the most lossy on top; None where no link has any."""
    links = sorted((k for k in view.links.values() if k.losses_db), key=lambda k: -k.total_loss_db)
    if not links:
        return None
    losses = {link.id: _over_arms(link.losses_db) for link in links}
    terms = list(dict.fromkeys(term for link in links for term in losses[link.id]))
    with style():
        names = [wrapped(_named(view, link), 42) for link in links]
        left, width = widest(names) * 6.9 + 14, 820.0
        legend = 24.0 * -(-len(terms) // 5) + 8
        row_px = 20.0 if tallest(names) == 1 else 15.0 * tallest(names)
        figure = new_figure(width, row_px * len(links) + 40 + legend)
        axes = quiet(axes_px(figure, left, 36, 60, legend), grid="x")
        end = _axis_end([link.total_loss_db for link in links])
        starts = [0.0] * len(links)
        for index, term in enumerate(terms):
            values = [losses[link.id].get(term, 0.0) for link in links]
            axes.barh(
                range(len(links)),
                values,
                left=starts,
                height=0.68,
                facecolor=series_colour(index),
                edgecolor=colour("card"),
                hatch=_HATCHES[index // SERIES % len(_HATCHES)],
                label=plain(term),
                linewidth=0,
            )
            starts = [start + value for start, value in zip(starts, values, strict=True)]
        axes.set_xlim(0.0, end)
        axes.set_ylim(len(links) - 0.5, -0.5)
        axes.set_yticks(range(len(links)), names)
        axes.tick_params(axis="y", colors=colour("ink"))
        for row, link in enumerate(links):
            if starts[row] > end:
                _break(axes, row, end)
            axes.annotate(
                f"{link.total_loss_db:.1f} dB",
                (min(starts[row], end), row),
                (5, 0),
                textcoords="offset points",
                va="center",
                ha="left",
                fontsize=11.5,
                color=colour("ink"),
            )
        beyond = "; a broken bar goes on beyond the axis" if max(starts) > end else ""
        axes.set_xlabel(f"loss in dB{beyond}", color=colour("muted"), fontsize=11.5)
        figure.legend(
            loc="upper left",
            ncols=5,
            frameon=False,
            fontsize=11.5,
            labelcolor=colour("ink"),
            borderaxespad=0.1,
            handlelength=1.2,
        )
        worst, best = links[0], links[-1]
        label = (
            f"Losses of {len(links)} links, from {view.link_name(worst.id)} with {digits(worst.total_loss_db)} dB "
            f"to {view.link_name(best.id)} with {digits(best.total_loss_db)} dB"
        )
        return to_svg(figure, "losses", label)


def _named(view: View, link: LinkView) -> str:
    """A link, with its spans where it has several."""
    return view.link_name(link.id) + (f", longest of {link.spans} spans" if link.trusted_relays else "")


def _axis_end(totals: Sequence[float]) -> float:
    """Where the axis ends: links of more than `_MOST_DB` do not crush the others."""
    usual = [total for total in totals if total <= _MOST_DB]
    if not usual or max(totals) <= _MOST_DB:
        return 1.02 * max(totals) or 1.0
    return 1.25 * max(usual) or _MOST_DB


def _break(axes: Axes, row: int, end: float) -> None:
    """Two slanted lines across a bar that goes on beyond the axis."""
    for at in (0.955, 0.967):
        axes.plot(
            [at * end, (at + 0.012) * end],
            [row + 0.42, row - 0.42],
            color=colour("card"),
            linewidth=3.0,
            zorder=4,
        )
