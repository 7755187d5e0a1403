"""Compiled: the event loop of a chain, and many runs of it."""

from __future__ import annotations

import numpy as np

from qcisim.kernels import kernel
from qcisim.repeaters.distil_kernels import Tables, charge, distil_all
from qcisim.repeaters.event_kernels import (
    Floats,
    Ints,
    Lanes,
    apart,
    drop_first,
    expose,
    forget,
    push,
    start,
    vacate,
    watch,
    widow,
    write_down,
)
from qcisim.repeaters.layout import (
    ATTEMPT,
    BORN,
    CLOCK,
    COUNTERS,
    CUT,
    CUTOFF,
    CX,
    DEAD,
    DELIVER,
    DELIVERED,
    DISCARD,
    DISCARDS,
    DISTIL,
    DONE,
    EVENT_KIND,
    EVENT_TIME,
    EVENTS,
    EXHAUSTED,
    EXPOSED_1,
    EXPOSED_2,
    FULL,
    GENERATION,
    HEAP,
    HERALD,
    HERALDS,
    HORIZON,
    JOINED,
    KNOWN,
    LANE,
    LANE_SIDE,
    LANES,
    LEVEL,
    LINK_C,
    MEASURED,
    MEASURING,
    NEVER,
    NODE,
    OVERFULL,
    PAIR,
    READY,
    RELEASE,
    ROUNDS,
    SERIAL,
    SINCE,
    SPARE,
    STALLED,
    STORED,
    SWAP,
)
from qcisim.repeaters.swap_kernels import release_to_swaps, swap_all, wanted_rounds


