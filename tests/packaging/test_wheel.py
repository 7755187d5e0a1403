"""The wheel, built from the sdist, works from an empty directory: shipped scenarios and protocols are found by name."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_protocols_scenarios_and_reference_cases(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "qcisim/protocols/bb84/program.py",
        "qcisim/protocols/teleportation/network.yaml",
        "qcisim/protocols/teleportation/README.md",
        "qcisim/scenarios/first_link.yaml",
        "qcisim/scenarios/belux.yaml",
        "qcisim/testing/reference/qkd_cases.json",
        "qcisim/testing/reference/link_cases.json",
        "qcisim/py.typed",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith("tests/")]


def test_wheel_runs_from_an_empty_directory(wheel: Path, tmp_path: Path) -> None:
    place, work = tmp_path / "venv", tmp_path / "empty"
    work.mkdir()
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=work)
    # The dependencies come from this environment; its .pth files (the editable install) are not read from PYTHONPATH.
    env = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib"), "COLUMNS": "200"}
    where = run(python, "-c", "import qcisim; print(qcisim.__file__)", cwd=work, env=env)
    assert str(place) in where
    cli = place / "bin" / "qcisim"
    listed = run(cli, "list", cwd=work, env=env)
    assert "bb84" in listed
    assert "first_link" in listed
    told = run(cli, "program", "run", "teleportation", "--times", "5", "--no-budget", cwd=work, env=env)
    assert "✓ (1 + w)/2" in told
    out = run(
        python,
        "-m",
        "qcisim",
        "run",
        "first_link",
        "--resolution",
        "rates",
        "--out",
        work / "out",
        cwd=work,
        env=env,
    )
    assert out.strip().splitlines()[-1].endswith("out")
    assert (work / "out" / "result.json").is_file()
