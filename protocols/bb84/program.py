"""BB84 with any number of intensities, efficient basis choice, and a transcript that counts its own leakage.

One block, message by message (A: Alice, B: Bob); the first four come once for each stretch of the block:

====  ===============  ==================================================================================
B→A   detections       the rounds that clicked; nothing else, and not before the last round of the block
A→B   preparation      Alice's basis and intensity of those rounds (after all clicks are fixed)
B→A   sifting          Bob's basis of those rounds, and his bits of the test rounds
A→B   test_errors      wrong test bits per intensity
both  tag              authentication of everything so far
A→B   plan             error rate and public seed of reconciliation
B↔A   query, parities  reconciliation: every parity of Alice's string that she discloses counts once
A→B   verification     fresh hash key and the tag of Alice's string; Bob answers whether his fits
B→A   key_errors       corrected errors of the key basis per intensity (public already: the error pattern is)
A→B   hash_seed        fresh seed of the hash [I | T], one bit shorter than the block
both  tag              authentication of the rest; only then does the key leave the block
====  ===============  ==================================================================================
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.sdk import (
    RECONCILERS,
    RECONCILIATION_ATTEMPTS,
    VERIFICATION_BITS,
    AliceRecord,
    Block,
    BlockCounts,
    BlockOutcome,
    BobRecord,
    Context,
    PhysicsError,
    Program,
    ProtocolAbort,
    SecretLength,
    Sifted,
    Stage,
    Steps,
    disclosed_bits,
    modified_toeplitz_hash,
    numbers,
    pack,
    per_setting,
    sift,
    unpack,
    verification_key,
    verification_shortfall,
    verification_tag,
)

Bits = NDArray[np.uint8]
RETRY_QBER = 1e-4  # what is left after a run whose verification failed: a few errors in a whole block
PLAN = struct.Struct(">dQ")


@dataclass(slots=True)
class Share:
    """One party's share of a block: its bits with what they have leaked, their settings, the public counts."""

    block: Block
    setting: Bits
    counts: BlockCounts
    verification_bits: int = 0

    @property
    def verified(self) -> bool:
        """Whether both strings are known to be equal."""
        return self.block.stage >= Stage.VERIFIED

    def reconciled(self, bits: Bits, leak_bits: int, verified: bool) -> None:
        """Take over the outcome of reconciliation."""
        self.block = self.block.to(Stage.RECONCILED, bits=bits, disclosed_bits=leak_bits)
        if verified:
            self.block = self.block.to(Stage.VERIFIED)


