"""What the space part of a scenario must hold as a whole: ends that fit their medium, a date, sound elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from qcisim.errors import QcisimError
from qcisim.simulation.fields import Problem

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario

Path: TypeAlias = tuple[str | int, ...]


def space_problems(scenario: Scenario) -> Iterator[Problem]:
    """Everything wrong about satellites, stations and light through free space."""
    if not scenario.start_utc:
        flying = [key for key, node in scenario.nodes.items() if node.satellite is not None]
        if flying:
            got = f"nothing, with the satellite '{flying[0]}'"
            yield Problem(("start_utc",), "the UTC time of the start, such as 2026-12-01T00:00:00Z", got)
        return
    yield from _elements(scenario)
    for key, link in scenario.links.items():
        path: Path = ("links", key)
        if link.free_space is not None:
            yield from _ends(scenario, (*path, "between"), link.between)
        elif link.fibre is not None:
            yield from _fibre_ends(scenario, (*path, "between"), link.between)
        elif link.arms is not None and link.middle is not None:
            for i, arm in enumerate(link.arms):
                if arm.free_space is not None:
                    yield from _ends(scenario, (*path, "between"), (link.middle, link.between[i]), only=1, step=i)
    for key, pairs in scenario.pairs.items():
        for i, arm in enumerate(pairs.arms):
            ends = pairs.source_node, pairs.between[i]
            if arm.free_space is not None:
                yield from _ends(scenario, ("pairs", key, "between"), ends, only=1, step=i)


def _fibre_ends(scenario: Scenario, path: Path, between: tuple[str, str]) -> Iterator[Problem]:
    for i, name in enumerate(between):
        if scenario.nodes[name].satellite is not None:
            yield Problem((*path, i), "a node on the ground for a fibre", f"the satellite '{name}'", "use free_space")


def _ends(
    scenario: Scenario, path: Path, between: tuple[str, str], *, only: int | None = None, step: int = 0
) -> Iterator[Problem]:
    """One end a satellite, the other a satellite or a node with a station; ``only`` checks one of them."""
    nodes = [scenario.nodes[name] for name in between]
    if all(node.satellite is None for node in nodes):
        yield Problem(path, "a satellite at one end of free space", f"'{between[0]}' and '{between[1]}' on the ground")
        return
    for i, (name, node) in enumerate(zip(between, nodes, strict=True)):
        if only in (None, i) and node.satellite is None and node.station is None:
            where = (*path, i if only is None else step)
            hint = f"give the node '{name}' a station with its altitude_m"
            yield Problem(where, "a node with an optical ground station", f"'{name}' without one", hint)


def _elements(scenario: Scenario) -> Iterator[Problem]:
    """Two-line elements that can be read and propagated."""
    from qcisim.simulation.free_space import epoch_of, orbit_of

    epoch = epoch_of(scenario)
    for key, node in scenario.nodes.items():
        if node.satellite is not None:
            try:
                orbit_of(node.satellite.orbit, epoch)
            except QcisimError as error:
                yield Problem(("nodes", key, "satellite", "orbit"), "an orbit that can be flown", str(error))
