"""Killed processes, absent peers, and everything about a machine that can be wrong at the start."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from kms import NOT_FOUND, Sae, books_close, keys_of, make_fleet

from qcisim.errors import EnvironmentFault, InputError
from qcisim.keys.layout import master_key_file
from qcisim.keys.state import Limits
from qcisim.web import pki
from qcisim.web.fleet import Fleet


class Client:
    """A master and its slave that go on while key managers are killed, and write down what they were told."""

    def __init__(self, fleet: Fleet, master: str, slave: str, stop: threading.Event) -> None:
        self.fleet, self.master, self.slave, self.stop = fleet, master, slave, stop
        self.got: dict[str, bytes] = {}
        self.fetched: dict[str, bytes] = {}
        self.unknown: set[str] = set()
        self.wrong: list[str] = []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        a, b = (Sae(self.fleet, s, timeout_s=5.0) for s in (self.master, self.slave))
        while not self.stop.is_set():
            try:
                code, body = a.call("POST", a.path(self.slave, "enc_keys"), {"number": 3})
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
                continue
            if code != 200:
                if code != 503:
                    self.wrong.append(f"Get key answered {code} {body}")
                time.sleep(0.01)
                continue
            keys = keys_of(body)
            if keys.keys() & self.got.keys():
                self.wrong.append("a key_ID came twice")
            self.got |= keys
            try:
                code, body = b.fetch(self.master, keys)
            except (OSError, http.client.HTTPException):
                self.unknown |= keys.keys()
                continue
            if code == 200:
                if keys_of(body) != keys:
                    self.wrong.append("the two ends differ")
                self.fetched |= keys
            elif code != 503:
                self.wrong.append(f"Get key with key IDs answered {code} {body}")


def torment(fleet: Fleet, kills: int, clients: int, seed: int) -> None:
    """Kill nodes at random moments under load; then check every promise that was made."""
    stop, draw = threading.Event(), random.Random(seed)
    pairs = [("A", "B"), ("B", "A"), ("A", "C")]
    running = [Client(fleet, *pairs[i % 3], stop) for i in range(clients)]
    for _ in range(kills):
        time.sleep(draw.uniform(0.1, 0.5))
        fleet.restart(draw.choice("AB"), draw.uniform(0.0, 0.2))
    time.sleep(0.3)
    stop.set()
    for client in running:
        client.thread.join()
    assert sum(len(c.fetched) for c in running) > 10 * kills  # there was load
    given: set[str] = set()
    values: set[bytes] = set()
    for client in running:
        assert client.wrong == []
        assert not given & client.got.keys()
        assert not values & set(client.got.values())
        given |= client.got.keys()
        values |= set(client.got.values())
        slave = Sae(fleet, client.slave)
        for key_id, key in client.got.items():
            code, body = slave.fetch(client.master, [key_id])
            if key_id in client.fetched:
                assert (code, body["message"]) == (400, NOT_FOUND)  # fetched stays burnt
            elif key_id in client.unknown:
                assert code in (200, 400)
            else:
                assert code == 200  # what a client was told it got can be fetched
            if code == 200:
                assert keys_of(body) == {key_id: key}
    time.sleep(0.5)
    assert books_close(fleet)
    for lane in ("a-b/A>B", "a-b/B>A"):
        near, far = (fleet.state(n)["books"][lane] for n in lane[4:].split(">"))
        told = sum(256 * len(c.got) for c in running if (c.master == "A") == (lane[4] == "A"))
        assert 0 <= near["delivered"] - told <= kills * clients * 3 * 256  # losses: answers that never came
        assert near["discarded"] <= 256 * 512 * kills
        assert near["generated"] == far["generated"]


def test_kill_nine_during_deliveries(own: Fleet) -> None:
    torment(own, kills=3, clients=3, seed=1)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(3))
def test_kill_nine_many_times(tmp_path: Path, seed: int) -> None:
    with make_fleet(tmp_path / "net", initial_keys=200_000) as fleet:
        torment(fleet, kills=40, clients=12, seed=seed)


def test_peer_away_means_503_nothing_lost_and_recovery(own: Fleet) -> None:
    a, b = Sae(own, "A"), Sae(own, "B")
    keys = a.get("B", number=4)
    own.kill("B")
    deadline = time.monotonic() + 5.0
    while (answer := a.call("GET", a.path("B", "enc_keys")))[0] == 200:  # until the heartbeat has noticed
        keys |= keys_of(answer[1])
        assert time.monotonic() < deadline
    assert answer[0] == 503
    assert "not reachable" in answer[1]["message"]
    assert a.call("POST", a.path("B", "enc_keys"), {"size": 512})[0] == 503
    before = own.state("A")["books"]["a-b/A>B"]
    assert a.call("GET", a.path("B", "enc_keys"))[0] == 503
    assert own.state("A")["books"]["a-b/A>B"] == before  # refusals take nothing
    own.restart("B")
    b.close()
    ids = list(keys)
    for some in (ids[i : i + 100] for i in range(0, len(ids), 100)):
        code, body = b.fetch("A", some)
        assert code == 200
        assert keys_of(body) == {i: keys[i] for i in some}
    assert len(a.get("B", number=4)) == 4
    assert books_close(own)


def test_deposits_reach_a_node_that_was_away(own: Fleet) -> None:
    own.kill("B")
    own.deposit("a-b", os.urandom(6400), epsilon=1e-9, theorem="t")
    own.restart("B")
    for lane in ("a-b/A>B", "a-b/B>A"):
        assert {own.state(n)["books"][lane]["generated"] for n in "AB"} == {8 * (3000 * 32 + 3200)}


def test_full_store_answers_503_and_goes_on_after_repair(tmp_path: Path) -> None:
    with make_fleet(tmp_path / "net", initial_keys=2000, max_pages=80) as fleet:
        a, given = Sae(fleet, "A"), dict[str, bytes]()
        while (answer := a.call("POST", a.path("B", "enc_keys"), {"number": 50}))[0] == 200:
            given |= keys_of(answer[1])
            assert len(given) < 2000
        assert answer[0] == 503
        assert a.status("B")["stored_key_count"] > 0
    with make_fleet(tmp_path / "net", initial_keys=2000) as fleet:
        code, body = Sae(fleet, "B").fetch("A", list(given)[:100])
        assert code == 200
        assert keys_of(body).items() <= given.items()
        assert not Sae(fleet, "A").get("B", number=50).keys() & given.keys()
        assert books_close(fleet)


def test_a_second_start_goes_on_with_what_is_there(tmp_path: Path) -> None:
    with make_fleet(tmp_path / "net", initial_keys=1000) as fleet:
        keys = Sae(fleet, "A").get("B", number=10)
    with make_fleet(tmp_path / "net", initial_keys=1000) as fleet:
        assert fleet.state("A")["books"]["a-b/A>B"]["generated"] == 1000 * 256  # not filled again
        code, body = Sae(fleet, "B").fetch("A", keys)
        assert (code, keys_of(body)) == (200, keys)


def test_wrong_master_key_is_told(tmp_path: Path) -> None:
    with make_fleet(tmp_path / "net", initial_keys=0):
        pass
    key = master_key_file(tmp_path / "net", "B")
    key.chmod(0o600)
    key.write_bytes(bytes(32))
    with pytest.raises(InputError, match="node 'B' did not start: wrong master key"), make_fleet(tmp_path / "net"):
        pass


def test_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(EnvironmentFault, match=f"port {port} is in use"),
            make_fleet(tmp_path / "n", ports={"A": port}),
        ):
            pass


def test_expired_and_future_certificates_are_told(tmp_path: Path) -> None:
    with make_fleet(tmp_path / "net", initial_keys=0) as fleet:
        root = fleet.root / "pki"
    for days_ago, text in ((30, "has expired on"), (-3, "is not valid before")):
        ca = pki.make_authority(root, "sae-ca", "demo")
        begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days_ago)
        pki.issue(ca, root, "kme-A-sae", "A", "kme", [pki.SERVER], days=10.0, begin=begin)
        with pytest.raises(InputError, match=f"node 'A' did not start: certificate .*kme-A-sae.pem {text}"):
            with make_fleet(tmp_path / "net"):
                pass


def test_directory_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (Path("/proc/qcisim"), tmp_path / "file", tmp_path / "file" / "net"):
        with pytest.raises(EnvironmentFault, match="cannot create"), make_fleet(place):
            pass


def test_two_fleets_on_one_directory_are_refused(own: Fleet) -> None:
    with pytest.raises(EnvironmentFault, match="in use by another process"), make_fleet(own.root):
        pass


def test_names_that_would_share_a_variable_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="would share the variable SAE_A_B"):
        make_fleet(tmp_path, saes={"a-b": "A", "A_B": "B"})
    with pytest.raises(InputError, match="unknown node 'X'"):
        make_fleet(tmp_path, saes={"a": "X"})


def test_a_configuration_that_is_none_is_told(tmp_path: Path) -> None:
    for text, code in (("{", 2), ("[]", 2), ('{"node": "A"}', 2), (None, 1)):
        path = tmp_path / "kme.json"
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        command = [sys.executable, "-m", "qcisim.web.kme", "--config", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20.0)
        assert done.returncode == code
        assert done.stderr.startswith("error: ")
        assert str(path) in done.stderr
        assert len(done.stderr.splitlines()) == 1


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from kms import make_fleet
with make_fleet(Path(sys.argv[1]), initial_keys=500) as fleet:
    fleet.write_environment(Path(sys.argv[1]) / "env")
    fleet.wait()
print("stopped")
"""


