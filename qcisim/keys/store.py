"""The one interface of key stores: what is loaded at the start, and what one transaction changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

Secret = bytes | bytearray | memoryview

HELD, FINISHED, VOIDED = 1, 2, 3  # states of a bound key
PENDING, DONE = 0, 1  # states of a message


class PoolRow(NamedTuple):
    """A run of raw key of one lane. ``start`` counts bytes since the lane began; ``deposit`` is its deposit's start."""

    row: int
    lane: str
    start: int
    length: int
    deposit: int
    epsilon: float
    theorem: str
    simulated: bool
    secret: Secret | None  # None where only the place is loaded


class LaneRow(NamedTuple):
    """Books of one link and direction, in bits, and the lane's end in bytes."""

    lane: str
    tail: int
    generated: int
    delivered: int
    relay: int
    authentication: int
    discarded: int


class WindowRow(NamedTuple):
    """Keys bound together for one master and its slaves; ``meta`` is JSON without key material."""

    row: int
    window_id: bytes
    role: str  # "master" or "slave": which end this node is
    state: str  # offered, open, bound, spent, voided
    meta: str


class BindingRow(NamedTuple):
    """One bound key; ``pending`` is a bit mask of the slaves that have not fetched it."""

    row: int
    window: int
    key_id: bytes
    pending: int
    secret: Secret


class MessageRow(NamedTuple):
    """A message to a peer, durable before it is sent; ``body`` holds no open key material."""

    message_id: bytes
    peer: str
    body: str
    state: int


@dataclass(slots=True)
class Change:
    """What one request wants changed; many are merged into one transaction. Rows are added before others are
    changed.
    """

    pool_add: list[PoolRow] = field(default_factory=list)
    pool_drop: list[int] = field(default_factory=list)
    lanes: dict[str, LaneRow] = field(default_factory=dict)
    window_add: list[WindowRow] = field(default_factory=list)
    window_state: list[tuple[int, str, str]] = field(default_factory=list)  # row, from, to
    window_drop: list[tuple[int, int]] = field(default_factory=list)  # row, number of its keys (the rows after it)
    binding_add: list[BindingRow] = field(default_factory=list)
    finish: list[int] = field(default_factory=list)  # HELD -> FINISHED, bits erased
    void: list[int] = field(default_factory=list)  # HELD -> VOIDED, bits erased
    fetched: list[tuple[int, int, int]] = field(default_factory=list)  # row, pending from, pending to
    message_put: list[MessageRow] = field(default_factory=list)
    message_done: list[bytes] = field(default_factory=list)
    message_drop: list[bytes] = field(default_factory=list)
    audit: list[str] = field(default_factory=list)

    def merge(self, other: Change) -> None:
        """Append another request's change to this one."""
        self.pool_add += other.pool_add
        self.pool_drop += other.pool_drop
        self.lanes.update(other.lanes)
        self.window_add += other.window_add
        self.window_state += other.window_state
        self.window_drop += other.window_drop
        self.binding_add += other.binding_add
        self.finish += other.finish
        self.void += other.void
        self.fetched += other.fetched
        self.message_put += other.message_put
        self.message_done += other.message_done
        self.message_drop += other.message_drop
        self.audit += other.audit


@dataclass(slots=True)
class Snapshot:
    """All that a key manager keeps in memory, as the store has it."""

    lanes: list[LaneRow] = field(default_factory=list)
    pool: list[PoolRow] = field(default_factory=list)
    windows: list[WindowRow] = field(default_factory=list)
    bindings: list[BindingRow] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    next_row: int = 1


class KeyStore(Protocol):
    """A durable (or, for runs, a volatile) home of keys. One thread at a time may call `apply`."""

    def load(self) -> Snapshot:
        """Everything that is still of use."""
        ...

    def read_pool(self, row: PoolRow) -> bytes:
        """The secret of one committed pool row."""
        ...

    def apply(self, change: Change) -> None:
        """All of ``change`` or nothing, durable on return; raises `KeyStoreError`."""
        ...

    def reopen(self) -> None:
        """After a failed `apply`: begin again from what is on disk."""
        ...

    def close(self) -> None: ...
