"""Bytes that must not leak: redacted in text, not picklable, compared in constant time, wiped when done."""

from __future__ import annotations

import hmac
from typing import NoReturn


class SecretBytes:
    """Key material, held in one ``bytearray`` and overwritten by `wipe`.

    Best effort only: ``bytes`` made from it, JSON, base64 and TLS keep copies that Python cannot erase.
    """

    __slots__ = ("_data",)
    __hash__ = None  # type: ignore[assignment]  # hashing a secret would leak it into dictionaries

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._data = bytearray(data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        return f"SecretBytes(<{len(self._data)} bytes>)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretBytes) and hmac.compare_digest(self._data, other._data)

    def __reduce__(self) -> NoReturn:
        raise TypeError("SecretBytes cannot be pickled or copied: key material stays where it is")

    def __bytes__(self) -> bytes:
        return bytes(self._data)

    def reveal(self) -> memoryview:
        """The bytes themselves, without a copy; they turn to zeros when the secret is wiped."""
        return memoryview(self._data)

    def wipe(self) -> None:
        """Overwrite the bytes with zeros in one call."""
        self._data[:] = bytes(len(self._data))


def xor(left: bytes | bytearray | memoryview, right: bytes | bytearray | memoryview) -> bytes:
    """c_i = a_i xor b_i, for two byte strings of one length: the one-time pad."""
    if len(left) != len(right):
        raise ValueError(f"one-time pad of {len(right)} bytes for {len(left)} bytes: wanted equal lengths")
    return (int.from_bytes(left, "little") ^ int.from_bytes(right, "little")).to_bytes(len(left), "little")
