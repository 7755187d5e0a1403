"""The compiled event heap, lanes and pairs of a chain: what every event of a run is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.kernels import borrowing_kernel, kernel
from qcisim.repeaters.layout import (
    ATTEMPT,
    BORN,
    CLOCK,
    CUT,
    CUTOFF,
    DEAD,
    DEATH,
    DECAY_1,
    DECAY_2,
    DISCARD,
    EVENT_KIND,
    EVENT_ORDER,
    EVENT_TIME,
    EXPOSED_1,
    EXPOSED_2,
    FREE,
    FULL,
    GENERATION,
    GONE,
    HEAP,
    HERALD,
    INVERSE_HAZARD,
    LANE,
    LANE_SIDE,
    NEVER,
    NODE,
    ORDER,
    PAIR,
    PLACE,
    RELEASE,
    SERIAL,
    SINCE,
    SPARE,
    TRACE_BEGIN,
    TRACE_GOOD,
    TRACE_KIND,
    TRACE_LANE_A,
    TRACE_LANE_B,
    TRACE_LANE_C,
    TRACE_LANE_D,
    TRACE_LEFT,
    TRACE_RIGHT,
    TRACE_TIME,
    TRACED,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Lanes = NDArray[np.int64]


@borrowing_kernel
def before(heap: Ints, first: int, second: int) -> bool:
    """Whether one event of the heap comes before another: by time, then by kind and order of scheduling."""
    if heap[first, EVENT_TIME] != heap[second, EVENT_TIME]:
        return bool(heap[first, EVENT_TIME] < heap[second, EVENT_TIME])
    return bool(heap[first, EVENT_ORDER] < heap[second, EVENT_ORDER])


@borrowing_kernel
def exchange(heap: Ints, first: int, second: int) -> None:
    """Two events of the heap change places."""
    for field in range(heap.shape[1]):
        kept = heap[first, field]
        heap[first, field] = heap[second, field]
        heap[second, field] = kept


@kernel
def push(heap: Ints, count: Ints, time: int, kind: int, a: int, b: int, c: int, d: int) -> None:
    """Schedule an event; a heap that is full is said in ``count[FULL]``."""
    size = count[HEAP]
    if size == len(heap):
        count[FULL] = 1
        return
    heap[size, EVENT_TIME] = time
    heap[size, EVENT_ORDER] = (kind << 56) + count[ORDER]
    heap[size, EVENT_KIND] = kind
    heap[size, 3] = a
    heap[size, 4] = b
    heap[size, 5] = c
    heap[size, 6] = d
    count[ORDER] += 1
    count[HEAP] = size + 1
    while size > 0:
        above = (size - 1) >> 1
        if not before(heap, size, above):
            break
        exchange(heap, size, above)
        size = above


@kernel
def drop_first(heap: Ints, count: Ints) -> None:
    """Take the first event out of the heap."""
    size = count[HEAP] - 1
    count[HEAP] = size
    for field in range(heap.shape[1]):
        heap[0, field] = heap[size, field]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and before(heap, below + 1, below):
            below += 1
        if not before(heap, below, place):
            break
        exchange(heap, below, place)
        place = below


@kernel
def write_down(
    trace: Ints,
    count: Ints,
    time: int,
    kind: int,
    left: int,
    right: int,
    a: int,
    b: int,
    c: int,
    d: int,
    begin: int,
    good: int,
) -> None:
    """One line of the trace, where there is one."""
    if len(trace) == 0:
        return
    row = count[TRACED]
    if row == len(trace):
        count[FULL] = 2
        return
    trace[row, TRACE_TIME] = time
    trace[row, TRACE_KIND] = kind
    trace[row, TRACE_LEFT] = left
    trace[row, TRACE_RIGHT] = right
    trace[row, TRACE_LANE_A] = a
    trace[row, TRACE_LANE_B] = b
    trace[row, TRACE_LANE_C] = c
    trace[row, TRACE_LANE_D] = d
    trace[row, TRACE_BEGIN] = begin
    trace[row, TRACE_GOOD] = good
    count[TRACED] = row + 1


@borrowing_kernel
def start(
    rng: np.random.Generator,
    link_int: Ints,
    link_float: Floats,
    lane: Lanes,
    heap: Ints,
    count: Ints,
    link: int,
    m: int,
) -> None:
    """A lane whose two memories are free tries from the next tick of the link's clock on, until its herald.

    P(attempts > k) = (1-p)^k: floor(E/lambda) + 1 with E exponential and lambda = -ln(1-p) is exactly that.
    """
    free = max(lane[link, m, FREE], lane[link, m, LANE_SIDE + FREE])
    period = link_int[link, ATTEMPT]
    tick = (free + period - 1) // period * period
    misses = rng.standard_exponential() * link_float[link, INVERSE_HAZARD]
    if misses * period > 4e18 - tick:
        push(heap, count, NEVER, HERALD, link, m, 0, 0)
        return
    push(heap, count, tick + (np.int64(misses) + 1) * period, HERALD, link, m, 0, 0)


@borrowing_kernel
def vacate(
    rng: np.random.Generator,
    link_int: Ints,
    link_float: Floats,
    lane: Lanes,
    heap: Ints,
    count: Ints,
    link: int,
    m: int,
    side: int,
    time: int,
) -> None:
    """A memory is free from ``time`` on."""
    at = side * LANE_SIDE
    lane[link, m, at + PAIR] = -1
    lane[link, m, at + FREE] = time
    lane[link, m, at + GENERATION] += 1
    if lane[link, m, PAIR] < 0 and lane[link, m, LANE_SIDE + PAIR] < 0:
        start(rng, link_int, link_float, lane, heap, count, link, m)


@borrowing_kernel
def forget(pair: Ints, spare: Ints, count: Ints, p: int) -> None:
    """The record of a pair that has no end left may be used again."""
    pair[p, SERIAL] += 1
    spare[count[SPARE]] = p
    count[SPARE] += 1


@borrowing_kernel
def expose(pair: Ints, value: Floats, node_float: Floats, p: int, side: int, time: int) -> None:
    """The qubit of one end has waited until ``time``: exposures add up, t/T1 and t/T2."""
    waited = time - pair[p, SINCE + side]
    node = pair[p, NODE + side]
    value[p, EXPOSED_1] += waited * node_float[node, DECAY_1]
    value[p, EXPOSED_2] += waited * node_float[node, DECAY_2]
    pair[p, SINCE + side] = time


@borrowing_kernel
def apart(node_int: Ints, first: int, second: int) -> int:
    """The time that a message takes between two nodes."""
    return int(abs(node_int[first, PLACE] - node_int[second, PLACE]))


@kernel
def widow(pair: Ints, lane: Lanes, spare: Ints, heap: Ints, count: Ints, p: int, side: int, time: int) -> None:
    """Only the end on ``side`` of a pair is left; its node learns that at ``time``."""
    pair[p, LANE + 1 - side] = GONE
    m = pair[p, LANE + side]
    if m < 0:
        forget(pair, spare, count, p)
        return
    pair[p, DEAD] = 1
    pair[p, DEATH] = time
    link = pair[p, NODE + side] - side
    push(heap, count, time, RELEASE, link, m, side, lane[link, m, side * LANE_SIDE + GENERATION])


@borrowing_kernel
def watch(lane: Lanes, node_int: Ints, heap: Ints, count: Ints, link: int, m: int, side: int) -> None:
    """A memory that has been filled is looked at again when its cut-off time is over."""
    at = side * LANE_SIDE
    limit = node_int[link + side, CUTOFF]
    if limit < NEVER and lane[link, m, at + CUT] == 0:
        lane[link, m, at + CUT] = 1
        push(heap, count, lane[link, m, at + BORN] + limit, DISCARD, link, m, side, 0)
        return


@borrowing_kernel
def now(count: Ints) -> int:
    """The time of the run."""
    return int(count[CLOCK])
