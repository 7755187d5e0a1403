"""Quasi-cyclic LDPC codes from published degree distributions, built here and always the same."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.engine.random import stream
from qcisim.errors import require

BASE_COLUMNS = 256
LIFTS = (16, 32, 64, 128, 256)

DEGREES: dict[float, tuple[dict[int, float], dict[int, float]]] = {
    0.90: (
        {2: 0.07689, 3: 0.28096, 5: 0.08933, 9: 0.19620, 12: 0.30631, 21: 0.05031},
        {50: 0.95025, 51: 0.04975},
    ),
    0.85: (
        {2: 0.04528, 3: 0.20537, 4: 0.05878, 5: 0.094274, 6: 0.08454, 7: 0.01176, 9: 0.05137, 21: 0.50015},
        {41: 0.54204, 42: 0.45795},
    ),
    0.80: (
        {2: 0.09420, 3: 0.18088, 6: 0.11972, 7: 0.08550, 8: 0.09816, 17: 0.07194, 26: 0.34960},
        {29: 0.58807, 30: 0.41193},
    ),
    0.75: (
        {2: 0.10805, 3: 0.09511, 4: 0.01449, 5: 0.13764, 6: 0.10667, 7: 0.05288, 28: 0.01107, 31: 0.47408},
        {25: 0.74161, 26: 0.25839},
    ),
    0.70: (
        {2: 0.05343, 3: 0.29406, 6: 0.00896, 9: 0.15571, 12: 0.12189, 25: 0.19872, 46: 0.09572, 62: 0.02741,
         65: 0.04056, 73: 0.00354},
        {20: 0.76922, 21: 0.23077},
    ),
    0.65: (
        {2: 0.10451, 3: 0.15652, 4: 0.08057, 5: 0.00056, 9: 0.12151, 13: 0.10485, 15: 0.10719, 21: 0.00771,
         51: 0.31656},
        {2: 0.000578, 15: 0.06089, 16: 0.47001, 21: 0.46852},
    ),
    0.60: (
        {2: 0.11040, 3: 0.20804, 8: 0.14163, 9: 0.14858, 26: 0.14438, 27: 0.08909, 46: 0.00748, 71: 0.15038},
        {2: 0.00036, 10: 0.13063, 13: 0.31068, 18: 0.49341, 19: 0.064915},
    ),
    0.55: (
        {2: 0.16880, 3: 0.20994, 6: 0.18095, 15: 0.03846, 16: 0.02635, 18: 0.23454, 19: 0.05815, 31: 0.08280},
        {10: 0.27631, 11: 0.72369},
    ),
    0.50: (
        {2: 0.14438, 3: 0.19026, 4: 0.01836, 5: 0.00233, 6: 0.04697, 8: 0.053943, 9: 0.05590, 10: 0.01290,
         11: 0.00162, 14: 0.06159, 15: 0.13115, 17: 0.01481, 47: 0.00879, 49: 0.00650, 55: 0.00210, 56: 0.00099,
         57: 0.11178, 58: 0.06238, 59: 0.05094, 66: 0.02230},
        {10: 0.47575, 12: 0.46847, 13: 0.02952, 14: 0.02626},
    ),
}  # fmt: skip
"""Shares of edges by node degree, (variables, checks), per design rate; optimised for the binary symmetric channel.

Shares are relative: those printed for rate 0.85 add up to 1.05.

Source: D. Elkouss, A. Leverrier, R. Alleaume, J. J. Boutros, ISIT 2009, 1879, Table I (arXiv:0901.2140).
"""


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A parity-check matrix of circulants: base row r holds edges ``start[r]..start[r+1]``, each (column, shift).

    Check ``r Z + k`` contains the bits ``column Z + (k + shift) mod Z``.
    """

    rate: float
    lift: int
    start: NDArray[np.int64]
    column: NDArray[np.int64]
    shift: NDArray[np.int64]

    @property
    def length(self) -> int:
        """Bits of a code word."""
        return BASE_COLUMNS * self.lift

    @property
    def checks(self) -> int:
        """Bits of a syndrome."""
        return (self.start.size - 1) * self.lift


