"""A network of key managers on this machine: one process per node, started, filled, watched and stopped together.

`Fleet` starts the processes, waits until all answer each other, deposits the initial keys at both ends of every
link, and writes the file of shell variables by which clients find them. A node's process ends with the fleet's,
however that ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from qcisim.errors import EnvironmentFault, InputError
from qcisim.keys.lane import lane_name
from qcisim.keys.layout import master_key_file, store_directory
from qcisim.keys.seal import load_master_key
from qcisim.web.control import ControlServer
from qcisim.web.deposit import DepositClient
from qcisim.web.environment import variable, write_command, write_environment
from qcisim.web.fleet_config import FleetConfig, FleetLink
from qcisim.web.kme import KmeConfig, Plane
from qcisim.web.pki import Pki, find_pki, make_pki
from qcisim.web.ports import free_ports
from qcisim.web.supply import Supply

__all__ = ["Fleet", "FleetConfig", "FleetLink", "variable"]


FREE_BYTES = 1 << 20  # with less than this a key manager that says nothing found no room to say it


def _end(number: int, frame: FrameType | None) -> None:
    """A signal before `Fleet.wait` ends the fleet as an exception does: nothing is left behind."""
    raise SystemExit(128 + number)


class Fleet:
    """The running processes. ``with Fleet(config) as fleet: fleet.wait()``."""

    def __init__(self, config: FleetConfig) -> None:
        self.config = config
        self.root = config.directory.absolute()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._clients: dict[str, DepositClient] = {}
        self._supply = Supply(config, self._clients, lambda node: self._processes[node].poll() is None)
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._lifeline: tuple[int, int] | None = None
        self._control: ControlServer | None = None
        self._sockets: Path | None = None
        self._ports: dict[str, tuple[int, int, int]] = {}
        self._told: dict[str, int] = {}  # where the log of a node's present process begins
        self._terminate: Any = None  # what SIGTERM did before

    def __enter__(self) -> Fleet:
        try:
            if threading.current_thread() is threading.main_thread():
                self._terminate = signal.signal(signal.SIGTERM, _end)
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    # -- start

    def start(self) -> None:
        """Start every node, wait until all answer each other, deposit the initial keys."""
        try:
            for part in (self.root, self.root / "secrets"):
                part.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFault(f"cannot create {self.root}: {error.strerror}") from None
        nodes, saes = list(self.config.nodes), list(self.config.saes)
        pki_path = self.root / "pki"
        self.pki: Pki = find_pki(pki_path, nodes=nodes, saes=saes) or make_pki(pki_path, nodes=nodes, saes=saes)
        self._sockets = Path(tempfile.mkdtemp(prefix="qcisim-"))
        if len(str(self._sockets)) > 80:  # the name of a UNIX socket has 107 bytes at most
            self._sockets.rmdir()
            self._sockets = Path(tempfile.mkdtemp(prefix="qcisim-", dir="/tmp"))
        self._lifeline = os.pipe()
        chosen = free_ports(3 * len(nodes), avoid=set(self.config.ports.values()))
        for i, node in enumerate(nodes):
            own, kme, health = chosen[3 * i : 3 * i + 3]
            self._ports[node] = (self.config.ports.get(node, own), kme, health)
        for node in nodes:
            self._configure(node)
            self._spawn(node)
            self._clients[node] = DepositClient(self._socket(node))
        self._await_ready(nodes)
        self._supply.fill()
        self._await_news()
        self._control = ControlServer(self._sockets / "control.sock", self._on_control)
        self._write_restart_command()

    def data_directory(self, node: str) -> Path:
        return store_directory(self.root, node)

    def _socket(self, node: str) -> Path:
        assert self._sockets is not None
        return self._sockets / f"{list(self.config.nodes).index(node)}.sock"

    def _configure(self, node: str) -> None:
        c, home = self.config, self.data_directory(node)
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFault(f"cannot create {home}: {error.strerror}") from None
        master = master_key_file(self.root, node)
        load_master_key(master, create=not (home / "keys.sqlite").exists())
        own, kme, health = self._ports[node]
        sae, peer = self.pki.kme_sae_plane[node], self.pki.kme_kme_plane[node]
        links = {name: link.between for name, link in c.links.items()}
        near = {b if a == node else a for a, b in links.values() if node in (a, b)}
        config = KmeConfig(
            node=node,
            directory=str(home),
            master_key=str(master),
            socket=str(self._socket(node)),
            health_port=health,
            sae_plane=Plane(own, str(sae[0]), str(sae[1]), str(self.pki.sae_ca)),
            kme_plane=Plane(kme, str(peer[0]), str(peer[1]), str(self.pki.kme_ca)),
            nodes=dict(c.nodes),
            links=links,
            saes=dict(c.saes),
            pairs=c.pairs,
            peers={n: ("127.0.0.1", self._ports[n][1]) for n in sorted(near)},
            limits=c.limits,
            max_pages=c.max_pages,
        )
        try:
            (home / "kme.json").write_text(config.to_json())
        except OSError as error:
            raise EnvironmentFault(f"cannot write {home / 'kme.json'}: {error.strerror}") from None

    def _spawn(self, node: str) -> None:
        assert self._lifeline is not None
        home, end = self.data_directory(node), self._lifeline[0]
        command = [sys.executable, "-m", "qcisim.web.kme", "--config", str(home / "kme.json"), "--lifeline", str(end)]
        with (home / "kme.log").open("ab") as log:
            self._told[node] = log.tell()
            self._processes[node] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(end,), start_new_session=True
            )

    def _await_ready(self, nodes: list[str]) -> None:
        """Return once each node answers and sees its peers (those that run); raises with the node's own reason."""
        deadline = time.monotonic() + self.config.ready_s
        while True:
            states = {}
            for node in nodes:
                self._check_alive(node)
                with contextlib.suppress(EnvironmentFault):
                    states[node] = self._clients[node].state()
            missing = [n for n in nodes if n not in states or not self._sees_peers(states[n], states)]
            if not missing:
                return
            if time.monotonic() > deadline:
                raise EnvironmentFault(f"nodes {', '.join(missing)} did not answer within {self.config.ready_s:g} s")
            if self._stopping.wait(0.05):
                raise EnvironmentFault("stopped while starting")

    def _await_news(self) -> None:
        """Wait a moment until every node knows which links have key now; one that has not heard will answer 503 at
        first.
        """
        deadline = time.monotonic() + 5.0
        while time.monotonic() < deadline:
            states = {node: client.state() for node, client in self._clients.items()}
            known = [(state["heard"][m], states[m]["wet"]) for state in states.values() for m in state["heard"]]
            if all(heard == now for heard, now in known) or self._stopping.wait(0.05):
                return

    def _sees_peers(self, state: dict[str, Any], states: Mapping[str, dict[str, Any]]) -> bool:
        """Whether a node has met the present incarnation of each peer that runs, and reaches all where all run."""
        if state["away"] and all(p.poll() is None for p in self._processes.values()):
            return False
        for peer in state["peers"]:
            if self._processes[peer].poll() is None:
                now = states[peer]["incarnation"] if peer in states else None
                if peer not in state["seen"] or (now is not None and state["seen"][peer] != now):
                    return False
        return True

    def _check_alive(self, node: str) -> None:
        code = self._processes[node].poll()
        if code is None:
            return
        home, lines = self.data_directory(node), list[str]()
        with contextlib.suppress(OSError):
            told = (home / "kme.log").read_bytes()[self._told[node] :]
            lines = told.decode(errors="replace").strip().splitlines()
        reason = lines[-1].removeprefix("error: ") if lines else f"exit code {code}"
        if not lines and shutil.disk_usage(home).free < FREE_BYTES:
            reason = f"the disk of {home} is full"
        kind = InputError if code == 2 else EnvironmentFault
        raise kind(f"the key manager of node {node!r} did not start: {reason}")

    # -- keys

    def deposit(self, link: str, key: bytes, *, epsilon: float, theorem: str, simulated: bool = True) -> None:
        """Hand new key of a link to both its ends: the first half serves one direction, the rest the other.

        A node that is away gets its part when it is back. Raises `InputError` for an unknown link, and
        `EnvironmentFault` where a node refuses (its store is full or broken).
        """
        with self._lock:
            self._supply.deposit(link, key, epsilon=epsilon, theorem=theorem, simulated=simulated)

    def state(self, node: str) -> dict[str, Any]:
        """Peers, store and books of one node, as its process tells them."""
        with self._lock:
            return self._clients[node].state()

    def stored_bits(self, link: str) -> int:
        """Key in the pools and windows of a link, both directions, as the lesser of its two ends has it."""
        ends = self.config.links[link].between
        lanes = (lane_name(link, *ends), lane_name(link, *reversed(ends)))
        return min(sum(int(self.state(n)["books"][lane]["stored"]) for lane in lanes) for n in ends)

    # -- what clients are told

    def url(self, node: str) -> str:
        return f"https://localhost:{self._ports[node][0]}"

    def variables(self) -> dict[str, str]:
        """The variables of the environment file."""
        found = {f"{variable('KME', n)}_URL": self.url(n) for n in self.config.nodes}
        for sae in self.config.saes:
            name, (certificate, key) = variable("SAE", sae), self.pki.saes[sae]
            found |= {f"{name}_CERT": str(certificate), f"{name}_KEY": str(key), f"{name}_ID": sae}
        found["CA_CERT"] = str(self.pki.sae_ca)
        found["KME_DATA_DIRS"] = ":".join(str(self.data_directory(n)) for n in self.config.nodes)
        found["KME_RESTART_CMD"] = str(self.root / "restart-kme")
        return found

    def write_environment(self, path: Path) -> None:
        """Write `variables` as ``NAME=value`` lines for a shell: mode 0600, whole or not at all."""
        write_environment(path, self.variables())

    def _write_restart_command(self) -> None:
        assert self._sockets is not None
        write_command(self.root / "restart-kme", "qcisim.web.control", self._sockets / "control.sock")

    # -- faults and the end

    def _on_control(self, request: dict[str, Any]) -> dict[str, Any]:
        asked = str(request.get("node", ""))
        node = next((n for n in self.config.nodes if asked in (n, variable("KME", n))), None)
        node = node or next((n for n in self.config.nodes if asked.lower() == n.lower()), None)
        if node is None:
            return {"error": f"unknown node {asked!r}; the nodes are {', '.join(self.config.nodes)}"}
        try:
            self.restart(node, float(request.get("down_s", 0.0)))
        except (EnvironmentFault, InputError, ValueError) as error:
            return {"error": str(error)}
        return {"ok": True}

    def restart(self, node: str, down_s: float = 0.0) -> None:
        """SIGKILL a node's process, wait, start it on the same data, return once it answers."""
        self.kill(node)
        if self._stopping.wait(down_s):
            raise EnvironmentFault("the network is being stopped")
        with self._lock:
            self._spawn(node)
            self._await_ready([node, *self._neighbours(node)])
            self._supply.flush(node)

    def _neighbours(self, node: str) -> list[str]:
        near = {n for link in self.config.links.values() if node in link.between for n in link.between} - {node}
        return [n for n in sorted(near) if self._processes[n].poll() is None]

    def kill(self, node: str) -> None:
        """SIGKILL a node's process."""
        with self._lock:
            self._processes[node].kill()
            self._processes[node].wait()
            self._clients[node].close()

    def pid(self, node: str) -> int:
        return self._processes[node].pid

    def wait(self) -> None:
        """Return on SIGINT or SIGTERM (call from the main thread)."""

        def leave(number: int, frame: FrameType | None) -> None:
            self._stopping.set()

        before = {n: signal.signal(n, leave) for n in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not self._stopping.wait(0.5):
                with self._lock, contextlib.suppress(EnvironmentFault):
                    self._supply.flush_all()
        finally:
            for signal_number, handler in before.items():
                signal.signal(signal_number, handler)

    def stop(self) -> None:
        """End every process cleanly; one that does not end within ten seconds is killed."""
        self._stopping.set()
        if self._control is not None:
            self._control.close()
        with self._lock:
            for client in self._clients.values():
                client.close()
            for process in self._processes.values():
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + 10.0
            for process in self._processes.values():
                try:
                    process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        if self._terminate is not None:
            signal.signal(signal.SIGTERM, self._terminate)
            self._terminate = None
        if self._lifeline is not None:
            for end in self._lifeline:
                os.close(end)
            self._lifeline = None
        if self._sockets is not None:
            for left in self._sockets.iterdir():
                left.unlink(missing_ok=True)
            self._sockets.rmdir()
            self._sockets = None
