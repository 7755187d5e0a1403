"""What runs of programs are made of: figures, noises, Werner parameters, time lines."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qcisim.errors import InputError
from qcisim.programs import Links, NoFormula, Rate, mean, rate
from qcisim.programs.noise import KINDS, present, without
from qcisim.programs.summary import summarised
from qcisim.programs.timeline import Timeline, trace
from qcisim.stack.links import depolarising_link, link_model, perfect_link
from qcisim.stack.options import Options
from qcisim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.stack.run import run
from qcisim.stack.spec import ClassicalLink, GenericDevice, Network, NVDevice, PairLink


def network(first: float = 0.9, second: float = 0.8) -> Network:
    """a - r - b, where r is a repeater."""
    links = (
        PairLink("a", "r", depolarising_link(first, 0.5, 1e3)),
        PairLink("r", "b", depolarising_link(second, 0.5, 1e3)),
    )
    return Network({"a": GenericDevice(), "b": NVDevice()}, links, repeaters={"r": GenericDevice()})


@given(st.integers(1, 300), st.data())
def test_intervals_of_rates_are_exact(trials: int, data: st.DataObject) -> None:
    """Those of scipy.stats.binomtest."""
    successes = data.draw(st.integers(0, trials))
    wanted = stats.binomtest(successes, trials).proportion_ci(0.95, "exact")
    assert Rate(successes, trials).interval() == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@given(st.integers(1, 300), st.floats(0.01, 0.99))
def test_a_rate_agrees_inside_the_exact_interval_alone(trials: int, probability: float) -> None:
    low, high = stats.binom.ppf([0.5e-9, 1 - 0.5e-9], trials, probability)
    agreeing = [k for k in range(trials + 1) if Rate(k, trials).agrees(probability)]
    assert agreeing == list(range(agreeing[0], agreeing[-1] + 1))
    assert abs(agreeing[0] - low) <= 1
    assert abs(agreeing[-1] - high) <= 1


def test_certainty_allows_no_exception() -> None:
    assert rate([True] * 10).agrees(1.0)
    assert not rate([True] * 9 + [False]).agrees(1.0)
    assert not rate([False] * 9 + [True]).agrees(0.0)


def test_means_that_are_the_same_in_every_round_are_exact() -> None:
    assert mean([0.25] * 3).agrees(0.25)
    assert not mean([0.25] * 3).agrees(0.25 + 1e-7)
    spread = mean([0.2, 0.3] * 50)
    reach = math.sqrt(math.log(2e9) / 200)  # Hoeffding
    assert spread.agrees(0.25 + 0.99 * reach)
    assert not spread.agrees(0.25 + 1.01 * reach)
    with pytest.raises(InputError, match="not between 0 and 1"):
        mean([1.5])


def test_noises_are_found_and_taken_away() -> None:
    full = network()
    assert present(full) == KINDS
    for kind in KINDS:
        left = without(full, {kind})
        assert present(left) == tuple(other for other in KINDS if other != kind)
        assert left.repeaters["r"].num_qubits == 2
    quiet = without(full, KINDS)
    assert present(quiet) == ()
    assert quiet.nodes["a"].measure_ns == full.nodes["a"].measure_ns


def test_links_without_noise_keep_their_times() -> None:
    full = network()
    quiet = without(full, {"links"})
    noisy = [full.links[0].model.sample(rng) for rng in [np.random.default_rng(1)] for _ in range(20)]
    ideal = [quiet.links[0].model.sample(rng) for rng in [np.random.default_rng(1)] for _ in range(20)]
    assert [one.duration_ns for one in noisy] == [one.duration_ns for one in ideal]
    assert {round(one.state.fidelity, 12) for one in ideal} == {1.0}


def test_werner_parameters_multiply_along_repeaters() -> None:
    w = [(4 * fidelity - 1) / 3 for fidelity in (0.9, 0.8)]
    links = Links(network())
    assert links.werner("a", "r") == pytest.approx(w[0], abs=1e-12)
    assert links.werner("a", "b") == links.werner("b", "a") == pytest.approx(w[0] * w[1], abs=1e-12)
    assert Links(without(network(), KINDS)).werner("a", "b") == pytest.approx(1.0, abs=1e-12)


def test_no_formula_for_other_pairs_and_other_ways() -> None:
    devices = {"a": GenericDevice(), "b": GenericDevice(), "c": GenericDevice()}
    heralded = link_model("heralded-single-click", {"length": 10, "minimum_fidelity": 0.9})
    links = Links(Network(devices, (PairLink("a", "b", heralded), PairLink("b", "c", perfect_link()))))
    with pytest.raises(NoFormula, match="link a-b makes no Werner pairs"):
        links.werner("a", "b")
    with pytest.raises(NoFormula, match="joins a and c"):  # b runs programs and does not swap
        links.werner("a", "c")


class Talks(Program):
    """Makes a pair, measures it, tells the other."""

    def __init__(self, name: str, peer: str) -> None:
        self.name, self.peer = name, peer

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(self.name, [self.peer], [self.peer], 2)

    def run(self, context: ProgramContext) -> Generator[Any, Any, Any]:
        socket = context.epr_sockets[self.peer]
        qubit = (socket.create_keep() if self.name == "a" else socket.recv_keep())[0]
        yield from context.connection.flush()
        qubit.rot_X(n=1, d=2)
        qubit.H()
        bit = qubit.measure()
        yield from context.connection.flush()
        context.csockets[self.peer].send(int(bit))
        heard = yield from context.csockets[self.peer].recv()
        return {"mine": int(bit), "theirs": heard}


def talk() -> tuple[Network, dict[str, Program]]:
    device = GenericDevice(t1_ns=0, t2_ns=0, measure_ns=400, single_qubit_gate_ns=30)
    links = (PairLink("a", "b", perfect_link(1000.0)),)
    two = Network({"a": device, "b": device}, links, (ClassicalLink("a", "b", 250.0),))
    return two, {"a": Talks("a", "b"), "b": Talks("b", "a")}


def test_a_time_line_has_the_times_of_the_laws() -> None:
    """Handshake 2 x 250, pair 1000, two gates 2 x 30, measurement 400, message 250."""
    two, programs = talk()
    rows = [row for row in trace(two, programs, 3, Options()).rows() if row.node == "a"]
    assert [(row.kind, row.start_ns, row.end_ns) for row in rows] == [
        ("pair", 500.0, 1500.0),
        ("operation", 1500.0, 1960.0),
        ("sends", 1960.0, 1960.0),
        ("receives", 2210.0, 2210.0),
        ("result", 2210.0, 2210.0),
    ]
    assert rows[0].text == "pair with b, 1 attempt, fidelity 1"
    assert rows[1].text.startswith("rot_x q0 45 deg, h q0, measure q0 -> ")


def test_a_watched_run_gives_what_a_run_gives() -> None:
    two, programs = talk()
    for seed in range(8):
        told = [e.text for e in trace(two, programs, seed, Options()).events if e.kind == "result"]
        plain = run(two, programs, 1, seed=seed, workers=1).by_node
        wanted = [f"mine: {plain[name][0]['mine']}, theirs: {plain[name][0]['theirs']}" for name in ("a", "b")]
        assert sorted(told) == sorted(wanted)


def test_events_that_follow_one_another_are_one_row() -> None:
    line = Timeline()
    line.add(0, 5, "a", "operation", "h q0")
    line.add(0, 9, "b", "pair", "pair")
    line.add(5, 7, "a", "operation", "x q0")
    line.add(8, 9, "a", "operation", "z q0")
    assert [(row.node, row.text) for row in line.rows()] == [("a", "h q0, x q0"), ("b", "pair"), ("a", "z q0")]


def test_summaries() -> None:
    rounds = [{"a": {"bit": k % 2, "f": 0.5, "who": "x" if k else "y", "odd": k or None}, "b": None} for k in range(4)]
    told = {(one.node, one.key): one.text for one in summarised(rounds)}
    assert told["a", "bit"].startswith("1 in 2 of 4: 0.5 (")
    assert told["a", "f"] == "0.5 in every round"
    assert told["a", "who"] == "x: 3, y: 1"
    assert told["a", "odd"] == "mean 2, 1 to 3; nothing in 1 rounds"
    assert ("b", "") not in told
