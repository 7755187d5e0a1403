"""netqasm 1.0, 2.0 and 2.3: every example, the same behaviour."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

VERSIONS = ["1.0.0", "2.0.0", "2.3.0"]
EXAMPLES_CODE = Path(__file__).with_name("squidasm_examples.py")
CHECK = """
import dataclasses
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from squidasm_examples import EXAMPLES
from qcisim import squidasm
import netqasm
assert sys.argv[3].startswith(netqasm.__version__), netqasm.__version__
with squidasm.install():
    for example in EXAMPLES:
        print(example.script, dataclasses.replace(example, seeds=list(example.seeds)[:2]).shown(Path(sys.argv[2])))
print("all well")
"""


@pytest.mark.full
@pytest.mark.parametrize("version", VERSIONS)
def test_netqasm(version: str, examples: Path, tmp_path: Path) -> None:
    """netqasm alone in a folder of its own; everything else comes from this environment."""
    place = tmp_path / "netqasm"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*install, f"netqasm=={version}", "--target", str(place)], check=True, timeout=300)
    done = subprocess.run(
        [sys.executable, "-c", CHECK, EXAMPLES_CODE.parent, examples, version],
        env={**os.environ, "PYTHONPATH": str(place), "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout.endswith("all well\n"), done.stderr[-3000:]
