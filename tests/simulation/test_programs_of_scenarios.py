"""Programs that run in scenarios: pairs from their links, messages under delivered keys, waits, failures, refusals."""

from __future__ import annotations

import importlib.util
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from program_scenarios import PERFECT, folder, thin

from qcisim.errors import InputError, ScenarioError
from qcisim.simulation import Result, load_scenario, run
from qcisim.simulation.build import build_link
from qcisim.simulation.link_model import Block, Stretch
from qcisim.simulation.passes import Timetable
from qcisim.simulation.program_links import program_link

pytest.importorskip("netqasm")

TELEPORT = """
  move:
    program: teleportation
    roles: {alice: a, bob: b}
    times: 20
    start_s: 6
    period_s: 0.1
"""


def one(text: str, name: str = "move", **more: Any) -> dict[str, Any]:
    return dict(run(text, **more).programs[name])


def test_teleportation_has_the_fidelity_of_its_pairs_and_takes_the_fibre_s_time() -> None:
    """Perfect processors: <psi| (w1 1 + wx X + wy Y + wz Z)(psi) |psi>, the weights those of the link's pairs."""
    text = thin(TELEPORT)
    scenario = load_scenario(text)
    link = program_link(scenario, "pairs", {}, Timetable(scenario))
    made = link.sample(np.random.default_rng(0))
    identity, x, y, z = np.array(made.state.bell_weights)[[0, 1, 2, 3]]
    found = one(text)
    theta, phi = math.radians(67.5), math.radians(45.0)
    bloch = math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta)
    expected = identity + x * bloch[0] ** 2 + y * bloch[1] ** 2 + z * bloch[2] ** 2
    assert found["done"] == 20
    for row in found["rounds"]:
        assert row["results"]["bob"]["fidelity"] == pytest.approx(expected, abs=2e-8)
    delay_s = 28.0 * 1.4682 / 299_792.458
    assert all(row["end_s"] - row["start_s"] > 3 * delay_s for row in found["rounds"])  # handshake, pair, message
    assert found["round_s"]["median"] < 10 * delay_s
    assert found["pair_links"]["pairs"]["fidelity"] == pytest.approx(made.state.fidelity)
    assert [row["start_s"] for row in found["rounds"]] == pytest.approx([6 + 0.1 * k for k in range(20)])


def test_the_same_scenario_and_seed_give_the_same_bytes_and_results_survive_their_file() -> None:
    text = thin(TELEPORT + "    messages: encrypted\n")
    first, second = run(text), run(text)
    assert first.to_json() == second.to_json()
    assert Result.from_json(first.to_json()) == first
    other = run(text, overrides=["seed=4"])
    assert other.programs["move"]["rounds"] != first.programs["move"]["rounds"]


@pytest.mark.parametrize(
    ("messages", "bits"),
    [
        ("messages: authenticated", 128 + 20 * 128),
        ("messages: encrypted", 128 + 20 * (128 + 8 * 33)),
        ("messages: encrypted\n    cipher: aes_gcm", 20 * 256),
    ],
)
def test_protected_messages_spend_key_that_the_books_show(messages: str, bits: int) -> None:
    """Tags: 128 bits of hash key once, 128 a message; a pad as long as the message; AES: 256 bits a round."""
    result = run(thin(TELEPORT + f"    {messages}\n"))
    found, demand = result.programs["move"], result.demands["move-alice-bob"]
    assert found["done"] == 20
    assert found["traffic"]["messages"] == 20
    assert found["traffic"]["key_bits"] == bits
    assert demand.keys_requested == demand.keys_delivered == math.ceil(bits / 256)
    assert (demand.from_node, demand.to_node, demand.path) == ("a", "b", ("a", "b"))
    book = result.books["keys"]
    assert book.delivered == 256 * demand.keys_delivered
    spent = book.delivered + book.relay + book.authentication + book.discarded + book.stored
    assert book.generated == spent
    assert set(result.books) == {"keys"}  # the other link makes none