def start_alone(directory: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(directory), str(Path(__file__).parent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30.0
    while not (directory / "env").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_key_managers_end_with_the_fleet(tmp_path: Path, number: signal.Signals) -> None:
    process = start_alone(tmp_path / "net")
    nodes = children(process.pid)
    assert len(nodes) == 2
    process.send_signal(number)
    out, _ = process.communicate(timeout=20.0)
    assert (process.returncode, out) == ((0, "stopped\n") if number != signal.SIGKILL else (-9, ""))
    deadline = time.monotonic() + 10.0
    while not all(gone(n) for n in nodes):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with make_fleet(tmp_path / "net", initial_keys=500) as fleet:  # the stores are consistent and free
        assert books_close(fleet)
        assert fleet.state("A")["books"]["a-b/A>B"]["generated"] == 500 * 256


def test_sigterm_while_starting(tmp_path: Path) -> None:
    temporary = tmp_path / "t"
    temporary.mkdir()
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "net"), str(Path(__file__).parent)]
    process = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(temporary)}, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30.0
    while not (nodes := children(process.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.terminate()
    assert process.wait(timeout=20.0) == 128 + signal.SIGTERM
    while not all(gone(n) for n in nodes):  # one that was just being started ends with the lifeline
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not list(temporary.iterdir())


def test_the_reason_is_of_this_start(tmp_path: Path) -> None:
    with make_fleet(tmp_path, initial_keys=10):
        pass
    (tmp_path / "A" / "kme.log").write_text("error: of an earlier start\n")
    fleet = make_fleet(tmp_path, initial_keys=10)
    fleet._told["A"] = (tmp_path / "A" / "kme.log").stat().st_size
    fleet._processes["A"] = subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])
    fleet._processes["A"].wait()
    with pytest.raises(EnvironmentFault, match="did not start: exit code 1"):
        fleet._check_alive("A")


