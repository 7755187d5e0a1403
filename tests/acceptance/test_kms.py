"""The project's acceptance tests of ETSI GS QKD 014, where they lie beside the repository, against two key managers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qcisim.web.fleet import Fleet, FleetConfig, FleetLink

SUITE = Path(__file__).resolve().parents[3] / "shared" / "acceptance" / "kms"


@pytest.mark.skipif(not SUITE.is_dir(), reason="the acceptance tests are not beside the repository")
def test_acceptance_set_passes_whole(tmp_path: Path) -> None:
    config = FleetConfig(
        tmp_path / "net",
        {"A": True, "B": True},
        {"a-b": FleetLink(("A", "B"), 20_000)},
        {"A": "A", "B": "B", "C": "B"},
    )
    with Fleet(config) as fleet:
        environment = {**os.environ, **fleet.variables(), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(SUITE), str(SUITE)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300.0)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "skipped" not in done.stdout.splitlines()[-1]
