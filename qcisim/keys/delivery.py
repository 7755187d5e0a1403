"""Handing keys out: Get key for masters, Get key with key IDs for slaves. Burn before respond."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qcisim.errors import KeyStoreError
from qcisim.keys.hop import TAG_KEY_BYTES
from qcisim.keys.key import new_key_ids
from qcisim.keys.refusal import NotAllowed, NotFound, Unavailable
from qcisim.keys.secret import SecretBytes
from qcisim.keys.state import State
from qcisim.keys.store import Change
from qcisim.keys.window import BOUND, OPEN, SPENT, BoundKey, Delivered, Pair, Waiter, Window, bind

if TYPE_CHECKING:
    from qcisim.keys.manager import KeyManager


class Delivery:
    """The two calls that release keys; each answers through ``done`` after its commit."""

    def __init__(self, manager: KeyManager) -> None:
        self._m = manager

    # -- Get key

    def get(self, master: str, slaves: Sequence[str], number: int, bits: int, done: Delivered) -> None:
        """``number`` keys of ``bits`` for ``master`` and ``slaves``; raises `Unavailable` before anything was taken."""
        m = self._m
        m.require_store()
        if len(slaves) == 1 and bits == m.limits.default_key_bits and m.topology.saes[slaves[0]] != m.node:
            pair = m.state.pair(master, slaves[0])
            self._check_path(pair.path)
            self._from_window(pair, number, done)
            return
        nodes = {m.topology.saes[s] for s in slaves}
        if nodes == {m.node}:
            self._local(master, tuple(slaves), number, bits, done)
            return
        for node in nodes - {m.node}:
            path = m.topology.path(m.node, node) or ()
            self._check_path(path)
            if m.carries(path) < number * bits // 8 + TAG_KEY_BYTES * (len(path) > 2):
                raise Unavailable("no keys left")
        m.offers.request(master, tuple(slaves), number, bits, done)

    def _check_path(self, path: Sequence[str]) -> None:
        if not path:
            raise Unavailable("no path of trusted nodes leads to the slave's KME")
        if not self._m.reachable(path):
            raise Unavailable("the slave's KME is not reachable")

    def _from_window(self, pair: Pair, number: int, done: Delivered) -> None:
        if pair.waiters or pair.available() < number:
            pair.waiters.append(Waiter(number, done, time.monotonic() + self._m.limits.wait_s))
            self._m.offers.refill(pair)
            if pair.offered == 0:  # nothing is on its way: the pool is empty
                self._settle(pair)
            return
        self.release(pair.pop(number), pair.audit, done)
        self._m.offers.refill(pair)

    def serve_waiters(self, pair: Pair) -> None:
        """Give what has opened to those who wait, in their order."""
        while pair.waiters and pair.available() >= pair.waiters[0].number:
            waiter = pair.waiters.pop(0)
            self.release(pair.pop(waiter.number), pair.audit, waiter.done)

    def _settle(self, pair: Pair) -> None:
        """Serve those who want no more than there is, and refuse the others."""
        waiters, pair.waiters = pair.waiters, []
        for waiter in waiters:
            if pair.available() >= waiter.number:
                self.release(pair.pop(waiter.number), pair.audit, waiter.done)
            else:
                waiter.done([], Unavailable("no keys left"))

    def refuse(self, pair: Pair, error: Exception) -> None:
        waiters, pair.waiters = pair.waiters, []
        for waiter in waiters:
            waiter.done([], error)

    def refuse_all(self, state: State, error: Exception) -> None:
        for pair in state.pairs.values():
            self.refuse(pair, error)

    def release(self, keys: list[BoundKey], audit: str, done: Delivered, change: Change | None = None) -> None:
        """Burn keys of the master's side and answer with them once that is durable."""
        change = change or Change()
        change.finish += [k.row for k in keys]
        self._spend(keys, change)
        ids = '","'.join([k.text for k in keys])
        self._m.audit(change, "get_key", f'{audit},"ids":["{ids}"]')
        self._m.commit(change, lambda error: _hand_over(keys, keys, done, error))

    def _spend(self, keys: list[BoundKey], change: Change) -> None:
        state = self._m.state
        for key in keys:
            window = key.window
            window.live -= 1
            if window.lane:
                lane = state.lanes[window.lane]
                lane.delivered += window.key_bits
                lane.bound -= window.key_bits
                change.lanes[window.lane] = lane.row()
            if window.live == 0 and window.state in (OPEN, BOUND):
                change.window_state.append((window.row, window.state, SPENT))
                window.state = SPENT

    # -- keys that stay within this node

    def _local(self, master: str, slaves: tuple[str, ...], number: int, bits: int, done: Delivered) -> None:
        change = Change()
        ids, secret = new_key_ids(number), SecretBytes(os.urandom(number * bits // 8))
        self.bind_here(
            master, slaves, bits, ids, secret, change, path=(self._m.node,), origin="local", epsilon=0.0, theorem=""
        )
        window = Window(
            0,
            b"",
            "master",
            SPENT,
            (self._m.node,),
            master,
            slaves,
            "request",
            bits,
            number,
            "",
            0.0,
            "",
            "local",
            False,
            time.time(),
        )
        keys, _ = bind(window, ids, SecretBytes(bytes(secret)), 1)
        names = f'"sae":{json.dumps(master)},"peer":{json.dumps(list(slaves))},"origin":"local"'
        self._m.audit(change, "get_key", names + ',"ids":["' + '","'.join(k.text for k in keys) + '"]')
        self._m.commit(change, lambda error: _hand_over(keys, keys, done, error))

    def bind_here(
        self,
        master: str,
        slaves: tuple[str, ...],
        bits: int,
        ids: list[bytes],
        secret: SecretBytes,
        change: Change,
        *,
        path: tuple[str, ...],
        origin: str,
        epsilon: float,
        theorem: str,
        simulated: bool = False,
        window_id: bytes | None = None,
        lane: str = "",
        created_s: float | None = None,
        kind: str = "request",
    ) -> Window:
        """Bind keys at the slaves' side of this node; they can be fetched once ``change`` is durable."""
        state = self._m.state
        window = Window(
            state.rows(1 + len(ids)),
            window_id or os.urandom(16),
            "slave",
            BOUND,
            path,
            master,
            slaves,
            kind,
            bits,
            len(ids),
            lane,
            epsilon,
            theorem,
            origin,
            simulated,
            time.time() if created_s is None else created_s,
        )
        keys, rows = bind(window, ids, secret, (1 << len(slaves)) - 1)
        change.window_add.append(window.to_row())
        change.binding_add += rows
        state.windows[state.window_key(window)] = window
        state.bound.update((k.key_id, k) for k in keys)
        return window

    # -- Get key with key IDs

    def fetch(self, slave: str, master: str, ids: Sequence[bytes], done: Delivered) -> None:
        """All the keys of ``ids`` or none. Raises `NotAllowed` where one is for others, else `NotFound` where one
        is missing.
        """
        m = self._m
        found: list[BoundKey] = []
        missing = False
        bound = m.state.bound
        for key_id in ids:
            key = bound.get(key_id)
            if key is None:
                missing = True
            elif slave not in key.window.slaves:
                raise NotAllowed("the key is for other SAEs")
            elif key.window.master != master or not key.pending >> key.window.slaves.index(slave) & 1:
                missing = True
            else:
                found.append(key)
        if missing:
            raise NotFound("one or more keys specified are not found on KME")
        m.require_store()
        change = Change()
        last: list[BoundKey] = []
        for key in found:
            left = key.pending & ~(1 << key.window.slaves.index(slave))
            if left:
                change.fetched.append((key.row, key.pending, left))
                key.pending = left
            else:
                change.finish.append(key.row)
                last.append(key)
                del bound[key.key_id]
        self._spend(last, change)
        names = f'"sae":{json.dumps(slave)},"peer":{json.dumps(master)}'
        m.audit(change, "get_key_with_id", names + ',"ids":["' + '","'.join([k.text for k in found]) + '"]')
        m.commit(change, lambda error: _hand_over(found, last, done, error))


def _hand_over(keys: list[BoundKey], last: list[BoundKey], done: Delivered, error: KeyStoreError | None) -> None:
    """Answer with keys that are burnt now (``done`` encodes them at once), then wipe those that nobody else is to
    get.
    """
    if error is not None:
        done([], Unavailable("the key store is not available"))
        return
    done(keys, None)
    for key in last:
        key.wipe()
