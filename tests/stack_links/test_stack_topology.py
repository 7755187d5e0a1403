"""Lines between nodes: orientation, shared hubs, paths over repeaters, delays of messages."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.engine import stream
from qcisim.errors import InputError, PhysicsError
from qcisim.stack.links import AttemptLink, LinkModel, PairState, depolarising_link, link_model, perfect_link
from qcisim.stack.spec import ClassicalLink, GenericDevice, Network, PairLink
from qcisim.stack.topology import Fifo, Hub, Interface, RepeaterChain, Routes, SwapAsap, Windows, joined

PERFECT = GenericDevice.perfect()


def by_length(a_km: float, b_km: float) -> AttemptLink:
    """1 ns for each km."""
    return perfect_link(a_km + b_km)


def prototype(control: SwapAsap = SwapAsap(), interface: Interface | None = None) -> Network:
    """Two hubs of two nodes, three repeaters."""
    hubs = [
        Hub("h1", {"a": 12.0, "b": 53.0}, by_length, Fifo(0.0), {"a": 12.0, "b": 53.0}),
        Hub("h2", {"c": 81.0, "d": 1.0}, by_length, Fifo(7.0), {"c": 81.0, "d": 1.0}),
    ]
    repeaters = {f"r{k}": PERFECT for k in range(3)}
    chain = RepeaterChain(
        "h1", "h2", repeaters, [213.0, 2.0, 51.0, 89.0], by_length, [213.0, 2.0, 51.0, 89.0], interface, control
    )
    return joined(dict.fromkeys("abcd", PERFECT), hubs=hubs, chains=[chain])


@given(
    edges=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.floats(0.0, 100.0)), max_size=15),
    ends=st.tuples(st.integers(0, 6), st.integers(0, 6)),
)
def test_messages_take_the_fastest_path(edges: list[tuple[int, int, float]], ends: tuple[int, int]) -> None:
    wires = [ClassicalLink(f"n{a}", f"n{b}", delay) for a, b, delay in edges if a != b]
    routes = Routes(Network({f"n{k}": PERFECT for k in range(7)}, (), tuple(wires)))
    graph = nx.Graph()
    graph.add_nodes_from(f"n{k}" for k in range(7))
    for wire in wires:
        known = graph.get_edge_data(wire.node_a, wire.node_b, {"weight": np.inf})["weight"]
        graph.add_edge(wire.node_a, wire.node_b, weight=min(known, wire.delay_ns))
    a, b = (f"n{k}" for k in ends)
    if nx.has_path(graph, a, b):
        assert routes.delay_ns(a, b) == pytest.approx(nx.dijkstra_path_length(graph, a, b))
    else:
        with pytest.raises(InputError, match=f"no classical link leads from '{a}' to '{b}'"):
            routes.delay_ns(a, b)


def test_without_classical_links_messages_take_no_time() -> None:
    routes = Routes(Network({"a": PERFECT, "b": PERFECT}))
    assert routes.delay_ns("a", "b") == 0.0


def test_delays_through_hubs_and_chains() -> None:
    """12 km to the hub, 213 + 2 + 51 + 89 km along the chain, 81 km from the other hub; 1 ns for each."""
    routes = Routes(prototype())
    assert routes.delay_ns("a", "b") == 65.0
    assert routes.delay_ns("a", "c") == routes.delay_ns("c", "a") == 12.0 + 355.0 + 81.0
    assert routes.delay_ns("b", "d") == 53.0 + 355.0 + 1.0


def test_a_pair_over_repeaters_takes_the_longest_link() -> None:
    """Without delays of messages: the longest of the links 12+213, 2, 51, 89+81."""
    network = prototype()
    silent = Network(network.nodes, network.links, None, network.repeaters)
    lines = Routes(silent).open()
    for a, b, longest in (("a", "c", 225.0), ("b", "c", 266.0), ("d", "a", 225.0), ("d", "b", 266.0)):
        made = Routes(silent).open().line(a, b).sample(stream(1, "x"))
        assert made.duration_ns == pytest.approx(longest)
        assert made.state.fidelity == pytest.approx(1.0)
    assert lines.line("a", "b").sample(stream(1, "x")).duration_ns == 65.0
    assert lines.line("c", "d").sample(stream(1, "x")).duration_ns == 82.0 + 7.0


def test_no_news_is_faster_than_light() -> None:
    made = Routes(prototype()).open().line("a", "c").sample(stream(1, "x"))
    heard = 12.0 + 213.0  # the first repeater hears of the request, and the link takes as long again
    assert made.duration_ns >= heard + 225.0 + max(225.0, 448.0 - 225.0)


def test_repeaters_serve_one_request_after_the_other() -> None:
    lines = Routes(prototype()).open()
    first = lines.line("a", "c").sample(stream(1, "x"), 0.0).duration_ns
    second = lines.line("d", "b").sample(stream(1, "y"), 10.0)
    alone = Routes(prototype()).open().line("d", "b").sample(stream(1, "y"), 10.0)
    assert second.duration_ns == pytest.approx(first - 10.0 + alone.duration_ns)
    assert Routes(prototype()).open().line("a", "c").sample(stream(1, "x")).duration_ns == first


def test_nodes_of_a_hub_share_it() -> None:
    lines = Routes(prototype()).open()
    assert lines.line("c", "d").sample(stream(1, "x"), 0.0).duration_ns == 89.0
    assert lines.line("d", "c").sample(stream(1, "x"), 40.0).duration_ns == 49.0 + 89.0
    assert lines.line("a", "b").sample(stream(1, "x"), 40.0).duration_ns == 65.0


def test_windows_hold_back_links() -> None:
    hub = Hub("hub", dict.fromkeys("abc", 5.0), by_length, Windows(40.0, 10.0))
    lines = Routes(joined(dict.fromkeys("abc", PERFECT), hubs=[hub])).open()
    # windows of 40 ns each 50 ns: ab, ac, ba, bc, ca, cb
    assert lines.line("b", "c").sample(stream(1, "x")).duration_ns == 150.0 + 10.0
    assert lines.line("c", "a").sample(stream(1, "x"), 85.0).duration_ns == 200.0 - 85.0 + 10.0


def test_the_first_qubit_is_the_creators() -> None:
    rho = np.zeros((4, 4), dtype=complex)
    rho[1, 1] = 1.0  # a in 0, b in 1
    model = AttemptLink((PairState(rho, 1),), 1.0)
    lines = Routes(Network(dict.fromkeys("ab", PERFECT), (PairLink("a", "b", model),))).open()
    forth, back = lines.line("a", "b").sample(stream(1, "x")), lines.line("b", "a").sample(stream(1, "x"))
    assert forth.rho[1, 1] == 1.0
    assert back.rho[2, 2] == 1.0
    assert back.bell == 1
    assert lines.line("b", "a").sample(stream(2, "x")).state is back.state
    assert lines.line("b", "a") is lines.line("b", "a")


def test_the_ends_of_a_chain_are_not_exchanged() -> None:
    """Damping at the end that waits longer: a's link is early, c's late."""
    damped = GenericDevice(t1_ns=100.0, t2_ns=0.0)
    links = (PairLink("r", "a", perfect_link(1.0)), PairLink("r", "c", perfect_link(90.0)))
    network = Network({"a": damped, "c": PERFECT}, links, None, {"r": PERFECT})
    forth = Routes(network).open().line("a", "c").sample(stream(1, "x")).rho
    back = Routes(network).open().line("c", "a").sample(stream(1, "x")).rho
    order = [0, 2, 1, 3]
    assert not np.allclose(forth, back)
    # corrections at the far end turn damped states over, so only what both have in common is compared
    assert forth[0, 3] == pytest.approx(back[np.ix_(order, order)][0, 3])


def test_repeaters_are_passed_but_nodes_are_not() -> None:
    links = (PairLink("a", "b", perfect_link()), PairLink("b", "c", perfect_link()))
    lines = Routes(Network(dict.fromkeys("abc", PERFECT), links)).open()
    with pytest.raises(InputError, match="no link of pairs between 'a' and 'c'; 'a' has pairs with b"):
        lines.line("a", "c")
    over = Routes(Network(dict.fromkeys("ac", PERFECT), links, None, {"b": PERFECT}))
    assert over.path("a", "c") == ("a", "b", "c")


def test_the_cheaper_path_is_taken() -> None:
    slow, fast = depolarising_link(0.9, 0.1, 100.0), perfect_link(10.0)
    links = [PairLink("a", "r", slow), PairLink("r", "c", slow)]
    links += [PairLink("a", "s", fast), PairLink("s", "t", fast), PairLink("t", "c", fast)]
    network = Network(dict.fromkeys("ac", PERFECT), tuple(links), None, dict.fromkeys("rst", PERFECT))
    assert Routes(network).path("a", "c") == ("a", "s", "t", "c")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (("a", "e"), "there is no node 'e' (nodes: a, b, c, d, r0, r1, r2)"),
        (("a", "a"), "no link of pairs between 'a' and 'a'; 'a' has pairs with b, c, d"),
    ],
)
def test_lines_that_are_not_there(ends: tuple[str, str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        Routes(prototype()).open().line(*ends)
    assert words in str(caught.value)


def test_what_is_wrong_with_a_layout_is_said() -> None:
    nodes = dict.fromkeys("ab", PERFECT)
    hub = Hub("hub", {"a": 1.0, "x": 1.0}, by_length)
    with pytest.raises(InputError, match="hub 'hub': there is no node 'x'"):
        joined(nodes, hubs=[hub])
    with pytest.raises(InputError, match=r"repeater chain hub-other: there is no hub 'other'"):
        joined(
            nodes,
            hubs=[Hub("hub", {"a": 1.0}, by_length)],
            chains=[RepeaterChain("hub", "other", {"r": PERFECT}, [1.0, 1.0], by_length)],
        )
    with pytest.raises(InputError, match="3 lengths for 1 repeaters: wanted 2"):
        RepeaterChain("h", "k", {"r": PERFECT}, [1.0] * 3, by_length)
    with pytest.raises(PhysicsError, match="no repeaters"):
        RepeaterChain("h", "k", {}, [1.0], by_length)
    with pytest.raises(InputError, match="wants 3 or more repeaters, got 1"):
        RepeaterChain("h", "k", {"r": PERFECT}, [1.0] * 2, by_length, interface=Interface(where="pre-end"))
    with pytest.raises(PhysicsError, match="p_loss 1"):
        Interface(p_loss=1.0)


@given(mixed=st.floats(0.0, 1.0), loss=st.floats(0.0, 0.99), bell=st.integers(0, 3))
def test_a_photonic_interface(mixed: float, loss: float, bell: int) -> None:
    plain = depolarising_link(0.9, 0.5, 10.0, random_bell_state=True)
    behind = Interface(mixed, loss).on(plain)
    assert isinstance(behind, AttemptLink)
    assert behind.success_probability == pytest.approx(0.5 * (1.0 - loss))
    assert behind.mean_fidelity == pytest.approx((1 - mixed) * 0.9 + mixed / 4)
    assert behind.states[bell].bell == bell


@pytest.mark.parametrize(("where", "count"), [("end", 4), ("pre-end", 2)])
def test_where_the_interface_is(where: str, count: int) -> None:
    network = prototype(interface=Interface(0.4, 0.0, where))  # type: ignore[arg-type]
    noisy = [link for link in network.links if link.model.mean_fidelity < 0.99]
    assert len(noisy) == count
    ends = {frozenset((link.node_a, link.node_b)) for link in noisy}
    if where == "end":
        assert ends == {frozenset(pair) for pair in (("a", "r0"), ("b", "r0"), ("c", "r2"), ("d", "r2"))}
    else:
        assert ends == {frozenset(("r0", "r1")), frozenset(("r1", "r2"))}


@given(seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_the_same_seed_gives_the_same_line(seed: int) -> None:
    def model(a_km: float, b_km: float) -> LinkModel:
        return link_model("heralded", {"length_A": a_km, "length_B": b_km, "visibility": 0.9})

    hub = Hub("hub", {"a": 1.0, "b": 3.0}, model)
    network = joined(dict.fromkeys("ab", PERFECT), hubs=[hub])
    runs = []
    for _ in range(2):
        line, rng = Routes(network).open().line("b", "a"), stream(seed, "line")
        runs.append([(made.duration_ns, made.bell) for made in (line.sample(rng, 0.0) for _ in range(20))])
    assert runs[0] == runs[1]
