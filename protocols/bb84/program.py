"""BB84 with any number of intensities, efficient basis choice, and a transcript that counts its own leakage.

One block, message by message (A: Alice, B: Bob):

====  ===============  ==================================================================================
B→A   detections       the rounds that clicked; nothing else
A→B   preparation      Alice's basis and intensity of those rounds (after all clicks are fixed)
B→A   sifting          Bob's basis of those rounds, and his bits of the test rounds
A→B   test_errors      wrong test bits per intensity
both  tag              authentication of everything so far
A→B   plan             public seed and block sizes of reconciliation
B↔A   parities         reconciliation: every parity of Alice's string that she discloses counts once
A→B   verification     fresh hash key and the tag of Alice's string; Bob answers whether his fits
B→A   key_errors       corrected errors of the key basis per intensity (public already: the error pattern is)
A→B   hash_seed        fresh Toeplitz seed, as long as input plus output less one
both  tag              authentication of the rest; only then does the key leave the block
====  ===============  ==================================================================================
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.sdk import (
    RECONCILERS,
    VERIFICATION_BITS,
    AliceRecord,
    BlockCounts,
    BlockOutcome,
    BobRecord,
    Context,
    PhysicsError,
    Program,
    ProtocolAbort,
    SecretLength,
    Steps,
    disclosed_bits,
    numbers,
    pack,
    toeplitz_hash,
    unpack,
    verification_key,
    verification_tag,
)

Bits = NDArray[np.uint8]
ATTEMPTS = 4  # reconciliation runs of one block before it is dropped
PLAN = struct.Struct(">dQ")
RETRY_QBER = 1e-4  # what is left after a run whose verification failed: a few errors in a whole block


@dataclass(slots=True)
class Sifted:
    """One party's share of a sifted block: its key bits, their settings, and the public counts."""

    key: Bits
    key_setting: Bits
    counts: BlockCounts
    leak_bits: int = 0
    verification_bits: int = 0
    verified: bool = False


