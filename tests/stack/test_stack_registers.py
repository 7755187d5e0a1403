"""Pairs inserted as a group, waiting in one step and reports with errors: three registers against qutip."""

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_programs import consistent

from qcisim.errors import PhysicsError
from qcisim.quantum import (
    PAULIS,
    AdaptiveRegister,
    KetRegister,
    Register,
    depolarising,
    two_qubit_depolarising,
    werner_state,
)
from qcisim.quantum.gate import CNOT, CZ, H, S, T, X
from qcisim.quantum.stabiliser import StabiliserRegister

ANGLES = st.floats(0.0, 1.0)


def random_state(seed: int, levels: int) -> np.ndarray:
    return qutip.rand_dm(levels, seed=seed).full()


def on(operator: np.ndarray, place: int, count: int) -> np.ndarray:
    """A one-qubit operator on one of several qubits."""
    whole = np.eye(1)
    for index in range(count):
        whole = np.kron(whole, operator if index == place else np.eye(2))
    return whole


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 5))
def test_density_matrices_follow_qutip_in_groups_of_every_size(seed: int, more: int) -> None:
    """A pair, qubits joined to it, noise on one and two of them: the same matrix as qutip's tensor algebra."""
    rho = random_state(seed, 4)
    register = Register(np.random.default_rng(1))
    a, b = register.insert(rho)
    others = register.add(more)
    register.apply(T, a)
    expected = np.kron(rho, np.diag([1.0] + [0.0] * (2**more - 1)))
    count = 2 + more
    turn = on(T.matrix, 0, count)
    expected = turn @ expected @ turn.conj().T
    for index, other in enumerate(others):
        register.apply(CNOT, b, other)
        zero, one = on(np.diag([1.0, 0.0]), 1, count), on(np.diag([0.0, 1.0]), 1, count)
        controlled = zero + one @ on(X.matrix, 2 + index, count)
        expected = controlled @ expected @ controlled.conj().T
    channel = two_qubit_depolarising(0.3)
    register.apply(channel, others[-1], a)
    products = [on(first, count - 1, count) @ on(second, 0, count) for first in PAULIS for second in PAULIS]
    mixed = sum(one @ expected @ one.conj().T for one in products)
    expected = 0.7 * expected + 0.3 * mixed / 16.0
    ours = register.to_density(a, b, *others)
    np.testing.assert_allclose(ours, expected, atol=1e-12)
    kept = qutip.Qobj(expected, dims=[[2] * count] * 2).ptrace([0, count - 1]).full()
    np.testing.assert_allclose(register.to_density(a, others[-1]), kept, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), ANGLES, ANGLES, st.integers(0, 1))
def test_waiting_is_damping_and_dephasing_of_qutip(seed: int, population: float, left: float, side: int) -> None:
    """rho -> the Kraus operators of amplitude damping, then of dephasing, on one qubit of a pair."""
    rho = random_state(seed, 4)
    coherence = left * np.sqrt(population)
    register = Register(np.random.default_rng(1))
    pair = register.insert(rho)
    before = rho.copy()
    register.relax(pair[side], population, coherence)
    damping = [np.diag([1.0, np.sqrt(population)]), np.sqrt(1.0 - population) * np.array([[0, 1], [0, 0]])]
    expected = sum(on(k, side, 2) @ rho @ on(k, side, 2).conj().T for k in damping)
    z = on(np.diag([1.0, -1.0]), side, 2)
    expected = 0.5 * (1 + left) * expected + 0.5 * (1 - left) * z @ expected @ z
    np.testing.assert_allclose(register.to_density(*pair), expected, atol=1e-12)
    np.testing.assert_array_equal(rho, before)  # an inserted state is shared: it stays as it is


@pytest.mark.parametrize("kind", [Register, KetRegister])
def test_reports_with_errors_leave_what_the_povm_leaves(kind: type) -> None:
    """P(1) = e0 rho00 + (1 - e1) rho11, and the state goes on as M rho M^dagger."""
    rho = random_state(7, 4)
    e0, e1 = 0.2, 0.05
    rng = np.random.default_rng(3)
    runs, ones = 1500, 0
    sums = np.zeros((2, 4, 4), dtype=complex)
    for _ in range(runs):
        register = kind(rng)
        a, b = register.insert(rho)
        result = register.read(a, e0, e1)
        ones += result
        sums[result] += register.to_density(a, b)
    keep = np.kron(np.diag(np.sqrt([e0, 1 - e1])), np.eye(2))
    after = keep @ rho @ keep
    assert consistent(ones, runs, after.trace().real)
    tolerance = 1e-12 if kind is Register else 6.0 / np.sqrt(ones)
    np.testing.assert_allclose(sums[1] / ones, after / after.trace().real, atol=tolerance)


