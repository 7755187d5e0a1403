"""One key manager as a process: ``python -m qcisim.web.kme --config FILE``.

Three planes on three listeners: SAEs (TLS >= 1.2, SAE CA), KMEs (TLS 1.3, KME CA), and health on a local address.
The process ends on SIGTERM or SIGINT, or when the process that started it is gone (the lifeline's other end closes).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import os
import resource
import signal
import ssl
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from qcisim.errors import EnvironmentFault, InputError, QcisimError
from qcisim.keys.manager import KeyManager
from qcisim.keys.seal import load_master_key
from qcisim.keys.sqlite import SqliteStore
from qcisim.keys.state import Limits
from qcisim.keys.topology import Topology
from qcisim.web.api014 import Api014
from qcisim.web.deposit import DepositServer
from qcisim.web.http import Application, Listener, Request
from qcisim.web.peers import PeerPlane, wet
from qcisim.web.tls import NOBODY, Revocations, client_context, identity_of, server_context


@dataclass(frozen=True, slots=True)
class Plane:
    """One TLS listener: address, and PEM files of certificate, key and the CA of its clients."""

    port: int
    certificate: str
    key: str
    ca: str
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class KmeConfig:
    """All that one key manager process is told; a JSON file of this shape is its configuration."""

    node: str
    directory: str
    master_key: str
    socket: str
    health_port: int
    sae_plane: Plane
    kme_plane: Plane
    nodes: Mapping[str, bool]
    links: Mapping[str, tuple[str, str]]
    saes: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...] | None = None
    peers: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    max_pages: int = 0

    def to_json(self) -> str:
        plain = asdict(self)
        return json.dumps(plain, indent=1)

    @staticmethod
    def from_json(text: str, where: str) -> KmeConfig:
        try:
            raw = json.loads(text)
            raw["sae_plane"], raw["kme_plane"] = Plane(**raw["sae_plane"]), Plane(**raw["kme_plane"])
            raw["limits"] = Limits(**raw["limits"])
            raw["links"] = {k: (v[0], v[1]) for k, v in raw["links"].items()}
            raw["peers"] = {k: (v[0], int(v[1])) for k, v in raw["peers"].items()}
            raw["pairs"] = None if raw["pairs"] is None else tuple((a, b) for a, b in raw["pairs"])
            return KmeConfig(**raw)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise InputError(f"{where}: not a key manager configuration: {error}") from None


class Health(Application):
    """GET /health on a local address: whether the node serves, without a word about keys."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def admit(self, request: Request) -> bool:
        if request.method != b"GET" or request.target != b"/health":
            request.reply(404, b'{"message":"no such path"}')
            return False
        return True

    def serve(self, request: Request) -> None:
        state = self._state()
        ok = state["store"] == "ok"
        request.reply(200 if ok else 503, json.dumps({k: v for k, v in state.items() if k != "books"}).encode())


class Kme:
    """The running process: store, key manager, listeners."""

    def __init__(self, config: KmeConfig) -> None:
        self.config = config
        self._servers: list[asyncio.AbstractServer] = []
        self._listeners: list[Listener] = []

    def state(self) -> dict[str, Any]:
        manager = self.manager
        peers = {p: p in manager.up for p in self.config.peers}
        store = "ok" if manager.writer.failure is None else "down"
        facts: dict[str, Any] = {
            "commits": manager.writer.commits,
            "changes": manager.writer.changes,
            "pid": os.getpid(),
        }
        facts |= {"incarnation": self._plane.incarnation, "seen": self._plane.incarnations(), "away": manager.away()}
        facts["wet"] = sorted(wet(manager.levels()))
        facts["heard"] = {node: sorted(wet(said.stored_bytes)) for node, said in manager.heard.items()}
        return {"node": manager.node, "store": store, "peers": peers, "books": manager.books(), **facts}

    async def start(self) -> None:
        c = self.config
        topology = Topology(c.nodes, c.links, c.saes, None if c.pairs is None else frozenset(c.pairs))
        key = load_master_key(Path(c.master_key))
        paths = [Path(p) for p in (c.sae_plane.certificate, c.sae_plane.key, c.sae_plane.ca)]
        sae_tls = server_context(*paths, minimum=ssl.TLSVersion.TLSv1_2)
        paths = [Path(p) for p in (c.kme_plane.certificate, c.kme_plane.key, c.kme_plane.ca)]
        kme_tls = server_context(*paths, minimum=ssl.TLSVersion.TLSv1_3)
        store = SqliteStore(Path(c.directory), c.node, key, max_pages=c.max_pages)
        plane = PeerPlane(c.peers, client_context(*paths), Revocations(paths[2]))
        self.manager = KeyManager(c.node, topology, store, plane, c.limits)
        self._plane, self._deposits = plane, DepositServer(Path(c.socket), self.manager, self.state)
        await self._listen(
            Api014(self.manager, Revocations(Path(c.sae_plane.ca))), "sae", sae_tls, c.sae_plane.host, c.sae_plane.port
        )
        await self._listen(plane, "kme", kme_tls, c.kme_plane.host, c.kme_plane.port)
        await self._listen(Health(self.state), "", None, "127.0.0.1", c.health_port)
        await self._deposits.start()
        plane.start(self.manager)
        self.manager.start()

    async def _listen(self, app: Application, kind: str, tls: ssl.SSLContext | None, host: str, port: int) -> None:
        listener = Listener(app, (lambda peer: identity_of(peer, kind)) if tls else (lambda peer: NOBODY))
        options: dict[str, Any] = {"ssl_handshake_timeout": 10.0, "ssl_shutdown_timeout": 2.0} if tls else {}
        try:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(listener.protocol, host, port, ssl=tls, backlog=1024, **options)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise EnvironmentFault(f"node {self.config.node}: port {port} is in use") from None
            raise EnvironmentFault(
                f"node {self.config.node}: cannot listen on {host}:{port}: {error.strerror}"
            ) from None
        self._servers.append(server)
        self._listeners.append(listener)

    async def stop(self) -> None:
        """No new requests; what was accepted becomes durable; the store is closed."""
        for server in self._servers:
            server.close()
        await self._deposits.close()
        await self._plane.close()
        await self.manager.close()
        for listener in self._listeners:
            listener.close()


async def serve(config: KmeConfig, lifeline: int | None) -> None:
    """Run until a signal comes or the lifeline closes."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if lifeline is not None:
        os.set_blocking(lifeline, False)

        def parted(end: int = lifeline) -> None:
            loop.remove_reader(end)  # its end stays readable for ever
            stop.set()

        loop.add_reader(lifeline, parted)
    kme = Kme(config)
    await kme.start()
    try:
        await stop.wait()
    finally:
        await kme.stop()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m qcisim.web.kme", description=__doc__)
    parser.add_argument("--config", required=True, help="JSON file of the key manager")
    parser.add_argument("--lifeline", type=int, help="file descriptor whose closing ends the process")
    options = parser.parse_args(arguments)
    os.umask(0o077)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setswitchinterval(0.001)
    try:
        try:
            text = Path(options.config).read_text()
        except OSError as error:
            raise EnvironmentFault(f"cannot read {options.config}: {error.strerror}") from None
        config = KmeConfig.from_json(text, options.config)
        try:
            import uvloop

            uvloop.run(serve(config, options.lifeline))
        except ImportError:
            asyncio.run(serve(config, options.lifeline))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except QcisimError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
