"""Upstream's own tests run on qcisim (acceptance set A10); so do programs of others (A11 to A14)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from squidasm_external import EXTERNALS, External

PASSED = 74
"""Tests of squidasm 0.13.6 that pass."""

NOT_PASSED = {
    "test_components.py": "takes a node apart: devices, handler and netstack of NetSquid",
    "test_handler.py": "replaces the handler by one of its own",
    "test_executor.py": "builds a processor from NetSquid's parts",
    "test_qnodeos.py": "builds a processor from NetSquid's parts",
    "test_double_click_link": "upstream expects it to fail, here it passes",
    "test_decoherence_large": "kets of NetSquid relax to the mixed state, here to |0> as density matrices do",
    "test_decoherence_large_2": "the same",
    "test_decoherence_small": "the same",
    "test_repeated_gate_with_noise": "a mean of ten tosses",
}
"""The others, and why."""


def pytest_on(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "qcisim.squidasm.pytest_plugin"]
    command += ["--qcisim-squidasm", "--qcisim-squidasm-seed", "1", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def test_all_tests_of_upstream(squidasm_source: Path) -> None:
    """A10 (tests/stack/test_single_node.py) and the rest of the folder; what does not pass is known by name."""
    done = pytest_on(squidasm_source, "--continue-on-collection-errors", "tests")
    failing = re.findall(r"^(?:FAILED|ERROR) \S*?([\w.]+)(?: - .*)?$", done.stdout, re.MULTILINE)
    assert set(failing) == set(NOT_PASSED), done.stdout[-4000:]
    assert re.search(rf"\b{PASSED} passed", done.stdout), done.stdout[-200:]


def test_a_file_of_tests_runs_as_a_script(squidasm_source: Path) -> None:
    """From the root of a repository, with its folders on the path."""
    command = [sys.executable, "-m", "qcisim.squidasm", "--seed", "1", "--pythonpath", ".", "tests/stack/test_sdk.py"]
    done = subprocess.run(command, cwd=squidasm_source, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "Ran 4 tests" in done.stderr


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize(
    "program",
    [pytest.param(one, id=one.acceptance, marks=pytest.mark.full if one.slow else ()) for one in EXTERNALS],
)
def test_programs_of_others(program: External) -> None:
    folder = program.checkout()
    if folder is None:
        pytest.skip(f"QCISIM_EXTERNAL names no folder with a checkout of {program.repository}")
    assert program.shown(folder)
