"""The durable store: SQLite in WAL mode, every commit on disk before it counts, every secret sealed.

``synchronous=FULL`` because NORMAL would bring a delivered key back after a power cut; ``secure_delete`` because
freed pages must not keep even sealed bits; all statements of a transaction are set-based, so that a group of
requests costs a few calls.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qcisim.errors import EnvironmentFault, InputError, KeyStoreError
from qcisim.keys import audit
from qcisim.keys.seal import Keyring
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

SCHEMA = 1
FILE_NAME = "keys.sqlite"
_ROWS_PER_STATEMENT = 128
_TABLES = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lane(lane TEXT PRIMARY KEY, tail INTEGER, generated INTEGER, delivered INTEGER, relay
INTEGER,
    authentication INTEGER, discarded INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pool(row INTEGER PRIMARY KEY, lane TEXT NOT NULL, start INTEGER, length INTEGER, deposit
INTEGER,
    epsilon REAL, theorem TEXT, simulated INTEGER, epoch INTEGER, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS key_window(row INTEGER PRIMARY KEY, window_id BLOB NOT NULL, role TEXT, state TEXT, meta
TEXT);
CREATE TABLE IF NOT EXISTS binding(row INTEGER PRIMARY KEY, key_window INTEGER, key_id BLOB NOT NULL, state INTEGER,
    pending INTEGER, epoch INTEGER, sealed BLOB);
CREATE TABLE IF NOT EXISTS message(message_id BLOB PRIMARY KEY, peer TEXT, body TEXT, state INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit(seq INTEGER PRIMARY KEY, record TEXT NOT NULL, chain BLOB NOT NULL);
"""


