"""LDPC: what it corrects, what it discloses, what it refuses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reconciler_channel import Bits, Tap, converse, exact_pair, noisy_pair

from qcisim.distill import LdpcCorrector, LdpcPlan, LdpcReference, disclosed_bits, efficiency
from qcisim.distill.ldpc_code import BASE_COLUMNS, DEGREES, Code, code
from qcisim.engine.random import stream
from qcisim.errors import PhysicsError, ProtocolAbort


def run(alice: Bits, bob: Bits, plan: LdpcPlan) -> tuple[LdpcCorrector, Tap]:
    """A whole run; the transcript's count is law T1 for both ends."""
    reference, corrector = LdpcReference(alice, plan, stream(1, "alice")), LdpcCorrector(bob, plan)
    tap = converse(reference, corrector)
    assert tap.disclosed_bits == reference.disclosed_bits == corrector.leak_bits
    syndromes = np.frombuffer(tap.answers[0][:4], "<u4")[0]
    assert disclosed_bits(tap.answers[0]) == int(syndromes) - plan.frames * plan.punctured
    return corrector, tap


def dense(mother: Code) -> Bits:
    """The parity-check matrix, written out: the slow reading of what a circulant is."""
    matrix = np.zeros((mother.checks, mother.length), dtype=np.uint8)
    for r in range(mother.start.size - 1):
        for e in range(mother.start[r], mother.start[r + 1]):
            for k in range(mother.lift):
                at = mother.column[e] * mother.lift + (k + mother.shift[e]) % mother.lift
                matrix[r * mother.lift + k, at] ^= 1
    return matrix


@pytest.mark.parametrize("rate", sorted(DEGREES))
def test_codes_have_the_published_degrees(rate: float) -> None:
    mother = code(rate, 64)
    assert mother.length == 64 * BASE_COLUMNS
    assert mother.checks / mother.length == pytest.approx(1 - rate, abs=0.5 / BASE_COLUMNS)
    degrees, rows = np.bincount(mother.column, minlength=BASE_COLUMNS), mother.start.size - 1
    shares = DEGREES[rate][0]
    mean = sum(shares.values()) / sum(share / degree for degree, share in shares.items())
    assert degrees.mean() == pytest.approx(mean, rel=0.03)
    assert 2 == degrees.min() < degrees.max() <= rows
    for r in range(rows):
        columns = mother.column[mother.start[r] : mother.start[r + 1]]
        assert np.unique(columns).size == columns.size


def four_cycles(mother: Code) -> int:
    """Base cycles of length 4: two rows whose shifts differ by the same amount in two columns."""
    slices = [slice(mother.start[r], mother.start[r + 1]) for r in range(mother.start.size - 1)]
    rows = [dict(zip(mother.column[s].tolist(), mother.shift[s].tolist(), strict=True)) for s in slices]
    cycles = 0
    for r, one in enumerate(rows):
        for two in rows[:r]:
            steps = [(one[c] - two[c]) % mother.lift for c in one.keys() & two.keys()]
            cycles += len(steps) - len(set(steps))
    return cycles


@pytest.mark.parametrize("rate", sorted(DEGREES))
def test_long_codes_are_free_of_short_cycles(rate: float) -> None:
    assert four_cycles(code(rate, 256)) == 0


def test_syndrome_is_the_matrix_product() -> None:
    mother = code(0.6, 16)
    plan = LdpcPlan(3000, 0.065, lift=16)
    assert plan.code is mother
    alice, _ = noisy_pair(3000, 0.0, 1)
    reference = LdpcReference(alice, plan, stream(1, "alice"))
    answer = reference.answer(b"S")
    word = reference._words[0]
    count = plan.frames * mother.checks
    syndromes = np.unpackbits(np.frombuffer(answer[8:], np.uint8), count=count, bitorder="little")
    assert (syndromes[: mother.checks] == dense(mother) @ word.astype(np.int64) % 2).all()


