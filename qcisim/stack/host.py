"""The host of a node: runs a program a number of times."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any

from netqasm.sdk.epr_socket import EPRSocket

from qcisim.errors import InputError, did_you_mean
from qcisim.stack.connection import QnosConnection
from qcisim.stack.csocket import ClassicalSocket
from qcisim.stack.node import Node
from qcisim.stack.program import ProgramContext, ProgramMeta, Sockets
from qcisim.stack.source import class_line, failing_line

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
            try:
                context = self._context()
                result = program.run(context)
                if inspect.isgenerator(result):
                    self.running = result
                    result = yield from result
                    self.running = None
            except (Exception, KeyboardInterrupt) as error:
                machine, line = node.machine, failing_line(error.__traceback__)
                when = f"iteration {machine.first + iteration}, at {machine.now_ns:g} ns"
                at = f"in the program of {node.name}, {when}" + (f", {line}" if line else "")
                if at not in getattr(error, "__notes__", ()):
                    error.add_note(at)
                raise
            self.results.append(result)
            node.close_app(context.app_id)

    def _context(self) -> ProgramContext:
        node, machine = self.node, self.node.machine
        meta = self._meta()
        frame = node.open_app(meta.max_qubits)
        connection = QnosConnection(frame, meta.name, meta.max_qubits, self._nodes)
        names = list(machine.nodes)
        pairs = Sockets(node.name, "socket for pairs", "epr_sockets")
        for index, peer in enumerate(meta.epr_sockets):
            self._check(peer, names, "a socket for pairs")
            node.netstack.open_socket(peer, index)
            socket = EPRSocket(peer, index)
            socket.conn = connection
            pairs[peer] = socket
        messages = Sockets(node.name, "classical socket", "csockets")
        for peer in meta.csockets:
            self._check(peer, names, "a classical socket")
            if not machine.connected(node.name, peer):
                why = f"no classical link or chain of links leads to {peer}"
                raise InputError(f"program of {node.name}{self._where()}: {why}")
            messages[peer] = self._socket(node, peer, meta.name)
        return ProgramContext(connection, messages, pairs, frame.mine.app_id)

    def _meta(self) -> ProgramMeta:
        """What the program says that it needs."""
        meta = self.program.meta
        for name, kind in (("csockets", Iterable), ("epr_sockets", Iterable), ("max_qubits", int)):
            value = getattr(meta, name, None)
            if not isinstance(value, kind) or isinstance(value, str):
                who = f"program of {self.node.name}{self._where()}"
                if value is None:
                    raise InputError(f"{who}: meta is {meta!r}: wanted a property that gives a ProgramMeta")
                wanted = "a whole number" if kind is int else "a list of names of nodes"
                raise InputError(f"{who}: {name} of its meta is {value!r}: wanted {wanted}")
        needs: ProgramMeta = meta
        return needs

    def _check(self, peer: str, names: list[str], what: str) -> None:
        if peer in names and peer != self.node.name:
            return
        who = f"program of {self.node.name}{self._where()}: {what}"
        if peer == self.node.name:
            raise InputError(f"{who} with itself")
        hint = did_you_mean(peer, names) or f"nodes: {', '.join(names)}"
        raise InputError(f"{who} with '{peer}', which is no node of the network ({hint})")

    def _where(self) -> str:
        """Where the class of the program stands."""
        line = class_line(self.program)
        return f" ({line})" if line else ""