class Alice(Program):
    """Prepares, announces, answers parities, draws the hash keys and the seed."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        qber = ctx.settings.expected_qber
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from self._sift(ctx, records)
            length, errors = _prospect(ctx, share), 0
            if length.bits > 0:
                yield from self._reconcile(ctx, share, qber)
                key_errors = _read_errors((yield from ctx.receive("key_errors")), share.counts.key)
                errors = int(key_errors.sum())
                qber = errors / max(1, len(share.block))
                length = _decide(ctx, share, key_errors)
            outcome = _outcome(share, errors, length)
            key = yield from self._amplify(ctx, share, length)
            ctx.deliver(outcome, key)

    def _sift(self, ctx: Context, records: Sequence[AliceRecord]) -> Generator[Any, Any, Share]:
        announced = []
        for record in records:
            rounds = _read_rounds((yield from ctx.receive("detections")))
            try:
                announced.append(record.at(rounds))
            except PhysicsError as error:
                raise ProtocolAbort(str(error)) from error
        parts, errors = [], np.zeros(len(ctx.settings.intensities), np.int64)
        for mine in announced:
            ctx.send("preparation", pack(mine.basis) + mine.setting.tobytes())
        for mine in announced:
            answer = yield from ctx.receive("sifting")
            split = (len(mine) + 7) // 8
            part = sift(mine.basis, unpack(answer[:split], len(mine)), mine.bit, mine.setting)
            wrong = unpack(answer[split:], len(part.test)) ^ part.test
            errors += per_setting(part.test_setting[wrong == 1], len(errors))
            parts.append(part)
        ctx.send("test_errors", errors)
        yield from ctx.authenticate()
        return _share(ctx, parts, errors)

    def _reconcile(self, ctx: Context, share: Share, qber: float) -> Generator[Any, Any, None]:
        bits, leak_bits, verified = share.block.bits, 0, False
        reconciler = RECONCILERS[ctx.settings.reconciliation]
        for _ in range(RECONCILIATION_ATTEMPTS):
            seed = int(ctx.rng.integers(2**63))
            ctx.send("plan", PLAN.pack(qber, seed))
            reference = reconciler.reference(bits, qber, seed, ctx.rng)
            while query := (yield from ctx.receive("query")):
                answer = reference.answer(query)
                leak_bits += disclosed_bits(answer)
                ctx.send("parities", answer, disclosed_bits=disclosed_bits(answer))
            key = verification_key(ctx.rng)
            share.verification_bits += VERIFICATION_BITS
            ctx.send("verification", key + verification_tag(bits, key), disclosed_bits=VERIFICATION_BITS)
            verified = (yield from ctx.receive("verified")) == b"yes"
            if verified:
                break
            reconciler, qber = RECONCILERS["cascade"], RETRY_QBER
        share.reconciled(bits, leak_bits, verified)

    def _amplify(self, ctx: Context, share: Share, length: SecretLength) -> Generator[Any, Any, Bits]:
        seed = b""
        if length.bits:
            seed = ctx.rng.bytes((len(share.block) + 6) // 8)
        ctx.send("hash_seed", seed)
        yield from ctx.authenticate()
        return _amplified(share, length, seed)


class Bob(Program):
    """Measures, announces detections, corrects his string to Alice's."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from self._sift(ctx, records)
            length, errors = _prospect(ctx, share), 0
            if length.bits > 0:
                key_errors = yield from self._reconcile(ctx, share)
                ctx.send("key_errors", key_errors)
                errors = int(key_errors.sum())
                length = _decide(ctx, share, key_errors)
            outcome = _outcome(share, errors, length)
            seed = yield from ctx.receive("hash_seed")
            yield from ctx.authenticate()
            ctx.deliver(outcome, _amplified(share, length, seed))

    def _sift(self, ctx: Context, records: Sequence[BobRecord]) -> Generator[Any, Any, Share]:
        for record in records:
            ctx.send("detections", _write_rounds(record.round))
        parts = []
        for record in records:
            answer = yield from ctx.receive("preparation")
            count = len(record)
            split = (count + 7) // 8
            basis, setting = unpack(answer[:split], count), numbers(answer[split:], np.uint8, count)
            try:
                part = sift(basis, record.basis, record.bit, setting)
                per_setting(setting, len(ctx.settings.intensities))
            except PhysicsError as error:
                raise ProtocolAbort(str(error)) from error
            ctx.send("sifting", pack(record.basis) + pack(part.test))
            parts.append(part)
        tests = _counts((part.test_setting for part in parts), len(ctx.settings.intensities))
        errors = _read_errors((yield from ctx.receive("test_errors")), tests)
        yield from ctx.authenticate()
        return _share(ctx, parts, errors)

    def _reconcile(self, ctx: Context, share: Share) -> Generator[Any, Any, NDArray[np.int64]]:
        raw = share.block.bits
        bits, leak_bits, verified = raw, 0, False
        reconciler = RECONCILERS[ctx.settings.reconciliation]
        for _ in range(RECONCILIATION_ATTEMPTS):
            qber, seed = _read_plan((yield from ctx.receive("plan")))
            corrector = reconciler.corrector(bits, qber, seed)
            query = corrector.step(None)
            while query:
                ctx.send("query", query)
                answer = yield from ctx.receive("parities")
                leak_bits += disclosed_bits(answer)
                query = corrector.step(answer)
            ctx.send("query", b"")
            bits = corrector.bits
            message = yield from ctx.receive("verification")
            share.verification_bits += VERIFICATION_BITS
            verified = verification_tag(bits, message[:32]) == message[32:]
            ctx.send("verified", b"yes" if verified else b"no")
            if verified:
                break
            reconciler = RECONCILERS["cascade"]
        share.reconciled(bits, leak_bits, verified)
        return per_setting(share.setting[(raw ^ bits) == 1], len(ctx.settings.intensities))


