"""How long programs take: sums of operations, handshakes and links, to 1e-9."""

import pytest
from netqasm.lang.parsing.text import parse_text_protosubroutine
from netqasm.sdk.qubit import Qubit
from stack_programs import Fixed, Script, duo, pair_network

from qcisim.stack.options import Options
from qcisim.stack.run import run
from qcisim.stack.spec import ClassicalLink, GenericDevice, Network, NVDevice, PairLink

SLOW = GenericDevice(4, 0.0, 0.0, 700.0, 30.0, 1100.0, 900.0, 0.0, 0.0)


@pytest.mark.parametrize("gates", [0, 1, 5])
def test_a_qubit_takes_initialisation_gates_and_measurement(gates: int) -> None:
    """t = init + g t1 + measure."""

    def steps(context):
        qubit = Qubit(context.connection)
        for _ in range(gates):
            qubit.H()
        qubit.measure()
        yield from context.connection.flush()
        return context.now()

    result = run(Network({"A": SLOW}), {"A": Script(steps)})
    assert result[0][0] == pytest.approx(700.0 + gates * 30.0 + 900.0, rel=1e-9)
    assert result.sim_time == result[0][0]


def test_operations_of_a_device_are_serialised() -> None:
    """Three qubits, a gate between each two: every time counts, whoever could work at once."""

    def steps(context):
        qubits = [Qubit(context.connection) for _ in range(3)]
        qubits[0].cnot(qubits[1])
        qubits[1].cphase(qubits[2])
        for qubit in qubits:
            qubit.X()
            qubit.measure()
        yield from context.connection.flush()
        return context.now()

    result = run(Network({"A": SLOW}), {"A": Script(steps)})
    assert result[0][0] == pytest.approx(3 * 700.0 + 2 * 1100.0 + 3 * 30.0 + 3 * 900.0, rel=1e-9)


@pytest.mark.parametrize("requests", [1, 3])
@pytest.mark.parametrize("pairs", [1, 2, 4])
@pytest.mark.parametrize("delay_ns", [0.0, 12345.678])
def test_requests_take_two_classical_delays_and_their_pairs(requests: int, pairs: int, delay_ns: float) -> None:
    """t = n (2 t_c + k t_q) for n requests of k pairs, one after the other."""

    def steps(create):
        def program(context):
            (peer,) = context.epr_sockets
            socket = context.epr_sockets[peer]
            for _ in range(requests):
                qubits = (socket.create_keep if create else socket.recv_keep)(number=pairs)
                yield from context.connection.flush()
                for qubit in qubits:
                    qubit.free()
                yield from context.connection.flush()
            return context.now()

        return program

    network = pair_network(Fixed(duration_ns=987.654), delay_ns=delay_ns)
    result = run(network, duo(steps(True), steps(False)))
    expected = requests * (2.0 * delay_ns + pairs * 987.654)
    assert result.by_node["Alice"][0] == pytest.approx(expected, rel=1e-9)
    # the receiver has its last pair at the same moment
    assert result.by_node["Bob"][0] == pytest.approx(expected, rel=1e-9)


def test_a_late_receiver_delays_the_creator() -> None:
    """A request is answered when the receiver asks: t = t_recv + t_c + t_q for t_recv > t_c."""

    def alice(context):
        context.epr_sockets["Bob"].create_keep()[0].measure()
        yield from context.connection.flush()
        return context.now()

    def bob(context):
        yield from context.sleep(50_000.0)
        context.epr_sockets["Alice"].recv_keep()[0].measure()
        yield from context.connection.flush()

    result = run(pair_network(delay_ns=100.0), duo(alice, bob))
    assert result[0][0] == pytest.approx(50_000.0 + 100.0 + 1000.0, rel=1e-9)


RING = {
    "Alice": (("Bob", True), ("Charlie", True)),
    "Bob": (("Alice", False), ("Charlie", True)),
    "Charlie": (("Bob", False), ("Alice", False)),
}
"""Who asks whom for a pair, in this order, and whether it creates it."""


def ring(steps_of, options: Options) -> list[float]:
    """When the programs of the ring are done, in pair times."""
    link = 1000.0
    links = tuple(
        PairLink(a, b, Fixed(duration_ns=link)) for a, b in (("Alice", "Bob"), ("Bob", "Charlie"), ("Alice", "Charlie"))
    )
    network = Network(dict.fromkeys(RING, GenericDevice.perfect(5)), links)
    programs = {name: Script(steps_of(what), [peer for peer, _ in what]) for name, what in RING.items()}
    return [ends[0] / link for ends in run(network, programs, options=options)]


@pytest.mark.parametrize("serial", [True, False])
def test_three_nodes_in_a_ring(serial: bool) -> None:
    """Alice and Charlie are done after 3, Bob after 2 pair times.

    Whatever the netstack could do: `create_keep` and `recv_keep` of the SDK wait for their pairs before they go on.
    """

    def steps_of(what):
        def steps(context):
            for peer, creates in what:
                socket = context.epr_sockets[peer]
                (qubit,) = (socket.create_keep if creates else socket.recv_keep)()
                qubit.measure()
            yield from context.connection.flush()
            return context.now()

        return steps

    assert ring(steps_of, Options(serial=serial)) == pytest.approx([3.0, 2.0, 3.0], rel=1e-9)


