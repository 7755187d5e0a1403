"""Laws of chains: products of Werner parameters, causality, ceilings, monotone rates, no deadlock."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qcisim.optics.fibre import Fibre
from qcisim.optics.heralding import Arm, Station, double_click, single_click
from qcisim.quantum.distillation import BBPSSW, DEJMPS, EPL
from qcisim.quantum.pair_density import PairDensity
from qcisim.repeaters import (
    NV,
    Chain,
    ElementaryLink,
    MemoryDevice,
    Schedule,
    chain_ceiling_bits_per_s,
    chain_key,
    ensemble,
    layout,
    plan,
    repeaterless_bits_per_s,
    replay,
    run,
    uniform,
)
from qcisim.units import SPEED_OF_LIGHT_M_PER_S

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@SLOW
@given(st.lists(st.floats(0.25, 1.0), min_size=1, max_size=8), st.sampled_from(["swap_asap", "doubling", "sequential"]))
def test_werner_parameters_multiply_along_a_chain_without_noise(fidelities: list[float], policy: str) -> None:
    links = tuple(ElementaryLink.werner(10.0, 0.5, f) for f in fidelities)
    done = run(Chain(links, policy=policy), 3, rng())
    parameter = math.prod((4.0 * f - 1.0) / 3.0 for f in fidelities)
    assert np.allclose(done.weights[:, 0], (1.0 + 3.0 * parameter) / 4.0, atol=1e-12)
    assert np.allclose(done.weights[:, 1:], (1.0 - parameter) / 4.0, atol=1e-12)


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Any chain, also such as hardly ever deliver."""
    count = draw(st.integers(1, 6))
    links = []
    for _ in range(count):
        length = draw(st.floats(0.0, 60.0))
        link = ElementaryLink.werner(length, draw(st.floats(0.05, 1.0)), draw(st.floats(0.5, 1.0)))
        links.append(ElementaryLink(length, link.success_probability, max(1e-6, 1.3 * link.attempt_s), link.weights))
    policy = draw(st.sampled_from(["swap_asap", "doubling", "sequential"]))
    lanes = draw(st.integers(1, 4))
    levels = (draw(st.integers(0, 1)),) if policy != "swap_asap" else ()
    scheme = draw(st.sampled_from([DEJMPS, BBPSSW, EPL]))
    schedule = Schedule(draw(st.integers(0, 1)), levels, draw(st.integers(0, 1)), scheme, draw(st.booleans()))
    device = MemoryDevice(
        t1_s=draw(st.sampled_from([math.inf, 0.05])),
        t2_s=draw(st.floats(1e-3, 0.1)),
        gate_depolarising=draw(st.floats(0.0, 0.1)),
        readout_error_zero=draw(st.floats(0.0, 0.1)),
        swap_success=draw(st.sampled_from([1.0, 0.5])),
        gate_s=draw(st.sampled_from([0.0, 3e-6])),
        memories=8,
    )
    cutoff = draw(st.sampled_from([None, 0.5e-3, 2e-3, 10e-3]))
    delay = max(link.attempt_s for link in links)
    if cutoff is not None and cutoff < delay:
        cutoff = None
    return Chain(
        tuple(links), device, lanes, policy, schedule, cutoff, pick=draw(st.sampled_from(["oldest", "freshest"]))
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chains(), st.integers(0, 1000))
def test_no_news_travels_faster_than_light(chain: Chain, seed: int) -> None:
    """No herald before light, no swap of a pair before its heralds, no delivery before all news."""
    done = run(chain, 4, rng(seed), trace=True, most_events=4_000)
    assert done.ended in ("done", "stalled", "exhausted", "impossible")
    if done.trace is None:
        assert done.ended == "impossible"
        return
    place = np.concatenate([[0.0], np.cumsum([link.delay_s for link in chain.links])])
    slack = 1e-15
    heralded: dict[tuple[int, int], int] = {}
    for row in done.trace.rows:
        time, kind, node = row[layout.TRACE_TIME], row[layout.TRACE_KIND], row[layout.TRACE_LANE_C]
        if kind == layout.HERALD:
            heralded[row[layout.TRACE_LEFT], row[layout.TRACE_LANE_A]] = time
        elif kind == layout.SWAP:
            assert row[layout.TRACE_BEGIN] >= heralded[node - 1, row[layout.TRACE_LANE_A]]
            assert row[layout.TRACE_BEGIN] >= heralded[node, row[layout.TRACE_LANE_B]]
    for event in done.trace:
        assert event.time_s >= event.begin_s - slack
        if event.kind == "herald":
            assert event.time_s - event.begin_s >= chain.links[event.left].delay_s - slack
        if event.kind == "distil":
            assert event.time_s - event.begin_s >= 2.0 * (place[event.right] - place[event.left]) - slack
    pairs = replay(chain, done.trace)
    assert len(pairs) == len(done)
    for pair, weights in zip(pairs, done.weights, strict=True):
        for when, node in pair.news:
            for end in (0, len(place) - 1):
                assert pair.delivered_s >= when + abs(place[node] - place[end]) - slack
        assert weights.min() >= -1e-12
        assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    if chain.cutoff_s is not None:
        emitted = [event for event in done.trace if event.kind == "discard"]
        assert all(event.time_s - event.begin_s >= chain.cutoff_s - 1e-12 for event in emitted)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chains(), st.integers(0, 1000))
