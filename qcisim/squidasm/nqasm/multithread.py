"""The connection that ``netqasm.sdk.external`` calls NetQASMConnection: flushes block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from netqasm.lang.ir import ProtoSubroutine
from netqasm.lang.subroutine import Subroutine
from netqasm.sdk.epr_socket import EPRSocket

from qcisim.squidasm.blocking.application import running
from qcisim.squidasm.blocking.lockstep import await_
from qcisim.stack.connection import QnosConnection

__all__ = ["NetSquidConnection"]


class NetSquidConnection(QnosConnection):
    """A connection of the role ``app_name`` to the processor of its node.

    Args:
        app_name: the role.
        app_id, log_config, compiler, return_arrays: without effect; the node decides.
        max_qubits: announced to the node; its device is the limit.
        epr_sockets: sockets for pairs that use this connection.
    """

    def __init__(
        self,
        app_name: str,
        app_id: int | None = None,
        max_qubits: int = 5,
        log_config: Any = None,
        epr_sockets: Sequence[EPRSocket] | None = None,
        compiler: Any = None,
        return_arrays: bool = True,
        **kwargs: Any,
    ) -> None:
        application = running()
        node = application.node_of(app_name)
        super().__init__(node.open_app(max_qubits), app_name, max_qubits, application.roles)
        self._open = True
        for socket in epr_sockets or ():
            if socket.remote_app_name == app_name:
                raise ValueError(f"{app_name}: a socket for pairs with itself")
            socket.conn = self
            node.netstack.open_socket(application.node_of(socket.remote_app_name).name, socket.epr_socket_id)

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        self.close(exception=exc_type is not None)

    def close(self, clear_app: bool = True, stop_backend: bool = False, exception: bool = False) -> None:
        """Carry out what is pending, then free the qubits; the outcomes stay readable."""
        if not self._open:
            return
        if not exception:
            self.flush()
        self._open = False
        self._builder.inactivate_qubits()
        if clear_app:
            self.frame.node.close_app(self._app_id)

    def flush(self, block: bool = True, callback: Callable[..., Any] | None = None) -> None:  # type: ignore[override]
        """Carry out what was written since the last flush, and wait for it (``block`` or not)."""
        await_(self._flush(None))
        if callback is not None:
            callback()

    def commit_protosubroutine(  # type: ignore[override]
        self, protosubroutine: ProtoSubroutine, block: bool = True, callback: Callable[..., Any] | None = None
    ) -> None:
        """Carry out a proto-subroutine and wait for it."""
        await_(self._commit(protosubroutine, None))
        if callback is not None:
            callback()

    def commit_subroutine(  # type: ignore[override]
        self, subroutine: Subroutine, block: bool = True, callback: Callable[..., Any] | None = None
    ) -> None:
        """Carry out a subroutine and wait for it."""
        await_(self._run(subroutine, None))
        if callback is not None:
            callback()

    def block(self) -> None:
        """Nothing is ever left to wait for: flushes wait themselves."""
