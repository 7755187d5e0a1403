"""Pairs over repeaters: timing, noise instruction by instruction, cut-offs."""

import itertools
import math

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from link_regions import binomial_plausible
from scipy import stats

from qcisim.engine import stream
from qcisim.quantum import PairDensity
from qcisim.quantum.memory import Memory
from qcisim.quantum.pauli import bloch
from qcisim.stack.links import AttemptLink, NoPairError, PairState, depolarising_link, perfect_link, werner_pair
from qcisim.stack.links.control import SwapAsap
from qcisim.stack.links.swap_device import keeping, swap_device
from qcisim.stack.links.swapping import SwapChain
from qcisim.stack.spec import GenericDevice, NVDevice

PERFECT = GenericDevice.perfect()


def chain(
    links: list[AttemptLink],
    device: GenericDevice | NVDevice = PERFECT,
    delay_ns: float = 0.0,
    control: SwapAsap = SwapAsap(),
    end: GenericDevice | NVDevice = PERFECT,
) -> SwapChain:
    count = len(links)
    delays = [[abs(i - j) * delay_ns for j in range(count + 1)] for i in range(count + 1)]
    devices = [keeping(end), *[swap_device(device)] * (count - 1), keeping(end)]
    return SwapChain(links, devices, delays, control)


def operation(gate: np.ndarray, noise: tuple[float, ...], rho: qutip.Qobj, targets: tuple[int, ...]) -> qutip.Qobj:
    """A gate on some of four qubits, then depolarising of each of its qubits; qutip."""
    unitary = qutip.expand_operator(qutip.Qobj(gate, dims=[[2] * len(targets)] * 2), [2] * 4, list(targets))
    rho = unitary * rho * unitary.dag()
    for target, p in zip(targets, noise, strict=True):
        mixed = qutip.Qobj(np.zeros((16, 16)), dims=rho.dims)
        for pauli in (qutip.qeye(2), qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()):
            one = qutip.expand_operator(pauli, [2] * 4, [target])
            mixed += 0.25 * one * rho * one
        rho = (1 - p) * rho + p * mixed
    return rho


