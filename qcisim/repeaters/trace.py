"""The events of a run, for drawing and for checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.repeaters import layout
from qcisim.units import PICOSECONDS_PER_SECOND

Ints = NDArray[np.int64]
Kind: TypeAlias = Literal["herald", "swap", "distil", "deliver", "release", "discard"]
_KINDS: dict[int, Kind] = {
    layout.HERALD: "herald",
    layout.DELIVER: "deliver",
    layout.RELEASE: "release",
    layout.SWAP: "swap",
    layout.DISTIL: "distil",
    layout.DISCARD: "discard",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Args:
        time_s: when it was done: a herald known, a swap measured, the answer of a distillation back, a pair delivered.
        kind: what.
        left, right: nodes: of the pair that is made, kept or delivered; both the same node where one memory is emptied
            (released because its partner is known to be lost, discarded by the cut-off).
        begin_s: when it began: the attempt's light, the swap's gate, the distillation's first gate; for a delivery the
            last swap, for a discarded qubit its emission.
        good: whether it succeeded.
        node: of a swap, where; else -1.
    """

    time_s: float
    kind: Kind
    left: int
    right: int
    begin_s: float
    good: bool
    node: int


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """All events of a run in the order in which they began; ``rows`` as `layout` says, times in ps, (n, 10)."""

    rows: Ints

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Event]:
        for row in self.rows:
            swap = row[layout.TRACE_KIND] == layout.SWAP
            yield Event(
                int(row[layout.TRACE_TIME]) / PICOSECONDS_PER_SECOND,
                _KINDS[int(row[layout.TRACE_KIND])],
                int(row[layout.TRACE_LEFT]),
                int(row[layout.TRACE_RIGHT]),
                int(row[layout.TRACE_BEGIN]) / PICOSECONDS_PER_SECOND,
                bool(row[layout.TRACE_GOOD]) and not (swap and row[layout.TRACE_LANE_D]),
                int(row[layout.TRACE_LANE_C]) if swap else -1,
            )

    def of_kind(self, kind: Kind) -> Ints:
        """The rows of one kind."""
        number = next(k for k, name in _KINDS.items() if name == kind)
        rows: Ints = self.rows[self.rows[:, layout.TRACE_KIND] == number]
        return rows
