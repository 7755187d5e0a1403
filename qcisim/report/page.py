"""Page: the report of one run as a single HTML file that needs nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from qcisim.errors import EnvironmentFault
from qcisim.report import chains, numbers, pairs, published, service, space, story
from qcisim.report.chain_view import ChainView
from qcisim.report.counting import counting_of
from qcisim.report.entanglement import entanglement_part
from qcisim.report.map import network_map, rate_class
from qcisim.report.map_layout import lines_hidden
from qcisim.report.pair_view import PairView, PairWindow
from qcisim.report.pass_table import degrees
from qcisim.report.programs import programs_part
from qcisim.report.rates import rates_under_ceilings
from qcisim.report.status import status
from qcisim.report.stores import delivered_keys, stored_keys, without_key
from qcisim.report.terms import key_terms, terms_add_up
from qcisim.report.view import LinkView, View, short, view
from qcisim.report.waterfall import loss_overview, loss_waterfall, plain
from qcisim.simulation.result import write_whole

SHEETS = 8  # beyond so many links, only those with the least key get a sheet of their own


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is told of one link in detail; ``assumptions`` are those that the whole run does not share."""

    link: LinkView
    title: str
    losses: Markup | None
    terms: Markup | None
    terms_add_up: bool
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairSheet:
    """What is told of one link that sends pairs; ``drawn_from`` is when its curves begin."""

    pair: PairView
    title: str
    words: str
    curves: Markup | None
    state: Markup | None
    moment: str
    drawn_from: str
    windows: list[tuple[str, PairWindow]]


@dataclass(frozen=True, slots=True)
class ChainSheet:
    """What is told of one chain of repeaters."""

    chain: ChainView
    title: str
    words: str
    waiting: Markup | None
    state: Markup | None


def write_report(result: Any, path: str | os.PathLike[str]) -> Path:
    """Writes the report of ``result`` (a mapping as in result.json, or a Result) to ``path`` and returns the path.

    ``path`` is a file, or a folder that gets ``report.html``. The same result gives the same bytes. Nothing is left
    behind when writing fails.

    Raises:
        InputError: where ``result`` is none.
        EnvironmentFault: where the file cannot be written.
    """
    target = Path(path)
    if target.is_dir():
        target = target / "report.html"
    text = render(view(result))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return write_whole(target, text.encode())
    except OSError as error:
        raise EnvironmentFault(f"{target}: the report cannot be written: {error.strerror}") from None


def render(seen: View) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("qcisim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        scaled=numbers.scaled,
        key=numbers.key,
        risk=numbers.risk,
        whole=numbers.whole,
        digits=numbers.digits,
        scientific=numbers.scientific,
        percent=numbers.percent,
        duration=numbers.duration,
        degrees=degrees,
        span=numbers.span,
        reason=lambda text: space.in_plain(seen, text),
        plain=plain,
        short=short,
        named=lambda node: short(seen.node_name(node)),
    )
    links = list(seen.links.values())
    chosen = links
    if len(links) > SHEETS:
        chosen = sorted(links, key=lambda k: (k.stored_only, k.only_compared, k.secret_bits_per_s))[:SHEETS]
    return environment.get_template("page.html.j2").render(
        view=seen,
        headline=story.headline(seen),
        cards=story.cards(seen),
        stages=story.stages(seen),
        paragraphs=story.paragraphs(seen),
        not_covered=story.not_covered(seen),
        parts=story.parts(seen),
        some_only_compared=len(story.at_work(seen)) < len([k for k in links if not k.stored_only]),
        two_ended=any(link.middle or link.chain is not None for link in links),
        map=network_map(seen) if seen.nodes and (seen.links or seen.entanglement is None) else None,
        stored=stored_keys(seen),
        delivered=delivered_keys(seen),
        without_key=without_key(seen),
        overview=loss_overview(seen) if len(links) > 1 else None,
        sheets=[_sheet(seen, link, number) for number, link in enumerate(chosen) if not link.stored_only],
        sheets_of=len(links),
        rate_class=rate_class,
        counting_of=counting_of,
        share=numbers.share,
        listed=numbers.listed,
        interval=numbers.interval,
        latency=any(d.latency_median_s is not None for d in seen.demands.values()),
        latency_step_s=max((d.latency_step_s or 0.0 for d in seen.demands.values()), default=0.0),
        satellite_lines_hidden=lines_hidden(seen),
        space=space.space_part(seen),
        status=status,
        pairs=[_pair(seen, name, number) for number, name in enumerate(seen.pairs)],
        chains=[_chain(seen, link, number) for number, link in enumerate(links) if link.chain is not None],
        rates=rates_under_ceilings(seen, "rates"),
        service_matrix=service.service_matrix(seen, seen.service) if seen.service else None,
        service_words=service.in_words(seen.service) if seen.service else "",
        service_ends=service.ends(seen.service) if seen.service else [],
        origin_words=service.ORIGIN_WORDS,
        entanglement=entanglement_part(seen),
        programs=programs_part(seen.programs, seen.program_links, seen.duration_s),
        comparisons=published.groups(seen.published),
        comparison_words=published.in_words(seen.published),
    )


def _pair(seen: View, name: str, number: int) -> PairSheet:
    pair, title = seen.pairs[name], seen.link_name(name)
    return PairSheet(
        pair,
        title,
        pairs.in_words(pair),
        pairs.pair_curves(pair, title, f"pair{number}"),
        pairs.two_qubit_state(pair.real, pair.imag, f"the two photons of {title}", f"rho{number}"),
        pairs.moment(pair.rho_t_s, seen.calendar),
        pairs.moment(pair.t_s[0] if pair.t_s else None, seen.calendar),
        [(pairs.window_moment(window, seen.calendar), window) for window in pair.windows],
    )


def _chain(seen: View, link: LinkView, number: int) -> ChainSheet:
    chain, title = link.chain, seen.link_name(link.id)
    assert chain is not None  # asked of links with one
    return ChainSheet(
        chain,
        title,
        chains.in_words(chain),
        chains.waiting_times(chain, title, f"waiting{number}"),
        pairs.two_qubit_state(chain.rho, (), f"the pairs of {title}", f"chain{number}"),
    )


def _sheet(seen: View, link: LinkView, number: int) -> Sheet:
    title = seen.link_name(link.id)
    return Sheet(
        link,
        title,
        loss_waterfall(link, title, f"loss{number}"),
        key_terms(link, title, f"terms{number}"),
        terms_add_up(link),
        tuple(text for text in link.assumptions if text not in {known.text for known in seen.assumptions}),
    )
