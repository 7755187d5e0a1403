"""A store that fails at any commit, before or after it became durable: no key out, nothing twice, books that close."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from nodes import MASTER_KEY, Net, fetch, get

from qcisim.errors import KeyStoreError
from qcisim.keys import manager as manager_module
from qcisim.keys.refusal import NotFound, Unavailable
from qcisim.keys.sqlite import SqliteStore
from qcisim.keys.store import Change, PoolRow, Snapshot

PAIR: dict[str, Any] = {"nodes": {"A": True, "B": True}, "links": {"a-b": ("A", "B")}, "saes": {"a": "A", "b": "B"}}


class FaultyStore:
    """Fails at chosen commits: ``before`` = nothing was written, ``after`` = all was, and the caller cannot know."""

    def __init__(self, store: SqliteStore, fail_at: set[int], when: str) -> None:
        self._store, self._fail_at, self._when, self.commits = store, fail_at, when, 0

    def load(self) -> Snapshot:
        return self._store.load()

    def read_pool(self, row: PoolRow) -> bytes:
        return self._store.read_pool(row)

    def apply(self, change: Change) -> None:
        self.commits += 1
        if self.commits in self._fail_at and self._when == "before":
            raise KeyStoreError("injected")
        self._store.apply(change)
        if self.commits in self._fail_at:
            raise KeyStoreError("injected")

    def reopen(self) -> None:
        self._store.reopen()

    def close(self) -> None:
        self._store.close()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("node", ["A", "B"])
@pytest.mark.parametrize("first", [2, 4, 7])
def test_commits_that_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, node: str, first: int, when: str) -> None:
    monkeypatch.setattr(manager_module, "RECOVERY_S", 0.01)
    got: dict[str, bytes] = {}
    fetched: dict[str, bytes] = {}

    async def client(net: Net, bits: int) -> None:
        for _ in range(12):
            try:
                keys = await get(net.managers["A"], "a", "b", number=2, bits=bits)
                assert not keys.keys() & got.keys()
                assert not set(keys.values()) & set(got.values())
                got.update(keys)
                fetched.update(await fetch(net.managers["B"], "b", "a", keys))
            except Unavailable:
                await asyncio.sleep(0.01)

    async def work() -> None:
        net = Net(**PAIR)
        for name in "AB":
            store = SqliteStore(tmp_path / name, name, MASTER_KEY)
            net.begin(name, FaultyStore(store, {first, first + 3, first + 4}, when) if name == node else store)
        for _ in range(20):
            try:
                await net.deposit("a-b", 300)
                break
            except (Unavailable, KeyStoreError):
                await asyncio.sleep(0.05)
        await asyncio.gather(client(net, 256), client(net, 256), client(net, 128))
        await asyncio.sleep(0.3)  # messages that were refused come to rest
        assert len(fetched) > 20
        assert fetched.items() <= got.items()
        for key_id, key in got.items():
            if key_id in fetched:
                with pytest.raises(NotFound):
                    await fetch(net.managers["B"], "b", "a", [key_id])
            else:  # the slave was told 503: it was fetched without its knowing, or it can be fetched now
                try:
                    assert await fetch(net.managers["B"], "b", "a", [key_id]) == {key_id: key}
                except NotFound:
                    assert (node, when) == ("B", "after")
        assert net.closes()
        await net.__aexit__()
        for name in "AB":
            store = SqliteStore(tmp_path / name, name, MASTER_KEY)
            assert store.first_broken_audit_record() is None
            store.close()

    asyncio.run(asyncio.wait_for(work(), 30.0))
