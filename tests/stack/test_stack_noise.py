"""What devices do to states: noise per emitted instruction, idle qubits, NV centres; exact, by density matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netqasm.sdk.qubit import Qubit
from stack_programs import Fixed, Script, consistent, duo, pair_network

from qcisim.quantum import PAULIS
from qcisim.stack.links import werner_pair
from qcisim.stack.options import Options
from qcisim.stack.run import run
from qcisim.stack.spec import GenericDevice, Network, NVDevice

ONE, X, Y, Z = PAULIS
H = (X + Z) / math.sqrt(2.0)
K = (Y + Z) / math.sqrt(2.0)
P1, P2 = 0.03, 0.07
NOISY = GenericDevice(6, 0.0, 0.0, 10.0, 20.0, 30.0, 40.0, P1, P2)
ZERO = np.diag([1.0, 0.0]).astype(complex)


def mixed(rho: np.ndarray, p: float, side: int | None = None) -> np.ndarray:
    """(1-p) rho + p 1/2 on one qubit, or on qubit ``side`` of two."""
    if side is None:
        return (1.0 - p) * rho + 0.5 * p * np.eye(2) * np.trace(rho)
    products = [np.kron(*((one, ONE) if side == 0 else (ONE, one))) for one in PAULIS]
    return (1.0 - p) * rho + 0.25 * p * sum(one @ rho @ one.conj().T for one in products)


def turned(rho: np.ndarray, gate: np.ndarray) -> np.ndarray:
    return gate @ rho @ gate.conj().T


def state_after(steps, device=NOISY, qubits: int = 1, **options) -> np.ndarray:
    """The state of qubits after ``steps(context, *qubits)`` and what that may give to wait for."""

    def program(context):
        made = [Qubit(context.connection) for _ in range(qubits)]
        more = steps(context, *made)
        yield from context.connection.flush()
        if hasattr(more, "send"):
            yield from more
        return context.state(*made)

    return run(Network({"A": device}), {"A": Script(program)}, options=Options(**options))[0][0]


@pytest.mark.parametrize(
    ("name", "gate"), [("X", X), ("Y", Y), ("Z", Z), ("H", H), ("K", K), ("S", np.diag([1, 1j])), ("T", None)]
)
def test_every_one_qubit_gate_depolarises_its_qubit(name: str, gate) -> None:
    gate = np.diag([1.0, np.exp(0.25j * np.pi)]) if gate is None else gate
    found = state_after(lambda context, qubit: [qubit.H(), getattr(qubit, name)()])
    expected = mixed(turned(mixed(turned(ZERO, H), P1), gate), P1)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(("name", "gate"), [("cnot", X), ("cphase", Z)])
def test_a_two_qubit_gate_depolarises_both(name: str, gate: np.ndarray) -> None:
    found = state_after(lambda context, a, b: [a.H(), b.K(), getattr(a, name)(b)], qubits=2)
    start = np.kron(mixed(turned(ZERO, H), P1), mixed(turned(ZERO, K), P1))
    controlled = np.kron(np.diag([1, 0]), ONE) + np.kron(np.diag([0, 1]), gate)
    expected = mixed(mixed(turned(start, controlled), P2, 0), P2, 1)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("angle", "steps"),
    [(math.pi / 2, ((1, 1),)), (0.7, ((57, 8), (21, 17))), (-math.pi / 8, ((239, 7), (127, 14)))],
)
def test_noise_counts_per_emitted_instruction(angle: float, steps) -> None:
    """rot_X(angle) becomes one to three instructions of n pi / 2^d; each of them depolarises once."""
    found = state_after(lambda context, qubit: qubit.rot_X(angle=angle))
    total = sum(n * math.pi / 2**d for n, d in steps)
    assert abs(math.remainder(total - angle, 2 * math.pi)) < 1e-4 * math.pi
    turn = math.cos(total / 2) * ONE - 1j * math.sin(total / 2) * X
    expected = turned(ZERO, turn)
    for _ in steps:
        expected = mixed(expected, P1)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.floats(10.0, 1e5), st.floats(0.05, 2.0), st.floats(0.0, 3.0))
def test_idle_qubits_relax_and_dephase(t1: float, share: float, waited: float) -> None:
    """rho_11 falls as exp(-t/T1), rho_01 as exp(-t/T2); only while nothing is done to the qubit."""
    t2, time = share * t1, round(waited * share * t1, 3)
    device = GenericDevice(2, t1, t2, 500.0, 300.0, 200.0, 100.0, 0.0, 0.0)

    def steps(context, qubit):
        qubit.rot_Y(n=1, d=2)  # its 800 ns are not idle
        return context.sleep(time)

    found = state_after(steps, device)
    sine, cosine = math.sin(math.pi / 8), math.cos(math.pi / 8)
    up, off = sine**2 * math.exp(-time / t1), sine * cosine * math.exp(-time / t2)
    np.testing.assert_allclose(found, [[1.0 - up, off], [off, up]], rtol=0, atol=1e-9)


@pytest.mark.parametrize(("t1", "t2"), [(0.0, 0.0), (0.0, 1e3), (1e3, 0.0)])
def test_zero_switches_a_process_off(t1: float, t2: float) -> None:
    device = GenericDevice(1, t1, t2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)

    def steps(context, qubit):
        qubit.H()
        return context.sleep(700.0)

    found = state_after(steps, device)
    up = 0.5 * (math.exp(-0.7) if t1 else 1.0)
    off = 0.5 * (math.exp(-0.7) if t2 else math.exp(-0.35) if t1 else 1.0)
    np.testing.assert_allclose(found, [[1.0 - up, off], [off, up]], atol=1e-12)


def test_a_qubit_waits_while_others_work() -> None:
    """The first qubit is idle during the initialisation and gates of the second, not during its own."""
    device = GenericDevice(2, 0.0, 1e3, 100.0, 50.0, 70.0, 30.0, 0.0, 0.0)

    def program(context):
        first = Qubit(context.connection)
        first.H()
        second = Qubit(context.connection)
        second.X()
        second.X()
        yield from context.connection.flush()
        return context.state(first, skip_noise=True), context.state(first)

    before, now = run(Network({"A": device}), {"A": Script(program)})[0][0]
    assert now[0, 1] == pytest.approx(0.5 * math.exp(-200.0 / 1e3), abs=1e-12)
    assert before[0, 1] == pytest.approx(0.5, abs=1e-12)


def bloch(rho: np.ndarray) -> list[float]:
    return [float(np.trace(rho @ one).real) for one in (X, Y, Z)]


def test_initialisation_and_rotations_of_nv_centres() -> None:
    """Electron: p after init and rotation; carbon: its own. H is two rotations, Z three."""
    device = NVDevice(
        3, 0.11, 0.02, 0.0, 0.0, 0.13, 0.03, 0.05, *([0.0] * 4)
    )  # init e, rotation e, read-out, init c, rotation c, EC
    electron = state_after(lambda context, qubit: qubit.H(), device)
    assert bloch(electron) == pytest.approx([0.89 * 0.98**2, 0.0, 0.0], abs=1e-12)

    def program(context):
        electron, carbon = Qubit(context.connection), Qubit(context.connection)
        carbon.H()
        electron.Z()
        yield from context.connection.flush()
        return bloch(context.state(carbon)), bloch(context.state(electron))

    carbon, electron = run(Network({"A": device}), {"A": Script(program, max_qubits=3)})[0][0]
    assert carbon == pytest.approx([0.87 * 0.97**2, 0.0, 0.0], abs=1e-12)
    assert electron == pytest.approx([0.0, 0.0, 0.89 * 0.98**3], abs=1e-12)


@pytest.mark.parametrize(("axis", "power"), [("Z", 3), ("X", 2), ("Y", 3)])
def test_a_move_costs_its_instructions(axis: str, power: int) -> None:
    """Electron to carbon: two EC gates; what is left of a state on an axis is (1-p)^3, (1-p)^2, (1-p)^3 for Z, X, Y."""
    p = 0.04
    nothing = NVDevice.perfect(3)
    values = {name: getattr(nothing, name) for name in nothing.__slots__} | {"ec_gate_depolar_prob": p}
    device = NVDevice(**values)

    def program(context):
        first = Qubit(context.connection)  # at the electron
        if axis == "X":
            first.H()
        if axis == "Y":
            first.K()
        second = Qubit(context.connection)
        yield from context.connection.flush()
        second.measure()  # a carbon: the electron's qubit has to go away
        yield from context.connection.flush()
        return context.state(first)

    left = bloch(run(Network({"A": device}), {"A": Script(program, max_qubits=3)})[0][0])
    wanted = [0.0, 0.0, 0.0]
    wanted["XYZ".index(axis)] = (1.0 - p) ** power
    assert left == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("formalism", ["dm", "ket"])
def test_read_out_of_nv_centres(formalism) -> None:
    """P(1 | 0) = e0, P(0 | 1) = e1."""
    device = NVDevice(1, 0.0, 0.0, 0.2, 0.1, *([0.0] * 4))
    rounds = 1200

    def program(context):
        ones = [0, 0]
        for index in range(rounds):
            qubit = Qubit(context.connection)
            if index % 2:
                qubit.X()
            bit = qubit.measure()
            yield from context.connection.flush()
            ones[index % 2] += int(bit)
        return ones

    zero, one = run(Network({"A": device}), {"A": Script(program)}, seed=8, options=Options(formalism=formalism))[0][0]
    assert consistent(zero, rounds // 2, 0.2)
    assert consistent(one, rounds // 2, 0.9)


@pytest.mark.parametrize("formalism", ["dm", "ket", "stabiliser"])
def test_formalisms_agree_with_each_other(formalism) -> None:
    """Entangle a Werner pair with two noisy local qubits and measure X, Y, Z parities: the same probabilities."""
    rounds, p1, p2, fidelity = 600, 0.02, 0.05, 0.9
    device = GenericDevice(3, 0.0, 4000.0, 0.0, 100.0, 100.0, 0.0, p1, p2)

    def steps(create):
        def program(context):
            (peer,) = context.epr_sockets
            socket, bits = context.epr_sockets[peer], []
            for index in range(rounds):
                qubit = (socket.create_keep if create else socket.recv_keep)()[0]
                other = Qubit(context.connection)
                qubit.cnot(other)
                if index % 3 == 1:
                    qubit.H(), other.H()
                if index % 3 == 2:
                    qubit.K(), other.K()
                one, two = qubit.measure(), other.measure()
                yield from context.connection.flush()
                bits.append(int(one) ^ int(two))
            return bits

        return program

    network = pair_network(Fixed(werner_pair(fidelity)), device)
    result = run(network, duo(steps(True), steps(False)), seed=9, options=Options(formalism=formalism))
    weight = (4.0 * fidelity - 1.0) / 3.0
    left = (1.0 - p2) ** 2  # of a product on both qubits of the two-qubit gate
    idle = math.exp(-100.0 / 4000.0)
    for basis in range(3):
        alice, bob = (np.array(one[0][basis::3]) for one in result)
        if basis == 0:  # Z Z at one end is +1 whatever the pair is
            ones = [int(alice.sum()), int(bob.sum())]
            for count in ones:
                assert consistent(count, rounds // 3, 0.5 * (1.0 - left)), (formalism, basis)
        else:  # X X and Y Y at both ends: the pair's own correlation; each waits while the other is turned
            expected = weight * (left * (1.0 - p1) ** 2 * idle**2) ** 2
            equal = int((alice == bob).sum())
            assert consistent(equal, rounds // 3, 0.5 * (1.0 + expected)), (formalism, basis)
