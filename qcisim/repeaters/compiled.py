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
from qcisim.repeaters.device import MemoryDevice
from qcisim.repeaters.link import ElementaryLink
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
    kinds = {node: number for number, node in enumerate(dict.fromkeys(chain.nodes))}
    which = np.array([kinds[node] for node in chain.nodes])
    noises = [node.noise for node in kinds]
    node_int = np.array([_device_ints(node, chain) for node in kinds], np.int64)[which]
    node_float = np.array([_device_floats(node) for node in kinds])[which]
    node_int[:, layout.NOISE] = which
    node_int[:, layout.RANK] = (layout.END_RANK, *chain.ranks, layout.END_RANK)
    sorts = {link: number for number, link in enumerate(dict.fromkeys(chain.links))}
    sort = np.array([sorts[link] for link in chain.links])
    link_int = np.array([_link_ints(link) for link in sorts], np.int64)[sort]
    link_float = np.array([_link_floats(link) for link in sorts])[sort]
    link_int[:, layout.LANES] = chain.lanes
    node_int[1:, layout.PLACE] = np.cumsum(np.array([not_before_ps(link.delay_s) for link in sorts], np.int64)[sort])
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
    tables = np.zeros((len(noises), len(noises), 3))
    for a, first in enumerate(noises):
        for b, second in enumerate(noises):
            table = weight_table(schedule.scheme, first, second)
            tables[a, b] = table.gates, table.equal, table.unequal
    return Compiled(node_int, node_float, link_int, link_float, plan, rounds, tables, max(chain.lanes))


def _device_ints(node: MemoryDevice, chain: Chain) -> list[int]:
    row = [0] * layout.NODE_FIELDS
    row[layout.SWAP_TIME] = row[layout.GATE_TIME] = picoseconds(node.swap_s)
    row[layout.CUTOFF] = layout.NEVER if chain.cutoff_s is None else picoseconds(chain.cutoff_s)
    return row


def _device_floats(node: MemoryDevice) -> list[float]:
    row = [0.0] * layout.NODE_VALUES
    row[layout.DECAY_1] = 1.0 / (node.t1_s * PICOSECONDS_PER_SECOND)
    row[layout.DECAY_2] = 1.0 / (node.t2_s * PICOSECONDS_PER_SECOND)
    row[layout.SWAP_P] = node.swap_success
    row[layout.SWAP_C : layout.SWAP_C + 3] = (node.noise.flips @ CHARACTERS).tolist()
    return row


def _link_ints(link: ElementaryLink) -> list[int]:
    row = [0] * layout.LINK_FIELDS
    row[layout.ATTEMPT] = attempt = max(picoseconds(link.attempt_s), not_before_ps(link.delay_s))
    for side in (0, 1):
        row[layout.STORED + side] = min(picoseconds(link.waited_s[side]), attempt)
    return row


def _link_floats(link: ElementaryLink) -> list[float]:
    row = [0.0] * layout.LINK_VALUES
    p = link.success_probability
    row[layout.INVERSE_HAZARD] = 0.0 if p == 1.0 else -1.0 / math.log1p(-p)
    row[layout.LINK_C : layout.LINK_C + 3] = (link.weights @ CHARACTERS).tolist()
    return row