def test_density_matrices_of_a_replay_are_the_weights_where_memories_only_dephase(chain: Chain, seed: int) -> None:
    nodes = tuple(MemoryDevice(t2_s=n.t2_s, gate_depolarising=n.gate_depolarising, memories=8) for n in chain.nodes)
    chain = Chain(chain.links, nodes, chain.lanes, chain.policy, chain.schedule, chain.cutoff_s)
    done = run(chain, 3, rng(seed), trace=True, most_events=4_000)
    if done.trace is None:
        return
    for pair, weights in zip(replay(chain, done.trace), done.weights, strict=True):
        for bell in range(4):
            assert float(pair.pair.fidelity(bell)) == pytest.approx(weights[bell], abs=1e-10)


def test_damping_of_both_halves_is_where_the_twirl_is_an_approximation() -> None:
    """One swap: Bell weights and exact damping differ; a chain's exact state comes from its trace."""
    device = MemoryDevice(t1_s=2e-3, t2_s=3e-3)
    chain = uniform(3, ElementaryLink.werner(20.0, 0.2, 1.0), device)
    done = run(chain, 40, rng(3), trace=True)
    assert done.trace is not None
    exact = [float(pair.pair.fidelity()) for pair in replay(chain, done.trace)]
    difference = np.abs(np.array(exact) - done.weights[:, 0])
    assert 1e-4 < difference.max() < 0.2


@SLOW
@given(
    st.floats(2.0, 80.0),
    st.floats(0.01, 0.5),
    st.floats(0.1, 1.0),
    st.booleans(),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(0, 100),
)
def test_key_rates_stay_below_the_ceiling_of_repeaters(
    length_km: float, bright: float, efficiency: float, single: bool, count: int, lanes: int, seed: int
) -> None:
    """Links from hardware, not typed in; most of the pairs that a chain could ever deliver."""
    arm = Arm(efficiency, Fibre(length_km / 2.0))
    station = Station(visibility=0.98, dark_count_probability=1e-7)
    herald = single_click(arm, arm, bright, bright, station) if single else double_click(arm, arm, station)
    link = ElementaryLink.of_herald(herald, length_km, transmittance=Fibre(length_km).transmittance)
    chain = uniform(count + 1, link, MemoryDevice(memories=6), memories=lanes, ends="measure")
    done = run(chain, 30, rng(seed))
    key = chain_key(done, 1.0)
    uses = lanes * done.simulated_s / link.attempt_s
    spread = 6.0 * math.sqrt(max(len(done), 36))
    assert key.fraction * (len(done) - spread) <= uses * link.ceiling_bits
    assert key.ceiling_bits_per_s == chain_ceiling_bits_per_s(chain)
    assert key.repeaterless_bits_per_s == repeaterless_bits_per_s(chain)
    assert key.repeaterless_bits_per_s <= key.ceiling_bits_per_s


