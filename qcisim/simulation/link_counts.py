"""A link in resolution ``counts`` or ``rates``: exact block statistics, or expected values, through the same bound."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np

from qcisim.auth import HASH_KEY_BITS, forgery_epsilon
from qcisim.engine import Engine, Steps, Wait
from qcisim.optics import Tally, expected_tally, sample_tally
from qcisim.sdk import RECONCILIATION_ATTEMPTS, VERIFICATION_BITS, BlockCounts, verification_shortfall
from qcisim.simulation.build import AUTHENTICATION_TAGS_PER_BLOCK, PAD_BITS_PER_TAG, LinkModel
from qcisim.simulation.totals import BlockReport

BYTES_PER_CLICK = 16  # of one phase in one direction, generously: rounds, queries and seeds together
FIXED_BYTES = 2**20


def count_blocks(
    model: LinkModel,
    engine: Engine,
    duration_s: float,
    rng: np.random.Generator | None,
    report: Callable[[BlockReport, bytes | None], None],
    stop: Callable[[str], None],
) -> Steps:
    """Process of one link: tally each block, decide its length, hand the report over when its key could be there.

    ``rng`` None means expected values. The key itself is not drawn here: ``report`` gets None and draws what it stores.
    """
    target = model.spec.protocol.pre_shared_key_bits // 8 * 8
    pool = target - 2 * HASH_KEY_BITS  # one hash key in each direction for the life of the link
    cost = 2 * AUTHENTICATION_TAGS_PER_BLOCK * PAD_BITS_PER_TAG
    delay_s = model.actual.at(0.0).delay_s
    for index in count():
        if (block := model.block(index, duration_s)) is None:
            return
        start_s, length_s = block
        rule = model.rule(start_s, round(length_s * model.source.clock_hz))
        ready_s = start_s + length_s + 3.0 * delay_s  # light to Bob, his detections back, the seed to him
        yield Wait(max(0.0, ready_s - engine.now_s))
        if pool < cost:
            stop("the pre-shared key for authentication is used up: the link cannot sustain itself")
            return
        tally = _tally(model, start_s, length_s, rng)
        counts = BlockCounts.of(tally, model.source)
        leak_bits = model.planned_leak_bits(counts)
        if why := verification_shortfall(round(counts.key_total), rule.epsilon_correct, RECONCILIATION_ATTEMPTS):
            length = rule.refuse(why, 0.0)
        else:
            length = rule.decide(counts, leak_bits, VERIFICATION_BITS)
        pool -= cost
        refill = min(length.bits, target - pool) // 8 * 8
        pool += refill
        report(
            BlockReport(
                start_s=start_s,
                rounds=round(tally.rounds),
                clicks=float(tally.detections.sum()),
                sifted_bits=counts.key_total,
                test_bits=counts.test_total,
                errors=counts.key_qber * counts.key_total,
                errors_out_of=counts.key_total,
                corrected_bits=counts.key_total if length.bits else 0.0,
                leak_bits=leak_bits if length.bits else 0.0,
                length=length,
                key_bits=length.bits - refill,
                epsilon=length.epsilon + _tags_epsilon(float(tally.detections.sum())),
                authentication_bits=refill,
            ),
            None,
        )


def _tags_epsilon(clicks: float) -> float:
    """Union bound over the tags of a block, each over a phase that grows with the clicks."""
    return 2 * AUTHENTICATION_TAGS_PER_BLOCK * forgery_epsilon(round(BYTES_PER_CLICK * clicks) + FIXED_BYTES)


def _tally(model: LinkModel, start_s: float, length_s: float, rng: np.random.Generator | None) -> Tally:
    total: Tally | None = None
    detector, clock_hz = model.receiver.detector, model.source.clock_hz
    for span in model.spans(start_s, length_s):
        table = model.table(span.start_s)
        if rng is None:
            part = expected_tally(table, span.rounds, detector, clock_hz)
        else:
            part = sample_tally(table, span.rounds, detector, clock_hz, rng)
        total = part if total is None else total + part
    assert total is not None  # a block has at least one span
    return total
