"""States, entropies, distances, measurements and Bell states, against closed forms and qutip."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import InputError, PhysicsError
from qcisim.quantum import (
    Channel,
    Matrix,
    Povm,
    bb84_ket,
    bb84_povm,
    bell_state,
    binary_entropy,
    check_density,
    chsh_value,
    density,
    depolarising,
    fidelity,
    identity,
    ket,
    maximally_mixed,
    partial_trace,
    shannon_entropy,
    trace_distance,
    von_neumann_entropy,
    werner_state,
)
from qcisim.quantum.bridge import from_qutip, to_qutip


def random_density(seed: int, dimension: int) -> Matrix:
    return qutip.rand_dm(dimension, seed=seed).full()


seeds = st.integers(0, 2**31 - 1)


@given(seeds)
def test_partial_trace_against_qutip(seed: int) -> None:
    rho = random_density(seed, 12)
    theirs = qutip.Qobj(rho, dims=[[2, 3, 2], [2, 3, 2]])
    for keep in ([0], [1], [2], [0, 1], [0, 2], [1, 2]):
        assert np.abs(partial_trace(rho, [2, 3, 2], keep) - theirs.ptrace(keep).full()).max() < 1e-12


def test_partial_trace_keeps_the_order_asked_for() -> None:
    a, b = random_density(1, 2), random_density(2, 3)
    assert np.abs(partial_trace(np.kron(a, b), [2, 3], [1, 0]) - np.kron(b, a)).max() < 1e-12


@given(seeds, seeds)
def test_distances_and_entropy_against_qutip(one: int, two: int) -> None:
    rho, sigma = random_density(one, 3), random_density(two, 3)
    left, right = qutip.Qobj(rho), qutip.Qobj(sigma)
    assert fidelity(rho, sigma) == pytest.approx(qutip.fidelity(left, right) ** 2, abs=1e-9)
    assert trace_distance(rho, sigma) == pytest.approx(qutip.tracedist(left, right), abs=1e-9)
    assert von_neumann_entropy(rho) == pytest.approx(qutip.entropy_vn(left, base=2), abs=1e-10)


@given(seeds, seeds)
def test_fuchs_van_de_graaf(one: int, two: int) -> None:
    rho, sigma = random_density(one, 2), random_density(two, 2)
    f, d = fidelity(rho, sigma), trace_distance(rho, sigma)
    assert 1 - math.sqrt(f) <= d + 1e-9
    assert d <= math.sqrt(max(0.0, 1 - f)) + 1e-9


@given(st.floats(0.0, 1.0))
def test_binary_entropy_is_the_entropy_of_two(p: float) -> None:
    assert binary_entropy(p) == pytest.approx(shannon_entropy([p, 1 - p]), abs=1e-12)
    assert binary_entropy(p) == pytest.approx(binary_entropy(1 - p), abs=1e-12)


def test_golden_entropies() -> None:
    assert binary_entropy(0.5) == 1.0
    assert binary_entropy(0.11) == pytest.approx(0.499916, abs=5e-7)  # Shor and Preskill (2000): 1 - 2 h(11 %) = 0
    assert binary_entropy(1e-300) > 0.0
    assert shannon_entropy([0.25] * 4) == pytest.approx(2.0, abs=1e-15)
    assert von_neumann_entropy(bell_state(2)) == pytest.approx(0.0, abs=1e-12)
    assert von_neumann_entropy(partial_trace(bell_state(2), [2, 2], [0])) == pytest.approx(1.0, abs=1e-12)
    assert von_neumann_entropy(maximally_mixed(4)) == pytest.approx(2.0, abs=1e-12)


@given(st.floats(0.25, 1.0))
def test_chsh_of_a_werner_state(f: float) -> None:
    expected = 2 * math.sqrt(2) * (4 * f - 1) / 3
    assert chsh_value(werner_state(f)) == pytest.approx(expected, abs=1e-12)
    assert fidelity(werner_state(f), bell_state(0)) == pytest.approx(f, abs=1e-7)


@given(seeds)
def test_no_state_beats_tsirelson(seed: int) -> None:
    assert chsh_value(random_density(seed, 4)) <= 2 * math.sqrt(2) + 1e-12


def test_bell_states_are_a_basis_and_agree_with_qutip() -> None:
    total = sum(bell_state(i) for i in range(4))
    assert np.abs(total - np.eye(4)).max() < 1e-12
    for index, name in enumerate(("00", "01", "10", "11")):
        theirs = qutip.ket2dm(qutip.bell_state(name)).full()
        assert np.abs(bell_state(index) - theirs).max() < 1e-12


def test_bb84_states_and_measurements() -> None:
    for basis in (0, 1):
        for bit in (0, 1):
            rho = density(bb84_ket(basis, bit))
            assert bb84_povm(basis).probabilities(rho)[bit] == pytest.approx(1.0, abs=1e-12)
            assert bb84_povm(1 - basis).probabilities(rho) == pytest.approx([0.5, 0.5], abs=1e-12)


@given(seeds, st.floats(0.0, 1.0))
def test_born_probabilities_against_qutip(seed: int, p: float) -> None:
    rho = depolarising(p).apply(random_density(seed, 2))
    for basis, operator in ((0, qutip.sigmaz()), (1, qutip.sigmax())):
        mean = qutip.expect(operator, qutip.Qobj(rho))
        assert bb84_povm(basis).probabilities(rho) == pytest.approx([(1 + mean) / 2, (1 - mean) / 2], abs=1e-12)


def test_bridge_round_trips() -> None:
    psi = ket([1, 2j, 0, 1])
    assert np.abs(np.asarray(from_qutip(to_qutip(psi))) - psi).max() < 1e-12
    rho = random_density(3, 4)
    both = to_qutip(rho, [2, 2])
    assert both.dims == [[2, 2], [2, 2]]
    assert np.abs(np.asarray(from_qutip(both)) - rho).max() < 1e-12
    choi = qutip.to_choi(to_qutip(depolarising(0.3)))
    back = from_qutip(choi)
    assert isinstance(back, Channel)
    assert np.abs(back.superop - depolarising(0.3).superop).max() < 1e-9


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ket([0, 0]), "norm 0"),
        (lambda: check_density(np.eye(2)), "trace 2"),
        (lambda: check_density([[1.5, 0], [0, -0.5]]), "negative"),
        (lambda: check_density([[0.5, 1], [0, 0.5]]), "Hermitian"),
        (lambda: check_density(np.ones((2, 3))), "square"),
        (lambda: check_density([[np.nan, 0], [0, 1]]), "finite"),
        (lambda: bb84_ket(2, 0), "basis 2"),
        (lambda: maximally_mixed(0), "at least one"),
        (lambda: partial_trace(np.eye(4) / 4, [2, 3], [0]), "do not fit"),
        (lambda: partial_trace(np.eye(4) / 4, [2, 2], [0, 0]), "different"),
        (lambda: binary_entropy(1.1), "lies in"),
        (lambda: shannon_entropy([0.5, 0.6]), "sum to 1"),
        (lambda: bell_state(4), "four"),
        (lambda: werner_state(-0.1), "lies in"),
        (lambda: Povm(np.array([np.eye(2) * 0.5])), "completeness"),
        (lambda: Povm(np.array([np.eye(2) * 1.5, -np.eye(2) * 0.5])), "negative"),
        (lambda: Povm(np.eye(2)), "wanted"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()


def test_bridge_refuses_what_is_no_channel_or_state() -> None:
    with pytest.raises(InputError, match="bra"):
        from_qutip(qutip.basis(2, 0).dag())
    transpose = qutip.Qobj(
        identity().superop[[0, 2, 1, 3]], dims=[[[2], [2]], [[2], [2]]], superrep="super"
    )  # positive, not completely positive
    with pytest.raises(InputError, match="completely positive"):
        from_qutip(transpose)
