"""Routed pairs against exact laws: lines, capacities on random graphs, shares, turns, light cones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from qcisim.errors import PhysicsError
from qcisim.repeaters import (
    Delivered,
    ElementaryLink,
    GraphLink,
    MemoryDevice,
    PairRequest,
    PairRouter,
    Service,
    deliver,
    ensemble,
    links_up_within,
    mean_rounds,
    replay,
)

ALARM = 1e-9
TICK_S = 1e-3


def line(fidelities: list[float], p: float = 0.2, km: float = 0.0, lanes: int | None = None) -> list[GraphLink]:
    """n0 - n1 - n2 ..., of equal rounds."""
    made = [ElementaryLink.werner(km, p, fidelity, attempt_s=TICK_S) for fidelity in fidelities]
    return [GraphLink(f"l{i}", (f"n{i}", f"n{i + 1}"), link, lanes) for i, link in enumerate(made)]


def router(links: list[GraphLink], memories: int = 2, **options: object) -> PairRouter:
    nodes = {node for each in links for node in each.between}
    return PairRouter(links, dict.fromkeys(nodes, MemoryDevice(memories=memories)), **options)  # type: ignore[arg-type]


def seen(service: Service, horizon_s: float, seed: int = 1, turn_s: float = 1.0, trace: bool = False) -> Delivered:
    rng = np.random.default_rng(seed)
    return deliver(service.routes, service.turns, rng, turn_s=turn_s, horizon_s=horizon_s, trace=trace)


def pairs_in(rounds: int, law: np.ndarray) -> np.ndarray:
    """P(N = n) of a renewal process after so many rounds, P(N >= n) = P(S_n <= rounds); ``law[k]`` = P(K = k)."""
    at_least, sums = [1.0], np.zeros(rounds + 1)
    sums[0] = 1.0
    for _ in range(rounds + 1):
        sums = np.convolve(sums, law)[: rounds + 1]
        at_least.append(float(sums.sum()))
    return -np.diff(at_least)


def chernoff(law: np.ndarray, size: int) -> tuple[float, float]:
    """Where the mean of so many independent draws of ``law[k]`` = P(k) lies but for the false-alarm rate."""
    law = np.trim_zeros(law, "b")
    k = np.arange(len(law))
    low, high = -math.inf, math.inf
    for theta in np.geomspace(1e-4, 3.0, 300):
        for sign in (-1.0, 1.0):
            spent = sign * theta * k
            bend = float(spent.max()) + math.log(float((law * np.exp(spent - spent.max())).sum()))
            bound = (bend + math.log(2.0 / ALARM) / size) / (sign * theta)
            low, high = (max(low, bound), high) if sign < 0.0 else (low, min(high, bound))
    return low, high


def two_link_law(p: float, rounds: int) -> np.ndarray:
    up = links_up_within([p, p], np.arange(rounds + 1))
    return np.diff(up, prepend=0.0)


# Lines


@pytest.mark.parametrize("lanes", [1, 3])
def test_a_direct_link_gives_what_its_lanes_herald_exactly(lanes: int) -> None:
    """Attempts of all lanes are a binomial trial: N ~ B(lanes T/t, p)."""
    (service,) = router(line([0.9], p=0.03, km=20.0), lanes).serve([PairRequest("r", "n0", "n1", 0.8, 1e6)])
    assert service.lanes == lanes
    assert service.rate_error_hz == 0.0
    assert service.rate_hz == pytest.approx(lanes * 0.03 / TICK_S, rel=1e-12)
    assert service.pilot is not None
    attempts = round(service.pilot.simulated_s / TICK_S)
    assert len(service.pilot) == 4000
    low, high = stats.nbinom.ppf([ALARM / 2, 1.0 - ALARM / 2], 4000, 0.03) + 4000  # attempts until the 4000th pair
    assert low <= lanes * attempts <= high + lanes
    made = seen(service, 5.0)
    low, high = stats.binom.ppf([ALARM / 2, 1.0 - ALARM / 2], lanes * 5000, 0.03)
    assert low <= len(made) <= high


@pytest.mark.parametrize("p", [0.05, 0.4])
def test_a_line_of_two_links_repeats_the_exact_law_of_its_wait(p: float) -> None:
    """One lane, no length: each pair takes max(K_1, K_2) rounds, of mean (3-2p)/(p(2-p)); Chernoff's bound."""
    (service,) = router(line([0.98, 0.98], p)).serve([PairRequest("r", "n0", "n2", 0.8, 1e6)])
    pilot = service.pilot
    assert pilot is not None
    rounds = np.rint(np.diff(pilot.at_s) / TICK_S)
    mean = mean_rounds([p, p])
    assert mean == pytest.approx((3.0 - 2.0 * p) / (p * (2.0 - p)), rel=1e-12)
    low, high = chernoff(two_link_law(p, math.ceil(60 / p)), len(rounds))
    assert low < mean < high
    assert low <= float(rounds.mean()) <= high
    assert service.rate_hz == pytest.approx(1.0 / (TICK_S * float(rounds.mean())), rel=1e-12)


