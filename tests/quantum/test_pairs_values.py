"""Pairs as values: laws, closed forms, agreement of Bell weights with density matrices, refusals."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from functools import reduce

import numpy as np
import pytest
import qutip
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from qcisim.errors import PhysicsError
from qcisim.quantum import (
    BBPSSW,
    DEJMPS,
    EPL,
    PERFECT,
    SCHEMES,
    BellDiagonal,
    Matrix,
    Memory,
    OperationNoise,
    PairDensity,
    TwirledMemory,
    amplitude_damping,
    bell_state,
    check_density,
    dephasing,
    depolarising,
    mean_teleportation_fidelity,
    pauli,
    pumping,
    reaching,
    recurrence,
    rotation,
    teleport,
    two_qubit_depolarising,
)
from qcisim.quantum.gate import CNOT, SWAP, H, X

probability = st.floats(0.0, 1.0)
fidelities = st.floats(0.25, 1.0)
seeds = st.integers(0, 2**31 - 1)
noises = st.builds(OperationNoise, probability, probability, probability)
schemes = st.sampled_from(sorted(SCHEMES.values(), key=lambda s: s.name))


@st.composite
def bell_pairs(draw: st.DrawFn) -> BellDiagonal:
    raw = np.array([draw(st.floats(0.0, 1.0)) for _ in range(4)]) + 1e-3
    return BellDiagonal(raw / raw.sum())


def any_pair(seed: int) -> PairDensity:
    return PairDensity.of(qutip.rand_dm(4, seed=seed).full())


def same(left: Matrix, right: Matrix, tolerance: float = 1e-12) -> bool:
    return bool(np.abs(left - right).max() < tolerance)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Kernels are compiled before hypothesis looks at the clock."""
    for kind in (BellDiagonal, PairDensity):
        many = kind.werner(np.array([0.8, 0.9]))
        many.swap(many)
        many.distil(many)
        kind.werner(0.8).swap(kind.werner(0.9))
        kind.werner(0.8).distil(kind.werner(0.9))


# Laws


@given(seeds, seeds, noises, schemes)
def test_operations_keep_states_states(one: int, two: int, noise: OperationNoise, scheme: object) -> None:
    left, right = any_pair(one), any_pair(two)
    check_density(left.swap(right, noise).to_density())
    done = left.distil(right, scheme, noise)  # type: ignore[arg-type]
    check_density(done.pair.to_density())
    assert -1e-15 <= done.probability <= 1.0 + 1e-15


@given(bell_pairs(), bell_pairs(), noises, schemes)
def test_weights_and_density_matrices_agree(
    one: BellDiagonal, two: BellDiagonal, noise: OperationNoise, scheme: object
) -> None:
    left, right = PairDensity.of_weights(one), PairDensity.of_weights(two)
    assert same(one.swap(two, noise).to_density(), left.swap(right, noise).to_density())
    weights = one.distil(two, scheme, noise, PERFECT)  # type: ignore[arg-type]
    density = left.distil(right, scheme, noise, PERFECT)  # type: ignore[arg-type]
    assert weights.probability == pytest.approx(density.probability, abs=1e-13)
    if weights.probability > 1e-6:
        assert same(weights.pair.to_density(), density.pair.to_density(), 1e-9)
    assert np.abs(one.outcomes("X", (1, 2, 3), noise) - left.outcomes("X", (1, 2, 3), noise)).max() < 1e-13


@given(seeds, seeds, seeds)
def test_the_order_of_swaps_does_not_matter(one: int, two: int, three: int) -> None:
    a, b, c = (BellDiagonal.twirled(any_pair(seed).to_density()) for seed in (one, two, three))
    assert np.abs(a.swap(b).swap(c).weights - a.swap(b.swap(c)).weights).max() < 1e-14


