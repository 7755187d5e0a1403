"""Bob's loop: split intervals, correct, pick what to search next.

Known parities cut each pass into intervals; `Known.bounds` has a bit at the start of each, `Known.odd` a bit where the
parities of the two strings over the interval differ.
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
    SKIP,
    STATUS,
    STREAK,
    SUBSET,
)
from qcisim.distill.cascade_parities import blocks_asked, decode, encode, parity_at, permute
from qcisim.distill.words import ALL, bit_of, flip, lowest, ones, range_parity, start_of, stop_of
from qcisim.kernels import borrowing_kernel as kernel


@kernel
def _learn(i: Any, f: Any, a: Any, layout: Any, known: Any) -> Any:
    """Note that Alice's bit ``i`` is known by itself."""
    known.singles[f, 0, i >> 6] |= np.uint64(1) << np.uint64(i & 63)
    for q in range(layout.kind.shape[1]):
        if layout.kind[a, q] == PERMUTED:
            c = np.int64(layout.rank[a, q, i])
            known.singles[f, 1 + layout.slot[a, q], c >> 6] |= np.uint64(1) << np.uint64(c & 63)


@kernel
def _unknown(f: Any, a: Any, p: Any, start: Any, stop: Any, layout: Any, known: Any) -> Any:
    """The coordinates of a range of at most 64 that are not known one by one, as the low bits of a word."""
    size = stop - start
    if layout.kind[a, p] >= CLASSES:
        word = np.uint64(0)
        for c in range(start, stop):
            i = np.int64(layout.order[a, p, c])
            word |= ((known.singles[f, 0, i >> 6] >> np.uint64(i & 63)) & np.uint64(1)) << np.uint64(c - start)
    else:
        row = 0 if layout.kind[a, p] == NATURAL else 1 + layout.slot[a, p]
        word = known.singles[f, row, start >> 6] >> np.uint64(start & 63)
        if (start & 63) + size > 64:
            word |= known.singles[f, row, (start >> 6) + 1] << np.uint64(64 - (start & 63))
    return ~word & (ALL >> np.uint64(64 - size))


@kernel
def _correct(i: Any, own: Any, f: Any, a: Any, layout: Any, known: Any) -> Any:
    """Flip bit ``i`` and the parity of every known interval that holds it, but not in pass ``own`` (-1: in all)."""
    flip(known.words[f], i)
    known.frame[f, FLIPS] += 1
    if layout.rules[SKIP]:
        _learn(i, f, a, layout, known)
    if own >= 0 and layout.kind[a, own] == SUBSET:
        return
    for q in range(known.frame[f, PASS] + 1):
        c = np.int64(layout.rank[a, q, i])
        if layout.kind[a, q] == PERMUTED:
            flip(known.copies[f, layout.slot[a, q]], c)
        if q == own:
            continue
        s = start_of(known.bounds[f, q], c)
        flip(known.odd[f, q], s)
        if layout.rules[REUSE]:
            known.counts[f, q] += 2 * bit_of(known.odd[f, q], s) - 1
        else:
            b = c // layout.block[a, q]
            flip(known.blocks[f, q], b)
            known.counts[f, q] += 2 * bit_of(known.blocks[f, q], b) - 1


