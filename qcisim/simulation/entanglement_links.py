"""From a scenario to the graph that pairs are routed on: heralded links, memories, requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qcisim.repeaters import ElementaryLink, GraphLink, MemoryDevice, PairRequest, PairRouter
from qcisim.simulation.chain_links import build_device
from qcisim.simulation.heralding_build import build_span

if TYPE_CHECKING:
    from qcisim.simulation.entanglement_spec import Heralded
    from qcisim.simulation.scenario import Scenario

TURNS_PER_RUN = 100  # turns of a run, where no length of a turn is stated


def build_heralded(spec: Heralded) -> ElementaryLink:
    """One lane."""
    return build_span(spec, spec.fibre)


def graph_links(scenario: Scenario) -> dict[str, GraphLink]:
    """The heralded links by id."""
    return {
        key: GraphLink(key, link.between, build_heralded(link.heralded), link.heralded.lanes)
        for key, link in scenario.links.items()
        if link.heralded is not None and not link.only_compared
    }


def devices(scenario: Scenario) -> dict[str, MemoryDevice]:
    """The memories by node."""
    return {key: build_device(node.memory) for key, node in scenario.nodes.items() if node.memory is not None}


def requests(scenario: Scenario) -> list[PairRequest]:
    """The demands for pairs."""
    return [
        PairRequest(key, demand.from_node, demand.to_node, demand.fidelity, demand.rate_hz, demand.lanes)
        for key, demand in scenario.pair_demands.items()
    ]


def turn_s(scenario: Scenario) -> float:
    """How long a turn is, where demands take turns."""
    return scenario.entanglement.turn_s or scenario.duration_s / TURNS_PER_RUN


def pair_router(scenario: Scenario) -> PairRouter:
    """The router of the scenario."""
    rules = scenario.entanglement
    return PairRouter(
        graph_links(scenario).values(),
        devices(scenario),
        paths=rules.paths,
        most_rounds=rules.most_rounds,
        policy=rules.policy,
        cutoff_s=rules.cutoff_s,
        turn_s=turn_s(scenario),
        seed=scenario.seed,
    )
