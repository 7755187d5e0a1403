"""Routes, the trusted-node rule, domains and delay."""

from __future__ import annotations

import itertools
import random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.errors import InputError, PhysicsError
from qcisim.network import Link, Network, Node, Role, Route


def test_the_flagship_route_names_its_trusted_nodes(belux: Network) -> None:
    route = belux.route("brussels", "luxembourg")
    assert route.trusted_nodes == ("namur", "redu", "arlon")
    assert route.link_ids == ("brussels-namur", "namur-redu", "redu-arlon", "arlon-luxembourg")
    assert route.fibre_length_km == pytest.approx(84.3 + 82.9 + 87.0 + 45.0)
    assert (route.source, route.target, route.hops) == ("brussels", "luxembourg", 4)


def test_latency_is_group_index_times_length_over_c() -> None:
    """G.652 fibre, n_g = 1.468: 4.897 us/km."""
    assert Link("a", ("p", "q"), 100.0).delay_s == pytest.approx(489.7e-6, abs=0.05e-6)


def test_domains_and_the_border(belux: Network) -> None:
    assert belux.domains == {"BE": ("arlon", "brussels", "namur", "redu"), "LU": ("luxembourg",)}
    assert [link.id for link in belux.border_links] == ["arlon-luxembourg"]
    assert [link.id for link in belux.links_at("redu")] == ["namur-redu", "redu-arlon"]
    assert Node("x", "X", 0, 0, country="BE", domain="Belnet").domain == "Belnet"


def test_an_end_node_relays_nothing() -> None:
    nodes = [Node(n, n, 50.0, 5.0 + i, role="end") for i, n in enumerate("abc")]
    network = Network(nodes, [Link("ab", ("a", "b"), 1.0), Link("bc", ("b", "c"), 1.0)])
    assert network.reachable("a", "b")
    assert not network.reachable("a", "c")
    with pytest.raises(InputError, match=r"no route from a to c: the links pass b \(end\), and only nodes of role tru"):
        network.route("a", "c")


def test_a_hub_neither_relays_nor_holds(star: Network) -> None:
    assert star.why_unreachable("a", "b") == (
        "no route from a to b: the links pass hub (hub), and only nodes of role trusted may relay key"
    )
    assert star.why_unreachable("a", "hub") == "node hub is a hub: a hub holds no key, so no demand can end there"


def test_why_unreachable_says_which_of_the_reasons(belux: Network) -> None:
    islands = Network([*belux.nodes.values(), Node("porto", "Porto", 41.15, -8.61, "PT")], belux.links.values())
    assert (
        islands.why_unreachable("brussels", "porto") == "no route from brussels to porto: no chain of links joins them"
    )
    assert islands.why_unreachable("brussels", "brussel") == "unknown node 'brussel' (did you mean 'brussels'?)"
    assert "a demand joins two nodes" in islands.why_unreachable("redu", "redu")
    assert islands.why_unreachable("brussels", "luxembourg") == ""
    with pytest.raises(InputError, match="no route from brussels to luxembourg without redu-arlon"):
        belux.route("brussels", "luxembourg", without=["redu-arlon"])
    with pytest.raises(InputError, match="no chain of links with key left"):
        belux.route("brussels", "luxembourg", "available_key", available_bits={"brussels-namur": 1.0})


def diamond() -> Network:
    """a - b - d short and poor, a - c - e - d long and rich, and a second link a - b."""
    nodes = [Node(n, n, 50.0, 5.0, role="end" if n in "ad" else "trusted") for n in "abcde"]
    lengths = {"ab": 10, "ab2": 30, "bd": 100, "ac": 20, "ce": 20, "ed": 20}
    return Network(nodes, [Link(name, (name[0], name[1]), float(km)) for name, km in lengths.items()])


def test_each_weight_has_its_own_best_route() -> None:
    network = diamond()
    assert network.route("a", "d").link_ids == ("ab", "bd")
    assert network.route("a", "d", "fibre_length").link_ids == ("ac", "ce", "ed")
    bits = {"ab": 5.0, "ab2": 50.0, "bd": 40.0, "ac": 30.0, "ce": 90.0, "ed": 90.0}
    assert network.route("a", "d", "available_key", available_bits=bits).link_ids == ("ab2", "bd")
    bits["bd"] = 20.0
    assert network.route("a", "d", "available_key", available_bits=bits).link_ids == ("ac", "ce", "ed")
    with pytest.raises(PhysicsError, match="available_key needs available_bits"):
        network.route("a", "d", "available_key")
    with pytest.raises(PhysicsError, match="weight 'lengths'"):
        network.route("a", "d", "lengths")  # type: ignore[arg-type]  # a wrong name on purpose


def test_disjoint_routes_share_neither_node_nor_link() -> None:
    network = diamond()
    first, second = network.disjoint_routes("a", "d", 2)
    assert first.link_ids[1:] == ("bd",)
    assert second.link_ids == ("ac", "ce", "ed")
    assert [r.link_ids for r in network.disjoint_routes("a", "b", 2)] == [("ab",), ("ab2",)]
    with pytest.raises(InputError, match="fewer than 3 node-disjoint routes between a and d"):
        network.disjoint_routes("a", "d", 3)
    with pytest.raises(PhysicsError, match="at least one route"):
        network.disjoint_routes("a", "d", 0)


def test_least_total_weight_may_avoid_the_shortest_route() -> None:
    """The trap of Suurballe's problem: the shortest path a-b-c-d blocks every second one."""
    nodes = [Node(n, n, 50.0, 5.0, role="trusted") for n in "abcd"]
    lengths = {"ab": 1, "bc": 1, "cd": 1, "ac": 3, "bd": 3}
    network = Network(nodes, [Link(name, (name[0], name[1]), float(km)) for name, km in lengths.items()])
    assert network.route("a", "d", "fibre_length").link_ids == ("ab", "bc", "cd")
    routes = network.disjoint_routes("a", "d", 2, "fibre_length")
    assert {r.link_ids for r in routes} == {("ab", "bd"), ("ac", "cd")}


