"""Wrong programs: one error each that says where, what was wanted and what came; a hang is never silent."""

from __future__ import annotations

import gc
import inspect
import itertools
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from netqasm.lang.parsing.text import parse_text_protosubroutine
from netqasm.sdk.qubit import Qubit
from stack_programs import Fixed, Script, duo, pair_network

from qcisim.errors import InputError
from qcisim.stack import processor
from qcisim.stack.awaited import NotAwaitedWarning
from qcisim.stack.deadlock import DeadlockError
from qcisim.stack.options import Options
from qcisim.stack.processor import StuckWarning
from qcisim.stack.program import Program, ProgramMeta
from qcisim.stack.request import PairTimeoutError
from qcisim.stack.run import DeadlockWarning, run
from qcisim.stack.spec import GenericDevice, Network, PairLink

HERE = __file__


def line_of(function: Callable[..., Any], words: str) -> str:
    """File and line of a function where these words stand."""
    lines, start = inspect.getsourcelines(function)
    return f"{HERE}:{start + next(index for index, line in enumerate(lines) if words in line)}"


def refused(program: Any, peers: tuple[str, ...] = (), network: Network | None = None) -> str:
    """The error of Alice's program with its notes."""
    with pytest.raises(InputError) as caught:
        run(network or pair_network(), {"Alice": Script(program, peers)})
    return "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def test_an_exception_names_node_round_time_and_line() -> None:
    def program(context):
        state["round"] += 1
        yield from context.sleep(1250.0)
        return [][0 if state["round"] == 3 else slice(None)]

    state = {"round": 0}
    with pytest.raises(IndexError) as caught:
        run(pair_network(), {"Alice": Script(program)}, 5)
    where = line_of(program, "return [][")
    assert caught.value.__notes__ == [f"in the program of Alice, iteration 2, at 3750 ns, {where}"]


def flushes(context):
    Qubit(context.connection).measure()
    context.connection.flush()
    yield from context.sleep(1.0)


def receives(context):
    context.csockets["Bob"].recv()
    yield from context.sleep(1.0)


def receives_a_number(context):
    context.csockets["Bob"].recv_int()
    yield from context.sleep(1.0)


def sleeps(context):
    context.sleep(5.0)
    yield from context.sleep(1.0)


@pytest.mark.parametrize(
    ("program", "call"),
    [(flushes, "flush()"), (receives, "recv()"), (receives_a_number, "recv_int()"), (sleeps, "sleep(5.0)")],
)
def test_what_nobody_awaits_is_said_with_its_line(program, call: str) -> None:
    with pytest.warns(NotAwaitedWarning) as caught:
        run(pair_network(), {"Alice": Script(program, ["Bob"])})
    where = line_of(program, call)
    assert [str(one.message) for one in caught] == [
        f"{call} not awaited on node Alice: {where}: write 'yield from ...{call}'"
    ]
    assert f"{caught[0].filename}:{caught[0].lineno}" == where


def test_what_is_awaited_does_not_warn() -> None:
    def alice(context):
        yield from context.connection.flush()
        context.csockets["Bob"].send_int(3)
        context.csockets["Bob"].send_float(0.1)

    def bob(context):
        number = yield from context.csockets["Alice"].recv_int()
        return number, (yield from context.csockets["Alice"].recv_float())

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run(pair_network(), duo(alice, bob))[1] == [(3, 0.1)]


@pytest.mark.filterwarnings("ignore::qcisim.stack.awaited.NotAwaitedWarning")
def test_yield_in_place_of_yield_from() -> None:
    def program(context):
        yield context.csockets["Bob"].recv()

    text = refused(program, ("Bob",))
    gc.collect()  # what was yielded is nobody's now
    where = line_of(program, "recv()")
    assert text == f"{where}: program of Alice yielded recv() at {where}: write 'yield from'"


def test_qubits_that_a_device_does_not_have() -> None:
    def program(context):
        for _ in range(3):
            Qubit(context.connection)
        yield from context.connection.flush()

    text = refused(program, network=Network({"Alice": GenericDevice(2)}))
    assert text.startswith("Alice has 2 qubits and all are in use: free or measure one, or give the device more")
    assert text.endswith(line_of(program, "flush()"))