@kernel
def _open(f: Any, a: Any, p: Any, layout: Any, known: Any, answers: Any, k: Any) -> Any:
    """Take in the block parities of pass ``p`` from bit ``k`` of the answers; the last block follows from the rest."""
    n, b = layout.size[a], layout.block[a, p]
    asked, last = blocks_asked(layout.kind[a, p], n, b), 0
    for j in range((n + b - 1) // b):
        s = j * b
        if j < asked:
            bit = np.int64((answers[(k + j) >> 3] >> ((k + j) & 7)) & 1)
            differs = bit ^ parity_at(layout, a, p, known.words[f], known.copies[f], s, min(n, s + b))
            last ^= differs
        else:
            differs = last
        known.bounds[f, p, s >> 6] |= np.uint64(1) << np.uint64(s & 63)
        if differs:
            flip(known.odd[f, p], s)
            known.counts[f, p] += 1
            if not layout.rules[REUSE]:
                flip(known.blocks[f, p], j)
    return k + asked


@kernel
def _split(f: Any, a: Any, p: Any, start: Any, middle: Any, bit: Any, layout: Any, known: Any) -> Any:
    """Cut the interval at ``start`` in two at ``middle``; ``bit`` is Alice's parity of the first half."""
    left = bit ^ parity_at(layout, a, p, known.words[f], known.copies[f], start, middle)
    whole = bit_of(known.odd[f, p], start)
    if left != whole:
        flip(known.odd[f, p], start)
        flip(known.odd[f, p], middle)
    known.bounds[f, p, middle >> 6] |= np.uint64(1) << np.uint64(middle & 63)
    if layout.rules[REUSE]:
        known.counts[f, p] += 2 * left * (1 - whole)


@kernel
def _pursue(
    f: Any, a: Any, p: Any, own: Any, start: Any, stop: Any, layout: Any, known: Any, query: Any, stops: Any, m: Any
) -> Any:
    """Ask for half of an interval that differs, or correct it where one bit only is in question; the new ``m``.

    Halved are the bits that are not known one by one (rule SKIP): of two bits, one of them known, nothing is asked.
    """
    n, middle = layout.size[a], (start + stop) >> 1
    if layout.rules[SKIP] and stop - start <= 64:
        word = _unknown(f, a, p, start, stop, layout, known)
        count = ones(word)
        if count == 1:
            middle = start + lowest(word)
            known.bounds[f, p, middle >> 6] |= np.uint64(1) << np.uint64(middle & 63)
            if middle + 1 < n:
                known.bounds[f, p, (middle + 1) >> 6] |= np.uint64(1) << np.uint64((middle + 1) & 63)
            start, stop = middle, middle + 1
        elif 1 < count < stop - start:
            for _ in range((count - 1) >> 1):
                word &= word - np.uint64(1)
            middle = start + lowest(word) + 1
    if stop - start == 1:
        _correct(np.int64(layout.order[a, p, start]), own, f, a, layout, known)
        return m
    query[m] = encode(f, p, start, middle)
    stops[m] = stop
    return m + 1


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
            start = (w << 6) + lowest(word)
            word &= word - np.uint64(1)
            if layout.rules[REUSE]:
                stop = stop_of(bounds, start, n)
            else:
                if not at_once:
                    flip(blocks, start)
                start, stop = start * b, min(n, (start + 1) * b)
                while stop - start > 1 and bit_of(bounds, (start + stop) >> 1):  # walk down parities known already
                    if range_parity(odd, start, (start + stop) >> 1):
                        stop = (start + stop) >> 1
                    else:
                        start = (start + stop) >> 1
            if not at_once:
                flip(odd, start)
                known.counts[f, q] -= 1
            m = _pursue(f, a, q, -1 if at_once else q, start, stop, layout, known, query, stops, m)
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
            permute(known.words[f], layout.order[a, p], layout.size[a], copy, known.scratch)
        if blocks_asked(layout.kind[a, p], layout.size[a], layout.block[a, p]) > 0:
            query[m] = encode(f, p, 0, 0)
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
            _, p, start, middle = decode(query[i])
            stop = np.int64(stops[i])
            i += 1
            if middle == 0 and layout.kind[a, p] != SUBSET:
                k = _open(f, a, p, layout, known, answers, k)
                continue
            bit = np.int64((answers[k >> 3] >> (k & 7)) & 1)
            k += 1
            if middle == 0:
                stop = layout.block[a, p]
                if bit == parity_at(layout, a, p, known.words[f], known.copies[f], 0, stop):
                    continue
                known.frame[f, STREAK] = -1
            elif layout.kind[a, p] != SUBSET and layout.rules[CONCURRENT]:
                _split(f, a, p, start, middle, bit, layout, known)
                continue
            else:
                if layout.kind[a, p] != SUBSET:
                    known.bounds[f, p, middle >> 6] |= np.uint64(1) << np.uint64(middle & 63)
                if bit != parity_at(layout, a, p, known.words[f], known.copies[f], start, middle):
                    even, end, stop = middle, stop, middle
                else:
                    even, end, start = start, middle, middle
                if layout.rules[SKIP] and end - even <= 64:
                    word = _unknown(f, a, p, even, end, layout, known)
                    if ones(word) == 1:
                        _learn(np.int64(layout.order[a, p, even + lowest(word)]), f, a, layout, known)
            m = _pursue(f, a, p, p, start, stop, layout, known, new_query, new_stops, m)
        if m == first:
            m = _next(f, a, layout, known, new_query, new_stops, first, first + room)
    return m