def test_environment_file_and_restart_command(own: Fleet, tmp_path: Path) -> None:
    path = tmp_path / "kms env"
    own.write_environment(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    shell = subprocess.run(
        ["sh", "-c", f". '{path}' && set"], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    ).stdout
    found = {line.split("=", 1)[0]: line.split("=", 1)[1].strip("'") for line in shell.splitlines() if "=" in line}
    wanted = {"KME_A_URL", "KME_B_URL", "CA_CERT", "KME_DATA_DIRS", "KME_RESTART_CMD"}
    wanted |= {f"SAE_{n}_{what}" for n in "ABC" for what in ("CERT", "KEY", "ID")}
    assert wanted <= found.keys()
    assert all(os.path.isabs(found[n]) for n in wanted if n.endswith(("_CERT", "_KEY", "_CMD")))
    assert [Path(p).name for p in found["KME_DATA_DIRS"].split(":")] == ["A", "B"]
    before, keys = own.pid("B"), Sae(own, "A").get("B", number=2)
    command = {**os.environ, "KME": "B", "KME_DOWN_SECONDS": "0.2"}
    subprocess.run(found["KME_RESTART_CMD"], shell=True, check=True, env=command, timeout=30.0)
    assert own.pid("B") != before
    assert Sae(own, "B").fetch("A", keys)[0] == 200
    assert len(Sae(own, "A").get("B")) == 1
    wrong = subprocess.run(
        found["KME_RESTART_CMD"], shell=True, env={**command, "KME": "X"}, capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 1
    assert "unknown node 'X'; the nodes are A, B" in wrong.stderr


def test_no_key_is_in_any_file_nor_in_the_logs(tmp_path: Path) -> None:
    with make_fleet(tmp_path / "net", initial_keys=600, limits=Limits(window_max_keys=256)) as fleet:
        a, b = Sae(fleet, "A"), Sae(fleet, "B")

        def files() -> bytes:
            return b"".join(p.read_bytes() for p in sorted(fleet.root.rglob("*")) if p.is_file())

        before = files()
        keys = a.get("B", number=50) | a.get("B", number=3, size=1024)
        during = files()
        assert b.fetch("A", keys)[0] == 200
        after = files()
        with contextlib.suppress(AssertionError):
            a.get("B", number=999)
    for data in (before, during, after, files()):
        for key in keys.values():
            half = key[: len(key) // 2]
            assert key not in data
            assert half not in data
            assert key.hex().encode() not in data
            assert __import__("base64").b64encode(half)[:-3] not in data
    assert all(key_id.encode() in after for key_id in keys)  # the audit log names each


def test_the_process_maps_no_numerics_and_imports_none(pair: Fleet) -> None:
    code = "import sys, qcisim.web.kme; print(sorted(m for m in sys.modules if m.split('.')[0] in "
    code += "('numpy', 'scipy', 'numba', 'qutip', 'matplotlib', 'pandas')))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"
    maps = Path(f"/proc/{pair.pid('A')}/maps").read_text()
    assert "_sqlite3" in maps
    assert "numpy" not in maps
