"""The README runs: its Python block, and each `qcisim` command that it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = sorted({line for line in re.findall(r"`(qcisim [^`]+)`", README) if "SCENARIO" not in line})
SERVERS = ("qcisim serve",)  # run until Ctrl-C; tests/cli starts and stops them
MAKE = re.findall(r"^make (\S+)", README, re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_python_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert blocks("python")
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {"__name__": "readme"})


def test_the_commands_cover_what_the_readme_claims() -> None:
    assert len(COMMANDS) >= 8
    assert {"demo", "test"} <= set(MAKE)
    makefile = (ROOT / "Makefile").read_text()
    for target in MAKE:
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("command", [line for line in COMMANDS if not line.startswith(SERVERS)])
def test_each_command_runs(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