class Alice(Program):
    """Prepares, announces, answers parities, draws the hash keys and the seed."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        qber = ctx.settings.expected_qber
        while (record := (yield from ctx.quantum_block())) is not None:
            block = yield from self._sift(ctx, record)
            length, errors = _best_case(ctx, block), 0
            if length.bits > 0:
                yield from self._reconcile(ctx, block, qber)
                key_errors = _read_errors((yield from ctx.receive("key_errors")), block.counts.key)
                errors = int(key_errors.sum())
                qber = errors / max(1, len(block.key))
                length = _decide(ctx, block, key_errors)
            key = yield from self._amplify(ctx, block, length)
            ctx.deliver(_outcome(block, errors, length), key)

    def _sift(self, ctx: Context, record: AliceRecord) -> Generator[Any, Any, Sifted]:
        rounds = _read_rounds((yield from ctx.receive("detections")))
        try:
            announced = record.at(rounds)
        except PhysicsError as error:
            raise ProtocolAbort(str(error)) from error
        setting, basis, bit = announced.setting, announced.basis, announced.bit
        ctx.send("preparation", pack(basis) + setting.tobytes())
        answer = yield from ctx.receive("sifting")
        split = (len(rounds) + 7) // 8
        bob_basis = unpack(answer[:split], len(rounds))
        key, test = _rounds(basis, bob_basis)
        wrong = unpack(answer[split:], len(test)) ^ bit[test]
        test_errors = np.bincount(setting[test][wrong == 1], minlength=len(ctx.settings.intensities))
        ctx.send("test_errors", test_errors.astype(np.int64))
        yield from ctx.authenticate()
        return _sifted(ctx, bit[key], setting[key], setting[test], test_errors)

    def _reconcile(self, ctx: Context, block: Sifted, qber: float) -> Generator[Any, Any, None]:
        reconciler = RECONCILERS[ctx.settings.reconciliation]
        for _ in range(ATTEMPTS):
            seed = int(ctx.rng.integers(2**63))
            ctx.send("plan", PLAN.pack(qber, seed))
            reference = reconciler.reference(block.key, qber, seed)
            while query := (yield from ctx.receive("query")):
                answer = reference.answer(query)
                block.leak_bits += disclosed_bits(answer)
                ctx.send("parities", answer, disclosed_bits=disclosed_bits(answer))
            key = verification_key(ctx.rng)
            block.verification_bits += VERIFICATION_BITS
            tag = verification_tag(block.key, key)
            ctx.send("verification", key + tag, disclosed_bits=VERIFICATION_BITS)
            block.verified = (yield from ctx.receive("verified")) == b"yes"
            if block.verified:
                return
            reconciler, qber = RECONCILERS["cascade"], RETRY_QBER

    def _amplify(self, ctx: Context, block: Sifted, length: SecretLength) -> Generator[Any, Any, Bits]:
        seed = b""
        if length.bits:
            seed = ctx.rng.bytes((len(block.key) + length.bits + 6) // 8)
        ctx.send("hash_seed", seed)
        yield from ctx.authenticate()
        return _hashed(block, length, seed)


class Bob(Program):
    """Measures, announces detections, corrects his string to Alice's."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        while (record := (yield from ctx.quantum_block())) is not None:
            block = yield from self._sift(ctx, record)
            length, errors = _best_case(ctx, block), 0
            if length.bits > 0:
                key_errors = yield from self._reconcile(ctx, block)
                ctx.send("key_errors", key_errors)
                errors = int(key_errors.sum())
                length = _decide(ctx, block, key_errors)
            seed = yield from ctx.receive("hash_seed")
            yield from ctx.authenticate()
            ctx.deliver(_outcome(block, errors, length), _hashed(block, length, seed))

    def _sift(self, ctx: Context, record: BobRecord) -> Generator[Any, Any, Sifted]:
        count = len(record.round)
        ctx.send("detections", _write_rounds(record.round))
        answer = yield from ctx.receive("preparation")
        split = (count + 7) // 8
        basis, setting = unpack(answer[:split], count), numbers(answer[split:], np.uint8, count)
        key, test = _rounds(basis, record.basis)
        ctx.send("sifting", pack(record.basis) + pack(record.bit[test]))
        test_counts = _per_setting(setting[test], len(ctx.settings.intensities))
        test_errors = _read_errors((yield from ctx.receive("test_errors")), test_counts)
        yield from ctx.authenticate()
        return _sifted(ctx, record.bit[key], setting[key], setting[test], test_errors)

    def _reconcile(self, ctx: Context, block: Sifted) -> Generator[Any, Any, NDArray[np.int64]]:
        raw, reconciler = block.key, RECONCILERS[ctx.settings.reconciliation]
        for _ in range(ATTEMPTS):
            qber, seed = _read_plan((yield from ctx.receive("plan")))
            corrector = reconciler.corrector(block.key, qber, seed)
            query = corrector.step(None)
            while query:
                ctx.send("query", query)
                answer = yield from ctx.receive("parities")
                block.leak_bits += disclosed_bits(answer)
                query = corrector.step(answer)
            ctx.send("query", b"")
            block.key = corrector.bits
            message = yield from ctx.receive("verification")
            block.verification_bits += VERIFICATION_BITS
            block.verified = verification_tag(block.key, message[:32]) == message[32:]
            ctx.send("verified", b"yes" if block.verified else b"no")
            if block.verified:
                break
            reconciler = RECONCILERS["cascade"]
        corrected = block.key_setting[(raw ^ block.key) == 1]
        return np.bincount(corrected, minlength=len(ctx.settings.intensities)).astype(np.int64)


def _write_rounds(rounds: NDArray[np.int64]) -> bytes:
    """The first round, then the gaps, as uint32 where they fit."""
    gaps = np.diff(rounds)
    kind = np.uint32 if not len(gaps) or gaps.max() < 2**32 else np.uint64
    return bytes([np.dtype(kind).itemsize]) + rounds[:1].tobytes() + gaps.astype(kind).tobytes()


