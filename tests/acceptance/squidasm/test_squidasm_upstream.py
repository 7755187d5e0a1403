"""Upstream's own tests run on qcisim (acceptance set A10); so do programs of others (A11 to A14)."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom
from squidasm_examples import rate, run_script, werner_error


def pytest_on(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "qcisim.squidasm.pytest_plugin"]
    command += ["--qcisim-squidasm", "--qcisim-squidasm-seed", "1", *tests]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def test_single_node_tests_of_upstream(squidasm_source: Path) -> None:
    done = pytest_on(squidasm_source, "tests/stack/test_single_node.py")
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"\b6 passed", done.stdout)


def external(name: str) -> Path:
    """A checkout of somebody's programs under the folder that QCISIM_EXTERNAL names."""
    root = os.environ.get("QCISIM_EXTERNAL")
    if not root:
        pytest.skip("QCISIM_EXTERNAL names no folder with checkouts")
    path = Path(root) / name
    if not path.is_dir():
        pytest.skip(f"{path} is not there")
    return path


@pytest.mark.usefixtures("alias")
def test_exercise_of_the_spring_school() -> None:
    """A11: the teleportation exercise's set-up runs; the state it prints is the one it prepares."""
    folder = external("squidasm-exercises")
    ran = run_script(folder / "run_simulation.py", 1)
    assert "Alice prepares a qubit in state" in ran.text
    fidelity = ran.names["alice_program"].run.__globals__["calculate_fidelity_qubit"]
    assert fidelity(np.diag([1.0, 0.0]), 0.0, 0.0) == pytest.approx(1.0)


@pytest.mark.usefixtures("alias")
def test_bbm92_of_a_hackathon() -> None:
    """A12: errors of 2/3 (1-F) as shipped, with F = 0.9; none on a perfect link."""
    folder = external("QIA-Hackathon-2025") / "BBM92"
    pattern = r"QBER detected by Alice: ([\d.]+)%"
    ran = run_script(folder / "run_simulation.py", 1)
    from squidasm.run.stack.run import run

    def errors(runs: int) -> tuple[int, int]:
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            run(ran.names["cfg"], ran.names["programs"], num_times=runs)
        return text.getvalue().count("Alert!") // 2, len(re.findall(pattern, text.getvalue()))

    wrong, runs = errors(20)
    assert runs == 20
    assert rate(wrong, 20 * 25, werner_error(0.9))  # half of half of 100 pairs are compared, give or take
    ran.names["cfg"].links[0].cfg["fidelity"] = 1
    assert errors(5) == (0, 5)


@pytest.mark.full
@pytest.mark.usefixtures("alias")
def test_anonymous_transmission() -> None:
    """A13: a byte with three-fold repetition arrives in 85 to 98 of 100 runs as shipped, always without noise."""
    folder = external("QIA-foundation-challenge-2024")
    ran = run_script(folder / "run_simulation.py", 1)
    (percent,) = ran.ints(r"Average success probability = (\d+) %")
    assert 85 <= percent <= 98
    from squidasm.run.stack.run import run

    config = ran.names["cfg"]
    for stack in config.stacks:
        stack.qdevice_cfg.update(T1=0, T2=0, single_qubit_gate_depolar_prob=0, two_qubit_gate_depolar_prob=0)
    for link in config.links:
        link.cfg["fidelity"] = 1
    programs = {node: ran.names[f"{node.lower()}_program"] for node in ran.names["nodes"]}
    for node in run(config, programs, num_times=20):
        assert {result["msg"] for result in node} == {ran.names["message"]}


@pytest.mark.full
@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize(("m", "failure"), [(20, 0.2972), (40, 0.1714)])
def test_weak_broadcast(m: int, failure: float) -> None:
    """A14: without faulty nodes it fails where fewer than ceil(0.272 m) of m tosses of 1/3 succeed."""
    folder = external("TUDelft-CSE-research-project")
    assert binom.cdf(np.ceil(0.272 * m) - 1, m, 1 / 3) == pytest.approx(failure, abs=5e-5)
    from squidasm.run.stack.config import StackNetworkConfig
    from squidasm.run.stack.run import run

    ran = run_script(folder / "no_faulty" / "application.py", 1)
    programs = {
        "Node1": ran.names["Node1Program"](m=m, mu=0.272, lam=0.94),
        "Node2": ran.names["Node2Program"](m=m, mu=0.272, lam=0.94),
        "Sender": ran.names["SenderProgram"](m=m),
    }
    times = 300
    sender, one, two = run(StackNetworkConfig.from_file(str(folder / "config.yaml")), programs, num_times=times)
    assert len(sender) == times
    failures = sum(a["y0"] != b["y1"] or a["y0"] is None for a, b in zip(one, two, strict=True))
    assert rate(failures, times, failure)
