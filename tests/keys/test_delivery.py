"""Delivery between key managers: once to each side, both ends or nobody, whatever happens to messages and commits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nodes import Net, fetch, get

from qcisim.errors import InputError
from qcisim.keys.ageing import expire, forget
from qcisim.keys.memory import MemoryStore
from qcisim.keys.refusal import NotAllowed, NotFound, Unavailable
from qcisim.keys.state import Limits
from qcisim.keys.store import DONE, Change

PAIR: dict[str, Any] = {
    "nodes": {"A": True, "B": True},
    "links": {"a-b": ("A", "B")},
    "saes": {"a": "A", "b": "B", "c": "B", "a2": "A"},
}
CHAIN: dict[str, Any] = {
    "nodes": {"A": True, "M": True, "B": True},
    "links": {"a-m": ("A", "M"), "m-b": ("M", "B")},
    "saes": {"a": "A", "m": "M", "b": "B"},
}


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 20.0))


@pytest.mark.parametrize("bits", [64, 256, 1024])
@pytest.mark.parametrize("net", [PAIR, CHAIN])
def test_both_ends_get_the_same_key_once(net: dict[str, Any], bits: int) -> None:
    async def work() -> None:
        async with Net(**net) as n:
            for link in net["links"]:
                await n.deposit(link, 600)
            a, b = n.managers["A"], n.managers["B"]
            keys = await get(a, "a", "b", number=4, bits=bits)
            assert len(keys) == 4
            assert {len(k) for k in keys.values()} == {bits // 8}
            assert len(set(keys.values())) == 4
            assert await fetch(b, "b", "a", keys) == keys
            with pytest.raises(NotFound):
                await fetch(b, "b", "a", keys)
            assert n.closes()

    run(work())


def test_multicast_goes_once_to_each_slave_and_is_erased_after_the_last() -> None:
    async def work() -> None:
        async with Net(**PAIR) as n:
            await n.deposit("a-b", 50)
            keys = await get(n.managers["A"], "a", "b", "c", "a2", number=2)
            b = n.managers["B"]
            both = await asyncio.gather(fetch(b, "b", "a", keys), fetch(b, "c", "a", keys))
            assert both == [keys, keys]
            assert await fetch(n.managers["A"], "a2", "a", keys) == keys
            for slave in ("b", "c"):
                with pytest.raises(NotFound):
                    await fetch(b, slave, "a", keys)
            assert not b.state.bound
            assert n.closes()

    run(work())


def test_a_key_of_others_is_not_allowed_and_goes_before_not_found() -> None:
    async def work() -> None:
        async with Net(**PAIR) as n:
            await n.deposit("a-b", 50)
            keys = await get(n.managers["A"], "a", "b")
            b = n.managers["B"]
            with pytest.raises(NotAllowed):
                await fetch(b, "c", "a", [*keys, "00000000-0000-4000-8000-000000000000"])
            with pytest.raises(NotFound):
                await fetch(b, "b", "a", [*keys, "00000000-0000-4000-8000-000000000000"])
            assert await fetch(b, "b", "a", keys) == keys  # refusals consumed nothing

    run(work())


def test_exhaustion_refuses_everyone_soon_gives_no_part_and_recovers() -> None:
    async def work() -> None:
        async with Net(**PAIR) as n:
            await n.deposit("a-b", 20)
            a = n.managers["A"]
            got = await asyncio.gather(*(get(a, "a", "b", number=3) for _ in range(12)), return_exceptions=True)
            given = [g for g in got if isinstance(g, dict)]
            assert all(isinstance(g, dict | Unavailable) for g in got)
            assert 1 <= len(given) <= 6
            assert all(len(g) == 3 for g in given)
            for g in given:
                assert await fetch(n.managers["B"], "b", "a", g) == g
            await n.deposit("a-b", 100)
            assert len(await get(a, "a", "b", number=3)) == 3
            assert n.closes()

    run(work())


@given(st.lists(st.sampled_from(["deliver", "lose", "lose answer", "twice"]), min_size=8, max_size=8), st.booleans())
@settings(max_examples=12, deadline=None)
def test_lost_and_repeated_messages_change_nothing(plan: list[str], relayed: bool) -> None:
    async def work() -> None:
        net = CHAIN if relayed else PAIR
        async with Net(**net, limits=Limits(slice_keys=16, window_min_keys=16, wait_s=5.0, request_s=5.0)) as n:
            for link in net["links"]:
                await n.deposit(link, 300)
            steps = iter(plan)
            n.fault = lambda sender, receiver, body: next(steps, "deliver")
            a, b = n.managers["A"], n.managers["B"]
            one, two = await asyncio.gather(get(a, "a", "b", number=2), get(a, "a", "b", number=2, bits=512))
            assert await fetch(b, "b", "a", one) == one
            assert await fetch(b, "b", "a", two) == two
            await asyncio.sleep(0.01)
            assert n.closes()

    run(work())


def test_a_slow_request_is_given_up_and_its_keys_are_voided_at_both_ends() -> None:
    async def work() -> None:
        async with Net(**PAIR) as n:
            await n.deposit("a-b", 50)
            a, b = n.managers["A"], n.managers["B"]
            n.fault = lambda sender, receiver, body: "lose answer"
            with pytest.raises(Unavailable):
                await get(a, "a", "b", number=2, bits=128)
            n.fault = lambda sender, receiver, body: "deliver"
            for _ in range(100):
                await asyncio.sleep(0.02)
                if not b.state.bound:
                    break
            assert not b.state.bound
            assert n.closes()
            assert a.books()["a-b/A>B"]["discarded"] == b.books()["a-b/A>B"]["discarded"] == 256

    run(work())


@pytest.mark.parametrize(("net", "lost_by"), [(PAIR, "A"), (CHAIN, "A"), (CHAIN, "M")])
def test_key_of_an_offer_that_never_came_is_discarded_at_both_ends(net: dict[str, Any], lost_by: str) -> None:
    async def work() -> None:
        async with Net(**net) as n:
            for link in net["links"]:
                await n.deposit(link, 50)
            n.fault = lambda sender, receiver, body: "lose" if sender == lost_by and '"offer"' in body else "deliver"
            with pytest.raises(Unavailable):
                await get(n.managers["A"], "a", "b", number=2, bits=128)
            for _ in range(100):
                await asyncio.sleep(0.02)
                if all(w.state == "voided" for w in n.managers["A"].state.windows.values()):
                    break
            assert n.closes()
            for link, (near, far) in net["links"].items():
                here, there = (n.managers[node].books() for node in (near, far))
                for lane in (f"{link}/{near}>{far}", f"{link}/{far}>{near}"):
                    assert here[lane]["stored"] == there[lane]["stored"]
                    assert n.managers[near].state.lanes[lane].head == n.managers[far].state.lanes[lane].head
            sent = [(r, b) for s, r, b in n.sent if s == lost_by and '"offer"' in b]
            status, _ = await n.managers[sent[0][0]].receiver.receive(lost_by, json.loads(sent[0][1]))
            assert status == 410  # a late copy finds no key
            assert all(m.state == DONE for manager in n.managers.values() for m in manager.state.messages.values())

    run(work())


def _tampered(body: str, member: str) -> str:
    message = json.loads(body)
    if message["type"] != "offer" or len(message["header"]["path"]) == 2:
        return "deliver"
    if member == "data" and message["data"]:
        message["data"] = ("A" if message["data"][0] != "A" else "B") + message["data"][1:]
    elif member == "tag":
        message["tag"] = ("A" if message["tag"][0] != "A" else "B") + message["tag"][1:]
    elif member == "slaves":
        message["header"]["slaves"] = ["b2"]
    elif member == "epsilon":
        message["hop"]["epsilon"] = 0.0
    else:
        message["hop"]["start"] += 32
    return json.dumps(message)


@pytest.mark.parametrize("member", ["data", "tag", "slaves", "epsilon", "start"])
def test_a_forged_relay_message_is_refused_and_its_bits_are_spent(member: str) -> None:
    async def work() -> None:
        net = {**CHAIN, "saes": {**CHAIN["saes"], "b2": "B"}}
        async with Net(**net) as n:
            for link in net["links"]:
                await n.deposit(link, 100)
            n.fault = lambda sender, receiver, body: _tampered(body, member) if receiver == "B" else "deliver"
            with pytest.raises(Unavailable):
                await get(n.managers["A"], "a", "b", bits=512)
            b = n.managers["B"]
            assert not b.state.bound
            assert b.books()["m-b/M>B"]["discarded"] >= 512 + 256
            assert n.closes()

    run(work())


def test_deposits_are_accepted_once_and_in_order() -> None:
    from nodes import deposit

    from qcisim.errors import InputError

    async def work() -> None:
        async with Net(**PAIR) as n:
            a = n.managers["A"]
            await deposit(a, "a-b/A>B", 0, b"x" * 64)
            await deposit(a, "a-b/A>B", 0, b"x" * 64)  # again: harmless
            assert a.books()["a-b/A>B"]["generated"] == 512
            with pytest.raises(InputError, match="wanted 64 or more"):
                await deposit(a, "a-b/A>B", 32, b"y" * 64)
            with pytest.raises(InputError, match="no lane"):
                await deposit(a, "a-b/A>C", 0, b"y" * 64)

    run(work())


def test_a_full_disk_gives_503_no_key_and_books_that_close_after_repair(tmp_path: Path) -> None:
    async def work() -> None:
        async with Net(**PAIR, directory=tmp_path, max_pages=60) as n:
            await n.deposit("a-b", 2000)
            a, b = n.managers["A"], n.managers["B"]
            given: dict[str, bytes] = {}
            refused, reasons = 0, set[str]()
            while refused < 3:
                try:
                    given |= await get(a, "a", "b", number=20)
                except Unavailable as error:
                    refused += 1
                    reasons.add(str(error))
                    await asyncio.sleep(0.3)
            assert 0 < len(given) < 2000
            assert any("store" in reason for reason in reasons)  # the disk, not the pool, was at its end
        async with Net(**PAIR, directory=tmp_path) as n:  # the disk has room again
            a, b = n.managers["A"], n.managers["B"]
            assert n.closes()
            assert await fetch(b, "b", "a", given) == given
            more = await get(a, "a", "b", number=20)
            assert not set(more) & set(given)
            assert await fetch(b, "b", "a", more) == more
            assert n.closes()

    run(work())


def test_a_restart_keeps_every_state(tmp_path: Path) -> None:
    async def work() -> None:
        async with Net(**PAIR, directory=tmp_path) as n:
            await n.deposit("a-b", 600)
            first = await get(n.managers["A"], "a", "b", number=10)
            fetched = dict(list(first.items())[:5])
            assert await fetch(n.managers["B"], "b", "a", fetched) == fetched
            before = {k: m.books() for k, m in n.managers.items()}
        async with Net(**PAIR, directory=tmp_path) as n:
            assert {k: m.books() for k, m in n.managers.items()} == before
            rest = {k: v for k, v in first.items() if k not in fetched}
            assert await fetch(n.managers["B"], "b", "a", rest) == rest
            with pytest.raises(NotFound):
                await fetch(n.managers["B"], "b", "a", fetched)
            second = await get(n.managers["A"], "a", "b", number=10)
            assert not set(second) & set(first)
            assert not set(second.values()) & set(first.values())

    run(work())


def test_windows_that_the_peer_has_lost_are_discarded_before_a_delivery() -> None:
    async def work() -> None:
        async with Net(**PAIR) as n:
            await n.deposit("a-b", 600)
            a = n.managers["A"]
            await get(a, "a", "b")
            windows = [w.window_id for w in a.state.windows.values() if w.state == "open"]
            await forget(a, [*windows, b"unknown to both."])
            assert a.state.pair("a", "b").available() == 0
            assert n.closes()
            assert a.books()["a-b/A>B"]["discarded"] > 0
            keys = await get(a, "a", "b")  # from a window that is offered now
            assert await fetch(n.managers["B"], "b", "a", keys) == keys

    run(work())


def test_a_node_beyond_one_that_is_away_is_known_to_be_unreachable() -> None:
    async def work() -> None:
        async with Net(**CHAIN) as n:
            for link in CHAIN["links"]:
                await n.deposit(link, 100)
            a = n.managers["A"]
            assert a.away() == []
            a.heard["M"] = a.heard["M"]._replace(number=2, up=("A",))
            assert a.away() == ["B"]
            before = a.books()
            for bits in (256, 512):
                with pytest.raises(Unavailable, match="not reachable"):
                    await get(a, "a", "b", bits=bits)
            assert a.books() == before

    run(work())


def test_expired_keys_are_voided_at_both_ends_by_message() -> None:
    async def work() -> None:
        limits = Limits(expiry_s=0.2, slice_keys=8, window_min_keys=8)
        async with Net(**PAIR, limits=limits) as n:
            await n.deposit("a-b", 50)
            a, b = n.managers["A"], n.managers["B"]
            keys = await get(a, "a", "b")
            await asyncio.sleep(0.3)
            expire(a)
            await asyncio.sleep(0.1)
            with pytest.raises(NotFound):
                await fetch(b, "b", "a", keys)
            assert n.closes()

    run(work())


class SlowStore(MemoryStore):
    """Commits wait until they are let through."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.open.set()

    def apply(self, change: Change) -> None:
        self.open.wait(10.0)
        super().apply(change)


