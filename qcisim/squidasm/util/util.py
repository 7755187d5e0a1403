"""Networks by a few numbers; the state of a qubit of a running program."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from netqasm.sdk.qubit import Qubit
from numpy.typing import NDArray

from qcisim.errors import InputError, require
from qcisim.squidasm.alias.netsquid.qubits.qubitapi import reduced_dm
from qcisim.squidasm.run.stack.config import (
    CLinkConfig,
    DefaultCLinkConfig,
    DepolariseLinkConfig,
    GenericQDeviceConfig,
    LinkConfig,
    StackConfig,
    StackNetworkConfig,
)
from qcisim.squidasm.sim.stack.globals import GlobalSimData

__all__ = ["create_complete_graph_network", "create_two_node_network", "get_qubit_state", "get_reference_state"]


def create_two_node_network(
    node_names: Sequence[str] | None = None,
    link_noise: float = 0,
    qdevice_noise: float = 0,
    clink_delay: float = 0.0,
    link_delay: float = 0.0,
) -> StackNetworkConfig:
    """Two nodes with devices of 100 qubits whose operations take no time.

    Args:
        node_names: two names; Alice and Bob where none are given.
        link_noise: p of (1-p) Phi+ + p 1/4; the fidelity is 1 - 3/4 p.
        qdevice_noise: depolarising probability of every gate, on each of its qubits.
        clink_delay: of a message, in ns.
        link_delay: of a pair, in ns.
    """
    first, second = ["Alice", "Bob"] if node_names is None else node_names
    require(0.0 <= link_noise <= 1.0, f"link noise {link_noise:g}: wanted a number from 0 to 1")
    device = GenericQDeviceConfig.perfect_config()
    device.single_qubit_gate_depolar_prob = device.two_qubit_gate_depolar_prob = qdevice_noise
    link = DepolariseLinkConfig(fidelity=1 - 0.75 * link_noise, prob_success=1, t_cycle=link_delay)
    return StackNetworkConfig(
        stacks=[StackConfig(name=name, qdevice_typ="generic", qdevice_cfg=device) for name in (first, second)],
        links=[LinkConfig(stack1=first, stack2=second, typ="depolarise", cfg=link)],
        clinks=[CLinkConfig(stack1=first, stack2=second, typ="default", cfg=DefaultCLinkConfig(delay=clink_delay))],
    )


def create_complete_graph_network(
    node_names: Sequence[str],
    link_typ: str,
    link_cfg: Any,
    clink_typ: str = "instant",
    clink_cfg: Any = None,
    qdevice_typ: str = "generic",
    qdevice_cfg: Any = None,
) -> StackNetworkConfig:
    """Nodes that are all linked with each other in the same way; devices without noise where none is given."""
    require(len(node_names) > 0, "a network without nodes")
    device = GenericQDeviceConfig.perfect_config() if qdevice_cfg is None else qdevice_cfg
    edges = list(itertools.combinations(node_names, 2))
    return StackNetworkConfig(
        stacks=[StackConfig(name=name, qdevice_typ=qdevice_typ, qdevice_cfg=device) for name in node_names],
        links=[LinkConfig(stack1=one, stack2=other, typ=link_typ, cfg=link_cfg) for one, other in edges],
        clinks=[CLinkConfig(stack1=one, stack2=other, typ=clink_typ, cfg=clink_cfg) for one, other in edges],
    )


def get_qubit_state(q: Qubit, node_name: str, full_state: bool = False) -> NDArray[np.complex128]:
    """Density matrix of a qubit as it is now, or of all the qubits it is entangled with.

    What the program has asked for but not flushed has not happened yet.

    Args:
        q: a qubit of the program on ``node_name``.
        full_state: of the whole entangled group, in an order of its own.
    """
    network = GlobalSimData.get_network()
    if network is None:
        raise InputError("get_qubit_state: nothing runs, so there is no state to look at")
    if node_name not in network.stacks:
        raise InputError(f"get_qubit_state: no node '{node_name}'; nodes: {', '.join(network.stacks)}")
    stack = network.stacks[node_name]
    position = stack.qnos.app_memories[q._conn.app_id].phys_id_for(q.qubit_id)
    (qubit,) = stack.qdevice.peek(position) if position is not None else (None,)
    if qubit is None:
        raise InputError(f"get_qubit_state: {node_name} holds no such qubit: not flushed yet, or measured, or freed")
    return reduced_dm(qubit.qstate.qubits if full_state else qubit)


def get_reference_state(phi: float, theta: float) -> NDArray[np.complex128]:
    """Density matrix of Rz(phi) Ry(theta) |0> = cos(theta/2) |0> + e^(i phi) sin(theta/2) |1>."""
    ket = np.array([np.cos(theta / 2), np.exp(1j * phi) * np.sin(theta / 2)])
    return np.asarray(np.outer(ket, ket.conj()), dtype=np.complex128)
