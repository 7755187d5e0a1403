"""Story: what happened, in plain numbers; and what the numbers do not say."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.report import pairs, space
from qcisim.report.counting import counting_of
from qcisim.report.entanglement import in_words
from qcisim.report.numbers import (
    DOWN,
    NEAREST,
    THIN,
    counted,
    duration,
    key,
    listed,
    percent,
    risk,
    scaled,
    scientific,
    share,
    whole,
    word,
)
from qcisim.report.program_view import PROGRAMS
from qcisim.report.programs import in_words as programs_in_words
from qcisim.report.view import LinkView, View, short

_NAMED = 6  # so many links without key are named one by one
_NEARLY = 0.95  # share of its keys from which a demand counts as nearly met


@dataclass(frozen=True, slots=True)
class Card:
    """One number that answers one question."""

    question: str
    answer: str
    detail: str
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage from light to key: how much is left, and how wide its bar is on a logarithmic scale (0 to 1)."""

    name: str
    value: float
    shown: str
    width: float
    note: str


def headline(view: View) -> str:
    """Did everybody get their keys, and if there is no demand, how much key there is; and who got pairs."""
    if view.entanglement is None:
        return _of_keys(view)
    told = in_words(view.entanglement)
    return f"{_of_keys(view)} {told}" if view.links or view.demands else told


def _of_keys(view: View) -> str:
    keyless = [view.link_name(k.id) for k in view.links.values() if not k.makes_key and not k.stored_only]
    span = duration(view.duration_s)
    if view.demands:
        met = [d for d in view.demands.values() if d.met]
        count = len(view.demands)
        if len(met) == count:
            who = {1: "The demand was", 2: "Both demands were"}.get(count, f"All {counted(count, 'demand')} were")
            return f"{who} met: every key that was asked for in {span} was delivered."
        worst = min(view.demands.values(), key=lambda d: d.delivered / d.requested if d.requested else 1.0)
        got = share(worst.delivered, worst.requested)
        opening = (
            f"{word(len(met)).capitalize()} of {counted(count, 'demand')} {'was' if len(met) == 1 else 'were'} met"
        )
        if worst.requested and worst.delivered >= _NEARLY * worst.requested:
            many = word(count).capitalize()
            opening = f"{many} of {counted(count, 'demand')} nearly met: the worst"
            if count == 1:
                opening = "The demand was nearly met: it"
            elif met:
                opening = (
                    f"{word(len(met)).capitalize()} of {counted(count, 'demand')} met, the others nearly: the worst"
                )
            return f"{opening} got {got} of the keys asked for in {span}."
        return f"{opening if met else 'No demand was met'}: {worst.id} got {got} of the keys asked for in {span}."
    if view.pairs and not view.links:
        return f"{pairs.summary(view.pairs)} in {span}."
    if len(keyless) == len(view.links):
        return f"No key was made in {span}."
    total = sum(link.secret_bits for link in view.links.values())
    if len(view.links) == 1:
        return f"{view.link_name(next(iter(view.links)))} made {key(total)} of secret key in {span}."
    return f"{counted(len(view.links), 'link').capitalize()} made {key(total)} of secret key in {span}."


