"""The connection of a program to the processor of its node: flushes are generators."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netqasm.lang.ir import ProtoSubroutine
from netqasm.lang.subroutine import Subroutine
from netqasm.sdk.build_types import GenericHardwareConfig, NVHardwareConfig
from netqasm.sdk.connection import BaseNetQASMConnection
from netqasm.sdk.network import NetworkInfo
from netqasm.sdk.transpile import NVSubroutineTranspiler

from qcisim.engine import Wait
from qcisim.stack.app_memory import AppMemory
from qcisim.stack.awaited import Awaited, NotAwaitedWarning, Steps
from qcisim.stack.builder import StackBuilder
from qcisim.stack.logs import get_stack_logger
from qcisim.stack.processor import Frame

if TYPE_CHECKING:
    from qcisim.stack.machine import Machine

AT_ONCE = Wait(0.0)
"""Before a subroutine begins, everybody else whose turn is now goes first: two programs that look at a pair when it has
come both see it, although their next subroutines, which measure it, take no time."""


def node_table(machine: Machine) -> type[NetworkInfo]:
    """What netqasm asks for names and ids of nodes."""

    class Nodes(NetworkInfo):  # type: ignore[misc]
        """Names and ids of the nodes of a run."""

        @classmethod
        def _get_node_id(cls, node_name: str) -> int:
            node = machine.nodes.get(node_name)
            if node is None:
                raise ValueError(f"there is no node '{node_name}' (nodes: {', '.join(machine.nodes)})")
            return node.number

        @classmethod
        def _get_node_name(cls, node_id: int) -> str:
            node = machine.node_by_number(node_id)
            if node is None:
                raise ValueError(f"there is no node with id {node_id}")
            return node.name

        @classmethod
        def get_node_id_for_app(cls, app_name: str) -> int:
            return cls._get_node_id(node_name=app_name)

        @classmethod
        def get_node_name_for_app(cls, app_name: str) -> str:
            return app_name

    return Nodes


class QnosConnection(BaseNetQASMConnection):  # type: ignore[misc]
    """A connection to a simulated processor.

    Args:
        frame: the application.
        app_name: of the program.
        max_qubits: of the program.
        nodes: names and ids.
    """

    def __init__(self, frame: Frame, app_name: str, max_qubits: int, nodes: type[NetworkInfo]) -> None:
        self.frame, self._nodes = frame, nodes
        self._app_name, self._app_id, self._node_name = app_name, frame.mine.app_id, frame.node.name
        self._max_qubits = max_qubits
        self._shared_memory = frame.mine
        self._logger = get_stack_logger(f"{type(self).__name__}({app_name})")
        self._compiler = NVSubroutineTranspiler if frame.node.is_nv else None
        hardware = (
            NVHardwareConfig(max(1, max_qubits)) if frame.node.is_nv else GenericHardwareConfig(max(2, max_qubits))
        )
        corrects = frame.node.machine.options.bell_frame == "sdk"
        self._builder = StackBuilder(self, frame.mine, hardware, self._compiler, corrects=corrects)

    @property
    def shared_memory(self) -> AppMemory:
        """The memory of the application, live."""
        return self._shared_memory

    def _get_network_info(self) -> type[NetworkInfo]:
        return self._nodes

    def __enter__(self) -> QnosConnection:
        return self

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        if exc_type is None and self._builder.has_pending:
            text = f"{self._node_name}: a with-block ends before a flush: call 'yield from connection.flush()' in it"
            warnings.warn(text, NotAwaitedWarning, stacklevel=2)

    def _commit_serialized_message(
        self, raw_msg: bytes, block: bool = True, callback: Callable[..., Any] | None = None
    ) -> None:
        raise NotImplementedError("messages of bytes: use commit_subroutine")

    def flush(self, block: bool = True, callback: Callable[..., Any] | None = None) -> Awaited:
        """``yield from connection.flush()``: carry out what was written since the last flush."""
        return Awaited(self._flush(callback), "flush()", self._node_name)

    def commit_protosubroutine(
        self, protosubroutine: ProtoSubroutine, block: bool = True, callback: Callable[..., Any] | None = None
    ) -> Awaited:
        """``yield from`` it: carry out a proto-subroutine."""
        return Awaited(self._commit(protosubroutine, callback), "commit_protosubroutine(...)", self._node_name)

    def commit_subroutine(
        self, subroutine: Subroutine, block: bool = True, callback: Callable[..., Any] | None = None
    ) -> Awaited:
        """``yield from`` it: carry out a subroutine."""
        return Awaited(self._run(subroutine, callback), "commit_subroutine(...)", self._node_name)

    def _flush(self, callback: Callable[..., Any] | None) -> Steps:
        proto = self._builder.subrt_pop_pending_subroutine()
        if proto is not None:
            yield from self._commit(proto, callback)

    def _commit(self, proto: ProtoSubroutine, callback: Callable[..., Any] | None) -> Steps:
        if self._logger.isEnabledFor(20):
            self._logger.info("flushing a subroutine:\n%s", proto)
        compiled, addresses = self.frame.node.compiler.proto(proto, self._compiler)
        yield AT_ONCE
        yield from self.frame.execute(compiled, addresses)
        self._builder._reset()
        if callback is not None:
            callback(self._shared_memory)

    def _run(self, subroutine: Subroutine, callback: Callable[..., Any] | None) -> Steps:
        if self._logger.isEnabledFor(20):
            self._logger.info("committing a subroutine:\n%s", subroutine)
        yield AT_ONCE
        yield from self.frame.execute(self.frame.node.compiler.subroutine(subroutine))
        if callback is not None:
            callback(self._shared_memory)