@given(st.lists(seeds, min_size=5, max_size=5), noises, schemes)
def test_batches_are_pairs_side_by_side(numbers: list[int], noise: OperationNoise, scheme: object) -> None:
    """Density matrices and weights, many at once, many with one, one with many."""
    rho = np.array([any_pair(seed).to_density() for seed in numbers])
    other = any_pair(numbers[0] ^ 1)
    for many, one in (
        (PairDensity.of(rho), other),
        (BellDiagonal.twirled(rho), BellDiagonal.twirled(other.to_density())),
    ):
        singles = [type(many).of(m) if isinstance(many, PairDensity) else type(many).twirled(m) for m in rho]
        swaps = {
            "both": (many.swap(many, noise), [s.swap(s, noise) for s in singles]),
            "right": (many.swap(one, noise), [s.swap(one, noise) for s in singles]),
            "left": (one.swap(many, noise), [one.swap(s, noise) for s in singles]),
        }
        for batch, each in swaps.values():
            assert same(batch.to_density(), np.array([e.to_density() for e in each]))
        kept = many.distil(one, scheme, noise)
        for row, single in enumerate(singles):
            alone = single.distil(one, scheme, noise)
            assert kept.probability[row] == pytest.approx(alone.probability, abs=1e-14)
            assert same(kept.pair.to_density()[row], alone.pair.to_density())
        assert len(many) == 5
        times = np.linspace(0.0, 2.0, 5)
        stored = many.store(Memory(t2_s=1.0), times, 1).to_density()
        for row, single in enumerate(singles):
            assert same(stored[row], single.store(Memory(t2_s=1.0), float(times[row]), 1).to_density())


@given(seeds, st.sampled_from([0, 1]), probability)
def test_local_channels_against_kronecker_products(seed: int, side: int, p: float) -> None:
    pair = any_pair(seed)
    for channel in (amplitude_damping(p), depolarising(p), rotation(p, 2 * p, 3.0)):
        kraus = [np.kron(k, np.eye(2)) if side == 0 else np.kron(np.eye(2), k) for k in channel.kraus]
        wanted = sum(k @ pair.to_density() @ k.conj().T for k in kraus)
        assert same(pair.apply(channel, side).to_density(), np.asarray(wanted))


@given(seeds, probability)
def test_joint_operations_against_their_matrices(seed: int, p: float) -> None:
    pair = any_pair(seed)
    rho = pair.to_density()
    assert same(pair.apply(CNOT).to_density(), CNOT.matrix @ rho @ CNOT.matrix.conj().T)
    assert same(pair.apply(two_qubit_depolarising(p)).to_density(), (1 - p) * rho + p * np.eye(4) / 4)


@given(bell_pairs(), st.sampled_from([0, 1]), probability, probability, probability)
def test_paulis_on_weights_are_paulis_on_density_matrices(
    pair: BellDiagonal, side: int, x: float, y: float, z: float
) -> None:
    channel = pauli(x / 3, y / 3, z / 3)
    density = PairDensity.of_weights(pair).apply(channel, side)
    assert same(pair.apply(channel, side).to_density(), density.to_density())


# Closed forms


@given(st.lists(fidelities, min_size=2, max_size=20))
def test_werner_parameters_multiply_along_chains(chain: list[float]) -> None:
    wanted = math.prod((4 * f - 1) / 3 for f in chain)
    for kind in (BellDiagonal, PairDensity):
        end = reduce(lambda a, b: a.swap(b), [kind.werner(f) for f in chain])
        assert end.fidelity() == pytest.approx((1 + 3 * wanted) / 4, abs=1e-12)


@given(fidelities, fidelities)
def test_swap_of_werner_pairs(f: float, g: float) -> None:
    wanted = f * g + (1 - f) * (1 - g) / 3
    assert BellDiagonal.werner(f).swap(BellDiagonal.werner(g)).fidelity() == pytest.approx(wanted, abs=1e-12)
    assert PairDensity.werner(f).swap(PairDensity.werner(g)).fidelity() == pytest.approx(wanted, abs=1e-12)