@pytest.mark.parametrize(("net", "slow"), [(PAIR, "B"), (CHAIN, "B"), (CHAIN, "M")])
def test_a_repeated_message_is_not_acknowledged_before_the_first_is_durable(net: dict[str, Any], slow: str) -> None:
    async def work() -> None:
        async with Net(**net) as nodes:
            store = SlowStore()
            await nodes.managers.pop(slow).close()
            nodes.begin(slow, store)
            for link in net["links"]:
                await nodes.deposit(link, 400)
            store.open.clear()
            nodes.fault = lambda sender, receiver, body: "lose answer"
            asking = asyncio.ensure_future(get(nodes.managers["A"], "a", "b"))
            while not any(receiver == slow for _, receiver, _ in nodes.sent):
                await asyncio.sleep(0.01)
            sender, _, body = next(m for m in nodes.sent if m[1] == slow)
            sent = len(nodes.sent)
            again = asyncio.ensure_future(nodes.managers[slow].receiver.receive(sender, json.loads(body)))
            await asyncio.sleep(0.1)
            assert not again.done()
            assert not any(m[0] == slow for m in nodes.sent[sent:])  # nor is its key used on the next link
            nodes.fault = lambda sender, receiver, body: "deliver"
            store.open.set()
            assert (await again)[0] == 200
            with contextlib.suppress(Unavailable):
                await asking
            assert nodes.closes()

    run(work())


