"""Passes as runs see them: resolutions agree, blocks are fixed before, clouds cut, keys go over the satellite."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from space_texts import RELAY, micius, relay

from qcisim import run
from qcisim.simulation.build import build_links
from qcisim.simulation.contacts import HELD_S, Contacts
from qcisim.simulation.link_model import Block, Stretch
from qcisim.simulation.load import load_scenario
from qcisim.simulation.result import Result

ALARM = 1e-9


@pytest.fixture(scope="module")
def two_days() -> Result:
    return run(relay())


def test_the_pass_of_december_2016_is_where_and_when_it_was() -> None:
    """Liao et al., Nature 549, 43 (2017), Fig. 3: 645 km at closest, 273 s below 1200 km."""
    result = run(micius("resolution=rates"))
    (one,) = result.passes
    assert one.minimum_range_km == pytest.approx(645.0, abs=1.5)
    assert one.duration_s == pytest.approx(273.0, abs=1.0)
    assert one.start_utc.startswith("2016-12-19T16:49:57")
    assert (one.status, one.sunlit) == ("taken", False)
    assert one.sun_elevation_deg is not None
    assert one.sun_elevation_deg < -60.0
    track = one.track
    assert max(track["range_km"]) == pytest.approx(1200.0, abs=0.1)
    link = result.links["micius-xinglong"]
    assert sum(link.losses_db.values()) == pytest.approx(-10.0 * np.log10(link.transmittance))
    assert set(link.terms_provenance) >= set(link.losses_db)


def test_counts_of_a_pass_lie_where_rates_expect_them() -> None:
    rates, counts = (run(micius(f"resolution={name}")).links["micius-xinglong"] for name in ("rates", "counts"))
    for name in ("clicks", "sifted_bits", "test_bits"):
        low, high = stats.poisson.interval(1.0 - ALARM, getattr(rates, name))
        assert low <= getattr(counts, name) <= high
    assert counts.secret_bits == rates.secret_bits > 0  # the length was fixed before


@pytest.mark.full
def test_clicks_of_a_pass_lie_where_rates_expect_them() -> None:
    rates, clicks = (run(micius(f"resolution={name}")).links["micius-xinglong"] for name in ("rates", "clicks"))
    spread = 6.0 * np.sqrt(rates.clicks) + 0.001 * rates.clicks  # fading is drawn, ten milliseconds at a time
    assert abs(clicks.clicks - rates.clicks) < spread
    assert clicks.secret_bits == rates.secret_bits > 0


def test_clicks_of_a_short_pass_are_distilled() -> None:
    result = run(micius("resolution=clicks", "links.micius-xinglong.free_space.maximum_range_km=660"))
    link = result.links["micius-xinglong"]
    assert 0 < link.clicks < 3_000_000
    assert link.leak_bits > 0
    assert link.secret_bits > 0


def test_same_seed_same_bytes_and_other_seed_other_clouds() -> None:
    cloudy = ("nodes.north.station.cloud_fraction=0.5", "nodes.south.station.cloud_fraction=0.5")
    first, again = run(relay(*cloudy, "seed=3")), run(relay(*cloudy, "seed=3"))
    assert first.to_json() == again.to_json()
    assert Result.from_json(first.to_json()) == first
    skies = {tuple(one.status for one in run(relay(*cloudy, f"seed={seed}")).passes) for seed in range(4)}
    assert len(skies) > 1


def test_a_rule_is_fixed_by_the_predicted_pass_and_a_cloud_cuts_it(two_days: Result) -> None:
    """Under clouds the same passes are planned with the same key; those that are cut make none."""
    clouds = ("nodes.north.station.cloud_fraction=0.6", "nodes.south.station.cloud_fraction=0.6")
    result = run(relay(*clouds, "pass_planning.policy=most_key"))
    clear = {one.start_s: one for one in run(relay("pass_planning.policy=most_key")).passes}
    assert {one.status for one in result.passes} >= {"taken", "clouded out"}
    for one in result.passes:
        assert one.key_bits_if_clear == clear[one.start_s].key_bits_if_clear
        if one.status == "clouded out":
            assert one.secret_bits is None
            assert one.expected_key_bits == pytest.approx(0.4 * one.key_bits_if_clear)
        elif one.status == "taken":
            assert one.secret_bits in (0, one.key_bits_if_clear)
    made = sum(one.secret_bits or 0 for one in result.passes)
    assert sum(link.secret_bits for link in result.links.values()) == made


def test_one_terminal_serves_one_station_at_a_time(two_days: Result) -> None:
    taken = sorted((one for one in two_days.passes if one.status == "taken"), key=lambda one: one.start_s)
    assert len(taken) > 3
    for a, b in pairwise(taken):
        assert a.end_s + 30.0 <= b.start_s
    missed = [one for one in two_days.passes if one.status == "not scheduled"]
    assert missed
    assert all("has the terminal" in one.reason for one in missed)
    two = run(relay("nodes.sat.satellite.terminals=2", "demands.d.keys_per_s=0.001"))
    assert not any(one.status == "not scheduled" for one in two.passes)


def test_key_goes_over_the_satellite_and_only_in_contact(two_days: Result) -> None:
    demand = two_days.demands["d"]
    last_s = max(one.end_s for one in two_days.passes)
    asked_since = 0.01 * (two_days.duration_s - last_s)
    assert 0 < demand.keys_requested - asked_since - 1 <= demand.keys_delivered < demand.keys_requested
    assert demand.trusted_nodes == ("sat",)
    assert [(route.path, route.origin) for route in demand.routes] == [(("north", "sat", "south"), "satellite")]
    curve = two_days.series.delivered_keys["d"]
    t_s = two_days.series.t_s
    contacts = [(one.start_s, one.end_s) for one in two_days.passes]
    grown = np.flatnonzero(np.diff(curve) > 0)
    for i in grown:  # between two samples of the series there was a contact
        assert any(start <= t_s[i + 1] and end + 65.0 >= t_s[i] for start, end in contacts)
    assert demand.latency_s["p95"] >= demand.latency_s["median"] > 0.0


def test_what_stays_on_board_is_what_one_side_has_more(two_days: Result) -> None:
    """min(K_A, K_B) can be relayed whatever the order; sat-trusted-relay-xor."""
    starved = run(relay("demands.d.keys_per_s=100"))
    bits = {name: link.secret_bits - link.authentication_bits for name, link in starved.links.items()}
    demand = starved.demands["d"]
    assert demand.keys_delivered < demand.keys_requested
    most = min(bits.values()) // 256
    assert most - 64 <= demand.keys_delivered <= most  # tags of the hops take a few keys
    richer = max(bits, key=lambda name: bits[name])
    assert starved.books[richer].stored >= max(bits.values()) - min(bits.values())


def test_storage_on_board_is_limited() -> None:
    result = run(relay("nodes.sat.satellite.storage_bits=400000", "demands.d.keys_per_s=0.0001"))
    stored = sum(book.stored for book in result.books.values())
    assert 300_000 < stored <= 400_000
    assert sum(book.discarded for book in result.books.values()) > 0


def test_blocks_of_several_passes_have_one_length() -> None:
    scenario = relay("links.*.protocol.passes_per_block=2", "pass_planning.policy=most_key")
    single = relay("pass_planning.policy=most_key")
    models, _ = build_links(scenario)
    blocks = list(models["sat-south"].blocks(scenario.duration_s))
    assert [len(block.passes) for block in blocks[:-1]] == [2] * (len(blocks) - 1)
    model = models["sat-south"]
    pair = next(block for block in blocks if len(block.passes) == 2)
    parts = [Block((stretch,), pair.source, pair.receiver) for stretch in pair.stretches]
    together, apart = model.planned_length(pair)[0], sum(model.planned_length(part)[0] for part in parts)
    assert together > apart > 0
    assert model.expected(pair).rounds == pytest.approx(sum(model.expected(part).rounds for part in parts))
    assert run(scenario).links["sat-south"].blocks < run(single).links["sat-south"].blocks


def test_expected_counts_in_closed_form_are_those_of_the_click_tables() -> None:
    from qcisim.optics import expected_tallies
    from qcisim.sdk import BlockCounts

    models, _ = build_links(relay())
    model = models["sat-north"]
    block = next(model.blocks(172800.0))
    short = Block((Stretch(block.start_s + 60.0, 20.0),), block.source, block.receiver)
    light = model.light(short, actual=False)
    tally = expected_tallies(light.tables, light.rounds.astype(float), short.receiver.detector, short.source.clock_hz)
    direct, closed = BlockCounts.of(tally.total(), short.source, observed=False), model.expected(short)
    for name in ("key", "test", "test_errors", "key_errors"):
        assert getattr(closed, name) == pytest.approx(getattr(direct, name), rel=1e-9)


def test_settings_are_chosen_for_each_predicted_pass() -> None:
    plain, best = run(relay("links.sat-north.key_source=qkd")), run(relay("links.*.protocol.optimise=true"))
    for name, link in best.links.items():
        assert link.secret_bits > plain.links[name].secret_bits


def test_a_station_that_never_sees_the_satellite_has_zero_keys_and_a_reason() -> None:
    scenario = relay("nodes.sat.satellite.orbit={kind: circular, altitude_km: 500, inclination_deg: 5}")
    result = run(scenario)
    assert result.passes == ()
    for link in result.links.values():
        assert (link.secret_bits, link.passes, link.reason) == (0, 0, "no pass in this time")
    assert result.demands["d"].keys_delivered == 0
    clicks = run(scenario.model_copy(update={"resolution": "clicks"}))
    assert all(link.secret_bits == 0 for link in clicks.links.values())


def test_a_geostationary_satellite_is_planned_by_windows() -> None:
    result = run(
        relay(
            "nodes.sat.satellite.orbit={kind: geostationary, longitude_deg: 10}",
            "pass_planning.step_s=60",
            "links.*.free_space.maximum_sun_elevation_deg=-18",
        )
    )
    assert {one.link for one in result.passes} == {"sat-north", "sat-south"}
    for one in result.passes:
        assert 0.0 <= one.start_s < one.end_s <= 172800.0
        assert one.duration_s < 12.0 * 3600.0


def test_light_between_satellites_and_up_from_a_station() -> None:
    up = run(micius("links.micius-xinglong.between=[xinglong, micius]"))
    down = run(micius())
    assert 0 < up.links["micius-xinglong"].secret_bits < down.links["micius-xinglong"].secret_bits
    other = "{role: trusted, satellite: {orbit: {kind: circular, altitude_km: 1200, inclination_deg: 90}}}"
    crossing = run(relay(f"nodes.south={other}"))
    link = crossing.links["sat-south"]
    assert link.passes > 0
    assert "occultation" in link.losses_db
    assert "extinction" not in link.losses_db


def test_contacts_close_when_the_satellite_has_set() -> None:
    scenario = relay()
    _, timetable = build_links(scenario)
    passes = list(timetable.passes(scenario.duration_s))
    contacts = Contacts(["sat"], passes)
    one = passes[0]
    assert contacts.open(("north", "sat", "south"), one.geometry.culmination_s)
    assert not contacts.open(("north", "sat", "south"), one.geometry.rise_s - 1.0)
    assert contacts.open(("north", "south"), 0.0)
    later = replace(one, geometry=replace(one.geometry, rise_s=1e6, culmination_s=1e6 + 1, set_s=1e6 + 2))
    assert not Contacts(["sat"], [later]).open(("sat",), 0.0)


def test_trusted_nodes_of_a_demand_are_those_of_every_route_that_carried_key() -> None:
    """A direct fibre carries most keys; the satellite that has read the others is named all the same."""
    fibre = "{between: [north, south], fibre: {length_km: 50}, free_space: null, key_source: stored, initial_keys: 500}"
    text = RELAY.replace("  sat-north:", f"  fibre: {fibre}\n  sat-north:")
    demand = run(load_scenario(text, ["pass_planning.step_s=10"])).demands["d"]
    carried = {route.origin: route.keys_delivered for route in demand.routes}
    assert carried["fibre"] > carried["satellite"] > 0
    assert demand.path == ("north", "south")
    assert demand.trusted_nodes == ("sat",)


@pytest.mark.parametrize("between", ["[sat, mate]", "[mate, sat]"])
def test_a_satellite_in_sight_of_another_is_not_in_contact_with_the_ground(between: str) -> None:
    orbit = "{kind: sun_synchronous, altitude_km: 600, local_time_ascending_node_h: 22.5, argument_of_latitude_deg: 8}"
    text = RELAY.replace("  north:", f"  mate: {{role: end, satellite: {{orbit: {orbit}}}}}\n  north:", 1)
    scenario = load_scenario(text.replace("  sat-north:", f"  crosslink: {{between: {between}}}\n  sat-north:"))
    _, timetable = build_links(scenario)
    passes = list(timetable.passes(scenario.duration_s))
    assert any({one.satellite, one.station} == {"sat", "mate"} for one in passes)
    contacts = Contacts(["sat", "mate"], passes)
    ground = [one.geometry for one in passes if one.station in ("north", "south")]
    for t_s in np.arange(0.0, scenario.duration_s, 600.0):
        above = any(one.rise_s <= t_s <= one.set_s + HELD_S for one in ground)
        assert contacts.open(("north", "sat", "south"), t_s) == above
        assert not contacts.open(("mate",), t_s)


def test_a_block_of_several_passes_is_fixed_before_its_first_light_whatever_the_clouds() -> None:
    """Its passes are the ones scheduled next; where a cloud takes one, the block makes no key and none takes over."""
    clear = relay("links.*.protocol.passes_per_block=2", "pass_planning.policy=most_key", "duration_s=518400")
    fractions = ("nodes.north.station.cloud_fraction=0.3", "nodes.south.station.cloud_fraction=0.3")
    planned = {block.passes for block in build_links(clear)[0]["sat-south"].blocks(clear.duration_s)}
    seen = 0
    for seed in range(6):
        cloudy = relay(
            *fractions,
            f"seed={seed}",
            "links.*.protocol.passes_per_block=2",
            "pass_planning.policy=most_key",
            "duration_s=518400",
        )
        blocks = list(build_links(cloudy)[0]["sat-south"].blocks(cloudy.duration_s))
        assert {block.passes for block in blocks} <= planned
        seen += len(blocks)
    assert 0 < seen < 6 * len(planned)


def test_no_light_is_used_twice_at_the_border_of_two_windows() -> None:
    """A pass of an hour and more is cut at the border; what is planned is what is visible."""
    orbit = "{kind: circular, altitude_km: 8000, inclination_deg: 60}"
    scenario = relay(
        f"nodes.sat.satellite.orbit={orbit}",
        "nodes.sat.satellite.terminals=2",
        "pass_planning.window_h=3",
        "pass_planning.step_s=60",
        "links.*.free_space.maximum_sun_elevation_deg=90",
    )
    _, timetable = build_links(scenario)
    planned: dict[str, list[tuple[float, float]]] = {"sat-north": [], "sat-south": []}
    for one in timetable.passes(scenario.duration_s):
        planned[one.link_id].append((one.start_s, one.end_s))
    for name, spans in planned.items():
        spans.sort()
        assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(spans))
        visible = timetable.model(name).calibrated.passes(0.0, scenario.duration_s)  # type: ignore[attr-defined]
        assert sum(end - start for start, end in spans) == pytest.approx(sum(v.duration_s for v in visible), abs=120.0)


def test_a_terminal_that_stays_on_its_target_needs_no_slew() -> None:
    result = run(
        relay(
            "nodes.sat.satellite.orbit={kind: geostationary, longitude_deg: 10}",
            "nodes.sat.satellite.terminals=2",
            "pass_planning.step_s=60",
            "links.*.free_space.maximum_sun_elevation_deg=90",
            "links.*.free_space.sky.day_radiance_w_per_m2_um_sr=0",
            "links.*.free_space.transmitter.aperture_m=2",
            "resolution=rates",
        )
    )
    assert [one.status for one in result.passes] == ["taken"] * 4


def test_each_link_has_its_part_of_the_room_on_board() -> None:
    result = run(relay("nodes.sat.satellite.storage_bits=400000", "demands.d.keys_per_s=1"))
    stored = {name: book.stored for name, book in result.books.items()}
    assert max(stored.values()) <= 200_000
    assert result.demands["d"].keys_delivered > 500


def test_a_plan_that_knows_the_clouds_schedules_none_under_them() -> None:
    clouds = ("nodes.north.station.cloud_fraction=0.6", "nodes.south.station.cloud_fraction=0.6")
    result = run(relay(*clouds, "pass_planning.knows_clouds=true"))
    assert "clouded out" not in {one.status for one in result.passes}
    hidden = [one for one in result.passes if one.reason == "clouds above it, known before"]
    assert hidden
    assert all((one.status, one.expected_key_bits) == ("not scheduled", 0.0) for one in hidden)


def test_settings_of_a_pass_stand_with_the_pass() -> None:
    result = run(relay("links.*.protocol.optimise=true", "duration_s=86400"))
    for one in result.passes:
        assert bool(one.settings) == (one.key_bits_if_clear > 0)
    chosen = {tuple(one.settings["intensities"]) for one in result.passes if one.settings}
    assert len(chosen) > 1
    assert result.provenance["settings"]["sat-north"]["optimised"] is True


def test_acceptance_is_planned_for_fading_that_is_drawn_seldom() -> None:
    """With a value of the fading every second the counts of a pass spread far beyond Poisson; the plan knows."""
    slow = (
        "links.micius-xinglong.free_space.atmosphere.fading_coherence_s=1",
        "links.micius-xinglong.free_space.transmitter.jitter_rad=3e-6",
        "links.micius-xinglong.protocol.acceptance_probability=0.9",
    )
    models, _ = build_links(micius(*slow))
    model = models["micius-xinglong"]
    (block,) = model.blocks(3600.0)
    rule, accepted, clicks = model.rule(block), 0, []
    for seed in range(60):
        counted = model.count(block, np.random.default_rng(seed))
        clicks.append(counted.clicks)
        accepted += rule.decide(counted.counts, model.planned_leak_bits(counted.counts), 128).bits > 0
    assert np.std(clicks) > 4.0 * np.sqrt(np.mean(clicks))
    assert accepted >= stats.binom.ppf(ALARM, 60, 0.9)


def test_the_weather_of_a_live_start_is_that_of_the_scenario() -> None:
    clouds = ("nodes.north.station.cloud_fraction=0.5", "nodes.south.station.cloud_fraction=0.5")
    scenario = relay(*clouds)
    other = scenario.model_copy(update={"seed": 5})
    expected = [one.status for one in build_links(scenario)[1].passes(172800.0)]
    assert [one.status for one in build_links(other, weather_seed=scenario.seed)[1].passes(172800.0)] == expected
    skies = [scenario.model_copy(update={"seed": seed}) for seed in range(2, 8)]
    assert any([one.status for one in build_links(sky)[1].passes(172800.0)] != expected for sky in skies)


def test_relays_of_a_link_are_named_wherever_its_key_goes() -> None:
    text = """
resolution: counts
duration_s: 60
nodes: {a: {lat: 50, lon: 5}, b: {lat: 51, lon: 9}}
links: {a-b: {between: [a, b], fibre: {length_km: 400, trusted_relays: 7}}}
demands: {d: {from: a, to: b, keys_per_s: 1}}
"""
    result = run(text)
    assert result.demands["d"].keys_delivered > 0
    assert result.demands["d"].trusted_nodes == ("a-b (7 relays)",)
    assert any("7 trusted relays" in text for text in result.links["a-b"].assumptions)
    assert result.links["a-b"].epsilon > 7 * 1e-10
