"""Compiled: two pairs meet in a node and are swapped; when the ends of the new pair know."""

from __future__ import annotations

import numpy as np

from qcisim.kernels import borrowing_kernel
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
    CX,
    DEAD,
    DEATH,
    DELIVER,
    DISTIL,
    END_ROUNDS,
    EXPOSED_1,
    EXPOSED_2,
    FRESHEST,
    JOINED,
    KNOWN,
    LANE,
    LANE_SIDE,
    LANES,
    LEVEL,
    NEVER,
    NODE,
    PAIR,
    RANK,
    READY,
    ROUNDS,
    SERIAL,
    SINCE,
    SWAP,
    SWAP_C,
    SWAP_FAILURES,
    SWAP_P,
    SWAP_TIME,
    SWAPS,
)


@borrowing_kernel
def wanted_rounds(pair: Ints, plan: Ints, rounds: Ints, p: int, last: int) -> int:
    """Rounds of distillation that a pair needs before it is swapped or delivered."""
    if pair[p, NODE] == 0 and pair[p, NODE + 1] == last:
        return int(plan[END_ROUNDS])
    return int(rounds[pair[p, LEVEL]])


@borrowing_kernel
def release_to_swaps(pair: Ints, node_int: Ints, heap: Ints, count: Ints, p: int, last: int) -> None:
    """A pair that needs no more distillation: who of its ends may swap it, and from when.

    A node swaps pairs whose partner has at least its own rank, as soon as it knows that.
    """
    left, right = pair[p, NODE], pair[p, NODE + 1]
    if left == 0 and right == last:
        push(heap, count, max(pair[p, KNOWN], pair[p, KNOWN + 1]), DELIVER, p, pair[p, SERIAL], 0, 0)
        return
    for side in range(2):
        mine, other = pair[p, NODE + side], pair[p, NODE + 1 - side]
        if pair[p, READY + side] == NEVER and node_int[other, RANK] >= node_int[mine, RANK]:
            pair[p, READY + side] = pair[p, KNOWN + side]
            if 0 < mine < last:
                push(heap, count, pair[p, KNOWN + side], SWAP, mine, 0, 0, 0)


@borrowing_kernel
def join(
    pair: Ints,
    value: Floats,
    node_int: Ints,
    node_float: Floats,
    lane: Lanes,
    plan: Ints,
    rounds: Ints,
    spare: Ints,
    heap: Ints,
    count: Ints,
    p: int,
    q: int,
    middle: int,
    time: int,
) -> None:
    """Pair p of (a, middle) and q of (middle, b) become p of (a, b).

    a knows the new pair when the result of this swap and all that q is made of have reached it along the chain:
    known_a = max(known_a(p), t + d(a, middle), known_middle(q) + d(a, middle)).
    """
    last = len(node_int) - 1
    left, right = pair[p, NODE], pair[q, NODE + 1]
    to_left, to_right = apart(node_int, left, middle), apart(node_int, middle, right)
    known_left = max(pair[p, KNOWN], time + to_left, pair[q, KNOWN] + to_left)
    known_right = max(pair[q, KNOWN + 1], time + to_right, pair[p, KNOWN + 1] + to_right)
    for k in range(3):
        value[p, CX + k] *= value[q, CX + k] * node_float[middle, SWAP_C + k]
    value[p, EXPOSED_1] += value[q, EXPOSED_1]
    value[p, EXPOSED_2] += value[q, EXPOSED_2]
    pair[p, NODE + 1] = right
    pair[p, LANE + 1] = pair[q, LANE + 1]
    pair[p, SINCE + 1] = pair[q, SINCE + 1]
    pair[p, READY + 1] = pair[q, READY + 1]
    pair[p, KNOWN], pair[p, KNOWN + 1] = known_left, known_right
    pair[p, LEVEL] = min(node_int[middle, RANK] + 1, len(rounds) - 1)
    pair[p, ROUNDS] = 0
    pair[p, JOINED] = max(pair[p, JOINED], pair[q, JOINED], time)
    if pair[p, LANE + 1] >= 0:
        lane[right - 1, pair[p, LANE + 1], LANE_SIDE + PAIR] = p
    forget(pair, spare, count, q)
    if wanted_rounds(pair, plan, rounds, p, last) > 0:
        pair[p, READY] = pair[p, READY + 1] = NEVER
        push(heap, count, known_left, DISTIL, left, 0, 0, 0)
    else:
        release_to_swaps(pair, node_int, heap, count, p, last)


@borrowing_kernel
def choose(pair: Ints, link_int: Ints, lane: Lanes, plan: Ints, link: int, end: int, time: int) -> int:
    """The lane of a link with a pair that its node may swap at ``time``, the oldest or the freshest one; -1 for none.

    ``end`` is the pair's side at that node.
    """
    best, best_time = -1, np.int64(0)
    for m in range(link_int[link, LANES]):
        p = lane[link, m, end * LANE_SIDE + PAIR]
        if p < 0 or pair[p, READY + end] > time:
            continue
        born = lane[link, m, end * LANE_SIDE + BORN]
        if best < 0 or (born > best_time if plan[FRESHEST] else born < best_time):
            best, best_time = m, born
    return best


@borrowing_kernel
def swap_all(
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
    spare: Ints,
    heap: Ints,
    trace: Ints,
    count: Ints,
    node: int,
    time: int,
) -> None:
    """The node swaps what it may at ``time``."""
    if node == 0 or node == len(node_int) - 1:
        return
    while True:
        m = choose(pair, link_int, lane, plan, node - 1, 1, time)
        n = choose(pair, link_int, lane, plan, node, 0, time) if m >= 0 else -1
        if n < 0:
            return
        p, q = lane[node - 1, m, LANE_SIDE + PAIR], lane[node, n, PAIR]
        done = time + node_int[node, SWAP_TIME]
        expose(pair, value, node_float, p, 1, done)
        expose(pair, value, node_float, q, 0, done)
        vacate(rng, link_int, link_float, lane, heap, count, node - 1, m, 1, done)
        vacate(rng, link_int, link_float, lane, heap, count, node, n, 0, done)
        good = rng.random() < node_float[node, SWAP_P]
        dead_p, dead_q = pair[p, DEAD] == 1, pair[q, DEAD] == 1
        count[SWAPS] += 1
        left, right = pair[p, NODE], pair[q, NODE + 1]
        write_down(trace, count, done, SWAP, left, right, m, n, node, dead_p + 2 * dead_q, time, good)
        if good and not dead_p and not dead_q:
            join(pair, value, node_int, node_float, lane, plan, rounds, spare, heap, count, p, q, node, done)
            continue
        if not good:
            count[SWAP_FAILURES] += 1
        if dead_p:
            forget(pair, spare, count, p)
        else:
            told = done if not good else pair[q, DEATH]
            widow(pair, lane, spare, heap, count, p, 0, told + apart(node_int, left, node))
        if dead_q:
            forget(pair, spare, count, q)
        else:
            told = done if not good else pair[p, DEATH]
            widow(pair, lane, spare, heap, count, q, 1, told + apart(node_int, node, right))
