"""Bits packed 64 to a uint64 word: bit ``i`` in word ``i >> 6`` at ``i & 63``. Compiled pieces of other kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from qcisim.kernels import borrowing_kernel as kernel

ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def ones(x: Any) -> Any:
    """Number of ones of a word (LLVM turns this into one instruction where there is one)."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def lowest(x: Any) -> Any:
    """Index of the lowest one of a word that is not 0."""
    return ones((x & (~x + np.uint64(1))) - np.uint64(1))


@kernel
def highest(x: Any) -> Any:
    """Index of the highest one of a word that is not 0."""
    x |= x >> np.uint64(1)
    x |= x >> np.uint64(2)
    x |= x >> np.uint64(4)
    x |= x >> np.uint64(8)
    x |= x >> np.uint64(16)
    x |= x >> np.uint64(32)
    return ones(x) - 1


@kernel
def bit_of(words: Any, i: Any) -> Any:
    return np.int64((words[i >> 6] >> np.uint64(i & 63)) & np.uint64(1))


@kernel
def flip(words: Any, i: Any) -> Any:
    words[i >> 6] ^= np.uint64(1) << np.uint64(i & 63)


@kernel
def range_parity(words: Any, start: Any, stop: Any) -> Any:
    """XOR of the bits ``start <= i < stop``; the range is not empty."""
    one, two = start >> 6, (stop - 1) >> 6
    first = ALL << np.uint64(start & 63)
    last = ALL >> np.uint64(63 - ((stop - 1) & 63))
    if one == two:
        return ones(words[one] & first & last) & 1
    acc = (words[one] & first) ^ (words[two] & last)
    for w in range(one + 1, two):
        acc ^= words[w]
    return ones(acc) & 1


@kernel
def masked_parity(words: Any, mask: Any, start: Any, stop: Any) -> Any:
    """XOR of the bits ``start <= i < stop`` that the mask selects; the range is not empty."""
    one, two = start >> 6, (stop - 1) >> 6
    first = ALL << np.uint64(start & 63)
    last = ALL >> np.uint64(63 - ((stop - 1) & 63))
    if one == two:
        return ones(words[one] & mask[one] & first & last) & 1
    acc = (words[one] & mask[one] & first) ^ (words[two] & mask[two] & last)
    for w in range(one + 1, two):
        acc ^= words[w] & mask[w]
    return ones(acc) & 1


@kernel
def start_of(bounds: Any, c: Any) -> Any:
    """Start of the interval that holds coordinate ``c``."""
    w = c >> 6
    word = bounds[w] & (ALL >> np.uint64(63 - (c & 63)))
    while word == 0:
        w -= 1
        word = bounds[w]
    return (w << 6) + highest(word)


@kernel
def stop_of(bounds: Any, start: Any, n: Any) -> Any:
    """End of the interval that begins at ``start``."""
    c = start + 1
    w, last = c >> 6, (n - 1) >> 6
    if w > last:
        return n
    word = bounds[w] & (ALL << np.uint64(c & 63))
    while word == 0:
        w += 1
        if w > last:
            return n
        word = bounds[w]
    return (w << 6) + lowest(word)
