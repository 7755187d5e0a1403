"""A lane: the raw key of one link in one direction, in the same order at both ends, with its books.

generated = delivered + relay + authentication + discarded + stored (bits). Only the direction's source node decides
what is taken from it, so both ends of a link can be master without asking each other.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from qcisim.errors import KeyStoreError
from qcisim.keys.secret import SecretBytes
from qcisim.keys.store import Change, KeyStore, LaneRow, PoolRow, Secret

ROW_BYTES = 8192  # one window slice of 256 keys of 256 bits


def lane_name(link: str, source: str, target: str) -> str:
    """The name of the direction ``source`` > ``target`` of a link."""
    return f"{link}/{source}>{target}"


@dataclass(frozen=True, slots=True)
class Taken:
    """Key that left a lane: ``start`` in bytes, the secret, and ``runs`` (bytes, deposit, its epsilon) in order."""

    start: int
    secret: SecretBytes
    runs: tuple[tuple[int, int, float], ...]
    theorem: str
    simulated: bool

    def epsilon(self, size: int) -> float:
        """The largest epsilon of one key of ``size`` bytes: the sum over the deposits that it has bytes of."""
        worst, at = max((e for _, _, e in self.runs), default=0.0), 0
        for length, _, _ in self.runs[:-1]:
            at += length
            if at % size:  # a key lies across two deposits or more
                worst = max(worst, self._between(at - at % size, at - at % size + size))
        return min(1.0, worst)

    def _between(self, low: int, high: int) -> float:
        claims, at = {}, 0
        for length, deposit, epsilon in self.runs:
            if at < high and at + length > low:
                claims[deposit] = epsilon
            at += length
        return math.fsum(claims.values())


class Lane:
    """In-memory index of one lane; the bits stay in the store until they are taken."""

    def __init__(self, name: str, store: KeyStore, next_row: Callable[[], int], row_bytes: int = ROW_BYTES) -> None:
        self.name, self._row_bytes = name, row_bytes
        self._store, self._next_row = store, next_row
        self._rows: list[PoolRow] = []  # by start, without overlap
        self._starts: list[int] = []
        self.tail = 0
        self.stored_bytes = 0
        self._usable = 0  # bytes of the rows, without deposits that are not durable yet
        self.generated = self.delivered = self.relay = self.authentication = self.discarded = 0  # bits
        self.bound = 0  # bits that were taken for windows and are neither delivered nor discarded yet

    def restore(self, row: LaneRow) -> None:
        """Books as the store has them."""
        _, self.tail, self.generated, self.delivered, self.relay, self.authentication, self.discarded = row

    def restore_pool(self, row: PoolRow) -> None:
        """A pool row as the store has it; rows come by start."""
        self._rows.append(row)
        self._starts.append(row.start)
        self.stored_bytes += row.length
        self._usable += row.length

    @property
    def head(self) -> int:
        """Where the oldest stored byte lies; the tail where there is none."""
        return self._starts[0] if self._starts else self.tail

    def row(self) -> LaneRow:
        return LaneRow(
            self.name, self.tail, self.generated, self.delivered, self.relay, self.authentication, self.discarded
        )

    def stored_bits(self) -> int:
        return 8 * self.stored_bytes + self.bound

    def closes(self) -> bool:
        """Whether the books close: what was generated is accounted for to the bit."""
        spent = self.delivered + self.relay + self.authentication + self.discarded
        return self.generated == spent + self.stored_bits()

    def note(self, change: Change, **bits: int) -> None:
        """Add to the books (``delivered``, ``relay``, ``authentication``, ``discarded``, ``bound``) and write them
        down.
        """
        for name, amount in bits.items():
            setattr(self, name, getattr(self, name) + amount)
        change.lanes[self.name] = self.row()

    def append(
        self, secret: Secret, epsilon: float, theorem: str, simulated: bool, change: Change, *, start: int | None = None
    ) -> list[PoolRow]:
        """Prepare a deposit at the tail, or behind a hole. `commit_append` makes it usable once ``change`` is
        durable.
        """
        self.tail = self.tail if start is None else start
        rows = [
            PoolRow(
                self._next_row(),
                self.name,
                self.tail + i,
                min(self._row_bytes, len(secret) - i),
                self.tail,
                epsilon,
                theorem,
                simulated,
                bytes(secret[i : i + self._row_bytes]),
            )
            for i in range(0, len(secret), self._row_bytes)
        ]
        self.tail += len(secret)
        self.generated += 8 * len(secret)
        self.stored_bytes += len(secret)
        change.pool_add += rows
        change.lanes[self.name] = self.row()
        return rows

    def commit_append(self, rows: list[PoolRow]) -> None:
        """The deposit is durable: its rows may be taken from."""
        self._rows += [r._replace(secret=None) for r in rows]
        self._starts += [r.start for r in rows]
        self._usable += sum(r.length for r in rows)

    def usable_bytes(self) -> int:
        """Bytes in one run from the head, the most that `take` at the head can give."""
        if not self._rows:
            return 0
        last = self._rows[-1]
        run = last.start + last.length - self._rows[0].start
        if run == self._usable:
            return run
        end = self._rows[0].start
        for row in self._rows:
            if row.start != end:
                break
            end += row.length
        return end - self._rows[0].start

    def holds(self, start: int, length: int) -> bool:
        """Whether every byte of the run is here."""
        at = bisect_right(self._starts, start) - 1
        if at < 0 or length <= 0:
            return False
        while at < len(self._rows):
            row = self._rows[at]
            if not row.start <= start < row.start + row.length:
                return False
            step = row.start + row.length - start
            if step >= length:
                return True
            start, length, at = start + step, length - step, at + 1
        return False

    def take(self, start: int, length: int, change: Change) -> Taken:
        """Remove ``length`` bytes at ``start``; what is left of cut rows is stored anew. Raises `KeyStoreError`."""
        if not self.holds(start, length):
            raise KeyStoreError(f"lane {self.name}: {length} bytes at {start} are not stored")
        first = at = bisect_right(self._starts, start) - 1
        parts: list[bytes] = []
        runs: list[tuple[int, int, float]] = []
        theorems: set[str] = set()
        simulated = False
        rest: list[PoolRow] = []
        end = start + length
        while at < len(self._rows) and self._rows[at].start < end:
            row = self._rows[at]
            secret = self._store.read_pool(row) if row.secret is None else bytes(row.secret)
            low, high = max(start - row.start, 0), min(end - row.start, row.length)
            parts.append(secret[low:high])
            runs.append((high - low, row.deposit, row.epsilon))
            theorems.add(row.theorem)
            simulated = simulated or row.simulated
            for a, b in ((0, low), (high, row.length)):
                if a < b:
                    left = row._replace(row=self._next_row(), start=row.start + a, length=b - a, secret=secret[a:b])
                    rest.append(left)
            change.pool_drop.append(row.row)
            at += 1
        change.pool_add += rest
        self._rows[first:at] = rest
        self._starts[first:at] = [r.start for r in rest]
        self.stored_bytes -= length
        self._usable -= length
        return Taken(start, SecretBytes(b"".join(parts)), tuple(runs), "; ".join(sorted(theorems - {""})), simulated)

    def cede(self, need: int, change: Change) -> list[PoolRow]:
        """Give up whole rows from the head, ``need`` bytes or more, to the other direction (`adopt`)."""
        given: list[PoolRow] = []
        while self._rows and need > 0:
            row = self._rows.pop(0)
            self._starts.pop(0)
            given.append(row._replace(secret=self._store.read_pool(row) if row.secret is None else row.secret))
            change.pool_drop.append(row.row)
            need -= row.length
        ceded = sum(row.length for row in given)
        self.stored_bytes -= ceded
        self._usable -= ceded
        self.generated -= 8 * ceded
        change.lanes[self.name] = self.row()
        return given

    def adopt(self, rows: list[PoolRow], change: Change) -> None:
        """Take over rows of the other direction at the tail, each with its own claim; they count as generated here."""
        for row in rows:
            self.commit_append(self.append(row.secret or b"", row.epsilon, row.theorem, row.simulated, change))
