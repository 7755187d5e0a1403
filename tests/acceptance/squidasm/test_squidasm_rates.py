"""Rates of the examples over many runs of their own program classes, and their other networks."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from squidasm_examples import rate, run_script

pytestmark = pytest.mark.usefixtures("alias")


def names_of(examples: Path, script: str, seed: int = 1) -> dict[str, Any]:
    return run_script(examples / script, seed).names


def test_chsh_is_won_as_often_as_quantum_theory_allows(examples: Path) -> None:
    names = names_of(examples, "applications/chsh_game/example_chsh_game.py")
    run, config, seen = names["run"], names["create_two_node_network"](), names["AliceProgram"].run.__globals__
    won = total = 0
    for x, y in itertools.product((0, 1), repeat=2):
        seen["x"], seen["y"] = x, y  # the program reads the script's own x
        alice, bob = run(config, {"Alice": names["AliceProgram"](x), "Bob": names["BobProgram"](y)}, 250)
        won += sum((one["a"] ^ other["b"]) == x * y for one, other in zip(alice, bob, strict=True))
        total += 250
    assert rate(won, total, math.cos(math.pi / 8) ** 2)


def test_magic_square_is_won_in_every_row_and_column(examples: Path) -> None:
    names = names_of(examples, "applications/magic_square/example_magic_square.py")
    config = names["create_two_node_network"](node_names=["Player1", "Player2"])
    for row, column in itertools.product(range(3), repeat=2):
        one = names["Player1Program"](row, names["get_default_strategy"]())
        other = names["Player2Program"](column, names["get_default_strategy"]())
        first, second = names["run"](config, {"Player1": one, "Player2": other}, 5)
        for mine, theirs in zip(first, second, strict=True):
            assert sum(mine["row"]) % 2 == 0
            assert sum(theirs["col"]) % 2 == 1
            assert mine["row"][column] == theirs["col"][row]


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_key_distribution_has_the_errors_of_its_link(examples: Path, noise: float) -> None:
    names = names_of(examples, "applications/qkd/example_qkd.py")
    config = names["create_two_node_network"](node_names=["Alice", "Bob"], link_noise=noise)
    programs = {"Alice": names["AliceProgram"](num_epr=100), "Bob": names["BobProgram"](num_epr=100)}
    alice, bob = names["run"](config, programs, 10)
    wrong = bits = 0
    for one, other in zip(alice, bob, strict=True):
        wrong += int(np.sum(np.array(one["raw_key"]) != np.array(other["raw_key"])))
        bits += len(one["raw_key"])
    assert bits > 100
    assert rate(wrong, bits, noise / 2.0)


def test_raw_keys_are_as_long_as_promised(examples: Path) -> None:
    """The routine: num_epr/2 - num_test_bits bits on average, error rate over the requested number of test bits."""
    names = names_of(examples, "applications/qkd/example_qkd.py")
    from squidasm.sim.stack.program import Program, ProgramMeta
    from squidasm.util.qkd_routine import QKDRoutine

    class Party(Program):
        def __init__(self, peer: str, first: bool) -> None:
            self.peer, self.first = peer, first

        @property
        def meta(self) -> ProgramMeta:
            return ProgramMeta("key", [self.peer], [self.peer], 1)

        def run(self, context: Any) -> Any:
            return (yield from QKDRoutine.run(context, self.peer, self.first, 80, 20))

    config = names["create_two_node_network"](node_names=["Alice", "Bob"], link_noise=0.2)
    alice, bob = names["run"](config, {"Alice": Party("Bob", True), "Bob": Party("Alice", False)}, 40)
    assert [error for _, error in alice] == [error for _, error in bob]
    assert rate(round(sum(20 * error for _, error in alice)), 20 * 40, 0.1)
    lengths = [len(key) for key, _ in alice]
    assert lengths == [len(key) for key, _ in bob]
    assert rate(sum(lengths) + 20 * 40, 80 * 40, 0.5)


@pytest.mark.parametrize("network", ["config_color_centers.yaml", "config_trapped_ions.yaml"])
def test_realistic_networks_run(examples: Path, network: str) -> None:
    """Files without a script; the programs of 4.2 run on them. Errors are more than none and less than random."""
    names = names_of(examples, "tutorial/4.2_network-configuration/run_simulation.py")
    config = names["StackNetworkConfig"].from_file(
        str(examples / "tutorial" / "realistic_network_configurations" / network)
    )
    one, other = (stack.name for stack in config.stacks)
    programs = {one: names["AliceProgram"](20), other: names["BobProgram"](20)}
    names["AliceProgram"].PEER_NAME, names["BobProgram"].PEER_NAME = other, one
    results = names["run"](config, programs, 10)
    first, second = (np.concatenate([each["measurements"] for each in node]) for node in results)
    assert len(first) == 200
    assert 0 < np.sum(first != second) < 80


def test_teleportation_through_a_noisy_link(examples: Path) -> None:
    """The mean fidelity of teleportation with Werner pairs of fidelity F is (2F + 1)/3, for every state."""
    names = names_of(examples, "applications/teleport/example_teleport.py")
    config = names["create_two_node_network"](node_names=["Receiver", "Sender"], link_noise=0.4)
    fidelity = 1.0 - 0.75 * 0.4
    total = 0.0
    for seed in range(4):
        params = run_script(examples / "applications/teleport/example_teleport.py", seed).names["params"]
        sender = names["SenderProgram"](params)
        receiver, (sent,) = names["run"](config, {"Receiver": names["ReceiverProgram"](), "Sender": sender})
        total += float(np.trace(sent["original_dm"] @ receiver[0]["final_dm"]).real)
    assert total / 4 == pytest.approx((2.0 * fidelity + 1.0) / 3.0, abs=1e-6)
