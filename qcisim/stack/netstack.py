"""The netstack of a node: requests for pairs, matched with those of its peers, first come first served.

A creator announces its request to the peer (one classical delay), the peer answers when it has a matching request of
its own (another delay), and then the link makes the pairs one by one, each as soon as both ends have a free
communication qubit.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from qcisim.errors import InputError
from qcisim.stack.app_memory import AppMemory, Value
from qcisim.stack.request import Request, arguments_of, difference
from qcisim.stack.session import Session

if TYPE_CHECKING:
    from qcisim.stack.node import Node

Lane = tuple[str, int, bool]
"""Peer, channel, whether this node creates."""


class PairRequestError(InputError):
    """A request for pairs that cannot be served."""


class Netstack:
    """Requests of one node, in order."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._queues: dict[Lane | None, deque[Request]] = {}
        self._announced: dict[tuple[str, int], deque[Request]] = {}
        self._channels: dict[str, list[int]] = {}
        self._created = 0
        self.active: list[Session] = []

    def open_socket(self, peer: str, socket: int) -> None:
        """The next channel to a peer; sockets of both ends are matched in the order in which they were opened."""
        opened = self._channels.setdefault(peer, [])
        if socket not in opened:
            opened.append(socket)

    def create(
        self,
        app: AppMemory,
        remote: int,
        socket: int,
        qubits: list[Value] | None,
        arguments: list[Value],
        results: list[Value],
        address: int,
    ) -> None:
        """A request whose pairs this node starts."""
        wanted = arguments_of(arguments, qubits)
        request = self._request(app, remote, socket, qubits, results, address)
        request.wanted, request.create_id = wanted, self._created
        self._created += 1
        if wanted.max_time_ps:
            self._node.engine.schedule(wanted.max_time_ps, request.expire)
        self._enter(request)

    def receive(
        self, app: AppMemory, remote: int, socket: int, qubits: list[Value] | None, results: list[Value], address: int
    ) -> None:
        """A request whose pairs the peer starts."""
        self._enter(self._request(app, remote, socket, qubits, results, address))

    def forget(self, app: AppMemory) -> None:
        """Withdraw what an application still has waiting."""
        for queue in self._queues.values():
            for request in [one for one in queue if one.app is app and not one.done]:
                request.withdraw()

    def pending(self) -> list[Request]:
        """Requests that are not done, oldest first."""
        every = [one for queue in self._queues.values() for one in queue if not one.done]
        return sorted(every, key=lambda one: one.issued_ps)

    def _request(
        self, app: AppMemory, remote: int, socket: int, qubits: list[Value] | None, results: list[Value], address: int
    ) -> Request:
        machine = self._node.machine
        peer = machine.node_by_number(remote)
        if peer is None:
            raise PairRequestError(f"{self._node.name} asks for pairs with node {remote}, which does not exist")
        opened = self._channels.setdefault(peer.name, [])
        if socket not in opened:
            opened.append(socket)
        machine.line(self._node.name, peer.name)  # refuses where there is none
        memory = self._node.memory
        kept = len({one for one in qubits if one is not None}) if qubits is not None else 0
        if kept > memory.size:
            why = f"{kept} pairs with {peer.name} are to be kept at once"
            raise PairRequestError(f"{why}, but the device of {self._node.name} has {memory.size} qubits")
        frame = app.frames.get(address, 0)
        return Request(self._node, app, peer.name, opened.index(socket), socket, qubits, results, frame)

    # the order of requests

    def _lane(self, request: Request) -> Lane | None:
        if self._node.machine.options.serial:
            return None
        return request.peer, request.channel, request.creates

    def _enter(self, request: Request) -> None:
        queue = self._queues.setdefault(self._lane(request), deque())
        queue.append(request)
        if queue[0] is request:
            self._start(request)

    def finished(self, request: Request) -> None:
        """The request is over: the next of its lane begins."""
        request.done = True
        queue = self._queues[self._lane(request)]
        if request in queue and queue[0] is not request:
            queue.remove(request)
            return
        while queue and queue[0].done:
            queue.popleft()
        if queue:
            self._start(queue[0])

    def _start(self, request: Request) -> None:
        node = self._node
        request.started = True
        if not request.creates:
            self._match(request)
            return
        machine = node.machine
        peer = machine.nodes[request.peer]
        machine.after(machine.delay_ps(node.name, peer.name), lambda: peer.netstack.announced(request))

    def announced(self, request: Request) -> None:
        """A creator's request arrives here."""
        if request.done:
            return
        key = (request.node.name, request.channel)
        self._announced.setdefault(key, deque()).append(request)
        for queue in self._queues.values():
            if queue and queue[0].started and not queue[0].creates and queue[0].session is None:
                self._match(queue[0])

    def _match(self, own: Request) -> None:
        """Begin with the request of the peer that this one waits for, if it has come."""
        waiting = self._announced.get((own.peer, own.channel))
        while waiting and waiting[0].done:
            waiting.popleft()
        if not waiting or own.session is not None:
            return
        theirs = waiting.popleft()
        different = difference(theirs, own)
        if different:
            for end in (theirs, own):
                end.fail(PairRequestError(different))
                end.node.netstack.finished(end)
            return
        node, machine = self._node, self._node.machine
        session = Session(machine, theirs, own)
        machine.after(machine.delay_ps(node.name, own.peer), session.begin)
