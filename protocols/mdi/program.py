"""MDI-QKD: two senders, and a hub between them whose announcements are public and not trusted.

One block, message by message (A: Alice, B: Bob); the first three come once for each stretch of the block:

====  ===============  ==================================================================================
A→B   announced        the rounds and Bell outcomes that the hub told Alice; Bob wants the same, or aborts
A→B   preparation      Alice's settings in those rounds (after all announcements are fixed): 0 is the signal, in Z
B→A   sifting          Bob's settings of those rounds, and his bits of the rounds that both sent in X, flipped
A→B   test_errors      wrong test bits by pair of decoys
both  tag              authentication of everything so far
====  ===============  ==================================================================================

Then follow the steps of `qcisim.sdk.distillation`, Alice's string the reference. Bob flips: in Z always, in X for psi-.
Both ends stop where the hub announces a round again, in this block or a later one: its bit would be key twice.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.sdk import (
    KEY_SETTING,
    PSI_MINUS,
    Bits,
    Block,
    Context,
    HubRecord,
    MdiCounts,
    Program,
    ProtocolAbort,
    Share,
    Steps,
    counted,
    distil_as_corrector,
    distil_as_reference,
    flipped,
    floats,
    numbers,
    pack,
    per_setting,
    read_errors,
    read_rounds,
    unpack,
    write_rounds,
)

DECOYS = 3
PAIRS = DECOYS * DECOYS


class Alice(Program):
    """Sends, tells what the hub told her, answers parities, draws the hash keys and the seed."""

    last_round = -1

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        qber = ctx.settings.expected_qber
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from self._sift(ctx, records)
            qber = yield from distil_as_reference(ctx, share, qber)

    def _sift(self, ctx: Context, records: Sequence[HubRecord]) -> Generator[Any, Any, Share]:
        self.last_round = _last_of(records, self.last_round)
        for record in records:
            ctx.send("announced", pack(record.outcome) + write_rounds(record.round))
        for record in records:
            ctx.send("preparation", record.setting)
        keys, tests, errors = [], [], np.zeros(PAIRS, np.int64)
        for record in records:
            answer = yield from ctx.receive("sifting")
            settings = _read_settings(answer[: len(record)], len(record))
            key, test = _sifted(record.setting, settings)
            pairs = _pairs(record.setting[test], settings[test])
            wrong = unpack(answer[len(record) :], len(pairs)) ^ record.bit[test]
            errors += per_setting(pairs[wrong == 1], PAIRS)
            keys.append(record.bit[key])
            tests.append(pairs)
        ctx.send("test_errors", errors)
        yield from ctx.authenticate()
        return _share(ctx, keys, counted(tests, PAIRS), errors)


class Bob(Program):
    """Sends, compares what the hub told him, flips his bits and corrects them to Alice's."""

    last_round = -1

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from self._sift(ctx, records)
            yield from distil_as_corrector(ctx, share)

    def _sift(self, ctx: Context, records: Sequence[HubRecord]) -> Generator[Any, Any, Share]:
        self.last_round = _last_of(records, self.last_round)
        for record in records:
            told = yield from ctx.receive("announced")
            split = (len(record) + 7) // 8
            same = np.array_equal(unpack(told[:split], len(record)), record.outcome)
            if not same or not np.array_equal(read_rounds(told[split:]), record.round):
                raise ProtocolAbort("the hub has told the two ends different things")
        keys, tests = [], []
        for record in records:
            settings = _read_settings((yield from ctx.receive("preparation")), len(record))
            key, test = _sifted(settings, record.setting)
            bits = flipped(record.bit, record.key_basis, record.outcome)
            ctx.send("sifting", record.setting.tobytes() + pack(bits[test]))
            keys.append(bits[key])
            tests.append(_pairs(settings[test], record.setting[test]))
        counts = counted(tests, PAIRS)
        errors = read_errors((yield from ctx.receive("test_errors")), counts)
        yield from ctx.authenticate()
        return _share(ctx, keys, counts, errors)


def _last_of(records: Sequence[HubRecord], before: int) -> int:
    """The last round that the hub has announced; aborts where one does not come after those before it.

    A round that counts twice gives two key bits and one secret; the decoy bound takes successes for rounds.
    """
    for record in records:
        if len(record) == 0:
            continue
        if record.round[0] <= before or (np.diff(record.round) <= 0).any():
            raise ProtocolAbort("the hub has announced a round twice, or rounds out of their order")
        if record.outcome.max() > PSI_MINUS:
            raise ProtocolAbort(f"the hub has announced an outcome {record.outcome.max()}: there are two")
        before = int(record.round[-1])
    return before


def _read_settings(message: bytes, count: int) -> NDArray[np.uint8]:
    settings = numbers(message, np.uint8, count)
    if count and settings.max() > DECOYS:
        raise ProtocolAbort(f"a setting {settings.max()} was announced: a sender has {DECOYS + 1}")
    return settings


def _sifted(alice: NDArray[np.uint8], bob: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(key, test): where both sent in Z, and where both sent in X."""
    z_a, z_b = alice == KEY_SETTING, bob == KEY_SETTING
    return z_a & z_b, ~z_a & ~z_b


def _pairs(alice: NDArray[np.uint8], bob: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Which of the nine pairs of decoys: (mu,mu), (mu,nu), (mu,omega), (nu,mu) ..."""
    pairs: NDArray[np.uint8] = (alice - 1) * DECOYS + (bob - 1)
    return pairs


def _share(ctx: Context, keys: Sequence[Bits], tests: tuple[float, ...], errors: NDArray[np.int64]) -> Share:
    """The stretches of a block as one share."""
    bits = np.concatenate(keys)
    alice, bob = ctx.settings.senders
    counts = MdiCounts(
        alice,
        bob,
        key=(float(len(bits)),),
        test=tests,
        test_errors=floats(errors),
        observed=True,
    )
    return Share(Block(bits), np.zeros(len(bits), np.uint8), counts)
