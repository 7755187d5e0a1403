"""The KME plane: messages between neighbouring key managers over mutual TLS 1.3, and the heartbeat that tells who
is there.

Paths: POST /kme/v1/message (windows, relay, void), POST /kme/v1/hello (incarnation; what was offered is compared
before the first delivery after either side restarts).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
import sys
from collections.abc import Container, Mapping
from typing import Any

from qcisim.errors import KeyStoreError
from qcisim.keys.ageing import forget
from qcisim.keys.manager import KeyManager, Statement
from qcisim.keys.window import BOUND, OPEN
from qcisim.web.http import Application, Request
from qcisim.web.tls import Identity, identity_of

HEARTBEAT_S = 0.5
ANSWER_S = 3.0
CONNECTIONS = 8


def wet(stored: Mapping[str, int]) -> set[str]:
    """The neighbours towards which there is key."""
    return {peer for peer, level in stored.items() if level > 0}


def _plain(up: list[Any], stored: dict[Any, Any]) -> bool:
    """Whether a statement has the types it must have."""
    numbers = all(type(n) is int and n >= 0 for n in stored.values())
    return numbers and all(isinstance(n, str) for n in (*up, *stored))


class PeerClient:
    """Calls one neighbour; a few kept-alive connections, one request at a time on each."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext, peer: str, revoked: Container[int] = ()) -> None:
        self._host, self._port, self._context, self.peer, self._revoked = host, port, context, peer, revoked
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._gate = asyncio.Semaphore(CONNECTIONS)

    async def post(self, path: str, body: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON answer; raises ``OSError`` where no whole answer came in time."""
        async with self._gate:
            try:
                async with asyncio.timeout(ANSWER_S):
                    return await self._post(path, body.encode())
            except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
                raise OSError(f"{self.peer}: {type(error).__name__}") from None

    async def _post(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if self._idle:  # it may have been closed at the other end; every message may be sent again
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                return await self._exchange(self._idle.pop(), path, body)
        return await self._exchange(await self._connect(), path, body)

    async def _exchange(
        self, connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], path: str, body: bytes
    ) -> tuple[int, dict[str, Any]]:
        (reader, writer), keep = connection, False
        try:
            head = f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nContent-Type: application/json\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            data = await reader.readexactly(length)
            keep = b"connection: close" not in lines
            answer = json.loads(data)
            return int(lines[0].split()[1]), answer if isinstance(answer, dict) else {}
        finally:
            if keep:
                self._idle.append((reader, writer))
            else:
                writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.close()
        reader, writer = await asyncio.open_connection(
            self._host, self._port, ssl=self._context, server_hostname="localhost", limit=2**23
        )
        identity = identity_of(writer.get_extra_info("ssl_object"), "kme")
        if identity.name != self.peer or identity.serial in self._revoked:
            writer.close()
            raise OSError(f"{self.peer}: the certificate at its address is another's or was revoked")
        return reader, writer

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


class PeerPlane(Application):
    """What a key manager serves to its neighbours, and how it watches them."""

    body_limit = 4 * 1024 * 1024

    def __init__(
        self, addresses: Mapping[str, tuple[str, int]], context: ssl.SSLContext, revoked: Container[int] = ()
    ) -> None:
        self._revoked = revoked
        self._clients = {
            peer: PeerClient(host, port, context, peer, revoked) for peer, (host, port) in addresses.items()
        }
        self._manager: KeyManager | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.incarnation = os.urandom(8).hex()
        self._news = {peer: asyncio.Event() for peer in addresses}  # something to tell before the next heartbeat
        self._seen: dict[str, str] = {}  # the incarnation that this node has compared windows with

    @property
    def manager(self) -> KeyManager:
        assert self._manager is not None
        return self._manager

    def start(self, manager: KeyManager) -> None:
        """Begin the heartbeats."""
        self._manager = manager
        manager.on_news = self._spread
        for peer in self._clients:
            self._spawn(self._watch(peer))

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self._clients.values():
            client.close()

    def incarnations(self) -> dict[str, str]:
        """The incarnation of each peer that is up."""
        return dict(self._seen)

    # -- calling

    async def post(self, peer: str, body: str) -> tuple[int, dict[str, Any]]:
        """Carry one message of the key manager (`qcisim.keys.manager.Courier`)."""
        return await self._clients[peer].post("/kme/v1/message", body)

    async def _watch(self, peer: str) -> None:
        """Heartbeat: the peer is up after a hello that both sides agree on, away after the first that fails."""
        while True:
            try:
                if await self._hello(peer) and await self._hello(peer):
                    raise OSError(f"{peer} is being restarted")
                self._turned(peer, True)
            except (OSError, KeyStoreError):
                self._turned(peer, False)
                self._seen.pop(peer, None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):  # not wait_for: before 3.12 it can swallow a cancellation
                    await self._news[peer].wait()
            self._news[peer].clear()

    def _turned(self, peer: str, up: bool) -> None:
        """The peer is there, or is not; the others are told at once where that is new."""
        if up != (peer in self.manager.up):
            (self.manager.peer_up if up else self.manager.peer_down)(peer)
            self._spread()

    def _spread(self) -> None:
        for event in self._news.values():
            event.set()

    async def _hello(self, peer: str) -> bool:
        """Names this incarnation; ``True`` where the peer has a new one: open windows must be compared first."""
        known = self._seen.get(peer)
        windows: list[str] = []
        if known is None:
            windows = [
                w.window_id.hex()
                for w in self.manager.state.windows.values()
                if w.role == "master" and w.state == OPEN and w.path[1:2] == (peer,) and len(w.path) == 2
            ]
        body = json.dumps({"incarnation": self.incarnation, "windows": windows, "heard": self._tell()})
        status, answer = await self._clients[peer].post("/kme/v1/hello", body)
        if status != 200 or not isinstance(answer.get("incarnation"), str):
            raise OSError(f"{peer}: hello answered {status}")
        if known is not None and answer["incarnation"] != known:
            self._turned(peer, False)
            self._seen.pop(peer, None)
            return True
        if known is None:
            lost = answer.get("unknown")
            await forget(self.manager, [bytes.fromhex(w) for w in lost] if isinstance(lost, list) else [])
        self._seen[peer] = answer["incarnation"]
        self._hear(answer.get("heard"))
        return False

    def _tell(self) -> dict[str, list[Any]]:
        """What each node last said of its links; this node's statement is new where something has changed."""
        manager = self.manager
        last = manager.heard.get(manager.node, Statement(0, (), {}))
        now = Statement(last.number + 1, tuple(sorted(manager.up)), manager.levels())
        if now[1:] != last[1:]:
            manager.heard[manager.node] = now
        return {node: [number, list(up), dict(stored)] for node, (number, up, stored) in manager.heard.items()}

    def _hear(self, told: Any) -> None:
        """Keep the newest statement of each node; one of an earlier life of this node makes its next number higher."""
        manager, news = self.manager, False
        for node, statement in told.items() if isinstance(told, dict) else ():
            match statement:
                case [int(number), [*up], dict(stored)] if node in manager.topology.nodes and _plain(up, stored):
                    last = manager.heard.get(node, Statement(0, (), {}))
                    if number > last.number:
                        manager.heard[node] = Statement(number, tuple(up), stored)
                        news = news or last.up != tuple(up) or wet(last.stored_bytes) != wet(stored)
        if news:  # levels of key travel with the heartbeats; who is away and which links have key, at once
            self._spread()

    # -- serving

    def admit(self, request: Request) -> bool:
        identity: Identity = request.identity
        if not identity.valid() or identity.serial in self._revoked or identity.name not in self._clients:
            request.reply(401, b'{"message":"not a configured peer"}')
            return False
        if request.target not in (b"/kme/v1/message", b"/kme/v1/hello"):
            request.reply(404, b'{"message":"no such path"}')
            return False
        if request.method != b"POST":
            request.reply(405, b'{"message":"method not allowed"}', b"Allow: POST\r\n")
            return False
        if self._manager is None:
            request.reply(503, b'{"message":"starting"}')
            return False
        return True

    def too_large(self, request: Request) -> None:
        request.reply(413, b'{"message":"the body is too large"}')

    def serve(self, request: Request) -> None:
        try:
            body = json.loads(request.body)
            if not isinstance(body, dict):
                raise ValueError("not an object")
        except (ValueError, RecursionError):
            request.reply(400, b'{"message":"the body is not a JSON object"}')
            return
        if request.target == b"/kme/v1/hello":
            self._serve_hello(request, body)
        else:
            self._spawn(self._serve_message(request, body))

    def _serve_hello(self, request: Request, body: dict[str, Any]) -> None:
        named = body.get("windows")
        unknown = []
        self._hear(body.get("heard"))
        for text in named if isinstance(named, list) else []:
            window = None
            if isinstance(text, str) and len(text) == 32:
                try:
                    window = self.manager.state.window(bytes.fromhex(text), "slave")
                except ValueError:
                    window = None
            if window is None or window.state != BOUND:
                unknown.append(text)
        request.reply(
            200, json.dumps({"incarnation": self.incarnation, "unknown": unknown, "heard": self._tell()}).encode()
        )

    async def _serve_message(self, request: Request, body: dict[str, Any]) -> None:
        try:
            status, answer = await self.manager.receiver.receive(request.identity.name, body)
        except KeyStoreError as error:
            status, answer = 503, {"message": str(error)}
        except Exception as error:
            print(f"error: message of {request.identity.name}: {type(error).__name__}", file=sys.stderr, flush=True)
            status, answer = 503, {"message": "the message was not understood"}
        request.reply(status, json.dumps(answer).encode())
