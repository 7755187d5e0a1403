"""BBM92 and E91 as two programs: keys, transcripts, resolutions, thresholds, Eve on one arm, refusals of messages."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_harness import LinkRun
from pair_harness import pair_model, run_pairs
from scipy import stats

from qcisim import sdk
from qcisim.quantum import bell_state
from qcisim.sdk import Message, PairRecord, PairSifting
from qcisim.security import BlockCounts, binary_entropy
from qcisim.security.chsh import LOCAL, TSIRELSON, chsh_at
from qcisim.security.e91 import ALICE_DEG, BOB_DEG, ChshBlock
from qcisim.simulation.link_model import Block
from qcisim.simulation.pair_links import PairLinkModel, born
from qcisim.simulation.pair_sampler import PairSampler
from qcisim.simulation.protocols import find_protocol

FALSE_ALARM = 1e-9
BOTH = ("bbm92", "e91")
PROTOCOLS = Path(__file__).resolve().parents[2] / "protocols"
IDEAL = ("pair_source.fidelity=1", "pair_source.pair_rate_hz=1e4", "arms.0.receiver.detector.dark_count_rate_hz=0",
         "arms.1.receiver.detector.dark_count_rate_hz=0")  # fmt: skip


@pytest.fixture(scope="module")
def honest() -> dict[str, LinkRun]:
    return {name: run_pairs("protocol.block_s=1", protocol=name) for name in BOTH}


def sifting(protocol: str) -> PairSifting:
    found = find_protocol(protocol).pairs
    assert found is not None
    return found


def werner(p: float) -> np.ndarray:
    rho: np.ndarray = p * bell_state(0) + (1.0 - p) * np.eye(4) / 4.0
    return rho[None]


def counts_of(protocol: str, rho: np.ndarray, coincidences: float = 1e6) -> Any:
    """Expected counts of a state, settings equally likely."""
    plan = sifting(protocol)
    table = born(rho, plan.alice_deg, plan.bob_deg)[0]
    return plan.of_table(coincidences / table.shape[0] / table.shape[1] * table, rounds=coincidences, observed=False)


@pytest.mark.parametrize("protocol", BOTH)
def test_both_ends_hold_the_same_key(protocol: str, honest: dict[str, LinkRun]) -> None:
    run = honest[protocol]
    assert not run.stopped
    assert len(run.reports) == 2
    for block, key in zip(run.reports, run.keys, strict=True):  # the port compares the two ends bit by bit
        assert block.length.bits > 0
        assert len(key) == (block.key_bits + 7) // 8
        assert block.length.bits + block.leak_bits < block.sifted_bits < block.clicks < block.rounds
    bits = np.unpackbits(np.frombuffer(b"".join(run.keys), np.uint8))
    assert stats.binomtest(int(bits.sum()), len(bits), 0.5).pvalue > FALSE_ALARM


@pytest.mark.parametrize("protocol", BOTH)
def test_order_leakage_and_tags_of_the_transcript(protocol: str, honest: dict[str, LinkRun]) -> None:
    run = honest[protocol]
    delay_s = run.model.delay_s(0.0)
    order = ["detections", "coincidences", "settings", "test_errors", "tag", "plan", "verification", "key_errors"]
    for index, (block, transcript) in enumerate(zip(run.reports, run.transcripts, strict=True)):
        kinds = [record.kind for record in transcript]
        assert sorted([*order, "hash_seed"], key=kinds.index) == [*order, "hash_seed"]
        assert kinds[-2:] == ["tag", "tag"]
        assert transcript[0].sent_s >= index + 1.0 + delay_s - 1e-12  # not before light could have brought it
        disclosed = sum(record.disclosed_bits for record in transcript)
        assert disclosed == -block.length.term("leakage") - block.length.term("verification")
        senders = {record.sender for record in transcript if record.kind == "parities"}
        assert senders == ({"a-b/a", "a-b/b"} if protocol == "e91" else {"a-b/a"})


@pytest.mark.parametrize("protocol", BOTH)
def test_the_seed_decides(protocol: str, honest: dict[str, LinkRun]) -> None:
    assert run_pairs("protocol.block_s=1", protocol=protocol).keys == honest[protocol].keys
    assert run_pairs("protocol.block_s=1", protocol=protocol, seed=2).keys[0] != honest[protocol].keys[0]


@pytest.mark.parametrize("protocol", BOTH)
def test_the_three_resolutions_agree(protocol: str, honest: dict[str, LinkRun]) -> None:
    expected = run_pairs("protocol.block_s=1", protocol=protocol, resolution="rates").reports[0]
    share, qber = expected.sifted_bits / expected.clicks, expected.errors / expected.errors_out_of
    counted = run_pairs("protocol.block_s=1", protocol=protocol, resolution="counts")
    for block in (*honest[protocol].reports, *counted.reports):
        low, high = stats.poisson.interval(1.0 - FALSE_ALARM, expected.clicks)
        assert low <= block.clicks <= high
        for part, of, p in (
            (block.sifted_bits, block.clicks, share),
            (block.test_bits, block.clicks, expected.test_bits / expected.clicks),
            (block.errors, block.errors_out_of, qber),
        ):
            assert stats.binomtest(round(part), round(of), p).pvalue > FALSE_ALARM
        assert block.length.bits == expected.length.bits  # one fixed length, accepted by all three


def test_s_of_the_data_meets_s_of_the_state(honest: dict[str, LinkRun]) -> None:
    run = honest["e91"]
    expected = run.model.expected(next(run.model.blocks(1.0))).chsh.value
    for block in run.reports:
        found = dict(block.length.bounds)
        assert found["chsh_lower"] < expected < found["chsh_upper"]
        assert found["chsh_lower"] < found["chsh"] < found["chsh_upper"] < TSIRELSON + 0.1
        assert "fair sampling" in block.length.theorem


@given(st.floats(0.0, 1.0))
def test_werner_pairs_show_s_of_two_root_two_p(p: float) -> None:
    assert counts_of("e91", werner(p)).chsh.value == pytest.approx(TSIRELSON * p, abs=1e-9)
    assert counts_of("e91", werner(p)).key_qber == pytest.approx((1.0 - p) / 2.0, abs=1e-12)
    counts = counts_of("bbm92", werner(p))
    assert counts.key_qber == pytest.approx((1.0 - p) / 2.0, abs=1e-12)
    assert counts.test_error_total / counts.test_total == pytest.approx((1.0 - p) / 2.0, abs=1e-12)


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_born_probabilities_give_the_s_of_any_state(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    rho = root @ root.conj().T
    rho /= np.trace(rho).real
    s = chsh_at(rho, (ALICE_DEG[0], ALICE_DEG[2]), (BOB_DEG[0], BOB_DEG[2]), minus=1)
    counts = counts_of("e91", rho[None])
    assert counts.chsh.value == pytest.approx(s, abs=1e-9)
    assert abs(s) <= TSIRELSON + 1e-12
    tables = born(rho[None], (0.0, 30.0, 77.0), (10.0, 200.0))
    assert tables.sum(axis=(3, 4)) == pytest.approx(1.0)
    alone = tables.sum(axis=4)  # what Alice sees does not depend on what Bob measures
    assert np.allclose(alone[:, :, 0], alone[:, :, 1])


def test_bias_of_the_bases_makes_key_rounds() -> None:
    model = pair_model("arms.0.receiver.key_basis_probability=0.9", "arms.1.receiver.key_basis_probability=0.8")
    counted = model.count(next(model.blocks(1.0)), None)
    assert counted.counts.key_total / counted.clicks == pytest.approx(0.72, rel=1e-9)
    assert counted.counts.test_total / counted.clicks == pytest.approx(0.02, rel=1e-9)


def test_misalignment_of_the_stations_adds_whatever_its_sense() -> None:
    """Equal turns on both sides would cancel in Phi+: nobody may count on that."""
    model = pair_model(*IDEAL, "arms.0.receiver.misalignment_error=0.02", "arms.1.receiver.misalignment_error=0.03")
    counts = model.expected(next(model.blocks(1.0)))
    states = model.states(np.zeros(1))
    accidental = float(1.0 - states.true_rate_hz[0] / states.coincidence_rate_hz[0])
    assert accidental < 1e-4
    wanted = 0.02 * 0.97 + 0.03 * 0.98
    assert counts.key_qber == pytest.approx(wanted, abs=accidental)
    assert counts.test_error_total / counts.test_total == pytest.approx(wanted, abs=accidental)


def test_a_brighter_source_errs_by_its_accidentals() -> None:
    """Neumann et al., Phys. Rev. A 104, 022406 (2021): acc = S_A S_B tau, E = (cc e + acc/2)/(cc + acc)."""
    previous = 0.0
    few = [f"arms.{i}.receiver.{what}" for i in (0, 1) for what in ("detector.dead_time_s=0", "insertion_loss_db=25")]
    for rate_hz in (1e6, 1e7, 1e8):
        model = pair_model("pair_source.fidelity=1", f"pair_source.pair_rate_hz={rate_hz}", *few)
        states = model.states(np.zeros(1))
        eta = [float(arm.states(np.zeros(1)).transmittance[0]) for arm in model.actual]
        dark = [2.0 * arm.receiver.detector.dark_count_rate_hz for arm in model.actual]
        singles = [rate_hz * e + d for e, d in zip(eta, dark, strict=True)]
        correlated = rate_hz * eta[0] * eta[1]
        accidental = singles[0] * singles[1] * model.source.coincidence_window_s
        e = 2 * 0.005 * 0.995
        wanted = (correlated * e + accidental / 2.0) / (correlated + accidental)
        found = model.expected(next(model.blocks(1.0))).key_qber
        mu = model.source.mean_pairs
        assert found == pytest.approx(wanted, rel=2.0 * mu + 2e-3)  # theirs is of first order in pairs of a window
        assert found > previous
        assert float(states.singles_a_hz[0]) == pytest.approx(singles[0], rel=mu + 1e-3)
        previous = found


def longest(protocol: str, fidelity: float) -> int:
    """Key bits of a block of an hour, expected."""
    settings = (f"pair_source.fidelity={fidelity}", "protocol.block_s=3600", "pair_source.pair_rate_hz=1e6")
    return run_pairs(*settings, protocol=protocol, duration_s=3600.0, resolution="rates").reports[0].length.bits


@pytest.mark.parametrize(("protocol", "threshold"), [("bbm92", 0.11), ("e91", 0.0715)])
def test_key_ends_at_the_threshold_of_the_error_rate(protocol: str, threshold: float) -> None:
    """11.0 % for two bases, 7.15 % for chi(S); reconciliation at f = 1.05 and finite blocks cost a part of it."""
    rates = (0.02, 0.5 * threshold, 0.85 * threshold, threshold)
    lengths = [longest(protocol, 1.0 - 1.5 * (q - 0.0105)) for q in rates]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[2] > 0
    assert lengths[3] == 0


@pytest.mark.parametrize(("protocol", "block_s"), [("bbm92", 0.1), ("e91", 1.0)])
def test_honest_blocks_are_accepted_as_often_as_planned(protocol: str, block_s: float) -> None:
    """Planned is 99.9 %."""
    settings = (f"protocol.block_s={block_s}",)
    reports = run_pairs(*settings, protocol=protocol, duration_s=500 * block_s, resolution="counts").reports
    accepted = sum(block.length.bits > 0 for block in reports)
    assert len(reports) == 500
    assert stats.binomtest(accepted, len(reports), 0.99, alternative="less").pvalue > FALSE_ALARM


@pytest.mark.parametrize("protocol", BOTH)
def test_measuring_and_resending_on_one_arm_ends_the_key(protocol: str) -> None:
    run = run_pairs("attack.name=intercept_resend", protocol=protocol, duration_s=1.0)
    (block,) = run.reports
    assert block.length.bits == 0
    assert block.leak_bits == 0  # where no key is possible nothing is disclosed
    assert run.keys == [b""]
    if protocol == "e91":
        found = dict(block.length.bounds)
        assert found["chsh_upper"] < LOCAL
        unattacked = run.model.expected(next(run.model.blocks(1.0))).chsh.value
        attacked = run.model.count(next(run.model.blocks(1.0)), None).counts.chsh.value
        assert attacked == pytest.approx(unattacked / 2.0, rel=1e-9)  # Z or X at random: half of each correlator
    else:
        assert block.errors / block.errors_out_of > 0.2


@pytest.mark.parametrize("protocol", BOTH)
def test_a_weak_attack_is_refused_by_the_length_fixed_before(protocol: str) -> None:
    run = run_pairs("attack.name=intercept_resend", "attack.fraction=0.15", protocol=protocol, duration_s=1.0)
    assert run.reports[0].length.bits == 0
    assert run.reports[0].length.reason


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize("reconciliation", ["cascade", "ldpc"])
def test_reconciliation_discloses_about_its_limit(protocol: str, reconciliation: str) -> None:
    (block,) = run_pairs(f"protocol.reconciliation={reconciliation}", protocol=protocol, duration_s=1.0).reports
    assert block.length.bits > 0
    limit = block.sifted_bits * binary_entropy(block.errors / block.errors_out_of)
    assert limit < block.leak_bits < (1.08 if reconciliation == "cascade" else 1.35) * limit


def test_a_failed_verification_of_two_parts_is_repaired_and_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first correctors, one at each end, leave every error in place."""
    failed: list[int] = []
    real = sdk.RECONCILERS["cascade"]

    class Blind:
        def __init__(self, made: sdk.Corrector, raw: sdk.Bits) -> None:
            self._made, self._raw = made, raw

        @property
        def bits(self) -> sdk.Bits:
            return self._raw

        def step(self, answer: bytes | None) -> bytes | None:
            return self._made.step(answer)

    def corrector(bits: sdk.Bits, qber: float, seed: int) -> sdk.Corrector:
        made = real.corrector(bits, qber, seed)
        if len(failed) < 2:
            failed.append(seed)
            return Blind(made, bits)
        return made

    smooth = run_pairs("protocol.acceptance_probability=0.5", protocol="e91").reports[0]
    monkeypatch.setitem(sdk.RECONCILERS, "cascade", dataclasses.replace(real, corrector=corrector))
    run = run_pairs(protocol="e91")
    (block,) = run.reports
    assert len(failed) == 2
    kinds = [record.kind for record in run.transcripts[0]]
    assert kinds.count("plan") == 4
    assert kinds.count("verification") == 2
    assert block.leak_bits > 1.5 * smooth.leak_bits
    assert block.length.term("verification") == pytest.approx(2.0 * smooth.length.term("verification"))