@kernel
def run_chain(
    rng: np.random.Generator,
    node_int: Ints,
    node_float: Floats,
    link_int: Ints,
    link_float: Floats,
    plan: Ints,
    rounds: Ints,
    tables: Tables,
    lane: Lanes,
    pair: Ints,
    value: Floats,
    spare: Ints,
    heap: Ints,
    trace: Ints,
    count: Ints,
    time_out: Ints,
    value_out: Floats,
    limits: Ints,
) -> int:
    """Run until ``time_out`` (n, 2) is full: times of delivery and of the last swap; ``value_out`` (n, 3).

    ``limits``: the last time and the number of events. Returns how it ended: the pairs are there, a limit is reached,
    nothing is left to happen, or a buffer is full.
    """
    links = len(link_int)
    last = links
    first, second = np.empty((1, 4)), np.empty((1, 4))
    count[:COUNTERS] = 0
    for p in range(len(pair)):
        spare[p] = len(pair) - 1 - p
        pair[p, SERIAL] = 0
    count[SPARE] = len(pair)
    lane[:] = 0
    for link in range(links):
        for m in range(link_int[link, LANES]):
            lane[link, m, PAIR] = lane[link, m, LANE_SIDE + PAIR] = -1
            start(rng, link_int, link_float, lane, heap, count, link, m)
    while count[DELIVERED] < len(time_out):
        if count[FULL] > 0:
            return OVERFULL
        if count[HEAP] == 0:
            return STALLED
        time, kind, a, b, c, d = (
            heap[0, EVENT_TIME],
            heap[0, EVENT_KIND],
            heap[0, 3],
            heap[0, 4],
            heap[0, 5],
            heap[0, 6],
        )
        if time > limits[0]:
            count[CLOCK] = limits[0]
            return HORIZON
        if count[EVENTS] >= limits[1]:
            return EXHAUSTED
        drop_first(heap, count)
        count[EVENTS] += 1
        count[CLOCK] = time
        if kind == HERALD:
            link, m = a, b
            count[SPARE] -= 1
            p = spare[count[SPARE]]
            lane[link, m, PAIR] = lane[link, m, LANE_SIDE + PAIR] = p
            for side in range(2):
                emitted = time - link_int[link, STORED + side]
                lane[link, m, side * LANE_SIDE + BORN] = emitted
                pair[p, NODE + side] = link + side
                pair[p, LANE + side] = m
                pair[p, SINCE + side] = emitted
                pair[p, KNOWN + side] = time
                pair[p, READY + side] = NEVER
            pair[p, LEVEL] = pair[p, ROUNDS] = pair[p, DEAD] = 0
            pair[p, JOINED] = time
            for k in range(3):
                value[p, CX + k] = link_float[link, LINK_C + k]
            value[p, EXPOSED_1] = value[p, EXPOSED_2] = 0.0
            count[HERALDS] += 1
            write_down(trace, count, time, HERALD, link, link + 1, m, m, 0, 0, time - link_int[link, ATTEMPT], 1)
            for side in range(2):
                node = link + side
                if plan[MEASURING] and (node == 0 or node == last):
                    expose(pair, value, node_float, p, side, time)
                    pair[p, LANE + side] = MEASURED
                    vacate(rng, link_int, link_float, lane, heap, count, link, m, side, time)
                else:
                    watch(lane, node_int, heap, count, link, m, side)
            if wanted_rounds(pair, plan, rounds, p, last) > 0:
                push(heap, count, time, DISTIL, link, 0, 0, 0)
            else:
                release_to_swaps(pair, node_int, heap, count, p, last)
        elif kind == SWAP:
            swap_all(
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
                spare,
                heap,
                trace,
                count,
                a,
                time,
            )
        elif kind == DISTIL:
            distil_all(
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
                a,
                time,
            )
        elif kind == DELIVER:
            if pair[a, SERIAL] != b or pair[a, DEAD] == 1:
                continue
            m, n = pair[a, LANE], pair[a, LANE + 1]
            if m >= 0:
                expose(pair, value, node_float, a, 0, time)
                vacate(rng, link_int, link_float, lane, heap, count, 0, m, 0, time)
            if n >= 0:
                expose(pair, value, node_float, a, 1, time)
                vacate(rng, link_int, link_float, lane, heap, count, last - 1, n, 1, time)
            charge(value, a)
            row = count[DELIVERED]
            time_out[row, 0], time_out[row, 1] = time, pair[a, JOINED]
            for k in range(3):
                value_out[row, k] = value[a, CX + k]
            count[DELIVERED] = row + 1
            write_down(trace, count, time, DELIVER, 0, last, m, n, 0, 0, pair[a, JOINED], 1)
            forget(pair, spare, count, a)
        elif kind == RELEASE:
            at = c * LANE_SIDE
            p = lane[a, b, at + PAIR]
            if lane[a, b, at + GENERATION] == d and p >= 0:
                write_down(trace, count, time, RELEASE, a + c, a + c, b, c, 0, 0, time, 0)
                vacate(rng, link_int, link_float, lane, heap, count, a, b, c, time)
                forget(pair, spare, count, p)
        elif kind == DISCARD:
            at = c * LANE_SIDE
            p = lane[a, b, at + PAIR]
            lane[a, b, at + CUT] = 0
            if p < 0:
                continue
            if lane[a, b, at + BORN] + node_int[a + c, CUTOFF] > time:
                watch(lane, node_int, heap, count, a, b, c)
                continue
            count[DISCARDS] += 1
            write_down(trace, count, time, DISCARD, a + c, a + c, b, c, 0, 0, lane[a, b, at + BORN], 0)
            vacate(rng, link_int, link_float, lane, heap, count, a, b, c, time)
            if pair[p, DEAD] == 1:
                forget(pair, spare, count, p)
            else:
                way = apart(node_int, pair[p, NODE], pair[p, NODE + 1])
                widow(pair, lane, spare, heap, count, p, 1 - c, time + way)
    return DONE


@kernel
def run_many(
    rng: np.random.Generator,
    node_int: Ints,
    node_float: Floats,
    link_int: Ints,
    link_float: Floats,
    plan: Ints,
    rounds: Ints,
    tables: Tables,
    lane: Lanes,
    pair: Ints,
    value: Floats,
    spare: Ints,
    heap: Ints,
    count: Ints,
    time_out: Ints,
    value_out: Floats,
    total: Ints,
    limits: Ints,
) -> int:
    """Independent runs from empty memories to the first pair, one per row; ``total`` adds up the counters."""
    trace = np.empty((0, 10), dtype=np.int64)
    total[:] = 0
    for row in range(len(time_out)):
        ended = run_chain(
            rng,
            node_int,
            node_float,
            link_int,
            link_float,
            plan,
            rounds,
            tables,
            lane,
            pair,
            value,
            spare,
            heap,
            trace,
            count,
            time_out[row : row + 1],
            value_out[row : row + 1],
            limits,
        )
        for k in range(COUNTERS):
            total[k] += count[k]
        if ended != DONE:
            return ended
    return DONE
