"""Verification: a difference does not stay unseen."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reconciler_channel import converse, exact_pair
from scipy.stats import beta

from qcisim.distill import (
    CascadeCorrector,
    CascadePlan,
    CascadeReference,
    toeplitz_hash,
    undetected_error_bound,
    verification_epsilon,
    verification_key,
    verification_tag,
)
from qcisim.engine.random import stream
from qcisim.errors import PhysicsError


@given(n=st.integers(1, 2000), at=st.integers(0, 1999), seed=st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_one_wrong_bit_is_caught(n: int, at: int, seed: int) -> None:
    rng = stream(seed, "tests/verify")
    block = rng.integers(0, 2, n, dtype=np.uint8)
    key, other = verification_key(rng), block.copy()
    other[at % n] ^= 1
    assert verification_tag(block, key) == verification_tag(block.copy(), key)
    assert verification_tag(block, key) != verification_tag(other, key)


def test_a_frame_that_cascade_fails_is_caught() -> None:
    alice, bob = exact_pair(1024, 0, 23)
    bob = bob.copy()
    bob[[0, 1]] ^= 1  # a pair in one block of the only pass
    plan = CascadePlan(1024, 0.02, blocks=(4,), variant="near_optimal")
    corrector = CascadeCorrector(bob, plan)
    converse(CascadeReference(alice, plan), corrector)
    key = verification_key(stream(1, "tests/verify"))
    assert (corrector.bits != alice).any()
    assert verification_tag(corrector.bits, key) != verification_tag(alice, key)


def test_blocks_that_collide_under_crc32_are_caught() -> None:
    """Adding a multiple of the CRC polynomial leaves the CRC as it is, for every key-less check the same."""
    rng = stream(2, "tests/verify")
    block = rng.bytes(512)
    polynomial = (0x104C11DB7).to_bytes(5, "big")
    spread = bytes(int(f"{b:08b}"[::-1], 2) for b in polynomial)  # CRC-32 reads bits lowest first
    other = bytes(a ^ b for a, b in zip(block, bytes(100) + spread + bytes(407), strict=True))
    assert zlib.crc32(block) == zlib.crc32(other)
    assert block != other
    one, two = (np.unpackbits(np.frombuffer(b, np.uint8)) for b in (block, other))
    key = verification_key(rng)
    assert verification_tag(one, key) != verification_tag(two, key)


def test_miss_rate_of_a_short_hash_is_below_its_bound() -> None:
    """8-bit Toeplitz tags over 1e5 adversarial pairs: the miss rate is 2^-8 within an exact interval at 1e-9."""
    rng = stream(3, "tests/verify")
    n, t, trials = 33, 8, 100_000
    difference = np.zeros(n, np.uint8)
    difference[[0, 13, 32]] = 1  # chosen before the key
    seeds = rng.integers(0, 2, (trials, n + t - 1), dtype=np.uint8)
    rows = [np.bitwise_xor.reduce(seeds[:, i : i + n][:, ::-1] & difference, axis=1) for i in range(t)]
    tags = np.stack(rows, axis=1)
    for i in range(50):
        assert (tags[i] == toeplitz_hash(difference, seeds[i], t)).all()
    misses = int((~tags.any(axis=1)).sum())
    assert float(beta.ppf(1e-9, misses, trials - misses + 1)) <= undetected_error_bound(t)
    assert float(beta.ppf(1 - 1e-9, misses + 1, trials - misses)) >= undetected_error_bound(t)


def test_bounds() -> None:
    assert undetected_error_bound(64) == pytest.approx(5.421010862427522e-20, rel=1e-12)  # ec.verify
    assert verification_epsilon(8 * 1024) == 8 * 64 / 2**106
    assert verification_epsilon(8 * 1024 + 1) == 8 * 65 / 2**106
    with pytest.raises(PhysicsError, match="hash_bits"):
        undetected_error_bound(0)
    with pytest.raises(PhysicsError, match="bits"):
        verification_epsilon(-1)


def test_keys_are_fresh() -> None:
    rng = stream(4, "tests/verify")
    first, second = verification_key(rng), verification_key(rng)
    assert len(first) == 32
    assert first != second
