"""`qcisim program` and `qcisim new program`: what they print and write, and how they fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qcisim.cli import execute
from qcisim.programs import find, shipped
from qcisim.simulation.program_finding import declared

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that `qcisim new program` wrote."""
    monkeypatch.chdir(tmp_path)
    assert execute(["new", "program", "mine"]) == 0
    return tmp_path / "mine"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What stderr says of a command that ends with 2; one message, no traceback."""
    capsys.readouterr()
    assert execute(list(arguments)) == 2
    text = capsys.readouterr().err
    assert "error" in text
    assert "Traceback" not in text
    return text


def test_list_names_every_program_and_its_stage(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["program", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(shipped())
    assert any("quantum memory" in line for line in lines)


def test_run_tells_figures_budget_and_time_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["program", "run", "teleportation", "--seed", "1", "--times", "10"]) == 0
    out = capsys.readouterr().out
    for wanted in ("✓ (1 + w)/2 = 0.96667", "Noise budget of 'fidelity'", "links", "gates", "memory", "cnot q1 q0"):
        assert wanted in out
    assert "✗" not in out


def test_json_holds_the_time_line_in_order_of_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "out.json"
    assert execute(["program", "run", "teleportation", "--seed", "1", "--times", "5", "--json", str(path)]) == 0
    found = json.loads(path.read_text())
    events = found["timeline"]
    assert events == sorted(events, key=lambda one: one["start_ns"])
    (sent,) = [one for one in events if one["kind"] == "sends"]
    (received,) = [one for one in events if one["kind"] == "receives"]
    assert (sent["node"], received["node"]) == ("alice", "bob")
    assert received["start_ns"] - sent["start_ns"] == pytest.approx(5e4, abs=1e-9)
    pairs = [one for one in events if one["kind"] == "pair"]
    assert [one["node"] for one in pairs] == ["alice", "bob"]
    measured = [one for one in events if one["text"].startswith("measure")]
    bits = found["rounds"][0]["alice"]
    assert [one["text"][-1] for one in measured] == [str(bits["m1"]), str(bits["m2"])]
    assert {one["noise"] for one in found["noise_budget"]} == {"links", "gates", "memory"}


def test_json_to_stdout_is_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["program", "run", "teleportation", "--times", "2", "--no-budget", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["times"] == 2


def test_same_seed_same_result_for_any_number_of_workers(capsys: pytest.CaptureFixture[str]) -> None:
    def told(*more: str) -> str:
        assert execute(["program", "run", "teleportation", "--seed", "5", "--times", "8", "--json", "-", *more]) == 0
        return capsys.readouterr().out

    first = told()
    assert told() == first
    assert told("--workers", "2") == first


def test_a_new_program_runs_and_its_test_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert execute(["program", "run", "mine", "--seed", "1", "--no-budget"]) == 0
    assert "✓ (1 + w cos(angle))/2" in capsys.readouterr().out
    command = [sys.executable, "-m", "pytest", "-q", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=folder.parent)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_folder_may_import_squidasm(folder: Path) -> None:
    from qcisim.squidasm import installed

    program = folder / "program.py"
    program.write_text(program.read_text().replace("from qcisim.squidasm.", "from squidasm."))
    assert execute(["program", "run", "mine", "--seed", "1", "--no-budget"]) == 0
    assert not installed()


def test_a_new_program_is_typed_and_neat(folder: Path) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(ROOT / "pyproject.toml")]
    for command in ([*ruff, "check", *config], [*ruff, "format", "--check", *config]):
        done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "wanted"), [("My Program", "did you mean 'my_program'?"), ("1x", "did you mean 'x'?")]
)
def test_new_program_wants_a_name(name: str, wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert wanted in refused(capsys, "new", "program", name)


def test_new_program_overwrites_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is there already" in refused(capsys, "new", "program", "mine")


def test_unknown_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert "(did you mean 'teleportation'?)" in refused(capsys, "program", "run", "teleporation")


def test_things_that_are_no_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert "is a scenario, which is run by: qcisim run first_link" in refused(capsys, "program", "run", "first_link")
    assert "'bb84' is a protocol of key distribution" in refused(capsys, "program", "run", "bb84")
    assert "qcisim run SCENARIO" in refused(capsys, "program", "run", str(ROOT / "protocols" / "bb84"))


def test_json_into_nowhere_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "program", "run", "teleportation", "--times", "100000", "--json", "/nowhere/x.json")
    assert "there is no directory /nowhere" in said


def test_a_folder_of_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app_alice.py").write_text("")
    assert "python -m qcisim.squidasm" in refused(capsys, "program", "run", str(tmp_path))


def test_unknown_and_wrong_options(capsys: pytest.CaptureFixture[str]) -> None:
    run = ("program", "run", "teleportation")
    assert "no option 'theta' (did you mean 'theta_deg'?)" in refused(capsys, *run, "--set", "theta=1")
    assert "theta_deg: wanted a number, got 'up'" in refused(capsys, *run, "--set", "theta_deg=up")
    assert "wanted KEY=VALUE" in refused(capsys, *run, "--set", "theta_deg")
    assert execute([*run, "--times", "0"]) == 2


def test_a_network_with_other_nodes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        (folder / "network.yaml").read_text().replace("name: bob", "name: bert").replace("stack2: bob", "stack2: bert")
    )
    (folder / "other.yaml").write_text(text)
    said = refused(capsys, "program", "run", "mine", "--network", str(folder / "other.yaml"))
    assert "bob" in said
    assert "bert" in said


def test_a_network_that_is_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ("program", "run", "mine", "--network")
    assert "no such network file" in refused(capsys, *run, str(folder / "nothing.yaml"))
    (folder / "scenario.yaml").write_text("nodes: {a: {lat: 1, lon: 2}}\nlinks: {}\n")
    assert "A scenario is run by: qcisim run" in refused(capsys, *run, str(folder / "scenario.yaml"))
    (folder / "typ.yaml").write_text(
        (folder / "network.yaml").read_text().replace("typ: depolarise ", "typ: depolarize ")
    )
    said = refused(capsys, *run, str(folder / "typ.yaml"))
    assert "typ.yaml:20" in said
    assert "did you mean 'depolarise'?" in said


def test_an_error_in_a_program_names_file_line_node_and_time(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = folder / "program.py"
    program.write_text(program.read_text().replace('return {"bit": int(bit)}', "return nothing", 1))
    said = refused(capsys, "program", "run", "mine")
    line = next(n for n, text in enumerate(program.read_text().splitlines(), 1) if "return nothing" in text)
    assert f"program.py:{line}: NameError" in said
    assert "program of alice, iteration 0" in said


def test_programs_that_wait_for_each_other(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = folder / "program.py"
    program.write_text(program.read_text().replace('context.csockets["bob"].send("measured")', "pass"))
    said = refused(capsys, "program", "run", "mine")
    assert "bob (iteration 0)" in said
    assert "a message from alice" in said


@pytest.mark.parametrize(
    ("file", "old", "new", "wanted"),
    [
        ("__init__.py", "distribution", "distributing", "did you mean 'entanglement distribution'?"),
        ("__init__.py", 'requires = "netqasm"', "", "requires: wanted 'netqasm', got nothing"),
        ("program.py", "angle: float = 0.0)", "angle: float)", "programs(): angle: wanted a number"),
        ("program.py", "def programs(", "def program(", "wanted a function programs()"),
        ("program.py", "def programs(", "def programs((", "program.py:"),
        ("expected.py", "rate(", "bool(", "'same bit': wanted rate(...) or mean(...), got"),
        ("expected.py", '["alice"]["bit"]', '["alice"]["bits"]', "KeyError: 'bits'"),
        ("expected.py", "import math", "import maths", "ModuleNotFoundError"),
    ],
)
def test_folders_with_a_mistake(
    file: str, old: str, new: str, wanted: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    said = refused(capsys, "program", "run", "mine", "--times", "3")
    assert wanted in said
    assert len(said.splitlines()) == 1


def test_results_that_contradict_the_formula_end_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "expected.py"
    path.write_text(path.read_text().replace("(1 + w * math", "(0.2 + w * math"))
    capsys.readouterr()
    assert execute(["program", "run", "mine", "--seed", "1", "--no-budget"]) == 1
    out = capsys.readouterr().out
    assert "DISAGREES: same bit" in out
    assert "✗" in out


def test_without_netqasm_a_run_says_how_to_install_it() -> None:
    code = "import sys; sys.modules['netqasm'] = None; from qcisim.cli import execute; sys.exit(execute(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "program", "run", "teleportation"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.endswith("need the package netqasm, an extra of qcisim: pip install 'qcisim[netqasm]'")


def test_a_folder_beside_me_comes_first_on_the_command_but_not_in_scenarios(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert execute(["new", "program", "teleportation"]) == 0
    assert not find("teleportation").shipped
    assert find("teleportation", shipped_first=True).shipped
    assert not find("./teleportation", shipped_first=True).shipped
    assert [option.name for option in declared("teleportation").options] == ["theta_deg", "phi_deg"]