def test_a_message_waits_for_key_and_the_qubit_decays_meanwhile() -> None:
    """The first block is done after 5 s: the coherence of Bob's half has gone by exp(-t/T2), of Alice's not at all."""
    program = TELEPORT.replace("start_s: 6", "start_s: 1").replace("times: 20", "times: 2")
    processor = "{preset: perfect, qubits: 2, t2_s: 8.0}"
    found = one(thin(program + "    messages: encrypted\n", processor))
    first, second = found["rounds"]
    assert 3.9 < first["key_wait_s"] < 4.1
    assert second["key_wait_s"] == 0.0
    quick, slow = (row["results"]["bob"]["fidelity"] for row in (second, first))
    flat = math.sin(math.radians(67.5)) ** 2  # x^2 + y^2 of the state: phase flips hit it
    flips = (1.0 - math.exp(-first["key_wait_s"] / 8.0)) / 2.0
    assert slow == pytest.approx(
        (1 - flips) * quick + flips * (1 - quick) * flat + flips * quick * (1 - flat), abs=0.02
    )
    assert found["waits_s"]["keys"]["largest"] == first["key_wait_s"]


def test_too_little_key_fails_a_round_with_its_reason() -> None:
    text = thin(TELEPORT.replace("start_s: 6", "start_s: 0") + "    messages: encrypted\n    max_key_wait_s: 0.25\n")
    found = one(text)
    assert found["failed"] > 0
    assert found["done"] + found["failed"] + found["unfinished"] + found["not_begun"] == 20
    reason = found["reasons"][0]["reason"]
    assert reason == "no key from a to b in 0.25 s: 1 key of 256 bits asked for, the stores on the way have less"
    row = next(row for row in found["rounds"] if row["ended"] == "failed")
    assert row["end_s"] - row["start_s"] == pytest.approx(0.25, abs=0.01)


def test_programs_and_keys_share_a_link_and_nothing_counts_twice() -> None:
    """Coincidences of both add up to those of the link alone."""
    shared = thin("").replace("programs: {}", "programs: {share: 0.3, cycle_s: 0.5}").replace("key_source: none", "")
    scenario = load_scenario(shared.removesuffix("programs:\n"))
    alone = load_scenario(shared.replace("    programs: {share: 0.3, cycle_s: 0.5}\n", "").removesuffix("programs:\n"))
    models = [build_link(one, "pairs") for one in (scenario, alone)]
    counted = []
    for model in models:
        block: Any = Block((Stretch(0.0, 10.0),), model.windows)
        counted.append(model.count(block, None).clicks)
    link = program_link(scenario, "pairs", {}, Timetable(scenario))
    per_s = 1.0 / (link.mean_duration_ns * 1e-9 - link.delay_s)  # type: ignore[attr-defined]
    assert counted[0] == pytest.approx(0.7 * counted[1], rel=1e-9)
    assert counted[0] + 10.0 * per_s == pytest.approx(counted[1], rel=1e-6)


def test_processors_serve_one_program_at_a_time() -> None:
    more = TELEPORT.replace("move", "back").replace("{alice: a, bob: b}", "{alice: b, bob: a}")
    result = run(thin(TELEPORT.replace("period_s: 0.1", "period_s: 0.001") + more.replace("    period_s: 0.1\n", "")))
    spans = sorted((row["start_s"], row["end_s"]) for p in result.programs.values() for row in p["rounds"])
    assert len(spans) == 40
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    assert result.programs["back"]["waits_s"]["processors"]["largest"] > 0.0


def test_pairs_of_two_links_are_swapped_at_a_node_in_between() -> None:
    """Bell-diagonal pairs with perfect processors: Werner parameters of the two links multiply, nearly."""
    text = thin(TELEPORT.replace("bob: b}", "bob: c}") + "    swap_at: [b]\n")
    text = text.replace("links:\n", f"  c: {{lat: 49.5, lon: 6.2, processor: {PERFECT}}}\nlinks:\n", 1)
    second = text[text.index("  pairs:") : text.index("  keys:")].replace("pairs:", "more:").replace("[a, b]", "[b, c]")
    text = text.replace("  keys:", second.replace("node: a", "node: b") + "  keys:", 1)
    found = one(text)
    assert found["done"] == 20
    (label,) = found["pair_links"]
    assert label == "a - c (swapped)"
    single = one(thin(TELEPORT))["pair_links"]["pairs"]["fidelity"]
    werner = ((4 * single - 1) / 3) ** 2
    assert found["pair_links"][label]["fidelity"] == pytest.approx((3 * werner + 1) / 4, abs=0.002)


