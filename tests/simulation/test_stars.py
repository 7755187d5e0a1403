"""Stars become links between every two end nodes; their errors are told at the star."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qcisim.errors import InputError, ScenarioError
from qcisim.simulation import load_scenario
from qcisim.simulation.schema import scenario_schema
from qcisim.simulation.without import in_service, without

STAR = """
duration_s: 60
resolution: rates
nodes:
  a: {lat: 50, lon: 5}
  b: {lat: 50.2, lon: 5}
  c: {lat: 50.2, lon: 5.1}
  h: {lat: 50.1, lon: 5, role: hub}
stars:
  s:
    hub: h
    arms:
      a: {fibre: {length_km: 5}}
      b: {fibre: {length_km: 10}, sender: {signal: 0.2}}
      c: {fibre: {length_km: 20}}
    protocol: {block_s: 30}
links:
  s-a-c: {hub_share: 0.1}
"""


def test_a_star_is_a_link_for_every_two_end_nodes() -> None:
    scenario = load_scenario(STAR)
    assert set(scenario.links) == {"s-a-b", "s-a-c", "s-b-c"}
    link = scenario.links["s-b-c"]
    assert link.between == ("b", "c")
    assert link.hub == "h"
    assert link.protocol.name == "mdi"
    assert link.protocol.block_s == 30.0
    assert link.hub_share == pytest.approx(1.0 / 3.0)
    assert link.arms is not None
    assert [arm.fibre.length_km for arm in link.arms if arm.fibre] == [10.0, 20.0]
    assert link.arms[0].sender is not None
    assert link.arms[0].sender.signal == 0.2
    assert scenario.links["s-a-c"].hub_share == 0.1


def test_an_end_node_costs_one_fibre() -> None:
    more = STAR.replace("nodes:\n", "nodes:\n  d: {lat: 50.3, lon: 5.1}\n")
    more = more.replace("    protocol:", "      d: {fibre: {length_km: 7}}\n    protocol:")
    links = load_scenario(more).links
    assert len(links) == 6
    assert links["s-c-d"].hub_share == pytest.approx(1.0 / 6.0)


def test_the_share_of_a_star_is_divided() -> None:
    links = load_scenario(STAR.replace("    hub: h\n", "    hub: h\n    hub_share: 0.6\n")).links
    assert links["s-a-b"].hub_share == pytest.approx(0.2)


def test_overrides_reach_stars_and_their_links() -> None:
    sets = ["stars.s.arms.c.fibre.length_km=33", "links.s-a-b.protocol.block_s=7", "links.*.mode_overlap=0.9"]
    links = load_scenario(STAR, sets).links
    assert links["s-a-b"].protocol.block_s == 7.0
    assert links["s-b-c"].protocol.block_s == 30.0
    assert {link.mode_overlap for link in links.values()} == {0.9}
    far = links["s-a-c"].arms
    assert far is not None
    assert far[1].fibre is not None
    assert far[1].fibre.length_km == 33.0
    with pytest.raises(ScenarioError, match="an entry of stars"):
        load_scenario(STAR, ["stars.t.hub_share=0.1"])


def test_defaults_are_not_for_stars() -> None:
    given = "defaults: {link: {protocol: {name: bb84, block_s: 3}}}\n" + STAR
    assert {link.protocol.name for link in load_scenario(given).links.values()} == {"mdi"}


def test_without_the_hub_there_is_no_link() -> None:
    assert not without(load_scenario(STAR), ["node:h"]).links


REFUSED = [
    ("length_km: 20", "length_km: -20", ":15:30: error: links.s-a-c.arms[1].fibre.length_km: wanted a number"),
    ("hub: h\n", "hub: hh\n", ":11:10: error: links.s-a-c.hub: wanted a node of this scenario, got 'hh'"),
    ("    hub: h\n", "", "stars.s.hub: wanted the id of the node with the hub, got nothing"),
    ("  s-a-c:", "  s-c-a:", "links.s-c-a: wanted 's-a-c', as the arms are, got 's-c-a'"),
    ("protocol:", "protocoll:", ":16:5: error: stars.s.protocoll: wanted a field of a star, got 'protocoll'"),
    ("    protocol:", "    between: [a, b]\n    protocol:", "stars.s.between: wanted no such field of a star"),
    (
        "hub_share: 0.1",
        "hub_share: 0.9",
        "links.s-a-b.hub_share: wanted shares of the hub 'h' that add up to 1 at most",
    ),
    ("      a: {fibre: {length_km: 5}}\n", "      h: {fibre: {length_km: 5}}\n", "wanted a third node"),
]


@pytest.mark.parametrize(("old", "new", "told"), REFUSED)
def test_refusals_at_the_star(old: str, new: str, told: str) -> None:
    assert old in STAR
    with pytest.raises(ScenarioError) as caught:
        load_scenario(STAR.replace(old, new, 1))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("star", "told"),
    [
        ("[1]", "stars.s: wanted a mapping with hub and arms, got a list"),
        ("{hub: h}", "stars.s.arms: wanted an arm for each end node, got nothing"),
        ("{hub: h, arms: {a: {fibre: {length_km: 1}}}}", "stars.s.arms: wanted 2 to 64 end nodes, got 1"),
        ("{hub: h, arms: 3}", "stars.s.arms: wanted an arm for each end node, got a single value"),
    ],
)
def test_what_is_no_star(star: str, told: str) -> None:
    head = STAR.split("stars:")[0]
    with pytest.raises(ScenarioError) as caught:
        load_scenario(f"{head}stars:\n  s: {star}\n")
    assert told in str(caught.value)


def test_the_schema_knows_stars() -> None:
    schema = scenario_schema()
    star = schema["$defs"]["Star"]
    assert star["required"] == ["hub", "arms"]
    assert not {"between", "fibre", "free_space", "pair_source"} & set(star["properties"])
    assert star["properties"]["arms"]["additionalProperties"] == {"$ref": "#/$defs/Arm"}
    assert schema["properties"]["stars"]["additionalProperties"] == {"$ref": "#/$defs/Star"}
    shipped = Path(__file__).resolve().parents[2] / "docs" / "scenario.schema.json"
    assert json.loads(shipped.read_text())["$defs"]["Star"]["required"] == star["required"]


COMPARED = (
    STAR
    + """
