"""Windows: keys bound durably at both key managers before anyone asks for them (or for one request)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qcisim.keys.key import key_id_text
from qcisim.keys.secret import SecretBytes
from qcisim.keys.store import BindingRow, WindowRow

OFFERED, OPEN, BOUND, SPENT, ABANDONED, VOID = "offered", "open", "bound", "spent", "abandoned", "voided"


@dataclass(slots=True)
class Window:
    """Keys of one master and its slaves. Both ends keep one row for it; a row holds no key material.

    ``kind`` is ``window`` (bound in advance) or ``request`` (for one Get key); ``lane`` is the lane that the keys
    were taken from at this end, "" where they came by relay or from the local generator; ``parts`` are the message
    IDs that carry it.
    """

    row: int
    window_id: bytes
    role: str
    state: str
    path: tuple[str, ...]
    master: str
    slaves: tuple[str, ...]
    kind: str
    key_bits: int
    count: int
    lane: str
    epsilon: float
    theorem: str
    origin: str
    simulated: bool
    created_s: float
    parts: tuple[bytes, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()  # the path of each part
    live: int = 0
    extension: str = ""

    def __post_init__(self) -> None:
        claim: dict[str, Any] = {"qcisim_origin": self.origin, "qcisim_simulated": self.simulated}
        claim["qcisim_class"] = "qkd" if self.origin != "local" else "local"
        if self.origin != "local":
            claim["qcisim_epsilon"] = self.epsilon
        if self.origin == "relayed":
            claim["qcisim_trusted_nodes"] = list(self.path[1:-1])
        self.extension = json.dumps(claim, separators=(",", ":"))

    def to_row(self) -> WindowRow:
        names = ("path", "master", "slaves", "kind", "key_bits", "count", "lane", "epsilon", "theorem", "origin")
        meta = {name: getattr(self, name) for name in (*names, "simulated", "created_s")}
        meta["parts"], meta["paths"] = [p.hex() for p in self.parts], self.paths
        return WindowRow(self.row, self.window_id, self.role, self.state, json.dumps(meta, separators=(",", ":")))

    @staticmethod
    def from_row(row: WindowRow) -> Window:
        meta = json.loads(row.meta)
        meta["path"], meta["slaves"] = tuple(meta["path"]), tuple(meta["slaves"])
        meta["parts"] = tuple(bytes.fromhex(p) for p in meta["parts"])
        meta["paths"] = tuple(tuple(p) for p in meta["paths"])
        return Window(row.row, row.window_id, row.role, row.state, **meta)


class BoundKey:
    """One key of a window at this end, not yet handed out. ``pending``: bit i set = slave i has not fetched it."""

    __slots__ = ("key_id", "pending", "row", "secret", "window")

    def __init__(self, row: int, key_id: bytes, secret: memoryview, window: Window, pending: int) -> None:
        self.row, self.key_id, self.secret, self.window, self.pending = row, key_id, secret, window, pending

    @property
    def text(self) -> str:
        return key_id_text(self.key_id)

    def wipe(self) -> None:
        """Overwrite the bits."""
        self.secret[:] = bytes(len(self.secret))


def bind(
    window: Window, key_ids: list[bytes], secret: SecretBytes, pending: int
) -> tuple[list[BoundKey], list[BindingRow]]:
    """Cut ``secret`` into the window's keys: what is kept in memory, and the rows for the store."""
    size, whole = window.key_bits // 8, secret.reveal()
    keys = [
        BoundKey(window.row + 1 + i, key_id, whole[i * size : (i + 1) * size], window, pending)
        for i, key_id in enumerate(key_ids)
    ]
    window.live = len(keys)
    return keys, [BindingRow(k.row, window.row, k.key_id, pending, k.secret) for k in keys]


Delivered = Callable[[list[BoundKey], "Exception | None"], None]


@dataclass(slots=True)
class Waiter:
    """A Get key that waits for a window to open."""

    number: int
    done: Delivered
    deadline_s: float


@dataclass(slots=True)
class Pair:
    """One master SAE of this node and one slave SAE elsewhere, with the keys that are bound for them."""

    master: str
    slave: str
    path: tuple[str, ...]
    target: int
    keys: list[BoundKey] = field(default_factory=list)
    taken: int = 0  # keys before this index are gone
    offered: int = 0  # keys on their way to be bound
    waiters: list[Waiter] = field(default_factory=list)
    refilled_s: float = 0.0
    audit: str = ""

    def available(self) -> int:
        return len(self.keys) - self.taken

    def pop(self, number: int) -> list[BoundKey]:
        """The oldest ``number`` keys."""
        out = self.keys[self.taken : self.taken + number]
        self.taken += number
        if self.taken > 512:
            del self.keys[: self.taken]
            self.taken = 0
        return out
