"""Cascade: what it corrects, what it discloses, what it refuses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reconciler_channel import Bits, Tap, converse, exact_pair, noisy_pair
from scipy.stats import beta

from qcisim.distill import VARIANTS, CascadeCorrector, CascadePlan, CascadeReference, disclosed_bits, efficiency
from qcisim.distill.cascade_layout import SUBSET
from qcisim.errors import InputError, PhysicsError, ProtocolAbort

FRAME = 2**14


def run(alice: Bits, bob: Bits, plan: CascadePlan) -> tuple[CascadeCorrector, Tap]:
    """A whole run; the transcript's count is law T1 for both ends."""
    reference, corrector = CascadeReference(alice, plan), CascadeCorrector(bob, plan)
    tap = converse(reference, corrector)
    assert tap.disclosed_bits == reference.disclosed_bits == corrector.leak_bits
    assert tap.rounds == corrector.rounds
    return corrector, tap


@pytest.mark.parametrize("variant", VARIANTS)
@given(bits=st.integers(1, 3000), qber=st.floats(0, 0.3), estimate=st.floats(0, 0.5), seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_any_length_any_errors_any_estimate(variant: str, bits: int, qber: float, estimate: float, seed: int) -> None:
    """Every pass ends with equal parities, so what is left differs in an even number of places per frame, mostly 0.

    The random subsets of biconf do not cover a frame: where the estimate was far off, an odd number may be left.
    """
    alice, bob = noisy_pair(bits, qber, seed)
    plan = CascadePlan(bits, estimate, frame_bits=1024, seed=seed, variant=variant)
    corrector, _ = run(alice, bob, plan)
    assert corrector.bits.shape == alice.shape
    assert corrector.frames_failed == 0
    left = np.pad(corrector.bits ^ alice, (0, plan.frames * plan.frame_length - bits))
    assert variant == "biconf" or not (left.reshape(plan.frames, -1).sum(axis=1) % 2).any()
    assert corrector.corrected_errors >= int((alice ^ bob).sum()) - int(left.sum())


@pytest.mark.parametrize("bits", [1, 2, 3, 63, 64, 65, 16384, 16385, 40001])
def test_lengths_at_the_edges(bits: int) -> None:
    alice, bob = noisy_pair(bits, 0.05, 7)
    corrector, _ = run(alice, bob, CascadePlan(bits, 0.05))
    assert (corrector.bits == alice).all()


@pytest.mark.parametrize("wrong", [0.0, 0.2, 0.5])
def test_far_more_errors_than_expected(wrong: float) -> None:
    alice = np.random.default_rng(1).integers(0, 2, 5000, dtype=np.uint8)
    bob = alice ^ (np.random.default_rng(2).random(5000) < wrong).astype(np.uint8)
    corrector, _ = run(alice, bob, CascadePlan(5000, 0.02))
    assert (corrector.bits == alice).all()


def test_no_errors_no_search() -> None:
    """Without errors only block parities are disclosed: all of the first pass, all but one of each later one."""
    alice, bob = exact_pair(FRAME, 0, 3)
    plan = CascadePlan(FRAME, 0.03, variant="near_optimal")
    corrector, _ = run(alice, bob, plan)
    blocks = [-(-FRAME // k) for k in plan.block_sizes(FRAME)]
    assert corrector.leak_bits == blocks[0] + sum(n - 1 for n in blocks[1:])


PUBLISHED = {0.02: (64, 512, 1.04006), 0.04: (32, 256, 1.04313), 0.08: (8, 256, 1.05465)}


@pytest.mark.parametrize("qber", sorted(PUBLISHED))
def test_near_optimal_efficiency_of_the_paper(qber: float) -> None:
    """Martinez-Mateo et al., QIC 15, 453 (2015), Table 3, within 0.006."""
    first, second, published = PUBLISHED[qber]
    frames = 100
    alice, bob = exact_pair(frames * FRAME, round(qber * frames * FRAME), 5)
    blocks = (first, second, 4096, *([FRAME // 2] * 11))
    plan = CascadePlan(alice.size, qber, variant="near_optimal", blocks=blocks)
    corrector, _ = run(alice, bob, plan)
    assert efficiency(corrector.leak_bits, alice.size, qber) == pytest.approx(published, abs=0.006)


@pytest.mark.parametrize(("variant", "qber", "published"), [("original", 0.02, 1.1594), ("yan", 0.05, 1.0767)])
def test_published_variants(variant: str, qber: float, published: float) -> None:
    """Data set of cascade-cpp (B. Rijsman), 10^4 bits per frame, within 0.01."""
    alice, bob = exact_pair(100 * 10_000, round(qber * 1_000_000), 5)
    corrector, _ = run(alice, bob, CascadePlan(alice.size, qber, frame_bits=10_000, variant=variant))
    assert efficiency(corrector.leak_bits, alice.size, qber) == pytest.approx(published, abs=0.01)


@pytest.mark.parametrize(("qber", "limit"), [(0.01, 1.045), (0.03, 1.045), (0.05, 1.045), (0.08, 1.055)])
def test_default_efficiency(qber: float, limit: float) -> None:
    alice, bob = exact_pair(100 * FRAME, round(100 * FRAME * qber), 11)
    corrector, _ = run(alice, bob, CascadePlan(alice.size, qber))
    assert 1.0 < efficiency(corrector.leak_bits, alice.size, qber) <= limit
    assert (corrector.bits == alice).all()


@pytest.mark.parametrize("estimate", [0.015, 0.03, 0.06])
def test_a_wrong_estimate_costs_efficiency_not_correctness(estimate: float) -> None:
    alice, bob = exact_pair(50 * FRAME, round(50 * FRAME * 0.03), 12)
    corrector, _ = run(alice, bob, CascadePlan(alice.size, estimate))
    assert (corrector.bits == alice).all()
    assert efficiency(corrector.leak_bits, alice.size, 0.03) < 1.12


@pytest.mark.full
def test_frame_error_rate() -> None:
    """FER below 1e-3 at the false-alarm rate 1e-9 (measured: of the order of 1e-4)."""
    frames = 4000
    alice, bob = noisy_pair(frames * FRAME, 0.02, 13)
    corrector, _ = run(alice, bob, CascadePlan(alice.size, 0.02))
    bad = int((corrector.bits ^ alice).reshape(frames, FRAME).any(axis=1).sum())
    lowest = float(beta.ppf(1e-9, bad, frames - bad + 1)) if bad else 0.0
    assert lowest < 1e-3, f"{bad} of {frames} frames"


def asked_sets(plan: CascadePlan, queries: list[bytes]) -> list[int]:
    """The positions whose parity each question asks for, as bit masks: a slow second reading of the wire format."""
    layout, sets = plan.layout(), []
    for query in queries:
        for item in np.frombuffer(query, dtype="<u8").tolist():
            frame, p, start, stop = item >> 40, item >> 32 & 0xFF, item >> 16 & 0xFFFF, item & 0xFFFF
            a = int(layout.of_frame[frame])
            n, k = int(layout.size[a]), int(layout.block[a, p])
            ranges = [(start, stop)]
            if stop == 0:
                blocks = -(-n // k) if p == 0 else -(-n // k) - 1
                blocks = 1 if layout.kind[a, p] == SUBSET else blocks
                ranges = [(j * k, min(n, (j + 1) * k)) for j in range(blocks)]
            offset = frame * plan.frame_length
            for one, two in ranges:
                sets.append(sum(1 << (offset + int(i)) for i in layout.order[a, p, one:two]))
    return sets


def rank(rows: list[int]) -> int:
    """Rank over GF(2)."""
    pivots: dict[int, int] = {}
    for row in rows:
        while row:
            top = row.bit_length()
            if top not in pivots:
                pivots[top] = row
                break
            row ^= pivots[top]
    return len(pivots)


@pytest.mark.parametrize("variant", VARIANTS)
def test_answers_are_the_parities_asked_for(variant: str) -> None:
    bits = 700
    alice, bob = noisy_pair(bits, 0.04, 21)
    plan = CascadePlan(bits, 0.04, frame_bits=512, variant=variant)
    reference, corrector = CascadeReference(alice, plan), CascadeCorrector(bob, plan)
    whole = sum(int(b) << i for i, b in enumerate(alice))
    queries: list[bytes] = []
    query = corrector.step(None)
    while query is not None:
        queries.append(query)
        answer = reference.answer(query)
        packed = np.unpackbits(np.frombuffer(answer[8:], np.uint8), bitorder="little")[: disclosed_bits(answer)]
        expected = [(whole & mask).bit_count() & 1 for mask in asked_sets(plan, [query])]
        assert packed.tolist() == expected
        query = corrector.step(answer)
    assert (corrector.bits == alice).all()
    if variant == "frugal":  # nothing that follows from earlier answers is asked, but for rare coincidences
        sets = asked_sets(plan, queries)
        assert len(sets) == corrector.leak_bits
        assert len(sets) - rank(sets) <= 0.01 * len(sets)


def test_frugal_asks_less_than_near_optimal() -> None:
    alice, bob = exact_pair(40 * FRAME, round(40 * FRAME * 0.08), 22)
    leaks = {v: run(alice, bob, CascadePlan(alice.size, 0.08, variant=v))[0].leak_bits for v in VARIANTS}
    assert leaks["frugal"] < 0.99 * leaks["near_optimal"] < leaks["near_optimal"] < leaks["original"]


def test_errors_that_hide_in_pairs_stay_and_their_leakage_counts() -> None:
    """A frame that Cascade fails: one pass over blocks of 4 does not see two errors in one of them."""
    alice, bob = exact_pair(1024, 0, 23)
    bob = bob.copy()
    bob[[0, 1, 8]] ^= 1
    corrector, tap = run(alice, bob, CascadePlan(1024, 0.02, blocks=(4,), variant="near_optimal"))
    assert (corrector.bits != alice).nonzero()[0].tolist() == [0, 1]
    assert tap.disclosed_bits == 256 + 2


def test_same_plan_same_bytes() -> None:
    alice, bob = noisy_pair(3000, 0.05, 24)
    first, second = (run(alice, bob, CascadePlan(3000, 0.05, seed=5))[1].answers for _ in range(2))
    assert first == second
    assert first != run(alice, bob, CascadePlan(3000, 0.05, seed=6))[1].answers


def test_contradicting_answers_end_in_a_failed_frame() -> None:
    """Answers of a liar end, one way or another; nothing hangs."""
    rng = np.random.default_rng(3)
    alice, bob = noisy_pair(2000, 0.1, 25)
    plan = CascadePlan(2000, 0.1, frame_bits=500)
    reference, corrector = CascadeReference(alice, plan), CascadeCorrector(bob, plan)
    query, rounds = corrector.step(None), 0
    while query is not None:
        answer = bytearray(reference.answer(query))
        answer[8:] = rng.bytes(len(answer) - 8)
        query = corrector.step(bytes(answer))
        rounds += 1
        assert rounds < 100_000


def test_refusals() -> None:
    plan = CascadePlan(1000, 0.02)
    with pytest.raises(InputError, match="did you mean 'original'"):
        dataclasses.replace(plan, variant="orignal")
    for change, text in (
        ({"bits": 0}, "bits 0"),
        ({"qber": 0.6}, "qber 0.6"),
        ({"frame_bits": 2**16}, "frame_bits"),
        ({"blocks": (0,)}, "blocks"),
    ):
        with pytest.raises(PhysicsError, match=text):
            dataclasses.replace(plan, **change)  # type: ignore[arg-type]  # each change has its own type
    with pytest.raises(PhysicsError, match="shape"):
        CascadeReference(np.zeros(999, np.uint8), plan)
    reference = CascadeReference(np.zeros(1000, np.uint8), plan)
    nonsense = {
        "frame": 1 << 40,
        "pass": 200 << 32,
        "empty range": 5 << 16 | 5,
        "beyond the frame": 5 << 16 | 2000,
        "over two classes": 13 << 32 | 400 << 16 | 600,
    }
    for item in nonsense.values():
        with pytest.raises(ProtocolAbort, match="does not exist"):
            reference.answer(item.to_bytes(8, "little"))
    with pytest.raises(ProtocolAbort, match="multiple of 8"):
        reference.answer(b"123")
    assert reference.disclosed_bits == 0
    corrector = CascadeCorrector(np.zeros(1000, np.uint8), plan)
    query = corrector.step(None)
    assert query is not None
    answer = reference.answer(query)
    with pytest.raises(ProtocolAbort, match="does not hold"):
        corrector.step(answer[:-1])
    with pytest.raises(ProtocolAbort, match="wanted at least"):
        corrector.step(b"")
    with pytest.raises(ProtocolAbort, match="parities: wanted"):
        corrector.step(bytes(8))
