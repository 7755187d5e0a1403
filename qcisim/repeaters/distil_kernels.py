"""Compiled: two pairs of the same two nodes are distilled into one, with messages both ways."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.kernels import borrowing_kernel, kernel
from qcisim.quantum.pair_kernels import distil_weights
from qcisim.repeaters.event_kernels import (
    Floats,
    Ints,
    Lanes,
    apart,
    expose,
    forget,
    push,
    vacate,
    widow,
    write_down,
)
from qcisim.repeaters.layout import (
    BORN,
    CUTOFF,
    CX,
    DEAD,
    DISTIL,
    DISTILLATION_FAILURES,
    DISTILLATIONS,
    EXPOSED_1,
    EXPOSED_2,
    GATE_TIME,
    KNOWN,
    LANE,
    LANE_SIDE,
    LANES,
    LEVEL,
    NEVER,
    NODE,
    NOISE,
    PAIR,
    PUMPING,
    ROTATED,
    ROUNDS,
    TWIRLED,
)
from qcisim.repeaters.swap_kernels import release_to_swaps, wanted_rounds

Tables = NDArray[np.float64]


@borrowing_kernel
def charge(value: Floats, p: int) -> None:
    """Correlations pay for the waiting so far: X and Y by exp(-t/T2), Z by exp(-t/T1)."""
    coherence, population = np.exp(-value[p, EXPOSED_2]), np.exp(-value[p, EXPOSED_1])
    value[p, CX] *= coherence
    value[p, CX + 1] *= coherence
    value[p, CX + 2] *= population
    value[p, EXPOSED_1] = value[p, EXPOSED_2] = 0.0


@borrowing_kernel
def weigh(value: Floats, p: int, weights: Floats) -> None:
    """Bell weights of a pair from its correlations of X, -Y, Z."""
    x, y, z = value[p, CX], value[p, CX + 1], value[p, CX + 2]
    weights[0, 0] = 0.25 * (1.0 + x + y + z)
    weights[0, 1] = 0.25 * (1.0 - x - y + z)
    weights[0, 2] = 0.25 * (1.0 + x - y - z)
    weights[0, 3] = 0.25 * (1.0 - x + y - z)


@borrowing_kernel
def partner(
    pair: Ints, link_int: Ints, lane: Lanes, plan: Ints, rounds: Ints, node: int, p: int, last: int, time: int
) -> int:
    """A second pair of the same nodes and level that ``p`` may be distilled with at ``time``; -1 for none."""
    for m in range(link_int[node, LANES]):
        q = lane[node, m, PAIR]
        if q < 0 or q == p or pair[q, NODE] != node or pair[q, NODE + 1] != pair[p, NODE + 1]:
            continue
        if pair[q, LEVEL] != pair[p, LEVEL] or pair[q, KNOWN] > time:
            continue
        if pair[q, ROUNDS] >= wanted_rounds(pair, plan, rounds, q, last):
            continue
        if pair[q, ROUNDS] == (0 if plan[PUMPING] else pair[p, ROUNDS]):
            return int(q)
    return -1


@borrowing_kernel
def lost_before(pair: Ints, node_int: Ints, lane: Lanes, p: int, time: int) -> bool:
    """Whether the right end of a pair is gone, or will have been discarded, when a message comes at ``time``."""
    if pair[p, DEAD] == 1:
        return True
    node, m = pair[p, NODE + 1], pair[p, LANE + 1]
    limit = node_int[node, CUTOFF]
    return bool(limit < NEVER and lane[node - 1, m, LANE_SIDE + BORN] + limit < time)


@borrowing_kernel
def give_up(
    rng: np.random.Generator,
    pair: Ints,
    node_int: Ints,
    link_int: Ints,
    link_float: Floats,
    lane: Lanes,
    spare: Ints,
    heap: Ints,
    count: Ints,
    p: int,
    left_free: int,
    right_free: int,
    asked: int,
) -> None:
    """A pair of a failed distillation: both memories are emptied, the right one at once where it is still there."""
    left, m = pair[p, NODE], pair[p, LANE]
    right, n = pair[p, NODE + 1], pair[p, LANE + 1]
    lost = lost_before(pair, node_int, lane, p, asked)
    dead = pair[p, DEAD] == 1
    if lost and not dead:
        widow(pair, lane, spare, heap, count, p, 1, right_free)
    elif dead:
        forget(pair, spare, count, p)
    else:
        vacate(rng, link_int, link_float, lane, heap, count, right - 1, n, 1, right_free)
        forget(pair, spare, count, p)
    vacate(rng, link_int, link_float, lane, heap, count, left, m, 0, left_free)


@kernel
def distil(
    rng: np.random.Generator,
    pair: Ints,
    value: Floats,
    node_int: Ints,
    node_float: Floats,
    link_int: Ints,
    link_float: Floats,
    lane: Lanes,
    plan: Ints,
    rounds: Ints,
    tables: Tables,
    spare: Ints,
    heap: Ints,
    trace: Ints,
    count: Ints,
    first: Floats,
    second: Floats,
    p: int,
    q: int,
    time: int,
) -> None:
    """The left node acts at ``time`` and tells the right one, which acts, compares and answers."""
    last = len(node_int) - 1
    left, right = pair[p, NODE], pair[p, NODE + 1]
    way = apart(node_int, left, right)
    asked = time + way
    acted_left, acted_right = time + node_int[left, GATE_TIME], asked + node_int[right, GATE_TIME]
    known_right = max(acted_right, acted_left + way)
    known_left = max(acted_left, acted_right + way)
    count[DISTILLATIONS] += 1
    lost = lost_before(pair, node_int, lane, p, asked) or lost_before(pair, node_int, lane, q, asked)
    good = False
    if not lost:
        for each in (p, q):
            expose(pair, value, node_float, each, 0, acted_left)
            expose(pair, value, node_float, each, 1, acted_right)
            charge(value, each)
        weigh(value, p, first)
        weigh(value, q, second)
        table = tables[node_int[left, NOISE], node_int[right, NOISE]]
        kept, probability = distil_weights(
            first, second, table[0], table[1], table[2], plan[ROTATED] == 1, plan[TWIRLED] == 1
        )
        good = rng.random() < probability[0]
    a, b, c, d = pair[p, LANE], pair[p, LANE + 1], pair[q, LANE], pair[q, LANE + 1]
    write_down(trace, count, known_left, DISTIL, left, right, a, b, c, d, time, good)
    if not good:
        count[DISTILLATION_FAILURES] += 1
        give_up(
            rng,
            pair,
            node_int,
            link_int,
            link_float,
            lane,
            spare,
            heap,
            count,
            p,
            known_left,
            asked if lost else known_right,
            asked,
        )
        give_up(
            rng,
            pair,
            node_int,
            link_int,
            link_float,
            lane,
            spare,
            heap,
            count,
            q,
            acted_left,
            asked if lost else acted_right,
            asked,
        )
        return
    vacate(rng, link_int, link_float, lane, heap, count, left, c, 0, acted_left)
    vacate(rng, link_int, link_float, lane, heap, count, right - 1, d, 1, acted_right)
    forget(pair, spare, count, q)
    w0, w1, w2, w3 = kept[0, 0], kept[0, 1], kept[0, 2], kept[0, 3]
    value[p, CX] = w0 - w1 + w2 - w3
    value[p, CX + 1] = w0 - w1 - w2 + w3
    value[p, CX + 2] = w0 + w1 - w2 - w3
    pair[p, ROUNDS] += 1
    pair[p, KNOWN], pair[p, KNOWN + 1] = known_left, known_right
    if pair[p, ROUNDS] < wanted_rounds(pair, plan, rounds, p, last):
        push(heap, count, known_left, DISTIL, left, 0, 0, 0)
    else:
        release_to_swaps(pair, node_int, heap, count, p, last)


@kernel
def distil_all(
    rng: np.random.Generator,
    pair: Ints,
    value: Floats,
    node_int: Ints,
    node_float: Floats,
    link_int: Ints,
    link_float: Floats,
    lane: Lanes,
    plan: Ints,
    rounds: Ints,
    tables: Tables,
    spare: Ints,
    heap: Ints,
    trace: Ints,
    count: Ints,
    first: Floats,
    second: Floats,
    node: int,
    time: int,
) -> None:
    """The node begins every distillation that it may begin at ``time``, pairs with most rounds first."""
    last = len(node_int) - 1
    while True:
        best, mate, most = -1, -1, -1
        for m in range(link_int[node, LANES]):
            p = lane[node, m, PAIR]
            if p < 0 or pair[p, NODE] != node or pair[p, KNOWN] > time or pair[p, ROUNDS] <= most:
                continue
            if pair[p, ROUNDS] >= wanted_rounds(pair, plan, rounds, p, last):
                continue
            q = partner(pair, link_int, lane, plan, rounds, node, p, last, time)
            if q >= 0:
                best, mate, most = p, q, pair[p, ROUNDS]
        if best < 0:
            return
        distil(
            rng,
            pair,
            value,
            node_int,
            node_float,
            link_int,
            link_float,
            lane,
            plan,
            rounds,
            tables,
            spare,
            heap,
            trace,
            count,
            first,
            second,
            best,
            mate,
            time,
        )
