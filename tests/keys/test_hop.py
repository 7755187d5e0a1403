"""One hop: perfect secrecy by XOR, one-time tags, and messages that only fit as they were written."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.poly1305 import Poly1305
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import AuthenticationError, InputError
from qcisim.keys import hop as hops
from qcisim.keys.key import key_id_bytes, key_id_text, new_key_ids
from qcisim.keys.secret import xor

HEADER = hops.Header(
    "00" * 16, ("A", "B", "C"), "a", ("c",), 256, 2, "AAAAAAAAAAAAAAAAAAAAAAEBAQEBAQEBAQEBAQEBAQE=", "window", 1.5
)
HOP = hops.Hop(1, hops.PAD, 640, 64, True, 2e-10, "t", True)


@given(st.binary(max_size=200))
def test_xor_is_its_own_inverse(data: bytes) -> None:
    pad = os.urandom(len(data))
    assert xor(xor(data, pad), pad) == data
    assert xor(data, bytes(len(data))) == data


def test_poly1305_is_the_one_of_rfc_8439() -> None:
    key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")  # RFC 8439, 2.5.2
    tag = "a8061dc1305136c6c22b8baf0c0127a9"
    message = b"Cryptographic Forum Research Group"
    assert Poly1305.generate_tag(key, message).hex() == tag
    hops.check(message, bytes.fromhex(tag), key)


def test_forgery_bound_of_256_keys_in_one_message() -> None:
    # 256 keys of 256 bits with their IDs are 12 KiB: about 2^-93 (8 * 768 / 2^106)
    assert hops.forgery_epsilon(12 * 1024) == 8 * 768 / 2.0**106


@given(st.binary(min_size=64, max_size=64))
def test_what_goes_in_comes_out_at_the_other_end(payload: bytes) -> None:
    key = os.urandom(HOP.lane_bytes())
    header, hop, data, tag = hops.read(json.loads(hops.write(HEADER, HOP, payload, key)))
    assert (header, hop) == (HEADER, HOP)
    assert hops.payload_of(header, hop, data, tag, key) == payload


@pytest.mark.parametrize(
    ("header", "hop"),
    [
        ({"path": ("A", "B", "D")}, {}),
        ({"slaves": ("d",)}, {}),
        ({"master": "m"}, {}),
        ({"created_s": 2.5}, {}),
        ({}, {"start": 641}),
        ({}, {"epsilon": 0.0}),
        ({}, {"simulated": False}),
    ],
)
def test_every_member_stands_under_the_tag(header: dict[str, Any], hop: dict[str, Any]) -> None:
    key, payload = os.urandom(HOP.lane_bytes()), os.urandom(64)
    _, _, data, tag = hops.read(json.loads(hops.write(HEADER, HOP, payload, key)))
    with pytest.raises(AuthenticationError):
        hops.payload_of(replace(HEADER, **header), replace(HOP, **hop), data, tag, key)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("header", "path", ["A"]),
        ("header", "count", 3),
        ("header", "count", "2"),
        ("header", "key_bits", 255),
        ("header", "message_id", "00"),
        ("header", "slaves", []),
        ("header", "slaves", ["c", "c"]),
        ("header", "slaves", [1]),
        ("hop", "index", 2),
        ("hop", "index", -1),
        ("hop", "mode", "none"),
        ("hop", "mode", "payload"),
        ("hop", "length", 63),
        ("hop", "tagged", False),
        ("hop", "tagged", 1),
        ("hop", "epsilon", "0"),
        ("", "data", "AAAA"),
        ("", "data", "not base64!"),
        ("", "tag", None),
        ("header", "extra", 1),
    ],
)
def test_messages_whose_parts_do_not_fit_are_refused(part: str, name: str, value: Any) -> None:
    body = json.loads(hops.write(HEADER, HOP, bytes(64), bytes(96)))
    (body[part] if part else body)[name] = value
    with pytest.raises(InputError, match="relay message"):
        hops.read(body)


def test_key_ids_are_uuids_of_version_4() -> None:
    import uuid

    ids = new_key_ids(50)
    assert len(set(ids)) == 50
    for key_id in ids:
        text = key_id_text(key_id)
        assert str(uuid.UUID(text)) == text
        assert uuid.UUID(text).version == 4
        assert key_id_bytes(text.upper()) == key_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 36,
        "0" * 32,
        "{00000000-0000-0000-0000-000000000000}",
        "00000000-0000-0000-0000-00000000000g",
        "0000000-00000-0000-0000-000000000000",
        "００００００００-0000-0000-0000-000000000000",
    ],
)
def test_other_texts_are_no_key_ids(text: str) -> None:
    with pytest.raises(ValueError):
        key_id_bytes(text)