@given(bits=st.integers(1, 9000), qber=st.floats(0.0, 0.12), seed=st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_any_length_any_errors(bits: int, qber: float, seed: int) -> None:
    alice, bob = noisy_pair(bits, qber, seed)
    corrector, _ = run(alice, bob, LdpcPlan(bits, max(qber, 0.01), lift=16))
    assert corrector.bits.shape == alice.shape
    if corrector.frames_failed == 0:
        assert (corrector.bits == alice).mean() >= (bob == alice).mean()


EFFICIENCY = {0.01: 1.20, 0.03: 1.14, 0.05: 1.14, 0.08: 1.12}


@pytest.mark.parametrize("qber", sorted(EFFICIENCY))
def test_efficiency(qber: float) -> None:
    bits = 8 * 30_000
    alice, bob = exact_pair(bits, round(qber * bits), 2)
    corrector, _ = run(alice, bob, LdpcPlan(bits, qber, lift=128))
    assert corrector.frames_failed == 0
    assert (corrector.bits == alice).all()
    assert 1.0 < efficiency(corrector.leak_bits, bits, qber) < EFFICIENCY[qber]


@pytest.mark.parametrize(("estimate", "limit"), [(0.03, 1.35), (0.08, 1.6)])
def test_a_wrong_estimate_costs_efficiency(estimate: float, limit: float) -> None:
    alice, bob = exact_pair(60_000, 3000, 3)
    corrector, _ = run(alice, bob, LdpcPlan(60_000, estimate, lift=64, attempts=60))
    assert (corrector.bits == alice).all()
    assert efficiency(corrector.leak_bits, 60_000, 0.05) < limit


def test_forced_failures_disclose_and_are_counted() -> None:
    """Four times the errors expected: frames are given up after two attempts; what they disclosed counts."""
    alice, bob = noisy_pair(20_000, 0.08, 4)
    plan = LdpcPlan(20_000, 0.02, lift=32, attempts=2)
    corrector, tap = run(alice, bob, plan)
    assert corrector.frames_failed == plan.frames
    assert (corrector.bits == bob).all()
    first = plan.frames * (plan.code.checks - plan.punctured)
    assert tap.rounds == 2
    assert disclosed_bits(tap.answers[0]) == first
    assert tap.disclosed_bits == first + disclosed_bits(tap.answers[1]) > first


def test_punctured_bits_are_private_and_hide_the_syndrome() -> None:
    """Another private randomness, another syndrome of the same string; as many hidden bits as punctured positions."""
    alice, _ = noisy_pair(5000, 0, 5)
    plan = LdpcPlan(5000, 0.03, lift=16)
    assert plan.punctured > 0
    first, second = (LdpcReference(alice, plan, stream(seed, "alice")).answer(b"S") for seed in (1, 2))
    assert first[:8] == second[:8]
    assert first[8:] != second[8:]
    punctured, key = plan.positions()
    assert not set(punctured.tolist()) & set(key.tolist())
    assert key.size == plan.key_bits


@pytest.mark.parametrize(("rate", "qber"), [(0.9, 0.002), (0.9, 0.009), (0.85, 0.0135), (0.7, 0.04), (0.5, 0.09)])
def test_each_punctured_position_hides_one_syndrome_bit(rate: float, qber: float) -> None:
    """The columns of the punctured positions are linearly independent, for the most that are ever punctured."""
    plan = LdpcPlan(30_000, qber, lift=16)
    assert plan.code.rate == rate
    assert plan.punctured > 0
    columns, pivots = dense(plan.code)[:, plan.positions()[0]], dict[int, int]()
    for i in range(columns.shape[1]):
        row = int.from_bytes(np.packbits(columns[:, i]).tobytes(), "big")
        while row and row.bit_length() in pivots:
            row ^= pivots[row.bit_length()]
        assert row
        pivots[row.bit_length()] = row


def test_refusals() -> None:
    plan = LdpcPlan(5000, 0.03, lift=16)
    for change, text in (
        ({"bits": 0}, "bits 0"),
        ({"qber": 0.7}, "qber 0.7"),
        ({"lift": 17}, "lift 17"),
        ({"start_efficiency": 0.9}, "start_efficiency"),
        ({"reveal_share": 0.0}, "reveal_share"),
        ({"attempts": 0}, "attempts"),
    ):
        with pytest.raises(PhysicsError, match=text):
            dataclasses.replace(plan, **change)  # type: ignore[arg-type]  # each change has its own type
    with pytest.raises(PhysicsError, match="rate"):
        code(0.33, 16)
    reference = LdpcReference(np.zeros(5000, np.uint8), plan, stream(1, "alice"))
    one = (5).to_bytes(8, "little")
    with pytest.raises(ProtocolAbort, match="neither"):
        reference.answer(b"X")
    with pytest.raises(ProtocolAbort, match="does not exist"):
        reference.answer(b"R" + one)  # before the syndromes
    answer = reference.answer(b"S")
    with pytest.raises(ProtocolAbort, match="twice"):
        reference.answer(b"S")
    with pytest.raises(ProtocolAbort, match="does not exist"):
        reference.answer(b"R" + (99 << 32).to_bytes(8, "little"))
    reference.answer(b"R" + one)
    with pytest.raises(ProtocolAbort, match="bit twice"):
        reference.answer(b"R" + one)
    with pytest.raises(ProtocolAbort, match="bit twice"):
        reference.answer(b"R" + 2 * (6).to_bytes(8, "little"))
    corrector = LdpcCorrector(np.zeros(5000, np.uint8), plan)
    corrector.step(None)
    with pytest.raises(ProtocolAbort, match="does not hold"):
        corrector.step(answer[:-1])
    with pytest.raises(ProtocolAbort, match="wanted"):
        corrector.step(bytes(8))
