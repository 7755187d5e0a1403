"""The key managers of a run: every node's lanes in one process, on one clock, with the same books, pads and tags as
the live ones.

A run has one hand that decides, so a direction that runs dry is given key of the other one (`Lane.cede`), at both
ends alike.
"""

from __future__ import annotations

import hashlib
import math
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from qcisim.errors import EnvironmentFault, InputError, KeyStoreError, require
from qcisim.keys import hop as hops
from qcisim.keys.key import Key
from qcisim.keys.lane import ROW_BYTES, Lane, Taken, lane_name
from qcisim.keys.layout import master_key_file, store_directory
from qcisim.keys.memory import MemoryStore
from qcisim.keys.seal import load_master_key
from qcisim.keys.secret import SecretBytes
from qcisim.keys.sqlite import FILE_NAME, SqliteStore
from qcisim.keys.store import Change, KeyStore

RUN_ROW_BYTES = 1 << 15  # rows of a run: larger than a slice, small enough to be cut without much copying
MESSAGE_BYTES = 1 << 16  # payload of one relay message, under one tag
BOOKS = ("generated", "delivered", "relay", "authentication", "discarded", "stored")


@dataclass(frozen=True, slots=True)
class Relayed:
    """Keys that both ends of a path hold now. ``epsilon`` is that of the worst single key: it adds over the links."""

    path: tuple[str, ...]
    count: int
    key_bits: int
    epsilon: float
    theorem: str = ""
    simulated: bool = True
    number: int = 0
    parts: tuple[tuple[SecretBytes, SecretBytes], ...] = ()  # as the source and as the target holds them
    relayed: bool = False

    def keys(self, created_s: float = 0.0) -> Iterator[Key]:
        """The keys one by one, as the target has them; the IDs follow from path and message number."""
        size, name, i = self.key_bits // 8, "/".join(self.path).encode(), 0
        for _, target in self.parts:
            whole = target.reveal()
            for at in range(0, len(whole), size):
                digest = hashlib.sha256(b"%d|%d|" % (self.number, i) + name).digest()
                yield Key(
                    str(uuid.UUID(bytes=digest[:16], version=4)),
                    SecretBytes(whole[at : at + size]),
                    self.epsilon,
                    (self.path[0], self.path[-1]),
                    created_s,
                    "relayed" if self.relayed else "qkd",
                    self.path,
                    self.theorem,
                    self.simulated,
                )
                i += 1


class _Node:
    """One node of the run: its store, its lanes, its row numbers."""

    def __init__(self, store: KeyStore) -> None:
        self.store, self.lanes, self._next = store, dict[str, Lane](), 1

    def row(self) -> int:
        self._next += 1
        return self._next - 1


