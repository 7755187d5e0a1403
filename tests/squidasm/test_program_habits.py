"""What unmodified programs rely on without saying so (acceptance set A16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from netqasm.sdk.qubit import Qubit

from qcisim.squidasm.run.stack.config import (
    GenericQDeviceConfig,
    LinkConfig,
    StackConfig,
    StackNetworkConfig,
)
from qcisim.squidasm.run.stack.run import run
from qcisim.squidasm.sim.stack.program import Program, ProgramMeta

NAMES = ("Zoe", "Alice")


class Party(Program):
    """Runs a function."""

    def __init__(self, peer: str, body: Callable[..., Any], max_qubits: int = 2) -> None:
        self.peer, self.body, self.max_qubits, self.rounds = peer, body, max_qubits, 0

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("party", [self.peer], [self.peer], self.max_qubits)

    def run(self, context: Any) -> Any:
        self.rounds += 1
        return self.body(context, self)


def network(device: Any = None) -> StackNetworkConfig:
    cfg = GenericQDeviceConfig.perfect_config() if device is None else device
    stacks = [StackConfig(name=name, qdevice_typ="generic", qdevice_cfg=cfg) for name in NAMES]
    return StackNetworkConfig(stacks=stacks, links=[LinkConfig.perfect_config(*NAMES)])


def both(zoe: Callable[..., Any], alice: Callable[..., Any] | None = None) -> dict[str, Party]:
    return {"Alice": Party("Zoe", alice or zoe), "Zoe": Party("Alice", zoe)}


def test_results_follow_the_stacks_of_the_configuration() -> None:
    def name(context: Any, party: Party) -> Any:
        yield from context.connection.flush()
        return {"peer": party.peer, "round": party.rounds}

    results = run(network(), both(name), num_times=2)
    assert list(results) == [[{"peer": peer, "round": one} for one in (1, 2)] for peer in ("Alice", "Zoe")]
    alone = run(network(), {"Alice": Party("Zoe", name)}, num_times=1)
    assert list(alone) == [[], [{"peer": "Zoe", "round": 1}]]


def test_a_run_without_yield_is_a_result() -> None:
    assert run(network(), both(lambda context, party: {party.peer})) == [[{"Alice"}], [{"Zoe"}]]


@pytest.mark.parametrize("given", ["1e5", "100_000", "1E+5", 100000, 1e5, np.float64(1e5)])
def test_numbers_may_be_strings_in_mappings_and_in_objects(given: Any) -> None:
    def waits(context: Any, party: Party) -> Any:
        Qubit(context.connection).measure()
        yield from context.connection.flush()
        return context.now()

    nothing = GenericQDeviceConfig.perfect_config()
    mapping = {**nothing.model_dump(), "init_time": given}
    later = GenericQDeviceConfig.perfect_config()
    later.init_time = given
    changed = network({**mapping, "init_time": 7})
    for stack in changed.stacks:
        stack.qdevice_cfg["init_time"] = given
    for config in (network(mapping), network(GenericQDeviceConfig(**mapping)), network(later), changed):
        assert run(config, both(waits)) == [[1e5], [1e5]]


def test_a_register_is_read_live() -> None:
    def counts(context: Any, party: Party) -> Any:
        connection = context.connection
        qubit = Qubit(connection)
        qubit.X()
        first = qubit.measure(store_array=False, inplace=True)
        yield from connection.flush()
        before = int(first)
        qubit.X()
        again = qubit.measure(store_array=False)
        yield from connection.flush()
        return before, int(again)

    assert run(network(), both(counts), num_times=3) == [[(1, 0)] * 3] * 2


def test_futures_and_arrays_stay_readable_after_the_program() -> None:
    def returns(context: Any, party: Party) -> Any:
        qubits = [Qubit(context.connection) for _ in range(3)]
        qubits[1].X()
        array = context.connection.new_array(3)
        for index, qubit in enumerate(qubits):
            qubit.measure(future=array.get_future_index(index))
        single = Qubit(context.connection).measure()
        yield from context.connection.flush()
        return array, single

    for results in run(network(), both(returns), num_times=2):
        for array, single in results:
            assert [int(one) for one in array] == [0, 1, 0]
            assert single == 0


def test_any_object_is_a_message_and_stays_itself() -> None:
    sent = [{1, 2}, [np.arange(3)], None, 5, np.zeros(2), ("a", {"b": object()}), "text"]

    def sends(context: Any, party: Party) -> Any:
        for one in sent:
            context.csockets["Alice"].send(one)
        yield from context.connection.flush()

    def receives(context: Any, party: Party) -> Any:
        got = [None] * len(sent)
        for index in range(len(sent)):
            got[index] = yield from context.csockets["Zoe"].recv()
        return got

    ((got,),) = run(network(), both(sends, receives))[1:]
    assert len(got) == len(sent)
    assert all(one is other for one, other in zip(got, sent, strict=True))


def test_max_qubits_of_a_program_is_no_limit() -> None:
    def creates(context: Any, party: Party) -> Any:
        pair = context.epr_sockets["Alice"].create_keep()[0]
        return (yield from measure(context, pair))

    def receives(context: Any, party: Party) -> Any:
        pair = context.epr_sockets["Zoe"].recv_keep()[0]
        return (yield from measure(context, pair))

    def measure(context: Any, pair: Qubit) -> Any:
        other = Qubit(context.connection)
        pair.cnot(other)
        outcomes = pair.measure(), other.measure()
        yield from context.connection.flush()
        return [int(one) for one in outcomes]

    programs = {"Zoe": Party("Alice", creates, 1), "Alice": Party("Zoe", receives, 1)}
    zoe, alice = run(network(), programs, num_times=20, seed=1)
    assert zoe == alice
    assert {tuple(one) for one in zoe} == {(0, 0), (1, 1)}
