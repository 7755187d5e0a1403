"""A volatile store for runs of the simulator: the same interface, nothing on disk."""

from __future__ import annotations

from qcisim.errors import KeyStoreError
from qcisim.keys.store import (
    DONE,
    FINISHED,
    HELD,
    VOIDED,
    BindingRow,
    Change,
    LaneRow,
    MessageRow,
    PoolRow,
    Snapshot,
    WindowRow,
)


class MemoryStore:
    """Rows in dictionaries; each change is checked whole before any of it is made."""

    def __init__(self) -> None:
        self._lanes: dict[str, LaneRow] = {}
        self._pool: dict[int, PoolRow] = {}
        self._windows: dict[int, WindowRow] = {}
        self._bindings: dict[int, tuple[BindingRow, int]] = {}
        self._messages: dict[bytes, MessageRow] = {}
        self.audit: list[str] = []
        self._top = 0

    def load(self) -> Snapshot:
        return Snapshot(
            lanes=list(self._lanes.values()),
            pool=[p._replace(secret=None) for p in self._pool.values()],
            windows=list(self._windows.values()),
            bindings=[b for b, state in self._bindings.values() if state == HELD],
            messages=list(self._messages.values()),
            next_row=self._top + 1,
        )

    def read_pool(self, row: PoolRow) -> bytes:
        secret = self._pool[row.row].secret
        if secret is None:
            raise KeyStoreError(f"pool row {row.row} has no bits")
        return bytes(secret)

    def _check(self, change: Change) -> None:
        new = {b.row for b in change.binding_add}
        for row in (*change.finish, *change.void):
            if row not in new and self._bindings.get(row, (None, 0))[1] != HELD:
                raise KeyStoreError(f"bound key {row} is not held: nothing was changed")
        for row, before, _ in change.fetched:
            held = self._bindings.get(row)
            if held is None or held[1] != HELD or held[0].pending != before:
                raise KeyStoreError(f"bound key {row} is not pending so: nothing was changed")
        added = {p.row for p in change.pool_add}
        if any(row not in added and row not in self._pool for row in change.pool_drop):
            raise KeyStoreError("a pool row is gone already: nothing was changed")
        states = {w.row: w.state for w in change.window_add}
        for row, state, after in change.window_state:
            if states.get(row, self._windows[row].state if row in self._windows else "") != state:
                raise KeyStoreError(f"window {row} is not {state}: nothing was changed")
            states[row] = after

    def apply(self, change: Change) -> None:
        self._check(change)
        for pool in change.pool_add:
            self._pool[pool.row] = pool
            self._top = max(self._top, pool.row)
        self._lanes.update(change.lanes)
        for window in change.window_add:
            self._windows[window.row] = window
            self._top = max(self._top, window.row)
        for bound in change.binding_add:
            self._bindings[bound.row] = (bound, HELD)
            self._top = max(self._top, bound.row)
        for row, _, after in change.fetched:
            self._bindings[row] = (self._bindings[row][0]._replace(pending=after), HELD)
        for rows, state in ((change.finish, FINISHED), (change.void, VOIDED)):
            for row in rows:
                self._bindings[row] = (self._bindings[row][0]._replace(secret=b""), state)
        for row, _, to in change.window_state:
            self._windows[row] = self._windows[row]._replace(state=to)
        for row, _ in change.window_drop:
            self._windows.pop(row, None)
            for key in [k for k, (b, _) in self._bindings.items() if b.window == row]:
                del self._bindings[key]
        for row in change.pool_drop:
            self._pool.pop(row, None)
        for message in change.message_put:
            self._messages[message.message_id] = message
        for message_id in change.message_done:
            self._messages[message_id] = self._messages[message_id]._replace(body="", state=DONE)
        for message_id in change.message_drop:
            self._messages.pop(message_id, None)
        self.audit += change.audit

    def reopen(self) -> None:
        """Nothing to do: a refused change has left the dictionaries as they were."""

    def close(self) -> None:
        self._pool.clear()
        self._bindings.clear()
