"""Parts of programs in scenarios: turns of links, devices, protected messages, ways, processors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from qcisim.engine import Engine, Wait
from qcisim.errors import AuthenticationError, InputError, PhysicsError
from qcisim.quantum.channel import depolarising
from qcisim.simulation import load_scenario
from qcisim.simulation.program_devices import device_of, memory_preset, on_each_qubit
from qcisim.simulation.program_runs import Processors
from qcisim.simulation.program_schedule import Afresh, Shared, Turns
from qcisim.simulation.program_sealing import check, opened, packed, padded, sealed, tagged, unpacked
from qcisim.simulation.program_spec import Processor
from qcisim.simulation.program_ways import Ways
from qcisim.stack.links import NoPairError, perfect_link, werner_pair
from qcisim.stack.links.attempts import AttemptLink
from qcisim.stack.links.hardware import StreamLink
from qcisim.stack.spec import GenericDevice, NVDevice

FALSE_ALARM = 1e-9
turns = st.builds(
    lambda cycle, share, place: Turns(share * cycle, cycle, place * (1.0 - share) * cycle),
    st.floats(0.01, 100.0),
    st.floats(0.01, 1.0),
    st.floats(0.0, 1.0),
)


def light_until(one: Turns, start_s: float, end_s: float) -> float:
    """Time in windows between two times, window by window."""
    total, number = 0.0, math.floor((start_s - one.offset_s) / one.cycle_s) - 1
    while True:
        opens = one.offset_s + number * one.cycle_s
        if opens >= end_s:
            return total
        total += max(0.0, min(opens + one.window_s, end_s) - max(opens, start_s))
        number += 1


@given(turns, st.floats(0.0, 500.0), st.floats(1e-3, 300.0))
@settings(max_examples=200, deadline=None)
def test_waiting_for_light_ends_when_windows_have_given_it(one: Turns, now_s: float, light_s: float) -> None:
    if light_s / one.window_s > 2000:
        light_s = one.window_s * 1.5
    until = one.until(now_s, light_s)
    assert until >= light_s * (1 - 1e-9)
    assert light_until(one, now_s, now_s + until) == pytest.approx(light_s, rel=1e-6, abs=1e-9 * (1 + now_s))


@given(turns, st.floats(0.0, 50.0), st.floats(0.01, 20.0))
@settings(max_examples=100, deadline=None)
def test_parts_of_an_interval_are_its_windows(one: Turns, start_s: float, length_s: float) -> None:
    parts = one.within(start_s, start_s + length_s)
    total = math.fsum((parts[:, 1] - parts[:, 0]).tolist())
    assert total == pytest.approx(light_until(one, start_s, start_s + length_s), abs=1e-8 * (1 + start_s + length_s))


def test_turns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(PhysicsError, match="window of 2 s at 0 s in a cycle of 1 s: wanted one that fits in"):
        Turns(2.0, 1.0)


def test_pairs_of_a_share_take_the_light_and_the_delay() -> None:
    """Poisson: light of 400 pairs at 100 a second in a quarter of the time; exact interval of the gamma law."""
    link = Shared(StreamLink.constant(100.0, werner_pair(0.9), 0.5), Turns(0.25, 1.0), 0.5)
    assert link.mean_duration_ns == pytest.approx((0.04 + 0.5) * 1e9)
    rng, light = np.random.default_rng(5), 0.0
    for _ in range(400):
        made = link.sample(rng, 0.3e9)  # outside: the next window opens 0.7 s later
        assert made.duration_ns >= 1.2e9
        light += light_until(link.turns, 0.3, 0.3 + made.duration_ns * 1e-9 - 0.5)
    low, high = gamma.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], 400, scale=0.01)
    assert low < light < high


def test_a_chain_begins_afresh_in_every_window() -> None:
    slow = Afresh(AttemptLink((werner_pair(0.9),), 0.09e9, 0.5), Turns(0.1, 1.0), "chain")
    rng = np.random.default_rng(1)
    for _ in range(200):
        phase = (slow.sample(rng, 0.0).duration_ns * 1e-9) % 1.0
        assert phase == pytest.approx(0.09)  # only the first attempt of a window is done in time
    never = Afresh(perfect_link(0.2e9), Turns(0.1, 1.0), "bru-lux")
    with pytest.raises(NoPairError, match=r"link 'bru-lux': no pair in 10000 windows of 0.1 s"):
        never.sample(rng)


@given(st.floats(0.0, 1.0))
def test_depolarising_on_each_qubit_keeps_the_entanglement_fidelity(p: float) -> None:
    """Of a channel: sum of |tr K|^2 / d^2 over its Kraus operators."""
    each = depolarising(on_each_qubit(p)).kraus
    product = [np.kron(one, other) for one in each for other in each]
    assert math.fsum(abs(np.trace(k)) ** 2 / 16 for k in product) == pytest.approx(1 - 15 / 16 * p)


def test_processors_come_from_presets_and_what_differs() -> None:
    ions = device_of(Processor(preset="trapped_ion", t2_s=0.5, qubits=3))
    assert isinstance(ions, GenericDevice)
    assert (ions.num_qubits, ions.t1_ns, ions.t2_ns) == (3, 0.0, 0.5e9)
    assert (ions.two_qubit_gate_ns, ions.measure_ns) == (107e3, 1.5e6)
    assert ions.two_qubit_gate_depolar_prob == pytest.approx(on_each_qubit(0.1))
    assert device_of(Processor()) == GenericDevice()
    assert device_of(Processor(device="nv")) == NVDevice()
    nv = device_of(Processor(device="nv", preset="nv", readout_error_zero=0.01, electron_t2_s=0.2))
    assert isinstance(nv, NVDevice)
    assert (nv.prob_error_0, nv.prob_error_1, nv.electron_t2_ns, nv.carbon_t2_ns) == (0.01, 0.005, 2e8, 1e9)
    assert memory_preset(Processor()) is None


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda one: st.lists(one) | st.tuples(one, one) | st.dictionaries(st.text() | st.integers(), one),
    max_leaves=8,
)


@given(plain)
@settings(max_examples=150, deadline=None)
def test_messages_come_out_as_they_went_in(message: object) -> None:
    found = unpacked(packed(message))
    assert found == message
    assert type(found) is type(message)


def test_arrays_and_complex_numbers_are_messages_too_and_other_objects_are_refused() -> None:
    array = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(unpacked(packed(array)), array)
    assert unpacked(packed(np.int64(7))) == 7
    assert unpacked(packed(1 + 2j)) == 1 + 2j
    with pytest.raises(InputError, match="a message of type object cannot be protected: send numbers, text"):
        packed(object())


def test_tags_are_those_of_rfc_8439() -> None:
    """Section 2.5.2: Poly1305 with r | s."""
    key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    tag = bytes.fromhex("a8061dc1305136c6c22b8baf0c0127a9")
    assert tagged(b"Cryptographic ", b"Forum Research Group", key[:16], key[16:]) == tag
    check(b"Cryptographic ", b"Forum Research Group", tag, key[:16], key[16:])


@given(st.binary(min_size=1, max_size=60), st.integers(0, 10**6), st.integers(0, 7))
@settings(max_examples=100, deadline=None)
def test_changed_messages_are_refused(data: bytes, where: int, bit: int) -> None:
    r, pad, key = bytes(range(16)), bytes(range(16, 32)), bytes(range(32))
    assert padded(padded(data, data[::-1]), data[::-1]) == data
    wire = bytearray(data)
    wire[where % len(data)] ^= 1 << bit
    tag = tagged(b"c|", data, r, pad)
    with pytest.raises(AuthenticationError, match="does not fit"):
        check(b"c|", bytes(wire), tag, r, pad)
    with pytest.raises(AuthenticationError, match="does not fit"):
        check(b"d|", data, tag, r, pad)  # another round, another place
    box = bytearray(sealed(b"c|", data, key, 3))
    assert opened(b"c|", bytes(box), key, 3) == data
    box[where % len(box)] ^= 1 << bit
    for context, number in ((b"c|", 3), (b"c|", 4)):
        with pytest.raises(AuthenticationError, match="AES-GCM refuses it"):
            opened(context, bytes(box), key, number)


def test_messages_take_the_shortest_fibre_or_go_over_land() -> None:
    scenario = load_scenario("quantum_internet")
    ways = Ways(scenario)
    index, c_km_per_s = 1.4682, 299_792.458
    assert ways.delay_s("kirchberg", "redu") == pytest.approx(132.0 * index / c_km_per_s, rel=1e-3)
    assert ways.delay_s("luxembourg", "bissen") == pytest.approx(32.8 * index / c_km_per_s, rel=1e-3)
    over_land_s = ways.delay_s("betzdorf", "oberpfaffenhofen")  # 405 km apart
    assert over_land_s == pytest.approx(1.5 * 405.0 * index / c_km_per_s, rel=0.02)
    assert ways.along_s(["luxembourg", "kirchberg", "bissen"]) == pytest.approx(ways.delay_s("luxembourg", "bissen"))


def test_a_processor_serves_one_at_a_time_and_first_come_first_served() -> None:
    engine, processors, log = Engine(), Processors(), list[tuple[str, float, float]]()

    def user(name: str, nodes: list[str], begin_s: float, hold_s: float):
        yield Wait(begin_s)
        ticket = yield from processors.take(nodes)
        start_s = engine.now_s
        yield Wait(hold_s)
        processors.give(ticket)
        log.append((name, start_s, engine.now_s))

    engine.process(user("first", ["a", "b"], 0.0, 10.0), "first")
    engine.process(user("both", ["b", "c"], 1.0, 5.0), "both")
    engine.process(user("late", ["c"], 2.0, 5.0), "late")  # free, but 'both' was there before
    engine.process(user("other", ["d"], 3.0, 1.0), "other")
    engine.run()
    assert log == [("other", 3.0, 4.0), ("first", 0.0, 10.0), ("both", 10.0, 15.0), ("late", 15.0, 20.0)]
