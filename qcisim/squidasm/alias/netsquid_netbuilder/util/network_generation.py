"""Networks by a few numbers.

Links are given as ``qlink_typ`` and ``qlink_cfg``, or as ``link_typ`` and ``link_cfg``, their names of early 2024.
"""

import itertools
from collections.abc import Sequence
from typing import Any

from qcisim.errors import InputError
from qcisim.squidasm.alias.netsquid_netbuilder.network_config import (
    CLinkConfig,
    MetroHubConfig,
    MetroHubConnectionConfig,
    NetworkConfig,
    ProcessingNodeConfig,
    QLinkConfig,
    RepeaterChainConfig,
    RepeaterNodeConfig,
)
from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.clink_config import DefaultCLinkConfig
from qcisim.squidasm.run.stack.device_config import GenericQDeviceConfig
from qcisim.squidasm.run.stack.link_config import DepolariseQLinkConfig

__all__ = [
    "create_2_node_network",
    "create_complete_graph_network",
    "create_complete_graph_network_simplified",
    "create_metro_hub_network",
    "create_qia_prototype_network",
    "create_simple_network",
    "create_single_node_network",
]


def create_single_node_network(qdevice_typ: str, qdevice_cfg: Any = None) -> NetworkConfig:
    """Alice alone."""
    return NetworkConfig(processing_nodes=_nodes(["Alice"], qdevice_typ, qdevice_cfg), qlinks=[], clinks=[])


def create_2_node_network(
    qlink_typ: str | None = None,
    qlink_cfg: Any = None,
    clink_typ: str = "instant",
    clink_cfg: Any = None,
    qdevice_typ: str = "generic",
    qdevice_cfg: Any = None,
    *,
    link_typ: str | None = None,
    link_cfg: Any = None,
) -> NetworkConfig:
    """Alice and Bob."""
    typ, cfg = _either(qlink_typ, qlink_cfg, link_typ, link_cfg)
    return create_complete_graph_network(["Alice", "Bob"], typ, cfg, clink_typ, clink_cfg, qdevice_typ, qdevice_cfg)


def create_complete_graph_network(
    node_names: Sequence[str],
    qlink_typ: str | None = None,
    qlink_cfg: Any = None,
    clink_typ: str = "instant",
    clink_cfg: Any = None,
    qdevice_typ: str = "generic",
    qdevice_cfg: Any = None,
    *,
    link_typ: str | None = None,
    link_cfg: Any = None,
) -> NetworkConfig:
    """A link of pairs and a classical one between every two nodes; without a device configuration a perfect one."""
    if not node_names:
        raise InputError("a network without nodes: wanted at least one name")
    typ, cfg = _either(qlink_typ, qlink_cfg, link_typ, link_cfg)
    pairs = list(itertools.combinations(node_names, 2))
    return NetworkConfig(
        processing_nodes=_nodes(node_names, qdevice_typ, qdevice_cfg),
        qlinks=[QLinkConfig(node1=a, node2=b, typ=typ, cfg=cfg) for a, b in pairs],
        clinks=[CLinkConfig(node1=a, node2=b, typ=clink_typ, cfg=clink_cfg) for a, b in pairs],
    )


def create_complete_graph_network_simplified(
    node_names: Sequence[str],
    link_noise: float = 0,
    qdevice_noise: float = 0,
    qdevice_depolar_time: float = 0,
    qdevice_op_time: float = 0,
    clink_delay: float = 0.0,
    link_delay: float = 0.0,
) -> NetworkConfig:
    """Equal devices and links; times in ns.

    Args:
        node_names: of the nodes.
        link_noise: p of (1-p) Phi+ + p 1/4.
        qdevice_noise: depolarising probability of every gate, on each of its qubits.
        qdevice_depolar_time: T1 and T2; 0 for none.
        qdevice_op_time: of every operation.
        clink_delay: of a message.
        link_delay: of a pair.
    """
    device = GenericQDeviceConfig.perfect_config()
    device.single_qubit_gate_depolar_prob = device.two_qubit_gate_depolar_prob = qdevice_noise
    device.T1 = device.T2 = qdevice_depolar_time
    device.init_time = device.measure_time = qdevice_op_time
    device.single_qubit_gate_time = device.two_qubit_gate_time = qdevice_op_time
    link = DepolariseQLinkConfig(fidelity=1 - 0.75 * link_noise, prob_success=1, t_cycle=link_delay)
    wire = DefaultCLinkConfig(delay=clink_delay)
    return create_complete_graph_network(node_names, "depolarise", link, "default", wire, "generic", device)


create_simple_network = create_complete_graph_network_simplified


def create_metro_hub_network(
    node_names: Sequence[str],
    node_distances: float | Sequence[float],
    qlink_typ: str | None = None,
    qlink_cfg: Any = None,
    schedule_typ: str = "fifo",
    schedule_cfg: Any = None,
    clink_typ: str = "instant",
    clink_cfg: Any = None,
    qdevice_typ: str = "generic",
    qdevice_cfg: Any = None,
    *,
    link_typ: str | None = None,
    link_cfg: Any = None,
) -> NetworkConfig:
    """A star of nodes around one hub; distances in km, one for all or one for each."""
    typ, cfg = _either(qlink_typ, qlink_cfg, link_typ, link_cfg)
    hub = _hub("metro hub", node_names, node_distances, typ, cfg, clink_typ, clink_cfg, schedule_typ, schedule_cfg)
    return NetworkConfig(
        processing_nodes=_nodes(node_names, qdevice_typ, qdevice_cfg), qlinks=[], clinks=[], hubs=[hub]
    )


