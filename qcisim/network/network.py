"""Network: nodes, links, domains, and the routes that the trusted-node rule allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Literal, TypeAlias

import networkx as nx

from qcisim.errors import InputError, did_you_mean, require
from qcisim.network.link import Link
from qcisim.network.node import Node
from qcisim.network.route import Route

Weight: TypeAlias = Literal["hops", "fibre_length", "available_key"]
WEIGHTS: tuple[Weight, ...] = ("hops", "fibre_length", "available_key")

SEARCHED = 256
"""Routes that `Network.routes` looks at before it stops."""

_Vertex: TypeAlias = tuple[str, str]  # ("node", id) or ("link", id); a link is a vertex, so parallel links stay apart


class Network:
    """A graph of nodes and links on which key is relayed.

    Every route obeys the trusted-node rule: ends hold keys, everything in between is a trusted node. Equal routes are
    chosen by the order of ids, so a route depends on the network alone and not on the order in which it was written.
    """

    def __init__(self, nodes: Iterable[Node], links: Iterable[Link] = ()) -> None:
        node_list, link_list = list(nodes), list(links)
        self._nodes = {node.id: node for node in sorted(node_list, key=lambda n: n.id)}
        self._links = {link.id: link for link in sorted(link_list, key=lambda k: k.id)}
        require(len(self._nodes) == len(node_list), "two nodes have the same id")
        require(len(self._links) == len(link_list), "two links have the same id")
        for link in self._links.values():
            for end in link.between:
                if end not in self._nodes:
                    hint = did_you_mean(end, self._nodes) or f"known: {', '.join(self._nodes)}"
                    raise InputError(f"link {link.id}: unknown node '{end}' ({hint})")

    @property
    def nodes(self) -> Mapping[str, Node]:
        return MappingProxyType(self._nodes)

    @property
    def links(self) -> Mapping[str, Link]:
        return MappingProxyType(self._links)

    def links_at(self, node: str) -> tuple[Link, ...]:
        """All links that end at ``node``, by id."""
        self._known(node)
        return tuple(link for link in self._links.values() if node in link.between)

    @property
    def domains(self) -> Mapping[str, tuple[str, ...]]:
        """Node ids by the domain that administers them."""
        names = sorted({node.domain for node in self._nodes.values()})
        return {name: tuple(n.id for n in self._nodes.values() if n.domain == name) for name in names}

    @property
    def border_links(self) -> tuple[Link, ...]:
        """Links whose ends are administered by two domains."""
        return tuple(
            link
            for link in self._links.values()
            if self._nodes[link.between[0]].domain != self._nodes[link.between[1]].domain
        )

    def route(
        self,
        source: str,
        target: str,
        weight: Weight = "hops",
        *,
        available_bits: Mapping[str, float] | None = None,
        without: Iterable[str] = (),
    ) -> Route:
        """The best route between two nodes.

        ``hops``: fewest links. ``fibre_length``: least fibre in km. ``available_key``: a relayed key costs one key on
        every link of its route, so a route delivers min over its links of ``available_bits``; the route with the
        largest such minimum, and among those the one with the fewest hops. ``without``: ids of nodes and links that
        must not be used. Raises `InputError` where there is no route, saying why.

        Source: E. W. Dijkstra, Numer. Math. 1, 269 (1959); widest path: M. Pollack, Oper. Res. 8, 733 (1960).
        """
        self._check_weight(weight, available_bits)
        avoid = frozenset(without)
        graph = self._relay_graph(source, target, avoid)
        if weight == "available_key":
            assert available_bits is not None
            graph = self._widest(graph, source, target, available_bits)
        self._refuse_unreachable(graph, source, target, avoid)
        by = {"hops": "hops", "fibre_length": "metres", "available_key": "hops"}[weight]
        return self._as_route(nx.dijkstra_path(graph, ("node", source), ("node", target), weight=by))

    def routes(
        self, source: str, target: str, k: int, *, through: Iterable[str] = (), without: Iterable[str] = ()
    ) -> tuple[Route, ...]:
        """Up to ``k`` routes with the fewest hops; with ``through`` only such as pass one of these nodes.

        They may share nodes and links. At most `SEARCHED` routes are looked at. Raises `InputError` as `route` does
        where there is no route at all.

        Source: J. Y. Yen, Manage. Sci. 17, 712 (1971).
        """
        require(k >= 1, f"k = {k}: wanted at least one route")
        avoid, wanted = frozenset(without), frozenset(through)
        graph = self._relay_graph(source, target, avoid)
        self._refuse_unreachable(graph, source, target, avoid)
        found: list[Route] = []
        for path in islice(
            nx.shortest_simple_paths(graph, ("node", source), ("node", target), weight="hops"), SEARCHED
        ):
            route = self._as_route(path)
            if not wanted or wanted & set(route.nodes):
                found.append(route)
            if len(found) == k:
                break
        return tuple(found)

    def disjoint_routes(
        self, source: str, target: str, k: int, weight: Literal["hops", "fibre_length"] = "hops"
    ) -> tuple[Route, ...]:
        """``k`` routes that share no trusted node and no link, with the least total weight; best first.

        A minimum-cost flow of k units through nodes of capacity one. Raises `InputError` where fewer than k exist.

        Source: J. W. Suurballe, Networks 4, 125 (1974).
        """
        require(k >= 1, f"k = {k}: wanted at least one route")
        self._check_weight(weight, None)
        graph = self._relay_graph(source, target, frozenset())
        self._refuse_unreachable(graph, source, target, frozenset())
        flow_graph, index = _split(graph, source, target, k, "metres" if weight == "fibre_length" else "hops")
        try:
            flow = nx.min_cost_flow(flow_graph)
        except nx.NetworkXUnfeasible:
            raise InputError(f"fewer than {k} node-disjoint routes between {source} and {target}") from None
        names = {number: vertex for vertex, number in index.items()}
        following = {
            names[out // 2]: [names[into // 2] for into, units in edges.items() if units and into // 2 != out // 2]
            for out, edges in flow.items()
            if out % 2
        }
        routes = []
        for first in following[("node", source)]:
            path = [("node", source), first]
            while path[-1] != ("node", target):
                path.append(following[path[-1]][0])
            routes.append(self._as_route(path))
        cost = (lambda r: (r.fibre_length_km, r.hops)) if weight == "fibre_length" else (lambda r: (r.hops, 0))
        return tuple(sorted(routes, key=lambda r: (*cost(r), r.nodes, r.link_ids)))

    def reachable(self, source: str, target: str) -> bool:
        """Whether key can be relayed between the two nodes under the trusted-node rule."""
        return not self.why_unreachable(source, target)

    def why_unreachable(self, source: str, target: str) -> str:
        """The reason why no key can go from ``source`` to ``target``; empty where it can."""
        try:
            graph = self._relay_graph(source, target, frozenset())
            self._refuse_unreachable(graph, source, target, frozenset())
        except InputError as error:
            return str(error)
        return ""

    def _known(self, node: str) -> Node:
        if node not in self._nodes:
            hint = did_you_mean(node, self._nodes) or f"known: {', '.join(self._nodes)}"
            raise InputError(f"unknown node '{node}' ({hint})")
        return self._nodes[node]

    def _check_weight(self, weight: Weight, available_bits: Mapping[str, float] | None) -> None:
        require(weight in WEIGHTS, f"weight {weight!r}: wanted one of {', '.join(WEIGHTS)}")
        if weight == "available_key":
            require(available_bits is not None, "weight available_key needs available_bits of each link")

    def _relay_graph(self, source: str, target: str, avoid: frozenset[str]) -> nx.Graph[_Vertex]:
        """Bipartite graph node - link - node of everything a key from source to target may pass."""
        for end in (source, target):
            if not self._known(end).holds_keys:
                raise InputError(f"node {end} is a hub: a hub holds no key, so no demand can end there")
        if source == target:
            raise InputError(f"source and target are both {source}: a demand joins two nodes")
        usable = {n.id for n in self._nodes.values() if (n.relays and n.id not in avoid) or n.id in (source, target)}
        graph: nx.Graph[_Vertex] = nx.Graph()
        graph.add_nodes_from(("node", node) for node in self._nodes if node in usable)
        for link in self._links.values():
            if link.id not in avoid and set(link.between) <= usable:
                for end, share in zip(sorted(link.between), (0, 1), strict=True):
                    metres = round(link.fibre_length_km * 1e3)
                    graph.add_edge(
                        ("node", end), ("link", link.id), hops=share, metres=metres // 2 + share * (metres % 2)
                    )
        return graph

    def _widest(
        self, graph: nx.Graph[_Vertex], source: str, target: str, available_bits: Mapping[str, float]
    ) -> nx.Graph[_Vertex]:
        """The part of ``graph`` whose links hold at least the largest bottleneck between source and target."""
        links = [vertex for vertex in graph if vertex[0] == "link"]
        levels = sorted({available_bits.get(name, 0.0) for _, name in links} - {0.0}, reverse=True)
        part: nx.Graph[_Vertex] = graph.subgraph([v for v in graph if v[0] == "node"]).copy()
        for level in levels:
            wide = [v for v in graph if v[0] == "node" or available_bits.get(v[1], 0.0) >= level]
            part = graph.subgraph(wide)
            if nx.has_path(part, ("node", source), ("node", target)):
                return part
        empty = [v for v in part if v[0] == "node"]
        return part.subgraph(empty)

    def _refuse_unreachable(self, graph: nx.Graph[_Vertex], source: str, target: str, avoid: frozenset[str]) -> None:
        if nx.has_path(graph, ("node", source), ("node", target)):
            return
        ends = f"no route from {source} to {target}"
        bare: nx.Graph[str] = nx.Graph(link.between for link in self._links.values())
        bare.add_nodes_from(self._nodes)
        if not nx.has_path(bare, source, target):
            raise InputError(f"{ends}: no chain of links joins them")
        kept = bare.subgraph([n for n in bare if n in (source, target) or self._nodes[n].relays])
        if not nx.has_path(kept, source, target):
            path = nx.shortest_path(bare, source, target)
            barred = ", ".join(f"{n} ({self._nodes[n].role})" for n in path[1:-1] if not self._nodes[n].relays)
            raise InputError(f"{ends}: the links pass {barred}, and only nodes of role trusted may relay key")
        if avoid:
            raise InputError(f"{ends} without {', '.join(sorted(avoid))}")
        raise InputError(f"{ends}: no chain of links with key left joins them")

    def _as_route(self, path: list[_Vertex]) -> Route:
        nodes = tuple(name for kind, name in path if kind == "node")
        return Route(nodes, tuple(self._links[name] for kind, name in path if kind == "link"))


def _split(
    graph: nx.Graph[_Vertex], source: str, target: str, units: int, weight: str
) -> tuple[nx.DiGraph[int], dict[_Vertex, int]]:
    """Each vertex v as an arc 2v -> 2v+1 of capacity one, so that a flow passes it once; also returns v by vertex."""
    index = {vertex: number for number, vertex in enumerate(graph)}
    split: nx.DiGraph[int] = nx.DiGraph()
    for vertex, number in index.items():
        demand = units if vertex == ("node", target) else -units if vertex == ("node", source) else 0
        split.add_node(2 * number, demand=-units if demand < 0 else 0)
        split.add_node(2 * number + 1, demand=units if demand > 0 else 0)
        split.add_edge(2 * number, 2 * number + 1, capacity=units if demand else 1, weight=0)
    for first, second, data in graph.edges(data=True):
        for out, into in ((first, second), (second, first)):
            split.add_edge(2 * index[out] + 1, 2 * index[into], capacity=1, weight=data[weight])
    return split, index
