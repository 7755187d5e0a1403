"""The hub behind netqasm's thread sockets, in lock step with the event loop: nothing sleeps, nobody polls."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Generator
from typing import Any

from qcisim.engine import Signal
from qcisim.squidasm.blocking.lockstep import await_

Key = tuple[str, str, int]


class Mail(Signal):
    """A message has come to a role; ``sender`` is whose it waits for."""

    __slots__ = ("sender",)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.sender = ""


class SocketHub:
    """Messages between roles, delivered at once. Stands in for netqasm's own hub while an application runs."""

    def __init__(self) -> None:
        self._open: set[Key] = set()
        self._messages: defaultdict[Key, deque[Any]] = defaultdict(deque)
        self._arrived: dict[str, Mail] = {}
        self._callbacks: dict[Key, Callable[[Any], None]] = {}
        self._polls: defaultdict[str, set[Key]] = defaultdict(set)

    def connect(self, socket: Any, timeout: float | None = None) -> None:
        """Sockets are connected from the start: a message waits for the one it is meant for."""
        self._open.add(socket.key)
        if socket.use_callbacks:
            self._callbacks[socket.key] = socket.recv_callback

    def is_connected(self, socket: Any) -> bool:
        """As long as this end is open."""
        return socket.key in self._open

    def disconnect(self, socket: Any) -> None:
        """Close this end."""
        self._open.discard(socket.key)
        self._callbacks.pop(socket.key, None)

    def send(self, socket: Any, msg: Any) -> None:
        """Deliver ``msg``."""
        self._polls[socket.app_name].clear()
        key = socket.remote_key
        callback = self._callbacks.get(key)
        if callback is not None:
            callback(msg)
            return
        self._messages[key].append(msg)
        self._signal(key[0]).fire()

    def recv(self, socket: Any, block: bool = True, timeout: float | None = None) -> Any:
        """The next message.

        Without ``block`` an empty socket raises `RuntimeError`. Whoever asks the same empty socket twice and does
        nothing in between only waits for a message, so time passes until one comes.
        """
        key, role = socket.key, socket.app_name
        waiting = self._messages[key]
        if block:
            await_(self._until(role, lambda: bool(waiting), socket.remote_app_name))
        elif not waiting:
            if key not in self._polls[role]:
                self._polls[role].add(key)
                raise RuntimeError(f"No message to receive on socket {key}")
            await_(self._until(role, lambda: self._any(role), "anybody"))
            self._polls[role].clear()
            if not waiting:
                raise RuntimeError(f"No message to receive on socket {key}")
        self._polls[role].clear()
        return waiting.popleft()

    def _any(self, role: str) -> bool:
        return any(key[0] == role and waiting for key, waiting in self._messages.items())

    def _signal(self, role: str) -> Mail:
        mail = self._arrived.get(role)
        if mail is None:
            mail = self._arrived[role] = Mail(f"a message to {role}")
        return mail

    def _until(self, role: str, ready: Callable[[], bool], sender: str) -> Generator[Any, Any, None]:
        here = self._signal(role)
        while not ready():
            here.sender, here.name = sender, f"a message from {sender}"
            yield here