def test_a_link_better_than_its_light_is_refused() -> None:
    with pytest.raises(ValueError, match="secret bits per attempt"):
        ElementaryLink(100.0, 0.5, 1e-3, np.array([1.0, 0.0, 0.0, 0.0]), transmittance=0.01)


def test_rates_and_fidelities_move_as_they_must() -> None:
    """Means of many runs, apart by far more than their errors: rate up with p, memories and cut-off, F down with it."""
    device = MemoryDevice(t2_s=5e-3, memories=8)

    def wait_and_fidelity(p: float, lanes: int, cutoff_s: float | None) -> tuple[float, float]:
        link = ElementaryLink.werner(20.0, p, 0.98)
        done = ensemble(uniform(4, link, device, memories=lanes, cutoff_s=cutoff_s), 20_000, rng(1))
        return done.mean_wait_s, done.fidelity

    by_p = [wait_and_fidelity(p, 1, None)[0] for p in (0.05, 0.1, 0.2, 0.4)]
    assert by_p == sorted(by_p, reverse=True)
    by_lanes = [wait_and_fidelity(0.1, lanes, None)[0] for lanes in (1, 2, 4)]
    assert by_lanes == sorted(by_lanes, reverse=True)
    by_cutoff = [wait_and_fidelity(0.1, 1, cutoff) for cutoff in (0.6e-3, 1.2e-3, 2.4e-3, 10e-3, None)]
    waits, fidelities = zip(*by_cutoff, strict=True)
    assert list(waits) == sorted(waits, reverse=True)
    assert list(fidelities) == sorted(fidelities, reverse=True)


@pytest.mark.parametrize("policy", ["swap_asap", "doubling", "sequential", (3, 0, 2, 0, 1, 5, 1)])
@pytest.mark.parametrize("lanes", [1, 2, 3, 5])
def test_no_chain_without_distillation_stalls(policy: str | tuple[int, ...], lanes: int) -> None:
    device = MemoryDevice(swap_success=0.8, memories=10)
    chain = Chain((ElementaryLink.werner(5.0, 0.5, 0.9),) * 8, device, lanes, policy)
    done = run(chain, 3000, rng(lanes), most_events=20_000_000)
    assert done.ended == "done"


def test_a_schedule_that_no_memory_can_hold_ends_with_a_stated_zero() -> None:
    chain = uniform(3, ElementaryLink.werner(10.0, 0.5, 0.9), schedule=Schedule(elementary=1))
    done = run(chain, 5, rng())
    assert (done.ended, len(done), done.rate_hz, done.fidelity) == ("stalled", 0, 0.0, 0.25)
    assert "needs 2 memories a side" in done.reason
    assert chain_key(done).rate_bits_per_s == 0.0


def test_a_target_out_of_reach_is_said_with_the_best_there_is() -> None:
    device = MemoryDevice(gate_depolarising=0.02, t2_s=0.1, memories=16)
    chain = uniform(4, ElementaryLink.werner(10.0, 0.5, 0.9), device, memories=8)
    good = plan(chain, 0.85)
    assert good.reached
    assert good.reason == ""
    assert good.schedule.elementary >= 1
    bad = plan(chain, 0.999)
    assert not bad.reached
    assert 0.85 < bad.fidelity < 0.999
    assert "out of reach" in bad.reason
    worse = plan(uniform(4, ElementaryLink.werner(10.0, 0.5, 0.45), device, memories=8), 0.6)
    assert not worse.reached


def test_a_plan_is_what_undisturbed_pairs_have() -> None:
    """With p = 1 and equal links hardly anybody waits."""
    device = MemoryDevice(gate_depolarising=0.01, t2_s=0.05, memories=16)
    chain = uniform(3, ElementaryLink.werner(10.0, 1.0, 0.95), device, memories=4)
    chosen = plan(chain, 0.92)
    done = run(Chain(chain.links, device, 4, schedule=chosen.schedule), 20, rng())
    assert done.weights[:, 0].max() == pytest.approx(chosen.fidelity, abs=2e-3)
    assert done.weights[:, 0].min() > chosen.fidelity - 0.03


