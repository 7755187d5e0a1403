"""Parities of a frame in the order of a pass, and Alice's loop over the questions that ask for them.

In each pass a frame is read in that pass's order; the coordinate ``c`` is a place in that order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qcisim.distill.cascade_layout import CLASSES, NATURAL, PERMUTED, SUBSET
from qcisim.distill.words import masked_parity, range_parity
from qcisim.kernels import borrowing_kernel as kernel


@kernel
def _parity(kind: Any, words: Any, copy: Any, masks: Any, order: Any, block: Any, start: Any, stop: Any) -> Any:
    """Parity of the coordinates ``start <= c < stop`` of a pass; inside one block."""
    if kind == NATURAL:
        return range_parity(words, start, stop)
    if kind == PERMUTED:
        return range_parity(copy, start, stop)
    one = 0
    while start >= (one + 1) * block:  # a few classes at most: cheaper than a division
        one += 1
    return masked_parity(words, masks[one], np.int64(order[start]), np.int64(order[stop - 1]) + 1)


@kernel
def permute(words: Any, order: Any, n: Any, copy: Any, scratch: Any) -> Any:
    """``copy[c] = words[order[c]]`` bit by bit, through one byte per bit."""
    for w in range((n + 63) >> 6):
        word = words[w]
        for j in range(64):
            scratch[(w << 6) + j] = np.uint8((word >> np.uint64(j)) & np.uint64(1))
    for w in range((n + 63) >> 6):
        word = np.uint64(0)
        base = w << 6
        for j in range(min(64, n - base)):
            word |= np.uint64(scratch[order[base + j]]) << np.uint64(j)
        copy[w] = word


@kernel
def blocks_asked(kind: Any, n: Any, block: Any) -> Any:
    """Parities that an opening of the pass discloses: all of the first pass, all but the last of a later one."""
    return 1 if kind == SUBSET else (n + block - 1) // block - (0 if kind == NATURAL else 1)


@kernel
def encode(f: Any, p: Any, start: Any, stop: Any) -> Any:
    """One question: frame 24 bits, pass 8, range 16 and 16; range 0, 0 asks for the block parities of the pass."""
    return (
        np.uint64(f) << np.uint64(40)
        | np.uint64(p) << np.uint64(32)
        | np.uint64(start) << np.uint64(16)
        | np.uint64(stop)
    )


@kernel
def decode(item: Any) -> Any:
    return (
        np.int64(item >> np.uint64(40)),
        np.int64((item >> np.uint64(32)) & np.uint64(0xFF)),
        np.int64((item >> np.uint64(16)) & np.uint64(0xFFFF)),
        np.int64(item & np.uint64(0xFFFF)),
    )


@kernel
def parity_at(layout: Any, a: Any, p: Any, words: Any, copies: Any, start: Any, stop: Any) -> Any:
    """Parity of coordinates of pass ``p`` for a frame of length ``a``."""
    return _parity(
        layout.kind[a, p], words, copies[layout.slot[a, p]], layout.masks[a, p], layout.order[a, p],
        layout.block[a, p], start, stop,
    )  # fmt: skip


@kernel
def count_answers(query: Any, layout: Any) -> Any:
    """Number of parities that a query asks for; -1 where frame or pass does not exist."""
    total = 0
    for i in range(query.shape[0]):
        f, p, _, stop = decode(query[i])
        if f >= layout.of_frame.shape[0] or p >= layout.kind.shape[1]:
            return -1
        a = layout.of_frame[f]
        total += 1 if stop else blocks_asked(layout.kind[a, p], layout.size[a], layout.block[a, p])
    return total


@kernel
def answer(query: Any, layout: Any, words: Any, copies: Any, ready: Any, scratch: Any, out: Any) -> Any:
    """Alice: the parities asked for, packed into ``out``; returns how many, or -1 for a range outside its block."""
    k = 0
    for i in range(query.shape[0]):
        f, p, start, stop = decode(query[i])
        a = layout.of_frame[f]
        n, b = layout.size[a], layout.block[a, p]
        if layout.kind[a, p] == PERMUTED and ready[f, layout.slot[a, p]] == 0:
            ready[f, layout.slot[a, p]] = 1
            permute(words[f], layout.order[a, p], n, copies[f, layout.slot[a, p]], scratch)
        if stop == 0:
            for j in range(blocks_asked(layout.kind[a, p], n, b)):
                bit = parity_at(layout, a, p, words[f], copies[f], j * b, min(n, (j + 1) * b))
                out[k >> 3] |= np.uint8(bit << (k & 7))
                k += 1
        elif start >= stop or stop > n or (layout.kind[a, p] >= CLASSES and start // b != (stop - 1) // b):
            return -1
        else:
            bit = parity_at(layout, a, p, words[f], copies[f], start, stop)
            out[k >> 3] |= np.uint8(bit << (k & 7))
            k += 1
    return k
