"""From sifted bits to key: what every protocol does once its counts are public.

The first party (1) plans, the second follows (2). One string is the reference, which stays, the other is corrected to
it (R, C); it is that of the first party, but for `Part`s that say otherwise.

====  ===============  ==================================================================================
1→2   plan             error rate and public seed of reconciliation
C↔R   query, parities  reconciliation: every parity of the reference that is disclosed counts once
1→2   verification     fresh hash key and the tag of the corrected string; the other answers whether its own fits
C→R   key_errors       corrected errors of the key by group (public already: the error pattern is)
1→2   hash_seed        fresh seed of the hash [I | T], one bit shorter than the block
both  tag              authentication of all that; only then does the key leave the block
====  ===============  ==================================================================================

Where the counts allow no key at all, nothing is reconciled, and nothing disclosed.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.distill import (
    VERIFICATION_BITS,
    Block,
    Stage,
    disclosed_bits,
    modified_toeplitz_hash,
    per_setting,
    verification_key,
    verification_shortfall,
    verification_tag,
)
from qcisim.errors import ProtocolAbort
from qcisim.sdk.context import BlockOutcome, Context
from qcisim.sdk.counts import Counts
from qcisim.sdk.payloads import numbers, unpack
from qcisim.sdk.reconcilers import RECONCILERS, Corrector, Reconciler, Reference
from qcisim.security import SecretLength

Bits: TypeAlias = NDArray[np.uint8]
Integers: TypeAlias = NDArray[np.int64]

RECONCILIATION_ATTEMPTS = 4
"""Reconciliation runs of one block, each with its verification tag, before the block is dropped."""
RETRY_QBER = 1e-4  # what is left after a run whose verification failed: a few errors in a whole block
PLAN = struct.Struct(">dQ")


class Part(NamedTuple):
    """Bits from ``start`` to ``stop`` of a block, and whether the string of the first party is the one that stays."""

    start: int
    stop: int
    first_stays: bool = True


@dataclass(slots=True)
class Share:
    """One party's share of a block: its bits with what they have leaked, their groups, the public counts.

    ``group`` (n,) says for each bit to which entry of ``counts.key`` it belongs. ``parts`` are corrected one after the
    other, each to the party whose string stays; where nothing is said all of it is one, and the first party's stays.
    """

    block: Block
    group: Bits
    counts: Counts
    parts: tuple[Part, ...] = ()
    verification_bits: int = 0

    def __post_init__(self) -> None:
        self.parts = self.parts or (Part(0, len(self.block)),)

    @property
    def verified(self) -> bool:
        """Whether both strings are known to be equal."""
        return self.block.stage >= Stage.VERIFIED

    @property
    def both_correct(self) -> bool:
        """Whether each party corrects a part."""
        return not all(part.first_stays for part in self.parts)

    def reconciled(self, bits: Bits, leak_bits: int, verified: bool) -> Integers:
        """Take over the outcome of reconciliation; the errors that this party corrected, by group."""
        corrected = self.group[(self.block.bits ^ bits) == 1]
        self.block = self.block.to(Stage.RECONCILED, bits=bits, disclosed_bits=leak_bits)
        if verified:
            self.block = self.block.to(Stage.VERIFIED)
        return per_setting(corrected, len(self.counts.key))


def distil_as_reference(ctx: Context, share: Share, qber: float) -> Generator[Any, Any, float]:
    """As the first party: reconcile for an error rate of ``qber``, decide, amplify, deliver; the error rate found."""
    length, errors = prospect(ctx, share), 0
    if length.bits > 0:
        mine = yield from reconcile_as_reference(ctx, share, qber)
        if share.both_correct:
            ctx.send("key_errors", mine)
        key_errors = read_errors((yield from ctx.receive("key_errors")), share.counts.key, mine)
        errors = int(key_errors.sum())
        qber = errors / max(1, len(share.block))
        length = decide_length(ctx, share, key_errors)
    outcome = outcome_of(share, errors, length)
    seed = b""
    if length.bits:
        seed = ctx.rng.bytes((len(share.block) + 6) // 8)
    ctx.send("hash_seed", seed)
    yield from ctx.authenticate()
    ctx.deliver(outcome, amplified(share, length, seed))
    return qber


def distil_as_corrector(ctx: Context, share: Share) -> Generator[Any, Any, None]:
    """As the second party: reconcile, decide, amplify, deliver."""
    length, errors = prospect(ctx, share), 0
    if length.bits > 0:
        key_errors = yield from reconcile_as_corrector(ctx, share)
        ctx.send("key_errors", key_errors)
        if share.both_correct:
            key_errors = read_errors((yield from ctx.receive("key_errors")), share.counts.key, key_errors)
        errors = int(key_errors.sum())
        length = decide_length(ctx, share, key_errors)
    outcome = outcome_of(share, errors, length)
    seed = yield from ctx.receive("hash_seed")
    yield from ctx.authenticate()
    ctx.deliver(outcome, amplified(share, length, seed))


def prospect(ctx: Context, share: Share) -> SecretLength:
    """What the block can give at best; nothing where its verification cannot be as sure as the rule promises."""
    rule = ctx.length_rule()
    if why := verification_shortfall(len(share.block), rule.epsilon_correct, RECONCILIATION_ATTEMPTS):
        return rule.refuse(why, 0.0)
    return rule.prospect(_as_bound_counts(share), VERIFICATION_BITS)


def reconcile_as_reference(ctx: Context, share: Share, qber: float) -> Generator[Any, Any, Integers]:
    """Part by part, until both strings verify or attempts run out; the errors corrected here, by group."""
    bits, leak_bits, verified = share.block.bits, 0, False
    reconciler = RECONCILERS[ctx.settings.reconciliation]
    for _ in range(RECONCILIATION_ATTEMPTS):
        for part in share.parts:
            seed = int(ctx.rng.integers(2**63))
            ctx.send("plan", PLAN.pack(qber, seed))
            bits, leak = yield from _part(ctx, reconciler, bits, part, part.first_stays, qber, seed)
            leak_bits += leak
        key = verification_key(ctx.rng)
        share.verification_bits += VERIFICATION_BITS
        ctx.send("verification", key + verification_tag(bits, key), disclosed_bits=VERIFICATION_BITS)
        verified = (yield from ctx.receive("verified")) == b"yes"
        if verified:
            break
        reconciler, qber = RECONCILERS["cascade"], RETRY_QBER
    return share.reconciled(bits, leak_bits, verified)


def reconcile_as_corrector(ctx: Context, share: Share) -> Generator[Any, Any, Integers]:
    """Part by part, as the first party plans; the errors corrected here, by group."""
    bits, leak_bits, verified = share.block.bits, 0, False
    reconciler = RECONCILERS[ctx.settings.reconciliation]
    for _ in range(RECONCILIATION_ATTEMPTS):
        for part in share.parts:
            qber, seed = _read_plan((yield from ctx.receive("plan")))
            bits, leak = yield from _part(ctx, reconciler, bits, part, not part.first_stays, qber, seed)
            leak_bits += leak
        message = yield from ctx.receive("verification")
        share.verification_bits += VERIFICATION_BITS
        verified = verification_tag(bits, message[:32]) == message[32:]
        ctx.send("verified", b"yes" if verified else b"no")
        if verified:
            break
        reconciler = RECONCILERS["cascade"]
    return share.reconciled(bits, leak_bits, verified)


def _part(
    ctx: Context, reconciler: Reconciler, bits: Bits, part: Part, stays: bool, qber: float, seed: int
) -> Generator[Any, Any, tuple[Bits, int]]:
    """One part of ``bits``: answer queries where it ``stays``, else correct it; the bits, and what was disclosed."""
    whole = part.stop - part.start == len(bits)
    mine = bits if whole else bits[part.start : part.stop]
    if stays:
        leak_bits = yield from _answer(ctx, reconciler.reference(mine, qber, seed, ctx.rng))
        return bits, leak_bits
    corrector = reconciler.corrector(mine, qber, seed)
    leak_bits = yield from _correct(ctx, corrector)
    if whole:
        return corrector.bits, leak_bits
    return np.concatenate([bits[: part.start], corrector.bits, bits[part.stop :]]), leak_bits


def _answer(ctx: Context, reference: Reference) -> Generator[Any, Any, int]:
    leak_bits = 0
    while query := (yield from ctx.receive("query")):
        answer = reference.answer(query)
        leak_bits += disclosed_bits(answer)
        ctx.send("parities", answer, disclosed_bits=disclosed_bits(answer))
    return leak_bits


def _correct(ctx: Context, corrector: Corrector) -> Generator[Any, Any, int]:
    leak_bits, query = 0, corrector.step(None)
    while query:
        ctx.send("query", query)
        answer = yield from ctx.receive("parities")
        leak_bits += disclosed_bits(answer)
        query = corrector.step(answer)
    ctx.send("query", b"")
    return leak_bits


def decide_length(ctx: Context, share: Share, key_errors: Integers) -> SecretLength:
    """The length of the block by the rule fixed before it; nothing where verification failed."""
    share.counts = share.counts.with_key_errors(floats(key_errors))
    rule, leak_bits = ctx.length_rule(), share.block.leak_bits
    if not share.verified:
        why = f"verification failed after {RECONCILIATION_ATTEMPTS} reconciliation runs"
        return rule.refuse(why, leak_bits, share.verification_bits)
    return rule.decide(_as_bound_counts(share), leak_bits, share.verification_bits)


def amplified(share: Share, length: SecretLength, seed: bytes) -> Bits:
    """The key: y = [I | T] x with the Toeplitz matrix of ``seed``; only a verified block can be amplified."""
    if not length.bits:
        return np.zeros(0, np.uint8)
    bits = modified_toeplitz_hash(share.block.bits, unpack(seed, len(share.block) - 1), length.bits)
    return share.block.to(Stage.AMPLIFIED, bits=bits).bits


def outcome_of(share: Share, errors: int, length: SecretLength) -> BlockOutcome:
    """What is known of a finished block."""
    return BlockOutcome(
        counts=share.counts,
        sifted_bits=len(share.block),
        test_bits=round(share.counts.test_total),
        test_errors=round(math.fsum(share.counts.test_errors)),
        errors=errors,
        leak_bits=share.block.leak_bits,
        verification_bits=share.verification_bits,
        verified=share.verified,
        length=length,
    )


def read_errors(message: bytes, detections: Sequence[float], known: Integers | int = 0) -> Integers:
    """Errors by group, added to those ``known``; aborts where there are more than detections."""
    announced = numbers(message, np.int64, len(detections))
    errors: Integers = announced + known
    if announced.min() < 0 or (errors > detections).any():
        raise ProtocolAbort("more errors than detections, or fewer than none, were announced")
    return errors


def counted(stretches: Iterable[Bits], groups: int) -> tuple[float, ...]:
    """Rounds by group over all stretches of a block."""
    return floats(sum((per_setting(group, groups) for group in stretches), np.zeros(groups, np.int64)))


def floats(counts: Integers) -> tuple[float, ...]:
    """Whole numbers as the counts of a bound, which are real."""
    return tuple(float(n) for n in counts)


def _as_bound_counts(share: Share) -> Any:
    """The counts for the rule, whose bound knows which kind it takes."""
    return share.counts


def _read_plan(message: bytes) -> tuple[float, int]:
    if len(message) != PLAN.size:
        raise ProtocolAbort(f"a plan of {len(message)} bytes: wanted {PLAN.size}")
    qber, seed = PLAN.unpack(message)
    if not 0.0 <= qber <= 0.5:
        raise ProtocolAbort(f"a plan for an error rate of {qber}: wanted 0 to 0.5")
    return qber, seed