@pytest.mark.parametrize(("serial", "expected"), [(True, [3.0, 2.0, 3.0]), (False, [1.0, 1.0, 1.0])])
def test_requests_with_different_nodes_at_once(serial: bool, expected: list[float]) -> None:
    """Both requests before the first wait: a netstack serves one at a time, or with ``serial=False`` both."""

    def steps_of(what):
        def steps(context):
            lines = ["# NETQASM 1.0", "# APPID 0"]
            for index, (peer, creates) in enumerate(what):
                qubits, results, arguments = 3 * index, 3 * index + 1, 3 * index + 2
                lines += [f"array 1 @{qubits}", f"store {index} @{qubits}[0]", f"array 10 @{results}"]
                lines += [f"array 20 @{arguments}", f"store 0 @{arguments}[0]", f"store 1 @{arguments}[1]"]
                node = list(RING).index(peer)
                if creates:
                    lines.append(f"create_epr({node}, {index}) {qubits} {arguments} {results}")
                else:
                    lines.append(f"recv_epr({node}, {index}) {qubits} {results}")
            lines += [f"wait_all @{3 * index + 1}[0:10]" for index in range(2)]
            yield from context.connection.commit_protosubroutine(parse_text_protosubroutine("\n".join(lines)))
            return context.now()

        return steps

    assert ring(steps_of, Options(serial=serial)) == pytest.approx(expected, rel=1e-9)


def test_a_netstack_waits_for_a_free_communication_qubit() -> None:
    """Two pairs, one qubit: the second begins when the first is measured."""

    def steps(create):
        def program(context):
            (peer,) = context.epr_sockets
            socket = context.epr_sockets[peer]

            def consume(conn, qubit, index):
                qubit.measure()

            (socket.create_keep if create else socket.recv_keep)(number=3, post_routine=consume, sequential=True)
            yield from context.connection.flush()
            return context.now()

        return program

    device = GenericDevice(1, 0.0, 0.0, 0.0, 0.0, 0.0, 400.0, 0.0, 0.0)
    result = run(pair_network(Fixed(duration_ns=1000.0), device), duo(steps(True), steps(False)))
    assert result[0][0] == pytest.approx(3 * 1400.0, rel=1e-9)


def test_nv_operations_take_their_own_times() -> None:
    """Electron: init, H = rot_y + rot_x, read-out."""
    device = NVDevice(2, electron_rot_x_ns=7.0, electron_rot_y_ns=5.0)

    def steps(context):
        qubit = Qubit(context.connection)
        qubit.H()
        qubit.measure()
        yield from context.connection.flush()
        return context.now()

    result = run(Network({"A": device}), {"A": Script(steps, max_qubits=2)})
    assert result[0][0] == pytest.approx(2000.0 + 12.0 + 3700.0, rel=1e-9)


def test_measuring_a_carbon_takes_the_moves() -> None:
    """Two carbon-electron gates, rotations, initialisations of what is moved to."""
    device = NVDevice(3)
    move = 5.0 + 5e5 + 5.0 + 5e5

    def steps(context):
        electron, carbon = Qubit(context.connection), Qubit(context.connection)
        del electron
        yield from context.connection.flush()
        began = context.now()
        carbon.measure()
        yield from context.connection.flush()
        return context.now() - began

    result = run(Network({"A": device}), {"A": Script(steps, max_qubits=3)})
    there = 310_000.0 + move  # the electron's qubit goes to a free carbon
    back = 2000.0 + move + 5.0
    assert result[0][0] == pytest.approx(there + back + 3700.0, rel=1e-9)


def test_messages_take_the_fastest_way() -> None:
    """A-B directly 9, over C 2 + 3."""
    links = (ClassicalLink("A", "B", 9.0), ClassicalLink("A", "C", 2.0), ClassicalLink("B", "C", 3.0))
    network = Network(dict.fromkeys("ABC", GenericDevice.perfect(1)), (), links)

    def sender(context):
        yield from context.sleep(100.0)
        context.csockets["B"].send("x")

    def receiver(context):
        yield from context.csockets["A"].recv()
        return context.now()

    class Talk(Script):
        @property
        def meta(self):
            meta = super().meta
            meta.epr_sockets = []
            return meta

    result = run(network, {"A": Talk(sender, ["B"]), "B": Talk(receiver, ["A"])})
    assert result.by_node["B"] == [pytest.approx(105.0, rel=1e-9)]


def test_instructions_can_take_time() -> None:
    """Every instruction adds the same time."""

    def steps(context):
        qubit = Qubit(context.connection)
        qubit.measure()
        yield from context.connection.flush()
        return context.now()

    network = Network({"A": GenericDevice.perfect(1)})
    result = run(network, {"A": Script(steps)}, options=Options(instruction_ns=2.0))
    assert result[0][0] == pytest.approx(2.0 * result.stats.instructions, rel=1e-9)
    assert result.stats.instructions >= 6
