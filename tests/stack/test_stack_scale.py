"""Many qubits, many nodes, many processes: the same answers."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from netqasm.sdk.qubit import Qubit
from stack_programs import Fixed, Script, duo, pair_network

from qcisim.stack.links import depolarising_link, werner_pair
from qcisim.stack.options import Options
from qcisim.stack.run import run
from qcisim.stack.spec import GenericDevice, Network, NVDevice, PairLink


@pytest.mark.filterwarnings("ignore::qcisim.stack.machine.SampledNoiseWarning")
@pytest.mark.parametrize("formalism", ["auto", "ket", "stabiliser"])
def test_twenty_qubits_at_a_node(formalism) -> None:
    """A GHZ state: all results in Z equal, an even number of ones in X."""
    count = 20

    def program(context):
        found = []
        for basis in "ZXZX":
            qubits = [Qubit(context.connection) for _ in range(count)]
            qubits[0].H()
            for one, other in itertools.pairwise(qubits):
                one.cnot(other)
            if basis == "X":
                for qubit in qubits:
                    qubit.H()
            results = [qubit.measure() for qubit in qubits]
            yield from context.connection.flush()
            found.append((basis, sum(int(one) for one in results)))
        return found

    network = Network({"A": GenericDevice.perfect(count)})
    programs = {"A": Script(program, max_qubits=count)}
    for seed in range(2):
        for basis, ones in run(network, programs, seed=seed, options=Options(formalism=formalism))[0][0]:
            assert ones in (0, count) if basis == "Z" else ones % 2 == 0


@pytest.mark.parametrize("formalism", ["ket", "stabiliser"])
def test_a_graph_state_of_fifteen_nodes(formalism) -> None:
    """A ring of 15 nodes, one qubit each: a pair for each edge and teleported CZ gates.

    X at node j and Z at both neighbours multiply to +1 (the stabiliser of the graph), for all j in turn.
    """
    count = 15
    names = [f"N{index}" for index in range(count)]
    links = tuple(PairLink(names[i], names[(i + 1) % count], Fixed()) for i in range(count))
    network = Network(dict.fromkeys(names, GenericDevice.perfect(3)), links)

    def node(index: int):
        left, right = names[index - 1], names[(index + 1) % count]

        def edge(context, qubit, peer, creates):
            """Half of a pair, CNOT into it, measured; the other side turns by what came."""
            socket = context.epr_sockets[peer]
            (half,) = (socket.create_keep if creates else socket.recv_keep)()
            if creates:  # fan out: half becomes a copy of qubit in Z at the peer
                qubit.cnot(half)
                result = half.measure()
                yield from context.connection.flush()
                context.csockets[peer].send(int(result))
                if (yield from context.csockets[peer].recv()):
                    qubit.Z()
                return
            yield from context.connection.flush()
            if (yield from context.csockets[peer].recv()):
                half.X()
            half.cphase(qubit)
            half.H()
            result = half.measure()
            yield from context.connection.flush()
            context.csockets[peer].send(int(result))

        def program(context):
            found = []
            for centre in range(0, count, 4):
                qubit = Qubit(context.connection)
                qubit.H()
                steps = [(right, True), (left, False)]
                for peer, creates in steps if index else steps[::-1]:
                    yield from edge(context, qubit, peer, creates)
                if index == centre:
                    qubit.H()
                result = qubit.measure()
                yield from context.connection.flush()
                found.append(int(result))
            return found

        return Script(program, [left, right], 3)

    programs = {name: node(index) for index, name in enumerate(names)}
    for seed in range(2):
        results = run(network, programs, seed=seed, options=Options(formalism=formalism))
        for round_, centre in enumerate(range(0, count, 4)):
            around = (centre - 1, centre, (centre + 1) % count)
            assert sum(results[index][0][round_] for index in around) % 2 == 0
        everything = np.array([one[0] for one in results])
        assert 10 < everything.sum() < everything.size - 10  # each alone is a coin


def noisy(create: bool):
    """Draws from the modules, keeps a state of its own, waits, measures."""

    def program(context):
        (peer,) = context.epr_sockets
        socket, csocket, bits = context.epr_sockets[peer], context.csockets[peer], []
        for _ in range(4):
            (qubit,) = (socket.create_keep if create else socket.recv_keep)()
            if random.random() < 0.5:
                qubit.H()
            if np.random.random() < 0.5:  # noqa: NPY002 -- as programs do
                qubit.rot_X(angle=math.pi / 5)
            bit = qubit.measure()
            yield from context.connection.flush()
            csocket.send(int(bit))
            bits.append((int(bit), (yield from csocket.recv()), context.now()))
        return bits, {"last": int(bit)}

    return program


@pytest.mark.parametrize("device", [GenericDevice(3), NVDevice(3)])
@pytest.mark.parametrize("formalism", ["dm", "ket"])
def test_workers_give_the_same_results_as_one(device, formalism) -> None:
    network = pair_network(depolarising_link(0.9, 0.3, 500.0, random_bell_state=True), device, 250.0)
    found = [
        run(network, duo(noisy(True), noisy(False)), 13, seed=5, workers=workers, options=Options(formalism=formalism))
        for workers in (1, 2, 3)
    ]
    for one in found[1:]:
        assert list(one) == list(found[0])
        assert one.sim_time == found[0].sim_time
        assert one.stats.instructions == found[0].stats.instructions
        assert one.stats.pairs == found[0].stats.pairs == 13 * 4
        assert one.noise_budget == found[0].noise_budget
    other = run(network, duo(noisy(True), noisy(False)), 13, seed=6, workers=2, options=Options(formalism=formalism))
    assert list(other) != list(found[0])


def test_a_seed_repeats_a_run() -> None:
    network = pair_network(Fixed(werner_pair(0.7)), GenericDevice(3))
    kept = []
    for seed in (3, 3, 4):
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002 -- the programs draw from it
        kept.append(run(network, duo(noisy(True), noisy(False)), 5, seed=seed))
    assert list(kept[0]) == list(kept[1]) != list(kept[2])


def test_nodes_are_not_made_to_wait_between_iterations() -> None:
    """A fast node is in its last iteration while a slow one is in its first; the state of a program stays."""

    class Counts(Script):
        count = 0

    def fast(context):
        programs["Alice"].count += 1
        context.csockets["Bob"].send(programs["Alice"].count)
        yield from context.sleep(1.0)
        return context.now()

    def slow(context):
        yield from context.sleep(100.0)
        return (yield from context.csockets["Alice"].recv()), context.now()

    programs = {"Alice": Counts(fast, ["Bob"]), "Bob": Script(slow, ["Alice"])}
    result = run(pair_network(), programs, 3)
    assert result.by_node == {"Alice": [1.0, 2.0, 3.0], "Bob": [(1, 100.0), (2, 200.0), (3, 300.0)]}
