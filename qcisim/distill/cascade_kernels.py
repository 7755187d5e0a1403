"""The hot loops of Cascade: parities over bit ranges, splitting, correcting, picking what to search next.

Bits are packed 64 to a uint64 word, bit ``i`` of a frame in word ``i >> 6`` at ``i & 63``. In each pass a frame is read
in that pass's order; the coordinate ``c`` is a place in that order. Known parities cut a pass into intervals; `bounds`
has a bit at the start of each, `odd` a bit where the parities of the two strings over the interval differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qcisim.distill.cascade_layout import (
    CLASSES,
    CONCURRENT,
    DONE,
    FAILED,
    FLIPS,
    NATURAL,
    PASS,
    PERMUTED,
    REUSE,
    ROUNDS,
    STATUS,
    STREAK,
    SUBSET,
)
from qcisim.kernels import borrowing_kernel as kernel

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def _count(x: Any) -> Any:
    """Number of ones of a word (LLVM turns this into one instruction where there is one)."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@kernel
def _lowest(x: Any) -> Any:
    """Index of the lowest one of a word that is not 0."""
    return _count((x & (~x + np.uint64(1))) - np.uint64(1))


@kernel
def _highest(x: Any) -> Any:
    """Index of the highest one of a word that is not 0."""
    x |= x >> np.uint64(1)
    x |= x >> np.uint64(2)
    x |= x >> np.uint64(4)
    x |= x >> np.uint64(8)
    x |= x >> np.uint64(16)
    x |= x >> np.uint64(32)
    return _count(x) - 1


@kernel
def _bit(words: Any, i: Any) -> Any:
    return np.int64((words[i >> 6] >> np.uint64(i & 63)) & np.uint64(1))


@kernel
def _flip(words: Any, i: Any) -> Any:
    words[i >> 6] ^= np.uint64(1) << np.uint64(i & 63)


@kernel
def _range_parity(words: Any, start: Any, stop: Any) -> Any:
    """XOR of the bits ``start <= i < stop``; the range is not empty."""
    one, two = start >> 6, (stop - 1) >> 6
    first = _ALL << np.uint64(start & 63)
    last = _ALL >> np.uint64(63 - ((stop - 1) & 63))
    if one == two:
        return _count(words[one] & first & last) & 1
    acc = (words[one] & first) ^ (words[two] & last)
    for w in range(one + 1, two):
        acc ^= words[w]
    return _count(acc) & 1


@kernel
def _masked_parity(words: Any, mask: Any, start: Any, stop: Any) -> Any:
    """XOR of the bits ``start <= i < stop`` that the mask selects; the range is not empty."""
    one, two = start >> 6, (stop - 1) >> 6
    first = _ALL << np.uint64(start & 63)
    last = _ALL >> np.uint64(63 - ((stop - 1) & 63))
    if one == two:
        return _count(words[one] & mask[one] & first & last) & 1
    acc = (words[one] & mask[one] & first) ^ (words[two] & mask[two] & last)
    for w in range(one + 1, two):
        acc ^= words[w] & mask[w]
    return _count(acc) & 1


@kernel
def _parity(kind: Any, words: Any, copy: Any, masks: Any, order: Any, block: Any, start: Any, stop: Any) -> Any:
    """Parity of the coordinates ``start <= c < stop`` of a pass; inside one block."""
    if kind == NATURAL:
        return _range_parity(words, start, stop)
    if kind == PERMUTED:
        return _range_parity(copy, start, stop)
    one = 0
    while start >= (one + 1) * block:  # a few classes at most: cheaper than a division
        one += 1
    return _masked_parity(words, masks[one], np.int64(order[start]), np.int64(order[stop - 1]) + 1)


@kernel
def _permute(words: Any, order: Any, n: Any, copy: Any, scratch: Any) -> Any:
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
def _blocks(kind: Any, n: Any, block: Any) -> Any:
    """Parities that an opening of the pass discloses: all of the first pass, all but the last of a later one."""
    return 1 if kind == SUBSET else (n + block - 1) // block - (0 if kind == NATURAL else 1)


