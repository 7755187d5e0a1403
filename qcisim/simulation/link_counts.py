"""A link in resolution ``counts`` or ``rates``: exact block statistics, or expected values, through the same bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qcisim.auth import HASH_KEY_BITS, forgery_epsilon
from qcisim.engine import Engine, Steps, Wait
from qcisim.sdk import (
    RECONCILIATION_ATTEMPTS,
    VERIFICATION_BITS,
    LengthRule,
    VariableLengthRule,
    verification_shortfall,
)
from qcisim.security import SecretLength
from qcisim.simulation.link_model import AUTHENTICATION_TAGS_PER_BLOCK, PAD_BITS_PER_TAG, Block, Counted, CountedLink
from qcisim.simulation.totals import BlockReport

BYTES_PER_CLICK = 16  # of one phase in one direction, generously: rounds, queries and seeds together
FIXED_BYTES = 2**20


def count_blocks(
    model: CountedLink,
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
    for block in model.blocks(duration_s):
        rule = model.rule(block)
        ready_s = block.end_s + 3.0 * model.delay_s(block.end_s)  # light to Bob, his detections back, the seed to him
        yield Wait(max(0.0, ready_s - engine.now_s))
        if pool < cost:
            stop("the pre-shared key for authentication is used up: the link cannot sustain itself")
            return
        legs = [_leg(model, block, rule, rng) for _ in range(model.legs)]
        made = min(leg.length.bits for leg in legs)
        pool -= cost
        refill = min(made, target - pool) // 8 * 8
        pool += refill
        report(_joined(block, legs, made, refill), None)


@dataclass(frozen=True, slots=True)
class _Leg:
    """What one leg of a link makes of a block; a link without trusted relays has one."""

    counted: Counted
    leak_bits: float
    length: SecretLength


def _leg(
    model: CountedLink, block: Block, rule: LengthRule | VariableLengthRule, rng: np.random.Generator | None
) -> _Leg:
    counted = model.count(block, rng)
    counts, leak_bits = counted.counts, model.planned_leak_bits(counted.counts)
    if why := verification_shortfall(round(counts.key_total), rule.epsilon_correct, RECONCILIATION_ATTEMPTS):
        length = rule.refuse(why, 0.0)
    else:
        length = rule.decide(counts, leak_bits, VERIFICATION_BITS)
    return _Leg(counted, leak_bits if length.bits else 0.0, length)


def _joined(block: Block, legs: Sequence[_Leg], made: int, refill: int) -> BlockReport:
    """The block of a link: its weakest leg, whose key the trusted relays hand on under one-time pads of the others.

    Epsilon adds over the legs; the other numbers are those of the weakest leg.
    """
    leg = min(legs, key=lambda one: one.length.bits)
    counts, clicks = leg.counted.counts, leg.counted.clicks
    epsilon = math.fsum(one.length.epsilon + _tags_epsilon(one.counted.clicks) for one in legs)
    return BlockReport(
        start_s=block.start_s,
        rounds=round(leg.counted.rounds),
        clicks=clicks,
        sifted_bits=counts.key_total,
        test_bits=counts.test_total,
        errors=counts.key_qber * counts.key_total,
        errors_out_of=counts.key_total,
        corrected_bits=counts.key_total if leg.length.bits else 0.0,
        leak_bits=leg.leak_bits,
        length=leg.length,
        key_bits=made - refill,
        epsilon=epsilon,
        authentication_bits=refill,
        passes=block.passes,
    )


def _tags_epsilon(clicks: float) -> float:
    """Union bound over the tags of a block, each over a phase that grows with the clicks."""
    return 2 * AUTHENTICATION_TAGS_PER_BLOCK * forgery_epsilon(round(BYTES_PER_CLICK * clicks) + FIXED_BYTES)
