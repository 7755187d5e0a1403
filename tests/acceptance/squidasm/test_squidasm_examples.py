"""Every example of squidasm 0.13.6 runs unmodified and shows what it must (acceptance set A1 to A9)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from squidasm_examples import EXAMPLES, RAW, Example


@pytest.mark.usefixtures("alias")
@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: Path(example.script).parent.name + "/" + Path(example.script).stem
)
def test_example(example: Example, examples: Path) -> None:
    assert example.shown(examples)


def test_no_example_is_forgotten(examples: Path) -> None:
    scripts = {
        str(path.relative_to(examples))
        for path in examples.rglob("*.py")
        if path.name.startswith(("example", "run")) and path.parent != examples
    }
    assert scripts == {example.script for example in EXAMPLES} | set(RAW)


def command(script: str, *options: str, cwd: Path, arguments: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qcisim.squidasm", *options, script, *arguments],
        cwd=cwd,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("script", RAW)
def test_raw_netsquid_scripts_say_what_is_missing(script: str, examples: Path) -> None:
    done = command(script, cwd=examples)
    assert done.returncode == 2
    missing, line = done.stderr.rstrip().splitlines()
    assert missing.endswith("is not part of the qcisim subset; see docs/squidasm.md")
    assert f"{script}:" in line


def test_the_command_runs_a_script_and_a_seed_repeats_it(examples: Path) -> None:
    folder = examples / "tutorial" / "3.1_output"
    first, again, other = (command("run_simulation.py", "--seed", seed, cwd=folder) for seed in "112")
    assert first.returncode == 0, first.stderr
    assert "average error rate" in first.stdout
    assert first.stdout == again.stdout
    assert first.stdout != other.stdout
