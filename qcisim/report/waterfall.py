"""Waterfall: where the light of a link goes, in dB, term by term."""

from __future__ import annotations

from markupsafe import Markup

from qcisim.report.bars import Step, cascade
from qcisim.report.figure import axes_px, colour, new_figure, quiet, series_colour, style, to_svg, wrapped
from qcisim.report.numbers import digits
from qcisim.report.view import LinkView, View


def plain(name: str) -> str:
    """A term's name as words."""
    return name.replace("_", " ").strip()


def loss_waterfall(link: LinkView, title: str, name: str) -> Markup | None:
    """The named losses of one link, running to their sum; None where there are none."""
    if not link.losses_db:
        return None
    steps = [Step(plain(term), loss_db, "series-0") for term, loss_db in link.losses_db.items()]
    steps.append(Step("total", link.total_loss_db, "ink", total=True))
    spoken = ", ".join(f"{step.name} {digits(step.value)} dB" for step in steps)
    return cascade(
        steps,
        name,
        f"Loss waterfall of {title}: {spoken}",
        axis="loss in dB",
        value_text=lambda value: f"{value:.2f} dB".replace("-", "−"),
    )


def loss_overview(view: View) -> Markup | None:
    """The losses of all links, one row each, the most lossy on top; None where no link has any."""
    links = sorted((k for k in view.links.values() if k.losses_db), key=lambda k: -k.total_loss_db)
    if not links:
        return None
    terms = list(dict.fromkeys(term for link in links for term in link.losses_db))
    with style():
        names = [wrapped(view.link_name(link.id), 32) for link in links]
        left, width = min(220.0, max(map(len, names)) * 6.9 + 14), 820.0
        legend = 24.0 * -(-len(terms) // 5) + 8
        figure = new_figure(width, 20.0 * len(links) + 40 + legend)
        axes = quiet(axes_px(figure, left, 36, 60, legend), grid="x")
        starts = [0.0] * len(links)
        for index, term in enumerate(terms):
            values = [link.losses_db.get(term, 0.0) for link in links]
            axes.barh(
                range(len(links)),
                values,
                left=starts,
                height=0.68,
                color=series_colour(index),
                label=plain(term),
                linewidth=0,
            )
            starts = [start + value for start, value in zip(starts, values, strict=True)]
        axes.set_ylim(len(links) - 0.5, -0.5)
        axes.set_yticks(range(len(links)), names)
        axes.tick_params(axis="y", colors=colour("ink"))
        for row, link in enumerate(links):
            text = f"{link.total_loss_db:.1f} dB"
            axes.annotate(
                text,
                (starts[row], row),
                (5, 0),
                textcoords="offset points",
                va="center",
                ha="left",
                fontsize=11.5,
                color=colour("ink"),
            )
        axes.set_xlabel("loss in dB", color=colour("muted"), fontsize=11.5)
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
