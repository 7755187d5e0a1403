"""Who has key with whom, from where, and at what rate: every pair of nodes on its own, with and without satellites."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx

if TYPE_CHECKING:
    from qcisim.simulation.result import Result
    from qcisim.simulation.scenario import Scenario


def service_of(result: Result, scenario: Scenario) -> dict[str, Any]:
    """The pairs of ``service_between``; empty where the scenario names no nodes.

    A pair's rate is that of its widest path, max over paths of min over links of the key made per second: what the
    pair would get if it were the only one, for a relayed key costs one key on every link. A maximum spanning tree of
    the links holds a widest path of every pair; the route told is the one of that width with the fewest hops. Only
    trusted nodes relay.

    Source: M. Pollack, Oper. Res. 8, 733 (1960); T. C. Hu, Oper. Res. 9, 898 (1961).
    """
    nodes = scenario.service_between
    if not nodes:
        return {}
    satellites = [name for name, node in scenario.nodes.items() if node.satellite is not None]
    whole = _widest(result, scenario, nodes, ())
    fibre = _widest(result, scenario, nodes, satellites)
    without = {name: _widest(result, scenario, nodes, [name]) for name in satellites}
    pairs = []
    for pair in combinations(nodes, 2):
        rate, route = whole[pair]
        on_ground = fibre[pair][0]
        origin = "none" if not rate else "satellite" if not on_ground else "both" if rate > on_ground else "fibre"
        pairs.append(
            {
                "a": pair[0],
                "b": pair[1],
                "bits_per_s": rate,
                "origin": origin,
                "route": route,
                "fibre_only_bits_per_s": on_ground,
                "without": {f"satellite:{name}": others[pair][0] for name, others in without.items()},
            }
        )
    marginal = {
        f"satellite:{name}": {
            "pairs_gained": sum(whole[pair][0] > 0.0 and others[pair][0] == 0.0 for pair in whole),
            "made_bits_per_s": math.fsum(
                link.secret_bits_per_s for link in result.links.values() if name in link.between
            ),
        }
        for name, others in without.items()
    }
    return {"nodes": list(nodes), "pairs": pairs, "marginal": marginal}


def _widest(
    result: Result, scenario: Scenario, nodes: Iterable[str], without: Iterable[str]
) -> Mapping[tuple[str, str], tuple[float, list[str]]]:
    """(bits per second, nodes of the path) of every pair, by the order of ``nodes``; (0, []) where there is no path."""
    avoid, ends = set(without), list(nodes)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(name for name in scenario.nodes if name not in avoid)
    for name, link in result.links.items():
        if scenario.links[name].only_compared:
            continue
        a, b = link.between
        width = max(link.secret_bits_per_s, graph.get_edge_data(a, b, {"width": 0.0})["width"])
        if width and avoid.isdisjoint((a, b)):
            graph.add_edge(a, b, width=width)
    relays = {name for name in graph if scenario.nodes[name].role == "trusted"}
    found: dict[tuple[str, str], tuple[float, list[str]]] = {}
    trees: dict[frozenset[str], nx.Graph[str]] = {}
    for pair in combinations(ends, 2):
        found[pair] = (0.0, [])
        usable = frozenset(relays | (set(pair) & set(graph)))
        if usable not in trees:
            trees[usable] = nx.maximum_spanning_tree(graph.subgraph(usable), weight="width")
        tree = trees[usable]
        if set(pair) <= set(tree) and nx.has_path(tree, *pair):
            path = nx.shortest_path(tree, *pair)
            width = min(tree.edges[edge]["width"] for edge in pairwise(path))
            found[pair] = (width, _shortest(graph.subgraph(usable), pair, width))
    return found


def _shortest(graph: nx.Graph[str], pair: tuple[str, str], width: float) -> list[str]:
    """The path with the fewest hops among those as wide as ``width``."""
    wide = nx.subgraph_view(graph, filter_edge=lambda a, b: graph.edges[a, b]["width"] >= width)
    path: list[str] = nx.shortest_path(wide, *pair)
    return path
