"""What runs have to meet: errors of Werner pairs, teleportation, CHSH, distillation, links in exact intervals."""

import math

import numpy as np
import pytest
from netqasm.sdk.qubit import Qubit
from stack_programs import AnyBell, Fixed, consistent, duo, pair_network

from qcisim.stack.links import werner_pair
from qcisim.stack.options import Options
from qcisim.stack.run import run

FIDELITIES = (1.0, 0.9, 0.6)


def measured(rounds: int, turn):
    """Both ends turn their half with ``turn(qubit, alice, random)`` and measure it, many times."""

    def steps(alice):
        def program(context):
            (peer,) = context.epr_sockets
            socket, results = context.epr_sockets[peer], []
            draw = np.random.default_rng(11 if alice else 12)
            for _ in range(rounds):
                qubit = (socket.create_keep if alice else socket.recv_keep)()[0]
                setting = int(draw.integers(2))
                turn(qubit, alice, setting)
                result = qubit.measure()
                yield from context.connection.flush()
                results.append((setting, int(result)))
            return results

        return program

    return duo(steps(True), steps(False))


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_errors_of_a_werner_pair(fidelity: float) -> None:
    """2/3 (1 - F) in Z and in X."""
    rounds = 1000

    def steps(alice):
        def program(context):
            (peer,) = context.epr_sockets
            socket, results = context.epr_sockets[peer], []
            for index in range(rounds):
                qubit = (socket.create_keep if alice else socket.recv_keep)()[0]
                if index % 2:
                    qubit.H()
                result = qubit.measure()
                yield from context.connection.flush()
                results.append(int(result))
            return results

        return program

    result = run(pair_network(Fixed(werner_pair(fidelity))), duo(steps(True), steps(False)), seed=1)
    for basis in (0, 1):
        errors = sum(a != b for a, b in zip(result[0][0][basis::2], result[1][0][basis::2], strict=True))
        assert consistent(errors, rounds // 2, 2.0 * (1.0 - fidelity) / 3.0), basis


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_chsh(fidelity: float) -> None:
    """The game is won with 1/2 + S/8, S = 2 sqrt 2 (4F - 1)/3."""

    def turn(qubit, alice, setting):
        if alice:
            if setting:
                qubit.H()
        else:
            qubit.rot_Y(angle=math.pi / 4 if setting else -math.pi / 4)

    rounds = 1500
    result = run(pair_network(Fixed(werner_pair(fidelity))), measured(rounds, turn), seed=2)
    wins = sum((a ^ b) == (x & y) for (x, a), (y, b) in zip(result[0][0], result[1][0], strict=True))
    chsh = 2.0 * math.sqrt(2.0) * (4.0 * fidelity - 1.0) / 3.0
    assert consistent(wins, rounds, 0.5 + chsh / 8.0)


@pytest.mark.parametrize("fidelity", FIDELITIES)
@pytest.mark.parametrize("link", [Fixed, AnyBell])
def test_teleportation_has_its_mean_fidelity(fidelity: float, link) -> None:
    """(2F + 1)/3 over the six states on the axes; exact, since density matrices are averaged over the results only."""
    states = [(0.0, 0.0), (math.pi, 0.0)] + [(math.pi / 2, phi) for phi in (0.0, math.pi / 2, math.pi, 1.5 * math.pi)]
    repeats = 40

    def alice(context):
        conn, csocket = context.connection, context.csockets["Bob"]
        for theta, phi in states * repeats:
            qubit = Qubit(conn)
            qubit.rot_Y(angle=theta)
            qubit.rot_Z(angle=phi)
            half = context.epr_sockets["Bob"].create_keep()[0]
            qubit.cnot(half)
            qubit.H()
            m1, m2 = qubit.measure(), half.measure()
            yield from conn.flush()
            csocket.send((int(m1), int(m2)))

    def bob(context):
        conn, csocket, fidelities = context.connection, context.csockets["Alice"], []
        for theta, phi in states * repeats:
            half = context.epr_sockets["Alice"].recv_keep()[0]
            yield from conn.flush()
            m1, m2 = yield from csocket.recv()
            if m2:
                half.X()
            if m1:
                half.Z()
            yield from conn.flush()
            ket = np.array([math.cos(theta / 2), np.exp(1j * phi) * math.sin(theta / 2)])
            fidelities.append(float((ket.conj() @ context.state(half) @ ket).real))
            half.free()
            yield from conn.flush()
        return fidelities

    made = Fixed(werner_pair(fidelity)) if link is Fixed else AnyBell(fidelity)
    result = run(pair_network(made), duo(alice, bob), seed=3)
    np.testing.assert_allclose(np.mean(result[1][0]), (2.0 * fidelity + 1.0) / 3.0, atol=1e-6)


def test_distillation_succeeds_and_gains_as_it_should() -> None:
    """p = F^2 + 2F(1-F)/3 + 5((1-F)/3)^2 and F' = (F^2 + ((1-F)/3)^2)/p of two Werner pairs."""
    fidelity, rounds = 0.8, 1000
    white = (1.0 - fidelity) / 3.0
    success = fidelity**2 + 2.0 * fidelity * white + 5.0 * white**2
    gained = (fidelity**2 + white**2) / success

    def steps(create):
        def program(context):
            (peer,) = context.epr_sockets
            socket, csocket, kept = context.epr_sockets[peer], context.csockets[peer], []
            for _ in range(rounds):
                first, second = (socket.create_keep if create else socket.recv_keep)(number=2)
                first.cnot(second)
                report = second.measure()
                yield from context.connection.flush()
                csocket.send(int(report))
                good = (yield from csocket.recv()) == int(report)
                basis = len(kept) % 3
                if basis == 1:
                    first.H()
                if basis == 2:
                    first.K()
                bit = first.measure()
                yield from context.connection.flush()
                kept.append((good, int(bit)))
            return kept

        return program

    result = run(pair_network(Fixed(werner_pair(fidelity))), duo(steps(True), steps(False)), seed=4)
    both = list(zip(result[0][0], result[1][0], strict=True))
    assert consistent(sum(a[0] for a, _ in both), rounds, success)
    # <XX> - <YY> + <ZZ> = 4F' - 1: each basis errs with its own share, their sum with (1 - F') 2
    wrong, count = 0, 0
    for index, (a, b) in enumerate(both):
        if a[0]:
            count += 1
            wrong += (a[1] != b[1]) != (index % 3 == 2)
    assert consistent(wrong, count, 2.0 * (1.0 - gained) / 3.0)


def test_every_bell_state_of_a_link_arrives_as_phi_plus() -> None:
    """Equal results in Z and X, whichever Bell state the link makes; several pairs in a request as well."""

    def steps(create):
        def program(context):
            (peer,) = context.epr_sockets
            results = []
            for index in range(60):
                qubits = (context.epr_sockets[peer].create_keep if create else context.epr_sockets[peer].recv_keep)(
                    number=3
                )
                if index % 2:
                    for qubit in qubits:
                        qubit.H()
                bits = [qubit.measure() for qubit in qubits]
                yield from context.connection.flush()
                results.append([int(bit) for bit in bits])
            return results

        return program

    result = run(pair_network(AnyBell()), duo(steps(True), steps(False)), seed=5)
    assert result[0] == result[1]
    assert len({tuple(bits) for bits in result[0][0]}) == 8


def test_corrections_by_the_sdk_are_right_for_one_pair() -> None:
    """bell_frame "sdk": the link's Bell state arrives and the receiver's gates correct it."""

    def steps(create):
        def program(context):
            (peer,) = context.epr_sockets
            socket, results = context.epr_sockets[peer], []
            for index in range(80):
                if create:
                    (qubit,), (info,) = socket.create_keep_with_info()
                else:
                    (qubit,), (info,) = socket.recv_keep_with_info()
                if index % 2:
                    qubit.H()
                bit = qubit.measure()
                yield from context.connection.flush()
                results.append((int(bit), info.bell_state.value))
            return results

        return program

    result = run(pair_network(AnyBell()), duo(steps(True), steps(False)), seed=6, options=Options(bell_frame="sdk"))
    assert result[0] == result[1]
    assert {bell for _, bell in result[0][0]} == {0, 1, 2, 3}