def test_news_of_the_swap_costs_a_line_of_two_links_one_more_round() -> None:
    """The ends are free when the answer has come, within the round that follows: E[K] + 1 rounds a pair."""
    links = [
        GraphLink(f"l{i}", (f"n{i}", f"n{i + 1}"), ElementaryLink.werner(30.0, 0.2, 0.98)) for i in range(2)
    ]  # a round lasts as long as light along the link
    (service,) = router(links).serve([PairRequest("r", "n0", "n2", 0.8, 1e6)])
    round_s = links[0].link.attempt_s
    per_pair = 1.0 / (service.rate_hz * round_s)
    assert abs(per_pair - mean_rounds([0.2, 0.2]) - 1.0) < 7.0 * service.rate_error_hz / service.rate_hz * per_pair


@pytest.mark.parametrize("links", [1, 2, 4])
def test_the_first_pair_of_a_routed_line_waits_as_all_its_links_do(links: int) -> None:
    """P(K <= k) = (1 - (1-p)^k)^n for the chain that the router reserves."""
    p, runs = 0.1, 6000
    (service,) = router(line([0.999] * links, p), most_rounds=0).serve([PairRequest("r", "n0", f"n{links}", 0.8, 0.1)])
    (route,) = service.routes
    (chain,) = route.chain
    assert chain is not None
    assert len(chain.links) == links
    rounds = np.rint(ensemble(chain, runs, np.random.default_rng(7)).delivered_s / TICK_S)
    for k in range(2, 60, 6):
        expected = float(links_up_within([p] * links, k))
        low, high = stats.binom.ppf([ALARM / 20, 1.0 - ALARM / 20], runs, expected)
        assert low <= np.sum(rounds <= k) <= high


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(0.85, 0.999), min_size=1, max_size=4))
def test_fidelity_after_routing_is_the_product_of_werner_parameters(fidelities: list[float]) -> None:
    """F = (1 + 3 prod w)/4 with w = (4F - 1)/3; exact, as perfect memories forget nothing."""
    w = math.prod((4.0 * fidelity - 1.0) / 3.0 for fidelity in fidelities)
    expected = 0.25 * (1.0 + 3.0 * w)
    goal = f"n{len(fidelities)}"
    asked = PairRequest("r", "n0", goal, max(0.25, expected - 1e-6), 0.1)
    (service,) = router(line(fidelities, 0.5), most_rounds=0).serve([asked])
    assert service.met
    assert service.fidelity == pytest.approx(expected, abs=1e-12)
    assert service.weights[1:] == pytest.approx([(1.0 - expected) / 3.0] * 3, abs=1e-12)
    assert np.trace(service.rho).real == pytest.approx(1.0, abs=1e-12)
    (refused,) = router(line(fidelities, 0.5), most_rounds=0).serve(
        [PairRequest("r", "n0", goal, expected + 1e-6, 0.1)]
    )
    assert not refused.met
    assert refused.best is not None
    assert refused.best.fidelity == pytest.approx(expected, abs=1e-12)


# Events


def test_events_of_reserved_memories_agree_with_the_exact_expectation() -> None:
    """Windows from empty memories: the law of N by convolution, Chernoff's bound over independent windows."""
    p, rounds, windows = 0.2, 60, 400
    (service,) = router(line([0.98, 0.98], p)).serve([PairRequest("r", "n0", "n2", 0.8, 1.0)])
    counts = [len(seen(service, (rounds + 0.5) * TICK_S, seed)) for seed in range(windows)]
    law = pairs_in(rounds, two_link_law(p, rounds))
    low, high = chernoff(law, windows)
    expected = float(law @ np.arange(len(law)))
    assert 0.9 * expected < low <= np.mean(counts) <= high < 1.1 * expected


