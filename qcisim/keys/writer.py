"""Group commit: one thread that owns the store's writing side.

It takes whatever waits, merges it into one transaction, commits, and only then lets the requests be answered. It
never waits for more: the size of a group is what arrived during the last commit. A commit that fails has an unknown
outcome: every request of it and all that wait behind it are refused.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from qcisim.errors import KeyStoreError
from qcisim.keys.store import Change, KeyStore

Done = Callable[[KeyStoreError | None], None]
Post = Callable[[Callable[[], None]], object]


class GroupWriter:
    """``submit`` from the loop's thread; ``done`` is called there (through ``post``) once the change is durable or
    failed.

    After a failure everything is refused until `recover` has reopened the store.
    """

    def __init__(self, store: KeyStore, post: Post, *, queue_limit: int = 10_000) -> None:
        self._store, self._post, self._limit = store, post, queue_limit
        self._waiting: list[tuple[Change, Done]] = []
        self._condition = threading.Condition()
        self._closing = self._busy = False
        self._failure: KeyStoreError | None = None
        self.commits = 0
        self.changes = 0
        self._thread = threading.Thread(target=self._run, name="key store writer", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> KeyStoreError | None:
        return self._failure

    @property
    def full(self) -> bool:
        """Whether so many requests wait that the next one is better refused before it takes anything."""
        return len(self._waiting) >= self._limit

    def submit(self, change: Change, done: Done) -> None:
        """Queue a change; raises `KeyStoreError` at once where the store is down."""
        if self._failure is not None:
            raise self._failure
        with self._condition:
            self._waiting.append((change, done))
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._waiting and not self._closing:
                    self._condition.wait()
                if not self._waiting:
                    return
                group, self._waiting = self._waiting, []
                self._busy = True
            error = self._failure or self._commit([c for c, _ in group])
            with self._condition:
                self._busy = False
            calls = [done for _, done in group]
            self._post(lambda calls=calls, error=error: _answer(calls, error))  # type: ignore[misc]  # bound by default

    def _commit(self, changes: list[Change]) -> KeyStoreError | None:
        whole = changes[0]
        for change in changes[1:]:
            whole.merge(change)
        try:
            self._store.apply(whole)
        except KeyStoreError as error:
            self._failure = error
            return error
        except Exception as fault:  # of ours: refused as a failed commit, or everyone would wait for a dead thread
            self._failure = KeyStoreError(f"key store: {type(fault).__name__}")
            return self._failure
        self.commits += 1
        self.changes += len(changes)
        return None

    def recover(self) -> None:
        """Reopen the store after a failure; raises `KeyStoreError` while it stays broken."""
        with self._condition:
            if self._waiting or self._busy:
                raise KeyStoreError("requests still wait to be refused")
        self._store.reopen()
        self._failure = None

    def fail(self, error: KeyStoreError) -> None:
        """Refuse everything until the next `recover`."""
        self._failure = error

    def close(self) -> None:
        """Commit what waits, then end the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join()


def _answer(calls: list[Done], error: KeyStoreError | None) -> None:
    for done in calls:
        try:
            done(error)
        except Exception as fault:  # of one request: the others of its group are answered all the same
            print(f"error: {type(fault).__name__} while answering a request", file=sys.stderr, flush=True)
