"""Results of programs as plain values, so that they outlive their run."""

from __future__ import annotations

from typing import Any

from netqasm.sdk.futures import Array, BaseFuture


def plain(value: Any) -> Any:
    """Futures as ints, arrays as lists, inside lists, tuples, sets and dicts too; anything else as it is.

    A future that was never flushed becomes None.
    """
    if isinstance(value, BaseFuture):
        known = value.value
        return None if known is None else int(known)
    if isinstance(value, Array):
        return list(value[:])
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(plain(one) for one in value)
    return value
