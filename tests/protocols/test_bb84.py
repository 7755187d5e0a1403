"""BB84 as two programs: keys, transcript, attacks on the quantum and on the classical channel."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from link_harness import LinkRun, run_link
from scipy import stats

from qcisim.sdk import Message

ORDER = [
    "detections",
    "preparation",
    "sifting",
    "test_errors",
    "tag",
    "plan",
    "verification",
    "key_errors",
    "hash_seed",
]
FALSE_ALARM = 1e-9


@pytest.fixture(scope="module")
def honest() -> LinkRun:
    return run_link("protocol.block_s=0.1")


def test_a_short_honest_link_makes_key(honest: LinkRun) -> None:
    assert not honest.stopped
    assert [block.length.bits > 0 for block in honest.reports] == [True, True]
    for block, key in zip(honest.reports, honest.keys, strict=True):
        assert len(key) == (block.key_bits + 7) // 8
        assert block.length.bits < block.sifted_bits
    assert honest.keys[0] != honest.keys[1]


def test_key_bits_are_balanced(honest: LinkRun) -> None:
    bits = np.unpackbits(np.frombuffer(b"".join(honest.keys), np.uint8))
    assert stats.binomtest(int(bits.sum()), len(bits), 0.5).pvalue > FALSE_ALARM


def test_t1_transcript_equals_what_the_length_was_charged(honest: LinkRun) -> None:
    for block, transcript in zip(honest.reports, honest.transcripts, strict=True):
        disclosed = sum(record.disclosed_bits for record in transcript)
        assert disclosed == -block.length.term("leakage") - block.length.term("verification")
        parities = sum(record.disclosed_bits for record in transcript if record.kind == "parities")
        assert parities == block.leak_bits > 0


def test_t2_the_last_messages_of_a_block_are_the_tags_of_both_sides(honest: LinkRun) -> None:
    for transcript in honest.transcripts:
        kinds = [record.kind for record in transcript]
        assert kinds.count("tag") == 4
        assert kinds[-2:] == ["tag", "tag"]
        assert {record.sender for record in transcript[-2:]} == {"a-b/a", "a-b/b"}


def test_t3_order_of_announcements(honest: LinkRun) -> None:
    for transcript in honest.transcripts:
        first: dict[str, int] = {}
        for index, record in enumerate(transcript):
            first.setdefault(record.kind, index)
        assert sorted(ORDER, key=lambda kind: first[kind]) == ORDER


def test_nothing_is_known_before_light_could_have_brought_it(honest: LinkRun) -> None:
    delay_s = honest.model.actual.at(0.0).delay_s
    assert delay_s > 0.0
    for start_s, transcript in zip((0.0, 0.1), honest.transcripts, strict=True):
        assert transcript[0].kind == "detections"
        assert transcript[0].sent_s >= start_s + 0.1 + delay_s - 1e-12
        sent: dict[str, float] = {}
        for record in transcript:
            sent.setdefault(record.kind, record.sent_s)
        order = ("detections", "preparation", "sifting", "test_errors")
        for sooner, later in itertools.pairwise(order):
            assert sent[later] >= sent[sooner] + delay_s - 1e-12


def test_same_seed_same_key_other_seed_other_key(honest: LinkRun) -> None:
    assert run_link("protocol.block_s=0.1").keys == honest.keys
    assert run_link("protocol.block_s=0.1", seed=2).keys[0] != honest.keys[0]


def test_intercept_resend_aborts_and_shows_its_error_rate() -> None:
    run = run_link("attack.name=intercept_resend", "attack.fraction=0.4", duration_s=0.05)
    (block,) = run.reports
    assert block.length.bits == 0
    assert block.key_bits == 0
    assert block.leak_bits == 0  # where no key is possible nothing is disclosed
    assert run.keys == [b""]
    expected = 0.1 + 0.01 * (1 - 2 * 0.1)  # a quarter of the share, behind a misalignment of 1 %
    low, high = stats.binom.interval(1 - FALSE_ALARM, round(block.errors_out_of), expected)
    assert low * 0.97 <= block.errors <= high * 1.03  # the attack acts photon by photon: multi-photon pulses differ
    assert block.length.reason


def test_a_weak_attack_lowers_the_key_and_a_stronger_one_ends_it() -> None:
    bits = [
        run_link(
            f"attack.fraction={share}", "attack.name=intercept_resend", "protocol.length_rule=variable", duration_s=0.1
        )
        .reports[0]
        .length.bits
        for share in (0.0, 0.05, 0.3925)
    ]
    assert bits[0] > bits[1] > 0
    assert bits[2] == 0


def test_too_little_data_gives_zero_with_the_reason() -> None:
    run = run_link(duration_s=1e-4)
    (block,) = run.reports
    assert block.length.bits == 0
    assert "fixed before the block gives no key" in block.length.reason


@pytest.mark.parametrize(
    "kind",
    [
        "detections",
        "preparation",
        "sifting",
        "test_errors",
        "plan",
        "parities",
        "verification",
        "key_errors",
        "hash_seed",
        "tag",
    ],
)
def test_a35_a_bit_changed_in_any_message_ends_the_link_without_key(kind: str) -> None:
    """No key leaves a block one of whose messages was changed; both ends stop."""
    changed: list[str] = []

    def flip_once(message: Message) -> Message:
        if message.kind != kind or changed or not message.payload:
            return message
        changed.append(kind)
        payload = bytearray(message.payload)
        payload[-1] ^= 1
        return dataclasses.replace(message, payload=bytes(payload))

    run = run_link(tamper=flip_once, duration_s=0.1)
    assert changed == [kind]
    assert len(run.stopped) == 1
    assert run.reports == []
    assert run.keys == []


def test_a34_without_the_pre_shared_key_the_first_tag_fails() -> None:
    def forge(message: Message) -> Message:
        if message.kind == "tag":
            return dataclasses.replace(message, payload=bytes(len(message.payload)))
        return message

    run = run_link(tamper=forge, duration_s=0.02)
    assert run.reports == []
    assert "does not fit" in run.stopped[0]


def test_a38_authentication_starves_when_blocks_give_no_key() -> None:
    run = run_link("protocol.pre_shared_key_bits=2048", "protocol.block_s=1e-4", duration_s=1e-3)
    assert len(run.reports) == 3  # 2048 - 2 hash keys of 128 bits, 512 bits of pads for each block
    assert all(block.length.bits == 0 for block in run.reports)
    assert len(run.stopped) == 1


def test_ldpc_reconciles_as_well() -> None:
    run = run_link("protocol.reconciliation=ldpc", duration_s=0.1)
    (block,) = run.reports
    assert block.length.bits > 0
    assert block.leak_bits < 1.4 * 0.0808 * block.sifted_bits


def test_single_photons_with_the_theorem_of_tomamichel() -> None:
    run = run_link("source={kind: single_photon, clock_hz: 1e8}", "protocol.bound=tomamichel2012", duration_s=0.05)
    (block,) = run.reports
    assert block.length.bits > 0
    assert "Tomamichel" in block.length.theorem


@pytest.mark.parametrize(
    ("bound", "source"),
    [
        ("lim2014", "{intensities: [0.55, 0.25, 0.0002], probabilities: [0.5, 0.3, 0.2], clock_hz: 1e9}"),
        ("rusca2018", "{intensities: [0.5, 0.2], probabilities: [0.6, 0.4], clock_hz: 1e9}"),
        ("wiesemann2024", "{intensities: [0.5, 0.2], probabilities: [0.6, 0.4], clock_hz: 1e9}"),
    ],
)
def test_every_decoy_bound_gives_key(bound: str, source: str) -> None:
    run = run_link(f"protocol.bound={bound}", f"source={source}", duration_s=0.3, length_km=5.0)
    assert run.reports[0].length.bits > 0
    assert not run.stopped


@pytest.mark.parametrize("resolution", ["clicks", "counts", "rates"])
def test_no_key_where_the_tag_cannot_be_as_sure_as_promised(resolution: str) -> None:
    """Poly1305 over 2e6 bits misses a difference with 1.5e-27: a correctness of 1e-35 is not to be had."""
    run = run_link("protocol.epsilon_correct=1e-35", duration_s=0.1, resolution=resolution)
    (block,) = run.reports
    assert block.length.bits == 0
    assert "above epsilon_correct" in block.length.reason
    assert block.leak_bits == 0


def test_counts_charge_tags_at_least_as_clicks_do() -> None:
    clicks, counts = (run_link(duration_s=0.1, resolution=r).reports[0] for r in ("clicks", "counts"))
    assert counts.epsilon - counts.length.epsilon >= clicks.epsilon - clicks.length.epsilon >= 0.0