@given(fidelities, probability, st.floats(0.0, 0.5))
def test_swap_with_noise_of_werner_pairs(f: float, gate: float, readout: float) -> None:
    """Each of the two bits is wrong with the readout error; a depolarised gate leaves white noise."""
    noise = OperationNoise(gate, readout, readout)
    right = (1 - readout) ** 2
    p = (4 * f - 1) / 3
    once = p * p * right + p * p * 0 + (1 - p * p) / 4
    wanted = (1 - gate) * once + gate / 4
    assert BellDiagonal.werner(f).swap(BellDiagonal.werner(f), noise).fidelity() == pytest.approx(wanted, abs=1e-12)


@given(fidelities)
def test_bbpssw(f: float) -> None:
    """Bennett et al. (1996), Eq. (7)."""
    g = (1 - f) / 3
    success = f * f + 2 * f * g + 5 * g * g
    for kind in (BellDiagonal, PairDensity):
        done = kind.werner(f).distil(kind.werner(f), BBPSSW)
        assert done.probability == pytest.approx(success, abs=1e-12)
        assert done.pair.fidelity() == pytest.approx((f * f + g * g) / success, abs=1e-12)


@given(bell_pairs(), bell_pairs())
def test_dejmps(one: BellDiagonal, two: BellDiagonal) -> None:
    """Deutsch et al. (1996), Eqs. (12): in the order Phi+, Psi-, Psi+, Phi-."""
    (a, d, c, b), (e, h, g, f) = one.weights, two.weights
    wanted = np.array([a * e + b * f, a * f + b * e, c * g + d * h, c * h + d * g])  # Phi+, Phi-, Psi+, Psi-
    success = (a + b) * (e + f) + (c + d) * (g + h)
    done = one.distil(two, DEJMPS)
    assert done.probability == pytest.approx(success, abs=1e-12)
    assert np.abs(done.pair.weights - wanted / success).max() < 1e-12


@given(st.floats(0.01, 1.0), st.floats(-3.0, 3.0))
def test_epl_makes_a_pure_pair_of_single_click_pairs_whatever_their_phase(x: float, phase: float) -> None:
    """Campbell and Benjamin (2008): x |Psi><Psi| + (1-x) |11><11|, success x^2/2."""
    psi = np.array([0, 1, np.exp(1j * phase), 0]) / math.sqrt(2)
    raw = PairDensity.of(x * np.outer(psi, psi.conj()) + (1 - x) * np.diag([0, 0, 0, 1]))
    done = raw.distil(raw, EPL)
    assert done.probability == pytest.approx(x * x / 2, abs=1e-12)
    assert done.pair.fidelity(2) == pytest.approx(1.0, abs=1e-12)
    flipped = raw.apply(X, 1)  # with Phi as target it is the same
    assert flipped.distil(flipped, EPL).pair.fidelity(0) == pytest.approx(1.0, abs=1e-12)


@given(fidelities)
def test_teleportation_of_a_werner_pair(f: float) -> None:
    assert mean_teleportation_fidelity(BellDiagonal.werner(f)) == pytest.approx((2 * f + 1) / 3, abs=1e-12)


@given(seeds, seeds)
def test_mean_teleportation_fidelity_is_the_mean_over_six_states(seed: int, other: int) -> None:
    """The six eigenstates of X, Y, Z are a 2-design."""
    noise = OperationNoise(*np.random.default_rng(other).random(3))
    pair = any_pair(seed)
    kets = [np.array(k) / np.linalg.norm(k) for k in ([1, 0], [0, 1], [1, 1], [1, -1], [1, 1j], [1, -1j])]
    values = [(k.conj() @ teleport(np.outer(k, k.conj()), pair, noise) @ k).real for k in kets]
    assert mean_teleportation_fidelity(pair, noise) == pytest.approx(float(np.mean(values)), abs=1e-12)


def test_teleportation_through_many_pairs_at_once() -> None:
    pairs = PairDensity.werner(np.array([0.25, 0.5, 1.0]))
    assert np.asarray(mean_teleportation_fidelity(pairs)) == pytest.approx([0.5, 2 / 3, 1.0], abs=1e-12)
    rho = np.array([[0.7, 0.2j], [-0.2j, 0.3]])
    arrived = teleport(rho, pairs)
    assert same(arrived[2], rho)
    assert same(arrived[0], np.eye(2) / 2)


