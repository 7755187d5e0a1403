"""What a scenario must hold as a whole: names that exist, roles that fit, demands that keys can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from qcisim.errors import did_you_mean
from qcisim.simulation.chain_checks import chain_problems
from qcisim.simulation.compare import comparison_problems
from qcisim.simulation.coordinates import swapped_coordinates
from qcisim.simulation.entanglement_checks import entanglement_problems, heralded_problems
from qcisim.simulation.fields import Problem
from qcisim.simulation.hub_checks import hub_link_problems, hub_problems
from qcisim.simulation.known import fact, known, preset_value
from qcisim.simulation.pair_checks import measures_pairs, pair_problems
from qcisim.simulation.program_checks import program_problems
from qcisim.simulation.space_checks import space_problems

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Link, Scenario

Path: TypeAlias = tuple[str | int, ...]


def problems(scenario: Scenario) -> Iterator[Problem]:
    """Everything wrong that no single field shows."""
    if not scenario.links and not scenario.pairs:
        yield Problem(("links",), "at least one link, or pairs", "neither")
    yield from _names(scenario)
    yield from swapped_coordinates(scenario)
    unknown = list(_unknown_nodes(scenario))
    yield from unknown
    yield from entanglement_problems(scenario)
    for key, link in scenario.links.items():
        if link.heralded is not None:
            yield from heralded_problems(scenario, ("links", key), link)
        elif link.pair_source is not None and link.key_source != "stored":
            yield from pair_problems(scenario, ("links", key), link)
        elif link.chain is not None and link.key_source != "stored":
            yield from chain_problems(scenario, ("links", key), link)
        else:
            yield from _link(("links", key), link, scenario.duration_s, scenario.resolution_of(key))
    if not unknown:
        yield from space_problems(scenario)
        yield from hub_problems(scenario)
        yield from comparison_problems(scenario)
        yield from _roles(scenario)
        yield from _unreachable(scenario)
        yield from program_problems(scenario)
    yield from _limits(scenario)


def _names(scenario: Scenario) -> Iterator[Problem]:
    for section in ("nodes", "links", "demands", "saes", "pairs", "programs"):
        seen: dict[str, str] = {}
        for key in getattr(scenario, section):
            if (other := seen.setdefault(key.lower(), key)) != key:
                yield Problem(
                    (section, key), "names that differ by more than capitals", f"'{other}' and '{key}'", at_key=True
                )
    titles: dict[str, str] = {}
    for key, node in scenario.nodes.items():
        if node.name and (other := titles.setdefault(node.name, key)) != key:
            yield Problem(
                ("nodes", key, "name"), "a name for each node", f"'{node.name}' again", f"it is the name of '{other}'"
            )


def _unknown_nodes(scenario: Scenario) -> Iterator[Problem]:
    named: list[tuple[Path, str]] = []
    for key, link in scenario.links.items():
        named += [(("links", key, "between", i), node) for i, node in enumerate(link.between)]
        if link.hub is not None:
            named.append((("links", key, "hub"), link.hub))
        if link.pair_source is not None:
            named.append((("links", key, "pair_source", "node"), link.pair_source.node))
        if link.chain is not None:
            named += [(("links", key, "chain", "repeaters", i), node) for i, node in enumerate(link.chain.repeaters)]
    for key, demand in scenario.demands.items():
        named += [(("demands", key, "from"), demand.from_node), (("demands", key, "to"), demand.to_node)]
    named += [(("saes", key, "node"), sae.node) for key, sae in scenario.saes.items()]
    for n, one in enumerate(scenario.compare):
        named += [(("compare", n, "between", i), node) for i, node in enumerate(one.between)]
    named += [(("service_between", i), node) for i, node in enumerate(scenario.service_between)]
    for key, pairs in scenario.pairs.items():
        named += [(("pairs", key, "between", i), node) for i, node in enumerate(pairs.between)]
        named.append((("pairs", key, "source_node"), pairs.source_node))
    for key, spec in scenario.programs.items():
        named += [(("programs", key, "roles", role), node) for role, node in spec.roles.items()]
        named += [(("programs", key, "swap_at", i), node) for i, node in enumerate(spec.swap_at)]
    for path, node in named:
        if node not in scenario.nodes:
            hint = did_you_mean(node, scenario.nodes) or f"nodes: {', '.join(list(scenario.nodes)[:10])}"
            yield Problem(path, "a node of this scenario", f"'{node}'", hint)


def _link(path: Path, link: Link, duration_s: float, resolution: str) -> Iterator[Problem]:
    if link.key_source == "stored":
        if link.initial_keys == 0:
            yield Problem((*path, "initial_keys"), "keys to start with, as key_source is stored", "0")
        return
    unregistered = list(_unregistered(path, link))
    yield from unregistered
    if not unregistered:
        yield from hub_link_problems(path, link)
        if "/" not in link.protocol.name and measures_pairs(link.protocol.name):
            got = f"'{link.protocol.name}', in which both ends measure pairs"
            hint = "a link for it has arms and a pair_source, or a chain"
            yield Problem((*path, "protocol", "name"), "a protocol in which one end sends", got, hint)
        elif link.source.kind != "four_intensity" and link.hub is None:
            yield from _bound(path, link)
        yield from _gate(path, link)
        yield from _relays(path, link, resolution)
        period_s = 1.0 / link.source.clock_hz
        if duration_s < 2.0 * period_s:
            wanted = f"at least two rounds of the link '{path[-1]}', {2.0 * period_s:g} s"
            yield Problem(("duration_s",), wanted, f"{duration_s:g} s")


def _relays(path: Path, link: Link, resolution: str) -> Iterator[Problem]:
    if link.fibre is not None and link.fibre.trusted_relays and resolution == "clicks":
        wanted = "resolution counts or rates on a link with trusted_relays"
        hint = "or write the relays as nodes and the legs between them as links"
        yield Problem((*path, "fibre", "trusted_relays"), wanted, "clicks", hint)


def _unregistered(path: Path, link: Link) -> Iterator[Problem]:
    named = [
        ("a detector", "detector", ("receiver", "detector", "preset"), link.receiver.detector.preset),
        ("a bound", "bound", ("protocol", "bound"), link.protocol.bound),
    ]
    if "/" not in link.protocol.name:  # with a slash it is a folder, which is looked at when the link is built
        named.append(("a protocol", "protocol", ("protocol", "name"), link.protocol.name))
    if link.attack is not None:
        named.append(("an attack", "attack", ("attack", "name"), link.attack.name))
    for wanted, kind, field, name in named:
        if name not in known(kind):
            hint = did_you_mean(name, known(kind)) or f"known: {', '.join(known(kind))}"
            yield Problem((*path, *field), f"{wanted} that `qcisim list {kind}` shows", f"'{name}'", hint)


def _bound(path: Path, link: Link) -> Iterator[Problem]:
    """What the bound asks of the source and of the length rule; its registry entry says it."""
    mu, bound = link.source.intensities, link.protocol.bound
    listed = ", ".join(f"{x:g}" for x in mu)
    where = (*path, "source", "intensities")
    settings = [word for word in fact("bound", bound, "settings").replace(",", " ").split() if word.isdecimal()]
    single = link.source.kind == "single_photon"
    if settings == ["1"] and not single:
        yield Problem(
            (*path, "protocol", "bound"), "a bound for decoy states", f"'{bound}'", "it holds for single photons"
        )
    elif single and settings and "1" not in settings:
        hint = "tomamichel2012 is the one for single photons"
        yield Problem((*path, "protocol", "bound"), "a bound for single photons", f"'{bound}'", hint)
    elif single:
        pass
    elif settings and (str(len(mu)) not in settings or len(mu) == 1):
        counts = " or ".join(word for word in settings if word != "1")
        yield Problem(where, f"{counts} intensities for the bound {bound}", f"{len(mu)} ({listed})")
    elif len(mu) == 3 and mu[0] <= mu[1] + mu[2]:
        yield Problem(where, f"mu1 > mu2 + mu3 for the bound {bound}", listed)
    elif len(mu) == 2 and mu[1] == 0.0:
        yield Problem(where, f"mu1 > mu2 > 0 for the bound {bound}", listed)
    if link.protocol.length_rule == "variable" and fact("bound", bound, "length_policy") == "fixed only":
        got = f"'variable', which {bound} does not cover"
        yield Problem((*path, "protocol", "length_rule"), "the length rule fixed", got)


def _gate(path: Path, link: Link) -> Iterator[Problem]:
    detector, period_s = link.receiver.detector, 1.0 / link.source.clock_hz
    gate_s = detector.gate_s or preset_value(detector.preset, "gate_s")
    if gate_s > period_s * (1.0 + 1e-9):
        got = f"{gate_s:g} s" + (f", the gate of {detector.preset}" if detector.gate_s is None else "")
        wanted = f"a gate no longer than the clock period, {period_s:g} s"
        yield Problem((*path, "receiver", "detector", "gate_s"), wanted, got)


def _roles(scenario: Scenario) -> Iterator[Problem]:
    for key, link in scenario.key_links.items():
        for i, node in enumerate(link.between):
            if scenario.nodes[node].role == "hub":
                hint = "a hub is untrusted and only measures: give the node the role trusted, or end"
                wanted = f"an end or trusted node for {link.protocol.name}"
                yield Problem(("links", key, "between", i), wanted, f"the hub '{node}'", hint)
    for key, demand in scenario.demands.items():
        for name, node in (("from", demand.from_node), ("to", demand.to_node)):
            if scenario.nodes[node].role == "hub":
                yield Problem(
                    ("demands", key, name), "an end or trusted node", f"the hub '{node}'", "no keys are kept at a hub"
                )
    for key, sae in scenario.saes.items():
        if scenario.nodes[sae.node].role == "hub":
            yield Problem(
                ("saes", key, "node"), "an end or trusted node", f"the hub '{sae.node}'", "no keys are kept at a hub"
            )


def _unreachable(scenario: Scenario) -> Iterator[Problem]:
    neighbours: dict[str, set[str]] = {node: set() for node in scenario.nodes}
    for link in scenario.key_links.values():
        if link.only_compared:
            continue
        a, b = link.between
        neighbours[a].add(b)
        neighbours[b].add(a)
    for key, demand in scenario.key_demands.items():
        start, goal = demand.from_node, demand.to_node
        if start == goal:
            yield Problem(("demands", key, "to"), "another node than 'from'", f"'{goal}' twice")
            continue
        trusted = _reach(neighbours, start, lambda node: scenario.nodes[node].role == "trusted")
        if goal in trusted:
            continue
        hint = ""
        if goal in _reach(neighbours, start, lambda node: True):
            hint = "links exist, but only nodes with the role trusted relay keys"
        got = f"no path of links from '{start}' to '{goal}'" + (" over trusted nodes" if hint else "")
        yield Problem(("demands", key), "a demand that keys can reach", got, hint)


def _reach(neighbours: dict[str, set[str]], start: str, relays: Callable[[str], bool]) -> set[str]:
    reached, edge = {start}, [start]
    while edge:
        node = edge.pop()
        if node != start and not relays(node):
            continue
        new = neighbours[node] - reached
        reached |= new
        edge += sorted(new)
    return reached


def _limits(scenario: Scenario) -> Iterator[Problem]:
    limits = scenario.key_managers
    for name in ("default_key_bits", "min_key_bits", "max_key_bits"):
        if getattr(limits, name) % 8:
            yield Problem(("key_managers", name), "a multiple of 8", str(getattr(limits, name)))
    if not limits.min_key_bits <= limits.default_key_bits <= limits.max_key_bits:
        wanted = f"a size from min_key_bits = {limits.min_key_bits} to max_key_bits = {limits.max_key_bits}"
        yield Problem(("key_managers", "default_key_bits"), wanted, str(limits.default_key_bits))
    for key, demand in scenario.key_demands.items():
        if demand.key_bits % 8:
            yield Problem(("demands", key, "key_bits"), "a multiple of 8", str(demand.key_bits))
