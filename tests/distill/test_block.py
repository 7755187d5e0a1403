"""Blocks: leakage only grows, length only shrinks, stages only go right; samples are random and leave the key."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from qcisim.distill import Block, ErrorEstimate, Stage, estimate_errors, sample_positions, without
from qcisim.engine.random import stream
from qcisim.errors import PhysicsError

STEPS = st.lists(st.tuples(st.sampled_from(list(Stage)), st.integers(0, 64), st.integers(-2, 50)), max_size=8)


@given(STEPS)
def test_laws_hold_on_every_path(steps: list[tuple[Stage, int, int]]) -> None:
    block = Block(np.zeros(40, np.uint8))
    for stage, size, disclosed in steps:
        bits = None if stage is Stage.VERIFIED else np.ones(size, np.uint8)
        try:
            new = block.to(stage, bits=bits, disclosed_bits=disclosed)
        except PhysicsError:
            right = stage > block.stage
            before = {Stage.VERIFIED: Stage.RECONCILED, Stage.AMPLIFIED: Stage.VERIFIED}.get(stage, block.stage)
            fits = bits is None or size <= len(block)
            assert not (right and block.stage is before and fits and disclosed >= 0), "a lawful step was refused"
            continue
        assert new.stage > block.stage
        assert new.leak_bits == block.leak_bits + disclosed >= block.leak_bits
        assert len(new) <= len(block)
        block = new


def test_no_key_before_verification() -> None:
    block = Block(np.ones(8, np.uint8)).to(Stage.RECONCILED, disclosed_bits=3)
    with pytest.raises(PhysicsError, match="amplify a block that is only reconciled"):
        block.to(Stage.AMPLIFIED)
    with pytest.raises(PhysicsError, match="changes no bit"):
        block.to(Stage.VERIFIED, bits=np.zeros(8, np.uint8))
    key = block.to(Stage.VERIFIED, disclosed_bits=128).to(Stage.AMPLIFIED, bits=np.ones(2, np.uint8))
    assert (key.leak_bits, len(key), key.packed) == (131, 2, b"\xc0")


def test_bits_cannot_be_changed_behind_its_back() -> None:
    bits = np.ones(8, np.uint8)
    block = Block(bits)
    with pytest.raises(ValueError, match="read-only"):
        block.bits[0] = 0
    bits[0] = 0  # the owner of the array still may: a block is a view, not a copy
    with pytest.raises(PhysicsError, match="shape"):
        Block(np.ones((2, 2), np.uint8))


@given(bits=st.integers(0, 500), share=st.floats(0, 1), seed=st.integers(0, 2**32))
def test_the_key_part_shrinks_by_exactly_the_sample(bits: int, share: float, seed: int) -> None:
    sample = round(share * bits)
    positions = sample_positions(bits, sample, stream(seed, "tests/sample"))
    assert np.unique(positions).size == positions.size == sample
    numbered = np.arange(bits, dtype=np.uint16).astype(np.uint8)
    assert without(numbered, positions).size == bits - sample


def test_the_sample_depends_on_the_stream_alone() -> None:
    first, again, other = (sample_positions(1000, 100, stream(seed, "tests/sample")) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_errors_planted_at_the_front_are_estimated_at_their_density() -> None:
    """Pitfall 2: a sample of the first k would see every error; a random one sees their share, within 1e-9."""
    n, k, errors = 100_000, 20_000, 2_000
    alice = np.zeros(n, np.uint8)
    bob = alice.copy()
    bob[:errors] = 1
    where = sample_positions(n, k, stream(3, "tests/sample"))
    estimate = estimate_errors(alice[where], bob[where])
    low, high = binom.ppf([5e-10, 1 - 5e-10], k, errors / n)  # wider than the hypergeometric
    assert low <= estimate.errors <= high
    assert estimate.interval(1e-9)[0] <= errors / n <= estimate.interval(1e-9)[1]


def test_each_position_is_as_likely_as_any_other() -> None:
    hits = np.zeros(50, np.int64)
    rng, draws = stream(4, "tests/sample"), 4000
    for _ in range(draws):
        hits[sample_positions(50, 10, rng)] += 1
    low, high = binom.ppf([1e-9 / 100, 1 - 1e-9 / 100], draws, 0.2)
    assert low <= hits.min() <= hits.max() <= high


def test_refusals_and_empty_samples() -> None:
    assert ErrorEstimate(0, 0).qber == 0.5
    assert ErrorEstimate(0, 0).interval(1e-9) == (0.0, 1.0)
    with pytest.raises(PhysicsError, match="sample 11"):
        sample_positions(10, 11, stream(1, "x"))
    with pytest.raises(PhysicsError, match="errors 3"):
        ErrorEstimate(3, 2)
    with pytest.raises(PhysicsError, match="equally many"):
        estimate_errors(np.zeros(2, np.uint8), np.zeros(3, np.uint8))
