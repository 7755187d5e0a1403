"""The key manager of one node: delivery to SAEs, windows with peers, deposits from links, one store.

All decisions are taken in memory by one thread (the event loop's); the store makes them durable in groups; answers
leave only after that. Because requests are decided before they are written, a group holds no change that could be
refused: a row count that does not fit means a broken store, and then the whole group fails and memory is rebuilt
from disk.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from qcisim.errors import InputError, KeyStoreError, QcisimError
from qcisim.keys.carriage import Carriage
from qcisim.keys.delivery import Delivery
from qcisim.keys.offers import Offers
from qcisim.keys.receiver import Receiver
from qcisim.keys.refusal import Unavailable
from qcisim.keys.state import Limits, State
from qcisim.keys.store import Change, KeyStore
from qcisim.keys.topology import Topology
from qcisim.keys.writer import Done, GroupWriter

RECOVERY_S = 0.5


class Statement(NamedTuple):
    """What a node says of its links: its count of statements, the neighbours that are up, key towards each (bytes)."""

    number: int
    up: tuple[str, ...]
    stored_bytes: Mapping[str, int]


class Courier(Protocol):
    """Carries a message to a neighbouring key manager; raises ``OSError`` where no answer came."""

    async def post(self, peer: str, body: str) -> tuple[int, dict[str, Any]]: ...


class KeyManager:
    """One node's key manager; runs on the event loop that is current when it is made."""

    def __init__(
        self, node: str, topology: Topology, store: KeyStore, courier: Courier, limits: Limits | None = None
    ) -> None:
        if node not in topology.nodes:
            raise InputError(f"key manager of {node!r}: no such node")
        self.node, self.topology, self.store, self.courier = node, topology, store, courier
        self.limits = limits or Limits()
        self.loop = asyncio.get_running_loop()
        self.writer = GroupWriter(store, self.loop.call_soon_threadsafe)
        self.up: set[str] = set()
        self.on_news: Callable[[], None] = lambda: None  # a link that had no key has some: the others want to know
        self.heard: dict[str, Statement] = {}  # what each node last said of its links
        self._tasks: set[asyncio.Task[None]] = set()
        self._recovering = False
        self._refusals: tuple[int, int] = (0, 0)
        self.delivery, self.receiver = Delivery(self), Receiver(self)
        self.offers, self.carriage = Offers(self), Carriage(self)
        self.state = State(node, topology, store, self.limits)

    def start(self) -> None:
        """Take up what was under way when the process ended."""
        self.offers.resume()
        self.spawn(self.offers.tend())

    # -- the store

    def require_store(self) -> None:
        """Raise `Unavailable` where nothing could be made durable now."""
        if self.writer.failure is not None or self._recovering:
            raise Unavailable("the key store is not available")
        if self.writer.full:
            raise Unavailable("too many requests wait for the key store")

    def commit(self, change: Change, done: Done) -> None:
        """Make ``change`` durable, then call ``done``; a failure throws memory away and reads the states back."""

        def after(error: KeyStoreError | None) -> None:
            if error is not None:
                self._recover()
            done(error)

        try:
            self.writer.submit(change, after)
        except KeyStoreError as error:
            self._recover()
            done(error)

    async def committed(self, change: Change) -> None:
        """`commit` for coroutines: returns when durable, raises `KeyStoreError`."""
        future: asyncio.Future[None] = self.loop.create_future()

        def done(error: KeyStoreError | None) -> None:
            if not future.done():
                future.set_exception(error) if error else future.set_result(None)

        self.commit(change, done)
        await future

    def _recover(self) -> None:
        if not self._recovering:
            self._recovering = True
            self.spawn(self._reload())

    async def _reload(self) -> None:
        self.delivery.refuse_all(self.state, Unavailable("the key store is not available"))
        while True:
            await asyncio.sleep(RECOVERY_S)
            try:
                self.writer.recover()
                self.state = State(self.node, self.topology, self.store, self.limits)
            except QcisimError as error:
                self.writer.fail(KeyStoreError(str(error)))  # nothing may be written with what memory held before
                continue
            self._recovering = False
            self.offers.resume()
            return

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task that is kept until it ends."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- peers

    def peer_up(self, peer: str) -> None:
        self.up.add(peer)

    def peer_down(self, peer: str) -> None:
        """Nothing is released that a slave behind this peer could not fetch; those who wait for it are told."""
        if peer in self.up:
            self.up.discard(peer)
            for pair in self.state.pairs.values():
                if pair.path[1:2] == (peer,):
                    self.delivery.refuse(pair, Unavailable("the slave's KME is not reachable"))

    def reachable(self, path: Sequence[str]) -> bool:
        """Whether each node of a path from here is up, as far as is known: a node is asked about the next one."""
        if path[1] not in self.up:
            return False
        return all(a in self.heard and b in self.heard[a].up for a, b in pairwise(path[1:]))

    def levels(self) -> dict[str, int]:
        """Bytes of key from here to each neighbour."""
        lanes = {n: self.state.lane_out(n) for n in self.topology.neighbours(self.node)}
        return {n: lane.usable_bytes() for n, lane in lanes.items() if lane}

    def carries(self, path: Sequence[str]) -> int:
        """Bytes that a path can carry now: the least of its links, those beyond the first one as far as is known."""
        first = self.state.lane_out(path[1])
        known = [self.heard[a].stored_bytes.get(b, 0) for a, b in pairwise(path[1:]) if a in self.heard]
        return min([first.usable_bytes() if first else 0, *known])

    def away(self) -> list[str]:
        """The nodes that a path leads to and that are not reachable now."""
        paths = {n: self.topology.path(self.node, n) for n in self.topology.nodes if n != self.node}
        return [n for n, path in paths.items() if path and not self.reachable(path)]

    # -- deposits

    def deposit(
        self, lane: str, start: int, secret: bytes, *, epsilon: float, theorem: str, simulated: bool, done: Done
    ) -> None:
        """Append key to a lane, at both ends the same. A deposit that is here already is accepted again without effect.

        A hole before it is key that the other end has and this one lost; what is bound from it will be voided.

        Raises `InputError` for an unknown lane or an overlap, `Unavailable` where the lane is full or the store is
        down.
        """
        self.require_store()
        found = self.state.lanes.get(lane)
        if found is None:
            raise InputError(f"node {self.node!r} has no lane {lane!r}")
        if start + len(secret) <= found.tail:
            done(None)
            return
        if start < found.tail:
            raise InputError(f"lane {lane}: deposit at byte {start}, wanted {found.tail} or more")
        room = self.limits.max_key_count * self.limits.default_key_bits - found.stored_bits()
        if 8 * len(secret) > room:
            raise Unavailable(f"lane {lane} is full")
        change, dry = Change(), found.usable_bytes() == 0
        rows = found.append(secret, epsilon, theorem, simulated, change, start=start)
        self.audit(change, "deposit", f'"lane":{json.dumps(lane)},"bits":{8 * len(secret)}')

        def after(error: KeyStoreError | None) -> None:
            if error is None:
                found.commit_append(rows)
                self.offers.pump()
                if dry:
                    self.on_news()
            done(error)

        self.commit(change, after)

    # -- what others ask

    def audit(self, change: Change, what: str, members: str) -> None:
        """Add an audit line (JSON without key material) to the transaction that it tells of."""
        change.audit.append(f'{{"t":{time.time():.3f},"do":"{what}",{members}}}')

    def audit_refusal(self, what: str, **members: str) -> None:
        """Audit a refused request; at most 20 a second, so that refusals cannot fill the disk."""
        second = int(time.monotonic())
        count = self._refusals[1] + 1 if self._refusals[0] == second else 1
        self._refusals = (second, count)
        if count > 20 or self.writer.failure is not None or self._recovering:
            return
        change = Change()
        text = json.dumps({"t": round(time.time(), 3), "do": "refused", "what": what, **members}, separators=(",", ":"))
        change.audit.append(text)
        self.commit(change, lambda error: None)

    def books(self) -> dict[str, dict[str, int | bool]]:
        """Books of every lane in bits, and whether they close."""
        return {
            name: {
                "generated": lane.generated,
                "delivered": lane.delivered,
                "relay": lane.relay,
                "authentication": lane.authentication,
                "discarded": lane.discarded,
                "stored": lane.stored_bits(),
                "tail": lane.tail,
                "closes": lane.closes(),
            }
            for name, lane in self.state.lanes.items()
        }

    def stored_keys(self, master: str, slave: str) -> int:
        """Keys of the default size that a Get key of this pair can count on: its window and the pool of the first
        hop.
        """
        pair = self.state.pair(master, slave)
        if len(pair.path) < 2:
            return self.limits.max_key_count
        if len(pair.path) == 2:
            lane = self.state.lane_out(pair.path[1])
            pool = 8 * lane.stored_bytes // self.limits.default_key_bits if lane else 0
        else:
            pool = 8 * self.carries(pair.path) // self.limits.default_key_bits
        return min(pool + pair.available() + pair.offered, self.limits.max_key_count)

    async def close(self) -> None:
        """End the tasks, commit what waits, close the store."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.loop.run_in_executor(None, self.writer.close)
        self.store.close()


Reply = Callable[[int, dict[str, Any]], None]
