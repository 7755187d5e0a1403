"""The master's side of windows: take key, bind it here as offered, carry the message, open on the acknowledgement.

One rule for every key that two nodes share: a message along the path of trusted nodes whose first hop may carry its
own link's key as payload. A direct link is a path of one hop. An unanswered message stays pinned to its path and is
sent again; its bits go to nobody else.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from typing import TYPE_CHECKING

from qcisim.errors import KeyStoreError
from qcisim.keys import hop as hops
from qcisim.keys.ageing import expire
from qcisim.keys.key import new_key_ids
from qcisim.keys.lane import Lane, Taken
from qcisim.keys.refusal import Unavailable
from qcisim.keys.secret import SecretBytes
from qcisim.keys.state import State
from qcisim.keys.store import PENDING, Change, MessageRow
from qcisim.keys.window import ABANDONED, OFFERED, OPEN, SPENT, BoundKey, Delivered, Pair, Window, bind

if TYPE_CHECKING:
    from qcisim.keys.manager import KeyManager

TEND_S = 0.25


class Offers:
    """Refills windows, serves single requests, and keeps sending what is not acknowledged."""

    def __init__(self, manager: KeyManager) -> None:
        self._m = manager

    # -- windows ahead of demand

    def refill(self, pair: Pair) -> None:
        """Offer slices until the window is full again; begins at half."""
        m = self._m
        waiting = sum(w.number for w in pair.waiters)
        if pair.available() + pair.offered >= max(pair.target // 2, waiting):
            return
        if len(pair.path) < 2 or pair.path[1] not in m.up or m.writer.failure is not None:
            return
        now = time.monotonic()
        if now - pair.refilled_s < 1.0 and pair.target < m.limits.window_max_keys:
            pair.target = min(2 * pair.target, m.limits.window_max_keys)
        pair.refilled_s = now
        slices = 0
        while pair.available() + pair.offered < max(pair.target, waiting) and slices < 2:
            count = self._slice(pair, waiting - pair.available() - pair.offered)
            if count == 0 or not self._offer_window(pair, count):
                return
            slices += 1

    def _slice(self, pair: Pair, wanted: int) -> int:
        """Keys of the next slice: small where the pool is small, so that no window hoards what others need."""
        lane = self._m.state.lane_out(pair.path[1])
        if lane is None:
            return 0
        tag = hops.TAG_KEY_BYTES if len(pair.path) > 2 else 0
        pool = max(0, self._m.carries(pair.path) - tag) // (self._m.limits.default_key_bits // 8)
        return min(pool, self._m.limits.slice_keys, max(wanted, pool // 8, 1))

    def _offer_window(self, pair: Pair, count: int) -> bool:
        state = self._m.state
        lane = state.lane_out(pair.path[1])
        if lane is None:
            return False
        bits, change = self._m.limits.default_key_bits, Change()
        try:
            window, keys, _ = self._take(lane, (pair.path,), pair.master, (pair.slave,), count, bits, "window", change)
        except KeyStoreError:
            return False
        pair.offered += count
        state.offered[window.window_id] = keys
        self._m.commit(change, lambda error: None if error else self._m.spawn(self._carry(state, window)))
        return True

    def _take(
        self,
        lane: Lane,
        paths: tuple[tuple[str, ...], ...],
        master: str,
        slaves: tuple[str, ...],
        count: int,
        bits: int,
        kind: str,
        change: Change,
    ) -> tuple[Window, list[BoundKey], SecretBytes]:
        """Take the keys from the first path's first link and write one message per path; nothing is sent yet."""
        state = self._m.state
        size, ids = count * bits // 8, new_key_ids(count)
        parts = [(os.urandom(16), path) for path in paths]
        first = hops.TAG_KEY_BYTES if len(paths[0]) > 2 else 0
        need: dict[str, int] = {lane.name: size + first}
        for _, path in parts[1:]:
            out = state.lane_out(path[1])
            if out is None:
                raise Unavailable("no link to the next node")
            need[out.name] = need.get(out.name, 0) + size + hops.TAG_KEY_BYTES
        if any(state.lanes[name].usable_bytes() < amount for name, amount in need.items()):
            raise Unavailable("no keys left")
        taken = lane.take(lane.head, size + first, change)
        payload = SecretBytes(taken.secret.reveal()[:size])
        direct = len(paths) == 1 and len(paths[0]) == 2
        window = Window(
            state.rows(1 + count),
            parts[0][0],
            "master",
            OFFERED,
            paths[0],
            master,
            slaves,
            kind,
            bits,
            count,
            lane.name,
            taken.epsilon(bits // 8),
            taken.theorem,
            "qkd" if direct else "relayed",
            taken.simulated,
            round(time.time(), 3),
            tuple(p for p, _ in parts),
            paths,
        )
        keys, rows = bind(window, ids, payload, 1)
        change.window_add.append(window.to_row())
        change.binding_add += rows
        lane.note(change, bound=8 * size, authentication=8 * first)
        state.windows[state.window_key(window)] = window
        for n, (part, path) in enumerate(parts):
            there = tuple(s for s in slaves if self._m.topology.saes[s] == path[-1])
            text = base64.b64encode(b"".join(ids)).decode()
            header = hops.Header(part.hex(), path, master, there, bits, count, text, kind, window.created_s)
            if n == 0:
                self._write(header, taken, None, size, first > 0, change)
            else:
                out = state.lane_out(path[1])
                assert out is not None
                pad = out.take(out.head, size + hops.TAG_KEY_BYTES, change)
                out.note(change, relay=8 * size, authentication=8 * hops.TAG_KEY_BYTES)
                self._write(header, pad, payload, size, True, change, taken)
        taken.secret.wipe()
        names = f'"sae":{json.dumps(master)},"peer":{json.dumps(list(slaves))},"path":{json.dumps(list(paths[0]))}'
        self._m.audit(change, "offer", f'{names},"window":"{window.window_id.hex()}","keys":{count}')
        return window, keys, payload

    def _write(
        self,
        header: hops.Header,
        taken: Taken,
        payload: SecretBytes | None,
        size: int,
        tagged: bool,
        change: Change,
        source: Taken | None = None,
    ) -> None:
        """Put one message into the transaction; ``source`` is where a padded payload came from."""
        unit = header.key_bits // 8
        epsilon = taken.epsilon(unit) + (source.epsilon(unit) if source else 0.0)
        mode = hops.PAYLOAD if payload is None else hops.PAD
        simulated = taken.simulated or bool(source and source.simulated)
        place = hops.Hop(0, mode, taken.start, size, tagged, min(1.0, epsilon), taken.theorem, simulated)
        body = hops.write(header, place, b"" if payload is None else payload.reveal(), taken.secret.reveal())
        row = MessageRow(bytes.fromhex(header.message_id), header.path[1], body, PENDING)
        change.message_put.append(row)
        self._m.state.messages[row.message_id] = row

    # -- opening

    async def _carry(self, state: State, window: Window) -> None:
        """Send the window's messages until each is acknowledged, then open it."""
        outcome = "open"
        for part in window.parts:
            outcome = await self._m.carriage.send(state, part, window)
            if outcome != "open":
                break
        if self._m.state is not state:
            return
        if outcome == "open" and window.state == OFFERED and window.kind == "window":
            self._open(state, window)
        elif window.state == OFFERED and outcome == "refused":
            self._m.carriage.give_up(state, window)

    def _open(self, state: State, window: Window) -> None:
        change, keys = Change(), state.offered.pop(window.window_id)
        change.window_state.append((window.row, OFFERED, OPEN))
        change.message_done += window.parts
        window.state = OPEN
        pair = state.pair(window.master, window.slaves[0])

        def opened(error: KeyStoreError | None) -> None:
            if error is None and self._m.state is state:
                pair.offered -= window.count
                pair.keys += keys
                self._m.delivery.serve_waiters(pair)
                self.refill(pair)

        self._m.commit(change, opened)

    # -- single requests: other sizes, several slaves

    def request(self, master: str, slaves: tuple[str, ...], number: int, bits: int, done: Delivered) -> None:
        """Bind keys for one Get key at every slave's node, then release them to the master."""
        m, state = self._m, self._m.state
        nodes: list[str] = []
        for slave in slaves:
            node = m.topology.saes[slave]
            if node != m.node and node not in nodes:
                nodes.append(node)
        paths = tuple(m.topology.path(m.node, node) or () for node in nodes)
        lane = state.lane_out(paths[0][1])
        if lane is None:
            raise Unavailable("no link to the next node")
        change = Change()
        window, keys, payload = self._take(lane, paths, master, slaves, number, bits, "request", change)
        state.offered[window.window_id] = keys
        m.commit(
            change,
            lambda error: (
                done([], Unavailable("the key store is not available"))
                if error
                else m.spawn(self._fulfil(state, window, payload, done))
            ),
        )

    async def _fulfil(self, state: State, window: Window, payload: SecretBytes, done: Delivered) -> None:
        m = self._m
        try:
            async with asyncio.timeout(m.limits.request_s):
                outcomes = [await m.carriage.send(state, part, window) for part in window.parts]
        except TimeoutError:
            outcomes = ["late"]
        if m.state is not state:
            done([], Unavailable("the key store is not available"))
            return
        if any(o != "open" for o in outcomes):
            self._m.carriage.give_up(state, window)
            done([], Unavailable("the slave's KME did not answer"))
            return
        keys, change = state.offered.pop(window.window_id), Change()
        here = tuple(s for s in window.slaves if m.topology.saes[s] == m.node)
        if here:
            m.delivery.bind_here(
                window.master,
                here,
                window.key_bits,
                [k.key_id for k in keys],
                SecretBytes(payload.reveal()),
                change,
                path=window.path,
                origin=window.origin,
                epsilon=window.epsilon,
                theorem=window.theorem,
                simulated=window.simulated,
            )
        change.window_state.append((window.row, OFFERED, SPENT))
        change.message_done += window.parts
        window.state = SPENT
        names = f'"sae":{json.dumps(window.master)},"peer":{json.dumps(list(window.slaves))}'
        m.delivery.release(keys, names, done, change)

    # -- time

    def resume(self) -> None:
        """After a start: carry on with what was offered; a request nobody waits for any more is voided."""
        state = self._m.state
        for window in list(state.windows.values()):
            if window.role != "master":
                continue
            if window.state == OFFERED and window.kind == "window":
                state.pair(window.master, window.slaves[0]).offered += window.count
                self._m.spawn(self._carry(state, window))
            elif window.state == OFFERED:
                self._m.carriage.give_up(state, window)
            elif window.state == ABANDONED:
                self._m.spawn(self._m.carriage.carry_void(state, window))

    def pump(self) -> None:
        """New key has come: refill the windows of the pairs in use."""
        for pair in self._m.state.pairs.values():
            if pair.waiters or pair.refilled_s:
                self.refill(pair)

    async def tend(self) -> None:
        """Refuse those who waited too long, and void what is too old, at both ends by message."""
        next_expiry = time.monotonic()
        while True:
            await asyncio.sleep(TEND_S)
            if self._m.writer.failure is not None:
                continue
            now, state = time.monotonic(), self._m.state
            for pair in state.pairs.values():
                late = [w for w in pair.waiters if w.deadline_s < now]
                pair.waiters = [w for w in pair.waiters if w.deadline_s >= now]
                for waiter in late:
                    waiter.done([], Unavailable("no keys left"))
                if late:  # those who waited behind them may want less
                    self._m.delivery.serve_waiters(pair)
            if now >= next_expiry:
                next_expiry = now + 10.0
                expire(self._m)
