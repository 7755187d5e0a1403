"""Blocking functions take turns with the event loop; QNE networks mean what they mean."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
from netqasm.runtime.interface.config import (
    Link,
    NetworkConfig,
    Node,
    NoiseType,
    QuantumHardware,
    Qubit,
    default_network_config,
)
from netqasm.sdk.classical_communication import ThreadBroadcastChannel, ThreadSocket

from qcisim.engine import DeadlockError, Engine, Wait
from qcisim.errors import InputError, PhysicsError
from qcisim.squidasm.blocking import Actor, await_, current, qne_network
from qcisim.squidasm.blocking.socket_hub import SocketHub
from qcisim.stack.spec import GenericDevice, NVDevice


def wait(engine: Engine, seconds: float) -> Generator[Any, Any, float]:
    yield Wait(seconds)
    return engine.now_s


def test_time_passes_only_while_functions_wait() -> None:
    engine, seen = Engine(), []

    def role(name: str, each_s: float) -> str:
        seen.extend((await_(wait(engine, each_s)), name) for _ in range(3))
        assert current() is not None
        return name

    processes = [
        engine.process(Actor("a", lambda: role("a", 2.0)).steps(), "a"),
        engine.process(Actor("b", lambda: role("b", 3.0)).steps(), "b"),
    ]
    engine.run()
    assert seen == [(2.0, "a"), (3.0, "b"), (4.0, "a"), (6.0, "b"), (6.0, "a"), (9.0, "b")]
    assert [process.value for process in processes] == ["a", "b"]
    assert current() is None


def test_errors_cross_in_both_directions() -> None:
    engine = Engine()

    def failing() -> Generator[Any, Any, None]:
        yield Wait(1.0)
        raise KeyError("from the loop")

    def role() -> None:
        with pytest.raises(KeyError, match="from the loop"):
            await_(failing())
        raise ValueError("from the role")

    engine.process(Actor("a", role).steps(), "a")
    with pytest.raises(ValueError, match="from the role"):
        engine.run()


def test_threads_end_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, closed = Engine(), []
    monkeypatch.setattr(ThreadSocket, "_SOCKET_HUB", SocketHub())

    def role() -> None:
        try:
            ThreadSocket("a", "b").recv()
        finally:
            closed.append("a")

    engine.process(Actor("a", role).steps(), "a")
    with pytest.raises(DeadlockError, match="a waits for a message from b"):
        engine.run()
    engine.close()
    assert closed == ["a"]
    assert not [thread for thread in threading.enumerate() if thread.name == "qcisim a"]
    with pytest.raises(InputError, match="a blocking call outside"):
        await_(wait(engine, 1.0))


def test_sockets_of_netqasm(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, log = Engine(), []
    monkeypatch.setattr(ThreadSocket, "_SOCKET_HUB", SocketHub())

    def alice() -> None:
        bob, charlie = ThreadSocket("a", "b"), ThreadSocket("a", "c", socket_id=1)
        bob.send("one")
        bob.send_silent("two")
        await_(wait(engine, 5.0))
        charlie.send("three")
        channel = ThreadBroadcastChannel("a", ["b", "c"])
        log.append(channel.recv())

    def bob() -> None:
        socket = ThreadSocket("b", "a")
        log.append((socket.recv(), socket.recv_silent(), engine.now_s))
        with pytest.raises(RuntimeError, match="No message"):
            socket.recv(block=False)

    def charlie() -> None:
        log.append((ThreadSocket("c", "a", socket_id=1).recv(), engine.now_s))
        await_(wait(engine, 1.0))
        ThreadBroadcastChannel("c", ["a", "b"]).send("four")

    for name, role in (("a", alice), ("b", bob), ("c", charlie)):
        engine.process(Actor(name, role).steps(), name)
    engine.run()
    assert log == [("one", "two", 0.0), ("three", 5.0), ("c", "four")]
    assert engine.now_s == 6.0


def network(noise: str, fidelity: float, gate_fidelity: float = 1.0, hardware: object = "Generic") -> NetworkConfig:
    nodes = [Node(name, hardware, [Qubit(i, 1e6, 2e5) for i in range(3)], gate_fidelity) for name in ("x", "y")]  # type: ignore[arg-type]
    return NetworkConfig(nodes, [Link("l", "x", "y", noise, fidelity)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("noise", "weight", "fidelity"),
    [
        ("NoNoise", 0.3, 1.0),
        ("Depolarise", 0.8, 0.8 + 0.2 / 4),
        ("DiscreteDepolarise", 0.8, 0.8 + 0.2 / 4),
        ("Bitflip", 0.8, 0.8),
    ],
)
def test_fidelity_of_a_link_is_a_weight(noise: str, weight: float, fidelity: float) -> None:
    for name in (noise, NoiseType(noise)):
        (link,) = qne_network(network(name, weight)).links  # type: ignore[arg-type]
        assert link.model.mean_fidelity == pytest.approx(fidelity)
        assert link.model.mean_duration_ns == 1000.0
    flipped = link.model.sample(np.random.default_rng(1)).state.bell_weights[1]
    assert flipped == pytest.approx({"NoNoise": 0.0, "Bitflip": 0.2}.get(noise, 0.05))


def test_devices_of_nodes() -> None:
    generic = qne_network(network("NoNoise", 1.0, 0.9)).nodes["x"]
    assert isinstance(generic, GenericDevice)
    assert (generic.num_qubits, generic.t1_ns, generic.t2_ns) == (3, 1e6, 2e5)
    assert generic.single_qubit_gate_depolar_prob == generic.two_qubit_gate_depolar_prob == pytest.approx(0.1)
    nv = qne_network(network("NoNoise", 1.0, 0.9, QuantumHardware.NV)).nodes["y"]
    assert isinstance(nv, NVDevice)
    assert (nv.ec_gate_depolar_prob, nv.prob_error_0, nv.carbon_t2_ns) == (pytest.approx(0.1), 0.0, 2e5)
    assert len(qne_network(default_network_config(["a", "b", "c"])).links) == 3


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (network("Depolarize", 1.0), "did you mean 'Depolarise'"),
        (network("Depolarise", 1.5), "link l: fidelity 1.5"),
        (network("Depolarise", "high"), "link l: fidelity: wanted a number, got 'high'"),  # type: ignore[arg-type]
        (network("NoNoise", 1.0, hardware="Genric"), "did you mean 'Generic'"),
        (network("NoNoise", 1.0, hardware="TrappedIon"), "TrappedIon cannot be simulated"),
        (NetworkConfig([], [Link("l", "x", "y", NoiseType.NoNoise, 1.0)]), "there is no node 'x'"),
    ],
)
def test_refusals_name_the_place(config: NetworkConfig, words: str) -> None:
    with pytest.raises((InputError, PhysicsError), match=words):
        qne_network(config)


def test_an_interrupt_stops_a_function_that_never_waits() -> None:
    """Its thread ends, and where it was is told."""
    engine = Engine()

    def forever() -> None:
        interrupt = threading.Timer(0.2, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT])
        interrupt.start()
        while True:
            pass

    actor = Actor("role a", forever)
    engine.process(actor.steps(), "a")
    with pytest.raises(KeyboardInterrupt) as caught:
        engine.run()
    start = forever.__code__.co_firstlineno
    assert caught.value.__notes__[0] in {f"role a was at {__file__}:{start + line}" for line in (3, 4)}
    assert not [one for one in threading.enumerate() if one.name == "qcisim role a"]
