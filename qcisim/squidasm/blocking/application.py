"""An application of roles that block, running on a machine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from netqasm.sdk.classical_communication.thread_socket.socket import ThreadSocket
from netqasm.sdk.network import NetworkInfo

from qcisim.errors import InputError, did_you_mean
from qcisim.squidasm.blocking.lockstep import Actor
from qcisim.squidasm.blocking.socket_hub import SocketHub
from qcisim.stack.connection import node_table
from qcisim.stack.machine import Machine
from qcisim.stack.node import Node
from qcisim.stack.run import carry_out

__all__ = ["Application", "running"]

_running: list[Application] = []


def running() -> Application:
    """The application that runs. Raises `InputError` where none does."""
    if not _running:
        raise InputError("a connection outside of a running application: start it with simulate_application")
    return _running[-1]


class Application:
    """Roles on nodes of a machine.

    Args:
        machine: a fresh one.
        allocation: name of the node of each role.
    """

    def __init__(self, machine: Machine, allocation: Mapping[str, str]) -> None:
        self.machine, self.allocation = machine, allocation
        for role, node in allocation.items():
            if node not in machine.nodes:
                hint = did_you_mean(node, machine.nodes) or f"nodes: {', '.join(machine.nodes)}"
                raise InputError(f"role {role}: there is no node '{node}' ({hint})")
        self.roles = _role_table(machine, self)

    def node_of(self, role: str) -> Node:
        """The node that plays ``role``."""
        name = self.allocation.get(role)
        if name is None:
            hint = did_you_mean(role, self.allocation) or f"roles: {', '.join(self.allocation)}"
            raise InputError(f"there is no role '{role}' ({hint})")
        return self.machine.nodes[name]

    def run(self, entries: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        """What each entry returns; all start at the same time.

        Raises:
            DeadlockError: roles wait for each other forever.
            Exception: whatever a role raises, with a note that names it.
        """
        hosts = {role: _RoleHost(self.node_of(role), role, entry) for role, entry in entries.items()}
        before = ThreadSocket._SOCKET_HUB
        ThreadSocket._SOCKET_HUB = SocketHub()
        _running.append(self)
        try:
            carry_out(self.machine, hosts)  # type: ignore[arg-type]
        finally:
            self.machine.engine.close()
            _running.remove(self)
            ThreadSocket._SOCKET_HUB = before
        return {role: host.results[0] for role, host in hosts.items() if host.results}


class _RoleHost:
    """A role in the place where a machine expects a host with a program."""

    def __init__(self, node: Node, role: str, entry: Callable[[], Any]) -> None:
        self.node, self.role, self.times = node, role, 1
        self.results: list[Any] = []
        self._actor = Actor(f"role {role}", entry)
        self.running: Generator[Any, Any, Any] = self._actor.steps()

    @property
    def line(self) -> str:
        """Where the role stands in its own source."""
        return self._actor.line

    def steps(self) -> Generator[Any, Any, None]:
        """The process of the role."""
        self.node.begin(0)
        try:
            result = yield from self.running
        except Exception as error:
            error.add_note(f"in role {self.role} on {self.node.name}, at {self.node.machine.now_ns:g} ns")
            raise
        self.results.append(result)


def _role_table(machine: Machine, application: Application) -> type[NetworkInfo]:
    class Roles(node_table(machine)):  # type: ignore[misc]
        """Names and ids of nodes, by role too."""

        @classmethod
        def get_node_id_for_app(cls, app_name: str) -> int:
            return application.node_of(app_name).number

        @classmethod
        def get_node_name_for_app(cls, app_name: str) -> str:
            return application.node_of(app_name).name

    return Roles
