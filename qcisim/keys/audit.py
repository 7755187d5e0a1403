"""Audit log: hash chain over records without key material.

chain_n = HMAC-SHA-256(audit key, chain_(n-1) | record_n), and a head HMAC(audit key, "head" | n | chain_n) that
moves with each record: a changed, removed or cut-off record is found by whoever holds the master key.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

GENESIS = bytes(32)


def next_link(key: bytes, chain: bytes, record: str) -> bytes:
    """The chain value after ``record``."""
    return hmac.digest(key, chain + record.encode(), "sha256")


def head(key: bytes, number: int, chain: bytes) -> bytes:
    """The mark of the last record."""
    return hmac.digest(key, b"head%d|" % number + chain, "sha256")


def first_broken(key: bytes, rows: Iterable[tuple[int, str, bytes]], last: bytes) -> int | None:
    """Number of the first record that does not fit, or ``None`` where the whole log is as it was written."""
    chain, number = GENESIS, 0
    for expected, (seq, record, stored) in enumerate(rows, start=1):
        chain = next_link(key, chain, record)
        if seq != expected or not hmac.compare_digest(chain, stored):
            return expected
        number = seq
    return None if hmac.compare_digest(head(key, number, chain), last) else number + 1
