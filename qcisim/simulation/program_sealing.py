"""Messages of programs as bytes, and their protection: Wegman-Carter tags, one-time pads, AES-GCM.

Authenticated: tag = Poly1305_r(context | data) + pad mod 2^128; the hash key r is taken once for a direction, 128 fresh
bits for each tag. One-time pad: data = message xor pad, then the tag. AES-GCM: one 256-bit key for a round and
direction, nonces are counted; its secrecy is computational. Under every tag stand program, round, both ends and the
number of the message.
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from qcisim.auth import HASH_KEY_BITS, PAD_BITS, poly1305_tag
from qcisim.errors import AuthenticationError, InputError
from qcisim.keys.secret import xor

HASH_BYTES, PAD_BYTES, TAG_BYTES, AES_BYTES = HASH_KEY_BITS // 8, PAD_BITS // 8, 16, 32
_MARK = "__qcisim__"


def packed(message: Any) -> bytes:
    """A message as bytes. Raises `InputError` for what is no number, text, bytes, list, tuple, dictionary or array."""
    return json.dumps(_plain(message), separators=(",", ":")).encode()


def unpacked(data: bytes) -> Any:
    """The inverse of `packed`."""
    return _value(json.loads(data))


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, int):  # a future that has come, an enumeration
        return int(value)
    if isinstance(value, float | str):
        return float(value) if isinstance(value, float) else str(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, tuple):
        return {_MARK: "tuple", "of": [_plain(one) for one in value]}
    if isinstance(value, dict):
        return {_MARK: "dict", "of": [[_plain(key), _plain(one)] for key, one in value.items()]}
    if isinstance(value, bytes | bytearray):
        return {_MARK: "bytes", "of": base64.b64encode(value).decode()}
    if isinstance(value, complex):
        return {_MARK: "complex", "of": [value.real, value.imag]}
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return {_MARK: "array", "of": [_plain(one) for one in value.ravel().tolist()], "shape": list(value.shape)}
    if hasattr(value, "header") and hasattr(value, "payload"):  # netqasm's StructuredMessage
        return {_MARK: "structured", "of": [_plain(value.header), _plain(value.payload)]}
    kind = type(value).__name__
    raise InputError(f"a message of type {kind} cannot be protected: send numbers, text, bytes, lists or dictionaries")


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(one) for one in value]
    if not isinstance(value, dict):
        return value
    kind, inner = value[_MARK], value["of"]
    if kind == "tuple":
        return tuple(_value(one) for one in inner)
    if kind == "dict":
        return {_value(key): _value(one) for key, one in inner}
    if kind == "bytes":
        return base64.b64decode(inner)
    if kind == "complex":
        return complex(*inner)
    if kind == "array":
        return np.array([_value(one) for one in inner]).reshape(value["shape"])
    from netqasm.sdk.classical_communication.message import StructuredMessage

    return StructuredMessage(*(_value(one) for one in inner))


def tagged(context: bytes, data: bytes, hash_key: bytes, pad: bytes) -> bytes:
    """The tag of ``data`` in its context."""
    return poly1305_tag(context + data, hash_key + pad)


def check(context: bytes, data: bytes, tag: bytes, hash_key: bytes, pad: bytes) -> None:
    """Raise `AuthenticationError` unless the tag fits."""
    if not hmac.compare_digest(tagged(context, data, hash_key, pad), tag):
        raise AuthenticationError("message of a program: its tag does not fit: changed, forged or out of order")


def padded(data: bytes, pad: bytes) -> bytes:
    """Data xor pad: encrypts, and decrypts."""
    return xor(data, pad)


def sealed(context: bytes, data: bytes, key: bytes, number: int) -> bytes:
    """AES-256-GCM with the number of the message as nonce."""
    return AESGCM(key).encrypt(number.to_bytes(12, "big"), data, context)


def opened(context: bytes, data: bytes, key: bytes, number: int) -> bytes:
    """The inverse of `sealed`. Raises `AuthenticationError` where the tag does not fit."""
    try:
        return AESGCM(key).decrypt(number.to_bytes(12, "big"), data, context)
    except InvalidTag:
        raise AuthenticationError("message of a program: AES-GCM refuses it: changed, forged or out of order") from None
