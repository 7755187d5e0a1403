"""Toeplitz hashing: bit for bit, linear, measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.distill import (
    RoundingError,
    leftover_hash_length,
    modified_toeplitz_hash,
    toeplitz,
    toeplitz_hash,
    toeplitz_seed_bits,
)
from qcisim.distill.convolution import NegacyclicConvolution
from qcisim.distill.toeplitz import toeplitz_hash_checked
from qcisim.engine.random import stream
from qcisim.errors import PhysicsError

VECTOR = ("111011101011001010100111", "00110110100010011000100111100101", "101001100")


def bits(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8) - ord("0")


def direct(x: np.ndarray, seed: np.ndarray, length: int) -> np.ndarray:
    """The definition: ``y_i = XOR_j seed[i - j + n - 1] x_j``, one row of the matrix after the other."""
    rows = (seed[i : i + x.size][::-1].astype(np.int64) @ x for i in range(length))
    return np.array([row & 1 for row in rows], dtype=np.uint8)


def test_reference_vector() -> None:
    x, seed, y = VECTOR
    assert toeplitz_hash(bits(x), bits(seed), len(y)).tolist() == bits(y).tolist()


@given(n=st.integers(1, 400), length=st.integers(1, 300), block=st.integers(1, 500), seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_equals_the_definition_for_any_size_and_cut(n: int, length: int, block: int, seed: int) -> None:
    rng = stream(seed, "tests/toeplitz")
    x, diagonals = (rng.integers(0, 2, k, dtype=np.uint8) for k in (n, n + length - 1))
    whole, distance = toeplitz_hash_checked(x, diagonals, length)
    assert (whole == direct(x, diagonals, length)).all()
    assert distance < 1e-9
    assert (toeplitz_hash_checked(x, diagonals, length, block_bits=max(block, n // 5, length // 5))[0] == whole).all()


@given(n=st.integers(1, 3000), length=st.integers(1, 3000), seed=st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_linear_in_input_and_seed(n: int, length: int, seed: int) -> None:
    rng = stream(seed, "tests/toeplitz")
    x, y = rng.integers(0, 2, (2, n), dtype=np.uint8)
    s, t = rng.integers(0, 2, (2, n + length - 1), dtype=np.uint8)
    assert (toeplitz_hash(x ^ y, s, length) == toeplitz_hash(x, s, length) ^ toeplitz_hash(y, s, length)).all()
    assert (toeplitz_hash(x, s ^ t, length) == toeplitz_hash(x, s, length) ^ toeplitz_hash(x, t, length)).all()


@pytest.mark.parametrize(("n", "length"), [(2**20, 2**19), (2**20 - 1, 300_001), (50_000, 2**20)])
def test_random_rows_of_a_long_block(n: int, length: int) -> None:
    rng = stream(n, "tests/toeplitz/long")
    x, seed = (rng.integers(0, 2, k, dtype=np.uint8) for k in (n, n + length - 1))
    y, distance = toeplitz_hash_checked(x, seed, length)
    rows = np.concatenate([[0, length - 1], rng.integers(0, length, 60)])
    for i in rows:
        assert y[i] == int(seed[i : i + n][::-1].astype(np.int64) @ x) & 1
    assert 0 < distance < 1e-8


@pytest.mark.parametrize("fill", [0, 1])
def test_the_largest_sums_stay_exact(fill: int) -> None:
    """All ones is the worst case of the magnitudes: every output is the parity of n."""
    n, length = 300_001, 1000
    x, seed = np.full(n, fill, np.uint8), np.ones(n + length - 1, np.uint8)
    assert toeplitz_hash(x, seed, length).tolist() == [fill * n % 2] * length


def test_two_universal_at_eight_bits() -> None:
    """Over every seed of a small hash, a difference hashes to 0 in exactly 2^-l of them."""
    n, length = 6, 4
    for difference in (1, 5, 32, 63):
        x = np.array([difference >> i & 1 for i in range(n)], dtype=np.uint8)
        seeds = [np.array([s >> i & 1 for i in range(n + length - 1)], dtype=np.uint8) for s in range(2**9)]
        assert sum(not toeplitz_hash(x, seed, length).any() for seed in seeds) == 2**9 // 2**length


def test_a_rounding_distance_above_the_limit_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toeplitz, "ROUNDING_LIMIT", 1e-18)
    rng = stream(1, "tests/toeplitz")
    with pytest.raises(RoundingError, match="from an integer"):
        toeplitz_hash(rng.integers(0, 2, 5000, dtype=np.uint8), rng.integers(0, 2, 5999, dtype=np.uint8), 1000)


def test_values_that_are_no_numbers_count_as_infinitely_far() -> None:
    convolution = NegacyclicConvolution(100)
    convolution._inner = convolution._inner * np.nan
    ones = np.ones(50, np.uint8)
    assert convolution.parities(ones, ones, 0, np.zeros(10, np.uint8)) == np.inf


def test_lengths() -> None:
    assert toeplitz_seed_bits(1_000_000, 350_000) == 1_349_999  # pa.seed.toeplitz
    assert leftover_hash_length(50_000, 1e-10) == 49_935  # pa.lhl
    assert leftover_hash_length(10, 1e-10) == 0
    assert toeplitz_hash(np.ones(5, np.uint8), np.zeros(0, np.uint8), 0).size == 0


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="n \\+ l - 1 = 14"):
        toeplitz_hash(np.ones(10, np.uint8), np.ones(15, np.uint8), 5)
    with pytest.raises(PhysicsError, match="output_bits"):
        toeplitz_seed_bits(10, 0)
    with pytest.raises(PhysicsError, match="input_bits"):
        toeplitz_hash(np.ones(0, np.uint8), np.ones(4, np.uint8), 5)
    with pytest.raises(PhysicsError, match="epsilon"):
        leftover_hash_length(100, 0.0)
    with pytest.raises(PhysicsError, match="length"):
        NegacyclicConvolution(0)


@settings(deadline=None)
@given(st.integers(2, 60), st.integers(0, 2**32 - 1), st.data())
def test_modified_toeplitz_is_identity_and_toeplitz_side_by_side(n: int, seed: int, data: st.DataObject) -> None:
    length = data.draw(st.integers(1, n - 1))
    rng = np.random.default_rng(seed)
    x, s = rng.integers(0, 2, n).astype(np.uint8), rng.integers(0, 2, n - 1).astype(np.uint8)
    tail = n - length
    matrix = np.hstack([np.eye(length, dtype=int), [[s[i - j + tail - 1] for j in range(tail)] for i in range(length)]])
    assert (modified_toeplitz_hash(x, s, length) == matrix @ x % 2).all()


def test_modified_toeplitz_collides_as_seldom_as_two_universal_allows() -> None:
    """Every difference of 6 bits, every seed: 3 output bits collide for at most 2^-3 of the seeds."""
    n, length = 6, 3
    seeds = [np.array([k >> i & 1 for i in range(n - 1)], np.uint8) for k in range(2 ** (n - 1))]
    for difference in range(1, 2**n):
        x = np.array([difference >> i & 1 for i in range(n)], np.uint8)
        collisions = sum(not modified_toeplitz_hash(x, seed, length).any() for seed in seeds)
        assert collisions <= len(seeds) / 2**length