@pytest.mark.parametrize("kind", [KetRegister, StabiliserRegister])
def test_sampled_registers_have_the_inserted_state_on_average(kind: type) -> None:
    """Correlations of a Werner pair in X, Y and Z: w = (4F - 1)/3, signs +, -, +."""
    rng = np.random.default_rng(5)
    fidelity, runs = 0.85, 1200
    for basis, sign in (("X", 1), ("Y", -1), ("Z", 1)):
        equal = 0
        for _ in range(runs):
            register = kind(rng)
            a, b = register.insert(werner_state(fidelity))
            equal += register.measure(a, basis) == register.measure(b, basis)
        assert consistent(equal, runs, 0.5 * (1.0 + sign * (4.0 * fidelity - 1.0) / 3.0)), basis


@pytest.mark.parametrize("kind", [Register, KetRegister, AdaptiveRegister, StabiliserRegister])
def test_waiting_brings_a_pair_to_the_same_correlations(kind: type) -> None:
    """<ZZ> = d and <XX> = c for a waiting half of Phi+ (the twirl keeps both)."""
    rng = np.random.default_rng(9)
    population, coherence, runs = 0.6, 0.5, 1500
    for basis, value in (("Z", population), ("X", coherence)):
        equal = 0
        for _ in range(runs):
            register = kind(rng)
            a, b = register.insert(werner_state(1.0))
            register.relax(b, population, coherence)
            equal += register.measure(a, basis) == register.measure(b, basis)
        assert consistent(equal, runs, 0.5 * (1.0 + value)), (kind, basis)


@pytest.mark.parametrize("kind", [Register, KetRegister, AdaptiveRegister, StabiliserRegister])
def test_a_register_knows_who_is_held_together(kind: type) -> None:
    register = kind(np.random.default_rng(2))
    a, b = register.insert(werner_state(1.0))
    (c,) = register.add()
    if kind is not StabiliserRegister:
        assert register.together(a) == [a, b]
    assert register.together(c) == [c]
    register.apply(CZ, b, c)
    register.measure(b)
    register.discard(b)
    assert len(register) == 2
    with pytest.raises(PhysicsError, match="never added"):
        register.together(b)


@pytest.mark.parametrize("kind", [Register, KetRegister, AdaptiveRegister, StabiliserRegister])
def test_other_shapes_are_refused(kind: type) -> None:
    with pytest.raises(PhysicsError, match="wanted \\(4, 4\\)"):
        kind(np.random.default_rng(2)).insert(np.eye(2))


def test_the_stream_of_a_register_can_be_exchanged() -> None:
    """The same draws wherever the stream comes from."""
    results = []
    for start in (1, 2):
        register = Register(np.random.default_rng(start))
        register.rng = np.random.default_rng(77)
        bits = []
        for qubit in register.add(64):
            register.apply(H, qubit)
            register.apply(S, qubit)
            register.apply(depolarising(0.1), qubit)
            bits.append(register.measure(qubit))
        results.append(bits)
    assert results[0] == results[1]


class Evenly:
    """Random numbers that are the middles of ``count`` equal parts of (0, 1), one per copy."""

    def __init__(self, part: int, count: int) -> None:
        self.value = (part + 0.5) / count

    def random(self) -> float:
        return self.value


def test_states_become_kets_whose_mean_they_are() -> None:
    """An eigenvector drawn with its eigenvalue: the mean over evenly spaced draws is the state, to their spacing."""
    draws, mean = 4000, np.zeros((8, 8), dtype=complex)
    register = Register(np.random.default_rng(0))
    a, b = register.insert(random_state(4, 4))
    (c,) = register.add()
    register.apply(H, c)
    register.apply(CNOT, c, b)
    register.apply(depolarising(0.3), c)
    for part in range(draws):
        register.rng = Evenly(part, draws)  # type: ignore[assignment]
        mean += register.sampled().to_density(a, b, c) / draws
    assert np.abs(mean - register.to_density(a, b, c)).max() < 8 / draws


def test_density_matrices_give_way_to_kets_once() -> None:
    """Three noisy qubits where two are exact: told once, all numbers stay, correlations of the exact register."""
    rng, runs, odd, told = np.random.default_rng(5), 1500, 0, []
    whole = Register(rng)
    for _ in range(runs):
        register = AdaptiveRegister(rng, exact=2, largest=3, on_change=lambda: told.append(1))
        (alone,) = register.add()
        a, b = register.insert(werner_state(0.8))
        register.apply(X, alone)
        assert not register.samples
        (c,) = register.add()
        register.apply(CNOT, b, c)
        register.apply(depolarising(0.2), c)
        assert register.samples
        assert register.group_sizes == [3, 1]
        assert register.measure(alone) == 1
        odd += register.measure(a) != register.measure(c)
    assert len(told) == runs
    a, b = whole.insert(werner_state(0.8))
    (c,) = whole.add()
    whole.apply(CNOT, b, c)
    whole.apply(depolarising(0.2), c)
    diagonal = whole.to_density(a, c).diagonal().real
    assert consistent(odd, runs, float(diagonal[1] + diagonal[2]))
    a, b = register.insert(werner_state(1.0))
    with pytest.raises(PhysicsError, match="a group of 5 entangled qubits: this register holds up to 3 together"):
        register.apply(CNOT, alone, a)
        register.apply(CNOT, register.insert(werner_state(1.0))[0], b)
