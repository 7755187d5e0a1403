"""Counts of clicks with a dead time, and whole rounds split by shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.optics.source import Floats

Counts = NDArray[np.int64]


def split_rounds(rounds: Counts, share: Floats) -> Counts:
    """Whole rounds (n,) split over m nodes by ``share`` (n, m), largest remainders first: (n, m), row sums exact."""
    quota = rounds[:, None] * share
    split = np.minimum(np.floor(quota).astype(np.int64), rounds[:, None])
    order = np.argsort(split - quota, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    missing = (rounds - split.sum(axis=1))[:, None]
    split += missing // share.shape[1] + (rank < missing % share.shape[1])
    return split


def renewal_count(
    rounds: Counts | int, click_probability: Floats | float, dead_rounds: Floats | float, rng: np.random.Generator
) -> Counts:
    """N of renewal processes with gaps d + Geometric(p): P(N >= k) = P(Binomial(rounds - (k-1) d, p) >= k), by
    inversion. All arguments (n,) or scalar.

    The tail is a regularised incomplete beta function, I_p(k, rounds - (k-1) d - k + 1), so d need not be whole. The
    search starts from the normal approximation and widens its bracket until it holds.
    """
    rounds, p, dead = np.broadcast_arrays(np.asarray(rounds, dtype=np.int64), click_probability, dead_rounds)
    if not dead.any():
        drawn: Counts = rng.binomial(rounds, p)
        return drawn
    from scipy.special import betainc, ndtri

    u = rng.random(rounds.shape)
    most = ((rounds + dead) / (1.0 + dead)).astype(np.int64) + 1

    def reached(k: Counts) -> NDArray[np.bool_]:
        """P(N >= k) > u."""
        free = rounds - (k - 1) * dead - k + 1.0
        inside = (k > 0) & (free > 0.0)
        tail = betainc(np.where(inside, k, 1).astype(np.float64), np.where(inside, free, 1.0), p)
        return np.asarray(np.where(inside, tail > u, k <= 0))

    mean, spread = rounds * p / (1.0 + p * dead), np.sqrt(rounds * p * (1.0 - p) / (1.0 + p * dead) ** 3)
    guess = np.clip(mean - spread * ndtri(np.clip(u, 1e-16, 1.0 - 1e-16)), 0.0, most).astype(np.int64)
    reach = np.full(rounds.shape, 2, dtype=np.int64)
    low, high = np.maximum(guess - reach, 0), np.minimum(guess + reach, most)
    while np.any(wrong := (low > 0) & ~reached(low)):
        reach = np.where(wrong, 4 * reach, reach)
        low, high = np.where(wrong, np.maximum(low - reach, 0), low), np.where(wrong, low, high)
    while np.any(wrong := (high < most) & reached(high)):
        reach = np.where(wrong, 4 * reach, reach)
        low, high = np.where(wrong, high, low), np.where(wrong, np.minimum(high + reach, most), high)
    while np.any((open_ := high - low) > 1):  # P(N >= low) > u >= P(N >= high)
        middle = low + open_ // 2
        up = reached(middle)
        low, high = np.where((open_ > 1) & up, middle, low), np.where((open_ > 1) & ~up, middle, high)
    return np.asarray(low)
