"""Bits, numbers and rounds as the bytes of a message, and back: what does not fit ends the protocol."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import ProtocolAbort

Bits: TypeAlias = NDArray[np.uint8]
N = TypeVar("N", bound=np.generic)


def pack(bits: Bits) -> bytes:
    """Bits (n,) of 0/1 as bytes, most significant bit first, padded with zeros."""
    return np.packbits(bits).tobytes()


def unpack(data: bytes, count: int) -> Bits:
    """The first ``count`` bits of ``data``; aborts where its length is another."""
    if len(data) != (count + 7) // 8:
        raise ProtocolAbort(f"a message of {len(data)} bytes came where {count} bits were expected")
    return np.unpackbits(np.frombuffer(data, np.uint8), count=count)


def numbers(data: bytes, kind: type[N], count: int | None = None) -> NDArray[N]:
    """``data`` as an array of ``kind``; aborts where it is not a whole number of them, or not ``count``."""
    size = np.dtype(kind).itemsize
    if len(data) % size or (count is not None and len(data) != count * size):
        wanted = "whole numbers" if count is None else f"{count} numbers"
        raise ProtocolAbort(f"a message of {len(data)} bytes came where {wanted} of {size} bytes were expected")
    return np.frombuffer(data, kind)


def write_rounds(rounds: NDArray[np.int64]) -> bytes:
    """The first round, then each one's distance from it, as uint32 where that is enough."""
    if not len(rounds):
        return b""
    kind = np.uint32 if rounds[-1] - rounds[0] < 2**32 else np.uint64
    distances: bytes = (rounds - rounds[0]).astype(kind).tobytes()
    return bytes([np.dtype(kind).itemsize]) + rounds[:1].tobytes() + distances


def read_rounds(message: bytes) -> NDArray[np.int64]:
    """What `write_rounds` wrote."""
    if len(message) < 9:
        return np.zeros(0, np.int64)
    first = numbers(message[1:9], np.int64)
    distances = numbers(message[9:], np.uint32) if message[:1] == b"\x04" else numbers(message[9:], np.uint64)
    return first + distances.astype(np.int64)
