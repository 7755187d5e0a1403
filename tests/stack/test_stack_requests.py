"""Requests for pairs as the SDK makes them: keep, measure, prepare; on equal qubits and on NV centres."""

from __future__ import annotations

import math

import numpy as np
import pytest
from netqasm.qlink_compat import BellState, RandomBasis
from netqasm.sdk.build_epr import EprMeasBasis
from netqasm.sdk.qubit import QubitMeasureAxes
from stack_programs import AnyBell, Fixed, consistent, duo, pair_network

from qcisim.stack.links import werner_pair
from qcisim.stack.options import Options
from qcisim.stack.run import run
from qcisim.stack.spec import GenericDevice, NVDevice

DEVICES = [GenericDevice.perfect(10), NVDevice.perfect(5)]


def both(ask, device=DEVICES[0], link=None, times: int = 1, **more):
    """Both ends do ``ask(context, socket, creates)``; then they flush, and what it gave is read."""

    def steps(creates):
        def program(context):
            (peer,) = context.epr_sockets
            read = ask(context, context.epr_sockets[peer], creates)
            yield from context.connection.flush()
            return read()

        return program

    return run(pair_network(link or AnyBell(), device), duo(steps(True), steps(False)), times, seed=3, **more)


@pytest.mark.parametrize("device", DEVICES)
def test_kept_pairs_and_what_is_said_about_them(device) -> None:
    def ask(context, socket, creates):
        qubits, infos = (socket.create_keep_with_info if creates else socket.recv_keep_with_info)(number=2)
        bits = [qubit.measure() for qubit in qubits]
        return lambda: (
            [int(bit) for bit in bits],
            [(one.bell_state, int(one.generation_duration), int(one.remote_node_id)) for one in infos],
        )

    for alice, bob in zip(*both(ask, device, Fixed(duration_ns=5e6), times=8), strict=True):
        assert alice[0] == bob[0]
        assert alice[1] == [(BellState.PHI_PLUS, 5000, 1), (BellState.PHI_PLUS, 10000, 1)]
        assert bob[1] == [(BellState.PHI_PLUS, 5000, 0), (BellState.PHI_PLUS, 10000, 0)]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("way", ["post_routine", "context"])
def test_pairs_one_after_the_other(device, way: str) -> None:
    def ask(context, socket, creates):
        bits = context.connection.new_array(6)

        def measure(connection, qubit, pair):
            qubit.H()
            qubit.measure(future=bits.get_future_index(pair))

        if way == "context":
            with (socket.create_context if creates else socket.recv_context)(number=6, sequential=True) as (
                qubit,
                pair,
            ):
                measure(context.connection, qubit, pair)
        else:
            (socket.create_keep if creates else socket.recv_keep)(number=6, post_routine=measure, sequential=True)
        return lambda: [int(bit) for bit in bits]

    alice, bob = both(ask, device, times=5)
    assert alice == bob
    assert len({bit for bits in alice for bit in bits}) == 2


@pytest.mark.parametrize("sign", ["", "M"])
@pytest.mark.parametrize("basis", "XYZ")
@pytest.mark.parametrize("fidelity", [1.0, 0.8])
def test_pairs_measured_in_a_basis(basis: str, sign: str, fidelity: float) -> None:
    """Results of a Werner pair are equal in X and Z, unequal in Y, but for 2/3 (1-F)."""
    count = 400

    def ask(context, socket, creates):
        wanted = EprMeasBasis[sign + basis]
        made = (
            socket.create_measure(number=count, basis_local=wanted, basis_remote=wanted)
            if creates
            else socket.recv_measure(number=count)
        )
        return lambda: [int(one.measurement_outcome) for one in made]

    (alice,), (bob,) = both(ask, link=Fixed(werner_pair(fidelity)))
    differ = sum(a != b for a, b in zip(alice, bob, strict=True))
    wrong = count - differ if basis == "Y" else differ
    assert consistent(wrong, count, 2.0 * (1.0 - fidelity) / 3.0)


