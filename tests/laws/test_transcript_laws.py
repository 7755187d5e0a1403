"""T1 to T3 and their composition, where a block does not go smoothly: retries, failed frames, exhausted attempts."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from whole_links import Run, run_whole_link

from qcisim import sdk
from qcisim.distill import Stage
from qcisim.sdk import RECONCILERS, RECONCILIATION_ATTEMPTS, VERIFICATION_BITS

PHOTONS = ("source={kind: single_photon, clock_hz: 2e6}", "protocol.bound=asymptotic")  # key from a small block
SHORT = (*PHOTONS, "protocol.length_rule=variable")


class Blind:
    """A corrector that asks as the real one does, and forgets what it has found."""

    def __init__(self, real: sdk.Corrector, raw: sdk.Bits) -> None:
        self._real, self._raw = real, raw

    @property
    def bits(self) -> sdk.Bits:
        return self._raw

    def step(self, answer: bytes | None) -> bytes | None:
        return self._real.step(answer)


def failing(monkeypatch: pytest.MonkeyPatch, times: int, reconciliation: str = "cascade") -> Run:
    """A run of one block whose first ``times`` reconciliations leave every error in place."""
    failed = []

    def broken(real: sdk.Reconciler) -> sdk.Reconciler:
        def corrector(bits: sdk.Bits, qber: float, seed: int) -> sdk.Corrector:
            made = real.corrector(bits, qber, seed)
            if len(failed) < times:
                failed.append(seed)
                return Blind(made, bits)
            return made

        return dataclasses.replace(real, corrector=corrector)

    for name in ("cascade", "ldpc"):
        monkeypatch.setitem(RECONCILERS, name, broken(RECONCILERS[name]))
    run = run_whole_link(*SHORT, f"protocol.reconciliation={reconciliation}", resolution="clicks")
    assert len(failed) == times
    return run


@pytest.mark.parametrize("reconciliation", ["cascade", "ldpc"])
def test_a_failed_run_stays_charged_and_shortens_the_key(reconciliation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        smooth = failing(patch, 0, reconciliation).reports[0]
    run = failing(monkeypatch, 1, reconciliation)
    (report,), (transcript,) = run.reports, run.transcripts
    disclosed = sum(record.disclosed_bits for record in transcript)
    tags = [record.kind for record in transcript].count("verification")
    assert tags >= 2
    assert disclosed == report.leak_bits + tags * VERIFICATION_BITS
    assert disclosed == -report.length.term("leakage") - report.length.term("verification")
    assert report.leak_bits > 1.5 * smooth.leak_bits
    assert (
        0
        < report.length.bits
        <= smooth.length.bits - (report.leak_bits - smooth.leak_bits) - (tags - 1) * VERIFICATION_BITS + 1
    )
    assert run.keys[0]
    assert report.errors == smooth.errors


def test_a_block_that_never_verifies_gives_nothing_and_still_reports_its_leakage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = failing(monkeypatch, RECONCILIATION_ATTEMPTS)
    (report,), (transcript,) = run.reports, run.transcripts
    assert (report.length.bits, report.key_bits, report.corrected_bits, run.keys) == (0, 0, 0, [b""])
    assert "verification failed" in report.length.reason
    assert sum(r.disclosed_bits for r in transcript) == report.leak_bits + RECONCILIATION_ATTEMPTS * VERIFICATION_BITS
    assert not run.stopped  # the link goes on


@pytest.mark.parametrize("cap", ["fixed", "variable"])
def test_errors_injected_to_force_retries_never_make_the_length_negative(
    cap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A37: each retry leaks again; the fixed rule refuses above its cap, the variable one pays."""
    with monkeypatch.context() as patch:
        patch.setattr("test_transcript_laws.SHORT", (*PHOTONS, f"protocol.length_rule={cap}"))
        run = failing(patch, 2)
    (report,) = run.reports
    assert report.length.bits >= 0
    if cap == "fixed":
        assert report.length.bits == 0
        assert "above the cap" in report.length.reason


def test_every_hash_key_seed_and_plan_is_fresh() -> None:
    """Seeds come after verification, one bit shorter than the block, and never twice."""
    run = run_whole_link(*SHORT, "protocol.block_s=0.05", resolution="clicks", duration_s=0.1)
    for report, transcript in zip(run.reports, run.transcripts, strict=True):
        kinds = [record.kind for record in transcript]
        assert kinds.index("hash_seed") > kinds.index("verified") > kinds.index("verification")
        assert max(i for i, kind in enumerate(kinds) if kind == "parities") < kinds.index("verification")
        (seed,) = (record for record in transcript if record.kind == "hash_seed")
        assert 0 <= seed.payload_bits - (report.sifted_bits - 1) < 8
        disclosing = {record.kind for record in transcript if record.disclosed_bits}
        assert disclosing == {"parities", "verification"}
        assert {record.sender for record in transcript if record.disclosed_bits} == {"a-b/a"}  # Bob discloses none


def test_epsilon_of_a_block_is_its_claim_and_its_tags() -> None:
    small = ("protocol.epsilon_secret=1e-20", "protocol.epsilon_correct=1e-22")  # beside them the tags still show
    run = run_whole_link(*SHORT, *small, "protocol.block_s=0.05", resolution="clicks", duration_s=0.1)
    assert len(run.reports) == 2
    claim = run.model.spec.protocol
    for report in run.reports:
        assert report.length.epsilon == claim.epsilon_secret + claim.epsilon_correct
        assert 0.0 < report.epsilon - report.length.epsilon < 1e-24  # four tags
    shares = run.model.bound.epsilon_shares(claim.epsilon_secret)
    assert math.fsum(share for _, share in shares) == pytest.approx(claim.epsilon_secret, rel=1e-12)


def test_only_verified_bits_can_be_amplified() -> None:
    block = sdk.Block(np.zeros(8, np.uint8)).to(Stage.RECONCILED)
    with pytest.raises(sdk.PhysicsError, match="amplify a block that is only reconciled"):
        block.to(Stage.AMPLIFIED, bits=np.zeros(4, np.uint8))
