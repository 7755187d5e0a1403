"""`qcisim run`, `report` and `serve` on small scenarios, as a user calls them."""

from __future__ import annotations

import fcntl
import json
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from qcisim.cli import execute
from qcisim.report.numbers import key, percent, risk
from qcisim.simulation import Result

QCISIM = [sys.executable, "-m", "qcisim"]


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A working directory with the scenario that `qcisim new scenario` writes."""
    monkeypatch.chdir(tmp_path)
    assert execute(["new", "scenario", "small"]) == 0
    capsys.readouterr()
    return tmp_path


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60.0
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def last_line(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    seen = capsys.readouterr()
    assert seen.err == ""
    return seen.out, seen.out.splitlines()[-1]


def test_the_story_of_a_run(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["run", "small.yaml", "--set", "duration_s=10"]) == 0
    told, last = last_line(capsys)
    folder = Path(last.removeprefix("Results: "))
    result = Result.from_json((folder / "result.json").read_bytes())
    assert last == f"Results: results/small-{result.hash[:8]}-s1"
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "result.json"]
    link = result.links["a-b"]
    assert link.secret_bits > 0
    steps = f"{link.rounds:,} rounds → {link.clicks:,} clicks → {link.sifted_bits:,} sifted → "
    assert steps + f"{link.corrected_bits:,} corrected → {link.secret_bits:,} secret bits" in told
    assert f"QBER {percent(link.qber, 4)} (" in told
    assert f"  {key(link.secret_bits_per_s, 'bit/s')}, ε = {risk(link.epsilon)}, 1 of 1 block accepted" in told
    assert " ".join(link.theorem.split()) in " ".join(told.split())
    assert f"Report: {folder}/report.html" in told
    assert "…" not in told  # the tables fit into 80 columns
    assert "qcisim serve small.yaml --dir" in told
    assert (
        'curl --cacert "$CA_CERT" --cert "$SAE_A_CERT" --key "$SAE_A_KEY" "$KME_A_URL/api/v1/keys/SAE_C/enc_keys"'
        in told
    )
    assert result.provenance["command"] == "qcisim run small.yaml --set duration_s=10 --seed 1"


def test_same_seed_same_bytes(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = []
    for out, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        assert execute(["run", "small.yaml", "--seed", seed, "--out", out, "--quiet"]) == 0
        assert capsys.readouterr().out == f"Results: {out}\n"
        data.append(Path(out, "result.json").read_bytes())
    assert data[0] == data[1]
    assert data[0] != data[2]


def test_resolution_of_all_links(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["run", "small.yaml", "--resolution", "rates", "--out", "r", "--quiet"]) == 0
    links = json.loads(Path("r/result.json").read_bytes())["links"]
    assert {link["resolution"] for link in links.values()} == {"rates"}


def test_the_report_again(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["run", "small.yaml", "--out", "r", "--quiet"]) == 0
    first = Path("r/report.html").read_bytes()
    assert execute(["report", "r", "--out", "again.html"]) == 0
    assert Path("again.html").read_bytes() == first


def test_too_little_data_is_no_key_with_a_reason(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["run", "small.yaml", "--set", "duration_s=0.0001", "--out", "r"]) == 0
    told, _ = last_line(capsys)
    for link in json.loads(Path("r/result.json").read_bytes())["links"].values():
        assert link["secret_bits"] == 0
        assert link["reason"]
    assert "no key: " in told


def test_an_attack_stops_the_key(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attack = "links.a-b.attack={name: intercept_resend, fraction: 1.0}"
    assert execute(["run", "small.yaml", "--set", attack, "--out", "r"]) == 0
    told, _ = last_line(capsys)
    link = json.loads(Path("r/result.json").read_bytes())["links"]["a-b"]
    assert link["secret_bits"] == 0
    assert "no key: " in told


def test_a_run_that_fails_leaves_nothing(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qcisim.simulation.result import Result as Kind

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "results")

    monkeypatch.setattr(Kind, "save", full)
    assert execute(["run", "small.yaml"]) == 1
    assert not Path("results").exists()


def test_ctrl_c_ends_with_130_and_nothing_half_written(starter: Path) -> None:
    long = ["--set", "duration_s=1e6", "--resolution", "clicks", "--out", "r"]
    process = subprocess.Popen(
        [*QCISIM, "run", "small.yaml", *long], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(Path("r"), process)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in told
    assert "interrupted: the results go up to " in told
    result = Result.from_json(Path("r/result.json").read_bytes())
    assert 0.0 <= result.provenance["interrupted_at_s"] < 1e6


def test_an_interrupted_run_spares_the_results_of_an_earlier_one(
    starter: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from qcisim.simulation import runner

    assert execute(["run", "small.yaml", "--quiet", "--out", "r"]) == 0
    finished = Path("r/result.json").read_bytes()

    def interrupt(*_: object, **__: object) -> None:
        result = Result.from_json(finished.replace(b'"qcisim": ', b'"interrupted_at_s": 3.0, "qcisim": '))
        raise runner.RunInterrupted(result)

    monkeypatch.setattr(runner, "run", interrupt)
    assert execute(["run", "small.yaml", "--quiet", "--out", "r"]) == 130
    assert Path("r/result.json").read_bytes() == finished
    assert "r keeps the results of an earlier run" in capsys.readouterr().err
    assert execute(["run", "small.yaml", "--quiet", "--out", "new"]) == 130
    assert b"interrupted_at_s" in Path("new/result.json").read_bytes()


def test_serve_answers_and_stops_on_ctrl_c(starter: Path) -> None:
    text = """
