"""Devices, links, policies and schedules: presets, what is refused and why."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from qcisim import registry
from qcisim.errors import InputError, PhysicsError
from qcisim.optics.fibre import Fibre
from qcisim.optics.heralding import Arm, double_click
from qcisim.quantum import BellDiagonal, PairDensity
from qcisim.quantum.distillation import EPL
from qcisim.repeaters import (
    ATOMIC_ENSEMBLE,
    NV,
    QUANTUM_DOT,
    Chain,
    ElementaryLink,
    MemoryDevice,
    Schedule,
    doubling,
    ensemble,
    ranks_of,
    run,
    sequential,
    swap_asap,
    uniform,
)
from qcisim.repeaters.compiled import CHARACTERS, weights_of
from qcisim.repeaters.policy import well_ordered

LINK = ElementaryLink.werner(10.0, 0.5, 0.9)
PAIR = np.array([1.0, 0.0, 0.0, 0.0])


def test_every_preset_is_registered_with_its_source_and_can_be_changed() -> None:
    registry.load_all()
    entries = list(registry.entries("memory"))
    assert {"nv", "siv", "trapped_ion", "atomic_ensemble", "quantum_dot", "perfect"} <= {e.name for e in entries}
    for entry in entries:
        assert entry.make is not None
        device = entry.make()
        assert isinstance(device, MemoryDevice)
        assert device.t2_s <= 2.0 * device.t1_s
        assert entry.make(memories=3).memories == 3
        assert len(entry.source) > 10
        for parameter in entry.parameters:
            assert parameter.minimum <= parameter.good <= parameter.maximum
            assert hasattr(device, parameter.name)
    for name in ("swap_asap", "doubling", "sequential"):
        policy = registry.get("policy", name)
        assert policy.make is not None
        assert len(policy.make(5)) == 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"t1_s": 1.0, "t2_s": 2.1}, "above 2 T1"),
        ({"t2_s": 0.0}, "coherence time is positive"),
        ({"gate_depolarising": 1.2}, "lies in"),
        ({"readout_error_one": -0.1}, "lies in"),
        ({"swap_success": 1.5}, "swap_success"),
        ({"gate_s": math.inf}, "duration"),
        ({"memories": 0}, "stores nothing"),
    ],
)
def test_impossible_devices_are_refused(change: dict[str, float], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        replace(MemoryDevice(), **change)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ElementaryLink(-1.0, 0.5, 1e-3, PAIR), "length"),
        (lambda: ElementaryLink(10.0, 0.0, 1e-3, PAIR), "never ends"),
        (lambda: ElementaryLink(100.0, 0.5, 1e-4, PAIR), "no herald before"),
        (lambda: ElementaryLink(10.0, 0.5, 0.0, PAIR), "takes time"),
        (lambda: ElementaryLink(10.0, 0.5, 1e-3, np.array([0.5, 0.6, 0.0, 0.0])), "sum to 1"),
        (lambda: ElementaryLink(10.0, 0.5, 1e-3, PAIR, (0.0, 2e-3)), "at most one attempt"),
        (lambda: ElementaryLink(10.0, 0.5, 1e-3, PAIR, group_index=0.9), "nothing is faster"),
        (lambda: ElementaryLink(10.0, 0.5, 1e-3, PAIR, transmittance=1.1), "cannot amplify"),
        (lambda: ElementaryLink.werner(10.0, 0.5, 1.1), "fidelity"),
        (lambda: ElementaryLink.werner(10.0, 0.5, 0.2), "fidelity"),
        (lambda: uniform(1, LINK), "two ends"),
        (lambda: Chain(()), "at least one link"),
        (lambda: uniform(3, LINK, memories=2), "memories in use"),
        (lambda: uniform(3, LINK, QUANTUM_DOT), "memories in use"),
        (lambda: uniform(3, LINK, memories=0), "without memories"),
        (lambda: Chain((LINK, LINK), [NV, NV]), "devices for 3 nodes"),
        (lambda: uniform(3, LINK, cutoff_s=1e-5), "thrown away"),
        (lambda: uniform(3, LINK, cutoff_s=math.inf), "None for no limit"),
        (lambda: uniform(5, LINK, policy=(0, 1)), "2 ranks for 3 repeaters"),
        (lambda: uniform(5, LINK, schedule=Schedule(levels=(1,))), "doubling or sequential"),
        (lambda: uniform(5, LINK, schedule=Schedule(end_to_end=1), ends="measure"), "nothing left to distil"),
        (lambda: Schedule(elementary=17), "wanted 0 to 16"),
        (lambda: Schedule(elementary=2, scheme=EPL), "epl takes one round"),
        (lambda: run(uniform(3, LINK), 0, np.random.default_rng(0)), "at least one"),
        (lambda: ensemble(uniform(3, LINK), 0, np.random.default_rng(0)), "at least one"),
        (lambda: run(uniform(3, LINK), 1, np.random.default_rng(0), horizon_s=0.0), "wanted above 0"),
    ],
)
def test_impossible_chains_are_refused(make: object, words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()  # type: ignore[operator]


def test_an_unknown_policy_is_refused_with_a_hint() -> None:
    with pytest.raises(InputError, match="did you mean 'doubling'"):
        uniform(4, LINK, policy="doublin")


def test_ranks_of_the_policies() -> None:
    assert swap_asap(4) == (0, 0, 0, 0)
    assert doubling(7) == (0, 1, 0, 2, 0, 1, 0)
    assert sequential(3) == (0, 1, 2)
    assert ranks_of((1, 0, 1), 3) == (1, 0, 1)
    assert well_ordered(doubling(31))
    assert well_ordered(sequential(9))
    assert not well_ordered((1, 0, 1))
    assert not well_ordered(swap_asap(2))


def test_characters_are_the_weights() -> None:
    weights = np.random.default_rng(1).dirichlet(np.ones(4), 50)
    assert np.allclose(weights_of(weights @ CHARACTERS), weights, atol=1e-15)


def test_a_single_link_delivers_its_own_pairs_after_the_wait_for_the_herald() -> None:
    device = MemoryDevice(t1_s=5e-3, t2_s=4e-3)
    link = ElementaryLink(20.0, 0.2, 2e-4, np.array([0.9, 0.05, 0.03, 0.02]))
    done = run(uniform(2, link, device), 50, np.random.default_rng(0))
    wait = round(link.delay_s * 1e12) / 1e12
    expected = BellDiagonal(link.weights).store(device.twirled, wait, 0).store(device.twirled, wait, 1).weights
    assert np.allclose(done.weights, expected, atol=1e-12)
    assert np.allclose(np.rint(done.delivered_s / 2e-4) * 2e-4, done.delivered_s, atol=1e-15)


def test_one_swap_is_the_pair_algebra_of_the_quantum_room() -> None:
    """p = 1: both links herald at once, the swap takes its time, the ends wait for its news."""
    device = MemoryDevice(t2_s=3e-3, gate_depolarising=0.03, readout_error_zero=0.02, gate_s=4e-6, readout_s=1e-6)
    link = ElementaryLink(20.0, 1.0, 1e-4, np.array([0.9, 0.05, 0.03, 0.02]))
    done = run(uniform(3, link, device), 1, np.random.default_rng(0))
    herald, way = 1e-4, link.delay_s
    assert done.joined_s[0] == pytest.approx(herald + 5e-6, abs=1e-12)
    assert done.delivered_s[0] == pytest.approx(herald + 5e-6 + way, abs=2e-12)
    middle, end = way + 5e-6, way + 5e-6 + way
    left = BellDiagonal(link.weights).store(device.twirled, end, 0).store(device.twirled, middle, 1)
    right = BellDiagonal(link.weights).store(device.twirled, middle, 0).store(device.twirled, end, 1)
    assert np.allclose(done.weights[0], left.swap(right, device.noise).weights, atol=1e-9)


def test_linear_optics_needs_twice_as_many_tries() -> None:
    sure = ensemble(uniform(3, LINK, MemoryDevice()), 20_000, np.random.default_rng(0))
    half = ensemble(uniform(3, LINK, replace(ATOMIC_ENSEMBLE, t2_s=math.inf)), 20_000, np.random.default_rng(0))
    assert sure.counts.failed_swaps == 0
    assert half.counts.failed_swaps / half.counts.swaps == pytest.approx(0.5, abs=0.02)
    assert 1.7 < half.mean_wait_s / sure.mean_wait_s < 3.0


def test_swaps_that_never_succeed_are_a_stated_zero() -> None:
    done = run(uniform(4, LINK, MemoryDevice(swap_success=0.0)), 1, np.random.default_rng(0))
    assert (done.ended, done.rate_hz) == ("impossible", 0.0)
    assert "never succeed" in done.reason


def test_a_link_from_hardware_has_the_waits_of_its_longer_arm() -> None:
    near, far = Arm(0.5, Fibre(5.0)), Arm(0.5, Fibre(15.0))
    herald = double_click(near, far, preparation_s=1e-6)
    link = ElementaryLink.of_herald(herald, 20.0, transmittance=Fibre(20.0).transmittance)
    assert link.waited_s[0] == pytest.approx(Fibre(5.0).delay_s + Fibre(15.0).delay_s)
    assert link.waited_s[1] == pytest.approx(2.0 * Fibre(15.0).delay_s)
    assert link.attempt_s == herald.attempt_s
    assert link.success_probability == herald.success_probability
    assert np.allclose(link.weights, BellDiagonal.twirled(herald.pair.to_density()).weights)
    assert isinstance(herald.pair, PairDensity)


def test_results_without_pairs_are_white_noise_at_no_rate() -> None:
    empty = run(uniform(3, LINK), 5, np.random.default_rng(0), horizon_s=1e-6)
    assert (len(empty), empty.rate_hz, empty.fidelity) == (0, 0.0, 0.25)
    assert np.allclose(empty.rho, np.eye(4) / 4.0)
    few = ensemble(uniform(3, LINK), 5, np.random.default_rng(0), horizon_s=1e-6)
    assert few.mean_wait_s == math.inf
    with pytest.raises(PhysicsError, match="no pairs"):
        few.waiting_quantiles_s(np.array([0.5]))