@pytest.mark.parametrize("what", ["create_keep", "recv_keep"])
def test_a_request_without_a_link(what: str) -> None:
    def program(context):
        getattr(context.epr_sockets["Carol"], what)()
        yield from context.connection.flush()

    links = (PairLink("Alice", "Bob", Fixed()),)
    network = Network(dict.fromkeys(("Alice", "Bob", "Carol"), GenericDevice.perfect(2)), links)
    text = refused(program, ("Carol",), network)
    assert text.startswith("no link of pairs between 'Alice' and 'Carol'; 'Alice' has pairs with Bob")
    assert text.endswith(line_of(program, "flush()"))


@pytest.mark.parametrize(
    ("peer", "words"),
    [("Bbo", "with 'Bbo', which is no node of the network (did you mean 'Bob'?)"), ("Alice", "with itself")],
)
def test_sockets_to_nowhere(peer: str, words: str) -> None:
    text = refused(lambda context: None, (peer,))
    assert text.startswith("program of Alice (")
    assert f"stack_programs.py:{inspect.getsourcelines(Script)[1]}): a socket for pairs {words}" in text


def test_a_socket_that_was_not_named() -> None:
    def program(context):
        context.epr_sockets["Carol"].create_keep()
        yield from context.connection.flush()

    text = refused(program, ("Bob",))
    assert text.startswith("program of Alice: there is no socket for pairs with 'Carol': name it in epr_sockets")
    assert line_of(program, "Carol") in text


class NoMeta:
    def run(self, context):
        return 1


class MetaMethod(Program):
    def meta(self):
        return ProgramMeta("x", [], [], 1)

    def run(self, context):
        return 1


class OnePeer(Program):
    @property
    def meta(self):
        return ProgramMeta("x", [], "Bob", 1)

    def run(self, context):
        return 1


@pytest.mark.parametrize(
    ("programs", "times", "words"),
    [
        ({"Alise": NoMeta()}, 1, "a program for node 'Alise', which the network does not have (did you mean 'Alice'?)"),
        ({"Alice": NoMeta()}, 1, "program of Alice: a NoMeta has no 'meta'"),
        ({"Alice": MetaMethod}, 1, "program of Alice is the class MetaMethod: wanted a program, MetaMethod(...)"),
        ({"Alice": MetaMethod()}, 1, "wanted a property that gives a ProgramMeta"),
        ({"Alice": OnePeer()}, 1, "epr_sockets of its meta is 'Bob': wanted a list of names of nodes"),
        ({"Alice": OnePeer()}, 1.5, "num_times 1.5: wanted a whole number from 0"),
    ],
)
def test_things_that_are_no_programs(programs: dict[str, Any], times: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        run(pair_network(), programs, times)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("add R0 R1 R2", "line 0, 'add R0 R1 R2': a register or array that nothing was written to"),
        ("set R1 1\nset R2 0\ndiv R0 R1 R2", "line 2, 'div R0 R1 R2': ZeroDivisionError"),
        (
            "set Q0 3\nx Q0",
            "qubit 3 does not exist at Alice: it was measured or freed, or never made (there are: none)",
        ),
        ("array 3 @0\nload R0 @0[1]", "entry 1 of array @0: nothing was written to it"),
        ("array 3 @0\nload R0 @0[7]", "entry 7 of array @0, which has 3"),
        ("load R0 @4[1]", "line 0, 'load R0 @0[1]': a register or array that nothing was written to"),
        ("jmp 10", "instruction 'jmp 10' in line 0: the lines are 0 to 0"),
        ("set R0 1\nbez R0 -1", "instruction 'bez R0 -1' in line 1: the lines are 0 to 1"),
        ("set Q0 0\ncrot_x Q0 Q0 1 1", "a generic device does not know it"),
        ("set Q0 0\nqalloc Q0\nqalloc Q0", "qubit 0 exists already at Alice"),
        ("set Q0 0\nqalloc Q0\ninit Q0\ncnot Q0 Q0", "a gate on qubit 0 and itself"),
        ("array 19 @0\ncreate_epr(1, 0) C0 0 0", "wanted an array of 20 or 22 entries, got 19"),
    ],
)
def test_instructions_that_cannot_be_carried_out(body: str, words: str) -> None:
    def program(context):
        subroutine = parse_text_protosubroutine(f"# NETQASM 1.0\n# APPID 0\n{body}")
        yield from context.connection.commit_protosubroutine(subroutine)

    text = refused(program, ("Bob",))
    assert words in text
    assert text.endswith(line_of(program, "yield from"))