def test_whoever_waits_behind_a_request_that_is_too_large_is_served() -> None:
    async def work() -> None:
        async with Net(**PAIR, limits=Limits(wait_s=0.6)) as nodes:
            await nodes.deposit("a-b", 60)
            large = asyncio.ensure_future(get(nodes.managers["A"], "a", "b", number=128))
            await asyncio.sleep(0.3)
            small = asyncio.ensure_future(get(nodes.managers["A"], "a", "b", number=2))
            with pytest.raises(Unavailable):
                await large
            assert len(await small) == 2

    run(work())


def test_a_fault_in_one_answer_leaves_the_others_and_the_writer_alone(capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> None:
        async with Net(**PAIR) as nodes:
            await nodes.deposit("a-b", 600)
            manager = nodes.managers["A"]
            await get(manager, "a", "b")

            def broken(keys: Any, error: Any) -> None:
                raise RuntimeError

            manager.delivery.get("a", ("b",), 1, 256, broken)
            assert await get(manager, "a", "b")
            manager.commit(Change(fetched=[("x", 1)]), lambda error: None)  # type: ignore[list-item]  # a fault of ours
            with pytest.raises(Unavailable):
                await get(manager, "a", "b")
            await asyncio.sleep(0.8)
            assert await get(manager, "a", "b")
            assert nodes.closes()

    run(work())
    assert "RuntimeError while answering" in capsys.readouterr().err


def test_a_store_that_does_not_fit_the_configuration_is_told(tmp_path: Path) -> None:
    async def work() -> None:
        async with Net(**PAIR, directory=tmp_path) as nodes:
            await nodes.deposit("a-b", 300)
            await get(nodes.managers["A"], "a", "b")
        for change, text in (({"links": {"other": ("A", "B")}}, "a-b/"), ({"saes": {"a": "A", "c": "B"}}, "SAE 'b'")):
            other = Net(**{**PAIR, **change}, directory=tmp_path)
            store = other.store("A")
            with pytest.raises(InputError, match=text):
                other.begin("A", store)
            store.close()

    run(work())