@kernel
def _encode(f: Any, p: Any, start: Any, stop: Any) -> Any:
    """One question: frame 24 bits, pass 8, range 16 and 16; range 0, 0 asks for the block parities of the pass."""
    return (
        np.uint64(f) << np.uint64(40)
        | np.uint64(p) << np.uint64(32)
        | np.uint64(start) << np.uint64(16)
        | np.uint64(stop)
    )


@kernel
def _decode(item: Any) -> Any:
    return (
        np.int64(item >> np.uint64(40)),
        np.int64((item >> np.uint64(32)) & np.uint64(0xFF)),
        np.int64((item >> np.uint64(16)) & np.uint64(0xFFFF)),
        np.int64(item & np.uint64(0xFFFF)),
    )


@kernel
def _start_of(bounds: Any, c: Any) -> Any:
    """Start of the interval that holds coordinate ``c``."""
    w = c >> 6
    word = bounds[w] & (_ALL >> np.uint64(63 - (c & 63)))
    while word == 0:
        w -= 1
        word = bounds[w]
    return (w << 6) + _highest(word)


@kernel
def _stop_of(bounds: Any, start: Any, n: Any) -> Any:
    """End of the interval that begins at ``start``."""
    c = start + 1
    w, last = c >> 6, (n - 1) >> 6
    if w > last:
        return n
    word = bounds[w] & (_ALL << np.uint64(c & 63))
    while word == 0:
        w += 1
        if w > last:
            return n
        word = bounds[w]
    return (w << 6) + _lowest(word)


@kernel
def _at(layout: Any, a: Any, p: Any, words: Any, copies: Any, start: Any, stop: Any) -> Any:
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
        f, p, _, stop = _decode(query[i])
        if f >= layout.of_frame.shape[0] or p >= layout.kind.shape[1]:
            return -1
        a = layout.of_frame[f]
        total += 1 if stop else _blocks(layout.kind[a, p], layout.size[a], layout.block[a, p])
    return total


