"""The key stores of a run: both ends alike, books to the bit, epsilon that adds, pads that are never used twice."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.errors import InputError, PhysicsError
from qcisim.keys import KeyNetwork
from qcisim.keys.lane import lane_name
from qcisim.keys.layout import master_key_file, store_directory
from qcisim.keys.seal import load_master_key
from qcisim.keys.sqlite import SqliteStore

NODES = ["a", "b", "c", "d"]
LINKS = {f"{x}{y}": (x, y) for x, y in pairwise(NODES)}


def filled(key_bytes: int = 4096, epsilon: float = 1e-10, **options: int) -> KeyNetwork:
    network = KeyNetwork(NODES, LINKS, **options)
    for link in LINKS:
        network.deposit(link, os.urandom(key_bytes), epsilon=epsilon, theorem="some theorem")
    return network


def closes(book: dict[str, int]) -> bool:
    return book["generated"] == sum(v for name, v in book.items() if name != "generated")


def test_a_relayed_key_costs_pad_and_tag_on_every_hop() -> None:
    network = filled()
    relayed = network.relay(NODES, 1, 256)
    assert (relayed.count, relayed.epsilon, relayed.theorem) == (1, pytest.approx(3e-10), "some theorem")
    first, *others = (network.book(link) for link in LINKS)
    assert (first["delivered"], first["relay"], first["authentication"]) == (256, 0, 256)
    for book in others:
        assert (book["delivered"], book["relay"], book["authentication"]) == (0, 256, 256)
    (key,) = relayed.keys()
    assert (key.origin, key.between, key.path, key.size_bits) == ("relayed", ("a", "d"), tuple(NODES), 256)
    ((source, target),) = relayed.parts
    assert source == target == key.bits


def test_one_message_of_many_keys_takes_one_tag() -> None:
    network = filled()
    assert network.relay(NODES, 50, 256).count == 50
    assert [network.book(link)["authentication"] for link in LINKS] == [256, 256, 256]


def test_a_direct_key_needs_no_pad_and_no_tag() -> None:
    network = filled()
    (key,) = network.relay(["b", "c"], 1, 128).keys()
    assert (key.origin, key.epsilon) == ("qkd", 1e-10)
    book = network.book("bc")
    assert (book["delivered"], book["relay"], book["authentication"]) == (128, 0, 0)


def test_the_key_of_a_direct_link_is_the_key_that_was_deposited() -> None:
    network, deposited = KeyNetwork(["a", "b"], {"ab": ("a", "b")}), os.urandom(64)
    network.deposit("ab", deposited, epsilon=0.0)
    (key,) = network.relay(["a", "b"], 1, 256).keys()
    assert bytes(key.bits) == deposited[:32]
    (other,) = network.relay(["b", "a"], 1, 256).keys()
    assert bytes(other.bits) == deposited[32:]


def test_fewer_keys_where_a_link_has_less_and_none_where_it_has_none() -> None:
    network = filled(key_bytes=320)
    assert network.relay(NODES, 1000, 256).count == 9  # 320 bytes = 10 keys less one tag
    assert network.relay(NODES, 1000, 256).count == 0
    assert all(closes(book) for book in network.books().values())


def test_epsilon_of_a_key_counts_only_the_deposits_it_has_bits_of() -> None:
    network = KeyNetwork(["a", "b"], {"ab": ("a", "b")})
    for epsilon in (1e-3, 2e-3, 4e-3):
        network.deposit("ab", os.urandom(64), epsilon=epsilon)
    # 32 bytes of each deposit serve each direction: keys of 256 bits never straddle, keys of 512 bits always do
    assert network.relay(["a", "b"], 3, 256).epsilon == pytest.approx(4e-3)
    assert network.relay(["b", "a"], 1, 512).epsilon == pytest.approx(3e-3)


def test_a_direction_that_runs_dry_gets_key_of_the_other() -> None:
    network = filled(key_bytes=6400)
    assert network.relay(NODES, 150, 256).count == 150  # half of the key was meant for the way back
    assert all(closes(lane) for lane in network.books_by_direction().values())
    assert network.relay(NODES[::-1], 40, 256).count == 40


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("deposit"), st.sampled_from(sorted(LINKS)), st.integers(0, 700), st.integers(0, 300)),
            st.tuples(
                st.just("relay"),
                st.sampled_from([(0, 3), (3, 0), (1, 3), (0, 1), (2, 1)]),
                st.integers(0, 20),
                st.sampled_from([8, 128, 256, 1000]),
            ),
        ),
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None)
def test_books_close_and_both_ends_agree_whatever_happens(events: list[tuple[str, object, int, int]]) -> None:
    network = KeyNetwork(NODES, LINKS, capacity_bits=8 * 1500)
    for what, where, amount, size in events:
        if what == "deposit":
            network.deposit(str(where), os.urandom(amount), epsilon=1e-9, discarded_bits=size, authentication_bits=size)
        else:
            start, end = where  # type: ignore[misc]  # the strategy pairs kind and shape
            path = NODES[start : end + 1] if start < end else NODES[end : start + 1][::-1]
            relayed = network.relay(path, amount, size)
            assert relayed.count <= amount
            assert len(list(relayed.keys())) == relayed.count
    for link, ends in LINKS.items():
        assert closes(network.book(link))
        assert network.stored_bits(link) + network.free_bits(link) == 2 * 8 * 1500
        for lane in (lane_name(link, *ends), lane_name(link, *reversed(ends))):
            one, other = (network._nodes[n].lanes[lane] for n in ends)
            assert one.row() == other.row()
            assert one.closes()
            assert other.closes()


def test_no_bit_of_a_link_is_used_twice() -> None:
    network, whole = KeyNetwork(["a", "b"], {"ab": ("a", "b")}), os.urandom(4096)
    network.deposit("ab", whole, epsilon=0.0)
    given = b"".join(bytes(k.bits) for _ in range(4) for k in network.relay(["a", "b"], 32, 256).keys())  # noqa: SIM118  keys() of a relay is no mapping's
    assert sorted(given[i : i + 32] for i in range(0, 4096, 32)) == sorted(
        whole[i : i + 32] for i in range(0, 4096, 32)
    )


def test_a_full_store_discards_what_comes_after() -> None:
    network = KeyNetwork(["a", "b"], {"ab": ("a", "b")}, capacity_bits=800)
    assert network.deposit("ab", os.urandom(300), epsilon=0.0) == 1600
    book = network.book("ab")
    assert (book["generated"], book["stored"], book["discarded"]) == (2400, 1600, 800)
    assert network.free_bits("ab") == 0


def test_stores_of_a_run_can_be_opened_afterwards_and_replace_those_of_an_earlier_run(tmp_path: Path) -> None:
    for _ in range(2):
        network = KeyNetwork(NODES, LINKS, directory=tmp_path)
        for link in LINKS:
            network.deposit(link, os.urandom(30_000), epsilon=1e-10, theorem="t")
        network.relay(NODES, 20, 256)
        books = network.books_by_direction()
        network.close()
    for node in NODES:
        store = SqliteStore(store_directory(tmp_path, node), node, load_master_key(master_key_file(tmp_path, node)))
        snapshot = store.load()
        for row in snapshot.lanes:
            stored = 8 * sum(p.length for p in snapshot.pool if p.lane == row.lane)
            assert (row.generated, stored) == (books[row.lane]["generated"], books[row.lane]["stored"])
        assert all(len(store.read_pool(p)) == p.length for p in snapshot.pool)
        assert store.first_broken_audit_record() is None
        store.close()


@pytest.mark.parametrize(
    ("path", "count", "bits", "error", "text"),
    [
        (["a", "c"], 1, 256, InputError, "no link joins 'a' and 'c'"),
        (["a"], 1, 256, InputError, "two different nodes"),
        (["a", "b", "a"], 1, 256, InputError, "two different nodes"),
        (["a", "b"], 1, 255, PhysicsError, "whole bytes"),
        (["a", "b"], -1, 256, PhysicsError, "none or more"),
    ],
)
def test_refusals(path: list[str], count: int, bits: int, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        filled().relay(path, count, bits)


def test_refusals_of_deposits_and_links() -> None:
    with pytest.raises(InputError, match="unknown link 'xy'"):
        filled().deposit("xy", b"", epsilon=0.0)
    with pytest.raises(PhysicsError, match="trace distance"):
        filled().deposit("ab", b"", epsilon=1.5)
    with pytest.raises(InputError, match="unknown node 'z'"):
        KeyNetwork(["a"], {"az": ("a", "z")})
