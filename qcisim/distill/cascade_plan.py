"""What both sides of Cascade agree on beforehand: frames, block sizes, orders. All of it is public."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.distill.cascade_layout import CLASSES, NATURAL, PERMUTED, SUBSET, Layout
from qcisim.engine.random import stream
from qcisim.errors import InputError, did_you_mean, require

MAX_CLASSES = 4
_BICONF_MASKS = 40
_LOWEST_QBER = 1e-5

VARIANTS = ("frugal", "near_optimal", "original", "yan", "biconf")


@dataclass(frozen=True, slots=True)
class CascadePlan:
    """A run of Cascade over ``bits`` bits, cut into frames of equal length (the last may be shorter by a few bits).

    Attributes:
        bits: length of the string, at least 1.
        qber: estimated error rate; sets the block sizes only. A wrong estimate costs efficiency, never correctness.
        frame_bits: greatest frame length, at most 2^15.
        seed: of the public orders of the passes.
        variant: one of `VARIANTS`. ``frugal`` is ``near_optimal`` that leaves bits known one by one out of every
            halving, so that it asks less; the others are as published.
        blocks: block sizes of the passes, instead of those that the variant derives from ``qber``.
    """

    bits: int
    qber: float
    frame_bits: int = 2**14
    seed: int = 0
    variant: str = "frugal"
    blocks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require(self.bits >= 1, f"bits {self.bits}: wanted >= 1")
        require(0 <= self.qber <= 0.5, f"qber {self.qber}: wanted 0..0.5")
        require(1 <= self.frame_bits <= 2**15, f"frame_bits {self.frame_bits}: wanted 1..32768")
        require(all(b >= 1 for b in self.blocks), f"blocks {self.blocks}: wanted >= 1")
        if self.variant not in VARIANTS:
            hint = did_you_mean(self.variant, VARIANTS) or f"known: {', '.join(VARIANTS)}"
            raise InputError(f"unknown Cascade variant '{self.variant}' ({hint})")

    @property
    def frames(self) -> int:
        """Number of frames."""
        return -(-self.bits // self.frame_bits)

    @property
    def frame_length(self) -> int:
        """Bits of every frame but perhaps the last."""
        return -(-self.bits // self.frames)

    @property
    def sub_block_reuse(self) -> bool:
        """Whether every known parity is a block, not only the blocks that a pass began with."""
        return self.variant in ("frugal", "near_optimal")

    @property
    def concurrent(self) -> bool:
        """Whether all passes are searched at once: half the rounds, 1 to 2 % more leakage."""
        return not self.sub_block_reuse

    @property
    def biconf_streak(self) -> int:
        """Error-free BICONF rounds that end the run; 0 without BICONF."""
        return 10 if self.variant == "biconf" else 0

    def block_sizes(self, n: int) -> tuple[int, ...]:
        """Block sizes of the passes for a frame of ``n`` bits."""
        sizes = self.blocks or _SIZES[self.variant](max(self.qber, _LOWEST_QBER), n)
        return tuple(min(max(1, b), n) if i == 0 else min(max(1, b), -(-n // 2)) for i, b in enumerate(sizes))

    def layout(self) -> Layout:
        """The orders of the passes for each frame length."""
        n, frames = self.frame_length, self.frames
        last = self.bits - (frames - 1) * n
        lengths = (n,) if last == n else (n, last)
        of_frame = np.zeros(frames, dtype=np.int64)
        of_frame[-1] = len(lengths) - 1
        sizes = tuple(self.block_sizes(length) for length in lengths)
        skip = self.variant == "frugal"
        rules = np.array([self.sub_block_reuse, self.concurrent, self.biconf_streak, skip], dtype=np.int64)
        return _layout(lengths, sizes, self.biconf_streak > 0, self.seed)._replace(of_frame=of_frame, rules=rules)


def near_optimal_blocks(qber: float, n: int) -> tuple[int, ...]:
    """``k1 = 2^ceil(a)``, ``k2 = 2^ceil((a + 12)/2)``, 4096, then n/2: 14 passes, ``a = log2(1/Q) - 1/2``.

    Two steps are moved to where the leakage of 128 to 384 simulated frames has its minimum: k1 falls to 8 from 7.5 % on
    (as in the paper's Table 3), k2 to 256 from 3 % on (the same leakage as 512, half the rounds).

    | error rate from | 0.55 % | 1.10 % | 2.21 % | 3 % | 4.42 % | 7.5 % |
    |---|---|---|---|---|---|---|
    | k1 / k2 | 128 / 512 | 64 / 512 | 32 / 512 | 32 / 256 | 16 / 256 | 8 / 256 |

    Source: J. Martinez-Mateo et al., Quantum Inf. Comput. 15, 453 (2015), option (8) and Table 3.
    """
    a = math.log2(1 / qber) - 0.5
    first, second = max(1, math.ceil(a)), math.ceil((a + 12) / 2)
    if qber >= 0.03:
        second = 8
    if qber >= 0.075:
        first = min(first, 3)
    return (2**first, 2**second, 4096, *([-(-n // 2)] * 11))


def original_blocks(qber: float, n: int) -> tuple[int, ...]:
    """``k1 = ceil(0.73/Q)``, doubled in each of 4 passes.

    Source: G. Brassard, L. Salvail, EUROCRYPT '93, LNCS 765, 410 (1994).
    """
    first = math.ceil(0.73 / qber)
    return (first, 2 * first, 4 * first, 8 * first)


def yan_blocks(qber: float, n: int) -> tuple[int, ...]:
    """``k1 = ceil(0.8/Q)``, ``k2 = 5 k1``, then n/2: 10 passes.

    Source: H. Yan et al., ICNC 2008, 637 (IEEE).
    """
    first = math.ceil(0.8 / qber)
    return (first, 5 * first, *([-(-n // 2)] * 8))


def biconf_blocks(qber: float, n: int) -> tuple[int, ...]:
    """``k1 = ceil(0.92/Q)``, ``k2 = 3 k1``, then BICONF rounds over random halves.

    Source: T. Sugimoto, K. Yamazaki, IEICE Trans. Fundamentals E83-A, 1987 (2000).
    """
    first = math.ceil(0.92 / qber)
    return (first, 3 * first)


_SIZES = {
    "frugal": near_optimal_blocks,
    "near_optimal": near_optimal_blocks,
    "original": original_blocks,
    "yan": yan_blocks,
    "biconf": biconf_blocks,
}


@functools.lru_cache(maxsize=8)
def _layout(lengths: tuple[int, ...], sizes: tuple[tuple[int, ...], ...], biconf: bool, seed: int) -> Layout:
    """Public tables; both sides may share them because they hold nothing but the seed's randomness."""
    cascade = len(sizes[0])
    passes, n, lots = cascade + (_BICONF_MASKS if biconf else 0), max(lengths), len(lengths)
    words = -(-n // 64)
    kind = np.full((lots, passes), PERMUTED, dtype=np.int64)
    block, slot = np.ones((lots, passes), dtype=np.int64), np.zeros((lots, passes), dtype=np.int64)
    order, rank = (np.zeros((lots, passes, n), dtype=np.uint16) for _ in range(2))
    masks = np.zeros((lots, passes, MAX_CLASSES, words), dtype=np.uint64)
    for a, length in enumerate(lengths):
        rng = stream(seed, f"cascade/{length}")
        block[a, :cascade] = sizes[a]
        for p in range(passes):
            if p >= cascade:
                kind[a, p], block[a, p] = SUBSET, max(1, length // 2)
            elif p == 0:
                kind[a, p] = NATURAL
            elif -(-length // block[a, p]) <= MAX_CLASSES:
                kind[a, p] = CLASSES
            places = np.arange(length) if p == 0 else rng.permutation(length)
            if kind[a, p] in (CLASSES, SUBSET):  # inside a class the natural order, so that a range is a range of words
                for j, start in enumerate(range(0, length, int(block[a, p]))):
                    places[start : start + block[a, p]].sort()
                    if j < MAX_CLASSES:
                        masks[a, p, j] = _mask(places[start : start + block[a, p]], words)
            order[a, p, :length] = places
            rank[a, p, places] = np.arange(length)
        slot[a] = np.where(kind[a] == PERMUTED, np.cumsum(kind[a] == PERMUTED) - 1, 0)
    for table in (kind, block, slot, order, rank, masks):
        table.setflags(write=False)
    none = np.zeros(0, dtype=np.int64)
    return Layout(none, np.array(lengths, dtype=np.int64), kind, block, slot, order, rank, masks, none)


def _mask(places: NDArray[np.int64], words: int) -> NDArray[np.uint64]:
    bits = np.zeros(64 * words, dtype=np.uint8)
    bits[places] = 1
    return np.packbits(bits, bitorder="little").view(np.uint64)
