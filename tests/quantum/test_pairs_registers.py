"""Registers: density matrices against qutip, kets and stabilisers against density matrices, groups, refusals."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qcisim.errors import PhysicsError
from qcisim.quantum import (
    Channel,
    Gate,
    KetRegister,
    Matrix,
    Qubits,
    Register,
    amplitude_damping,
    dephasing,
    depolarising,
    erasure,
    pauli,
    two_qubit_depolarising,
    unitary,
)
from qcisim.quantum.gate import CLIFFORD_GATES, CNOT, CZ, SWAP, H, S, T, X, rotation_gate
from qcisim.quantum.stabiliser import StabiliserRegister

Step = tuple[Gate | Channel, tuple[int, ...]]
KINDS: dict[str, Callable[[np.random.Generator], Qubits]] = {
    "density": Register,
    "ket": KetRegister,
    "stabiliser": StabiliserRegister,
}
ONE = [*(g for g in CLIFFORD_GATES if g.qubits == 1), T, rotation_gate((1, 2, 3), 0.7)]
TWO = [CNOT, CZ, SWAP]
NOISE_ONE = [amplitude_damping(0.3), dephasing(0.2), depolarising(0.1)]


@st.composite
def circuits(draw: st.DrawFn, *, clifford: bool = False, noisy: bool = True) -> tuple[int, list[Step]]:
    count = draw(st.integers(2, 5))
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            one: list[Gate | Channel] = [g for g in ONE if g.clifford or not clifford]
            if noisy:
                one += [pauli(0.1, 0.05, 0.2), depolarising(0.3)] if clifford else NOISE_ONE
            steps.append((draw(st.sampled_from(one)), (draw(st.integers(0, count - 1)),)))
        else:
            two: list[Gate | Channel] = [*TWO, *([two_qubit_depolarising(0.2)] if noisy else [])]
            if not clifford:
                two.append(unitary(qutip.rand_unitary(4, seed=draw(st.integers(0, 99))).full()))
            a, b = draw(st.permutations(range(count)))[:2]
            steps.append((draw(st.sampled_from(two)), (a, b)))
    return count, steps


def run(register: Qubits, count: int, steps: list[Step]) -> list[int]:
    qubits = register.add(count)
    for operation, places in steps:
        register.apply(operation, *(qubits[p] for p in places))
    return qubits


def qutip_state(count: int, steps: list[Step]) -> Matrix:
    rho = qutip.tensor(*([qutip.fock_dm(2, 0)] * count))
    for operation, places in steps:
        kraus = operation.matrix[None] if isinstance(operation, Gate) else operation.kraus
        rest = [k for k in range(count) if k not in places]
        out = 0
        for matrix in kraus:
            levels = [2] * len(places)
            small = qutip.Qobj(matrix, dims=[levels, levels])
            full = qutip.tensor(small, *([qutip.qeye(2)] * len(rest))).permute(list(np.argsort([*places, *rest])))
            out = out + full * rho * full.dag()
        rho = out
    return rho.full()


@settings(max_examples=40, deadline=None)
@given(circuits())
def test_the_density_register_is_qutip(circuit: tuple[int, list[Step]]) -> None:
    count, steps = circuit
    register = Register(np.random.default_rng(0))
    qubits = run(register, count, steps)
    theirs = qutip_state(count, steps)
    assert np.abs(register.to_density(*qubits) - theirs).max() < 1e-12
    whole = qutip.Qobj(theirs, dims=[[2] * count] * 2)
    assert np.abs(register.to_density(qubits[1], qubits[0]) - whole.ptrace([0, 1]).permute([1, 0]).full()).max() < 1e-12
    assert sum(register.group_sizes) == count


@settings(max_examples=40, deadline=None)
@given(circuits(noisy=False))
def test_kets_without_noise_are_the_density_matrix(circuit: tuple[int, list[Step]]) -> None:
    count, steps = circuit
    register = KetRegister(np.random.default_rng(0))
    assert np.abs(register.to_density(*run(register, count, steps)) - qutip_state(count, steps)).max() < 1e-12


@settings(max_examples=40, deadline=None)
@given(circuits(clifford=True, noisy=False))
def test_stabilisers_without_noise_are_the_density_matrix(circuit: tuple[int, list[Step]]) -> None:
    count, steps = circuit
    register = StabiliserRegister(np.random.default_rng(0))
    assert np.abs(register.to_density(*run(register, count, steps)) - qutip_state(count, steps)).max() < 1e-12


def counts(kind: str, count: int, steps: list[Step], bases: str, shots: int) -> np.ndarray:
    rng, found = np.random.default_rng(17), np.zeros(2**count, dtype=int)
    for _ in range(shots):
        register = KINDS[kind](rng)
        bits = [register.measure(q, basis) for q, basis in zip(run(register, count, steps), bases, strict=True)]
        found[int("".join(map(str, bits)), 2)] += 1
    return found


def turned(rho: Matrix, bases: str) -> np.ndarray:
    """Probabilities of the results in these bases."""
    to_z = {"X": H.matrix, "Y": H.matrix @ np.diag([1, -1j]), "Z": np.eye(2)}
    u = np.eye(1)
    for basis in bases:
        u = np.kron(u, to_z[basis])
    return np.clip((u @ rho @ u.conj().T).diagonal().real, 0.0, 1.0)


@settings(max_examples=6, deadline=None)
@given(circuits(), st.text("XYZ", min_size=5, max_size=5))
def test_sampled_kets_average_to_the_density_matrix(circuit: tuple[int, list[Step]], bases: str) -> None:
    count, steps = circuit
    check_counts("ket", count, steps, bases[:count], 150)


@settings(max_examples=6, deadline=None)
@given(circuits(clifford=True), st.text("XYZ", min_size=5, max_size=5))
def test_sampled_stabilisers_average_to_the_density_matrix(circuit: tuple[int, list[Step]], bases: str) -> None:
    count, steps = circuit
    check_counts("stabiliser", count, steps, bases[:count], 200)


def check_counts(kind: str, count: int, steps: list[Step], bases: str, shots: int) -> None:
    register = Register(np.random.default_rng(0))
    wanted = turned(register.to_density(*run(register, count, steps)), bases)
    for found, probability in zip(counts(kind, count, steps, bases, shots), wanted, strict=True):
        low, high = stats.binom.interval(1 - 1e-11, shots, probability)
        assert low <= found <= high


@pytest.mark.parametrize("kind", KINDS)
def test_many_samples_of_a_noisy_circuit(kind: str) -> None:
    """Many shots of one circuit, every result within its exact interval."""
    steps: list[Step] = [
        (H, (0,)),
        (CNOT, (0, 1)),
        (pauli(0.1, 0.02, 0.05), (1,)),
        (S, (0,)),
        (CZ, (1, 2)),
        (two_qubit_depolarising(0.2), (0, 2)),
    ]
    check_counts(kind, 3, steps, "YXZ", 300 if kind == "density" else 2000)


def test_the_mean_of_damped_kets_is_the_damped_density_matrix() -> None:
    """Amplitude damping is no mixture of unitaries: the unravelling must renormalise."""
    steps: list[Step] = [
        (H, (0,)),
        (CNOT, (0, 1)),
        (amplitude_damping(0.4), (0,)),
        (rotation_gate((1, 0, 0), 0.5), (0,)),
    ]
    for bases in ("ZZ", "XX", "XY"):
        check_counts("ket", 2, steps, bases, 1500)


# Measuring, discarding, groups


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("basis", ["X", "Y", "Z"])
def test_a_second_look_sees_the_same(kind: str, basis: str) -> None:
    rng = np.random.default_rng(2)
    seen = set()
    for _ in range(40):
        register = KINDS[kind](rng)
        a, b = register.add(2)
        register.apply(H, a)
        register.apply(CNOT, a, b)
        first = register.measure(a, basis)
        assert register.measure(a, basis) == first
        assert register.measure(b, basis) == (first ^ int(basis == "Y"))  # Phi+: YY = -1
        seen.add(first)
    assert seen == {0, 1}


def test_groups_merge_at_the_first_joint_gate_and_split_at_a_measurement() -> None:
    for kind in (Register, KetRegister):
        register = kind(np.random.default_rng(4))
        a, b, c, d = register.add(4)
        assert register.group_sizes == [1, 1, 1, 1]
        register.apply(H, a)
        register.apply(CNOT, a, b)
        register.apply(CNOT, b, c)
        assert register.group_sizes == [3, 1]
        register.measure(b)
        assert register.group_sizes == [2, 1, 1]
        register.discard(c)
        assert register.group_sizes == [1, 1, 1]
        assert len(register) == 3
        register.discard(a, b, d)
        assert len(register) == 0


def test_discarding_traces_out() -> None:
    register = Register(np.random.default_rng(4))
    a, b, c = register.add(3)
    for operation, where in ((H, (a,)), (CNOT, (a, b)), (T, (b,)), (CNOT, (b, c)), (H, (c,))):
        register.apply(operation, *where)
    wanted = register.to_density(c, a)
    register.discard(b)
    assert np.abs(register.to_density(c, a) - wanted).max() < 1e-14


def test_postselection_gives_the_probability() -> None:
    register = Register(np.random.default_rng(4))
    a, b = register.add(2)
    register.apply(rotation_gate((0, 1, 0), 2 * np.arcsin(0.6)), a)
    register.apply(CNOT, a, b)
    assert register.postselect(b, 1) == pytest.approx(0.36, abs=1e-12)
    assert register.to_density(a)[1, 1].real == pytest.approx(1.0, abs=1e-12)
    with pytest.raises(PhysicsError, match="never happens"):
        register.postselect(a, 0)


def test_twenty_entangled_qubits_as_kets() -> None:
    register = KetRegister(np.random.default_rng(4))
    qubits = register.add(20)
    register.apply(H, qubits[0])
    for one, two in itertools.pairwise(qubits):
        register.apply(CNOT, one, two)
    assert register.group_sizes == [20]
    assert np.abs(register.to_density(qubits[3], qubits[17]) - np.diag([0.5, 0, 0, 0.5])).max() < 1e-12
    first = register.measure(qubits[0])
    assert {register.measure(q) for q in qubits[1:]} == {first}
    with pytest.raises(PhysicsError, match="21 entangled qubits"):
        run(KetRegister(np.random.default_rng(1)), 21, [(CNOT, (k, k + 1)) for k in range(20)])


def test_thousands_of_qubits_as_stabilisers() -> None:
    register = StabiliserRegister(np.random.default_rng(4))
    qubits = register.add(3000)
    register.apply(H, qubits[0])
    for one, two in itertools.pairwise(qubits):
        register.apply(CNOT, one, two)
    first = register.measure(qubits[1500])
    assert {register.measure(q) for q in qubits} == {first}
    register.discard(*qubits[:2999])
    assert len(register) == 1
    (again,) = register.add()
    assert register.measure(again) == 0
    assert (
        np.abs(register.to_density(again, qubits[2999]) - np.kron(np.diag([1, 0]), np.diag([1 - first, first]))).max()
        < 1e-12
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_run(kind: str) -> None:
    steps: list[Step] = [(H, (0,)), (CNOT, (0, 1)), (depolarising(0.5), (1,)), (H, (2,))]
    histories = []
    for _ in range(2):
        rng, bits = np.random.default_rng(9), []
        for _ in range(20):
            register = KINDS[kind](rng)
            bits += [register.measure(q) for q in run(register, 3, steps)]
        histories.append(bits)
    assert histories[0] == histories[1]


# Refusals


@pytest.mark.parametrize("kind", KINDS)
def test_refusals_of_every_register(kind: str) -> None:
    register = KINDS[kind](np.random.default_rng(0))
    a, b = register.add(2)
    for call, words in (
        (lambda: register.apply(X, 99), "not in the register"),
        (lambda: register.apply(CNOT, a, a), "different"),
        (lambda: register.apply(CNOT, a), "wanted"),
        (lambda: register.apply(depolarising(0.1), a, b), "another|wanted"),
        (lambda: register.measure(a, "W"), "basis 'W'"),
        (lambda: register.measure(99), "not in the register"),
        (lambda: register.add(0), "at least one"),
        (lambda: register.to_density(), "qubits"),
        (lambda: register.to_density(a, a), "different"),
        (lambda: register.apply(erasure(0.1), a), "levels|channel"),
    ):
        with pytest.raises(PhysicsError, match=words):
            call()
    register.discard(a)
    with pytest.raises(PhysicsError, match="has left"):
        register.measure(a)


def test_refusals_of_single_registers() -> None:
    with pytest.raises(PhysicsError, match="9 entangled qubits"):
        run(Register(np.random.default_rng(0)), 9, [(CNOT, (k, k + 1)) for k in range(8)])
    for make, words in (
        (lambda: Register(np.random.default_rng(0), largest=14), "1 GiB"),
        (lambda: Register(np.random.default_rng(0), largest=1), "two qubits"),
        (lambda: KetRegister(np.random.default_rng(0), largest=27), "1 GiB"),
        (lambda: Gate("no", np.ones((2, 2))), "unitarity"),
        (lambda: Gate("no", np.eye(3)), "2x2"),
    ):
        with pytest.raises(PhysicsError, match=words):
            make()
    register = StabiliserRegister(np.random.default_rng(0))
    (qubit,) = register.add()
    with pytest.raises(PhysicsError, match="not Clifford"):
        register.apply(T, qubit)
    with pytest.raises(PhysicsError, match="not known by this name"):
        register.apply(Gate("H", X.matrix, clifford=True), qubit)
    with pytest.raises(PhysicsError, match="twirled"):
        register.apply(amplitude_damping(0.1), qubit)
    with pytest.raises(PhysicsError, match="1 to 6"):
        register.to_density(*register.add(7))
