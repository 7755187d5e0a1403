"""A delivered key: its identifier, its bits and the claim that comes with it."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field

from qcisim.errors import require
from qcisim.keys.secret import SecretBytes


@dataclass(frozen=True, slots=True)
class Key:
    """One key as both ends hold it.

    ``bits`` is redacted in text. ``epsilon`` bounds the trace distance from a perfect key and adds along a relay.
    ``origin`` is ``qkd`` (one link), ``relayed`` (trusted nodes between) or ``local`` (one node's random generator);
    ``path`` names the nodes it passed, both ends included.
    """

    key_id: str
    bits: SecretBytes = field(repr=False)
    epsilon: float
    between: tuple[str, str]
    created_s: float
    origin: str = "qkd"
    path: tuple[str, ...] = ()
    theorem: str = ""
    simulated: bool = True

    def __post_init__(self) -> None:
        require(0.0 <= self.epsilon <= 1.0, f"epsilon {self.epsilon}: a trace distance lies between 0 and 1")
        require(self.origin in {"qkd", "relayed", "local"}, f"origin {self.origin!r}: wanted qkd, relayed or local")
        require(len(self.bits) > 0, "a key of zero bits is no key")

    @property
    def size_bits(self) -> int:
        return 8 * len(self.bits)


def new_key_ids(count: int) -> list[bytes]:
    """``count`` random UUIDs of version 4 as 16 bytes each, from one block of the system's generator (RFC 9562,
    5.4).
    """
    block = bytearray(os.urandom(16 * count))
    for i in range(0, 16 * count, 16):
        block[i + 6] = (block[i + 6] & 0x0F) | 0x40
        block[i + 8] = (block[i + 8] & 0x3F) | 0x80
    return [bytes(block[i : i + 16]) for i in range(0, 16 * count, 16)]


def key_id_text(key_id: bytes) -> str:
    """The 16 bytes in the lower-case text form of a UUID."""
    h = key_id.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def key_id_bytes(text: str) -> bytes:
    """The 16 bytes of a UUID in its text form, in either case; raises ``ValueError`` for any other text."""
    if len(text) != 36 or text[8] != "-" or text[13] != "-" or text[18] != "-" or text[23] != "-":
        raise ValueError("not a UUID")
    plain = text.replace("-", "")
    if len(plain) != 32 or not plain.isascii() or not plain.isalnum():
        raise ValueError("not a UUID")
    return uuid.UUID(hex=plain).bytes