@pytest.mark.parametrize("axes", list(QubitMeasureAxes))
def test_pairs_measured_after_rotations(axes) -> None:
    """cos of the angle between two axes: <a b> of Phi+ after rotations by n pi/16 about three axes at one end."""
    angles, count = (5, 11, 3), 1500
    matrix = np.eye(2, dtype=complex)
    paulis = {"X": [[0, 1], [1, 0]], "Y": [[0, -1j], [1j, 0]], "Z": [[1, 0], [0, -1]]}
    for name, n in zip(axes.name, angles, strict=True):
        angle = n * math.pi / 32
        matrix = (math.cos(angle) * np.eye(2) - 1j * math.sin(angle) * np.array(paulis[name])) @ matrix
    expected = float((matrix.conj().T @ np.diag([1, -1]) @ matrix)[0, 0].real)  # the other end measures Z

    def ask(context, socket, creates):
        made = (
            socket.create_measure(number=count, rotations_local=angles, rotation_axes_local=axes)
            if creates
            else socket.recv_measure(number=count)
        )
        return lambda: [int(one.measurement_outcome) for one in made]

    (alice,), (bob,) = both(ask)
    equal = sum(a == b for a, b in zip(alice, bob, strict=True))
    assert consistent(equal, count, 0.5 * (1.0 + expected))


BASIS, OUTCOME, SEQUENCE = 3, 2, 5


@pytest.mark.parametrize(("kind", "bases"), [("XZ", {0, 1}), ("XYZ", {0, 1, 2}), ("CHSH", {3, 4})])
def test_random_bases(kind: str, bases: set[int]) -> None:
    """Each end draws its own, reported as Z 0, X 1, Y 2, Z+X 3, Z-X 4; sequence numbers agree."""
    count = 600

    def ask(context, socket, creates):
        if creates:
            random = RandomBasis[kind]
            socket.create_measure(number=count, random_basis_local=random, random_basis_remote=random)
        else:
            socket.recv_measure(number=count)
        memory = context.connection.shared_memory
        return lambda: np.array(next(one for one in memory.arrays.values() if len(one) == 10 * count)).reshape(
            count, 10
        )

    (alice,), (bob,) = both(ask)
    assert set(alice[:, BASIS]) == set(bob[:, BASIS]) == bases
    assert (alice[:, SEQUENCE] == bob[:, SEQUENCE]).all()
    assert list(alice[:, SEQUENCE]) == list(range(count))
    for one in bases:
        assert consistent(int((alice[:, BASIS] == one).sum()), count, 1.0 / len(bases))
        for other in bases:
            chosen = (alice[:, BASIS] == one) & (bob[:, BASIS] == other)
            equal = int((alice[chosen, OUTCOME] == bob[chosen, OUTCOME]).sum())
            correlation = 0.0 if one != other else -1.0 if one == 2 else 1.0
            assert consistent(equal, int(chosen.sum()), 0.5 * (1.0 + correlation))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("info", ["", "_with_info"])
def test_states_prepared_from_afar(device, info: str) -> None:
    """Measuring X here leaves the eigenstate of X there that was found here."""

    def ask(context, socket, creates):
        if creates:
            made = socket.create_rsp(basis_local=EprMeasBasis.X)
            return lambda: int(made[0].measurement_outcome)
        received = getattr(socket, f"recv_rsp{info}")()
        (qubit,) = received[0] if info else received
        qubit.H()
        bit = qubit.measure()
        return lambda: int(bit)

    alice, bob = both(ask, device, times=24)
    assert alice == bob
    assert 0 < sum(alice) < 24


