"""The flagship scenario says about itself only what is true: its sites, its lengths, and what its comments claim."""

from __future__ import annotations

from pathlib import Path

import pytest

from qcisim.network import legs, site
from qcisim.security import binary_entropy
from qcisim.simulation.build import build_link
from qcisim.simulation.link_model import LinkModel
from qcisim.simulation.load import load_scenario
from qcisim.simulation.scenario import Scenario
from qcisim.units import great_circle_km

FILE = Path(__file__).parents[2] / "scenarios" / "belux.yaml"


@pytest.fixture(scope="module")
def belux() -> Scenario:
    return load_scenario(FILE)


def expected_bits_per_s(model: LinkModel) -> tuple[float, float]:
    """Secret key per second and QBER of a block in which everything happens as often as expected."""
    protocol = model.spec.protocol
    block = next(model.blocks(protocol.block_s))
    counts = model.expected(block)
    leak_bits = 1.06 * counts.key_total * binary_entropy(counts.key_qber)
    length = model.rule(block).decide(counts, leak_bits, 128)
    return length.bits / protocol.block_s, counts.key_qber


def test_sites_are_the_recorded_ones(belux: Scenario) -> None:
    for name, node in belux.nodes.items():
        here = site(name)
        assert (node.name, node.lat, node.lon, node.country) == (here.name, here.lat_deg, here.lon_deg, here.country)


def test_lengths_and_their_status_are_the_recorded_ones(belux: Scenario) -> None:
    assert set(belux.links) == set(legs())
    for name, leg in legs().items():
        link = belux.links[name]
        assert link.fibre is not None
        assert set(link.between) == {end.id for end in leg.ends}
        assert (link.fibre.length_km, link.fibre.status) == (leg.fibre_length_km, leg.status)


def test_the_protocol_is_said_to_be_illustrative(belux: Scenario) -> None:
    assert "MDI-QKD" in belux.description
    assert "illustrative" in belux.description
    assert all(link.protocol.name == "bb84" for link in belux.links.values())
    assert all(
        link.source.kind == "weak_coherent" and len(link.source.intensities) == 3 for link in belux.links.values()
    )


def test_ends_use_and_trusted_nodes_relay(belux: Scenario) -> None:
    roles = {name: node.role for name, node in belux.nodes.items()}
    ends = {"brussels": "end", "luxembourg": "end"}
    assert roles == dict.fromkeys(("namur", "redu", "arlon"), "trusted") | ends
    served = {sae.node for sae in belux.saes.values()}
    assert served == {demand.from_node for demand in belux.demands.values()} | {
        demand.to_node for demand in belux.demands.values()
    }


def test_numbers_in_the_comments(belux: Scenario) -> None:
    text = FILE.read_text(encoding="utf-8")
    namur_arlon = great_circle_km(*(c for n in ("namur", "arlon") for c in (belux.nodes[n].lat, belux.nodes[n].lon)))
    assert "165 km, about 36 dB" in text
    assert (round(1.5 * namur_arlon), round(1.5 * namur_arlon * 0.22)) == (165, 36)
    for name, arrives in (("brussels-namur", (-36,)), ("arlon-luxembourg", (-29, -29))):
        fibre = belux.links[name].fibre
        assert fibre is not None
        loss_db = fibre.length_km * fibre.attenuation_db_per_km + fibre.connector_db
        assert tuple(round(c.launch_power_dbm - loss_db) for c in fibre.classical_channels) == arrives
    blocks = belux.duration_s / belux.links["redu-arlon"].protocol.block_s
    assert blocks == 288
    assert blocks * belux.links["redu-arlon"].protocol.epsilon_secret < 3e-8
    ministries = belux.demands["ministries"]
    assert ministries.keys_per_s * ministries.key_bits == 12_800


def test_raman_light_triples_the_error_rate_of_brussels_namur(belux: Scenario) -> None:
    fibre = belux.links["brussels-namur"].fibre
    assert fibre is not None
    dark = belux.links["brussels-namur"].model_copy(
        update={"fibre": fibre.model_copy(update={"classical_channels": ()})}
    )
    without = belux.model_copy(update={"links": dict(belux.links) | {"brussels-namur": dark}})
    _, lit_qber = expected_bits_per_s(build_link(belux, "brussels-namur"))
    _, dark_qber = expected_bits_per_s(build_link(without, "brussels-namur"))
    assert 2.5 < lit_qber / dark_qber < 3.5


def test_the_counter_propagating_channel_is_twice_as_noisy(belux: Scenario) -> None:
    noise = dict(build_link(belux, "arlon-luxembourg").actual.at(0.0).noise_per_gate)
    co, counter = (next(v for k, v in noise.items() if "Raman" in k and word in k) for word in ("co ", "counter"))
    assert 1.7 < counter / co < 2.5


def test_the_long_end_of_the_estimate_costs_four_fifths_and_starves_ministries_and_banks(belux: Scenario) -> None:
    name = "brussels-namur"
    longest_km = legs()[name].fibre_length_range_km[1]
    assert f"--set links.{name}.fibre.length_km={longest_km}" in FILE.read_text(encoding="utf-8")
    fibre = belux.links[name].fibre
    assert fibre is not None
    longer = belux.links[name].model_copy(update={"fibre": fibre.model_copy(update={"length_km": longest_km})})
    stretched = belux.model_copy(update={"links": dict(belux.links) | {name: longer}})
    usual, _ = expected_bits_per_s(build_link(belux, name))
    worst, _ = expected_bits_per_s(build_link(stretched, name))
    assert 0.15 < worst / usual < 0.25
    asked = sum(d.keys_per_s * d.key_bits for d in belux.demands.values() if "brussels" in (d.from_node, d.to_node))
    assert worst < asked < usual / 2


def test_every_leg_carries_what_is_asked_in_each_direction(belux: Scenario) -> None:
    """Even when the key of a leg is shared out equally to its two directions, the demands are met."""
    asked = sum(d.keys_per_s * d.key_bits for d in belux.demands.values() if d.to_node == "luxembourg")
    for name in belux.links:
        made, _ = expected_bits_per_s(build_link(belux, name))
        assert made / 2 > 1.2 * asked, name