@pytest.mark.parametrize("kind", ["detections", "coincidences", "settings", "test_errors", "plan", "key_errors"])
@pytest.mark.parametrize("protocol", BOTH)
def test_a_bit_changed_in_any_message_ends_the_link_without_key(protocol: str, kind: str) -> None:
    changed: list[str] = []

    def flip_once(message: Message) -> Message:
        if message.kind != kind or changed or not message.payload:
            return message
        changed.append(kind)
        payload = bytearray(message.payload)
        payload[-1] ^= 1
        return dataclasses.replace(message, payload=bytes(payload))

    run = run_pairs(tamper=flip_once, protocol=protocol, duration_s=1.0)
    assert changed == [kind]
    assert len(run.stopped) == 1
    assert run.keys == []


def with_lone_clicks(model: PairLinkModel, block: Block, seed: int) -> tuple[Any, Any, int]:
    """A sampler's records with as many lone clicks again on each side, in windows of their own."""
    alice, bob, number = PairSampler(model, seed).sample(block)
    rng = np.random.default_rng(seed)
    taken = np.concatenate([record.round for record in alice])
    lone = np.setdiff1d(rng.integers(0, block.rounds, size=4 * number), taken)
    sides = np.array_split(rng.permutation(lone), 2)

    def noisy(record: PairRecord, extra: np.ndarray, settings: int) -> PairRecord:
        low, high = record.round[0], record.round[-1]
        extra = extra[(extra > low) & (extra < high)]
        windows = np.concatenate([record.round, extra])
        order = np.argsort(windows)
        fill = rng.integers(0, settings, len(extra)).astype(np.uint8), rng.integers(0, 2, len(extra)).astype(np.uint8)
        columns = zip((record.setting, record.bit), fill, strict=True)
        return PairRecord(windows[order], *(np.concatenate(column)[order] for column in columns))

    shape = model.settings_law.shape
    return (
        [noisy(record, sides[0], shape[0]) for record in alice],
        [noisy(record, sides[1], shape[1]) for record in bob],
        number,
    )


