"""The `qcisim` command: what it prints, what it writes, and how it fails."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from qcisim import __version__
from qcisim.cli import execute
from qcisim.cli.group import SUBCOMMANDS, cli
from qcisim.cli.guard import guarded
from qcisim.cli.story import variable
from qcisim.errors import EnvironmentFault, KeyStoreError, PhysicsError

QCISIM = [sys.executable, "-m", "qcisim"]


def call(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*QCISIM, *arguments], capture_output=True, text=True, cwd=cwd, check=False)


def test_help_is_quick() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = call("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5
    for name in SUBCOMMANDS:
        assert f"  {name} " in done.stdout


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, qcisim.cli as c; c.execute(['--help']); print([m for m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for module in ("numpy", "pydantic", "yaml", "rich", "scipy", "qcisim.simulation"):
        assert f"'{module}'" not in done.stderr


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute([name, "--help"]) == 0
    assert "Usage: qcisim " + name in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--version"]) == 0
    assert capsys.readouterr().out == f"qcisim {__version__}\n"


def test_no_such_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["rnu"]) == 2
    assert "no command 'rnu' (did you mean 'run'?)" in capsys.readouterr().err


# list, explain, schema, completion


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["list"]) == 0
    everything = capsys.readouterr().out
    assert execute(["list", "scenario"]) == 0
    scenarios = capsys.readouterr().out
    assert "  first_link  " in everything
    assert "  snspd " in everything
    assert [line.split()[0] for line in scenarios.splitlines()] == sorted(
        line.split()[0] for line in scenarios.splitlines()
    )
    assert "belux" in scenarios
    assert "snspd" not in scenarios


def test_explain_an_entry_a_scenario_and_a_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["explain", "snspd"]) == 0
    told = capsys.readouterr().out
    for word in ("models:", "ignores:", "domain:", "source:", "parameters", "efficiency", "dead_time_s"):
        assert word in told
    assert execute(["explain", "first_link"]) == 0
    assert "link redu-arlon: redu to arlon, 87 km (derived)" in capsys.readouterr().out
    assert execute(["explain", "attenuation_db_per_km"]) == 0
    assert "wanted: a number from 0.14 to 10 dB/km" in capsys.readouterr().out
    assert execute(["explain", "snsp"]) == 2
    assert capsys.readouterr().err == "error: nothing is called 'snsp' (did you mean 'snspd'?)\n"


def test_everything_that_is_listed_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    from qcisim.cli import catalogue

    catalogue.load()
    for name in catalogue.all_names():
        assert execute(["explain", name]) == 0
        assert capsys.readouterr().out.startswith(f"{name} (")


def test_schema(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from qcisim.simulation.schema import schema_text

    assert execute(["schema"]) == 0
    assert capsys.readouterr().out == schema_text()
    assert execute(["schema", "--out", str(tmp_path / "s.json")]) == 0
    assert (tmp_path / "s.json").read_text("utf-8") == schema_text()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["completion", shell]) == 0
    assert "_QCISIM_COMPLETE" in capsys.readouterr().out


def test_bash_syntax_of_the_completion(tmp_path: Path) -> None:
    script = tmp_path / "c.bash"
    script.write_text(call("completion", "bash").stdout)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_names_are_completed() -> None:
    from click.shell_completion import ShellComplete

    complete = ShellComplete(cli, {}, "qcisim", "_QCISIM_COMPLETE")
    assert "first_link" in [item.value for item in complete.get_completions(["run"], "first")]
    assert "snspd" in [item.value for item in complete.get_completions(["explain"], "sns")]
    assert "validate" in [item.value for item in complete.get_completions([], "val")]


# new scenario


def test_new_scenario_is_valid_and_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from qcisim.simulation import load_scenario

    monkeypatch.chdir(tmp_path)
    assert execute(["new", "scenario", "mine"]) == 0
    scenario = load_scenario("mine.yaml")
    assert scenario.title == "mine"
    assert scenario.demands
    assert "# " in Path("mine.yaml").read_text("utf-8")
    assert execute(["new", "scenario", "mine"]) == 2
    assert "mine.yaml: is there already; --force replaces it" in capsys.readouterr().err
    assert execute(["new", "scenario", "mine", "--force"]) == 0


# Wrong input: exit 2, one clear message on stderr, nothing written.

WRONG = [
    (["run", "nowhere.yaml"], "nowhere.yaml: error: wanted a scenario file"),
    (["run", "first_lnik"], "did you mean 'first_link'?"),
    (["run", "."], ".: error: wanted a scenario file, got a directory"),
    (["run", "teleportation"], "got nothing there (a program is run by: qcisim program run teleportation)"),
    (
        ["run", "script.py"],
        "wanted a scenario file, got Python (a SquidASM script is run by: python -m qcisim.squidasm",
    ),
    (["run", "bad.yaml"], "bad.yaml:3:32: error: links.l.fibre.length_m: wanted a field of links.l.fibre"),
    (["run", "empty.yaml"], "empty.yaml:1:1: error: wanted a scenario, got an empty file"),
    (["run", "latin.yaml"], "latin.yaml:1:8: error: wanted UTF-8 text"),
    (["run", "first_link", "--set", "duration_s=-1"], "--set duration_s: error: duration_s: wanted a number above 0"),
    (["run", "first_link", "--set", "x"], "error: --set x: wanted KEY=VALUE"),
    (["run", "first_link", "--seed", "-1"], "-1 is not in the range"),
    (["run", "first_link", "--resolution", "fine"], "'fine' is not one of"),
    (["run", "first_link", "--out", "bad.yaml"], "error: --out bad.yaml: bad.yaml is a file, not a directory"),
    (["serve", "nowhere.yaml"], "nowhere.yaml: error: wanted a scenario file"),
    (["report", "nowhere"], "error: nowhere: no result here; qcisim run writes one"),
    (["report", "bad.yaml"], "error: bad.yaml: not a result.json of this version of qcisim"),
    (["run", "nolinks.yaml", "--resolution", "rates"], "nolinks.yaml:1:1: error: links: wanted"),
    (["run", "flow.yaml"], "flow.yaml:2:1: error: wanted valid YAML, got no ',' or '}' (while parsing a flow mapping"),
    (["serve", "first_link", "--dir", "bad.yaml"], "bad.yaml: is a file, not a directory"),
    (["serve", "first_link", "--env", "no/c.env"], "error: --env no/c.env: there is no directory"),
    (["new", "scenario", ""], "error: '.yaml': wanted a name"),
    (["new", "scenario", "$x"], "error: '$x': wanted a name"),
    (["pki", "certificates", "--node", "a", "--days", "1e9"], "Invalid value for '--days'"),
    (["validate", "--json", "no/records.json"], "error: --json no/records.json: there is no directory"),
    (["list", "colours"], "'colours' is not one of"),
    (["pki", "certificates"], "nothing to certify"),
    (["validate", "bad.yaml"], "bad.yaml"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_wrong_input(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    nodes = "nodes: {a: {lat: 1, lon: 2}, b: {lat: 1, lon: 3}}\n"
    Path("bad.yaml").write_text(f"{nodes}links:\n  l: {{between: [a, b], fibre: {{length_m: 3}}}}\n", "utf-8")
    Path("nolinks.yaml").write_text(nodes, "utf-8")
    Path("flow.yaml").write_text("nodes: {a: {lat: 1, lon: 2}\n", "utf-8")
    Path("empty.yaml").touch()
    Path("script.py").write_text("print()\n", "utf-8")
    Path("latin.yaml").write_bytes("title: ünder\n".encode("latin-1"))
    before = sorted(tmp_path.rglob("*"))
    assert execute(arguments) == 2
    seen = capsys.readouterr()
    assert message in seen.err
    assert "Traceback" not in seen.err
    assert seen.out == ""
    assert sorted(tmp_path.rglob("*")) == before


# Faults of the machine: exit 1, one clear message, never a traceback.

FAULTS = [
    (OSError(errno.ENOSPC, "x", "/d/f"), 1, "error: /d/f: the disk is full\n"),
    (PermissionError(errno.EACCES, "x", "/d"), 1, "error: /d: permission denied\n"),
    (OSError(errno.EROFS, "x", "/d"), 1, "error: /d: the file system is read-only\n"),
    (OSError(errno.EADDRINUSE, "x"), 1, "error: the port is in use\n"),
    (OSError(errno.EIO, "Input/output error", "/d"), 1, "error: /d: Input/output error\n"),
    (MemoryError(), 1, "error: not enough memory; a smaller block_s or the resolution counts needs less\n"),
    (EnvironmentFault("no room"), 1, "error: no room\n"),
    (KeyStoreError("refused"), 1, "error: refused\n"),
    (PhysicsError("transmittance 1.2: a passive link cannot amplify"), 2, "error: transmittance 1.2: a passive"),
    (KeyboardInterrupt(), 130, "interrupted\n"),
]


@pytest.mark.parametrize(("fault", "code", "message"), FAULTS, ids=[repr(f) for f, _, _ in FAULTS])
def test_faults(fault: BaseException, code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    def action() -> None:
        raise fault

    assert guarded(action) == code
    assert capsys.readouterr().err.startswith(message)


def test_programming_errors_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        guarded(lambda: 1 // 0)


def test_a_broken_pipe_is_quiet() -> None:
    done = subprocess.run(
        f"{sys.executable} -m qcisim schema | head -c 10", shell=True, capture_output=True, text=True, check=False
    )
    assert done.stdout == '{\n  "$defs'[:10]
    assert done.stderr == ""


def test_output_on_a_full_disk() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*QCISIM, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "error: the disk is full" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = call("run", "first_link", cwd=tmp_path)
    assert done.returncode == 1
    assert "cannot be written to: permission denied; choose another place with --out" in done.stderr


def test_a_place_where_nothing_can_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["run", "first_link", "--out", "/proc/qcisim/here"]) == 1
    assert "/proc/qcisim/here: cannot be written to: " in capsys.readouterr().err


def test_a_place_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from qcisim.cli.run import make_writable

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(EnvironmentFault, match="cannot be written to: no space left on device"):
        make_writable(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


# pki


def test_pki(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["pki", str(tmp_path / "pki"), "--scenario", "first_link", "--sae", "EXTRA"]) == 0
    told = capsys.readouterr().out
    assert "EXTRA: " in told
    assert "SAE_REDU: " in told
    assert (tmp_path / "pki").stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "pki").rglob("*.key"))


# The story


def test_the_curl_line_names_the_variables_that_serve_writes() -> None:
    from qcisim.web import fleet

    for kind in ("SAE", "KME"):
        for name in ("SAE_A", "A", "redu", "KME_x", "a-b.c"):
            assert variable(kind, name) == fleet.variable(kind, name)


def test_records_of_validate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference = json.loads((files("qcisim.testing") / "reference" / "qkd_cases.json").read_bytes())
    reference["cases"] = [case for case in reference["cases"] if case["id"].startswith("bb84.fraction")]
    some, out = tmp_path / "some.json", tmp_path / "records.json"
    for change, code in ((0.0, 0), (0.1, 1)):
        reference["cases"][0]["expected"] -= change
        some.write_text(json.dumps(reference), "utf-8")
        assert execute(["validate", str(some), "--json", str(out)]) == code
        assert capsys.readouterr().out.endswith(f"Records: {out}\n")
        records = json.loads(out.read_text("utf-8"))
        assert [record["id"] for record in records] == [case["id"] for case in reference["cases"]]
        assert (records[0]["status"] == "pass") == (code == 0)
        assert {"id", "status", "expected", "actual"} <= records[0].keys()


def test_a_starter_in_space_runs_and_its_passes_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert execute(["new", "scenario", "mine", "--space"]) == 0
    assert execute(["passes", "mine.yaml", "--days", "1", "--out", "plan"]) == 0
    told = capsys.readouterr()
    assert "scheduled" in told.out
    assert "expected with clouds (a planning number, no guarantee)" in told.out
    assert told.err == ""
    assert (tmp_path / "plan" / "passes.json").exists()
    assert (tmp_path / "plan" / "passes.png").read_bytes()[:4] == b"\x89PNG"
    assert execute(["run", "mine.yaml", "--set", "duration_s=86400", "--out", "out", "--quiet"]) == 0
    assert execute(["run", "mine.yaml", "--without", "satellite:sta", "--out", "other"]) == 2
    assert "did you mean 'sat'" in capsys.readouterr().err
    assert execute(["passes", "mine.yaml", "--from", "soon"]) == 2
    assert "--from soon: wanted a UTC time such as" in capsys.readouterr().err
    assert execute(["passes", "belux"]) == 2
    assert "no satellite in it" in capsys.readouterr().err
    never = "nodes.sat.satellite.orbit={kind: circular, altitude_km: 500, inclination_deg: 5}"
    assert execute(["passes", "mine.yaml", "--set", never]) == 0
    assert "No pass in this time: zero keys." in capsys.readouterr().out
