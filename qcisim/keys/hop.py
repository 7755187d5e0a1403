"""One hop of a relay: one-time pad and one-time Poly1305 tag, both from the link's own key.

data = payload xor pad; tag = Poly1305(r | s, header | hop | data) with a fresh 32-byte r | s per message. Forgery
bound for a message of L bytes: 8 ceil(L/16) / 2^106 (Bernstein, "The Poly1305-AES message-authentication code", FSE
2005, theorem 3.3). Under the tag stand path, key_IDs, both SAEs and the place of the key in the lane, which is its
sequence number.

The payload of the first hop may be that link's key itself: then only its place travels. On a single link without relay
(``path`` of two nodes) that message is not tagged: no key travels and the channel between the two is mutual TLS 1.3.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.poly1305 import Poly1305

from qcisim.errors import AuthenticationError, InputError
from qcisim.keys.secret import xor
from qcisim.keys.store import Secret

TAG_KEY_BYTES = 32
PAYLOAD, PAD = "payload", "pad"


def forgery_epsilon(message_bytes: int) -> float:
    """8 ceil(L/16) / 2^106: the chance that a forged message of L bytes passes one tag."""
    return 8 * -(-message_bytes // 16) / 2.0**106


@dataclass(frozen=True, slots=True)
class Header:
    """What is the same on every hop: which keys go from where to where, and for whom."""

    message_id: str
    path: tuple[str, ...]
    master: str
    slaves: tuple[str, ...]
    key_bits: int
    count: int
    key_ids: str  # base64 of 16 bytes each
    kind: str
    created_s: float

    def ids(self) -> list[bytes]:
        raw = base64.b64decode(self.key_ids)
        return [raw[i : i + 16] for i in range(0, len(raw), 16)]


@dataclass(frozen=True, slots=True)
class Hop:
    """What changes from hop to hop: the place in the lane, and the claim summed up so far."""

    index: int  # path[index] sends to path[index + 1]
    mode: str
    start: int
    length: int
    tagged: bool
    epsilon: float
    theorem: str
    simulated: bool

    def lane_bytes(self) -> int:
        """How much of the lane the message uses: payload or pad, then the tag's key."""
        return self.length + (TAG_KEY_BYTES if self.tagged else 0)


def _text(header: Header, hop: Hop) -> bytes:
    both = {"header": asdict(header), "hop": asdict(hop)}
    return json.dumps(both, sort_keys=True, separators=(",", ":")).encode() + b"\0"


def protect(context: bytes, payload: Secret, pad: Secret, tag_key: Secret) -> tuple[bytes, bytes]:
    """(data, tag): the payload under a one-time pad, and the one-time tag over context and data."""
    data = xor(payload, pad)
    return data, Poly1305.generate_tag(bytes(tag_key), context + data)


def unprotect(context: bytes, data: Secret, tag: bytes, pad: Secret, tag_key: Secret) -> bytes:
    """The payload; raises `AuthenticationError` unless the tag fits context and data."""
    check(context + bytes(data), tag, tag_key)
    return xor(data, pad)


def check(message: bytes, tag: bytes, tag_key: Secret) -> None:
    """Raise `AuthenticationError` unless ``tag`` is the one-time tag of ``message``."""
    try:
        Poly1305.verify_tag(bytes(tag_key), message, tag)
    except InvalidSignature:
        raise AuthenticationError("relay message: the tag does not fit") from None


def write(header: Header, hop: Hop, payload: Secret, key: Secret) -> str:
    """The message as JSON text. ``key`` is what the lane gave: pad (only for mode ``pad``), then the tag's key."""
    text, data, tag = _text(header, hop), b"", b""
    if hop.mode == PAD:
        data, tag = protect(text, payload, key[: hop.length], key[hop.length :])
    elif hop.tagged:
        tag = Poly1305.generate_tag(bytes(key[hop.length :]), text)
    body: dict[str, Any] = {"type": "offer", "header": asdict(header), "hop": asdict(hop)}
    body["data"], body["tag"] = base64.b64encode(data).decode(), base64.b64encode(tag).decode()
    return json.dumps(body, separators=(",", ":"))


def place_of(body: str) -> dict[str, int]:
    """Where the key of an unanswered offer lies in its lane: what a void tells the other end to discard as well."""
    offer = json.loads(body) if body else {}
    if offer.get("type") != "offer":
        return {}
    tag = TAG_KEY_BYTES if offer["hop"]["tagged"] else 0
    return {"start": offer["hop"]["start"], "length": offer["hop"]["length"] + tag}


def payload_of(header: Header, hop: Hop, data: bytes, tag: bytes, key: Secret) -> bytes:
    """What the message carries, given the same key of the lane; raises `AuthenticationError` where the tag does
    not fit.
    """
    text = _text(header, hop)
    if hop.mode == PAD:
        return unprotect(text, data, tag, key[: hop.length], key[hop.length :])
    if hop.tagged:
        check(text, tag, key[hop.length :])
    return bytes(key[: hop.length])


def read(body: dict[str, Any]) -> tuple[Header, Hop, bytes, bytes]:
    """Header, hop, data and tag of a message; raises `InputError` for anything that `write` does not make."""
    try:
        h, p = dict(body["header"]), dict(body["hop"])
        h["path"], h["slaves"] = tuple(h["path"]), tuple(h["slaves"])
        header, hop = Header(**h), Hop(**p)
        data, tag = (base64.b64decode(body[name], validate=True) for name in ("data", "tag"))
        base64.b64decode(header.key_ids, validate=True)
        texts = (header.message_id, header.master, header.kind, header.key_ids, hop.mode, hop.theorem)
        whole = (header.key_bits, header.count, hop.index, hop.start, hop.length)
        if not all(isinstance(t, str) for t in (*texts, *header.path, *header.slaves)):
            raise TypeError("text expected")
        if not all(type(n) is int and n >= 0 for n in whole) or not isinstance(hop.tagged, bool):
            raise TypeError("integer expected")
        if not isinstance(hop.epsilon, float | int) or not isinstance(header.created_s, float | int):
            raise TypeError("number expected")
        bytes.fromhex(header.message_id)
    except (KeyError, TypeError, ValueError, binascii.Error, AttributeError) as error:
        raise InputError(f"relay message: {error}") from None
    ids, expected = header.ids(), header.count * header.key_bits // 8
    fits = (
        len(header.message_id) == 32
        and len(header.path) >= 2
        and hop.index + 1 < len(header.path)
        and header.count > 0
        and header.slaves
        and len(set(header.slaves)) == len(header.slaves)
        and len(ids) == header.count == len(set(ids))
        and all(len(i) == 16 for i in ids)
        and header.key_bits % 8 == 0
        and hop.length == expected
        and len(data) == (expected if hop.mode == PAD else 0)
        and hop.mode in (PAYLOAD, PAD)
        and (hop.mode == PAD or hop.index == 0)
        and (hop.tagged or (len(header.path) == 2 and hop.mode == PAYLOAD))
    )
    if not fits:
        raise InputError("relay message: its parts do not fit together")
    return header, hop, data, tag
