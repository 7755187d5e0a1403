"""What a key manager keeps in memory, always rebuilt from the store: lanes, windows, bound keys, messages."""

from __future__ import annotations

import json
from dataclasses import dataclass

from qcisim.errors import InputError
from qcisim.keys.lane import Lane, lane_name
from qcisim.keys.secret import SecretBytes
from qcisim.keys.store import Change, KeyStore, MessageRow
from qcisim.keys.topology import Topology
from qcisim.keys.window import BOUND, OFFERED, OPEN, BoundKey, Pair, Window


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes of keys (bits), of requests (keys) and of windows (keys), and times (s)."""

    default_key_bits: int = 256
    min_key_bits: int = 64
    max_key_bits: int = 1024
    max_key_per_request: int = 128
    max_key_count: int = 1_000_000
    max_sae_id_count: int = 8
    slice_keys: int = 256
    window_min_keys: int = 256
    window_max_keys: int = 2048
    wait_s: float = 2.0
    request_s: float = 5.0
    expiry_s: float = 86_400.0
    tombstone_s: float = 172_800.0


class State:
    """The node's memory; a failed commit throws it away and builds the next one from disk."""

    def __init__(self, node: str, topology: Topology, store: KeyStore, limits: Limits) -> None:
        self.node, self.topology, self.store, self.limits = node, topology, store, limits
        snapshot = store.load()
        self._next = snapshot.next_row
        self.lanes: dict[str, Lane] = {}
        for link, (a, b) in topology.links.items():
            if node in (a, b):
                for source, target in ((a, b), (b, a)):
                    name = lane_name(link, source, target)
                    self.lanes[name] = Lane(name, store, self.rows)
        for books in snapshot.lanes:
            self._known(books.lane).restore(books)
        for pool in snapshot.pool:
            self._known(pool.lane).restore_pool(pool)
        self.messages: dict[bytes, MessageRow] = {m.message_id: m for m in snapshot.messages}
        self.windows: dict[bytes, Window] = {}
        self.pairs: dict[tuple[str, str], Pair] = {}
        self.bound: dict[bytes, BoundKey] = {}
        self.offered: dict[bytes, list[BoundKey]] = {}  # window -> its keys, until it opens
        by_row: dict[int, Window] = {}
        for found in snapshot.windows:
            window = Window.from_row(found)
            for sae in (window.master, *window.slaves) if window.state in (OFFERED, OPEN, BOUND) else ():
                if sae not in topology.saes:
                    raise InputError(f"the store of node {node!r} has keys of SAE {sae!r}, which is not configured")
            by_row[window.row] = window
            self.windows[self.window_key(window)] = window
        for held in snapshot.bindings:
            window = by_row[held.window]
            window.live += 1
            if window.lane:
                self.lanes[window.lane].bound += window.key_bits
            key = BoundKey(held.row, held.key_id, SecretBytes(held.secret).reveal(), window, held.pending)
            if window.state == BOUND:
                self.bound[held.key_id] = key
            elif window.state == OPEN:
                self.pair(window.master, window.slaves[0]).keys.append(key)
            elif window.state == OFFERED:
                self.offered.setdefault(window.window_id, []).append(key)

    def _known(self, lane: str) -> Lane:
        if lane not in self.lanes:
            raise InputError(f"the store of node {self.node!r} has key of {lane!r}, and no such link is configured")
        return self.lanes[lane]

    @staticmethod
    def window_key(window: Window) -> bytes:
        """Windows by ID; where this node is both ends, the slave's row has a key of its own."""
        return window.window_id + window.role[:1].encode()

    def window(self, window_id: bytes, role: str) -> Window | None:
        return self.windows.get(window_id + role[:1].encode())

    def rows(self, count: int = 1) -> int:
        """The first of ``count`` fresh row numbers in a run."""
        first = self._next
        self._next += count
        return first

    def pair(self, master: str, slave: str) -> Pair:
        pair = self.pairs.get((master, slave))
        if pair is None:
            path = self.topology.path(self.node, self.topology.saes[slave]) or ()
            pair = self.pairs[master, slave] = Pair(master, slave, path, self.limits.window_min_keys)
            pair.audit = f'"sae":{json.dumps(master)},"peer":{json.dumps(slave)}'
        return pair

    def lane_out(self, target: str) -> Lane | None:
        """The lane from this node to a neighbour."""
        link = self.topology.link_between(self.node, target)
        return self.lanes[lane_name(link, self.node, target)] if link else None

    def lane_in(self, source: str) -> Lane | None:
        """The lane from a neighbour to this node."""
        link = self.topology.link_between(self.node, source)
        return self.lanes[lane_name(link, source, self.node)] if link else None

    def erase(self, keys: list[BoundKey], change: Change, *, window: Window, to: str) -> None:
        """Void keys that nobody was given: bits erased, books say discarded, the window leaves its state."""
        change.void += [k.row for k in keys]
        if window.lane and keys:
            bits = len(keys) * window.key_bits
            self.lanes[window.lane].note(change, discarded=bits, bound=-bits)
        for key in keys:
            key.wipe()
            self.bound.pop(key.key_id, None)
        change.window_state.append((window.row, window.state, to))
        window.state, window.live = to, 0