def read_and_correct(rho: qutip.Qobj, control: int, target: int, povm: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Both inner qubits are read, X^b Z^a on the last qubit, the outer pair."""
    total = np.zeros((4, 4), dtype=complex)
    for a, b in itertools.product((0, 1), repeat=2):
        effect = [qutip.qeye(2)] * 4
        effect[control], effect[target] = qutip.Qobj(povm[a]), qutip.Qobj(povm[b])
        kept = (qutip.tensor(*effect) * rho).ptrace([0, 3])
        fix = qutip.tensor(qutip.qeye(2), qutip.sigmax() ** b * qutip.sigmaz() ** a)
        total += (fix * kept * fix.dag()).full()
    return total


def some_pair(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    white = noise @ noise.conj().T
    rho: np.ndarray = 0.7 * werner_pair(0.95).rho + 0.3 * white / white.trace().real
    return rho


@given(one=st.floats(0.0, 0.5), two=st.floats(0.0, 0.5), seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_a_generic_swap_is_the_circuit(one: float, two: float, seed: int) -> None:
    left, right = some_pair(seed), some_pair(seed + 1)
    rho = qutip.Qobj(np.kron(left, right), dims=[[2] * 4] * 2)
    rho = operation(np.eye(4)[[0, 1, 3, 2]], (two, two), rho, (1, 2))
    rho = operation(np.array([[1, 1], [1, -1]]) / math.sqrt(2), (one,), rho, (1,))
    wanted = read_and_correct(rho, 1, 2, (np.diag([1.0, 0.0]), np.diag([0.0, 1.0])))
    device = swap_device(GenericDevice(single_qubit_gate_depolar_prob=one, two_qubit_gate_depolar_prob=two))
    found = device.swapped(bloch(left).reshape(4, 4), bloch(right).reshape(4, 4))
    np.testing.assert_allclose(found, bloch(wanted).reshape(4, 4), atol=1e-12)
    assert device.swap_ns == 1e5 + 1e3 + 2e4


def test_a_perfect_swap_is_that_of_the_pair_algebra() -> None:
    left, right = PairDensity.of(some_pair(1)), PairDensity.of(some_pair(2))
    for device in (PERFECT, NVDevice.perfect()):
        for first in (False, True):
            found = swap_device(device).swapped(left.coefficients, right.coefficients, left_first=first)
            np.testing.assert_allclose(found, left.swap(right).coefficients, atol=1e-12)


@given(p=st.floats(0.0, 0.3))
def test_an_nv_move_costs_what_its_instructions_cost(p: float) -> None:
    """Exponents of 1-p in a move of the electron to a carbon: Z 3, X 2, Y 3."""
    quiet = NVDevice.perfect()
    noisy = NVDevice(**{name: getattr(quiet, name) for name in quiet.__slots__} | {"ec_gate_depolar_prob": p})
    move = swap_device(noisy).move
    assert move is not None
    exponents = {1: 2, 2: 3, 3: 3}
    np.testing.assert_allclose(move, np.diag([1.0, *((1 - p) ** exponents[k] for k in (1, 2, 3))]), atol=1e-12)


def test_an_nv_swap_reads_wrongly() -> None:
    """With perfect gates and pairs: the results are flipped with the read-out errors and nothing else."""
    quiet = NVDevice.perfect()
    given_values = {name: getattr(quiet, name) for name in quiet.__slots__}
    device = swap_device(NVDevice(**given_values | {"prob_error_0": 0.05, "prob_error_1": 0.005}))
    phi = bloch(werner_pair(1.0).rho).reshape(4, 4)
    flip = 0.5 * (0.05 + 0.005)
    weights = [(1 - flip) ** 2, (1 - flip) * flip, flip**2, (1 - flip) * flip]  # Phi+, Psi+, Psi-, Phi-
    corr = device.swapped(phi, phi)
    found = PairState(np.array(qutip_density(corr)))
    assert found.bell_weights == pytest.approx(weights, abs=1e-12)


def qutip_density(coefficients: np.ndarray) -> np.ndarray:
    paulis = (qutip.qeye(2), qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())
    total = sum(coefficients[i, j] * qutip.tensor(paulis[i], paulis[j]) for i in range(4) for j in range(4))
    return (total / 4).full()


@given(
    lengths=st.lists(st.floats(0.0, 1000.0), min_size=2, max_size=6),
    delay=st.floats(0.0, 100.0),
)
def test_perfect_links_arrive_when_the_last_news_does(lengths: list[float], delay: float) -> None:
    links = [perfect_link(length) for length in lengths]
    made = chain(links, delay_ns=delay).sample(stream(1, "x"), 3.0)
    count = len(links)
    heard = [0.0, *(delay * k for k in range(1, count)), 0.0]
    up = [max(heard[k], heard[k + 1]) + lengths[k] for k in range(count)]
    known = [max(up[k - 1], up[k]) + delay * max(k, count - k) for k in range(1, count)]
    assert made.duration_ns == pytest.approx(max(known))
    assert made.state.fidelity == pytest.approx(1.0, abs=1e-12)


@given(fidelities=st.lists(st.floats(0.3, 1.0), min_size=2, max_size=5), bell=st.integers(0, 3))
def test_werner_parameters_multiply(fidelities: list[float], bell: int) -> None:
    links = [AttemptLink((werner_pair(f, bell),), 10.0) for f in fidelities]
    made = chain(links).sample(stream(1, "x"))
    product = math.prod((4 * f - 1) / 3 for f in fidelities)
    assert made.bell == 0
    assert made.state.fidelity == pytest.approx((1 + 3 * product) / 4, abs=1e-12)


def test_waiting_is_damping_of_the_qubits_that_wait() -> None:
    """Link 0 is up at 100, link 1 at 700; the swap takes 50, news 30 and 30."""
    waiting = GenericDevice(
        t1_ns=4000.0,
        t2_ns=1500.0,
        single_qubit_gate_ns=10.0,
        two_qubit_gate_ns=20.0,
        measure_ns=10.0,
        two_qubit_gate_depolar_prob=0.0,
    )
    links = [perfect_link(100.0), perfect_link(670.0)]
    made = chain(links, waiting, 30.0, end=waiting).sample(stream(1, "x"))
    up = [130.0, 700.0]
    assert made.duration_ns == 700.0 + 50.0 + 30.0
    memory = Memory(4e-6, 1.5e-6)
    left = PairDensity.of(werner_pair(1.0).rho)
    left = left.store(memory, (780.0 - up[0]) * 1e-9, 0).store(memory, (700.0 - up[0]) * 1e-9, 1)
    right = PairDensity.of(werner_pair(1.0).rho).store(memory, 80e-9, 1)
    np.testing.assert_allclose(made.rho, left.swap(right).to_density().reshape(4, 4), atol=1e-12)


def test_links_one_after_the_other() -> None:
    links = [perfect_link(100.0), perfect_link(20.0), perfect_link(3.0)]
    assert chain(links).sample(stream(1, "x")).duration_ns == 100.0
    assert chain(links, control=SwapAsap(parallel=False)).sample(stream(1, "x")).duration_ns == 123.0


def slow_cutoff(p: float, cutoff: int, rng: np.random.Generator) -> int:
    """Two links, attempt after attempt, in quarters of an attempt; a link whose qubits are too old begins anew."""
    next_try, up = [4, 4], [None, None]
    for now in itertools.count(1):
        for link in (0, 1):
            born = up[link]
            if born is not None and now - born == cutoff:
                up[link], next_try[link] = None, now + 4
        for link in (0, 1):
            if up[link] is None and next_try[link] == now:
                if rng.random() < p:
                    up[link] = now  # type: ignore[call-overload]
                next_try[link] = now + 4
        if None not in up:
            return now
    raise AssertionError


def test_cut_offs_of_two_links() -> None:
    """Until the first cut the law is (1 - q^k)^2; beyond, that of a slow simulation, by Fisher's exact test."""
    p, rounds, draws = 0.2, 4, 3000
    links = [depolarising_link(1.0, p, 1.0), depolarising_link(1.0, p, 1.0)]
    limited = chain(links, control=SwapAsap(cutoff_ns=rounds - 0.25))
    rng = stream(3, "cut")
    times = [limited.sample(rng).duration_ns for _ in range(draws)]
    slow = [slow_cutoff(p, 4 * rounds - 1, rng) / 4.0 for _ in range(draws)]
    for k in range(1, rounds + 1):
        assert binomial_plausible(sum(time <= k for time in times), draws, (1 - (1 - p) ** k) ** 2)
    for k in (6, 8, 12, 20):
        table = [[sum(time <= k for time in some), sum(time > k for time in some)] for some in (times, slow)]
        assert stats.fisher_exact(table).pvalue > 1e-9
    fractional = [[sum(t % 1.0 > 0 for t in some), sum(t % 1.0 == 0 for t in some)] for some in (times, slow)]
    assert stats.fisher_exact(fractional).pvalue > 1e-9
    assert min(fractional[0]) > 0


def test_the_cut_off_bounds_what_pairs_have_suffered() -> None:
    """No qubit of a delivered pair was older than the cut-off: fidelity has a floor, and falls without the cut-off."""
    waiting = GenericDevice(
        t1_ns=0.0,
        t2_ns=20.0,
        single_qubit_gate_ns=0.0,
        two_qubit_gate_ns=0.0,
        measure_ns=0.0,
        two_qubit_gate_depolar_prob=0.0,
    )
    links = [depolarising_link(1.0, 0.1, 1.0) for _ in range(3)]
    rng = stream(4, "cut")
    cut = [chain(links, waiting, end=waiting, control=SwapAsap(5.0)).sample(rng) for _ in range(300)]
    free = [chain(links, waiting, end=waiting).sample(rng) for _ in range(300)]
    floor = 0.5 * (1 + math.exp(-6 * 5.0 / 20.0))
    assert min(one.state.fidelity for one in cut) >= floor - 1e-12
    assert min(one.state.fidelity for one in free) < floor
    assert np.mean([one.duration_ns for one in cut]) > np.mean([one.duration_ns for one in free])


@given(
    seed=st.integers(0, 10_000),
    cutoff=st.floats(12.0, 40.0),
    swap=st.floats(0.0, 2.0),
    delay=st.floats(0.0, 1.0),
    count=st.integers(2, 5),
    parallel=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_chains_with_a_cut_off_end_in_states(
    seed: int, cutoff: float, swap: float, delay: float, count: int, parallel: bool
) -> None:
    """Whatever is cut while it swaps or travels, a pair comes in the end, and is a state."""
    device = GenericDevice(t1_ns=50.0, t2_ns=30.0, two_qubit_gate_ns=swap, single_qubit_gate_ns=0.0, measure_ns=0.0)
    links = [depolarising_link(0.95, 0.6, 1.0) for _ in range(count)]
    one = chain(links, device, delay, SwapAsap(cutoff, parallel), end=device)
    made = one.sample(stream(seed, "x"))
    PairState(made.rho)
    assert made.duration_ns >= 1.0 + swap
    assert made.attempts >= 1


def test_a_hopeless_cut_off_is_said() -> None:
    """News needs longer than the ends may keep their qubits."""
    one = chain([perfect_link(1.0)] * 2, delay_ns=100.0, control=SwapAsap(50.0))
    with pytest.raises(NoPairError, match="no pair with a cut-off of 50 ns: the ends know of a swap after 100 ns"):
        one.sample(stream(1, "x"))
