"""Kinds of noise of a network, and networks without some of them. Times stay as they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from qcisim.stack.links.delivery import Delivery, LinkModel, PairState, werner_pair
from qcisim.stack.spec import Device, Network, PairLink

KINDS = ("links", "gates", "memory", "initialisation", "measurement")
"""links: pairs that are not Phi+; memory: T1 and T2 of waiting qubits; the others: of the devices' operations."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "gates": (
        "single_qubit_gate_depolar_prob",
        "two_qubit_gate_depolar_prob",
        "electron_single_qubit_depolar_prob",
        "carbon_z_rot_depolar_prob",
        "ec_gate_depolar_prob",
    ),
    "memory": ("t1_ns", "t2_ns", "electron_t1_ns", "electron_t2_ns", "carbon_t1_ns", "carbon_t2_ns"),
    "initialisation": ("electron_init_depolar_prob", "carbon_init_depolar_prob"),
    "measurement": ("prob_error_0", "prob_error_1"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class IdealLink:
    """A link with the times of another that makes Phi+."""

    model: LinkModel
    states: tuple[PairState, ...] = (werner_pair(1.0),)

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """When the other would have delivered."""
        delivery = self.model.sample(rng, now_ns)
        return Delivery(delivery.duration_ns, self.states[0], delivery.attempts)

    @property
    def mean_fidelity(self) -> float:
        """1."""
        return 1.0

    @property
    def mean_duration_ns(self) -> float:
        """As of the other."""
        return self.model.mean_duration_ns


def present(network: Network) -> tuple[str, ...]:
    """The kinds of noise that a network has, in the order of `KINDS`."""
    devices = [*network.nodes.values(), *network.repeaters.values()]
    found = [kind for kind in KINDS[1:] if any(_quiet(device, {kind}) != device for device in devices)]
    return ("links", *found) if any(_is_noisy(link) for link in network.links) else tuple(found)


def without(network: Network, kinds: Collection[str]) -> Network:
    """The network without these kinds of noise."""
    links = network.links
    if "links" in kinds:
        links = tuple(dataclasses.replace(link, model=IdealLink(link.model)) for link in links)
    nodes = {name: _quiet(device, kinds) for name, device in network.nodes.items()}
    repeaters = {name: _quiet(device, kinds) for name, device in network.repeaters.items()}
    return dataclasses.replace(network, links=links, nodes=nodes, repeaters=repeaters)


def _quiet(device: Device, kinds: Collection[str]) -> Device:
    names = {field.name for field in dataclasses.fields(device)}
    zero: dict[str, Any] = {name: 0.0 for kind in kinds for name in _FIELDS.get(kind, ()) if name in names}
    return dataclasses.replace(device, **zero)


def _is_noisy(link: PairLink) -> bool:
    return not abs(link.model.mean_fidelity - 1.0) < 1e-12