def test_turns_lose_what_is_under_way_at_their_end_and_nothing_else() -> None:
    """Two requests, one memory: each gets E[N(turn)] pairs in every other turn."""
    p, rounds = 0.2, 50
    turn_s = (rounds + 0.5) * TICK_S
    requests = [PairRequest(name, "n0", "n2", 0.8, 1e6) for name in ("x", "y")]
    served = router(line([0.98, 0.98], p), turn_s=turn_s).serve(requests)
    law = pairs_in(rounds, two_link_law(p, rounds))
    low, high = chernoff(law, 300)
    planned_low, planned_high = chernoff(law, 50)
    for service in served:
        assert (service.turns, service.share) == (2, 0.5)
        made = seen(service, 600 * turn_s, turn_s=turn_s)
        turn = np.floor(made.at_s / turn_s).astype(int)
        assert set(turn % 2) == {0 if service is served[0] else 1}
        assert low <= np.bincount(turn // 2, minlength=300).mean() <= high
        assert planned_low <= service.rate_hz * 2.0 * turn_s <= planned_high


def test_the_same_seed_gives_the_same_pairs() -> None:
    links = line([0.95, 0.95, 0.95], 0.1)
    request = [PairRequest("r", "n0", "n3", 0.7, 1e6)]
    first, second = (router(links, 6, seed=3).serve(request)[0] for _ in range(2))
    assert (first.rate_hz, first.fidelity, first.lanes) == (second.rate_hz, second.fidelity, second.lanes)
    assert np.array_equal(seen(first, 3.0).at_s, seen(second, 3.0).at_s)
    other = router(links, 6, seed=4).serve(request)[0]
    assert other.rate_hz != first.rate_hz


# Graphs


@st.composite
def networks(draw: st.DrawFn) -> tuple[PairRouter, list[PairRequest]]:
    count = draw(st.integers(3, 5))
    nodes = [f"n{i}" for i in range(count)]
    ends = [(nodes[draw(st.integers(0, i - 1))], nodes[i]) for i in range(1, count)]
    ends += [(nodes[i], nodes[j]) for i in range(count) for j in range(i) if draw(st.integers(0, 3)) == 0]
    links = []
    for i, between in enumerate(ends):
        made = ElementaryLink.werner(draw(st.floats(0.0, 40.0)), draw(st.floats(0.05, 0.6)), draw(st.floats(0.9, 1.0)))
        tick = ElementaryLink(made.length_km, made.success_probability, max(1e-4, made.attempt_s), made.weights)
        links.append(GraphLink(f"l{i}", between, tick, draw(st.sampled_from([None, 1, 2, 5]))))
    devices = {
        node: MemoryDevice(
            t2_s=draw(st.sampled_from([0.05, 10.0])),
            swap_success=draw(st.sampled_from([0.5, 1.0])),
            memories=draw(st.integers(1, 9)),
        )
        for node in nodes
    }
    requests = []
    for i in range(draw(st.integers(1, 4))):
        a, b = draw(st.permutations(nodes))[:2]
        asked = draw(st.sampled_from([1.0, 300.0, 1e5]))
        requests.append(PairRequest(f"r{i}", a, b, draw(st.sampled_from([0.3, 0.8, 0.95])), asked))
    found = PairRouter(links, devices, paths=3, most_rounds=1, turn_s=0.05, seed=draw(st.integers(0, 99)))
    return found, requests


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_demands_together_never_pass_what_links_and_memories_hold(case: tuple[PairRouter, list[PairRequest]]) -> None:
    found, requests = case
    services = found.serve(requests)
    turns = max(service.turns for service in services)
    loads: dict[str, float] = dict.fromkeys(found.links, 0.0)
    for turn in range(turns):
        lanes: dict[str, int] = dict.fromkeys(found.links, 0)
        memories: dict[str, int] = dict.fromkeys(found.devices, 0)
        for service in services:
            for route in service.routes:
                held = route.lanes[turn]
                for link in route.links:
                    lanes[link] += held
                for node in route.nodes:
                    memories[node] += held * (1 if node in (route.nodes[0], route.nodes[-1]) else 2)
        for link, count in lanes.items():
            assert count <= (found.links[link].lanes or math.inf)
        for node, count in memories.items():
            assert count <= found.devices[node].memories
    for service in services:
        request = service.request
        assert service.met == (service.rate_hz >= request.rate_hz and service.fidelity >= request.fidelity)
        assert service.met == (service.reason == "")
        assert service.routes or service.rate_hz == 0.0
        for route in service.routes:
            assert (route.nodes[0], route.nodes[-1]) == (request.source, request.target)
            for link, start, goal in zip(route.links, route.nodes, route.nodes[1:], strict=False):
                assert {start, goal} == set(found.links[link].between)
                loads[link] += route.rate_hz * 2 ** (route.schedule.elementary + route.schedule.end_to_end)
    for link, load in loads.items():
        assert load <= found.links[link].capacity_hz * (1.0 + 1e-9)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_no_pair_of_the_network_comes_before_light_could_have_told_of_it(
    case: tuple[PairRouter, list[PairRequest]],
) -> None:
    """Every swap and herald that a pair is made of has reached both its ends, over every route and in every turn."""
    found, requests = case
    for service in found.serve(requests):
        if not service.routes:
            continue
        made = seen(service, 0.08, turn_s=0.05, trace=True)
        for _, number, turn, trace in made.traces:
            chain = service.routes[number].chain[turn]
            assert chain is not None
            place = np.concatenate([[0.0], np.cumsum([link.delay_s for link in chain.links])])
            for event in trace:
                if event.kind == "herald":
                    assert event.time_s - event.begin_s >= chain.links[event.left].delay_s - 1e-15
            for pair in replay(chain, trace):
                for when, node in pair.news:
                    for end in (0, len(place) - 1):
                        assert pair.delivered_s >= when + abs(place[node] - place[end]) - 1e-15
        assert np.all(np.diff(made.at_s) >= 0.0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_who_has_least_could_not_be_given_more(case: tuple[PairRouter, list[PairRequest]]) -> None:
    """What is said to limit an unmet demand is used up, in the turn in which it holds most."""
    found, requests = case
    services = found.serve(requests)
    for service in services:
        kind, name = service.limit
        assert (kind == "") == service.met or service.routes
        if service.met or not service.routes or not kind:
            continue
        tight = False
        for turn in range(service.turns):
            routes = [route for other in services for route in other.routes]
            if kind == "memories":
                used = sum(
                    route.lanes[turn] * (1 if name in (route.nodes[0], route.nodes[-1]) else 2)
                    for route in routes
                    if name in route.nodes
                )
                tight |= found.devices[name].memories - used < 2
            else:
                used = sum(route.lanes[turn] for route in routes if name in route.links)
                tight |= used == found.links[name].lanes
        assert tight


# Shares


def test_lanes_go_to_whoever_holds_the_fewest_whatever_is_asked_for() -> None:
    """Whoever asks for the moon gets no more than whoever asks for a little more than there is."""
    links = line([0.98], 0.1, lanes=12)
    asked = [PairRequest("little", "n0", "n1", 0.8, 1000.0), PairRequest("much", "n1", "n0", 0.8, 1e8)]
    for requests in (asked, asked[::-1]):
        given = {service.request.id: service.lanes for service in router(links, 40).serve(requests)}
        assert given == {"little": 6, "much": 6}


def test_what_one_demand_does_not_need_is_left_to_others() -> None:
    links = line([0.98], 0.1, lanes=12)
    requests = [PairRequest("little", "n0", "n1", 0.8, 150.0), PairRequest("much", "n0", "n1", 0.8, 1e6)]
    little, much = router(links, 40).serve(requests)
    assert (little.lanes, much.lanes) == (2, 10)
    assert little.met
    assert much.limit == ("lanes", "l0")


def test_a_demand_takes_a_second_path_where_one_is_too_slow() -> None:
    links = [
        GraphLink(name, ends, ElementaryLink.werner(0.0, 0.2, 0.98, attempt_s=TICK_S), 2)
        for name, ends in (("ab", ("a", "b")), ("bd", ("b", "d")), ("ac", ("a", "c")), ("cd", ("c", "d")))
    ]
    (service,) = router(links, 8).serve([PairRequest("r", "a", "d", 0.8, 1e6)])
    assert {route.nodes for route in service.routes} == {("a", "b", "d"), ("a", "c", "d")}
    assert [route.lanes for route in service.routes] == [(2,), (2,)]
    assert service.rate_hz == pytest.approx(sum(route.rate_hz for route in service.routes), rel=1e-9)
    assert service.memories() == {"a": 4, "b": 4, "c": 4, "d": 4}


def test_lanes_that_are_asked_for_are_what_is_reserved() -> None:
    links = line([0.98, 0.98], 0.2)
    (service,) = router(links, 12).serve([PairRequest("r", "n0", "n2", 0.8, 1e6, lanes=2)])
    assert service.lanes == 2
    assert service.limit == ("lanes asked for", "")
    (none,) = router(links, 12).serve([PairRequest("r", "n0", "n2", 0.8, 1e6, lanes=7)])
    assert none.reason == (
        "no path from n0 to n2 has room for 7 lanes: a repeater needs two memories for each lane, a link as many lanes"
    )
    with pytest.raises(PhysicsError, match="wanted at least one"):
        PairRequest("r", "a", "b", 0.8, 1.0, lanes=0)
    with pytest.raises(PhysicsError, match="wanted at least one"):
        GraphLink("l", ("a", "b"), links[0].link, 0)
    with pytest.raises(PhysicsError, match="turn_s 0: positive"):
        router(links, turn_s=0.0)


def test_more_rounds_of_distillation_than_a_fidelity_needs_are_not_made() -> None:
    links = line([0.9, 0.9], 0.3)
    rough, fine = (router(links, 16).serve([PairRequest("r", "n0", "n2", f, 1.0)])[0] for f in (0.8, 0.93))
    assert not rough.schedule.distils
    assert fine.schedule.distils
    assert fine.fidelity >= 0.93
    assert {choice.schedule.elementary + choice.schedule.end_to_end for choice in fine.choices} == {0, 1, 2}