def cards(view: View) -> list[Card]:
    """The numbers to remember."""
    links = at_work(view)
    made = []
    if links:
        total = sum(link.secret_bits for link in links)
        made.append(Card("Secret key made", key(total), f"on {_links(len(links))} in {duration(view.duration_s)}"))
        slowest = min(links, key=lambda k: k.secret_bits_per_s)
        question = "Secret rate" if len(links) == 1 else "Slowest link"
        rate = key(slowest.secret_bits_per_s, "bit/s") if slowest.makes_key else "no key"
        made.append(Card(question, rate, view.link_name(slowest.id), None if slowest.makes_key else False))
    if view.demands:
        asked, got = (sum(getattr(d, f) for d in view.demands.values()) for f in ("requested", "delivered"))
        made.append(Card("Keys delivered", whole(got), f"of {whole(asked)} asked for", got >= asked))
        epsilons = [d.epsilon_per_key for d in view.demands.values() if d.delivered and d.epsilon_per_key is not None]
        if epsilons:
            made.append(Card("Risk of one key", f"ε ≤ {risk(max(epsilons))}", "not secret or not equal, worst demand"))
    rates = [(k.qber, k.id) for k in links if k.qber is not None and k.sifted_bits]
    if rates and len(made) < 4:
        worst = max(rates)
        made.append(
            Card(
                f"{'QBER' if len(rates) == 1 else 'Highest QBER'} (key basis)",
                percent(worst[0]),
                view.link_name(worst[1]),
            )
        )
    if links and len(made) < 4:
        epsilons = [k.epsilon for k in links if k.epsilon is not None and k.makes_key]
        if epsilons:
            made.append(Card("Risk of the key", f"ε ≤ {risk(max(epsilons))}", "all blocks of a link together"))
    return made


def at_work(view: View) -> list[LinkView]:
    """Links that make key for somebody: not those that are only compared, unless there are no others."""
    links = [link for link in view.links.values() if not link.stored_only]
    return [link for link in links if not link.only_compared] or links


def stages(view: View) -> list[Stage]:
    """From light to key, summed over the links that transmit."""
    links = at_work(view)
    if not links:
        return []
    told = counting_of(link.detected for link in links)
    values = [
        (told.sent, sum(k.rounds for k in links)),
        (told.got, sum(k.clicks for k in links)),
        ("sifted bits", sum(k.sifted_bits for k in links)),
        ("corrected bits", sum(k.corrected_bits for k in links)),
        ("secret bits", sum(k.secret_bits for k in links)),
    ]
    values = [v for v in values if v[1] or v[0] != "corrected bits"]
    top = max(1.0, math.log10(max(2.0, values[0][1])))
    stages = []
    for (name, value), before in zip(values, [None, *values], strict=False):
        note = "" if before is None else _step(value, *before)
        shown = scientific(value, 3, DOWN if name == "secret bits" else NEAREST)
        stages.append(Stage(name, value, shown, max(0.0, math.log10(value) / top) if value >= 1 else 0.0, note))
    return stages


def _step(value: float, name: str, before: float) -> str:
    if not value or not before:
        return ""
    if value == before:
        return f"all {name}"
    part = _every(before, value) if before >= 100 * value else share(value, before)
    return f"{part} of the {name}"


def paragraphs(view: View) -> list[str]:
    """The run told in a few sentences."""
    told = []
    links = at_work(view)
    made = stages(view)
    if made:
        sent, clicks = made[0].value, made[1].value
        counted_as = counting_of(link.detected for link in links)
        text = f"In {duration(view.duration_s)}, {_links(len(links))} "
        text += counted_as.story.format(rounds=scientific(sent))
        told.append(f"{text}; {_every(sent, clicks) if clicks else 'none'} {counted_as.one}.")
        if made[-1].value:
            told.append(f"{key(made[-1].value)} of secret key are left of {scaled(made[2].value, 'bit')} sifted.")
    keyless = [link for link in links if not link.makes_key]
    if 0 < len(keyless) <= _NAMED:
        told.append(
            f"No key from {listed([view.link_name(k.id) for k in keyless])}; the reason stands in the link's sheet."
        )
    elif keyless:
        told.append(f"No key from {len(keyless)} of {len(links)} links; the table of links says why.")
    lost = [k for k in links if k.makes_key and k.blocks_accepted < k.blocks]
    if lost:
        rejected = sum(k.blocks - k.blocks_accepted for k in lost)
        blocks = sum(k.blocks for k in links)
        told.append(f"{whole(rejected)} of {whole(blocks)} blocks gave no key; the table of links says why.")
    told += [space.in_words(view)] if view.passes else []
    told += [f"{view.link_name(name)}: {text}" for name, pair in view.pairs.items() if (text := pairs.in_words(pair))]
    told += [programs_in_words(view.programs)] if view.programs else []
    for demand in view.demands.values():
        if demand.sector == PROGRAMS:
            continue  # told with the programs
        names = [short(view.node_name(node)) for node in demand.trusted_nodes]
        who = (
            f", and {listed(names)} could read {'it' if demand.delivered == 1 else 'them'}"
            if names and demand.delivered
            else ""
        )
        ask = (
            f"all {whole(demand.delivered)} keys"
            if demand.met
            else f"{whole(demand.delivered)} of {whole(demand.requested)} keys"
        )
        ends = f"{short(view.node_name(demand.source))} and {short(view.node_name(demand.target))}"
        told.append(
            f"{demand.id.replace('_', ' ').capitalize()}, between {ends}: {ask} of {demand.key_bits}{THIN}bit{who}."
        )
    return told