# Nested distillation


def test_recurrence_and_pumping_by_hand() -> None:
    pair = BellDiagonal.werner(0.8)
    one = pair.distil(pair)
    two = one.pair.distil(one.pair)
    done = recurrence(pair, 2)
    assert done.fidelity == pytest.approx(float(two.pair.fidelity()), abs=1e-15)
    assert done.raw_pairs == pytest.approx(4 / (one.probability**1 * two.probability), rel=1e-12)
    pumped = one.pair.distil(pair)
    assert pumping(pair, 2).fidelity == pytest.approx(float(pumped.pair.fidelity()), abs=1e-15)
    assert pumping(pair, 2).raw_pairs == pytest.approx((2 / one.probability + 1) / pumped.probability, rel=1e-12)
    assert recurrence(pair, 0).raw_pairs == 1.0
    density = recurrence(PairDensity.werner(0.8), 3, noise=OperationNoise(0.01))
    assert density.fidelity == pytest.approx(recurrence(pair, 3, noise=OperationNoise(0.01)).fidelity, abs=1e-12)


@given(st.floats(0.55, 0.95), st.floats(0.6, 0.999), st.booleans())
def test_reaching_takes_the_fewest_rounds_or_says_the_best(f: float, target: float, pumped: bool) -> None:
    pair, noise = BellDiagonal.werner(f), OperationNoise(0.01)
    make = pumping if pumped else recurrence
    reachable = [make(pair, rounds, noise=noise).fidelity for rounds in range(64)]
    if max(reachable) < target:
        with pytest.raises(PhysicsError, match=re.escape(f"the best is {max(reachable):.6g}")):
            reaching(pair, target, noise=noise, pumped=pumped)
        return
    done = reaching(pair, target, noise=noise, pumped=pumped)
    assert done.fidelity >= target
    assert all(fidelity < target for fidelity in reachable[: done.rounds])


# Memories


@given(st.floats(0.01, 10.0), st.floats(0.001, 2.0), st.floats(0.0, 20.0), seeds)
@example(0.5, 2.0, 13.0, 0)
def test_a_memory_is_a_channel_and_a_semigroup(t1: float, share: float, time: float, seed: int) -> None:
    memory = Memory(t1, share * t1)
    pair = any_pair(seed)
    by_channel = pair.apply(memory.channel(time), 0).to_density()
    assert same(pair.store(memory, time, 0).to_density(), by_channel, 1e-10)
    halves = pair.store(memory, time / 2, 0).store(memory, time / 2, 0)
    assert same(halves.to_density(), by_channel, 1e-10)
    check_density(by_channel)
    c, d = math.exp(-time / memory.t2_s), math.exp(-time / t1)
    qubit = np.array([[0.3, 0.4], [0.4, 0.7]])
    kept = memory.channel(time).apply(qubit)
    assert kept[0, 1] == pytest.approx(0.4 * c, abs=1e-12)
    assert kept[1, 1].real == pytest.approx(0.7 * d, abs=1e-12)


@given(st.floats(0.01, 10.0), st.floats(0.001, 2.0), st.floats(0.0, 20.0))
def test_the_twirled_memory_is_the_twirl_of_the_memory(t1: float, share: float, time: float) -> None:
    from qcisim.quantum import twirled

    memory = Memory(t1, share * t1)
    approximate = memory.twirled()
    assert same(approximate.channel(time).superop, twirled(memory.channel(time)).superop, 1e-9)
    bell = BellDiagonal.werner(1.0)
    kept = PairDensity.werner(1.0).store(memory, time, 1)
    assert bell.store(approximate, time, 1).fidelity() == pytest.approx(float(kept.fidelity()), abs=1e-12)
    assert same(BellDiagonal.twirled(kept.to_density()).to_density(), bell.store(approximate, time, 1).to_density())


