"""The host of a node: runs a program a number of times."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from netqasm.sdk.epr_socket import EPRSocket

from qcisim.errors import InputError
from qcisim.stack.connection import QnosConnection
from qcisim.stack.csocket import ClassicalSocket
from qcisim.stack.netstack import unknown_peer
from qcisim.stack.node import Node
from qcisim.stack.program import ProgramContext

if TYPE_CHECKING:
    from netqasm.sdk.network import NetworkInfo

Steps = Generator[Any, Any, None]


class Host:
    """Runs a program on a node, ``times`` times in a row; ``socket`` makes its classical sockets."""

    def __init__(
        self,
        node: Node,
        program: Any,
        times: int,
        nodes: type[NetworkInfo],
        socket: Callable[[Node, str, str], ClassicalSocket] = ClassicalSocket,
    ) -> None:
        self.node, self.program, self.times, self._nodes, self._socket = node, program, times, nodes, socket
        self.results: list[Any] = []
        self.running: Any = None
        """The generator of the program, for reports."""

    def steps(self) -> Steps:
        """The process of the host."""
        node, program = self.node, self.program
        for iteration in range(self.times):
            node.begin(iteration)
            context = self._context()
            try:
                result = program.run(context)
                if inspect.isgenerator(result):
                    self.running = result
                    result = yield from result
                    self.running = None
            except Exception as error:
                machine = node.machine
                at = f"in the program of {node.name}, iteration {machine.first + iteration}, at {machine.now_ns:g} ns"
                if at not in getattr(error, "__notes__", ()):
                    error.add_note(at)
                raise
            self.results.append(result)
            node.close_app(context.app_id)

    def _context(self) -> ProgramContext:
        node, machine = self.node, self.node.machine
        meta = self.program.meta
        frame = node.open_app(meta.max_qubits)
        connection = QnosConnection(frame, meta.name, meta.max_qubits, self._nodes)
        names = list(machine.nodes)
        pairs: dict[str, EPRSocket] = {}
        for index, peer in enumerate(meta.epr_sockets):
            self._check(peer, names, "a socket for pairs")
            node.netstack.open_socket(peer, index)
            socket = EPRSocket(peer, index)
            socket.conn = connection
            pairs[peer] = socket
        messages: dict[str, ClassicalSocket] = {}
        for peer in meta.csockets:
            self._check(peer, names, "a classical socket")
            if not machine.connected(node.name, peer):
                raise InputError(f"program of {node.name}: no classical link or chain of links leads to {peer}")
            messages[peer] = self._socket(node, peer, meta.name)
        return ProgramContext(connection, messages, pairs, frame.mine.app_id)

    def _check(self, peer: str, names: list[str], what: str) -> None:
        if peer not in names:
            raise unknown_peer(self.node.name, peer, names, what)
        if peer == self.node.name:
            raise InputError(f"program of {peer}: {what} with itself")