nodes: {A: {lat: 1, lon: 2}, B: {lat: 1, lon: 3}}
links: {a-b: {between: [A, B], key_source: stored, initial_keys: 20}}
saes: {SAE_A: {node: A}, SAE_B: {node: B}}
"""
    Path("stored.yaml").write_text(text, "utf-8")
    arguments = ["serve", "stored.yaml", "--dir", "live", "--env", "keys.env"]
    process = subprocess.Popen([*QCISIM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(Path("keys.env"), process)
        variables = dict(line.split("=", 1) for line in Path("keys.env").read_text().splitlines())
        assert Path("keys.env").stat().st_mode & 0o777 == 0o600
        context = ssl.create_default_context(cafile=variables["CA_CERT"])
        context.load_cert_chain(variables["SAE_A_CERT"], variables["SAE_A_KEY"])
        with httpx.Client(verify=context, trust_env=False) as client:
            answer = client.get(f"{variables['KME_A_URL']}/api/v1/keys/SAE_B/enc_keys")
        assert answer.status_code == 200
        assert len(answer.json()["keys"]) == 1
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert err == ""
    assert "Fetch a key:" in out


def test_kept_stores_are_replaced_whole_and_never_while_they_are_served(
    starter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ["run", "small.yaml", "--set", "duration_s=10", "--out", "kept", "--keep-keys", "--quiet"]
    assert execute(run) == 0
    Path("kept/keys/old").touch()
    assert execute(run) == 0
    assert sorted(path.name for path in Path("kept").iterdir()) == ["keys", "report.html", "result.json"]
    assert not Path("kept/keys/old").exists()
    before = {path: path.read_bytes() for path in Path("kept").rglob("*") if path.is_file()}
    capsys.readouterr()
    with Path("kept/keys/a/lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert execute(run) == 1
    assert "error: kept/keys: these key stores are being served" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path("kept").rglob("*") if path.is_file()} == before


def test_a_result_stays_where_its_report_finds_no_room(
    starter: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = tempfile.mkstemp

    def full(*parts: Any, **where: Any) -> tuple[int, str]:
        if where.get("prefix") == ".report.html.":
            raise OSError(28, "No space left on device")
        return make(*parts, **where)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    assert execute(["run", "small.yaml", "--set", "duration_s=10", "--out", "full", "--quiet"]) == 1
    told = capsys.readouterr().err
    assert "full/report.html: cannot be written: No space left on device; result.json is there" in told
    assert [path.name for path in Path("full").iterdir()] == ["result.json"]