def test_a_program_that_hangs_is_told_with_its_line(tmp_path: Path) -> None:
    place = folder(tmp_path, "message = yield from messages.recv()\nreturn message")
    found = one(thin(TELEPORT.replace("teleportation", str(place))))
    assert (found["unfinished"], found["done"], found["not_begun"]) == (1, 0, 19)
    reason = found["reasons"][0]["reason"]
    assert "alice (iteration 0) at " in reason
    assert "program.py:12: waits for a message from bob" in reason
    late = one(thin(TELEPORT.replace("teleportation", str(place)) + "    timeout_s: 0.05\n"))
    assert late["failed"] == 20
    assert late["reasons"][0]["reason"].startswith("not done within 0.05 s: alice (iteration 0) at")


def test_an_error_in_a_program_names_node_round_time_and_line(tmp_path: Path) -> None:
    place = folder(tmp_path, "yield from context.sleep(2e9)\nreturn 1 / 0")
    with pytest.raises(InputError) as caught:
        run(thin(TELEPORT.replace("teleportation", str(place))))
    text = str(caught.value)
    assert text.startswith("programs.move: ")
    assert "program.py:13: ZeroDivisionError: division by zero" in text
    assert "in the program of alice, iteration 0, at 8e+09 ns" in text


def test_what_cannot_be_written_down_is_not_protected(tmp_path: Path) -> None:
    place = folder(tmp_path, "messages.send(object())\nyield from ()", "yield from messages.recv()")
    with pytest.raises(InputError, match="a message of type object cannot be protected"):
        run(thin(TELEPORT.replace("teleportation", str(place)) + "    messages: encrypted\n"))


def test_messages_come_in_order_and_as_they_were_sent(tmp_path: Path) -> None:
    sent = "[(1, 'two', 3.5), {'a': b'b', 4: None}, [True, (1 + 2j)]]"
    alice = f"for message in {sent}:\n    messages.send(message)\n    yield from context.sleep(1e3)"
    bob = f"got = []\nfor _ in range(3):\n    got.append((yield from messages.recv()))\nreturn got == {sent}"
    place = folder(tmp_path, alice, bob)
    for how in ("plain", "authenticated", "encrypted", "encrypted\n    cipher: aes_gcm"):
        found = one(thin(TELEPORT.replace("teleportation", str(place)) + f"    messages: {how}\n"))
        assert all(row["results"]["bob"] is True for row in found["rounds"])
        assert found["done"] == 20


def test_a_scenario_with_programs_says_that_netqasm_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "netqasm" else real(name, *more)
    )
    with pytest.raises(ScenarioError) as caught:
        load_scenario(thin(TELEPORT))
    wanted = (
        "programs: wanted netqasm, which programs need, got an environment without it (pip install 'qcisim[netqasm]')"
    )
    assert str(caught.value).endswith(wanted)
    assert len(str(caught.value).splitlines()) == 1
    load_scenario(thin("").removesuffix("programs:\n"))  # links and processors alone need none