class SqliteStore:
    """Store of one node under ``directory`` (0700, files 0600), opened with its master key.

    Raises `EnvironmentFault` where the directory cannot be used or another process holds it, `InputError` where the
    master key or the node is not the one the store was made with. ``max_pages`` bounds the file (4 KiB pages; 0 =
    no bound).
    """

    def __init__(self, directory: Path, node: str, master_key: bytes, *, max_pages: int = 0) -> None:
        self._path, self._node, self._max_pages = directory / FILE_NAME, node, max_pages
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chmod(directory, 0o700)
            self._lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise EnvironmentFault(f"key store {directory}: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise EnvironmentFault(f"key store {directory} is in use by another process") from None
        try:
            self._keyring = Keyring(master_key, node, directory)
            self._audit_key = self._keyring.derive(b"", "audit")
            self._writer = self._connect()
            self._reader = self._connect()
            self._check_identity()
        except sqlite3.Error as error:
            os.close(self._lock)
            raise EnvironmentFault(f"key store {self._path}: {error}") from None
        except Exception:
            os.close(self._lock)
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=2.0, cached_statements=512
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA journal_size_limit=67108864")
        if self._max_pages:
            connection.execute(f"PRAGMA max_page_count={int(self._max_pages)}")
        return connection

    def _check_identity(self) -> None:
        db = self._writer
        if self._meta("schema") is None:
            db.executescript(_TABLES)
            db.execute("BEGIN IMMEDIATE")
            self._set_meta("schema", b"%d" % SCHEMA)
            self._set_meta("node", self._node.encode())
            self._set_meta("check", self._keyring.check_value())
            self._set_meta("audit", audit.head(self._audit_key, 0, audit.GENESIS))
            db.execute("COMMIT")
        if self._meta("schema") != b"%d" % SCHEMA:
            raise InputError(f"key store {self._path}: made by another version of qcisim")
        if (node := self._meta("node")) != self._node.encode():
            raise InputError(
                f"key store {self._path} belongs to node {(node or b'').decode()!r}, not to {self._node!r}"
            )
        if not hmac.compare_digest(self._meta("check") or b"", self._keyring.check_value()):
            raise InputError(f"wrong master key: it does not open the key store {self._path}")
        last = db.execute("SELECT seq, chain FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        self._audit_number, self._chain = (int(last[0]), bytes(last[1])) if last else (0, audit.GENESIS)

    def _meta(self, name: str) -> bytes | None:
        try:
            row = self._writer.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise
        return bytes(row[0]) if row else None

    def _top(self) -> int:
        """The highest row number that was ever given to rows that are gone."""
        return int(self._meta("top") or 0)

    def _set_meta(self, name: str, value: bytes) -> None:
        self._writer.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    # -- reading

    def load(self) -> Snapshot:
        db, opened = self._writer, self._keyring.open
        try:
            windows = [
                WindowRow(*r)
                for r in db.execute("SELECT row, window_id, role, state, meta FROM key_window ORDER BY row")
            ]
            held = "SELECT row, key_window, key_id, pending, epoch, sealed FROM binding WHERE state = ? ORDER BY row"
            bindings = [
                BindingRow(row, window, key_id, pending, opened(sealed, b"binding|%d|" % window + key_id, epoch))
                for row, window, key_id, pending, epoch, sealed in db.execute(held, (HELD,))
            ]
            columns = "row, lane, start, length, deposit, epsilon, theorem, simulated"
            pool = [
                PoolRow(r[0], r[1], r[2], r[3], r[4], r[5], r[6], bool(r[7]), None)
                for r in db.execute(f"SELECT {columns} FROM pool ORDER BY lane, start")
            ]
            lanes = [LaneRow(*r) for r in db.execute("SELECT * FROM lane")]
            messages = [MessageRow(*r) for r in db.execute("SELECT * FROM message")]
            tops = [
                db.execute(f"SELECT max(row) FROM {t}").fetchone()[0] or 0 for t in ("pool", "binding", "key_window")
            ]
            next_row = max(*tops, self._top()) + 1
        except sqlite3.Error as error:
            raise KeyStoreError(f"key store {self._path}: {error}") from None
        return Snapshot(lanes, pool, windows, bindings, messages, next_row)

    def read_pool(self, row: PoolRow) -> bytes:
        try:
            found = self._reader.execute("SELECT sealed, epoch FROM pool WHERE row = ?", (row.row,)).fetchone()
        except sqlite3.Error as error:
            raise KeyStoreError(f"key store {self._path}: {error}") from None
        if found is None:
            raise KeyStoreError(f"pool row {row.row} is gone")
        return self._keyring.open(found[0], b"pool|%b|%d" % (row.lane.encode(), row.start), found[1])

    # -- writing

    def apply(self, change: Change) -> None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self._add(change)
            self._alter(change)
            number, chain = self._append_audit(change.audit)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            raise KeyStoreError(f"key store {self._path}: {error}") from None
        self._audit_number, self._chain = number, chain

    def _add(self, change: Change) -> None:
        seal, epoch = self._keyring.seal, self._keyring.epoch
        self._insert(
            "pool",
            10,
            [
                (*p[:8], epoch, seal(p.secret or b"", b"pool|%b|%d" % (p.lane.encode(), p.start)))
                for p in change.pool_add
            ],
        )
        if change.lanes:
            self._insert("lane", 7, list(change.lanes.values()), "INSERT OR REPLACE INTO")
        self._insert("key_window", 5, change.window_add)
        self._insert(
            "binding",
            7,
            [
                (
                    b.row,
                    b.window,
                    b.key_id,
                    HELD,
                    b.pending,
                    epoch,
                    seal(b.secret, b"binding|%d|" % b.window + b.key_id),
                )
                for b in change.binding_add
            ],
        )
        self._insert("message", 4, change.message_put, "INSERT OR REPLACE INTO")

    def _insert(self, table: str, width: int, rows: Sequence[Sequence[Any]], verb: str = "INSERT INTO") -> None:
        one = "(" + ",".join("?" * width) + ")"
        for i in range(0, len(rows), _ROWS_PER_STATEMENT):
            part = rows[i : i + _ROWS_PER_STATEMENT]
            values = ",".join([one] * len(part))
            self._writer.execute(f"{verb} {table} VALUES {values}", [v for row in part for v in row])

    def _alter(self, change: Change) -> None:
        db = self._writer
        for row, before, after in change.fetched:
            sql = "UPDATE binding SET pending = ? WHERE row = ? AND state = ? AND pending = ?"
            self._expect(db.execute(sql, (after, row, HELD, before)).rowcount, 1)
        for rows, state in ((change.finish, FINISHED), (change.void, VOIDED)):
            if rows:
                sql = "UPDATE binding SET state = ?, sealed = NULL, pending = 0"
                sql += " WHERE row IN (SELECT value FROM json_each(?)) AND state = ?"
                self._expect(db.execute(sql, (state, json.dumps(rows), HELD)).rowcount, len(rows))
        for row, state_before, state_after in change.window_state:
            sql = "UPDATE key_window SET state = ? WHERE row = ? AND state = ?"
            self._expect(db.execute(sql, (state_after, row, state_before)).rowcount, 1)
        for row, count in change.window_drop:
            db.execute("DELETE FROM binding WHERE row > ? AND row <= ? AND key_window = ?", (row, row + count, row))
            db.execute("DELETE FROM key_window WHERE row = ?", (row,))
            self._set_meta("top", b"%d" % max(row + count, self._top()))
        if change.pool_drop:
            sql = "DELETE FROM pool WHERE row IN (SELECT value FROM json_each(?))"
            self._expect(db.execute(sql, (json.dumps(change.pool_drop),)).rowcount, len(change.pool_drop))
        for message_id in change.message_done:
            sql = "UPDATE message SET state = ?, body = '' WHERE message_id = ?"
            self._expect(db.execute(sql, (DONE, message_id)).rowcount, 1)

        for message_id in change.message_drop:
            db.execute("DELETE FROM message WHERE message_id = ?", (message_id,))

    @staticmethod
    def _expect(changed: int, wanted: int) -> None:
        if changed != wanted:
            raise sqlite3.IntegrityError(
                f"{changed} rows were in the expected state, wanted {wanted}: nothing was changed"
            )

    def _append_audit(self, lines: list[str]) -> tuple[int, bytes]:
        if not lines:
            return self._audit_number, self._chain
        record = "\n".join(lines)
        number, chain = self._audit_number + 1, audit.next_link(self._audit_key, self._chain, record)
        self._writer.execute("INSERT INTO audit VALUES (?, ?, ?)", (number, record, chain))
        self._set_meta("audit", audit.head(self._audit_key, number, chain))
        return number, chain

    def reopen(self) -> None:
        """Throw the failed transaction away and read the states back from disk."""
        try:
            for connection in (self._writer, self._reader):
                connection.close()
            self._writer, self._reader = self._connect(), self._connect()
            self._check_identity()
        except sqlite3.Error as error:
            raise KeyStoreError(f"key store {self._path}: {error}") from None

    def first_broken_audit_record(self) -> int | None:
        """Number of the first audit record that was changed or removed; ``None`` where the chain holds."""
        rows = self._writer.execute("SELECT seq, record, chain FROM audit ORDER BY seq")
        return audit.first_broken(self._audit_key, rows, self._meta("audit") or b"")

    def audit_records(self) -> list[str]:
        """Every audit line, oldest first."""
        return [
            line for (r,) in self._writer.execute("SELECT record FROM audit ORDER BY seq") for line in r.split("\n")
        ]

    def rotate(self) -> None:
        """Seal from now on under a new epoch key, and erase the epochs that no row needs any more."""
        self._keyring.rotate()
        used = {
            r[0] for r in self._writer.execute("SELECT epoch FROM pool UNION SELECT epoch FROM binding WHERE state = 1")
        }
        for epoch in self._keyring.epochs():
            if epoch != self._keyring.epoch and epoch not in used:
                self._keyring.forget(epoch)

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
        os.close(self._lock)
