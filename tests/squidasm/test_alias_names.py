"""The alias gives programs their names, shadows nothing, and goes again."""

from __future__ import annotations

import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from qcisim import squidasm
from qcisim.errors import InputError


def test_alias_and_original_are_one_module() -> None:
    original = importlib.import_module("qcisim.squidasm.run.stack.config")
    spec = original.__spec__
    with squidasm.install():
        assert importlib.import_module("squidasm.run.stack.config") is original
        assert importlib.import_module("squidasm") is squidasm
        assert original.__spec__ is spec
        import pydynaa

        assert pydynaa.EventExpression.__module__ == "qcisim.squidasm.alias.pydynaa"


def test_nothing_is_left_after_uninstalling() -> None:
    finders = list(sys.meta_path)
    with squidasm.install():
        importlib.import_module("netsquid")
        assert squidasm.installed()
        squidasm.install()  # a second time changes nothing
    assert not squidasm.installed()
    assert sys.meta_path == finders
    assert not [name for name in sys.modules if name.split(".")[0] in ("squidasm", "netsquid", "pydynaa")]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("netsquid")


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("from netsquid.protocols import NodeProtocol", "netsquid.protocols"),
        ("from netsquid import sim_run", "netsquid.sim_run"),
        ("from netsquid.nodes import Node", "netsquid.nodes.Node"),
        ("from netsquid.util.simtools import sim_stop", "netsquid.util.simtools.sim_stop"),
        ("import netsquid as ns; ns.sim_run()", "netsquid.sim_run"),
        ("import netsquid.qubits.dense", "netsquid.qubits.dense"),
        ("from pydynaa import Entity", "pydynaa.Entity"),
        ("import netsquid_driver.EGP", "netsquid_driver.EGP"),
        ("from squidasm.run.stack.config import QuantumConfig", "squidasm.run.stack.config.QuantumConfig"),
        ("import squidasm.nqasm.qnodeos", "squidasm.nqasm"),
        ("from netsquid.components import QuantumProcessor as Q; Q('q')", "netsquid.components.QuantumProcessor"),
    ],
)
def test_unknown_names_fail_by_name(statement: str, name: str) -> None:
    with squidasm.install():
        with pytest.raises(
            (ImportError, AttributeError, NotImplementedError), match=f"{name}.* is not part of the qcisim"
        ):
            exec(statement, {})


def test_a_real_package_is_not_shadowed(monkeypatch: pytest.MonkeyPatch) -> None:
    versions, place = {"squidasm": "0.13.6"}, [Path("/somewhere/site-packages")]

    class Found:
        def __init__(self, name: str) -> None:
            if name not in versions:
                raise importlib.metadata.PackageNotFoundError(name)
            self.version = versions[name]

        def locate_file(self, path: str) -> Path:
            return place[0]

    monkeypatch.setattr(importlib.metadata, "distribution", Found)
    with pytest.raises(InputError, match=r"squidasm 0\.13\.6 is installed"):
        squidasm.install()
    assert not squidasm.installed()
    with squidasm.install(force=True):
        assert squidasm.installed()
    place[0] = Path.cwd()  # a source tree one stands in is not installed
    with squidasm.install():
        assert squidasm.installed()
    place[0] = Path("/somewhere/site-packages")
    versions["squidasm"] = "0.0.1"  # the empty placeholder of the package index
    with squidasm.install():
        assert squidasm.installed()


def test_what_is_imported_already_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "netsquid", type(sys)("netsquid"))
    with pytest.raises(InputError, match="netsquid is imported already"):
        squidasm.install()
    with squidasm.install(force=True):
        assert importlib.import_module("netsquid").__name__ == "qcisim.squidasm.alias.netsquid"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "qcisim.squidasm", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_scripts_see_the_world_they_know(tmp_path: Path) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "beside.py").write_text("NAME = 'beside'\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "far.py").write_text("NAME = 'far'\n")
    script = folder / "script.py"
    script.write_text(
        "import os, random, sys\n"
        "import numpy\n"
        "from beside import NAME\n"
        "import far, netsquid as ns\n"
        "print(__name__, NAME, far.NAME, sys.argv[1:], os.getcwd(), ns.sim_time())\n"
        "print(random.random(), numpy.random.random())\n"
        "sys.exit(3)\n"
    )
    options = ("--seed", "5", "--pythonpath", "elsewhere", "program/script.py", "--seed", "x")
    first, again = (run(*options, cwd=tmp_path) for _ in range(2))
    assert first.returncode == 3
    assert first.stdout == again.stdout
    assert first.stdout.splitlines()[0] == f"__main__ beside far ['--seed', 'x'] {tmp_path} 0.0"


def test_errors_of_a_script_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("stacks:\n  - name: Alice\nlinks: []\n")
    script = "from squidasm.run.stack.config import StackNetworkConfig\nStackNetworkConfig.from_file('config.yaml')\n"
    (tmp_path / "script.py").write_text(script)
    done = run("script.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "qcisim.squidasm: config.yaml:2: error: stacks[0].qdevice_typ: wanted a value, got nothing",
        "  at script.py:2: StackNetworkConfig.from_file('config.yaml')",
    ]
    missing = run("none.py", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, "qcisim.squidasm: none.py: no such script\n")
    (tmp_path / "broken.py").write_text("1/0\n")
    broken = run("broken.py", cwd=tmp_path)
    assert broken.returncode == 1
    assert "runpy" not in broken.stderr
    assert broken.stderr.startswith("Traceback (most recent call last):\n  File")


def test_the_pytest_flag(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import netsquid\n")
    (tmp_path / "test_upstream.py").write_text(
        "import netsquid as ns\n\n\ndef test_names():\n    assert ns.sim_time() == 0.0\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "qcisim.squidasm.pytest_plugin"]

    def outcome(*flags: str) -> int:
        done = subprocess.run(
            [*command, *flags, str(tmp_path)], cwd=tmp_path, capture_output=True, timeout=60, check=False
        )
        return done.returncode

    assert outcome("--qcisim-squidasm", "--qcisim-squidasm-seed", "3") == 0
    assert outcome() != 0
