"""Where the numbers of a run stand in the arrays of its compiled loops.

Side 0 of a pair is its left end, side 1 its right end. The left end of a pair of nodes a and b stands in a lane of
link a (between nodes a and a + 1), the right end in a lane of link b - 1: the lane is that of link ``node - side``.
Times are integer picoseconds.
"""

from __future__ import annotations

NEVER = 1 << 62
"""A time that does not come."""
END_RANK = 1 << 40
"""The rank of the two ends of a chain: they never swap."""

# lane (link, lane, 10): for side 0 (memory of the left node) at LANE + 0, for side 1 at LANE + LANE_SIDE
PAIR, FREE, GENERATION, BORN, CUT = 0, 1, 2, 3, 4
LANE_SIDE = 5
LANE_FIELDS = 10

# pair, integers: fields with a side are followed by that of side 1
NODE, LANE, SINCE, KNOWN, READY = 0, 2, 4, 6, 8
LEVEL, ROUNDS, DEAD, SERIAL, JOINED, DEATH = 10, 11, 12, 13, 14, 15
PAIR_FIELDS = 16
MEASURED = -1
"""The lane of an end that has been measured already: it holds no memory."""
GONE = -2
"""The lane of an end that has been lost."""

# pair, floats: correlations of X, -Y, Z, and the exposure t/T1, t/T2 that they have not been charged with yet
CX, CY, CZ, EXPOSED_1, EXPOSED_2 = 0, 1, 2, 3, 4
VALUE_FIELDS = 5

# node, integers and floats
PLACE, RANK, SWAP_TIME, GATE_TIME, CUTOFF, NOISE = 0, 1, 2, 3, 4, 5
NODE_FIELDS = 6
DECAY_1, DECAY_2, SWAP_P, SWAP_C = 0, 1, 2, 3
NODE_VALUES = 6

# link, integers and floats
ATTEMPT, STORED, LANES = 0, 1, 3  # STORED of the left memory, then of the right one
LINK_FIELDS = 4
INVERSE_HAZARD, LINK_C = 0, 1
LINK_VALUES = 4

# the plan of a chain
END_ROUNDS, PUMPING, ROTATED, TWIRLED, MEASURING, FRESHEST = 0, 1, 2, 3, 4, 5
PLAN_FIELDS = 6

# counters
(
    HEAP,
    ORDER,
    SPARE,
    TRACED,
    DELIVERED,
    HERALDS,
    SWAPS,
    SWAP_FAILURES,
    DISTILLATIONS,
    DISTILLATION_FAILURES,
    DISCARDS,
    EVENTS,
    FULL,
    CLOCK,
) = range(14)
COUNTERS = 14

# events of the heap: at equal times the lower kind comes first
HERALD, DELIVER, RELEASE, SWAP, DISTIL, DISCARD = 0, 1, 2, 3, 4, 5
EVENT_TIME, EVENT_ORDER, EVENT_KIND, EVENT_A, EVENT_B, EVENT_C, EVENT_D = range(7)
EVENT_FIELDS = 7

# a line of the trace: time, kind, nodes, lanes of the first pair's ends, of the second pair's ends, begin, success
(
    TRACE_TIME,
    TRACE_KIND,
    TRACE_LEFT,
    TRACE_RIGHT,
    TRACE_LANE_A,
    TRACE_LANE_B,
    TRACE_LANE_C,
    TRACE_LANE_D,
    TRACE_BEGIN,
    TRACE_GOOD,
) = range(10)
TRACE_FIELDS = 10

# how a run ends
DONE, HORIZON, STALLED, OVERFULL, EXHAUSTED = 0, 1, 2, 3, 4