def _read_rounds(message: bytes) -> NDArray[np.int64]:
    first = numbers(message[1:9], np.int64)
    gaps = numbers(message[9:], np.uint32) if message[:1] == b"\x04" else numbers(message[9:], np.uint64)
    return np.cumsum(np.concatenate([first, gaps.astype(np.int64)]), dtype=np.int64)


def _rounds(alice_basis: Bits, bob_basis: Bits) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of key rounds (both in Z) and of test rounds (both in X)."""
    return np.flatnonzero((alice_basis | bob_basis) == 0), np.flatnonzero((alice_basis & bob_basis) == 1)


def _sifted(ctx: Context, key: Bits, key_setting: Bits, test_setting: Bits, test_errors: NDArray[Any]) -> Sifted:
    settings = len(ctx.settings.intensities)
    counts = BlockCounts(
        intensities=ctx.settings.intensities,
        probabilities=ctx.settings.probabilities,
        key=_per_setting(key_setting, settings),
        test=_per_setting(test_setting, settings),
        test_errors=tuple(float(n) for n in test_errors),
        observed=True,
    )
    return Sifted(key, key_setting, counts)


def _read_plan(message: bytes) -> tuple[float, int]:
    if len(message) != PLAN.size:
        raise ProtocolAbort(f"a plan of {len(message)} bytes: wanted {PLAN.size}")
    qber, seed = PLAN.unpack(message)
    if not 0.0 <= qber <= 0.5:
        raise ProtocolAbort(f"a plan for an error rate of {qber}: wanted 0 to 0.5")
    return qber, seed


def _read_errors(message: bytes, detections: tuple[float, ...]) -> NDArray[np.int64]:
    """Errors per setting; aborts where there are more than detections."""
    errors = numbers(message, np.int64, len(detections))
    if errors.min() < 0 or (errors > detections).any():
        raise ProtocolAbort("more errors than detections, or fewer than none, were announced")
    return errors


def _per_setting(setting: Bits, settings: int) -> tuple[float, ...]:
    return tuple(float(n) for n in np.bincount(setting, minlength=settings))


def _best_case(ctx: Context, block: Sifted) -> SecretLength:
    """The length if the key basis had no errors and nothing leaked: where even that is zero, reconciling is in vain."""
    counts = replace(block.counts, key_errors=(0.0,) * len(block.counts.key))
    return ctx.length_rule().decide(counts, 0.0, VERIFICATION_BITS)


def _decide(ctx: Context, block: Sifted, key_errors: NDArray[np.int64]) -> SecretLength:
    """The length of the block by the rule fixed before it; nothing where verification failed."""
    block.counts = replace(block.counts, key_errors=tuple(float(n) for n in key_errors))
    rule = ctx.length_rule()
    if not block.verified:
        terms = (("leakage", -float(block.leak_bits)), ("verification", -float(block.verification_bits)))
        why = f"verification failed after {ATTEMPTS} reconciliation runs"
        return SecretLength(0, rule.epsilon_secret, rule.epsilon_correct, terms, rule.theorem, why)
    return rule.decide(block.counts, block.leak_bits, block.verification_bits)


def _hashed(block: Sifted, length: SecretLength, seed: bytes) -> Bits:
    if not length.bits:
        return np.zeros(0, np.uint8)
    return toeplitz_hash(block.key, unpack(seed, len(block.key) + length.bits - 1), length.bits)


def _outcome(block: Sifted, errors: int, length: SecretLength) -> BlockOutcome:
    return BlockOutcome(
        counts=block.counts,
        sifted_bits=len(block.key),
        test_bits=round(sum(block.counts.test)),
        test_errors=round(sum(block.counts.test_errors)),
        errors=errors,
        leak_bits=block.leak_bits,
        verification_bits=block.verification_bits,
        verified=block.verified,
        length=length,
    )