def test_a_cutoff_shorter_than_the_news_is_a_stated_zero() -> None:
    chain = uniform(6, ElementaryLink.werner(40.0, 0.5, 0.9), cutoff_s=0.5e-3)
    done = run(chain, 1, rng())
    assert (done.ended, len(done)) == ("impossible", 0)
    assert "thrown away" in done.reason
    assert ensemble(chain, 10, rng()).ended == "impossible"
    measuring = uniform(6, ElementaryLink.werner(40.0, 0.9, 0.9), cutoff_s=0.5e-3, ends="measure")
    assert run(measuring, 3, rng(), most_events=1_000_000).ended == "done"


def test_the_horizon_and_the_bound_on_events_end_a_run() -> None:
    chain = uniform(3, ElementaryLink.werner(20.0, 1e-4, 0.9))
    late = run(chain, 10, rng(), horizon_s=1e-3)
    assert (late.ended, late.simulated_s) == ("horizon", 1e-3)
    assert "horizon" in late.reason
    many = run(chain, 1000, rng(), most_events=50)
    assert many.ended == "exhausted"
    assert many.counts.events == 50
    assert 0 < len(many) < 1000


def test_ends_that_measure_free_their_memories_and_age_no_more() -> None:
    device = MemoryDevice(t2_s=2e-3)
    link = ElementaryLink.werner(20.0, 0.3, 0.98)
    stored = run(uniform(6, link, device), 400, rng(1))
    measured = run(uniform(6, link, device, ends="measure"), 400, rng(1))
    assert measured.rate_hz > 1.2 * stored.rate_hz
    assert measured.fidelity > stored.fidelity


def test_the_same_seed_gives_the_same_bytes() -> None:
    chain = uniform(5, ElementaryLink.werner(20.0, 0.2, 0.95), NV, cutoff_s=0.5)
    first, second = run(chain, 50, rng(4), trace=True), run(chain, 50, rng(4), trace=True)
    assert first.weights.tobytes() == second.weights.tobytes()
    assert first.trace is not None
    assert second.trace is not None
    assert first.trace.rows.tobytes() == second.trace.rows.tobytes()


def test_a_trace_that_outgrows_its_room_changes_nothing() -> None:
    """The run begins again with more room and the same random numbers."""
    device = MemoryDevice(swap_success=0.5, memories=4)
    chain = uniform(5, ElementaryLink.werner(30.0, 0.6, 0.95), device, memories=2, cutoff_s=3e-3)
    plain, traced = run(chain, 400, rng(9)), run(chain, 400, rng(9), trace=True)
    assert traced.trace is not None
    assert len(traced.trace) > 1 << 14
    assert plain.delivered_s.tobytes() == traced.delivered_s.tobytes()
    assert plain.weights.tobytes() == traced.weights.tobytes()
    assert len(traced.trace.of_kind("deliver")) == 400
    assert len(traced.trace.of_kind("swap")) == traced.counts.swaps


def test_states_from_hardware_may_be_replayed_from_their_density_matrix() -> None:
    arm = Arm(0.5, Fibre(10.0))
    herald = single_click(arm, arm, 0.1, 0.1, Station(visibility=0.9))
    link = ElementaryLink.of_herald(herald, 20.0, transmittance=Fibre(20.0).transmittance)
    chain = uniform(3, link, MemoryDevice(t2_s=0.1))
    done = run(chain, 20, rng(2), trace=True)
    assert done.trace is not None
    exact = replay(chain, done.trace, [herald.pair, herald.pair])
    assert all(isinstance(pair.pair, PairDensity) for pair in exact)
    fidelities = np.array([float(pair.pair.fidelity()) for pair in exact])
    assert np.abs(fidelities - done.weights[:, 0]).max() < 0.05
    assert link.fidelity == pytest.approx(herald.fidelity, abs=1e-12)
    assert herald.attempt_s >= 20e3 / SPEED_OF_LIGHT_M_PER_S
