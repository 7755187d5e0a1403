"""Keys between nodes that no link joins: relayed over trusted nodes, at once there, and accounted for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from kms import Sae, books_close, keys_of, make_fleet

from qcisim.web.fleet import Fleet


def test_relayed_key_is_the_same_at_both_ends_and_fetchable_at_once(chain: Fleet) -> None:
    a, z = Sae(chain, "A"), Sae(chain, "Z")
    code, body = a.call("GET", a.path("Z", "enc_keys"))
    assert code == 200
    claim = body["keys"][0]["key_extension"]
    assert claim["qcisim_origin"] == "relayed"
    assert claim["qcisim_trusted_nodes"] == ["Q", "R"]
    assert claim["qcisim_simulated"] is True
    assert claim["qcisim_epsilon"] == pytest.approx(3e-10)  # three links of 1e-10 each: epsilon adds
    code, fetched = z.fetch("A", [body["keys"][0]["key_ID"]])
    assert code == 200
    assert fetched["keys"][0]["key"] == body["keys"][0]["key"]
    assert fetched["keys"][0]["key_extension"] == claim


@pytest.mark.parametrize("size", [64, 256, 1024])
def test_every_size_in_both_directions(chain: Fleet, size: int) -> None:
    a, z = Sae(chain, "A"), Sae(chain, "Z")
    for master, slave in ((a, z), (z, a)):
        keys = master.get(slave.name, number=3, size=size)
        assert {len(k) for k in keys.values()} == {size // 8}
        code, body = slave.fetch(master.name, keys)
        assert code == 200
        assert {k["key_ID"] for k in body["keys"]} == set(keys)


def test_status_names_the_real_ends(chain: Fleet) -> None:
    status = Sae(chain, "A").status("Z")
    assert (status["source_KME_ID"], status["target_KME_ID"]) == ("P", "S")


def test_application_at_a_node_between_cannot_fetch(chain: Fleet) -> None:
    (key_id,) = Sae(chain, "A").get("Z")
    code, _ = Sae(chain, "M").fetch("A", [key_id])
    assert code == 400  # the node between has no such key for anyone
    code, _ = Sae(chain, "Z").fetch("A", [key_id])
    assert code == 200


def test_multicast_over_several_nodes(chain: Fleet) -> None:
    a, m, z = (Sae(chain, n) for n in "AMZ")
    keys = a.get("M", number=2, additional_slave_SAE_IDs=["Z"])
    for slave in (m, z):
        code, body = slave.fetch("A", keys)
        assert code == 200
        assert {k["key_ID"]: k["key"] for k in body["keys"]}.keys() == keys.keys()
        assert slave.fetch("A", keys)[0] == 400


def test_books_close_at_every_node_and_pads_are_spent_alike(chain: Fleet) -> None:
    Sae(chain, "A").get("Z", number=5)
    time.sleep(1.0)  # refills that are under way come to rest
    assert books_close(chain)
    for link, (one, other) in {"p-q": ("P", "Q"), "q-r": ("Q", "R"), "r-s": ("R", "S")}.items():
        for lane in (f"{link}/{one}>{other}", f"{link}/{other}>{one}"):
            near, far = (chain.state(n)["books"][lane] for n in (one, other))
            assert near["relay"] == far["relay"]
            assert near["authentication"] == far["authentication"]
            assert near["generated"] == far["generated"]


def test_a_link_without_key_on_the_way_means_503_and_nothing_is_spent(tmp_path: Path) -> None:
    links, nodes = {"p-q": ("P", "Q"), "q-r": ("Q", "R")}, {"P": True, "Q": True, "R": True}
    with make_fleet(tmp_path / "n", nodes=nodes, links=links, saes={"A": "P", "Z": "R"}, initial_keys=0) as fleet:
        fleet.deposit("p-q", bytes(range(256)) * 50, epsilon=0.0, theorem="")
        a = Sae(fleet, "A")
        before = fleet.state("P")["books"]
        for body in ({}, {"size": 512}, {"number": 3}):
            code, answer = a.call("POST", a.path("Z", "enc_keys"), body)
            assert (code, answer) == (503, {"message": "no keys left"})
        assert fleet.state("P")["books"] == before
        assert a.status("Z")["stored_key_count"] == 0
        fleet.deposit("q-r", bytes(range(255, -1, -1)) * 50, epsilon=0.0, theorem="")
        deadline = time.monotonic() + 10.0
        while (code := a.call("POST", a.path("Z", "enc_keys"), {"size": 512})[0]) != 200:
            assert code == 503
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert len(a.get("Z", number=3)) == 3


def test_an_end_that_is_away_beyond_trusted_nodes_is_known_and_means_503(chain: Fleet) -> None:
    a, z = Sae(chain, "A"), Sae(chain, "Z")
    a.get("Z")
    chain.kill("S")
    deadline = time.monotonic() + 10.0
    while (answer := a.call("GET", a.path("Z", "enc_keys")))[0] == 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert answer == (503, {"message": "the slave's KME is not reachable"})
    chain.restart("S")
    while (answer := a.call("GET", a.path("Z", "enc_keys")))[0] != 200:
        assert answer[0] == 503
        assert time.monotonic() < deadline
        time.sleep(0.1)
    z.close()
    assert z.fetch("A", keys_of(answer[1]))[0] == 200


def test_middle_node_away_means_503_and_then_service_again(chain: Fleet) -> None:
    a, z = Sae(chain, "A"), Sae(chain, "Z")
    keys = a.get("Z", number=2)
    chain.kill("R")
    code, body = a.call("POST", a.path("Z", "enc_keys"), {"size": 512})
    assert code == 503
    assert body["message"]
    chain.restart("R")
    assert z.fetch("A", keys)[0] == 200  # released before: nothing is lost
    deadline = time.monotonic() + 10.0
    while (answer := a.call("POST", a.path("Z", "enc_keys"), {"size": 512}))[0] != 200:
        assert answer[0] == 503
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert books_close(chain)
