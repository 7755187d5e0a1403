"""Networks of hubs and repeater chains, as SquidASM's netbuilder has them, and the `Network` that they make.

Times in ns, lengths in km.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from qcisim.errors import InputError, did_you_mean, require
from qcisim.stack.links.attempts import AttemptLink
from qcisim.stack.links.control import SwapAsap
from qcisim.stack.links.delivery import LinkModel, PairState
from qcisim.stack.links.stations import FifoStation, StaticStation
from qcisim.stack.spec import ClassicalLink, Device, Network, PairLink

LinkOfLengths: TypeAlias = Callable[[float, float], LinkModel]
"""The model of a link from the lengths of its two sides, km."""


@dataclass(frozen=True, slots=True)
class Fifo:
    """Schedule of a hub: first come, first served."""

    switch_ns: float = 1000.0
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Windows:
    """Schedule of a hub: windows that repeat."""

    window_ns: float = 1e6
    switch_ns: float = 1000.0
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Hub:
    """A station with an arm to each of its nodes; every two of them have a link through it.

    Args:
        name: of the hub.
        arms: length of the fibre to each node, km.
        link: model of a link from the lengths of its two arms.
        schedule: how links share the hub.
        delays_ns: of a message between each node and the hub; None: no messages go through it.
    """

    name: str
    arms: Mapping[str, float]
    link: LinkOfLengths
    schedule: Fifo | Windows = Fifo()
    delays_ns: Mapping[str, float] | None = None

    def station(self) -> FifoStation | StaticStation:
        """Fresh from the schedule."""
        schedule = self.schedule
        if isinstance(schedule, Fifo):
            return FifoStation(self.name, schedule.switch_ns, schedule.lanes)
        return StaticStation(self.name, tuple(self.arms), schedule.window_ns, schedule.switch_ns, schedule.lanes)


@dataclass(frozen=True, slots=True)
class Interface:
    """A photonic interface, such as a frequency converter: (1-p) rho + p 1/4, and photons lost.

    Args:
        prob_max_mixed: p.
        p_loss: probability that an attempt fails for it.
        where: "end": on the links of the end nodes; "pre-end": on those next to them.
    """

    prob_max_mixed: float = 0.0
    p_loss: float = 0.0
    where: Literal["end", "pre-end"] = "end"

    def __post_init__(self) -> None:
        require(0.0 <= self.prob_max_mixed <= 1.0, f"prob_max_mixed {self.prob_max_mixed:g}: lies in [0, 1]")
        require(0.0 <= self.p_loss < 1.0, f"p_loss {self.p_loss:g}: lies in [0, 1), or no photon ever passes")
        require(self.where in ("end", "pre-end"), f"photonic interface at '{self.where}': wanted 'end' or 'pre-end'")

    def on(self, model: LinkModel) -> LinkModel:
        """The link with the interface in it."""
        if not isinstance(model, AttemptLink):
            raise InputError(f"a photonic interface on a {type(model).__name__}: wanted a link of attempts")
        mixed = self.prob_max_mixed
        white = np.eye(4, dtype=np.complex128) / 4.0
        states = tuple(PairState((1.0 - mixed) * state.rho + mixed * white, state.bell) for state in model.states)
        return replace(model, states=states, success_probability=model.success_probability * (1.0 - self.p_loss))


@dataclass(frozen=True, slots=True)
class RepeaterChain:
    """Repeaters between two hubs; every node of the one has pairs with every node of the other.

    Args:
        hub_a, hub_b: names.
        repeaters: device of each repeater by its name, from hub_a to hub_b.
        lengths_km: of the fibres hub_a - repeater - ... - hub_b, one more than repeaters.
        link: model of a link from the lengths of its two sides.
        delays_ns: of messages along each fibre; None: no messages go along it.
        interface: on some of the links.
        control: how repeaters act.
    """

    hub_a: str
    hub_b: str
    repeaters: Mapping[str, Device]
    lengths_km: Sequence[float]
    link: LinkOfLengths
    delays_ns: Sequence[float] | None = None
    interface: Interface | None = None
    control: SwapAsap = SwapAsap()

    def __post_init__(self) -> None:
        name, count = f"repeater chain {self.hub_a}-{self.hub_b}", len(self.repeaters)
        require(count >= 1, f"{name}: no repeaters")
        for what, values in (("lengths", self.lengths_km), ("delays", self.delays_ns)):
            if values is not None and len(values) != count + 1:
                raise InputError(f"{name}: {len(values)} {what} for {count} repeaters: wanted {count + 1}")
        if self.interface is not None and self.interface.where == "pre-end" and count < 3:
            raise InputError(f"{name}: a photonic interface at 'pre-end' wants 3 or more repeaters, got {count}")


def joined(
    nodes: Mapping[str, Device],
    links: Sequence[PairLink] = (),
    classical: Sequence[ClassicalLink] | None = None,
    hubs: Sequence[Hub] = (),
    chains: Sequence[RepeaterChain] = (),
) -> Network:
    """One network of direct links, hubs and chains; ``classical`` None without hubs: messages take no time.

    Raises `InputError` for nodes and hubs that do not exist, and for chains that differ in their control.
    """
    pairs, wires = list(links), list(classical or ())
    named = {hub.name: hub for hub in hubs}
    repeaters: dict[str, Device] = {}
    for hub in hubs:
        _known(hub.arms, nodes, f"hub '{hub.name}'", "node")
        station, ends = hub.station(), list(hub.arms)
        for number, a in enumerate(ends):
            for b in ends[number + 1 :]:
                pairs.append(PairLink(a, b, hub.link(hub.arms[a], hub.arms[b]), station))
                if hub.delays_ns is not None:
                    wires.append(ClassicalLink(a, b, hub.delays_ns[a] + hub.delays_ns[b]))
    for chain in chains:
        _known((chain.hub_a, chain.hub_b), named, f"repeater chain {chain.hub_a}-{chain.hub_b}", "hub")
        repeaters |= chain.repeaters
        _lay(chain, named[chain.hub_a], named[chain.hub_b], pairs, wires)
    controls = {chain.control for chain in chains}
    if len(controls) > 1:
        raise InputError("repeater chains that are controlled in different ways: wanted one way for all")
    silent = classical is None and not hubs
    control = controls.pop() if controls else SwapAsap()
    return Network(nodes, tuple(pairs), None if silent else tuple(wires), repeaters, control)


def _lay(chain: RepeaterChain, hub_a: Hub, hub_b: Hub, pairs: list[PairLink], wires: list[ClassicalLink]) -> None:
    names, lengths = list(chain.repeaters), chain.lengths_km
    at_end = chain.interface if chain.interface is not None and chain.interface.where == "end" else None
    before = chain.interface if chain.interface is not None and chain.interface.where == "pre-end" else None
    for hub, repeater, place in ((hub_a, names[0], 0), (hub_b, names[-1], -1)):
        for node, arm_km in hub.arms.items():
            model = chain.link(arm_km, lengths[place]) if place == 0 else chain.link(lengths[place], arm_km)
            model = model if at_end is None else at_end.on(model)
            first, second = (node, repeater) if place == 0 else (repeater, node)
            pairs.append(PairLink(first, second, model))
            if hub.delays_ns is not None and chain.delays_ns is not None:
                wires.append(ClassicalLink(first, second, hub.delays_ns[node] + chain.delays_ns[place]))
    last = len(names) - 2
    for place, (a, b) in enumerate(itertools.pairwise(names)):
        half_km = 0.5 * lengths[place + 1]
        model = chain.link(half_km, half_km)
        if before is not None and place in (0, last):
            model = before.on(model)
        pairs.append(PairLink(a, b, model))
        if chain.delays_ns is not None:
            wires.append(ClassicalLink(a, b, chain.delays_ns[place + 1]))


def _known(names: Mapping[str, float] | Sequence[str], known: Mapping[str, object], where: str, what: str) -> None:
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"known: {', '.join(known) or 'none'}"
            raise InputError(f"{where}: there is no {what} '{name}' ({hint})")
