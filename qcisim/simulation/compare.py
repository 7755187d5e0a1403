"""Ways to bring key between the same two nodes, side by side: rate, whom to trust, what the numbers rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from qcisim.simulation.fields import Problem
from qcisim.simulation.known import fact, known

if TYPE_CHECKING:
    from qcisim.simulation.result import Result
    from qcisim.simulation.scenario import Comparison, Link, Scenario

STATUSES = ("illustrative", "estimated", "derived", "announced", "measured")
EXPERIMENTAL = "experimental"


def comparisons_of(result: Result, scenario: Scenario) -> tuple[dict[str, Any], ...]:
    """Each comparison of the scenario with what the run found on the links of its ways."""
    return tuple(
        {
            "between": list(one.between),
            "text": one.text,
            "ways": [_way(result, scenario, one, index) for index in range(len(one.ways))],
        }
        for one in scenario.compare
    )


def _way(result: Result, scenario: Scenario, comparison: Comparison, index: int) -> dict[str, Any]:
    """A relayed key costs one key on every link of the way: its rate is that of the poorest one."""
    way = comparison.ways[index]
    links = {name: scenario.links[name] for name in way.links if name in scenario.links}
    if len(links) < len(way.links):
        gone = ", ".join(name for name in way.links if name not in links)
        return {"name": way.name, "links": list(way.links), "reason": f"left out of this run: {gone}"}
    nodes = route(comparison.between[0], list(links.values()))
    found = {name: result.links[name] for name in links}
    limiting = min(found, key=lambda name: found[name].secret_bits_per_s)
    relays = sum(link.fibre.trusted_relays for link in links.values() if link.fibre is not None)
    return {
        "name": way.name,
        "links": list(links),
        "route": nodes,
        "bits_per_s": found[limiting].secret_bits_per_s,
        "limiting_link": limiting,
        "trusted": nodes[1:-1],
        "trusted_relays": relays,
        "untrusted": [link.middle for link in links.values() if link.middle is not None],
        "status": min((link.status for link in links.values()), key=STATUSES.index),
        "protocols": list(dict.fromkeys(link.protocol.name for link in links.values())),
        "claim": _claim(list(links.values())),
        "reason": found[limiting].reason if not found[limiting].secret_bits else "",
        "text": way.text,
    }


def _claim(links: Sequence[Link]) -> str:
    """What kind of number the rate is, by the weakest bound on the way."""
    if any(link.key_source == "stored" for link in links):
        return "keys stored at the start"
    bounds = {link.protocol.bound for link in links}
    if any(fact("bound", name, "finite_size") != "yes" for name in bounds):
        return "limit of long blocks, no claim"
    if any(known("bound")[name].source.startswith(EXPERIMENTAL) for name in bounds):
        return "finite key, experimental bound"
    return "finite key"


def route(start: str, links: Sequence[Link]) -> list[str]:
    """The nodes from ``start`` on, along links that follow each other; it ends where they do not."""
    nodes = [start]
    for link in links:
        if nodes[-1] not in link.between:
            break
        nodes.append(link.between[1 - link.between.index(nodes[-1])])
    return nodes


def comparison_problems(scenario: Scenario) -> Iterator[Problem]:
    """Ways over links that are not there, or that do not lead from one node to the other over trusted nodes."""
    for i, comparison in enumerate(scenario.compare):
        start, goal = comparison.between
        for j, way in enumerate(comparison.ways):
            path = ("compare", i, "ways", j, "links")
            gone = [k for k, name in enumerate(way.links) if name not in scenario.links]
            for k in gone:
                listed = ", ".join(list(scenario.links)[:10])
                yield Problem((*path, k), "a link of this scenario", f"'{way.links[k]}'", f"links: {listed}")
            if gone or not {start, goal} <= set(scenario.nodes):
                continue
            nodes = route(start, [scenario.links[name] for name in way.links])
            if len(nodes) <= len(way.links) or nodes[-1] != goal:
                got = f"a way that ends at '{nodes[-1]}'"
                yield Problem(path, f"links in a row from '{start}' to '{goal}'", got)
            elif blind := [node for node in nodes[1:-1] if scenario.nodes[node].role != "trusted"]:
                hint = "only nodes with the role trusted relay keys"
                yield Problem(path, "a way over trusted nodes", f"one over '{blind[0]}'", hint)
