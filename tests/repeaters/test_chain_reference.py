"""The compiled chain against the slow, obvious one that steps attempts and carries messages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from slow_chain import SlowChain

from qcisim.quantum.distillation import BBPSSW, DEJMPS
from qcisim.repeaters import Chain, ElementaryLink, MemoryDevice, Schedule, ensemble, run

ALARM = 1e-9
DEVICE = MemoryDevice(t1_s=0.4, t2_s=0.1, gate_depolarising=0.01, readout_error_one=0.02, memories=12)
SURE = MemoryDevice(t2_s=0.02, gate_depolarising=0.005, swap_success=1.0, memories=12, gate_s=2e-6)


@st.composite
def sure_chains(draw: st.DrawFn) -> Chain:
    """Chains without chance: every attempt and every swap succeeds."""
    count = draw(st.integers(1, 6))
    links = []
    for _ in range(count):
        length = draw(st.integers(0, 40))
        link = ElementaryLink.werner(length, 1.0, 0.9)
        slower = draw(st.floats(1.0, 3.0))
        links.append(ElementaryLink(length, 1.0, max(link.attempt_s * slower, 1e-6), link.weights))
    policy = draw(st.sampled_from(["swap_asap", "doubling", "sequential"]))
    lanes = draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))
    return Chain(tuple(links), SURE, lanes, policy)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sure_chains())
def test_without_chance_both_deliver_the_same_pairs_at_the_same_picosecond(chain: Chain) -> None:
    """Pairs of one moment in any order, so those of the last moment, which may be incomplete, are left out."""
    slow = SlowChain(chain, np.random.default_rng(0))
    slow.run(8)
    fast = run(chain, 8, np.random.default_rng(0))
    assert fast.ended == "done"

    def rows(delivered: object, joined: object, weights: object) -> np.ndarray:
        times = np.rint(np.array([delivered, joined], dtype=float)).T[:8]
        both = np.hstack([times, np.round(np.array(weights)[:8], 9)])
        both = both[np.lexsort(both.T[::-1])]
        return both[both[:, 0] < both[-1, 0]]

    assert np.allclose(
        rows(fast.delivered_s * 1e12, fast.joined_s * 1e12, fast.weights),
        rows(slow.delivered, slow.joined, slow.weights),
        rtol=0.0,
        atol=2e-9,
    )


def links(count: int, p: float, length_km: float = 20.0) -> tuple[ElementaryLink, ...]:
    return (ElementaryLink.werner(length_km, p, 0.95),) * count


CASES = {
    "asap, failing swaps": Chain(links(4, 0.3), MemoryDevice(t2_s=5e-3, swap_success=0.5), 1),
    "asap, lanes, failing swaps": Chain(links(3, 0.2), MemoryDevice(t2_s=5e-3, swap_success=0.6, memories=6), 3),
    "asap, cut-off": Chain(links(3, 0.2), DEVICE, 1, cutoff_s=1e-3),
    "asap, cut-off, lanes, failing swaps": Chain(
        links(4, 0.3), MemoryDevice(t1_s=0.01, t2_s=5e-3, swap_success=0.7, memories=4), 2, cutoff_s=1.1e-3
    ),
    "doubling, failing swaps": Chain(
        links(4, 0.3), MemoryDevice(t2_s=5e-3, swap_success=0.5, memories=4), 2, policy="doubling"
    ),
    "doubling, cut-off": Chain(links(5, 0.5), DEVICE, 1, policy="doubling", cutoff_s=2e-3),
    "sequential, failing swaps, cut-off": Chain(
        links(3, 0.4), MemoryDevice(t2_s=5e-3, swap_success=0.5, memories=4), 2, policy="sequential", cutoff_s=1.5e-3
    ),
    "elementary distillation": Chain(links(3, 0.4), DEVICE, 3, schedule=Schedule(elementary=1, scheme=DEJMPS)),
    "pumping at the ends": Chain(links(2, 0.5), DEVICE, 3, schedule=Schedule(end_to_end=2, scheme=BBPSSW, pumped=True)),
    "nested distillation": Chain(
        links(4, 0.6), DEVICE, 4, policy="doubling", schedule=Schedule(1, (1,), 1, scheme=DEJMPS)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_with_chance_both_have_the_same_law(name: str) -> None:
    """Waits of the first and from the first to the third pair by Kolmogorov and Smirnov, states by Bernstein."""
    chain = CASES[name]
    runs = 100 if name == "nested distillation" else 250  # the slow one steps every attempt
    waits: dict[str, list[tuple[float, float, float]]] = {"slow": [], "fast": []}
    states: dict[str, list[np.ndarray]] = {"slow": [], "fast": []}
    discards = {"slow": 0, "fast": 0}
    for k in range(runs):
        slow = SlowChain(chain, np.random.default_rng(10_000 + k))
        slow.run(3)
        waits["slow"].append((slow.delivered[0], slow.delivered[2] - slow.delivered[0], slow.joined[0]))
        states["slow"].append(np.mean(slow.weights[:3], axis=0))
        discards["slow"] += slow.discards
    for k in range(8 * runs):
        fast = run(chain, 3, np.random.default_rng(k))
        done = fast.delivered_s * 1e12
        waits["fast"].append((done[0], done[2] - done[0], fast.joined_s[0] * 1e12))
        states["fast"].append(fast.weights.mean(axis=0))
        discards["fast"] += fast.counts.discarded_qubits
    for k in range(3):
        pair = [np.rint([wait[k] for wait in waits[kind]]) for kind in ("slow", "fast")]
        assert stats.ks_2samp(*pair).pvalue > ALARM
    for k in range(4):
        means, widths = [], []
        for kind in ("slow", "fast"):
            sample = np.array([state[k] for state in states[kind]])
            log = math.log(8.0 / ALARM)
            means.append(sample.mean())
            widths.append(math.sqrt(2.0 * sample.var(ddof=1) * log / len(sample)) + 7.0 * log / (3.0 * len(sample)))
        assert abs(means[0] - means[1]) < sum(widths)
    assert (discards["slow"] > 0) == (discards["fast"] > 0) == (chain.cutoff_s is not None)


def test_an_ensemble_is_many_first_pairs_of_runs() -> None:
    chain = CASES["asap, cut-off, lanes, failing swaps"]
    one_by_one = [run(chain, 1, np.random.default_rng(k)).delivered_s[0] for k in range(1500)]
    together = ensemble(chain, 20_000, np.random.default_rng(7)).delivered_s
    assert stats.ks_2samp(np.rint(np.array(one_by_one) * 1e12), np.rint(together * 1e12)).pvalue > ALARM
