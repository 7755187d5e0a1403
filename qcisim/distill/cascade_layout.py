"""The arrays that Cascade works on: what is public, and what Bob knows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NATURAL, PERMUTED, CLASSES, SUBSET = 0, 1, 2, 3
"""How a pass reads the frame: as it stands; from a permuted copy; by masks of a few classes; half of it (BICONF)."""

PASS, STREAK, FLIPS, STATUS = 0, 1, 2, 3
"""Columns of the frame state: pass reached, error-free BICONF rounds in a row, bits flipped, status."""
RUNNING, DONE, FAILED = 0, 1, 2
REUSE, CONCURRENT, ROUNDS, SKIP = 0, 1, 2, 3
"""Rules of a variant: every known parity is a block; all passes are searched at once; BICONF rounds without error;
bits that are known one by one are left out of the halving."""


class Layout(NamedTuple):
    """What both sides know of P passes over frames of at most two lengths (axis a), W words each at most."""

    of_frame: NDArray[np.int64]  # (F,) which length
    size: NDArray[np.int64]  # (a,) bits of a frame
    kind: NDArray[np.int64]  # (a, P)
    block: NDArray[np.int64]  # (a, P) block size
    slot: NDArray[np.int64]  # (a, P) which permuted copy
    order: NDArray[np.uint16]  # (a, P, n) position of a coordinate
    rank: NDArray[np.uint16]  # (a, P, n) coordinate of a position
    masks: NDArray[np.uint64]  # (a, P, classes, W)
    rules: NDArray[np.int64]  # (4,) columns REUSE, CONCURRENT, ROUNDS, SKIP


class Known(NamedTuple):
    """What Bob knows of F frames: his bits and the parities that follow from what Alice disclosed."""

    words: NDArray[np.uint64]  # (F, W) his bits
    copies: NDArray[np.uint64]  # (F, slots, W) his bits in the order of the permuted passes
    bounds: NDArray[np.uint64]  # (F, P, W) where an interval of known parity begins
    odd: NDArray[np.uint64]  # (F, P, W) where one begins whose parity differs
    blocks: NDArray[np.uint64]  # (F, P, W) blocks that differ as a whole, used without sub-block reuse
    counts: NDArray[np.int64]  # (F, P) intervals, or blocks, that differ
    singles: NDArray[np.uint64]  # (F, 1 + slots, W) bits known one by one, in natural and in permuted orders
    frame: NDArray[np.int64]  # (F, 4) columns PASS, STREAK, FLIPS, STATUS
    scratch: NDArray[np.uint8]  # (64 W,)
