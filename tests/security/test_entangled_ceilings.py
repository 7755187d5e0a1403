"""Ceilings of rates over arrays, chains and routes; cloning, flips, and intervals of very long blocks."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.security import bb84_fraction, capacity, ceilings, clopper_pearson_lower, clopper_pearson_upper
from qcisim.security.cloning import individual_information, universal_cloner
from qcisim.security.preprocessing import bb84_fraction_with_flips, bb84_threshold_with_flips

ETA = st.floats(1e-9, 0.999)


def test_arrays_hold_what_the_scalar_functions_say() -> None:
    eta = np.logspace(-8, -1e-4, 50)
    for n in (0, 1, 3):
        assert ceilings.repeater_bound(eta, n) == pytest.approx(
            [capacity.repeater_capacity(x, n) for x in eta], rel=1e-14
        )
    assert ceilings.repeaterless_bound(eta) == pytest.approx([capacity.plob(x) for x in eta], rel=1e-14)
    assert ceilings.single_repeater_bound(1e-4) == pytest.approx(capacity.plob(1e-2), rel=1e-14)
    assert ceilings.repeaterless_bound([0.0, 1.0]).tolist() == [0.0, math.inf]
    assert ceilings.repeaterless_bound(1e-12) / 1e-12 == pytest.approx(1.0 / math.log(2.0), rel=1e-9)


@given(ETA, st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_more_repeaters_raise_the_ceiling_and_equal_spacing_is_best(eta: float, repeaters: int) -> None:
    assert ceilings.repeater_bound(eta, repeaters) <= ceilings.repeater_bound(eta, repeaters + 1)
    links = np.random.default_rng(repeaters).dirichlet(np.ones(repeaters + 1))
    uneven = ceilings.chain_bound(eta**links)
    assert uneven <= ceilings.repeater_bound(eta, repeaters) * (1.0 + 1e-9)
    even = np.full(repeaters + 1, eta ** (1.0 / (repeaters + 1)))
    assert ceilings.chain_bound(even) == pytest.approx(float(ceilings.repeater_bound(eta, repeaters)), rel=1e-9)


def test_chains_over_arrays_and_parallel_modes() -> None:
    arms = np.array([[0.1, 0.01], [0.5, 0.5]])
    assert ceilings.chain_bound(arms) == pytest.approx([capacity.plob(0.01), 1.0])
    assert ceilings.parallel_bound(0.01, 1, 4) == pytest.approx(4.0 * capacity.repeater_capacity(0.01, 1))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_best_route_against_every_simple_path(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(6, 0.5, seed=seed)
    links = [(a, b, float(rng.random())) for a, b in graph.edges]
    eta = {frozenset((a, b)): x for a, b, x in links}
    bound, route = ceilings.best_route_bound(links, 0, 5)
    paths = list(nx.all_simple_paths(graph, 0, 5))
    if not paths:
        assert (bound, route) == (0.0, ())
        return
    best = max(min(eta[frozenset(step)] for step in itertools.pairwise(path)) for path in paths)
    assert bound == pytest.approx(capacity.plob(best), rel=1e-12)
    assert min(eta[frozenset(step)] for step in itertools.pairwise(route)) == best


@pytest.mark.parametrize("eta", [-0.1, 1.1, math.nan])
def test_lines_that_amplify_are_refused(eta: float) -> None:
    for ceiling in (ceilings.repeaterless_bound, ceilings.single_repeater_bound, lambda x: ceilings.chain_bound([x])):
        with pytest.raises(PhysicsError, match="cannot amplify"):
            ceiling(eta)
    with pytest.raises(PhysicsError, match="repeaters"):
        ceilings.repeater_bound(0.1, -1)
    with pytest.raises(PhysicsError, match="at least one link"):
        ceilings.chain_bound(np.zeros((2, 0)))
    with pytest.raises(PhysicsError, match="modes"):
        ceilings.parallel_bound(0.1, 0, 0)


@given(st.floats(0.0, math.pi), st.floats(0.0, 2.0 * math.pi))
@settings(max_examples=30, deadline=None)
def test_the_universal_cloner_copies_every_state_alike(theta: float, phase: float) -> None:
    ket = np.array([math.cos(theta / 2.0), np.exp(1j * phase) * math.sin(theta / 2.0)])
    clone = universal_cloner().apply(np.outer(ket, ket.conj()))
    assert float((ket.conj() @ clone @ ket).real) == pytest.approx(5.0 / 6.0, rel=1e-12)


def test_individual_attacks_cross_where_the_source_says() -> None:
    q = (1.0 - 1.0 / math.sqrt(2.0)) / 2.0
    bob, eve = individual_information(q)
    assert bob == pytest.approx(eve, abs=1e-12)
    bob, eve = individual_information(0.05)
    assert bob > eve > 0.0


@given(st.floats(0.0, 0.2), st.floats(0.0, 0.5))
@settings(max_examples=60, deadline=None)
def test_flips_of_the_key(qber: float, flip: float) -> None:
    assert bb84_fraction_with_flips(qber, 0.0) == pytest.approx(bb84_fraction(qber, qber), abs=1e-12)
    assert bb84_fraction_with_flips(qber, 0.5) == pytest.approx(0.0, abs=1e-12)
    if qber > bb84_threshold_with_flips() + 1e-3:
        assert bb84_fraction_with_flips(qber, flip) <= 1e-12


def test_flips_reach_further() -> None:
    assert bb84_threshold_with_flips() == pytest.approx(0.1241202, abs=1e-6)
    assert bb84_fraction(0.12, 0.12) < 0.0 < bb84_fraction_with_flips(0.12, 0.45)
    with pytest.raises(PhysicsError, match="flip"):
        bb84_fraction_with_flips(0.1, 0.7)


@pytest.mark.parametrize("rate", [1e-3, 0.02, 0.14])
def test_intervals_of_very_long_blocks_keep_their_digits(rate: float) -> None:
    """Width times sqrt n is a constant; where the beta function runs out of digits a Chernoff end is a little wider."""
    widths = []
    for exponent in (10, 12, 13, 14, 16, 18, 20):
        n = 10.0**exponent
        low, high = clopper_pearson_lower(rate * n, n, 1e-11), clopper_pearson_upper(rate * n, n, 1e-11)
        widths.append((high - low) * math.sqrt(n))
        assert low < rate < high
    assert widths[0] == pytest.approx(widths[2], rel=1e-3)
    assert all(widths[2] < width < 1.2 * widths[2] for width in widths[3:])