def _links(count: int) -> str:
    return counted(count, "link")


def _every(sent: float, clicks: float) -> str:
    ratio = sent / clicks
    return f"one in {whole(float(f'{ratio:.2g}'))}" if ratio >= 2 else percent(clicks / sent)


def parts(view: View) -> str:
    """How many nodes, and links of each kind, there are."""
    heralded = len(view.entanglement.links) if view.entanglement is not None else 0
    counts = [(len(view.nodes), "node", ""), (len(view.links), "link", "")]
    counts += [(heralded, "heralded link", ""), (len(view.pairs), "link", " of pairs")]
    told = [f"{count} {noun}{'' if count == 1 else 's'}{more}" for count, noun, more in counts if count]
    return ", ".join(told)


def not_covered(view: View) -> list[tuple[str, str]]:
    """What no theorem of this report promises: (what, why)."""
    items = []
    names = [short(view.node_name(node)) for node in view.trusted_nodes]
    if names:
        items.append(
            ("Trusted nodes", _TRUST.format(names=listed(names), reads="reads" if len(names) == 1 else "read"))
        )
    items += [*(_ALWAYS if view.links else []), *(space.NOT_COVERED if view.passes else [])]
    heralded = view.entanglement.links.values() if view.entanglement is not None else ()
    if heralded:
        items.append(_PAIRS)
    known = {link.status for link in (*view.links.values(), *heralded)}
    statuses = sorted(known & {"estimated", "illustrative", "derived"})
    if statuses:
        items.append(("The input", _INPUT.format(statuses=listed(statuses))))
    return items


_TRUST = (
    "{names} {reads} every key relayed there. The ε of a relayed key says nothing about an intruder in such a node, "
    "nor about the people and machines that work in it."
)
_PAIRS = (
    "Pairs",
    "Rates and fidelities are those of a model of the devices, and no test of the pairs is simulated: whoever relies "
    "on them against somebody has to estimate their fidelity from measured ones.",
)
_INPUT = (
    "Lengths marked {statuses} are not measurements, and losses are assumptions unless a source says otherwise. The "
    "rates follow from them."
)
_ALWAYS = [
    (
        "Side channels",
        "The theorems speak about ideal devices. Detectors that are blinded or differ in efficiency, light sent in to "
        "read the modulators, sources that leak their setting, and emissions of the electronics are outside of them.",
    ),
    (
        "Randomness and first key",
        "Choices of basis, bit and intensity are taken as uniform and private, and the first authentication key as "
        "shared beforehand and secret.",
    ),
    (
        "Denial of service",
        "An attacker who cuts a fibre or blinds a receiver gets no key, and neither does anybody else.",
    ),
    (
        "Key management",
        "Once a key leaves its block it is protected by key managers, their disks and TLS: by computational "
        "cryptography and by care, not by physics.",
    ),
    (
        "Simulated key",
        "The bits of this run come from a pseudo-random generator with a published seed. They show how much key there "
        "would be; they protect nothing.",
    ),
]