@pytest.mark.parametrize("protocol", BOTH)
def test_windows_that_only_one_side_saw_are_dropped(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = run_pairs(protocol=protocol, duration_s=1.0)

    class Noisy:
        def __init__(self, model: PairLinkModel, seed: int) -> None:
            self._model, self._seed = model, seed

        def sample(self, block: Block) -> tuple[Any, Any, int]:
            return with_lone_clicks(self._model, block, self._seed)

    monkeypatch.setattr(PairLinkModel, "sampler", lambda self, seed: Noisy(self, seed))
    run = run_pairs(protocol=protocol, duration_s=1.0)
    assert run.keys == usual.keys
    sizes = [max(r.payload_bits for r in one.transcripts[0] if r.kind == "detections") for one in (usual, run)]
    assert sizes[1] > 1.5 * sizes[0]


def test_no_coincidence_at_all_is_a_block_without_key() -> None:
    for protocol in BOTH:
        run = run_pairs(protocol=protocol, duration_s=1e-7)
        (block,) = run.reports
        assert (block.clicks, block.length.bits, run.keys) == (0, 0, [b""])
        assert block.length.reason


def test_coincidences_keep_the_windows_of_their_block() -> None:
    model = pair_model()
    sampler = model.sampler(3)
    (block,) = model.blocks(2.0)
    for index in range(3):
        alice, bob, number = sampler.sample(block)
        rounds = np.concatenate([record.round for record in alice])
        assert len(rounds) == number == sum(len(record) for record in bob)
        assert (np.diff(rounds) > 0).all()
        assert index * block.rounds <= rounds[0] < rounds[-1] < (index + 1) * block.rounds
        with pytest.raises(ValueError, match="read-only"):
            alice[0].round[0] = 0


def test_a_sifting_says_what_it_cannot_be() -> None:
    parts = {"alice_deg": (0.0, 90.0), "bob_deg": (0.0, 90.0), "counts": BlockCounts}
    with pytest.raises(sdk.PhysicsError, match="key or test, not both"):
        PairSifting(key=((0, 0),), test=((0, 0),), **parts)
    with pytest.raises(sdk.PhysicsError, match="between two bases"):
        PairSifting((0.0,), (0.0, 1.0), ((0, 0),), ((0, 1),), ChshBlock, equal_settings=False)


def test_equal_settings_of_the_chsh_test_are_drawn_equally(honest: dict[str, LinkRun]) -> None:
    model = honest["e91"].model
    alice, bob, _ = model.sampler(5).sample(next(model.blocks(2.0)))
    pair = np.concatenate([3 * a.setting + b.setting for a, b in zip(alice, bob, strict=True)])
    observed = np.bincount(pair, minlength=9)
    assert stats.chisquare(observed).pvalue > FALSE_ALARM
    assert math.isclose(model.settings_law.sum(), 1.0)


@pytest.mark.parametrize("protocol", BOTH)
def test_the_readme_runs(protocol: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    text = (PROTOCOLS / protocol / "README.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, f"{protocol}/README.md", "exec"), {"__name__": "readme"})
    assert "secret bits" in capsys.readouterr().out
