"""What a link over quantum repeaters must hold: nodes that exist, enough memories, a protocol that measures pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from qcisim.errors import InputError, PhysicsError, did_you_mean
from qcisim.simulation.fields import Problem
from qcisim.simulation.known import known
from qcisim.simulation.pair_checks import pair_protocol_problems

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Link, Scenario

Path: TypeAlias = tuple[str | int, ...]


def chain_problems(scenario: Scenario, path: Path, link: Link) -> Iterator[Problem]:
    """Everything wrong about a link with a chain."""
    from qcisim.simulation.chain_links import build_chain, build_device, plan_of

    yield from pair_protocol_problems(path, link)
    for name, hint in (("source", "spans are heralded as chain says"), ("receiver", "the ends measure memories")):
        if name in link.model_fields_set:
            yield Problem((*path, name), f"no {name} of a link with a chain", "one", hint)
    if link.attack is not None:
        hint = "whoever is on the way may do what they like: the test basis shows it"
        yield Problem((*path, "attack"), "no attack on a link with a chain", f"'{link.attack.name}'", hint)
    chain = link.chain
    assert chain is not None
    for i, node in enumerate(chain.repeaters):
        where = (*path, "chain", "repeaters", i)
        if node in link.between:
            yield Problem(where, "a node between the two ends", f"'{node}', which is an end")
        elif node in scenario.nodes and scenario.nodes[node].satellite is not None:
            yield Problem(where, "a node on the ground, spans are fibres", f"the satellite '{node}'")
    memory = (*path, "chain", "memory")
    if chain.memory.preset not in known("memory"):
        names = known("memory")
        hint = did_you_mean(chain.memory.preset, names) or f"known: {', '.join(names)}"
        yield Problem((*memory, "preset"), "a memory that `qcisim list memory` shows", f"'{chain.memory.preset}'", hint)
        return
    try:
        build_device(chain.memory)
    except PhysicsError as error:
        yield Problem(memory, "a memory that can exist", str(error))
        return
    try:
        ready, planned = build_chain(chain), plan_of(chain)
    except (PhysicsError, InputError) as error:
        yield Problem((*path, "chain"), "a chain that can work", by_id(str(error), link))
        return
    if planned is not None and not planned.reached:
        where = (*path, "chain", "distillation", "target_fidelity")
        yield Problem(
            where, f"at most {planned.fidelity:.4f}", f"{chain.distillation.target_fidelity:g}", planned.reason
        )
    least = ready.schedule.least_memories
    if least > chain.lanes:
        wanted = f"at least {least}, which this distillation fills"
        yield Problem((*path, "chain", "lanes"), wanted, str(chain.lanes), "or distil in fewer rounds, or pumped")
    if ready.impossible:
        yield Problem((*path, "chain"), "a chain that can deliver a pair", by_id(ready.impossible, link))


def by_id(text: str, link: Link) -> str:
    """What a chain says of its node 0 or link 0, with the ids of the scenario."""
    assert link.chain is not None
    nodes = (link.between[0], *link.chain.repeaters, link.between[1])

    def node(found: re.Match[str]) -> str:
        return f"node '{nodes[int(found[1])]}'" if int(found[1]) < len(nodes) else found[0]

    def span(found: re.Match[str]) -> str:
        first = int(found[1])
        return f"span '{nodes[first]}' to '{nodes[first + 1]}'" if first + 1 < len(nodes) else found[0]

    return re.sub(r"\blink (\d+)\b", span, re.sub(r"\bnode (\d+)\b", node, text))
