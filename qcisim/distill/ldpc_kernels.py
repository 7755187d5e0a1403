"""The hot loops of LDPC reconciliation: choice of circulant shifts, syndrome, layered sum-product decoding."""

from __future__ import annotations

from typing import Any

import numpy as np

from qcisim.kernels import borrowing_kernel, kernel

LARGEST = np.float32(30.0)


@kernel
def choose_shifts(start: Any, column: Any, shift: Any, lift: Any, columns: Any) -> None:
    """Replace ``shift`` edge by edge by the one that closes the fewest cycles of length 4, then 6.

    Edges are taken column by column; ``shift`` on entry breaks ties.
    """
    rows = start.shape[0] - 1
    table = np.full((rows, columns), -1, dtype=np.int64)
    row_of = np.zeros(column.shape[0], dtype=np.int64)
    for r in range(rows):
        for e in range(start[r], start[r + 1]):
            row_of[e] = r
    order = np.argsort(column * 100000 + np.arange(column.shape[0]))
    cost = np.zeros(lift, dtype=np.float64)
    for e in order:
        r, c = row_of[e], column[e]
        cost[:] = 0.0
        for r2 in range(rows):  # r -e- c - r2 - c2 - (r or r3 - c3 - r)
            if r2 == r or table[r2, c] < 0:
                continue
            for e2 in range(start[r2], start[r2 + 1]):
                c2 = column[e2]
                if c2 == c or table[r2, c2] < 0:
                    continue
                path = table[r2, c] - table[r2, c2]
                if table[r, c2] >= 0:
                    cost[(path + table[r, c2]) % lift] += 1e6
                for r3 in range(rows):
                    if r3 in (r, r2) or table[r3, c2] < 0:
                        continue
                    for e3 in range(start[r3], start[r3 + 1]):
                        c3 = column[e3]
                        if c3 != c and c3 != c2 and table[r3, c3] >= 0 and table[r, c3] >= 0:
                            cost[(path + table[r3, c2] - table[r3, c3] + table[r, c3]) % lift] += 1.0
        best = shift[e]
        for k in range(lift):
            s = (shift[e] + k) % lift
            if cost[s] < cost[best]:
                best = s
        shift[e] = best
        table[r, c] = best


@kernel
def puncturing_order(start: Any, column: Any, shift: Any, lift: Any, columns: Any, candidates: Any, order: Any) -> Any:
    """Sort ``candidates`` into ``order``; returns how many of them, from the front, may be punctured.

    First those that share no check with one before, low degrees first, then those that share one, and so on. Each of
    them has a check that none before it has, so their columns are linearly independent: each hides one syndrome bit.
    """
    rows, length = start.shape[0] - 1, columns * lift
    degree = np.zeros(columns, dtype=np.int64)
    for e in range(column.shape[0]):
        degree[column[e]] += 1
    widest = degree.max()
    row_of = np.full((columns, widest), -1, dtype=np.int64)
    shift_of = np.zeros((columns, widest), dtype=np.int64)
    degree[:] = 0
    for r in range(rows):
        for e in range(start[r], start[r + 1]):
            row_of[column[e], degree[column[e]]] = r
            shift_of[column[e], degree[column[e]]] = shift[e]
            degree[column[e]] += 1
    touched = np.zeros(rows * lift, dtype=np.uint8)
    taken = np.zeros(length, dtype=np.uint8)
    found = 0
    for level in range(widest):
        for d in range(max(2, level + 1), widest + 1):
            for i in candidates:
                c = i // lift
                if degree[c] != d or taken[i]:
                    continue
                shared = 0
                for j in range(d):
                    shared += touched[row_of[c, j] * lift + (i - c * lift - shift_of[c, j]) % lift]
                if shared <= level:
                    for j in range(d):
                        touched[row_of[c, j] * lift + (i - c * lift - shift_of[c, j]) % lift] = 1
                    taken[i] = 1
                    order[found] = i
                    found += 1
    k = found
    for i in candidates:
        if not taken[i]:
            order[k] = i
            k += 1
    return found


@kernel
def syndrome(start: Any, column: Any, shift: Any, lift: Any, bits: Any, out: Any) -> None:
    """``out = H bits`` over GF(2); bits uint8 (n,), out uint8 (m,)."""
    for r in range(start.shape[0] - 1):
        row = out[r * lift : (r + 1) * lift]
        row[:] = 0
        for e in range(start[r], start[r + 1]):
            base, s = column[e] * lift, shift[e]
            for k in range(lift - s):
                row[k] ^= bits[base + k + s]
            for k in range(lift - s, lift):
                row[k] ^= bits[base + k + s - lift]