@functools.lru_cache(maxsize=32)
def code(rate: float, lift: int) -> Code:
    """The code of a design rate in `DEGREES` lifted by ``lift``; built once per process, the same everywhere."""
    from qcisim.distill.ldpc_kernels import choose_shifts

    require(rate in DEGREES, f"rate {rate}: wanted one of {sorted(DEGREES)}")
    require(lift in LIFTS, f"lift {lift}: wanted one of {LIFTS}")
    rows = _base(rate)
    start = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    column = np.array([c for row in rows for c in row], dtype=np.int64)
    shift = stream(0, f"ldpc/{rate}/{lift}").integers(0, lift, column.size)
    choose_shifts(start, column, shift, lift, BASE_COLUMNS)
    return Code(rate, lift, start, column, shift)


def _base(rate: float) -> list[list[int]]:
    """Columns of each base row, by progressive edge growth over the given row degrees.

    Source: X.-Y. Hu, E. Eleftheriou, D. M. Arnold, IEEE Trans. Inf. Theory 51, 386 (2005); J. Martinez-Mateo,
    D. Elkouss, V. Martin, IEEE Commun. Lett. 14, 1155 (2010) for both degree sequences.
    """
    variables, checks = DEGREES[rate]
    rows = round((1 - rate) * BASE_COLUMNS)
    column_degrees = sorted(min(d, rows) for d in _nodes(variables, BASE_COLUMNS))
    free = np.array(_nodes(checks, rows))
    for i in range(abs(deficit := sum(column_degrees) - int(free.sum()))):  # the rounding of both sides must meet
        free[i % rows] += 1 if deficit > 0 else -1
    rng = stream(0, f"ldpc/{rate}")
    rng.shuffle(free)
    row_columns, column_rows = [0] * rows, [0] * BASE_COLUMNS  # bit masks
    for c, degree in enumerate(column_degrees):
        for _ in range(degree):
            far = _farthest(c, row_columns, column_rows, rows, free)
            best = max(far, key=lambda r: (free[r], rng.random()))
            row_columns[best] |= 1 << c
            column_rows[c] |= 1 << best
            free[best] -= 1
    return [_bits(mask) for mask in row_columns]


def _farthest(c: int, row_columns: list[int], column_rows: list[int], rows: int, free: NDArray[np.int64]) -> list[int]:
    """Rows with room that are not yet, or last, reached from column ``c``."""
    every, reached = (1 << rows) - 1, column_rows[c]
    room = sum(1 << r for r in range(rows) if free[r] > 0)
    open_rows = (room & ~reached) or (every & ~reached)
    if not reached:
        return _bits(open_rows)
    frontier, seen = reached, 1 << c
    while True:
        columns = 0
        for r in _bits(frontier):
            columns |= row_columns[r]
        columns &= ~seen
        seen |= columns
        new = 0
        for other in _bits(columns):
            new |= column_rows[other]
        new &= ~reached
        if not open_rows & ~(reached | new) or not new:
            return _bits(open_rows & ~reached)
        reached |= new
        frontier = new


def _nodes(edge_shares: dict[int, float], count: int) -> list[int]:
    """``count`` node degrees whose edges have the given shares, largest remainders first."""
    weight = math.fsum(share / degree for degree, share in edge_shares.items())
    exact = {degree: count * share / degree / weight for degree, share in edge_shares.items()}
    whole = {degree: int(x) for degree, x in exact.items()}
    for degree in sorted(exact, key=lambda d: whole[d] - exact[d])[: count - sum(whole.values())]:
        whole[degree] += 1
    return [degree for degree, number in sorted(whole.items()) for _ in range(number)]


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