@given(st.floats(0.0, 10.0), st.floats(0.01, 10.0))
def test_dephasing_of_one_qubit_of_a_bell_pair(time: float, t2: float) -> None:
    wanted = (1 + math.exp(-time / t2)) / 2
    assert BellDiagonal.werner(1.0).store(Memory(t2_s=t2), time, 0).fidelity() == pytest.approx(wanted, abs=1e-12)


# Conversions


@given(bell_pairs())
def test_weights_survive_the_density_matrix(pair: BellDiagonal) -> None:
    assert np.abs(BellDiagonal.of_density(pair.to_density()).weights - pair.weights).max() < 1e-12


@given(seeds)
def test_the_twirl_keeps_every_fidelity_and_is_named(seed: int) -> None:
    pair = any_pair(seed)
    twirl = BellDiagonal.twirled(pair.to_density())
    for bell in range(4):
        exact = np.trace(bell_state(bell) @ pair.to_density()).real
        assert twirl.fidelity(bell) == pytest.approx(exact, abs=1e-12)
        assert pair.fidelity(bell) == pytest.approx(exact, abs=1e-12)
    with pytest.raises(PhysicsError, match="twirled"):
        BellDiagonal.of_density(pair.to_density())


@given(seeds)
def test_coefficients_survive_the_density_matrix(seed: int) -> None:
    rho = any_pair(seed).to_density()
    assert same(PairDensity.of(rho).to_density(), rho, 1e-14)
    assert same(PairDensity.of(rho, checked=False).to_density(), rho, 1e-14)
    paulis = [qutip.qeye(2), qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()]
    theirs = qutip.Qobj(rho, dims=[[2, 2], [2, 2]])
    for i, j in itertools.product(range(4), range(4)):
        wanted = qutip.expect(qutip.tensor(paulis[i], paulis[j]), theirs)
        assert PairDensity.of(rho).coefficients[i, j] == pytest.approx(wanted, abs=1e-12)


# Measurements


def test_outcomes_against_projectors_with_readout_errors() -> None:
    pair, noise = any_pair(5), OperationNoise(0.0, 0.1, 0.2)
    flips = np.array([[0.9, 0.2], [0.1, 0.8]])  # P(report | bit)
    paulis = {"X": qutip.sigmax().full(), "Y": qutip.sigmay().full(), "Z": qutip.sigmaz().full()}
    for a, b in itertools.product("XYZ", repeat=2):
        sides = [[(np.eye(2) + s * paulis[axis]) / 2 for s in (1, -1)] for axis in (a, b)]
        true = [[np.trace(np.kron(left, right) @ pair.to_density()).real for right in sides[1]] for left in sides[0]]
        assert pair.outcomes(a, b, noise) == pytest.approx(flips @ np.array(true) @ flips.T, abs=1e-12)


def test_sampled_bits_follow_the_probabilities() -> None:
    rng = np.random.default_rng(11)
    shots = 20_000
    pair = any_pair(6)
    many = PairDensity.of(np.broadcast_to(pair.to_density(), (shots, 4, 4)))
    bits = many.measure("X", "Y", rng, OperationNoise(0.0, 0.1, 0.05))
    wanted = pair.outcomes("X", "Y", OperationNoise(0.0, 0.1, 0.05))
    for a, b in itertools.product((0, 1), repeat=2):
        count = int(np.sum((bits[:, 0] == a) & (bits[:, 1] == b)))
        low, high = stats.binom.interval(1 - 1e-9 / 4, shots, wanted[a, b])
        assert low <= count <= high
    single = PairDensity.werner(1.0).measure("Z", "Z", rng)
    assert single.shape == (2,)
    assert single[0] == single[1]
    assert BellDiagonal.werner(1.0).measure("Y", "Y", rng).sum() == 1