def asks(what: str, number: int = 1):
    def program(context):
        (peer,) = context.epr_sockets
        getattr(context.epr_sockets[peer], what)(number=number)
        yield from context.connection.flush()

    return program


@pytest.mark.parametrize(
    ("alice", "bob", "words"),
    [
        (("create_keep", 1), ("recv_keep", 2), "Alice creates 1 pair with Bob in a request, in which Bob receives 2"),
        (
            ("create_measure", 3),
            ("recv_measure", 2),
            "Alice creates 3 pairs with Bob in a request, in which Bob receives",
        ),
        (("create_keep", 1), ("recv_measure", 1), "asks Bob for pairs to keep, but Bob receives pairs to measure"),
        (("create_measure", 1), ("recv_keep", 1), "asks Bob for pairs to measure, but Bob receives pairs to keep"),
    ],
)
def test_requests_that_do_not_fit(alice, bob, words: str) -> None:
    with pytest.raises(InputError) as caught:
        run(pair_network(), duo(asks(*alice), asks(*bob)))
    assert words in str(caught.value)


def test_a_request_has_its_time() -> None:
    """max_time in us, ms or s, from the request on."""

    def alice(context):
        context.epr_sockets["Bob"].create_keep(max_time=2)
        yield from context.connection.flush()

    def bob(context):
        yield from context.sleep(3000.0)
        context.epr_sockets["Alice"].recv_keep()
        yield from context.connection.flush()

    with pytest.raises(PairTimeoutError, match="Alice: 1 pair with Bob did not come within 2000 ns"):
        run(pair_network(), duo(alice, bob))


def waits(context):
    yield from context.csockets["Bob"].recv()


def waits_for_pairs(context):
    (peer,) = context.epr_sockets
    context.epr_sockets[peer].create_keep()
    yield from context.connection.flush()


def fills_up(context):
    qubits = [Qubit(context.connection) for _ in range(2)]
    yield from context.connection.flush()
    context.epr_sockets["Alice"].recv_keep()
    yield from context.connection.flush()
    return qubits


@pytest.mark.parametrize(
    ("alice", "bob", "words"),
    [
        (waits, None, [f"Alice (iteration 0) at {line_of(waits, 'recv()')}: waits for a message from Bob"]),
        (waits, None, ["nodes without a program: Bob"]),
        (waits_for_pairs, None, ["waits for 1 pair with Bob: Bob has not asked to receive them"]),
        (waits_for_pairs, waits_for_pairs, ["Bob: both ends ask to create them", "Alice: both ends ask to create"]),
        (waits_for_pairs, fills_up, ["Bob has no free qubit for it (its device has 2 qubits)"]),
    ],
)
def test_a_deadlock_says_who_waits_where_for_what(alice, bob, words: list[str]) -> None:
    programs = duo(alice, bob or alice)
    if bob is None:
        del programs["Bob"]
    network = pair_network(device=GenericDevice(2))
    with pytest.raises(DeadlockError) as caught:
        run(network, programs)
    for one in words:
        assert one in str(caught.value)
    if bob is None:  # that is no bad luck of one run
        with pytest.raises(DeadlockError):
            run(network, programs, options=Options(on_deadlock="warn"))
    else:
        with pytest.warns(DeadlockWarning, match="programs still wait"):
            assert all(len(results) == 0 for results in run(network, programs, options=Options(on_deadlock="warn")))
    assert run(network, programs, options=Options(on_deadlock="return")).by_node["Alice"] == []


