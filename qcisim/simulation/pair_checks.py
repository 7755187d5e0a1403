"""What a link with a source of pairs must hold: a protocol that measures pairs, its bound, arms that lead there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from qcisim.errors import did_you_mean
from qcisim.simulation.fields import Problem
from qcisim.simulation.known import fact, known

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Link, Scenario

Path: TypeAlias = tuple[str | int, ...]
PAIRS = "pairs"


def pair_problems(scenario: Scenario, path: Path, link: Link) -> Iterator[Problem]:
    """Everything wrong about a link with a source of pairs."""
    yield from pair_protocol_problems(path, link)
    yield from _fields(path, link)
    yield from _arms(scenario, path, link)


def pair_protocol_problems(path: Path, link: Link) -> Iterator[Problem]:
    """Names that are not registered, and a protocol that does not go with pairs."""
    unregistered = list(_unregistered(path, link))
    yield from unregistered
    if not unregistered:
        yield from _protocol(path, link)


def measures_pairs(protocol: str) -> bool:
    """Whether both parties of a registered protocol measure pairs."""
    return PAIRS in fact("protocol", protocol, "sources").split(", ")


def _unregistered(path: Path, link: Link) -> Iterator[Problem]:
    named: list[tuple[str, str, Path, str]] = [("a bound", "bound", ("protocol", "bound"), link.protocol.bound)]
    if "/" not in link.protocol.name:
        named.append(("a protocol", "protocol", ("protocol", "name"), link.protocol.name))
    if link.attack is not None:
        named.append(("an attack", "attack", ("attack", "name"), link.attack.name))
    for i, arm in enumerate(link.arms or ()):
        preset = arm.receiver.detector.preset
        named.append(("a detector", "detector", ("arms", i, "receiver", "detector", "preset"), preset))
    for wanted, kind, field, name in named:
        if name not in known(kind):
            hint = did_you_mean(name, known(kind)) or f"known: {', '.join(known(kind))}"
            yield Problem((*path, *field), f"{wanted} that `qcisim list {kind}` shows", f"'{name}'", hint)


def _protocol(path: Path, link: Link) -> Iterator[Problem]:
    protocol, where = link.protocol, (*path, "protocol")
    if "/" in protocol.name:
        return  # a folder, which is looked at when the link is built
    if not measures_pairs(protocol.name):
        fitting = ", ".join(name for name in known("protocol") if measures_pairs(name))
        got = f"'{protocol.name}', in which one end sends"
        what = "chain" if link.chain is not None else "pair_source"
        yield Problem((*where, "name"), f"a protocol that measures pairs, as the link has a {what}", got, fitting)
        return
    bounds = fact("protocol", protocol.name, "bounds").split(", ")
    if protocol.bound not in bounds:
        hint = did_you_mean(protocol.bound, bounds) or f"{protocol.name} has {', '.join(bounds)}"
        yield Problem((*where, "bound"), f"a bound for {protocol.name}", f"'{protocol.bound}'", hint)
    elif protocol.length_rule == "variable" and fact("bound", protocol.bound, "length_policy") == "fixed only":
        got = f"'variable', which {protocol.bound} does not cover"
        yield Problem((*where, "length_rule"), "the length rule fixed", got)
    if protocol.optimise:
        yield Problem((*where, "optimise"), "false: pairs have no intensities to choose", "true")


def _fields(path: Path, link: Link) -> Iterator[Problem]:
    for name, hint in (("source", "pair_source is the source"), ("receiver", "each arm has its own receiver")):
        if name in link.model_fields_set:
            yield Problem((*path, name), f"no {name} of a link with a pair_source", "one", hint)
    for i, arm in enumerate(link.arms or ()):
        where = (*path, "arms", i)
        if arm.sender is not None:
            yield Problem((*where, "sender"), "no sender on an arm from a pair_source", "one", "its ends only measure")
        if arm.receiver.detector.gate_s is not None:
            hint = "the window of coincidence is the gate"
            got = f"{arm.receiver.detector.gate_s:g} s"
            yield Problem((*where, "receiver", "detector", "gate_s"), "no gate on an arm", got, hint)
        if arm.fibre is not None and arm.fibre.trusted_relays:
            got = str(arm.fibre.trusted_relays)
            hint = "a photon of a pair cannot be relayed"
            yield Problem((*where, "fibre", "trusted_relays"), "no trusted relays on an arm", got, hint)


def _arms(scenario: Scenario, path: Path, link: Link) -> Iterator[Problem]:
    """The source's own end has an arm of no length; a fibre does not end at a satellite."""
    source = link.pair_source
    assert source is not None
    for i, (arm, node) in enumerate(zip(link.arms or (), link.between, strict=True)):
        where = (*path, "arms", i)
        if node == source.node:
            if arm.fibre is None or arm.fibre.length_km > 0.0:
                got = "free space" if arm.fibre is None else f"{arm.fibre.length_km:g} km"
                hint = f"the source is at '{node}' itself"
                yield Problem((*where, "fibre", "length_km"), "an arm of 0 km to the node of the source", got, hint)
        elif arm.fibre is not None:
            for name in (source.node, node):
                if name in scenario.nodes and scenario.nodes[name].satellite is not None:
                    got = f"the satellite '{name}'"
                    yield Problem((*where, "fibre"), "a fibre between nodes on the ground", got, "use free_space")