@kernel
def answer(query: Any, layout: Any, words: Any, copies: Any, ready: Any, scratch: Any, out: Any) -> Any:
    """Alice: the parities asked for, packed into ``out``; returns how many, or -1 for a range outside its block."""
    k = 0
    for i in range(query.shape[0]):
        f, p, start, stop = _decode(query[i])
        a = layout.of_frame[f]
        n, b = layout.size[a], layout.block[a, p]
        if layout.kind[a, p] == PERMUTED and ready[f, layout.slot[a, p]] == 0:
            ready[f, layout.slot[a, p]] = 1
            _permute(words[f], layout.order[a, p], n, copies[f, layout.slot[a, p]], scratch)
        if stop == 0:
            for j in range(_blocks(layout.kind[a, p], n, b)):
                bit = _at(layout, a, p, words[f], copies[f], j * b, min(n, (j + 1) * b))
                out[k >> 3] |= np.uint8(bit << (k & 7))
                k += 1
        elif start >= stop or stop > n or (layout.kind[a, p] >= CLASSES and start // b != (stop - 1) // b):
            return -1
        else:
            bit = _at(layout, a, p, words[f], copies[f], start, stop)
            out[k >> 3] |= np.uint8(bit << (k & 7))
            k += 1
    return k


@kernel
def _correct(i: Any, own: Any, f: Any, a: Any, layout: Any, known: Any) -> Any:
    """Flip bit ``i`` and the parity of every known interval that holds it, but not in pass ``own`` (-1: in all)."""
    _flip(known.words[f], i)
    known.frame[f, FLIPS] += 1
    if own >= 0 and layout.kind[a, own] == SUBSET:
        return
    for q in range(known.frame[f, PASS] + 1):
        c = np.int64(layout.rank[a, q, i])
        if layout.kind[a, q] == PERMUTED:
            _flip(known.copies[f, layout.slot[a, q]], c)
        if q == own:
            continue
        s = _start_of(known.bounds[f, q], c)
        _flip(known.odd[f, q], s)
        if layout.rules[REUSE]:
            known.counts[f, q] += 2 * _bit(known.odd[f, q], s) - 1
        else:
            b = c // layout.block[a, q]
            _flip(known.blocks[f, q], b)
            known.counts[f, q] += 2 * _bit(known.blocks[f, q], b) - 1


@kernel
def _open(f: Any, a: Any, p: Any, layout: Any, known: Any, answers: Any, k: Any) -> Any:
    """Take in the block parities of pass ``p`` from bit ``k`` of the answers; the last block follows from the rest."""
    n, b = layout.size[a], layout.block[a, p]
    asked, last = _blocks(layout.kind[a, p], n, b), 0
    for j in range((n + b - 1) // b):
        s = j * b
        if j < asked:
            bit = np.int64((answers[(k + j) >> 3] >> ((k + j) & 7)) & 1)
            differs = bit ^ _at(layout, a, p, known.words[f], known.copies[f], s, min(n, s + b))
            last ^= differs
        else:
            differs = last
        known.bounds[f, p, s >> 6] |= np.uint64(1) << np.uint64(s & 63)
        if differs:
            _flip(known.odd[f, p], s)
            known.counts[f, p] += 1
            if not layout.rules[REUSE]:
                _flip(known.blocks[f, p], j)
    return k + asked


@kernel
def _split(f: Any, a: Any, p: Any, start: Any, middle: Any, bit: Any, layout: Any, known: Any) -> Any:
    """Cut the interval at ``start`` in two at ``middle``; ``bit`` is Alice's parity of the first half."""
    left = bit ^ _at(layout, a, p, known.words[f], known.copies[f], start, middle)
    whole = _bit(known.odd[f, p], start)
    if left != whole:
        _flip(known.odd[f, p], start)
        _flip(known.odd[f, p], middle)
    known.bounds[f, p, middle >> 6] |= np.uint64(1) << np.uint64(middle & 63)
    if layout.rules[REUSE]:
        known.counts[f, p] += 2 * left * (1 - whole)


@kernel
def _wave(f: Any, a: Any, q: Any, layout: Any, known: Any, query: Any, stops: Any, m: Any, limit: Any) -> Any:
    """Begin a search in every interval of pass ``q`` that differs, while ``m < limit``; returns the new ``m``.

    One pass at a time, a search under way keeps no flag: nothing else can touch its interval. With all passes at once
    the flags stay, the searches hold no state of their own, and every round begins them again from the flags.
    """
    n, b, at_once = layout.size[a], layout.block[a, q], layout.rules[CONCURRENT] != 0
    bounds, odd, blocks = known.bounds[f, q], known.odd[f, q], known.blocks[f, q]
    for w in range(odd.shape[0]):
        word = odd[w] if layout.rules[REUSE] else blocks[w]
        while word != 0:
            if m == limit:
                return m
            start = (w << 6) + _lowest(word)
            word &= word - np.uint64(1)
            if layout.rules[REUSE]:
                stop = _stop_of(bounds, start, n)
            else:
                if not at_once:
                    _flip(blocks, start)
                start, stop = start * b, min(n, (start + 1) * b)
                while stop - start > 1 and _bit(bounds, (start + stop) >> 1):  # walk down parities known already
                    if _range_parity(odd, start, (start + stop) >> 1):
                        stop = (start + stop) >> 1
                    else:
                        start = (start + stop) >> 1
            if not at_once:
                _flip(odd, start)
                known.counts[f, q] -= 1
            if stop - start == 1:
                _correct(np.int64(layout.order[a, q, start]), -1 if at_once else q, f, a, layout, known)
            else:
                query[m] = _encode(f, q, start, (start + stop) >> 1)
                stops[m] = stop
                m += 1
    return m


@kernel
def _search(f: Any, a: Any, layout: Any, known: Any, query: Any, stops: Any, first: Any, limit: Any) -> Any:
    """Begin searches where passes differ, in the earliest such pass or in all; returns the new ``m``."""
    m, state = first, known.frame[f]
    while state[FLIPS] <= 4 * layout.size[a]:  # answers that contradict each other would go on for ever
        flips, differs = state[FLIPS], False
        for q in range(state[PASS] + 1):
            if known.counts[f, q] > 0:
                differs = True
                m = _wave(f, a, q, layout, known, query, stops, m, limit)
                if not layout.rules[CONCURRENT]:
                    break
        if not differs or (m > first and (state[FLIPS] == flips or not layout.rules[CONCURRENT])):
            return m
        if layout.rules[CONCURRENT]:  # a correction has changed parities of searches just begun
            m = first
    state[STATUS] = FAILED
    return first


@kernel
def _next(f: Any, a: Any, layout: Any, known: Any, query: Any, stops: Any, first: Any, limit: Any) -> Any:
    """What frame ``f`` asks next, now that no search is under way; returns the new ``m``."""
    passes, state = layout.kind.shape[1], known.frame[f]
    while True:
        m = _search(f, a, layout, known, query, stops, first, limit)
        if m > first or state[STATUS] == FAILED:
            return m
        p = state[PASS]
        if layout.kind[a, p] == SUBSET:
            state[STREAK] += 1
            if state[STREAK] == layout.rules[ROUNDS]:
                state[STATUS] = DONE
                return m
        p += 1
        if p == passes:
            if layout.kind[a, p - 1] != SUBSET:
                state[STATUS] = DONE
                return m
            while layout.kind[a, p - 1] == SUBSET:  # used up: begin the subsets again
                p -= 1
        state[PASS] = p
        if layout.kind[a, p] == PERMUTED:
            copy = known.copies[f, layout.slot[a, p]]
            _permute(known.words[f], layout.order[a, p], layout.size[a], copy, known.scratch)
        if _blocks(layout.kind[a, p], layout.size[a], layout.block[a, p]) > 0:
            query[m] = _encode(f, p, 0, 0)
            stops[m] = 0
            return m + 1
        known.bounds[f, p, 0] |= np.uint64(1)


@kernel
def advance(answers: Any, query: Any, stops: Any, layout: Any, known: Any, new_query: Any, new_stops: Any) -> Any:
    """Bob: take in the answers to ``query``, correct what is found, write the next query; returns its length."""
    k, m, i, room = 0, 0, 0, new_query.shape[0] // known.words.shape[0]
    while i < query.shape[0]:
        f = np.int64(query[i] >> np.uint64(40))
        a, first = layout.of_frame[f], m
        while i < query.shape[0] and np.int64(query[i] >> np.uint64(40)) == f:
            _, p, start, middle = _decode(query[i])
            stop = np.int64(stops[i])
            i += 1
            if middle == 0 and layout.kind[a, p] != SUBSET:
                k = _open(f, a, p, layout, known, answers, k)
                continue
            bit = np.int64((answers[k >> 3] >> (k & 7)) & 1)
            k += 1
            if middle == 0:
                stop = layout.block[a, p]
                if bit == _at(layout, a, p, known.words[f], known.copies[f], 0, stop):
                    continue
                known.frame[f, STREAK] = -1
            elif layout.kind[a, p] != SUBSET and layout.rules[CONCURRENT]:
                _split(f, a, p, start, middle, bit, layout, known)
                continue
            else:
                if layout.kind[a, p] != SUBSET:
                    known.bounds[f, p, middle >> 6] |= np.uint64(1) << np.uint64(middle & 63)
                if bit != _at(layout, a, p, known.words[f], known.copies[f], start, middle):
                    stop = middle
                else:
                    start = middle
            if stop - start == 1:
                _correct(np.int64(layout.order[a, p, start]), p, f, a, layout, known)
            else:
                new_query[m] = _encode(f, p, start, (start + stop) >> 1)
                new_stops[m] = stop
                m += 1
        if m == first:
            m = _next(f, a, layout, known, new_query, new_stops, first, first + room)
    return m