@pytest.mark.parametrize("what", ["NaN", "-5.0"])
def test_time_goes_forward(what: str) -> None:
    def program(context):
        yield from context.sleep(float(what))

    assert "wanted a time in ns from 0" in refused(program)


LOOP = """# NETQASM 1.0
# APPID 0
set R0 0
set R1 1
{body}
jmp 2
"""


def test_a_loop_of_a_subroutine_that_never_ends_is_an_error_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(context):
        loop = parse_text_protosubroutine(LOOP.format(body="add R0 R0 R1"))
        yield from context.connection.commit_protosubroutine(loop)

    monkeypatch.setattr(processor, "_AT_ONCE", range(1, 100_000))
    text = refused(program)
    assert "instructions without a moment of simulated time, the last of them line " in text
    assert "does a loop of this subroutine never end?" in text
    assert line_of(program, "yield from") in text


def test_a_long_loop_that_ends_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(context):
        total = context.connection.new_array(1, init_values=[0]).get_future_index(0)
        with context.connection.loop(1000):
            total.add(1)
        yield from context.connection.flush()
        return int(total)

    monkeypatch.setattr(processor, "_AT_ONCE", range(1, 20_000))
    assert run(pair_network(), {"Alice": Script(program)}, 3)[0] == [1000] * 3


def test_a_loop_of_a_program_in_which_no_time_passes_is_warned_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(context):
        for _ in range(100):
            yield from context.sleep(wait)
            Qubit(context.connection).measure()
            yield from context.connection.flush()

    monkeypatch.setattr(processor, "MANY", 30)
    wait = 0.0
    with pytest.warns(StuckWarning, match="Alice: 30 subroutines of one round of its program, all at 0 ns") as said:
        run(pair_network(), {"Alice": Script(program)})
    assert len(said) == 1
    wait = 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(pair_network(), {"Alice": Script(program)})


def test_an_interrupt_tells_where_everybody_was() -> None:
    def alice(context):
        yield from context.sleep(500.0)
        raise KeyboardInterrupt

    def bob(context):
        yield from context.csockets["Alice"].recv()

    with pytest.raises(KeyboardInterrupt) as caught:
        run(pair_network(), duo(alice, bob))
    assert caught.value.__notes__ == [
        f"in the program of Alice, iteration 0, at 500 ns, {line_of(alice, 'raise')}",
        "at 500 ns of simulated time, after 0 instructions, 0 pairs:\n"
        f"  Bob (iteration 0) at {line_of(bob, 'yield from')}: waits for a message from Alice",
    ]


def test_errors_at_the_end_of_instructions_that_take_time_name_their_line() -> None:
    def program(context):
        qubits = [Qubit(context.connection) for _ in range(4)]
        for one, other in itertools.pairwise(qubits):
            one.H()
            one.cnot(other)
        yield from context.connection.flush()

    network = Network({"Alice": GenericDevice(4)})
    with pytest.raises(InputError, match="a group of 3 entangled qubits") as caught:
        run(network, {"Alice": Script(program)}, options=Options(formalism="dm", largest_group=2))
    notes = caught.value.__notes__
    assert "cnot Q0 Q1' of a subroutine of Alice" in notes[0]
    assert "--formalism auto" in notes[1]


def test_more_pairs_at_once_than_the_device_has_qubits_are_refused_and_not_waited_for() -> None:
    def ask(context):
        (socket,) = context.epr_sockets.values()
        qubits = (socket.create_keep if "Bob" in context.epr_sockets else socket.recv_keep)(3)
        yield from context.connection.flush()
        return len(qubits)

    with pytest.raises(InputError, match="3 pairs with Bob are to be kept at once, but the device of Alice has 2 qubi"):
        run(pair_network(device=GenericDevice.perfect(2)), duo(ask, ask))
    assert run(pair_network(device=GenericDevice.perfect(3)), duo(ask, ask)) == [[3], [3]]
