"""Programs that block: the applications that netqasm ships (acceptance set A15), folders, the runner's own ways."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from squidasm_examples import rate

netqasm_examples = pytest.importorskip("netqasm.examples")
ROOT = Path(netqasm_examples.__file__).parent
QNE = sorted(path.name for path in (ROOT / "qne_apps").iterdir() if any(path.glob("app_*.py")))
APPS = sorted(path.name for path in (ROOT / "apps").iterdir() if any(path.glob("app_*.py")))


@pytest.fixture
def simulate(alias: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``simulate(folder, rounds, inputs, **options)``."""
    monkeypatch.setenv("NETQASM_SIMULATOR", "netsquid")
    for name in ("netqasm.sdk.external", "netqasm.sdk.toolbox.sim_states"):
        sys.modules.pop(name, None)
    before = set(sys.modules)
    path = list(sys.path)
    external = importlib.import_module("netqasm.sdk.external")
    from netqasm.runtime.application import app_instance_from_path

    from qcisim.squidasm.session import session

    session.seed(7)

    def run(
        folder: Path, rounds: int = 1, inputs: dict[str, Any] | None = None, **options: Any
    ) -> list[dict[str, Any]]:
        instance = app_instance_from_path(str(folder))
        for role, values in (inputs or {}).items():
            instance.program_inputs[role].update(values)
        return list(external.simulate_application(instance, rounds, enable_logging=False, **options))

    yield run
    sys.path[:] = path
    for name in set(sys.modules) - before:
        del sys.modules[name]
    for name in ("netqasm.sdk.external", "netqasm.sdk.toolbox.sim_states"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", [f"qne_apps/{one}" for one in QNE] + [f"apps/{one}" for one in APPS])
def test_every_application_runs_to_its_end(simulate: Any, name: str) -> None:
    (results,) = simulate(ROOT / name)
    roles = {path.stem for path in (ROOT / name).glob("app_*.py")}
    assert set(results) == roles


def test_teleportation(simulate: Any) -> None:
    inputs = {"sender": {"phi": 0.3, "theta": 0.7}}
    for results in simulate(ROOT / "qne_apps" / "teleport", 8, inputs):
        assert results["app_receiver"]["fidelity"] > 1.0 - 1e-6


def test_keys(simulate: Any) -> None:
    for results in simulate(ROOT / "qne_apps" / "qkd", 4):
        assert results["app_alice"]["raw_key"] == results["app_bob"]["raw_key"]
        assert results["app_alice"]["qber"] == 0.0


@pytest.mark.parametrize("hardware", ["generic", "nv"])
def test_magic_square(simulate: Any, hardware: str) -> None:
    for results in simulate(ROOT / "qne_apps" / "magic_square", 6, hardware=hardware):
        square = results["app_player2"]["square"]
        (shared,) = [cell for row in square for cell in row if "/" in cell]
        assert shared[0] == shared[2]


def network(noise: str, fidelity: float) -> Any:
    from netqasm.runtime.interface.config import parse_network_config

    qubits = [{"id": number, "t1": 0, "t2": 0} for number in range(3)]
    nodes = [{"name": name, "qubits": qubits, "gate_fidelity": 1.0, "hardware": "Generic"} for name in ("alice", "bob")]
    link = {"name": "l", "node_name1": "alice", "node_name2": "bob", "noise_type": noise, "fidelity": fidelity}
    return parse_network_config({"nodes": nodes, "links": [link]})


@pytest.mark.parametrize(("noise", "error"), [("Depolarise", 0.2), ("DiscreteDepolarise", 0.2), ("Bitflip", 0.2)])
def test_fidelity_of_a_link_is_the_weight_of_the_pair(simulate: Any, noise: str, error: float) -> None:
    """Depolarise 0.6: white with 0.4, so half of that differs. Bitflip 0.6: 0.4 differ in Z, none in X."""
    wrong = total = 0
    for results in simulate(ROOT / "qne_apps" / "qkd", 10, network_cfg=network(noise, 0.6)):
        wrong += results["app_alice"]["diff_outcome_count"]
        total += results["app_alice"]["outcome_comparison_count"]
    assert total > 100
    assert rate(wrong, total, error)


def test_formalism_decides_whether_one_run_is_a_sample(simulate: Any) -> None:
    from netqasm.runtime.settings import Formalism

    nodes = network("Depolarise", 0.6)
    for node, role in zip(nodes.nodes, ("sender", "receiver"), strict=True):
        node.name = role
    nodes.links[0].node_name1, nodes.links[0].node_name2 = "sender", "receiver"
    folder = ROOT / "qne_apps" / "teleport"
    (results,) = simulate(folder, network_cfg=nodes, formalism=Formalism.DM)
    assert results["app_receiver"]["fidelity"] ** 2 == pytest.approx(0.6 + 0.4 / 2)
    samples = simulate(folder, 20, network_cfg=nodes)
    found = {round(float(each["app_receiver"]["fidelity"]), 6) for each in samples}
    assert found == {0.0, 1.0}


@pytest.mark.parametrize("formalism", ["dm", "ket"])
def test_a_folder_runs_as_a_command(tmp_path: Path, formalism: str) -> None:
    folder = tmp_path / "teleport"
    shutil.copytree(ROOT / "qne_apps" / "teleport", folder, ignore=shutil.ignore_patterns("log"))  # of other runs
    (folder / "sender.yaml").write_text("phi: 0.25\ntheta: 0.5\n")
    (folder / "roles.yaml").write_text("sender: delft\nreceiver: leiden\n")
    nodes = [
        {"name": name, "hardware": "Generic", "gate_fidelity": 1.0, "qubits": [{"id": 0, "t1": 0, "t2": 0}] * 2}
        for name in ("leiden", "delft")
    ]
    link = {"name": "l", "node_name1": "delft", "node_name2": "leiden", "noise_type": "NoNoise", "fidelity": 1.0}
    (folder / "network.yaml").write_text(yaml.safe_dump({"nodes": nodes, "links": [link]}))
    command = [
        sys.executable,
        "-m",
        "qcisim.squidasm",
        "--seed",
        "3",
        "teleport",
        "--num",
        "2",
        "--formalism",
        formalism,
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("`receiver` got corrections") == 2
    written = [path for path in folder.glob("log/*/results.yaml") if path.parent.name != "LAST"]
    everything = yaml.unsafe_load(max(written).read_text())  # a folder for each second in which a run began
    assert len(everything) == 2
    for results in everything:
        state = np.array(results["app_receiver"]["received_state"])
        assert state[0, 1] == pytest.approx(0.5 * np.exp(-0.25j * np.pi), abs=1e-3)


WAITING = """
from netqasm.sdk import EPRSocket
from netqasm.sdk.external import NetQASMConnection, Socket

def main(app_config=None):
    epr = EPRSocket("bob")
    with NetQASMConnection("alice", epr_sockets=[epr]) as connection:
        epr.create_keep()[0].measure()
    Socket("alice", "bob").recv()
"""
WAITED_FOR = """
from netqasm.sdk import EPRSocket
from netqasm.sdk.external import NetQASMConnection

def main(app_config=None):
    epr = EPRSocket("alice")
    with NetQASMConnection("bob", epr_sockets=[epr]) as connection:
        epr.recv_keep(), epr.recv_keep()
        connection.flush()
"""


def test_a_deadlock_names_the_lines(tmp_path: Path) -> None:
    (tmp_path / "app_alice.py").write_text(WAITING)
    (tmp_path / "app_bob.py").write_text(WAITED_FOR)
    command = [sys.executable, "-m", "qcisim.squidasm", ".", "--log-to-files", "false"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"{os.sep}app_alice.py:9: waits for a message from bob" in done.stderr
    assert f"{os.sep}app_bob.py:9: waits for pairs from alice: alice has not asked to create them" in done.stderr
    (tmp_path / "app_bob.py").write_text("def main(app_config=None):\n    raise KeyError('lost')\n")
    broken = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert broken.returncode == 1
    assert "KeyError: 'lost'\nin role bob on bob, at 0 ns" in broken.stderr
