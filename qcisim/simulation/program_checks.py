"""What programs in a scenario must hold: processors that can exist, links that make pairs, roles, ways for keys."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from qcisim.errors import InputError, PhysicsError, did_you_mean
from qcisim.simulation.fields import Problem
from qcisim.simulation.known import known

if TYPE_CHECKING:
    from qcisim.simulation.program_spec import Processor, ProgramSpec
    from qcisim.simulation.scenario import Link, Scenario

Path: TypeAlias = tuple[str | int, ...]
_OF_NV = ("electron_t1_s", "electron_t2_s", "readout_error_zero", "readout_error_one")
_OF_HUB = ("scheme", "bright", "phase_rms_rad")
NETQASM = "netqasm, which programs need"


def program_problems(scenario: Scenario) -> Iterator[Problem]:
    """Everything wrong about processors, links for programs, and programs; its nodes are known to exist."""
    for key, node in scenario.nodes.items():
        if node.processor is not None:
            where: Path = ("nodes", key, "processor")
            if node.satellite is not None:
                yield Problem(
                    where, "a processor at a node on the ground", f"one on the satellite '{key}'", at_key=True
                )
            yield from _processor(where, node.processor)
    cycles: dict[str, tuple[str, float]] = {}
    for key, link in scenario.links.items():
        yield from _link(("links", key), link)
        if link.hub is not None and link.programs is not None:
            first, cycle_s = cycles.setdefault(link.hub, (key, link.programs.cycle_s))
            if cycle_s != link.programs.cycle_s:
                got = f"{link.programs.cycle_s:g} s"
                wanted = f"the cycle of the link '{first}', {cycle_s:g} s, as they share the hub '{link.hub}'"
                yield Problem(("links", key, "programs", "cycle_s"), wanted, got)
    if scenario.programs and importlib.util.find_spec("netqasm") is None:
        hint = "pip install 'qcisim[netqasm]'"
        yield Problem(("programs",), NETQASM, "an environment without it", hint, at_key=True)
        return
    for key, spec in scenario.programs.items():
        found = list(_places(scenario, ("programs", key), spec))
        yield from found
        yield from _program(scenario, ("programs", key), spec, sound=not found)


def _processor(path: Path, spec: Processor) -> Iterator[Problem]:
    if spec.preset is not None and spec.preset not in known("memory"):
        hint = did_you_mean(spec.preset, known("memory")) or f"known: {', '.join(known('memory'))}"
        yield Problem((*path, "preset"), "a memory that `qcisim list memory` shows", f"'{spec.preset}'", hint)
        return
    if spec.device == "generic":
        for name in _OF_NV:
            if getattr(spec, name) is not None:
                yield Problem((*path, name), "no such field of a generic device", "one", "device: nv has it")
    elif spec.qubits is not None and spec.qubits < 2:
        yield Problem((*path, "qubits"), "at least 2: the electron and a carbon", str(spec.qubits))
    from qcisim.simulation.program_devices import device_of

    try:
        device_of(spec)
    except PhysicsError as error:
        yield Problem(path, "a processor that can exist", str(error))


def _link(path: Path, link: Link) -> Iterator[Problem]:
    """What a link says of programs."""
    from qcisim.simulation.program_links import kind_of

    where, programs = (*path, "programs"), link.programs
    if programs is None:
        if link.key_source == "none" and link.heralded is None:
            wanted = "programs: {}, as a link that makes no key makes pairs for programs"
            yield Problem(where, wanted, "nothing")
        return
    if not kind_of(link):
        got = "heralded, which serves demands of the kind pairs" if link.heralded else "one where one end sends"
        hint = "arms with a pair_source or a hub, or a chain"
        yield Problem(where, "a link that makes pairs for programs", got, hint, at_key=True)
        return
    if link.key_source == "qkd" and programs.share >= 1.0:
        got, hint = f"{programs.share:g}, which leaves none", "key_source: none for a link that makes pairs alone"
        yield Problem((*where, "share"), "a share below 1: the rest makes key", got, hint)
    if link.hub is None:
        for name in sorted(set(_OF_HUB) & programs.model_fields_set):
            yield Problem((*where, name), "no such field of a link without a hub", "one")


def _places(scenario: Scenario, path: Path, spec: ProgramSpec) -> Iterator[Problem]:
    """Nodes, times and links of one program."""
    named: list[tuple[Path, str]] = [((*path, "roles", role), node) for role, node in spec.roles.items()]
    named += [((*path, "swap_at", i), node) for i, node in enumerate(spec.swap_at)]
    for where, node in named:
        if scenario.nodes[node].processor is None:
            hint = f"give {node} one: processor: {{preset: trapped_ion}}"
            yield Problem(where, "a node with a processor", f"'{node}', which has none", hint)
    for i, node in enumerate(spec.swap_at):
        if node in spec.roles:
            yield Problem((*path, "swap_at", i), "a node whose id is no name of a role", f"'{node}'")
    if spec.start_s >= scenario.duration_s:
        wanted = f"a start within the run of {scenario.duration_s:g} s"
        yield Problem((*path, "start_s"), wanted, f"{spec.start_s:g} s")
    nodes = {*spec.roles.values(), *spec.swap_at}
    usable = [k for k, link in scenario.links.items() if link.programs is not None]
    joined: dict[frozenset[str], str] = {}
    for i, key in enumerate(spec.links):
        where = (*path, "links", i)
        if key not in scenario.links:
            hint = did_you_mean(key, usable) or f"links with pairs for programs: {', '.join(usable) or 'none'}"
            yield Problem(where, "a link of this scenario", f"'{key}'", hint)
        elif scenario.links[key].programs is None:
            got, hint = f"'{key}', which has none", f"give the link '{key}' programs: {{share: 0.5}}"
            yield Problem(where, "a link with pairs for programs", got, hint)
        elif outside := [node for node in scenario.links[key].between if node not in nodes]:
            hint = f"give '{outside[0]}' a role, or name it under swap_at"
            yield Problem(where, "a link between nodes of the program", f"'{key}', which ends at '{outside[0]}'", hint)
    chosen = spec.links or [k for k in usable if nodes.issuperset(scenario.links[k].between)]
    for key in chosen:
        if key in scenario.links and (other := joined.setdefault(frozenset(scenario.links[key].between), key)) != key:
            between = " and ".join(scenario.links[key].between)
            wanted = f"one link between {between}"
            yield Problem((*path, "links"), wanted, f"'{other}' and '{key}'", "name the one under links")


def _program(scenario: Scenario, path: Path, spec: ProgramSpec, *, sound: bool) -> Iterator[Problem]:
    """The program itself: a folder that can be loaded, its roles and parameters, pairs and keys for its sockets."""
    from qcisim.programs import shipped
    from qcisim.programs.folder import load
    from qcisim.simulation.program_finding import declared, options_of, parameter_problems

    where = (*path, "program")
    try:
        declaration = declared(spec.program)
    except InputError as error:
        names = list(shipped())
        if "/" in spec.program or spec.program in names:
            yield Problem(where, "the folder of a program", f"'{spec.program}'", str(error))
        else:
            hint = did_you_mean(spec.program, names) or f"known: {', '.join(names)}"
            wanted = "a program that `qcisim list program` shows, or a folder with a slash in its path"
            yield Problem(where, wanted, f"'{spec.program}'", hint)
        return
    wrong = list(parameter_problems(declaration, spec))
    for one in wrong:
        yield Problem((*path, *one.path), one.wanted, one.got, one.hint, one.at_key)
    if wrong:
        return
    try:
        programs = load(declaration).programs(options_of(declaration, spec))
    except InputError as error:
        yield Problem(where, "a program that can be loaded", f"'{spec.program}'", str(error))
        return
    strange = [role for role in spec.roles if role not in programs]
    missing = [role for role in programs if role not in spec.roles]
    for role in strange:
        hint = did_you_mean(role, missing) or f"roles: {', '.join(programs)}"
        wanted = f"a role of program '{declaration.name}'"
        yield Problem((*path, "roles", role), wanted, f"'{role}'", hint, at_key=True)
    if missing and not strange:
        yield Problem((*path, "roles"), f"a node for each role of '{declaration.name}'", f"none for '{missing[0]}'")
    if sound and not strange and not missing:
        yield from _sockets(scenario, path, spec, programs)


def _sockets(scenario: Scenario, path: Path, spec: ProgramSpec, programs: dict[str, Any]) -> Iterator[Problem]:
    """Pairs for every two roles that ask for them, and a way for keys where messages need them."""
    from qcisim.simulation.program_runs import links_of

    labels = {node: role for role, node in spec.roles.items()}
    graph: dict[str, set[str]] = {}
    for key in links_of(scenario, spec):
        a, b = (labels.get(node, node) for node in scenario.links[key].between)
        graph.setdefault(a, set()).add(b)
        graph.setdefault(b, set()).add(a)
    told: set[frozenset[str]] = set()
    for role, program in programs.items():
        for peer in getattr(program.meta, "epr_sockets", ()):
            ends = frozenset((role, peer))
            if peer in programs and ends not in told and peer not in _reached(graph, role, set(spec.swap_at)):
                told.add(ends)
                a, b = spec.roles[role], spec.roles[peer]
                near = [k for k, link in scenario.links.items() if link.programs and {a, b} & set(link.between)]
                hint = f"links with pairs that end at one of them: {', '.join(near)}" if near else ""
                got = f"none between {a} ({role}) and {b} ({peer})"
                yield Problem((*path, "links"), f"links with pairs for {role} and {peer}", got, hint)
    if spec.messages == "plain":
        return
    for role, program in programs.items():
        for peer in getattr(program.meta, "csockets", ()):
            ends = frozenset((role, peer))
            if peer in programs and ends not in told and not _has_key(scenario, spec.roles[role], spec.roles[peer]):
                told.add(ends)
                a, b = spec.roles[role], spec.roles[peer]
                wanted = f"plain, or links over trusted nodes that bring key from {a} to {b}"
                yield Problem((*path, "messages"), wanted, f"{spec.messages} with no such links")


def _reached(graph: dict[str, set[str]], start: str, inner: set[str]) -> set[str]:
    found, edge = {start}, [start]
    while edge:
        here = edge.pop()
        if here != start and here not in inner:
            continue
        new = graph.get(here, set()) - found
        found |= new
        edge += sorted(new)
    return found


def _has_key(scenario: Scenario, start: str, end: str) -> bool:
    graph: dict[str, set[str]] = {}
    for link in scenario.key_links.values():
        if not link.only_compared:
            a, b = link.between
            graph.setdefault(a, set()).add(b)
            graph.setdefault(b, set()).add(a)
    return end in _reached(graph, start, {k for k, node in scenario.nodes.items() if node.role == "trusted"})