compare:
  - between: [a, b]
    text: why
    ways:
      - {name: hub, links: [s-a-b]}
      - {name: detour, links: [s-a-c, s-b-c]}
"""
)


def test_ways_have_to_lead_somewhere() -> None:
    for old, new, told in (
        (
            "[s-a-c, s-b-c]",
            "[s-a-c]",
            "compare[0].ways[1].links: wanted links in a row from 'a' to 'b', got a way that ends",
        ),
        ("[s-a-c, s-b-c]", "[s-a-c, nope]", "wanted a link of this scenario, got 'nope'"),
        ("between: [a, b]\n    text", "between: [a, x]\n    text", "wanted a node of this scenario, got 'x'"),
    ):
        with pytest.raises(ScenarioError) as caught:
            load_scenario(COMPARED.replace(old, new))
        assert told in str(caught.value)
    with pytest.raises(ScenarioError, match="wanted a way over trusted nodes, got one over 'c'"):
        load_scenario(COMPARED)


def test_only_compared_links_carry_no_demand() -> None:
    demand = STAR.replace("hub_share: 0.1", "hub_share: 0.1, only_compared: true")
    demand += "demands:\n  d: {from: a, to: c, keys_per_s: 1}\n"
    with pytest.raises((ScenarioError, InputError), match="a demand that keys can reach"):
        load_scenario(demand)


def test_what_is_only_compared_is_not_served() -> None:
    """The hub's links stay; the node that only a compared link needs goes with it."""
    given = STAR.replace("nodes:\n", "nodes:\n  t: {lat: 50.15, lon: 5.05, role: trusted}\n")
    given += "  a-t: {between: [a, t], fibre: {length_km: 3}, only_compared: true}\n"
    served = in_service(load_scenario(given))
    assert set(served.links) == {"s-a-b", "s-a-c", "s-b-c"}
    assert set(served.nodes) == {"a", "b", "c", "h"}
    plain = load_scenario(STAR)
    assert in_service(plain) is plain
