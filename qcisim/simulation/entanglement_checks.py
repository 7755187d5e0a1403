"""What heralded links and demands for pairs must hold: memories that can exist, enough of them, a way between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from qcisim.errors import InputError, PhysicsError, did_you_mean
from qcisim.simulation.fields import Problem
from qcisim.simulation.known import known

if TYPE_CHECKING:
    from qcisim.repeaters import MemoryDevice
    from qcisim.simulation.entanglement_spec import PairDemand
    from qcisim.simulation.scenario import Link, Scenario

Path: TypeAlias = tuple[str | int, ...]
_OF_KEYS = (
    ("source", "the memories of the nodes send the light"),
    ("receiver", "the station in the middle measures"),
    ("protocol", "nobody makes key from its pairs"),
    ("initial_keys", "it holds no keys"),
    ("attack", "whoever is on the way may do what they like: the pairs show it to those who measure them"),
)


def heralded_problems(scenario: Scenario, path: Path, link: Link) -> Iterator[Problem]:
    """Everything wrong about a heralded link on its own."""
    from qcisim.simulation.entanglement_links import build_heralded

    if link.key_source != "none":
        yield Problem((*path, "key_source"), "none: a heralded link makes pairs, no keys", f"'{link.key_source}'")
    for name, hint in _OF_KEYS:
        if name in link.model_fields_set:
            yield Problem((*path, name), f"no {name} of a heralded link", "one", hint)
    for i, node in enumerate(link.between):
        spec = scenario.nodes.get(node)
        if spec is not None and spec.satellite is not None:
            yield Problem((*path, "between", i), "a node on the ground, as the link is a fibre", f"'{node}'")
        elif spec is not None and spec.memory is None:
            hint = f"give {node} one: memory: {{preset: siv}}"
            yield Problem((*path, "between", i), "a node with a memory", f"'{node}', which has none", hint)
        elif spec is not None and spec.role == "hub":
            hint = "a hub only measures: give the node the role end"
            yield Problem((*path, "between", i), "a node that keeps qubits", f"the hub '{node}'", hint)
    assert link.heralded is not None
    try:
        made = build_heralded(link.heralded)
    except (PhysicsError, InputError) as error:
        yield Problem((*path, "heralded"), "a link that can herald pairs", str(error))
        return
    limit_s, known_s = scenario.entanglement.cutoff_s, max(made.waited_s)
    if limit_s is not None and limit_s < known_s:
        wanted = f"at least {known_s:.3g} s, the age at which the herald of {path[-1]} is known"
        yield Problem(("entanglement", "cutoff_s"), wanted, f"{limit_s:g}", "all pairs would be thrown away")


def entanglement_problems(scenario: Scenario) -> Iterator[Problem]:
    """Memories that cannot exist, and demands for pairs that no memories join."""
    devices: dict[str, MemoryDevice] = {}
    for node, spec in scenario.nodes.items():
        if spec.memory is None:
            continue
        found = _device(("nodes", node, "memory"), spec.memory)
        if isinstance(found, Problem):
            yield found
        else:
            devices[node] = found
    for key, demand in scenario.pair_demands.items():
        yield from _demand(scenario, ("demands", key), demand, devices)


def _device(path: Path, spec: object) -> MemoryDevice | Problem:
    from qcisim.simulation.chain_links import build_device
    from qcisim.simulation.chain_spec import Memories

    assert isinstance(spec, Memories)
    if spec.preset not in known("memory"):
        hint = did_you_mean(spec.preset, known("memory")) or f"known: {', '.join(known('memory'))}"
        return Problem((*path, "preset"), "a memory that `qcisim list memory` shows", f"'{spec.preset}'", hint)
    try:
        return build_device(spec)
    except PhysicsError as error:
        return Problem(path, "a memory that can exist", str(error))


def _demand(scenario: Scenario, path: Path, demand: PairDemand, devices: dict[str, MemoryDevice]) -> Iterator[Problem]:
    ends = (("from", demand.from_node), ("to", demand.to_node))
    if demand.from_node == demand.to_node:
        yield Problem((*path, "to"), "two different nodes", f"'{demand.to_node}' twice")
        return
    if any(node not in scenario.nodes for _, node in ends):
        return  # said with the other unknown nodes
    bare = [(name, node) for name, node in ends if scenario.nodes[node].memory is None]
    for name, node in bare:
        hint = f"give {node} one: memory: {{preset: siv}}"
        yield Problem((*path, name), "a node with a memory", f"'{node}', which has none", hint)
    if bare:
        return
    for _, node in ends:
        if demand.lanes is not None and node in devices and demand.lanes > devices[node].memories:
            got = f"{demand.lanes}; the memory at '{node}' has {devices[node].memories}"
            yield Problem((*path, "lanes"), "no more qubits than the devices at both ends have", got)
            return
    if demand.to_node not in _reached(scenario, demand.from_node):
        hint = "links with the field heralded have to lead there"
        got = f"no path of heralded links from '{demand.from_node}' to '{demand.to_node}'"
        yield Problem(path, "a demand that pairs can reach", got, hint)


def _reached(scenario: Scenario, start: str) -> set[str]:
    """Nodes that heralded links lead to."""
    reached, edge = {start}, [start]
    while edge:
        node = edge.pop()
        for link in scenario.links.values():
            if link.heralded is not None and node in link.between:
                other = link.between[1 - link.between.index(node)]
                if other not in reached:
                    reached.add(other)
                    edge.append(other)
    return reached
