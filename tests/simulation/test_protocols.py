"""Finding protocols: a folder of the user's own, entry points, shipped ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qcisim.errors import InputError
from qcisim.simulation import load_scenario, run
from qcisim.simulation.protocols import find_protocol

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "my_protocol"
    shutil.copytree(ROOT / "protocols" / "bb84", folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "__init__.py").read_text().replace('name="bb84"', 'name="mine"')
    (folder / "__init__.py").write_text(text)
    return folder


def test_a_folder_of_the_users_own_runs_and_gives_the_same_key(copy: Path) -> None:
    settings = ["duration_s=0.2", "links.redu-arlon.fibre.length_km=10", "demands={}"]
    mine = run(load_scenario("first_link", [*settings, f"links.redu-arlon.protocol.name={copy}"]))
    shipped = run(load_scenario("first_link", settings))
    assert find_protocol(str(copy)).name == "mine"
    assert mine.links["redu-arlon"].secret_bits == shipped.links["redu-arlon"].secret_bits > 0


def test_unknown_names_and_wrong_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'bb84'"):
        find_protocol("bb48")
    with pytest.raises(InputError, match=r"wanted a folder with an __init__\.py"):
        find_protocol(f"{tmp_path}/nothing")
    (tmp_path / "__init__.py").write_text("")
    with pytest.raises(InputError, match="exports no PROTOCOL"):
        find_protocol(f"{tmp_path}/")
