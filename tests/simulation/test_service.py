"""The rate of a pair is that of its widest path over trusted nodes, by brute force over all simple paths."""

from __future__ import annotations

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest

from qcisim.simulation.load import load_scenario
from qcisim.simulation.result import LinkResult, Result
from qcisim.simulation.scenario import Scenario
from qcisim.simulation.service import service_of

NODES = "abcdefg"


def network(seed: int) -> tuple[Scenario, Result]:
    """Seven nodes, one of them a satellite, one not trusted; random links with random key."""
    rng = np.random.default_rng(seed)
    pairs = [pair for pair in combinations(NODES, 2) if rng.random() < 0.5 or pair == ("a", "b")]
    text = "start_utc: 2027-01-01T00:00:00Z\nnodes:\n"
    for i, name in enumerate(NODES[:-1]):
        role = "end" if name == "c" else "trusted"
        text += f"  {name}: {{role: {role}, lat: 50, lon: {5 + i}, station: {{}}}}\n"
    orbit = "{kind: circular, altitude_km: 600, inclination_deg: 90}"
    text += f"  g: {{role: trusted, satellite: {{orbit: {orbit}}}}}\n"
    text += "links:\n"
    for a, b in pairs:
        medium = "free_space: {}" if "g" in (a, b) else "fibre: {length_km: 10}"
        text += f"  {a}-{b}: {{between: [{a}, {b}], {medium}}}\n"
    text += f"service_between: [{', '.join(NODES[:-1])}]\n"
    scenario = load_scenario(text)
    links = {
        f"{a}-{b}": LinkResult(between=(a, b), secret_bits_per_s=float(rng.integers(0, 6)), status="illustrative")
        for a, b in pairs
    }
    return scenario, Result(scenario="s", hash="", seed=1, resolution="rates", duration_s=1.0, links=links)


def widest(scenario: Scenario, result: Result, a: str, b: str, without: str = "") -> tuple[float, int]:
    """(width, fewest hops of that width) over all simple paths."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(scenario.nodes)
    for link in result.links.values():
        if link.secret_bits_per_s and without not in link.between:
            graph.add_edge(*link.between, width=link.secret_bits_per_s)
    best = (0.0, 0)
    for path in nx.all_simple_paths(graph, a, b):
        if all(scenario.nodes[name].role == "trusted" for name in path[1:-1]):
            width = min(graph.edges[edge]["width"] for edge in pairwise(path))
            best = max(best, (width, -len(path)))
    return best[0], -best[1]


@pytest.mark.parametrize("seed", range(12))
def test_every_pair_has_its_widest_path(seed: int) -> None:
    scenario, result = network(seed)
    service = service_of(result, scenario)
    assert [(row["a"], row["b"]) for row in service["pairs"]] == list(combinations(NODES[:-1], 2))
    for row in service["pairs"]:
        width, length = widest(scenario, result, row["a"], row["b"])
        fibre, _ = widest(scenario, result, row["a"], row["b"], without="g")
        assert row["bits_per_s"] == width
        assert len(row["route"]) == length
        assert row["fibre_only_bits_per_s"] == row["without"]["satellite:g"] == fibre
        origin = "none" if not width else "satellite" if not fibre else "both" if width > fibre else "fibre"
        assert row["origin"] == origin
    gain = service["marginal"]["satellite:g"]
    rows = service["pairs"]
    assert gain["pairs_gained"] == sum(row["origin"] == "satellite" for row in rows)
    made = [link.secret_bits_per_s for link in result.links.values() if "g" in link.between]
    assert gain["made_bits_per_s"] == pytest.approx(sum(made))


def test_no_nodes_no_table() -> None:
    scenario, result = network(1)
    assert service_of(result, scenario.model_copy(update={"service_between": ()})) == {}
