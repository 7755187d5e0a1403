"""A scenario without some of its parts: what a satellite, a node or a link is worth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qcisim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario

KINDS = ("satellite", "node", "link")


def in_service(scenario: Scenario) -> Scenario:
    """``scenario`` without links that are only compared or make no keys, and without the nodes that only those need.

    Demands for pairs and programs go too: key managers do not serve them.
    """
    scenario = _of_keys(scenario)
    compared = {k: link for k, link in scenario.links.items() if link.only_compared or k not in scenario.key_links}
    if not compared:
        return scenario
    used = {
        node for key, link in scenario.links.items() if key not in compared for node in (*link.between, link.middle)
    }
    used |= {node for demand in scenario.demands.values() for node in (demand.from_node, demand.to_node)}
    used |= {sae.node for sae in scenario.saes.values()}
    idle = {node for link in compared.values() for node in link.between} - used
    return without(scenario, [*(f"link:{key}" for key in compared), *(f"node:{node}" for node in sorted(idle))])


def _of_keys(scenario: Scenario) -> Scenario:
    """``scenario`` with its demands for keys alone."""
    if not scenario.pair_demands and not scenario.programs:
        return scenario
    return scenario.model_copy(update={"demands": scenario.key_demands, "programs": {}})


def without(scenario: Scenario, parts: Iterable[str]) -> Scenario:
    """``scenario`` without the named parts, each ``satellite:NAME``, ``node:NAME`` or ``link:NAME``.

    With a node go its links, applications and pairs of photons. Demands stay, also those that nothing can serve any
    more: their keys are asked for and not delivered. Raises `InputError` for a part that is not there.
    """
    parts = tuple(parts)
    if not parts:
        return scenario
    gone_nodes, gone_links = set[str](), set[str]()
    for part in parts:
        kind, colon, name = part.partition(":")
        if not colon or kind not in KINDS:
            hint = did_you_mean(kind, KINDS)
            told = f"--without {part}: wanted satellite:NAME, node:NAME or link:NAME"
            raise InputError(f"{told} ({hint})" if hint else told)
        known = {
            "satellite": [key for key, node in scenario.nodes.items() if node.satellite is not None],
            "node": list(scenario.nodes),
            "link": list(scenario.links),
        }[kind]
        if name not in known:
            hint = did_you_mean(name, known) or (f"there are: {', '.join(known)}" if known else f"there is no {kind}")
            raise InputError(f"--without {part}: no such {kind} ({hint})")
        (gone_links if kind == "link" else gone_nodes).add(name)
    links = {
        key: link
        for key, link in scenario.links.items()
        if key not in gone_links and gone_nodes.isdisjoint((*link.between, link.middle))
    }
    pairs = {key: one for key, one in scenario.pairs.items() if gone_nodes.isdisjoint((*one.between, one.source_node))}
    ends = {node for demand in scenario.demands.values() for node in (demand.from_node, demand.to_node)}
    if lost := sorted(ends & gone_nodes):
        raise InputError(f"--without: a demand ends at {', '.join(lost)}, which has to stay")
    for key, spec in scenario.programs.items():
        if lost := [node for node in (*spec.roles.values(), *spec.swap_at) if node in gone_nodes]:
            raise InputError(f"--without: program {key} runs at {lost[0]}, which has to stay")
    smaller = scenario.model_copy(
        update={
            "nodes": {key: node for key, node in scenario.nodes.items() if key not in gone_nodes},
            "links": links,
            "pairs": pairs,
            "saes": {key: sae for key, sae in scenario.saes.items() if sae.node not in gone_nodes},
            "programs": {
                key: spec.model_copy(update={"links": tuple(link for link in spec.links if link in links)})
                if spec.links
                else spec
                for key, spec in scenario.programs.items()
            },
            "service_between": tuple(node for node in scenario.service_between if node not in gone_nodes),
        }
    )
    smaller._without = (*scenario._without, *parts)
    return smaller
