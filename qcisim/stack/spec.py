"""What a network of programs is made of: devices, links of pairs, classical links. Times in ns, as SquidASM has them.

Plain values; `qcisim.stack.links` has models of links, `qcisim.stack.topology` makes networks of hubs and chains,
`qcisim.squidasm` reads them from configuration files, and the core of `qcisim.stack` runs programs on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Protocol, TypeAlias

from qcisim.errors import InputError, did_you_mean, require
from qcisim.stack.links.control import SwapAsap
from qcisim.stack.links.delivery import Delivery, LinkModel, PairState

__all__ = [
    "ClassicalLink",
    "Delivery",
    "Device",
    "GenericDevice",
    "LinkModel",
    "NVDevice",
    "Network",
    "PairLink",
    "PairState",
    "Station",
    "SwapAsap",
    "Timetable",
]


def _check_device(device: GenericDevice | NVDevice) -> None:
    for one in fields(device):
        value = getattr(device, one.name)
        if one.name == "num_qubits":
            require(isinstance(value, int) and value >= 1, f"num_qubits {value!r}: wanted a whole number from 1")
        elif "prob" in one.name:
            require(0.0 <= value <= 1.0, f"{one.name} {value:g}: a probability lies in [0, 1]")
        elif one.name.endswith("_ns"):
            require(value >= 0.0 and not math.isnan(value), f"{one.name} {value:g}: a time is not negative")


def _check_coherence(name: str, t1_ns: float, t2_ns: float) -> None:
    limit = f"{name}: T2 {t2_ns:g} ns above 2 T1 = {2.0 * t1_ns:g} ns: a qubit that decays loses its phase too"
    require(t1_ns == 0.0 or t2_ns == 0.0 or t2_ns <= 2.0 * t1_ns, limit)


@dataclass(frozen=True, slots=True)
class GenericDevice:
    """A processor of equal qubits, each of them able to hold half of a pair.

    Args:
        num_qubits: positions in the memory.
        t1_ns, t2_ns: relaxation and coherence time of an idle qubit; 0 means none.
        init_ns, single_qubit_gate_ns, two_qubit_gate_ns, measure_ns: how long the operations take.
        single_qubit_gate_depolar_prob, two_qubit_gate_depolar_prob: p of rho -> (1-p) rho + p 1/2, on each qubit of
            the instruction.
    """

    num_qubits: int = 2
    t1_ns: float = 1e10
    t2_ns: float = 1e9
    init_ns: float = 1e4
    single_qubit_gate_ns: float = 1e3
    two_qubit_gate_ns: float = 1e5
    measure_ns: float = 1e4
    single_qubit_gate_depolar_prob: float = 0.0
    two_qubit_gate_depolar_prob: float = 0.01

    def __post_init__(self) -> None:
        _check_device(self)
        _check_coherence("generic device", self.t1_ns, self.t2_ns)

    @classmethod
    def perfect(cls, num_qubits: int = 100) -> GenericDevice:
        """No noise and no time."""
        return cls(num_qubits, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class NVDevice:
    """A nitrogen-vacancy centre: electron (position 0) for pairs and measurements, carbons for memory.

    Args:
        num_qubits: the electron and num_qubits - 1 carbons.
        electron_init_depolar_prob, carbon_init_depolar_prob: after an initialisation.
        electron_single_qubit_depolar_prob, carbon_z_rot_depolar_prob: after a rotation (of carbons: about any axis).
        prob_error_0, prob_error_1: |0> read as 1, |1> read as 0.
        ec_gate_depolar_prob: after a controlled rotation, on each of the two qubits.
        electron_t1_ns and the like: relaxation and coherence of idle qubits; 0 means none.
        carbon_init_ns and the like: durations.
    """

    num_qubits: int = 2
    electron_init_depolar_prob: float = 0.05
    electron_single_qubit_depolar_prob: float = 0.0
    prob_error_0: float = 0.05
    prob_error_1: float = 0.005
    carbon_init_depolar_prob: float = 0.05
    carbon_z_rot_depolar_prob: float = 0.001
    ec_gate_depolar_prob: float = 0.008
    electron_t1_ns: float = 1e9
    electron_t2_ns: float = 3e8
    carbon_t1_ns: float = 1.5e11
    carbon_t2_ns: float = 1.5e9
    carbon_init_ns: float = 310_000.0
    carbon_rot_x_ns: float = 5e5
    carbon_rot_y_ns: float = 5e5
    carbon_rot_z_ns: float = 5e5
    electron_init_ns: float = 2000.0
    electron_rot_x_ns: float = 5.0
    electron_rot_y_ns: float = 5.0
    electron_rot_z_ns: float = 5.0
    ec_controlled_dir_x_ns: float = 5e5
    ec_controlled_dir_y_ns: float = 5e5
    measure_ns: float = 3700.0

    def __post_init__(self) -> None:
        _check_device(self)
        _check_coherence("electron", self.electron_t1_ns, self.electron_t2_ns)
        _check_coherence("carbon", self.carbon_t1_ns, self.carbon_t2_ns)

    @classmethod
    def perfect(cls, num_qubits: int = 2) -> NVDevice:
        """No noise and no time."""
        nothing = {one.name: 0.0 for one in fields(cls) if one.name != "num_qubits"}
        return cls(num_qubits, **nothing)


Device: TypeAlias = "GenericDevice | NVDevice"


class Timetable(Protocol):
    """The bookings of a shared station during one run; may change with every call."""

    def book(
        self, node_a: str, node_b: str, now_ns: float, duration_ns: float, attempts: int = 1
    ) -> tuple[float, float]:
        """Start and end of a generation between the nodes that is asked for now and takes ``duration_ns`` of light.

        ``attempts`` equal parts of it must each fit into the station's time; calls come in order of ``now_ns``.
        """


class Station(Protocol):
    """A station that links share, such as a hub that serves one after the other."""

    @property
    def name(self) -> str:
        """For reports."""

    def open(self) -> Timetable:
        """A fresh timetable, at the start of every run."""


@dataclass(frozen=True, slots=True)
class PairLink:
    """Pairs between two nodes; links that share a `Station` wait for each other there."""

    node_a: str
    node_b: str
    model: LinkModel
    station: Station | None = None

    def __post_init__(self) -> None:
        require(self.node_a != self.node_b, f"a link of node '{self.node_a}' with itself")


@dataclass(frozen=True, slots=True)
class ClassicalLink:
    """Messages between two nodes take ``delay_ns``, both ways."""

    node_a: str
    node_b: str
    delay_ns: float = 0.0

    def __post_init__(self) -> None:
        require(self.node_a != self.node_b, f"a classical link of node '{self.node_a}' with itself")
        possible = self.delay_ns >= 0.0 and math.isfinite(self.delay_ns)
        name = f"classical link {self.node_a}-{self.node_b}"
        require(possible, f"{name}: delay {self.delay_ns:g} ns is negative or endless")


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes that run programs, in the order of the results, and what joins them.

    Args:
        nodes: device of each node by its name.
        links: of pairs. Nodes without a link but with a path over repeaters get pairs by swapping.
        classical: of messages, which take the fastest path; None: every two nodes reach each other at once.
        repeaters: nodes that run no program and have no results, but swap; their names may stand in links.
        control: how repeaters act.
    """

    nodes: Mapping[str, Device]
    links: tuple[PairLink, ...] = ()
    classical: tuple[ClassicalLink, ...] | None = None
    repeaters: Mapping[str, Device] = field(default_factory=lambda: MappingProxyType({}))
    control: SwapAsap = SwapAsap()

    def __post_init__(self) -> None:
        known = [*self.nodes, *self.repeaters]
        twice = [name for name in self.repeaters if name in self.nodes]
        if twice:
            raise InputError(f"'{twice[0]}' is both a node with programs and a repeater")
        joined = [("pair link", link.node_a, link.node_b) for link in self.links]
        joined += [("classical link", link.node_a, link.node_b) for link in self.classical or ()]
        for kind, node_a, node_b in joined:
            for name in (node_a, node_b):
                if name not in known:
                    hint = did_you_mean(name, known) or f"nodes: {', '.join(known)}"
                    raise InputError(f"{kind} {node_a}-{node_b}: there is no node '{name}' ({hint})")
        seen: set[frozenset[str]] = set()
        for link in self.links:
            ends = frozenset((link.node_a, link.node_b))
            if ends in seen:
                raise InputError(f"two pair links between {link.node_a} and {link.node_b}: wanted one")
            seen.add(ends)