class KeyNetwork:
    """Key stores of all nodes of a run. Bits go in by `deposit`, move by `relay`, and `books` say where each went.

    ``links``: link -> its two nodes; ``capacity_bits``: room per link and direction; ``node_capacity_bits``: room of
    a node for the key of all its links, where it is limited (a satellite); ``relayed_links`` have trusted relays of
    their own, so their key is relayed key even between the two ends; with ``directory`` the stores are written
    there as sealed SQLite files by `close`, so that key managers can serve them afterwards.
    """

    def __init__(
        self,
        nodes: Sequence[str],
        links: Mapping[str, tuple[str, str]],
        *,
        capacity_bits: int = 256_000_000,
        node_capacity_bits: Mapping[str, int] | None = None,
        relayed_links: Iterable[str] = (),
        directory: Path | None = None,
    ) -> None:
        self.links = {name: (ends[0], ends[1]) for name, ends in links.items()}
        self._capacity, self._directory, self._messages = capacity_bits, directory, 0
        self._node_capacity, self._relayed_links = dict(node_capacity_bits or {}), frozenset(relayed_links)
        self._nodes = {node: _Node(MemoryStore()) for node in nodes}
        self._between: dict[frozenset[str], str] = {}
        for name, (a, b) in sorted(self.links.items(), reverse=True):
            for node in (a, b):
                if node not in self._nodes:
                    raise InputError(f"link {name!r}: unknown node {node!r}")
            self._between[frozenset((a, b))] = name
            for node in (a, b):
                home = self._nodes[node]
                for lane in (lane_name(name, a, b), lane_name(name, b, a)):
                    home.lanes[lane] = Lane(lane, home.store, home.row, RUN_ROW_BYTES)

    # -- in

    def deposit(
        self,
        link: str,
        key: bytes,
        *,
        epsilon: float,
        theorem: str = "",
        simulated: bool = True,
        discarded_bits: int = 0,
        authentication_bits: int = 0,
    ) -> int:
        """Store a block's key at both ends of ``link``, half for each direction; returns the bits stored.

        ``discarded_bits`` and ``authentication_bits`` were generated with it and went elsewhere; what finds no room
        is discarded.
        """
        require(0.0 <= epsilon <= 1.0, f"epsilon {epsilon}: a trace distance lies between 0 and 1")
        require(discarded_bits >= 0 and authentication_bits >= 0, "bits of the books cannot be negative")
        forward, backward = self._lanes(link)
        rooms = [self._room(link, lane) for lane in (forward, backward)]
        offered, key = len(key), key[: self._node_room(link)]
        first = min(len(key) - len(key) // 2, rooms[0])
        second = min(len(key) - first, rooms[1])
        first = min(len(key) - second, rooms[0])
        lost = 8 * (offered - first - second) + discarded_bits
        for node in self.links[link]:
            home, change = self._nodes[node], Change()
            whole = memoryview(key)
            for name, part in ((forward, whole[:first]), (backward, whole[first : first + second])):
                lane = home.lanes[name]
                rows = lane.append(part, epsilon, theorem, simulated, change)
                lane.commit_append(rows)
            lane = home.lanes[forward]
            lane.generated += lost + authentication_bits
            lane.note(change, discarded=lost, authentication=authentication_bits)
            home.store.apply(change)
        return 8 * (first + second)

    def _lanes(self, link: str) -> tuple[str, str]:
        if link not in self.links:
            raise InputError(f"unknown link {link!r}")
        a, b = self.links[link]
        return lane_name(link, a, b), lane_name(link, b, a)

    def _lane(self, link: str, name: str) -> Lane:
        return self._nodes[self.links[link][0]].lanes[name]

    def _room(self, link: str, name: str) -> int:
        """Bytes that a direction has room for."""
        return max(0, (self._capacity - self._lane(link, name).stored_bits()) // 8)

    def _node_room(self, link: str) -> int:
        """Bytes for which both ends of a link have room. A node whose room is limited gives each of its links an equal
        part: key of one link alone, with nothing to relay it to, would otherwise fill it.
        """
        rooms = [sys.maxsize]
        for node in self.links[link]:
            if node in self._node_capacity:
                part = self._node_capacity[node] // sum(node in ends for ends in self.links.values())
                rooms.append(max(0, (part - self.stored_bits(link)) // 8))
        return min(rooms)

    def free_bits(self, link: str) -> int:
        """Room for key of a link, both directions."""
        return 8 * min(self._node_room(link), sum(self._room(link, name) for name in self._lanes(link)))

    def stored_bits(self, link: str) -> int:
        """Key in the stores of a link, both directions; both ends have the same."""
        return sum(self._lane(link, name).stored_bits() for name in self._lanes(link))

    # -- along a path

    def relay(self, path: Sequence[str], count: int, key_bits: int) -> Relayed:
        """Move up to ``count`` keys of ``key_bits`` from the first node of ``path`` to the last; fewer where a link
        has less.

        The first link's key is the payload. Each further hop spends as much key for the pad; on a path of two hops
        or more every message takes 256 bits for its tag. Raises `InputError` where a hop has no link,
        `PhysicsError` for sizes that are not whole bytes.
        """
        require(key_bits > 0 and key_bits % 8 == 0, f"key of {key_bits} bits: wanted whole bytes")
        require(count >= 0, f"{count} keys: wanted none or more")
        hops_ = [self._hop(a, b) for a, b in pairwise(path)]
        if not hops_ or len(set(path)) != len(path):
            raise InputError(f"path {' - '.join(path)}: wanted two different nodes or more")
        size, tag = key_bits // 8, hops.TAG_KEY_BYTES if len(hops_) > 1 else 0
        can = min((sum(self._lane(k, n).usable_bytes() for n in self._lanes(k)) - tag) // size for k, _ in hops_)
        count = min(count, max(0, can))
        epsilon, claims, simulated, parts = 0.0, set[str](), False, list[tuple[SecretBytes, SecretBytes]]()
        first, left, most = self._messages + 1, count, max(1, MESSAGE_BYTES // size)
        while left:
            part = self._message(path, hops_, min(left, most), size, tag)
            if part is None:  # the tags of many messages have used up what was left
                break
            taken, source, target = part
            epsilon = max(epsilon, min(1.0, math.fsum(t.epsilon(size) for t in taken)))
            claims.update(c for t in taken for c in t.theorem.split("; "))
            simulated = simulated or any(t.simulated for t in taken)
            parts.append((source, target))
            left -= len(source) // size
        claim = "; ".join(sorted(claims - {""}))
        relayed = len(hops_) > 1 or any(link in self._relayed_links for link, _ in hops_)
        return Relayed(tuple(path), count - left, key_bits, epsilon, claim, simulated, first, tuple(parts), relayed)

    def _message(
        self, path: Sequence[str], hops_: Sequence[tuple[str, str]], count: int, size: int, tag: int
    ) -> tuple[list[Taken], SecretBytes, SecretBytes] | None:
        """One message over every hop: what was taken, and the keys as source and target hold them."""
        cut = count * size
        if any(sum(self._lane(k, n).usable_bytes() for n in self._lanes(k)) < cut + tag for k, _ in hops_):
            return None
        self._messages += 1
        payload, source, all_taken = SecretBytes(b""), SecretBytes(b""), list[Taken]()
        for i, ((link, name), near, far) in enumerate(zip(hops_, path, path[1:], strict=False)):
            self._supply(link, name, cut + tag)
            books = {"relay": 8 * cut} if i else {"delivered": 8 * cut}
            sent, got = (self._take(node, name, cut + tag, books, 8 * tag) for node in (near, far))
            place = b"%d|%d|%d|%d|" % (self._messages, i, count, sent.start) + "/".join(path).encode() + b"\0"
            here, there = sent.secret.reveal(), got.secret.reveal()
            if i == 0:
                source, payload = SecretBytes(here[:cut]), SecretBytes(there[:cut])
                if tag:
                    _, mark = hops.protect(place, b"", b"", here[cut:])
                    hops.unprotect(place, b"", mark, b"", there[cut:])
            else:
                data, mark = hops.protect(place, payload.reveal(), here[:cut], here[cut:])
                payload = SecretBytes(hops.unprotect(place, data, mark, there[:cut], there[cut:]))
            all_taken.append(sent)
        if payload != source:  # cannot happen while the stores agree
            raise KeyStoreError(f"path {' - '.join(path)}: both ends differ")
        return all_taken, source, payload

    def _hop(self, near: str, far: str) -> tuple[str, str]:
        link = self._between.get(frozenset((near, far)))
        if link is None:
            raise InputError(f"no link joins {near!r} and {far!r}")
        return link, lane_name(link, near, far)

    def _take(self, node: str, name: str, length: int, books: dict[str, int], tag_bits: int) -> Taken:
        home, change = self._nodes[node], Change()
        lane = home.lanes[name]
        taken = lane.take(lane.head, length, change)
        lane.note(change, authentication=tag_bits, **books)
        home.store.apply(change)
        return taken

    def _supply(self, link: str, name: str, need: int) -> None:
        """See to it that a direction has ``need`` bytes: the other one cedes what is missing, and half of what it
        has if it can.
        """
        forward, backward = self._lanes(link)
        other = backward if name == forward else forward
        missing = need - self._lane(link, name).usable_bytes()
        if missing <= 0:
            return
        amount = max(missing, self._lane(link, other).usable_bytes() // 2)
        for node in self.links[link]:
            home, change = self._nodes[node], Change()
            home.lanes[name].adopt(home.lanes[other].cede(amount, change), change)
            home.store.apply(change)

    # -- what is where

    def book(self, link: str) -> dict[str, int]:
        """Bits of one link, both directions: generated = delivered + relay + authentication + discarded + stored."""
        lanes = [self._lane(link, name) for name in self._lanes(link)]
        return {n: sum(lane.stored_bits() if n == "stored" else getattr(lane, n) for lane in lanes) for n in BOOKS}

    def books(self) -> dict[str, dict[str, int]]:
        """`book` of every link."""
        return {link: self.book(link) for link in self.links}

    def books_by_direction(self) -> dict[str, dict[str, int]]:
        """The books of each lane, as the link's first node keeps them; both ends keep the same."""
        found = {}
        for link in self.links:
            for name in self._lanes(link):
                lane = self._lane(link, name)
                found[name] = {n: lane.stored_bits() if n == "stored" else getattr(lane, n) for n in BOOKS}
        return found

    def close(self) -> None:
        """Write the stores to ``directory``, where there is one; an earlier run's stores there are replaced."""
        directory, self._directory = self._directory, None
        if directory is not None:
            for node, home in self._nodes.items():
                _write_store(directory, node, home)


def _write_store(root: Path, node: str, home: _Node) -> None:
    place, master = store_directory(root, node), master_key_file(root, node)
    try:
        for path in (root, master.parent, place):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in (*place.glob(f"{FILE_NAME}*"), *place.glob("epoch.*")):
            old.unlink()
    except OSError as error:
        raise EnvironmentFault(f"cannot write the key stores to {root}: {error.strerror}") from None
    store = SqliteStore(place, node, load_master_key(master, create=True))
    try:
        snapshot, change = home.store.load(), Change()
        change.lanes = {row.lane: row for row in snapshot.lanes}
        for row in snapshot.pool:
            secret = home.store.read_pool(row)
            change.pool_add += [
                row._replace(row=home.row(), start=row.start + i, length=len(part), secret=part)
                for i in range(0, row.length, ROW_BYTES)
                if (part := secret[i : i + ROW_BYTES])
            ]
        change.audit = ['{"do":"written at the end of a run"}']
        store.apply(change)
    finally:
        store.close()
