"""The network of a run, for looking in: stacks, devices, qubits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import InputError
from qcisim.stack.app_memory import AppMemory
from qcisim.stack.machine import Machine
from qcisim.stack.node import Node

__all__ = ["LiveQubit", "NodeStack", "QDevice", "StackNetwork"]


class LiveState:
    """The joint state of qubits of a run, as it is when it is looked at."""

    def __init__(self, machine: Machine, numbers: list[int]) -> None:
        self._machine, self._numbers = machine, numbers

    @property
    def qubits(self) -> list[LiveQubit]:
        """All that may be entangled."""
        return [LiveQubit(self._machine, number) for number in self._numbers]

    @property
    def num_qubits(self) -> int:
        """How many."""
        return len(self._numbers)

    @property
    def dm(self) -> NDArray[np.complex128]:
        """Their density matrix."""
        return self._machine.register.to_density(*self._numbers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LiveState) and self._numbers == other._numbers and self._machine is other._machine

    def __hash__(self) -> int:
        return hash(tuple(self._numbers))


class LiveQubit:
    """A qubit of a run."""

    def __init__(self, machine: Machine, number: int) -> None:
        self._machine, self.number = machine, number

    @property
    def qstate(self) -> LiveState:
        """What it shares with the qubits it is entangled with."""
        return LiveState(self._machine, self._machine.register.together(self.number))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LiveQubit) and self.number == other.number and self._machine is other._machine

    def __hash__(self) -> int:
        return hash(self.number)

    def __repr__(self) -> str:
        return f"LiveQubit({self.number})"


class _Position:
    """A place of a memory."""

    def __init__(self, node: Node, index: int) -> None:
        self._node, self._index = node, index

    @property
    def in_use(self) -> bool:
        """Whether a qubit is there."""
        return self._node.memory.qubit[self._index] is not None


class QDevice:
    """The memory of a node."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @property
    def num_positions(self) -> int:
        """Of the memory."""
        return self._node.memory.size

    @property
    def mem_positions(self) -> list[_Position]:
        """All of them."""
        return [_Position(self._node, index) for index in range(self._node.memory.size)]

    def peek(self, positions: Any, skip_noise: bool = False) -> list[LiveQubit | None]:
        """The qubits at positions; idle decoherence up to now is applied first unless ``skip_noise``."""
        node = self._node
        wanted = [positions] if isinstance(positions, int) else list(positions)
        found: list[LiveQubit | None] = []
        for position in wanted:
            number = node.memory.qubit[position]
            if number is not None and not skip_noise:
                node.resume()
                node.memory.touch(position, node.engine.now_ps, node.register)
            found.append(None if number is None else LiveQubit(node.machine, number))
        return found


class _Handler:
    """What happens to applications; here they stay until the next begins."""

    should_clear_memory = False


class Sockets:
    """Where an application without a host opens its sockets for pairs."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def open_epr_socket(self, app_id: int, socket_id: int, remote_node_id: int) -> None:
        """A socket for pairs with a node."""
        peer = self._node.machine.node_by_number(remote_node_id)
        if peer is None:
            raise InputError(f"{self._node.name}: a socket to node {remote_node_id}, which does not exist")
        self._node.netstack.open_socket(peer.name, socket_id)


class Qnos:
    """The applications of a node; ``processor`` may be exchanged for another `Processor` before the run."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.processor: Any = None
        self.handler: Any = _Handler()
        self.netstack = Sockets(node)

    @property
    def app_memories(self) -> dict[int, AppMemory]:
        """Their memories by id."""
        return self._node.apps


class QnosComponent:
    """Where a processor sits."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.processor_comp = self.handler_comp = self.netstack_comp = self


class HostComponent:
    """Where a host sits: what `Host` is made from."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.name = f"{node.name}_host"


class StackNode:
    """Name and number of a node."""

    def __init__(self, node: Node) -> None:
        self.name, self.ID = node.name, node.number


class NodeStack:
    """Everything at one node."""

    def __init__(self, node: Node) -> None:
        from qcisim.squidasm.sim.stack.host import Host

        self.node, self.name = StackNode(node), node.name
        self.qdevice, self.qnos, self.qnos_comp = QDevice(node), Qnos(node), QnosComponent(node)
        self.host_comp = HostComponent(node)
        self.subprotocols: dict[str, Any] = {f"{self.name}_host_protocol": Host(self.host_comp)}

    @property
    def host(self) -> Any:
        """What runs programs here; may be exchanged before the run."""
        return self.subprotocols[f"{self.name}_host_protocol"]

    @host.setter
    def host(self, host: Any) -> None:
        self.subprotocols[f"{self.name}_host_protocol"] = host


class StackNetwork:
    """All nodes that run programs."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.stacks = {name: NodeStack(machine.nodes[name]) for name in machine.network.nodes}

    @property
    def qdevices(self) -> dict[str, QDevice]:
        """Memories by node."""
        return {name: stack.qdevice for name, stack in self.stacks.items()}