# Refusals


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BellDiagonal.werner(0.2), "0.25"),
        (lambda: BellDiagonal.werner(1.01), "0.25"),
        (lambda: BellDiagonal.werner(np.array([0.5, math.nan])), "0.25"),
        (lambda: BellDiagonal(np.array([0.5, 0.5, 0.5, -0.5])), "negative"),
        (lambda: BellDiagonal(np.array([0.5, 0.5, 0.5, 0.5])), "sum"),
        (lambda: BellDiagonal(np.array([1.0, 0.0])), "wanted"),
        (lambda: BellDiagonal(np.array([np.nan, 0.0, 0.0, 1.0])), "finite"),
        (lambda: BellDiagonal.werner(1.0).apply(H, 0), "twirled"),
        (lambda: BellDiagonal.werner(1.0).apply(amplitude_damping(0.1), 1), "twirled"),
        (lambda: BellDiagonal.werner(1.0).apply(X), "side None"),
        (lambda: BellDiagonal.werner(1.0).store(Memory(1.0, 1.0), 0.1, 0), "twirled"),
        (lambda: BellDiagonal.werner(1.0).store(Memory(t2_s=1.0), -0.1, 0), "negative"),
        (lambda: BellDiagonal.werner(1.0).store(Memory(t2_s=1.0), 0.1, 2), "side 2"),
        (lambda: BellDiagonal.werner(np.full(3, 0.9)).swap(BellDiagonal.werner(np.full(2, 0.9))), "as many"),
        (lambda: PairDensity.werner(np.full(3, 0.9)).swap(PairDensity.werner(np.full(2, 0.9))), "as many"),
        (lambda: PairDensity.werner(np.full(3, 0.9)).distil(PairDensity.werner(np.full(2, 0.9))), "as many"),
        (lambda: BellDiagonal.werner(0.9).fidelity(4), "four"),
        (lambda: PairDensity.of(np.eye(4)), "trace"),
        (lambda: PairDensity.of(np.diag([1.5, -0.5, 0, 0])), "negative"),
        (lambda: PairDensity.of(np.eye(2) / 2), "wanted"),
        (lambda: PairDensity.of(np.triu(np.ones((4, 4))) / 4), "Hermitian"),
        (lambda: PairDensity.werner(0.9).apply(SWAP, 0), "side 0"),
        (lambda: PairDensity.werner(0.9).apply(dephasing(0.1)), "side None"),
        (lambda: PairDensity.werner(0.9).outcomes("W", "Z"), "axis 'W'"),
        (lambda: PairDensity.werner(0.9).outcomes((0, 0, 0), "Z"), "length 0"),
        (lambda: Memory(1.0, 2.1), "T2 2.1 s above 2 T1"),
        (lambda: TwirledMemory(1.0, 2.1), "T2 2.1 s above 2 T1"),
        (lambda: Memory(-1.0, 1.0), "positive"),
        (lambda: OperationNoise(1.2), "lies in"),
        (lambda: OperationNoise(0.0, math.nan), "lies in"),
        (lambda: recurrence(BellDiagonal.werner(np.full(2, 0.9)), 1), "elementary pair"),
        (lambda: recurrence(BellDiagonal.werner(0.9), -1), "negative"),
        (lambda: reaching(BellDiagonal.werner(0.45), 0.9), "out of reach"),
        (lambda: reaching(BellDiagonal.werner(0.9), 1.2), "lies in"),
        (lambda: teleport(np.eye(4) / 4, BellDiagonal.werner(1.0)), "one qubit"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()


def test_a_scheme_that_never_succeeds_says_so() -> None:
    """Two |11>: EPL wants both targets one, and CNOT makes them zero."""
    dark = PairDensity.of(np.diag([0.0, 0.0, 0.0, 1.0]))
    done = dark.distil(dark, EPL)
    assert done.probability == 0.0
    assert same(done.pair.to_density(), np.eye(4) / 4)
    assert recurrence(dark, 1, EPL).raw_pairs == math.inf


def test_weights_are_frozen() -> None:
    with pytest.raises(ValueError, match="read-only"):
        BellDiagonal.werner(0.9).weights[0] = 1.0