NODES = "abcdef"
PAIRS = list(itertools.combinations(NODES, 2))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    roles: list[Role] = draw(st.lists(st.sampled_from(["end", "trusted", "trusted", "hub"]), min_size=6, max_size=6))
    nodes = [Node(n, n, 50.0, 5.0, role=role) for n, role in zip(NODES, roles, strict=True)]
    edges = draw(st.lists(st.tuples(st.sampled_from(PAIRS), st.integers(1, 50)), max_size=12))
    return Network(nodes, [Link(f"l{i:02}", pair, km) for i, (pair, km) in enumerate(edges)])


def all_routes(network: Network) -> list[Route]:
    """Oracle: every simple path a to f that the rule allows, by exhaustion."""
    multi: nx.MultiGraph[str] = nx.MultiGraph()
    multi.add_nodes_from(network.nodes)
    multi.add_edges_from((*link.between, link.id) for link in network.links.values())
    routes = [
        Route(("a", *(edge[1] for edge in path)), tuple(network.links[edge[2]] for edge in path))
        for path in nx.all_simple_edge_paths(multi, "a", "f")
    ]
    return [r for r in routes if all(network.nodes[n].relays for n in r.trusted_nodes)]


@given(networks())
@settings(deadline=None, max_examples=150)
def test_routes_equal_exhaustion(network: Network) -> None:
    possible = all_routes(network) if all(network.nodes[n].holds_keys for n in "af") else []
    assert network.reachable("a", "f") == bool(possible)
    if not possible:
        with pytest.raises(InputError):
            network.route("a", "f")
        return
    assert network.route("a", "f").hops == min(r.hops for r in possible)
    assert network.route("a", "f", "fibre_length").fibre_length_km == min(r.fibre_length_km for r in possible)
    bits = {name: link.fibre_length_km % 7 for name, link in network.links.items()}
    widest = max((min(bits[k] for k in r.link_ids), -r.hops) for r in possible)
    if widest[0] > 0:
        route = network.route("a", "f", "available_key", available_bits=bits)
        assert (min(bits[k] for k in route.link_ids), -route.hops) == widest
    for k in (2, 3):
        disjoint = [
            group
            for group in itertools.combinations(possible, k)
            if len({n for r in group for n in r.trusted_nodes}) == sum(len(r.trusted_nodes) for r in group)
            and len({n for r in group for n in r.link_ids}) == sum(r.hops for r in group)
        ]
        if disjoint:
            found = network.disjoint_routes("a", "f", k, "fibre_length")
            best = min(sum(r.fibre_length_km for r in group) for group in disjoint)
            assert sum(r.fibre_length_km for r in found) == best
            assert [r.fibre_length_km for r in found] == sorted(r.fibre_length_km for r in found)
        else:
            with pytest.raises(InputError):
                network.disjoint_routes("a", "f", k, "fibre_length")


@given(networks(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_routes_do_not_depend_on_the_order_of_writing(network: Network, order: random.Random) -> None:
    nodes, links = list(network.nodes.values()), list(network.links.values())
    order.shuffle(nodes)
    order.shuffle(links)
    other = Network(nodes, links)
    assert network.why_unreachable("a", "f") == other.why_unreachable("a", "f")
    if network.reachable("a", "f"):
        assert network.route("a", "f") == other.route("a", "f")
        assert network.route("a", "f", "fibre_length") == other.route("a", "f", "fibre_length")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Node("", "x", 0, 0), "needs an id"),
        (lambda: Node("x", "x", float("nan"), 0), "latitude nan"),
        (lambda: Node("x", "x", 0, 200), "longitude 200"),
        (lambda: Node("x", "x", 0, 0, role="relay"), "role 'relay': wanted one of end, trusted, hub"),  # type: ignore[arg-type]  # a wrong name on purpose
        (lambda: Link("l", ("a", "a")), "both ends at a"),
        (lambda: Link("l", ("a", "b"), -1.0), "not negative"),
        (lambda: Link("l", ("a", "b"), float("inf")), "finite"),
        (lambda: Link("l", ("a", "b"), group_index=0.9), "nothing is faster than light"),
        (lambda: Link("l", ("a", "b"), status="guess"), "status 'guess'"),  # type: ignore[arg-type]  # a wrong name on purpose
        (lambda: Link("l", ("a", "b")).other("c"), "joins a and b, not c"),
        (lambda: Route(("a", "b"), ()), "one node more"),
        (lambda: Route(("a",), ()), "at least one link"),
        (lambda: Route(("a", "c"), (Link("l", ("a", "b")),)), "does not join a and c"),
        (lambda: Route(("a", "b", "a"), (Link("l", ("a", "b")), Link("m", ("a", "b")))), "visits a node twice"),
        (lambda: Network([Node("a", "A", 0, 0), Node("a", "B", 0, 0)]), "two nodes have the same id"),
    ],
)  # fmt: skip
def test_what_is_no_network_is_refused(make: object, message: str) -> None:
    with pytest.raises(PhysicsError, match=message):
        make()  # type: ignore[operator]  # parametrised callables


def test_a_link_to_an_unknown_node_is_refused() -> None:
    with pytest.raises(InputError, match=r"link l: unknown node 'redo' \(did you mean 'redu'\?\)"):
        Network([Node("redu", "Redu", 50.0, 5.1)], [Link("l", ("redu", "redo"), 1.0)])
