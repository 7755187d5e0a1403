"""Key managers without processes: two or more on one loop, joined by couriers that a test can break."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qcisim.errors import KeyStoreError
from qcisim.keys.lane import lane_name
from qcisim.keys.manager import KeyManager, Statement
from qcisim.keys.memory import MemoryStore
from qcisim.keys.sqlite import SqliteStore
from qcisim.keys.state import Limits
from qcisim.keys.store import KeyStore
from qcisim.keys.topology import Topology
from qcisim.keys.window import BoundKey

MASTER_KEY = bytes(range(32))
Fault = Callable[[str, str, str], str]
"""(sender, receiver, body) -> what happens: "deliver", "lose", "lose answer", "twice", or another body to deliver."""


class Courier:
    """Carries messages by calling the other manager; ``fault`` decides what goes wrong."""

    def __init__(self, net: Net, sender: str) -> None:
        self._net, self._sender = net, sender

    async def post(self, peer: str, body: str) -> tuple[int, dict[str, Any]]:
        await asyncio.sleep(0)
        what = self._net.fault(self._sender, peer, body)
        self._net.sent.append((self._sender, peer, body))
        if what == "lose" or peer not in self._net.managers:
            raise OSError("lost")
        if what.startswith("{"):
            body = what
        receiver = self._net.managers[peer].receiver
        try:
            answer = await receiver.receive(self._sender, json.loads(body))
            if what == "twice":
                answer = await receiver.receive(self._sender, json.loads(body))
        except KeyStoreError as error:  # as the KME plane answers it
            return 503, {"message": str(error)}
        if what == "lose answer":
            raise OSError("answer lost")
        return answer


class Net:
    """``async with Net(...) as net``: managers by node name, all peers up."""

    def __init__(
        self,
        nodes: Mapping[str, bool],
        links: Mapping[str, tuple[str, str]],
        saes: Mapping[str, str],
        *,
        directory: Path | None = None,
        limits: Limits | None = None,
        pairs: frozenset[tuple[str, str]] | None = None,
        max_pages: int = 0,
    ) -> None:
        self.topology = Topology(nodes, links, saes, pairs)
        self.directory, self.max_pages = directory, max_pages
        self.limits = limits or Limits(wait_s=2.0, request_s=2.0)
        self.managers: dict[str, KeyManager] = {}
        self.sent: list[tuple[str, str, str]] = []
        self.fault: Fault = lambda sender, receiver, body: "deliver"

    def store(self, node: str) -> KeyStore:
        if self.directory is None:
            return MemoryStore()
        return SqliteStore(self.directory / node, node, MASTER_KEY, max_pages=self.max_pages)

    def begin(self, node: str, store: KeyStore | None = None) -> KeyManager:
        manager = KeyManager(node, self.topology, store or self.store(node), Courier(self, node), self.limits)
        self.managers[node] = manager
        for other in self.topology.neighbours(node):
            manager.peer_up(other)
        for n in self.topology.nodes:
            near = self.topology.neighbours(n)
            manager.heard[n] = Statement(1, tuple(near), dict.fromkeys(near, 10**6))
        manager.start()
        return manager

    async def __aenter__(self) -> Net:
        for node in self.topology.nodes:
            self.begin(node)
        return self

    async def __aexit__(self, *exc: object) -> None:
        for manager in self.managers.values():
            await manager.close()

    async def deposit(self, link: str, keys: int, *, epsilon: float = 1e-10) -> None:
        """The same key at both ends, ``keys`` of the default size for each direction."""
        a, b = self.topology.links[link]
        size = self.limits.default_key_bits // 8
        for lane in (lane_name(link, a, b), lane_name(link, b, a)):
            secret = os.urandom(keys * size)
            start = self.managers[a].state.lanes[lane].tail
            for node in (a, b):
                await deposit(self.managers[node], lane, start, secret, epsilon)

    def closes(self) -> bool:
        return all(lane["closes"] for m in self.managers.values() for lane in m.books().values())


async def deposit(manager: KeyManager, lane: str, start: int, secret: bytes, epsilon: float = 1e-10) -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    manager.deposit(
        lane,
        start,
        secret,
        epsilon=epsilon,
        theorem="test",
        simulated=True,
        done=lambda error: future.set_exception(error) if error else future.set_result(None),
    )
    await future


def _collector(future: asyncio.Future[dict[str, bytes]]) -> Callable[[list[BoundKey], Exception | None], None]:
    def done(keys: list[BoundKey], error: Exception | None) -> None:
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result({k.text: bytes(k.secret) for k in keys})

    return done


async def get(manager: KeyManager, master: str, *slaves: str, number: int = 1, bits: int = 256) -> dict[str, bytes]:
    """Get key; raises what the manager raises."""
    future: asyncio.Future[dict[str, bytes]] = asyncio.get_running_loop().create_future()
    manager.delivery.get(master, slaves, number, bits, _collector(future))
    return await future


async def fetch(manager: KeyManager, slave: str, master: str, ids: Any) -> dict[str, bytes]:
    """Get key with key IDs; raises what the manager raises."""
    from qcisim.keys.key import key_id_bytes

    future: asyncio.Future[dict[str, bytes]] = asyncio.get_running_loop().create_future()
    manager.delivery.fetch(slave, master, [key_id_bytes(i) for i in ids], _collector(future))
    return await future