def create_qia_prototype_network(
    nodes_hub1: int | Sequence[str],
    node_distances_hub1: float | Sequence[float],
    nodes_hub2: int | Sequence[str],
    node_distances_hub2: float | Sequence[float],
    num_nodes_repeater_chain: int,
    node_distances_repeater_chain: float | Sequence[float],
    qlink_typ: str | None = None,
    qlink_cfg: Any = None,
    schedule_typ: str = "fifo",
    schedule_cfg: Any = None,
    clink_typ: str = "instant",
    clink_cfg: Any = None,
    qdevice_typ: str = "generic",
    qdevice_cfg: Any = None,
    photonic_interface_typ: str | None = None,
    photonic_interface_cfg: Any = None,
    qrep_chain_control_typ: str = "swapASAP",
    qrep_chain_control_cfg: Any = None,
    *,
    link_typ: str | None = None,
    link_cfg: Any = None,
) -> NetworkConfig:
    """Two hubs with their nodes, and a chain of repeaters between them; distances in km."""
    typ, cfg = _either(qlink_typ, qlink_cfg, link_typ, link_cfg)
    first = [f"hub1_node_{i}" for i in range(nodes_hub1)] if isinstance(nodes_hub1, int) else list(nodes_hub1)
    second = [f"hub2_node_{i}" for i in range(nodes_hub2)] if isinstance(nodes_hub2, int) else list(nodes_hub2)
    common = (typ, cfg, clink_typ, clink_cfg, schedule_typ, schedule_cfg)
    device = _device(qdevice_cfg, qdevice_typ)
    chain = RepeaterChainConfig(
        metro_hub1="mh1",
        metro_hub2="mh2",
        qlink_typ=typ,
        qlink_cfg=cfg,
        clink_typ=clink_typ,
        clink_cfg=clink_cfg,
        repeater_nodes=[
            RepeaterNodeConfig(name=f"r{i}", qdevice_typ=qdevice_typ, qdevice_cfg=device)
            for i in range(num_nodes_repeater_chain)
        ],
        lengths=_each(node_distances_repeater_chain, num_nodes_repeater_chain + 1, "fibres of the chain"),
        photonic_interface_typ=photonic_interface_typ,
        photonic_interface_cfg=photonic_interface_cfg,
        qrep_chain_control_typ=qrep_chain_control_typ,
        qrep_chain_control_cfg=qrep_chain_control_cfg,
    )
    return NetworkConfig(
        processing_nodes=_nodes(first + second, qdevice_typ, qdevice_cfg),
        qlinks=[],
        clinks=[],
        hubs=[_hub("mh1", first, node_distances_hub1, *common), _hub("mh2", second, node_distances_hub2, *common)],
        repeater_chains=[chain],
    )


def _either(qlink_typ: str | None, qlink_cfg: Any, link_typ: str | None, link_cfg: Any) -> tuple[str, Any]:
    typ = qlink_typ if qlink_typ is not None else link_typ
    if typ is None:
        raise InputError("a network of links: wanted qlink_typ, got none")
    return typ, qlink_cfg if qlink_cfg is not None else link_cfg


def _device(qdevice_cfg: Any, qdevice_typ: str) -> Any:
    return GenericQDeviceConfig.perfect_config() if qdevice_cfg is None and qdevice_typ == "generic" else qdevice_cfg


def _nodes(names: Sequence[str], qdevice_typ: str, qdevice_cfg: Any) -> list[ProcessingNodeConfig]:
    device = _device(qdevice_cfg, qdevice_typ)
    return [ProcessingNodeConfig(name=name, qdevice_typ=qdevice_typ, qdevice_cfg=device) for name in names]


def _each(values: float | Sequence[float], count: int, what: str) -> list[float]:
    found = [float(values)] * count if isinstance(values, int | float) else [float(value) for value in values]
    if len(found) != count:
        raise InputError(f"{len(found)} distances for {count} {what}: wanted one for each, or one for all")
    return found


def _hub(
    name: str,
    nodes: Sequence[str],
    distances: float | Sequence[float],
    qlink_typ: str,
    qlink_cfg: Any,
    clink_typ: str,
    clink_cfg: Any,
    schedule_typ: str,
    schedule_cfg: Any,
) -> MetroHubConfig:
    lengths = _each(distances, len(nodes), f"nodes of '{name}'")
    return MetroHubConfig(
        name=name,
        connections=[
            MetroHubConnectionConfig(node=node, length=length) for node, length in zip(nodes, lengths, strict=True)
        ],
        qlink_typ=qlink_typ,
        qlink_cfg=qlink_cfg,
        clink_typ=clink_typ,
        clink_cfg=clink_cfg,
        schedule_typ=schedule_typ,
        schedule_cfg=schedule_cfg,
    )


__getattr__ = refuse_unknown(__name__)
