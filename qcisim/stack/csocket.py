"""Classical sockets between programs: any object, by reference, after the delay of the fastest classical way."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from netqasm.sdk.classical_communication.message import StructuredMessage
from netqasm.sdk.classical_communication.socket import Socket

from qcisim.stack.awaited import Awaited
from qcisim.stack.node import Inbox

if TYPE_CHECKING:
    from qcisim.stack.node import Node

Received = Generator[Any, Any, Any]


class ClassicalSocket(Socket):  # type: ignore[misc]
    """One end of a connection for messages, first in, first out.

    Args:
        node: where this end is.
        peer: name of the node at the other end.
        app_name: of the program.
        socket_id: its number; one socket per pair of nodes.
    """

    def __init__(self, node: Node, peer: str, app_name: str, socket_id: int = 0) -> None:
        super().__init__(app_name=app_name, remote_app_name=peer, socket_id=socket_id)
        self._machine, self._node = node.machine, node
        self._delay_ps = self._machine.delay_ps(node.name, peer)
        self._there: Inbox = self._machine.nodes[peer].inbox(node.name)
        self._here: Inbox = node.inbox(peer)

    def send(self, msg: Any) -> None:
        """Send any object; returns at once."""
        if self._delay_ps:
            self._machine.engine.schedule(self._delay_ps, lambda: self._there.put(msg))
        else:
            self._there.put(msg)

    def recv(self, block: bool = True, timeout: float | None = None, maxsize: int | None = None) -> Received:
        """``message = yield from socket.recv()``: the next message."""
        return Awaited(self._next(), "recv()", self._node.name)

    def _next(self) -> Received:
        here = self._here
        while not here.messages:
            yield here.arrived
        return here.messages.popleft()

    def send_int(self, value: int) -> None:
        """Send a whole number."""
        self.send(str(value))

    def recv_int(self) -> Received:
        """``number = yield from socket.recv_int()``: receive a whole number."""
        return Awaited(self._as(int), "recv_int()", self._node.name)

    def send_float(self, value: float) -> None:
        """Send a number."""
        self.send(str(value))

    def recv_float(self) -> Received:
        """``number = yield from socket.recv_float()``: receive a number."""
        return Awaited(self._as(float), "recv_float()", self._node.name)

    def _as(self, kind: Callable[[Any], Any]) -> Received:
        return kind((yield from self.recv()))

    def send_structured(self, msg: StructuredMessage) -> None:
        """Send a message with header and payload."""
        self.send(msg)

    def recv_structured(self, **kwargs: Any) -> Received:
        """``message = yield from socket.recv_structured()``: receive a message with header and payload."""
        return Awaited(self._as(_itself), "recv_structured()", self._node.name)

    def send_silent(self, msg: str) -> None:
        """Not part of this socket."""
        raise NotImplementedError("send_silent: use send")

    def recv_silent(self, **kwargs: Any) -> str:
        """Not part of this socket."""
        raise NotImplementedError("recv_silent: use recv")


def _itself(message: Any) -> Any:
    return message