@borrowing_kernel
def _combine(a: Any, b: Any) -> Any:
    """``2 atanh(tanh(a/2) tanh(b/2))`` with ``ln(1 + e^-x)`` taken as ``ln 2 (1 - x/6)^4`` below 6."""
    x, y = abs(a), abs(b)
    low = x if x < y else y
    plus, minus = np.float32(1) - abs(a + b) * np.float32(1 / 6), np.float32(1) - abs(a - b) * np.float32(1 / 6)
    plus = plus if plus > np.float32(0) else np.float32(0)
    minus = minus if minus > np.float32(0) else np.float32(0)
    plus, minus = plus * plus, minus * minus
    low = low if (a < np.float32(0)) == (b < np.float32(0)) else -low
    return low + np.float32(0.6931472) * (plus * plus - minus * minus)


@borrowing_kernel
def _take(belief: Any, base: Any, shift: Any, message: Any, seen: Any) -> None:
    """``seen[k] = belief[base + (k + shift) mod Z] - message[k]``."""
    tail = message.shape[0] - shift
    turned = belief[base + shift : base + message.shape[0]]
    for k in range(tail):
        seen[k] = turned[k] - message[k]
    turned = belief[base : base + shift]
    for k in range(shift):
        seen[tail + k] = turned[k] - message[tail + k]


@borrowing_kernel
def _give(belief: Any, base: Any, shift: Any, message: Any, seen: Any) -> None:
    """``belief[base + (k + shift) mod Z] = seen[k] + message[k]``."""
    tail = message.shape[0] - shift
    turned = belief[base + shift : base + message.shape[0]]
    for k in range(tail):
        turned[k] = seen[k] + message[k]
    turned = belief[base : base + shift]
    for k in range(shift):
        turned[k] = seen[tail + k] + message[tail + k]


@borrowing_kernel
def _combine_rows(one: Any, two: Any, out: Any) -> None:
    for k in range(out.shape[0]):
        out[k] = _combine(one[k], two[k])


@borrowing_kernel
def _unmet(start: Any, column: Any, shift: Any, lift: Any, checks: Any, belief: Any, wrong: Any) -> Any:
    """Checks that the signs of ``belief`` do not meet."""
    count = 0
    for r in range(start.shape[0] - 1):
        for k in range(lift):
            wrong[k] = checks[r * lift + k]
        for e in range(start[r], start[r + 1]):
            base, s = column[e] * lift, shift[e]
            turned = belief[base + s : base + lift]
            for k in range(lift - s):
                wrong[k] ^= turned[k] < 0
            for k in range(s):
                wrong[lift - s + k] ^= belief[base + k] < 0
        for k in range(lift):
            count += wrong[k]
    return count


@borrowing_kernel
def decode(
    start: Any, column: Any, shift: Any, lift: Any, checks: Any, belief: Any, message: Any, work: Any, wrong: Any,
    rounds: Any, patience: Any,
) -> Any:  # fmt: skip
    """Layered sum-product for an error pattern with syndrome ``checks``; returns the rounds used, -1 where none fits.

    It gives up after ``rounds``, or after ``patience`` rounds in which no fewer checks were unmet than ever before.

    Args:
        checks: uint8 (m,), syndrome of the error pattern.
        belief: float32 (n,), on entry the prior log-likelihood ratios (positive: no error), on return the posterior.
        message: float32 (edges, lift), zeros on entry.
        work: float32 (2, at least the widest row + 1, lift); wrong: uint8 (lift,). Scratch.
    """
    seen, forward = work[0], work[1]
    behind = seen[seen.shape[0] - 1]
    best, since = checks.shape[0] + 1, 0
    for used in range(rounds):
        for r in range(start.shape[0] - 1):
            first, degree = start[r], start[r + 1] - start[r]
            for j in range(degree):
                _take(belief, column[first + j] * lift, shift[first + j], message[first + j], seen[j])
            for k in range(lift):
                forward[0, k] = -LARGEST if checks[r * lift + k] else LARGEST
                behind[k] = LARGEST
            for j in range(1, degree):
                _combine_rows(forward[j - 1], seen[j - 1], forward[j])
            for j in range(degree - 1, -1, -1):
                _combine_rows(forward[j], behind, message[first + j])
                _combine_rows(behind, seen[j], behind)
                _give(belief, column[first + j] * lift, shift[first + j], message[first + j], seen[j])
        unmet = _unmet(start, column, shift, lift, checks, belief, wrong)
        if unmet == 0:
            return used + 1
        if unmet < best:
            best, since = unmet, 0
        else:
            since += 1
            if since == patience:
                return -1
    return -1
