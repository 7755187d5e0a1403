"""How simulated key reaches a key manager: a UNIX socket of mode 0600, the peer's user checked by the kernel.

A message is a 4-byte length, that many bytes of JSON, and ``bytes`` bytes of key; the answer a 4-byte length and JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qcisim.errors import EnvironmentFault, InputError, QcisimError
from qcisim.keys.manager import KeyManager

PIECE_BYTES = 1 << 20
_MAX_HEAD, _MAX_PIECE = 1 << 16, 1 << 24
_UCRED = struct.Struct("3i")


def peer_uid(connection: Any) -> int:
    """The user of the process at the other end, as the kernel has it."""
    _, uid, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(uid)


class Refused(EnvironmentFault):
    """A key manager answered, and took nothing: its store is full or broken."""


class DepositServer:
    """Serves ``deposit`` and ``state`` to processes of the same user on this machine."""

    def __init__(self, path: Path, manager: KeyManager, state: Callable[[], dict[str, Any]]) -> None:
        self._path, self._manager, self._state = path, manager, state
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._path))
        except OSError as error:
            raise EnvironmentFault(f"cannot listen on {self._path}: {error.strerror or error}") from None
        finally:
            os.umask(before)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for writer in list(self._writers):
            writer.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if peer_uid(writer.get_extra_info("socket")) != os.getuid():
                return
            while True:
                head = await self._read_head(reader)
                size = int(head.get("bytes", 0))
                if not 0 <= size <= _MAX_PIECE:
                    return
                secret = await reader.readexactly(size)
                text = json.dumps(await self._answer(head, secret)).encode()
                writer.write(struct.pack(">I", len(text)) + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError, TypeError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    @staticmethod
    async def _read_head(reader: asyncio.StreamReader) -> dict[str, Any]:
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        if length > _MAX_HEAD:
            raise ValueError("head too long")
        head = json.loads(await reader.readexactly(length))
        if not isinstance(head, dict):
            raise ValueError("head is no object")
        return head

    async def _answer(self, head: dict[str, Any], secret: bytes) -> dict[str, Any]:
        if head.get("do") == "state":
            return self._state()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._manager.deposit(
                str(head["lane"]),
                int(head["start"]),
                secret,
                epsilon=float(head["epsilon"]),
                theorem=str(head["theorem"]),
                simulated=bool(head["simulated"]),
                done=lambda error: future.set_exception(error) if error else future.set_result(None),
            )
            await future
        except (QcisimError, KeyError) as error:
            return {"error": str(error), "kind": type(error).__name__}
        return {"ok": True}


class DepositClient:
    """The simulator's end of one node's socket; blocking, for one thread."""

    def __init__(self, path: Path, *, timeout_s: float = 30.0) -> None:
        self._path, self._timeout_s = path, timeout_s
        self._socket: socket.socket | None = None

    def _connected(self) -> socket.socket:
        if self._socket is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._timeout_s)
            try:
                connection.connect(str(self._path))
            except OSError as error:
                connection.close()
                raise EnvironmentFault(f"no key manager answers on {self._path}: {error.strerror or error}") from None
            self._socket = connection
        return self._socket

    def call(self, head: dict[str, Any], secret: bytes | memoryview = b"") -> dict[str, Any]:
        """One message and its answer; raises `EnvironmentFault` where the key manager is away."""
        text = json.dumps({**head, "bytes": len(secret)}).encode()
        try:
            connection = self._connected()
            connection.sendall(struct.pack(">I", len(text)) + text)
            connection.sendall(secret)
            (length,) = struct.unpack(">I", self._exactly(connection, 4))
            answer = json.loads(self._exactly(connection, length))
        except (OSError, ValueError) as error:
            self.close()
            raise EnvironmentFault(f"the key manager on {self._path} did not answer: {error}") from None
        return answer if isinstance(answer, dict) else {}

    @staticmethod
    def _exactly(connection: socket.socket, length: int) -> bytes:
        data = bytearray()
        while len(data) < length:
            part = connection.recv(length - len(data))
            if not part:
                raise ConnectionError("closed")
            data += part
        return bytes(data)

    def state(self) -> dict[str, Any]:
        return self.call({"do": "state"})

    def deposit(self, lane: str, start: int, secret: bytes, *, epsilon: float, theorem: str, simulated: bool) -> None:
        """Append to a lane at byte ``start``; raises `InputError` or `EnvironmentFault` with the node's reason."""
        view = memoryview(secret)
        for at in range(0, len(view), PIECE_BYTES):
            piece = view[at : at + PIECE_BYTES]
            head = {"do": "deposit", "lane": lane, "start": start + at, "epsilon": epsilon}
            answer = self.call({**head, "theorem": theorem, "simulated": simulated}, piece)
            if "error" in answer:
                kind = InputError if answer.get("kind") == "InputError" else Refused
                raise kind(f"deposit on {lane}: {answer['error']}")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
