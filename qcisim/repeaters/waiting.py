"""Exact waiting times in rounds, messages left out: what runs of chains are compared with.

A round is one attempt on every link; link i succeeds with p_i. `qcisim.optics.heralding.expected_rounds` has the mean
of n equal links.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require

Floats = NDArray[np.float64]


def _checked(success_probabilities: Sequence[float]) -> Floats:
    p = np.asarray(success_probabilities, dtype=np.float64)
    require(p.ndim == 1 and p.size >= 1, "wanted the success probability of each link")
    require(bool(np.all((p > 0.0) & (p <= 1.0))), f"success probabilities {p}: lie in (0, 1], or the wait never ends")
    return p


def links_up_within(success_probabilities: Sequence[float], rounds: ArrayLike) -> Floats:
    """P(K <= k) = prod_i (1 - (1-p_i)^k): all links are up after k rounds, () or (n,)."""
    p = _checked(success_probabilities)
    k = np.asarray(rounds, dtype=np.float64)
    require(bool(np.all(k >= 0.0)), "a negative number of rounds")
    with np.errstate(divide="ignore", invalid="ignore"):
        decay = np.where(p < 1.0, np.log1p(-np.minimum(p, 1.0 - 1e-16)), -np.inf)
        missing = np.where(k[..., None] > 0.0, np.exp(k[..., None] * decay), 1.0)
    share: Floats = np.prod(1.0 - missing, axis=-1)
    return share


def mean_rounds(success_probabilities: Sequence[float]) -> float:
    """E[K] = sum_{k >= 0} P(K > k) for links that may differ; for two equal ones (3-2p)/(p(2-p)).

    Inclusion and exclusion over sets of links up to ten of them, 1/(1 - prod q_i); the sum itself beyond.
    """
    p = _checked(success_probabilities)
    if p.size <= 10:
        total = []
        for chosen in range(1, 1 << p.size):
            inside = [i for i in range(p.size) if chosen >> i & 1]
            none = math.prod(1.0 - float(p[i]) for i in inside)
            total.append((1.0 if len(inside) % 2 else -1.0) / (1.0 - none))
        return math.fsum(total)
    slowest = float(p.min())
    last = math.ceil(60.0 / slowest)
    require(last <= 50_000_000, f"success probability {slowest:g}: the sum over rounds would be too long")
    means = []
    for begin in range(0, last + 1, 1 << 18):
        k = np.arange(begin, min(begin + (1 << 18), last + 1))
        means.append(float(np.sum(1.0 - links_up_within(p.tolist(), k))))
    return math.fsum(means)


def two_links_with_cutoff(success_probability: float, cutoff_rounds: int) -> float:
    """Mean rounds until two links are up, where a pair is thrown away after tau further rounds.

    E = [1/s + (2pq/s)(1 - q^tau)/p] / (1 - (2pq/s) q^tau) with q = 1-p, s = 1-q^2: the first pair comes after 1/s
    rounds, alone with 2pq/s; the other one then has tau rounds, or all begins again. tau -> infinity: (3-2p)/(p(2-p)).

    Source: derived; compare Collins, Jenkins, Kuzmich, Kennedy, Phys. Rev. Lett. 98, 060502 (2007).
    """
    p = float(_checked([success_probability])[0])
    require(cutoff_rounds >= 0, f"cutoff_rounds {cutoff_rounds}: not negative")
    q = 1.0 - p
    some = p * (2.0 - p)
    alone = 2.0 * p * q / some
    late = q**cutoff_rounds
    return (1.0 / some + alone * (1.0 - late) / p) / (1.0 - alone * late)


def nested_rounds(success_probability: float, swap_success: float, levels: int, rounds: int) -> Floats:
    """P(T = t), t = 0..rounds, of 2^levels links that are swapped pairwise, (rounds + 1,).

    T_0 is geometric; T_{i+1} = sum of max(T_i, T_i') over a geometric number of tries with ``swap_success``; both
    halves begin anew after a failure, and only then. With generating functions f = s M / (1 - (1-s) M).

    Source: Brand, Coopmans, Elkouss, IEEE J. Sel. Areas Commun. 38, 619 (2020), Eqs. (5)-(8).
    """
    p = float(_checked([success_probability])[0])
    s = float(_checked([swap_success])[0])
    require(levels >= 0, f"levels {levels}: not negative")
    require(1 <= rounds <= 100_000, f"rounds {rounds}: wanted 1 to 100000")
    k = np.arange(rounds + 1)
    law = np.where(k > 0, p * (1.0 - p) ** np.maximum(k - 1, 0), 0.0)
    for _ in range(levels):
        both = np.diff(np.cumsum(law) ** 2, prepend=0.0)
        law = _geometric_sum(both, s)
    return law


def _geometric_sum(law: Floats, success: float) -> Floats:
    """The law of a sum of J copies, P(J = j) = s (1-s)^(j-1): f = s M + (1-s) M f, term by term."""
    if success == 1.0:
        return law
    out = np.zeros_like(law)
    for t in range(len(law)):
        out[t] = success * law[t] + (1.0 - success) * float(law[1 : t + 1] @ out[t - 1 :: -1][:t] if t else 0.0)
    return out