def _write_rounds(rounds: NDArray[np.int64]) -> bytes:
    """The first round, then each one's distance from it, as uint32 where that is enough."""
    if not len(rounds):
        return b""
    kind = np.uint32 if rounds[-1] - rounds[0] < 2**32 else np.uint64
    distances: bytes = (rounds - rounds[0]).astype(kind).tobytes()
    return bytes([np.dtype(kind).itemsize]) + rounds[:1].tobytes() + distances


def _read_rounds(message: bytes) -> NDArray[np.int64]:
    if len(message) < 9:
        return np.zeros(0, np.int64)
    first = numbers(message[1:9], np.int64)
    distances = numbers(message[9:], np.uint32) if message[:1] == b"\x04" else numbers(message[9:], np.uint64)
    return first + distances.astype(np.int64)


def _read_plan(message: bytes) -> tuple[float, int]:
    if len(message) != PLAN.size:
        raise ProtocolAbort(f"a plan of {len(message)} bytes: wanted {PLAN.size}")
    qber, seed = PLAN.unpack(message)
    if not 0.0 <= qber <= 0.5:
        raise ProtocolAbort(f"a plan for an error rate of {qber}: wanted 0 to 0.5")
    return qber, seed


def _read_errors(message: bytes, detections: Sequence[float]) -> NDArray[np.int64]:
    """Errors per setting; aborts where there are more than detections."""
    errors = numbers(message, np.int64, len(detections))
    if errors.min() < 0 or (errors > detections).any():
        raise ProtocolAbort("more errors than detections, or fewer than none, were announced")
    return errors


def _share(ctx: Context, parts: Sequence[Sifted], test_errors: NDArray[np.int64]) -> Share:
    """The stretches of a block as one share."""
    settings = len(ctx.settings.intensities)
    setting = np.concatenate([part.key_setting for part in parts])
    counts = BlockCounts(
        intensities=ctx.settings.intensities,
        probabilities=ctx.settings.probabilities,
        key=_counts([setting], settings),
        test=_counts((part.test_setting for part in parts), settings),
        test_errors=_floats(test_errors),
        observed=True,
    )
    return Share(Block(np.concatenate([part.key for part in parts])), setting, counts)


def _counts(stretches: Iterable[Bits], settings: int) -> tuple[float, ...]:
    """Rounds per setting over all stretches."""
    return _floats(sum((per_setting(setting, settings) for setting in stretches), np.zeros(settings, np.int64)))


def _floats(counts: NDArray[np.int64]) -> tuple[float, ...]:
    return tuple(float(n) for n in counts)


def _prospect(ctx: Context, share: Share) -> SecretLength:
    """What the block can give at best; nothing where its verification cannot be as sure as the rule promises."""
    rule = ctx.length_rule()
    if why := verification_shortfall(len(share.block), rule.epsilon_correct, RECONCILIATION_ATTEMPTS):
        return rule.refuse(why, 0.0)
    return rule.prospect(share.counts, VERIFICATION_BITS)


def _decide(ctx: Context, share: Share, key_errors: NDArray[np.int64]) -> SecretLength:
    """The length of the block by the rule fixed before it; nothing where verification failed."""
    share.counts = share.counts.with_key_errors(_floats(key_errors))
    rule, leak_bits = ctx.length_rule(), share.block.leak_bits
    if not share.verified:
        why = f"verification failed after {RECONCILIATION_ATTEMPTS} reconciliation runs"
        return rule.refuse(why, leak_bits, share.verification_bits)
    return rule.decide(share.counts, leak_bits, share.verification_bits)


def _amplified(share: Share, length: SecretLength, seed: bytes) -> Bits:
    """The key: y = [I | T] x with the Toeplitz matrix of ``seed``; only a verified block can be amplified."""
    if not length.bits:
        return np.zeros(0, np.uint8)
    bits = modified_toeplitz_hash(share.block.bits, unpack(seed, len(share.block) - 1), length.bits)
    return share.block.to(Stage.AMPLIFIED, bits=bits).bits


def _outcome(share: Share, errors: int, length: SecretLength) -> BlockOutcome:
    return BlockOutcome(
        counts=share.counts,
        sifted_bits=len(share.block),
        test_bits=round(share.counts.test_total),
        test_errors=round(share.counts.test_error_total),
        errors=errors,
        leak_bits=share.block.leak_bits,
        verification_bits=share.verification_bits,
        verified=share.verified,
        length=length,
    )