REFUSALS = [
    ("teleportation", "teleportacion", "programs.move.program: wanted a program that", "did you mean 'teleportation'?"),
    ("teleportation", "./nowhere", "programs.move.program: wanted the folder of a program, got './nowhere'", ""),
    ("bob: b}", "rob: b}", "programs.move.roles.rob: wanted a role of program 'teleportation'", "did you mean 'bob'?"),
    ("{alice: a, bob: b}", "{alice: a}", "programs.move.roles: wanted a node for each role", "none for 'bob'"),
    (
        "bob: b}",
        "bob: a}",
        "programs.move.roles.bob: wanted a node of its own for each role",
        "'a', which has the role",
    ),
    ("bob: b}", "bob: bb}", "programs.move.roles.bob: wanted a node of this scenario, got 'bb'", ""),
    ("start_s: 6", "start_s: 60", "programs.move.start_s: wanted a start within the run of 20 s", "got 60 s"),
    ("times: 20", "times: 0", "programs.move.times: wanted a whole number from 1 to", "got 0"),
    (
        "times: 20",
        "times: 20\n    links: [pair]",
        "programs.move.links[0]: wanted a link of this",
        "did you mean 'pairs'",
    ),
    (
        "times: 20",
        "times: 20\n    links: [keys]",
        "programs.move.links[0]: wanted a link with pairs for programs",
        "keys",
    ),
    (
        "times: 20",
        "times: 20\n    parameters: {theta: 1}",
        "programs.move.parameters.theta: wanted a param",
        "theta_deg",
    ),
    (
        "times: 20",
        "times: 20\n    parameters: {phi_deg: x}",
        "programs.move.parameters.phi_deg: wanted a number",
        "'x'",
    ),
    ("times: 20", "times: 20\n    cipher: aes_gcm", "programs.move.cipher: wanted messages: encrypted", "plain"),
    ("times: 20", "times: 20\n    messages: secret", "programs.move.messages: wanted one of plain,", "'secret'"),
    (
        "times: 20",
        "tymes: 20",
        "programs.move.tymes: wanted a field of programs.move, got 'tymes'",
        "did you mean 'times'?",
    ),
    ("    programs: {}\n", "", "links.pairs.programs: wanted programs: {}, as a link that makes no key", "got nothing"),
    (
        "programs: {}",
        "programs: {share: 2}",
        "links.pairs.programs.share: wanted a number above 0 and at most 1",
        "got 2",
    ),
    (
        "programs: {}",
        "programs: {bright: 0.1}",
        "links.pairs.programs.bright: wanted no such field of a link",
        "got one",
    ),
    ("key_source: none", "key_source: qkd", "links.pairs.programs.share: wanted a share below 1", "key_source: none"),
    (
        "    fibre: {length_km: 28}\n",
        "    fibre: {length_km: 28}\n    programs: {share: 0.5}\n",
        "links.keys.programs: ",
        "one end",
    ),
    (
        f"processor: {PERFECT}}}\nlinks",
        "processor: {preset: nvv}}\nlinks",
        "nodes.b.processor.preset: wanted a memory",
        "'nv'",
    ),
    (
        f", processor: {PERFECT}}}\nlinks",
        "}\nlinks",
        "programs.move.roles.bob: wanted a node with a processor",
        "give b one",
    ),
    (PERFECT, "{t1_s: 1, t2_s: 3}", "nodes.a.processor: wanted a processor that can exist, got generic device: T2", ""),
    (PERFECT, "{electron_t2_s: 1}", "nodes.a.processor.electron_t2_s: wanted no such field of a generic", "device: nv"),
    (PERFECT, "{device: nv, qubits: 1}", "nodes.a.processor.qubits: wanted at least 2: the electron and a carbon", "1"),
]


@pytest.mark.parametrize(("old", "new", "start", "inside"), REFUSALS)
def test_wrong_input_has_one_clear_error(old: str, new: str, start: str, inside: str) -> None:
    text = thin(TELEPORT)
    assert old in text
    with pytest.raises(ScenarioError) as caught:
        load_scenario(text.replace(old, new, 1))
    told = [line for line in str(caught.value).splitlines() if start in line]
    assert told, str(caught.value)
    assert inside in told[0]
    assert ": error: " in told[0]


def test_messages_without_a_way_for_key_and_roles_without_pairs_are_refused() -> None:
    text = thin(TELEPORT + "    messages: encrypted\n")
    alone = (
        text[: text.index("  keys:")]
        + text[text.index("programs:\n  move") if "programs:\n  move" in text else text.index("programs:\n\n") :]
    )
    with pytest.raises(ScenarioError, match=r"programs.move.messages: wanted plain, or links over trusted nodes that"):
        load_scenario(alone)
    third = text.replace("links:\n", f"  c: {{lat: 49.5, lon: 6.2, processor: {PERFECT}}}\nlinks:\n", 1)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(third.replace("bob: b}", "bob: c}").replace("    messages: encrypted\n", ""))
    wanted = "programs.move.links: wanted links with pairs for alice and bob, got none between a (alice) and c (bob)"
    assert f"{wanted} (links with pairs that end at one of them: pairs)" in str(caught.value)


def test_an_override_of_a_program_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="wanted an entry of programs, got 'mvoe' \\(did you mean 'move'"):
        load_scenario(thin(TELEPORT), ["programs.mvoe.times=3"])
