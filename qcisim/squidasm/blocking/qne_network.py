"""``network.yaml`` of the Quantum Network Explorer and of ``netqasm simulate``.

Its numbers mean other things than those of SquidASM's stacks: a link's ``fidelity`` f is the weight of the pair in
f Phi+ + (1-f) 1/4, so that the fidelity with Phi+ is f + (1-f)/4, and a node's ``gate_fidelity`` g is a depolarising
probability 1-g after every gate on each of its qubits. Times in ns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from netqasm.runtime.interface.config import Link, NetworkConfig, NoiseType, QuantumHardware
from netqasm.runtime.interface.config import Node as QneNode

from qcisim.errors import InputError, did_you_mean, require
from qcisim.quantum.bell import BELL_KETS
from qcisim.squidasm.run.stack.device_config import NVQDeviceConfig
from qcisim.stack.links import LinkModel, pair_state, werner_pair
from qcisim.stack.links.attempts import AttemptLink
from qcisim.stack.spec import Device, GenericDevice, Network, NVDevice, PairLink

PAIR_NS = 1000.0
GENERIC_NS: Mapping[str, float] = {
    "init_ns": 1e5,
    "single_qubit_gate_ns": 1e3,
    "two_qubit_gate_ns": 5e5,
    "measure_ns": 0.0,
}


def qne_network(config: NetworkConfig, nv: Any = None) -> Network:
    """As `qcisim.stack` wants it. Raises `InputError` that names the node or link and the field.

    Args:
        nv: None, or a mapping or object with the fields of an NV device, for all nodes of such hardware.
    """
    given = None if nv is None else NVQDeviceConfig.model_validate(nv if isinstance(nv, Mapping) else vars(nv))
    nodes = {node.name: _device(node, given) for node in config.nodes}
    links: dict[frozenset[str], PairLink] = {}
    for link in config.links:
        where = f"link {link.name}"
        for end in (link.node_name1, link.node_name2):
            if end not in nodes:
                hint = did_you_mean(end, nodes) or f"nodes: {', '.join(nodes)}"
                raise InputError(f"{where}: there is no node '{end}' ({hint})")
        model = _model(link, where)
        links.setdefault(
            frozenset((link.node_name1, link.node_name2)), PairLink(link.node_name1, link.node_name2, model)
        )
    return Network(nodes, tuple(links.values()))


def _number(value: Any, where: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{where}: wanted a number, got {value!r}") from None


def _device(node: QneNode, given: NVQDeviceConfig | None) -> Device:
    where = f"node {node.name}"
    try:
        hardware = QuantumHardware(node.hardware)
    except ValueError:
        known = [one.value for one in QuantumHardware]
        hint = did_you_mean(str(node.hardware), known) or f"known: {', '.join(known)}"
        raise InputError(f"{where}: unknown hardware {node.hardware!r} ({hint})") from None
    require(len(node.qubits) > 0, f"{where}: no qubits")
    kept = _number(node.gate_fidelity, f"{where}: gate_fidelity")
    require(0.0 <= kept <= 1.0, f"{where}: gate_fidelity {kept:g}: wanted a number from 0 to 1")
    depolar = 1.0 - kept
    times = [(_number(one.t1, f"{where}: t1"), _number(one.t2, f"{where}: t2")) for one in node.qubits]
    if hardware is QuantumHardware.Generic:
        if len(set(times)) > 1:
            raise InputError(f"{where}: wanted the same t1 and t2 for all qubits of generic hardware")
        (t1_ns, t2_ns), *_ = times
        return GenericDevice(
            num_qubits=len(node.qubits),
            t1_ns=t1_ns,
            t2_ns=t2_ns,
            single_qubit_gate_depolar_prob=depolar,
            two_qubit_gate_depolar_prob=depolar,
            **GENERIC_NS,
        )
    if hardware is QuantumHardware.NV and given is not None:
        return given.to_device()
    if hardware is QuantumHardware.NV:
        if len(set(times[1:])) > 1:
            raise InputError(f"{where}: wanted the same t1 and t2 for all carbons")
        electron, carbon = times[0], times[-1]
        rotations = {f"{one}_rot_{axis}_ns": 2.0 for one in ("electron", "carbon") for axis in "xyz"}
        return NVDevice(
            num_qubits=len(node.qubits),
            electron_init_depolar_prob=depolar,
            electron_single_qubit_depolar_prob=depolar,
            prob_error_0=0.0,
            prob_error_1=0.0,
            carbon_init_depolar_prob=depolar,
            carbon_z_rot_depolar_prob=depolar,
            ec_gate_depolar_prob=depolar,
            electron_t1_ns=electron[0],
            electron_t2_ns=electron[1],
            carbon_t1_ns=carbon[0],
            carbon_t2_ns=carbon[1],
            carbon_init_ns=1.0,
            electron_init_ns=1.0,
            ec_controlled_dir_x_ns=5.0,
            ec_controlled_dir_y_ns=5.0,
            measure_ns=0.0,
            **rotations,
        )
    raise InputError(f"{where}: hardware {hardware.value} cannot be simulated; wanted Generic or NV")


def _model(link: Link, where: str) -> LinkModel:
    try:
        noise = NoiseType(link.noise_type)
    except ValueError:
        known = [one.value for one in NoiseType]
        hint = did_you_mean(str(link.noise_type), known) or f"known: {', '.join(known)}"
        raise InputError(f"{where}: unknown noise_type {link.noise_type!r} ({hint})") from None
    kept = 1.0 if noise is NoiseType.NoNoise else _number(link.fidelity, f"{where}: fidelity")
    require(0.0 <= kept <= 1.0, f"{where}: fidelity {kept:g}: wanted a number from 0 to 1")
    if noise is NoiseType.Bitflip:
        plus, flipped = (np.outer(BELL_KETS[row], BELL_KETS[row].conj()) for row in (0, 2))
        state = pair_state(kept * plus + (1.0 - kept) * flipped)
    else:
        state = werner_pair(kept + 0.25 * (1.0 - kept))
    return AttemptLink((state,), PAIR_NS)
