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

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.sdk import (
    AliceRecord,
    Block,
    BlockCounts,
    BobRecord,
    Context,
    PhysicsError,
    Program,
    ProtocolAbort,
    Share,
    Sifted,
    Steps,
    counted,
    distil_as_corrector,
    distil_as_reference,
    floats,
    numbers,
    pack,
    per_setting,
    read_errors,
    read_rounds,
    sift,
    unpack,
    write_rounds,
)


class Alice(Program):
    """Prepares, announces, answers parities, draws the hash keys and the seed."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        qber = ctx.settings.expected_qber
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from self._sift(ctx, records)
            qber = yield from distil_as_reference(ctx, share, qber)

    def _sift(self, ctx: Context, records: Sequence[AliceRecord]) -> Generator[Any, Any, Share]:
        announced = []
        for record in records:
            rounds = read_rounds((yield from ctx.receive("detections")))
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


class Bob(Program):
    """Measures, announces detections, corrects his string to Alice's."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from self._sift(ctx, records)
            yield from distil_as_corrector(ctx, share)

    def _sift(self, ctx: Context, records: Sequence[BobRecord]) -> Generator[Any, Any, Share]:
        for record in records:
            ctx.send("detections", write_rounds(record.round))
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
        tests = counted((part.test_setting for part in parts), len(ctx.settings.intensities))
        errors = read_errors((yield from ctx.receive("test_errors")), tests)
        yield from ctx.authenticate()
        return _share(ctx, parts, errors)


def _share(ctx: Context, parts: Sequence[Sifted], test_errors: NDArray[np.int64]) -> Share:
    """The stretches of a block as one share."""
    settings = len(ctx.settings.intensities)
    setting = np.concatenate([part.key_setting for part in parts])
    counts = BlockCounts(
        intensities=ctx.settings.intensities,
        probabilities=ctx.settings.probabilities,
        key=counted([setting], settings),
        test=counted((part.test_setting for part in parts), settings),
        test_errors=floats(test_errors),
        observed=True,
    )
    return Share(Block(np.concatenate([part.key for part in parts])), setting, counts)
