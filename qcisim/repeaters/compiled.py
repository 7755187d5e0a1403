"""A chain as the arrays that the compiled loops read, and the room that they work in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.quantum.distillation import weight_table
from qcisim.quantum.operations import BELL_CORRELATIONS
from qcisim.repeaters import layout
from qcisim.repeaters.chain import Chain
from qcisim.units import PICOSECONDS_PER_SECOND, picoseconds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHARACTERS: Floats = BELL_CORRELATIONS[:, 1:] * np.array([1.0, -1.0, 1.0])
"""Correlations of X, -Y, Z of the four Bell states, (4, 3): all 1 for Phi+, multiplied by swaps."""


def weights_of(characters: Floats) -> Floats:
    """Bell weights (..., 4) of correlations of X, -Y, Z (..., 3)."""
    weights: Floats = 0.25 * (1.0 + characters @ CHARACTERS.T)
    return weights


def not_before_ps(time_s: float) -> int:
    """The first whole picosecond that is not before ``time_s``, rounding errors aside."""
    return math.ceil(time_s * PICOSECONDS_PER_SECOND - 1e-3)


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """What the compiled loops are given; see `layout` for the columns."""

    node_int: Ints
    node_float: Floats
    link_int: Ints
    link_float: Floats
    plan: Ints
    rounds: Ints
    tables: Floats
    lanes: int

    @property
    def given(self) -> tuple[Ints, Floats, Ints, Floats, Ints, Ints, Floats]:
        """In the order in which `run_chain` takes them."""
        return (
            self.node_int,
            self.node_float,
            self.link_int,
            self.link_float,
            self.plan,
            self.rounds,
            self.tables,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """What the compiled loops write to."""

    lane: Ints
    pair: Ints
    value: Floats
    spare: Ints
    heap: Ints

    @classmethod
    def of(cls, compiled: Compiled, factor: int = 1) -> Room:
        """Room for every lane's pair and its events, ``factor`` times as many events as usual."""
        links, lanes = len(compiled.link_int), int(compiled.link_int[:, layout.LANES].sum())
        pairs = 2 * lanes + 2
        return cls(
            np.zeros((links, compiled.lanes, layout.LANE_FIELDS), np.int64),
            np.zeros((pairs, layout.PAIR_FIELDS), np.int64),
            np.zeros((pairs, layout.VALUE_FIELDS)),
            np.zeros(pairs, np.int64),
            np.zeros((factor * (10 * lanes + 64), layout.EVENT_FIELDS), np.int64),
        )


def compile_chain(chain: Chain) -> Compiled:
    """The arrays of a chain; times are rounded to picoseconds, those of light and messages upwards."""
    count = len(chain.nodes)
    node_int = np.zeros((count, layout.NODE_FIELDS), np.int64)
    node_float = np.zeros((count, layout.NODE_VALUES))
    place = 0
    classes = {noise: number for number, noise in enumerate(dict.fromkeys(node.noise for node in chain.nodes))}
    for i, node in enumerate(chain.nodes):
        node_int[i, layout.PLACE] = place
        node_int[i, layout.RANK] = chain.ranks[i - 1] if 0 < i < count - 1 else layout.END_RANK
        node_int[i, layout.SWAP_TIME] = picoseconds(node.swap_s)
        node_int[i, layout.GATE_TIME] = picoseconds(node.swap_s)
        node_int[i, layout.CUTOFF] = layout.NEVER if chain.cutoff_s is None else picoseconds(chain.cutoff_s)
        node_int[i, layout.NOISE] = classes[node.noise]
        node_float[i, layout.DECAY_1] = 1.0 / (node.t1_s * PICOSECONDS_PER_SECOND)
        node_float[i, layout.DECAY_2] = 1.0 / (node.t2_s * PICOSECONDS_PER_SECOND)
        node_float[i, layout.SWAP_P] = node.swap_success
        node_float[i, layout.SWAP_C : layout.SWAP_C + 3] = node.noise.flips @ CHARACTERS
        if i < count - 1:
            place += not_before_ps(chain.links[i].delay_s)
    link_int = np.zeros((count - 1, layout.LINK_FIELDS), np.int64)
    link_float = np.zeros((count - 1, layout.LINK_VALUES))
    for i, link in enumerate(chain.links):
        attempt = max(picoseconds(link.attempt_s), not_before_ps(link.delay_s))
        link_int[i, layout.ATTEMPT] = attempt
        for side in (0, 1):
            link_int[i, layout.STORED + side] = min(picoseconds(link.waited_s[side]), attempt)
        link_int[i, layout.LANES] = chain.lanes[i]
        p = link.success_probability
        link_float[i, layout.INVERSE_HAZARD] = 0.0 if p == 1.0 else -1.0 / math.log1p(-p)
        link_float[i, layout.LINK_C : layout.LINK_C + 3] = link.weights @ CHARACTERS
    schedule = chain.schedule
    plan = np.zeros(layout.PLAN_FIELDS, np.int64)
    plan[layout.END_ROUNDS] = schedule.end_to_end if count > 2 else max(schedule.end_to_end, schedule.elementary)
    plan[layout.PUMPING] = schedule.pumped
    plan[layout.ROTATED], plan[layout.TWIRLED] = schedule.scheme.rotated, schedule.scheme.twirled_input
    plan[layout.MEASURING] = chain.ends == "measure"
    plan[layout.FRESHEST] = chain.pick == "freshest"
    top = max(chain.ranks, default=0) + 1
    rounds = np.zeros(top + 1, np.int64)
    rounds[0] = schedule.elementary
    rounds[1 : 1 + len(schedule.levels)] = schedule.levels[:top]
    tables = np.zeros((len(classes), len(classes), 3))
    for first, a in classes.items():
        for second, b in classes.items():
            table = weight_table(schedule.scheme, first, second)
            tables[a, b] = table.gates, table.equal, table.unequal
    return Compiled(node_int, node_float, link_int, link_float, plan, rounds, tables, max(chain.lanes))