@pytest.mark.parametrize("device", DEVICES)
def test_pairs_are_asked_for_until_they_are_good(device) -> None:
    """At most 100000 - 900 F us from the beginning to the last pair; both ends try equally often."""

    class Slower(AnyBell):
        def sample(self, rng, now_ns=0.0):
            made = super().sample(rng, now_ns)
            return made._replace(duration_ns=float(rng.choice([5e6, 40e6])))

    def ask(context, socket, creates):
        (qubit,) = (socket.create_keep if creates else socket.recv_keep)(min_fidelity_all_at_end=90, max_tries=30)
        bit = qubit.measure()
        return lambda: (int(bit), context.now())

    network_delay = 1e6  # the answer of the receiver takes it: both ends must still count alike
    result = run(
        pair_network(Slower(), device, network_delay),
        duo(*(_flushed(ask, creates) for creates in (True, False))),
        12,
        seed=4,
    )
    for (bit, now), (other, then) in zip(*result, strict=True):
        assert (bit, now) == (other, then)
    spent = np.diff([0.0, *(now for _, now in result[0])])
    # each try: 2 ms of messages, and 5 ms (good) or 40 ms (again)
    tries = (spent - 7e6) / 42e6
    np.testing.assert_allclose(tries, np.round(tries), atol=1e-9)
    assert tries.max() >= 1.0


def _flushed(ask, creates):
    def program(context):
        (peer,) = context.epr_sockets
        read = ask(context, context.epr_sockets[peer], creates)
        yield from context.connection.flush()
        return read()

    return program


def test_a_receiver_may_want_the_state_as_it_comes() -> None:
    """expect_phi_plus=False: the raw Bell state is reported and left; False and expect_psi_plus: Psi+ arrives."""

    def ask(context, socket, creates):
        if creates:
            (qubit,), (info,) = socket.create_keep_with_info()
        else:
            (qubit,), (info,) = socket.recv_keep_with_info(expect_phi_plus=False)
        bit = qubit.measure()
        return lambda: (int(bit), info.bell_state)

    seen = set()
    for (bit, bell), (other, same) in zip(*both(ask, times=40), strict=True):
        assert bell == same
        assert (bit != other) == (bell in (BellState.PSI_PLUS, BellState.PSI_MINUS))
        seen.add(bell)
    assert seen == set(BellState)


def test_sockets_to_the_same_node_are_served_in_order() -> None:
    """Pairs of one request are not mixed with those of the next: first in, first out."""

    def ask(context, socket, creates):
        bits = []
        for number in (1, 3, 2):
            qubits = (socket.create_keep if creates else socket.recv_keep)(number=number)
            bits.append([qubit.measure() for qubit in qubits])
        return lambda: [[int(bit) for bit in some] for some in bits]

    alice, bob = both(ask, times=6, options=Options(serial=False))
    assert alice == bob


@pytest.mark.parametrize("flushes", [False, True])
@pytest.mark.parametrize("creates", [False, True])
def test_a_carbon_measured_in_place_makes_room_for_the_next_pair(creates: bool, flushes: bool) -> None:
    """The measurement leaves it at the electron, where the next pair arrives: all outcomes agree all the same."""

    def alice(context):
        connection, socket = context.connection, context.epr_sockets["Bob"]
        pair = socket.create_keep if creates else socket.recv_keep
        (first,), (second,) = pair(), pair()
        before = first.measure(inplace=True)
        if flushes:
            yield from connection.flush()
        (third,) = pair()
        results = [third.measure(), second.measure(), first.measure()]
        yield from connection.flush()
        return int(before), [int(one) for one in results]

    def bob(context):
        socket = context.epr_sockets["Alice"]
        pair = socket.recv_keep if creates else socket.create_keep
        qubits = [pair()[0] for _ in range(3)]
        results = [qubit.measure() for qubit in reversed(qubits)]
        yield from context.connection.flush()
        return [int(one) for one in results]

    network = pair_network(device=NVDevice.perfect(4))
    seen = set()
    for seed in range(6):
        ((before, mine),), (theirs,) = run(network, duo(alice, bob), seed=seed)
        assert mine == theirs
        assert before == mine[2]
        seen |= set(mine)
    assert seen == {0, 1}
