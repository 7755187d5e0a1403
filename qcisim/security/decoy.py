"""The algebra of decoy states: linear bounds on the yields of vacuum and single photons.

All functions take scaled counts, e^k n_k/p_k per setting k (or e^k Q_k for gains Q_k), as an interval (low, high);
for every set of yields 0 <= Y_n <= 1 and errors they bound Y_0, Y_1 and e_1 Y_1 in the same scale. s_j = tau_j Y_j
then counts them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from qcisim.security.counts import BlockCounts

Span = tuple[float, float]
Interval = Callable[[float, float, float], Span]


def exact(count: float, total: float, epsilon: float) -> Span:
    """(count, count): no statistical deviation; the limit of every interval for infinite blocks."""
    return count, count


def scaled(counts: BlockCounts, values: tuple[float, ...], epsilon: float, interval: Interval) -> tuple[Span, ...]:
    """n-+ = e^k/p_k (n_k -+ deviation) per setting; ``epsilon`` is spent on each side of each interval."""
    total = math.fsum(values)
    spans = []
    for value, intensity, probability in zip(values, counts.intensities, counts.probabilities, strict=True):
        low, high = interval(value, total, epsilon)
        scale = math.exp(intensity) / probability
        spans.append((scale * low, scale * high))
    return tuple(spans)


def two_decoy_vacuum(mu: tuple[float, ...], n: tuple[Span, ...]) -> float:
    """Y_0 >= (mu2 n-_{mu3} - mu3 n+_{mu2}) / (mu2 - mu3). Source: Lim et al. 2014, Eq. (2)."""
    _, mu2, mu3 = mu
    return (mu2 * n[2][0] - mu3 * n[1][1]) / (mu2 - mu3)


def two_decoy_single(mu: tuple[float, ...], n: tuple[Span, ...], vacuum: float) -> float:
    """Y_1 >= mu1 [n-_{mu2} - n+_{mu3} - (mu2^2-mu3^2)/mu1^2 (n+_{mu1} - Y_0)] / [mu1(mu2-mu3) - mu2^2 + mu3^2].

    With mu3 = 0 it is Eq. (34) of Ma et al., PRA 72, 012326 (2005). Source: Lim et al. 2014, Eq. (3).
    """
    mu1, mu2, mu3 = mu
    bracket = n[1][0] - n[2][1] - (mu2**2 - mu3**2) / mu1**2 * (n[0][1] - vacuum)
    return mu1 * bracket / (mu1 * (mu2 - mu3) - mu2**2 + mu3**2)


def two_decoy_errors(mu: tuple[float, ...], m: tuple[Span, ...]) -> float:
    """e_1 Y_1 <= (m+_{mu2} - m-_{mu3}) / (mu2 - mu3). Source: Lim et al. 2014, Eq. (4)."""
    _, mu2, mu3 = mu
    return (m[1][1] - m[2][0]) / (mu2 - mu3)


def one_decoy_vacuum(mu: tuple[float, ...], n: tuple[Span, ...]) -> float:
    """Y_0 >= (mu1 n-_{mu2} - mu2 n+_{mu1}) / (mu1 - mu2). Source: Rusca et al. 2018, App. A."""
    mu1, mu2 = mu
    return (mu1 * n[1][0] - mu2 * n[0][1]) / (mu1 - mu2)


def one_decoy_single(mu: tuple[float, ...], n: tuple[Span, ...], vacuum_upper: float) -> float:
    """Y_1 >= mu1/(mu2(mu1-mu2)) [n-_{mu2} - mu2^2/mu1^2 n+_{mu1} - (mu1^2-mu2^2)/mu1^2 Y_0u].

    Source: Ma et al. 2005, Eq. (34); Rusca et al. 2018, Eq. (A17).
    """
    mu1, mu2 = mu
    bracket = n[1][0] - mu2**2 / mu1**2 * n[0][1] - (mu1**2 - mu2**2) / mu1**2 * vacuum_upper
    return mu1 / (mu2 * (mu1 - mu2)) * bracket


def one_decoy_errors(mu: tuple[float, ...], m: tuple[Span, ...]) -> float:
    """e_1 Y_1 <= (m+_{mu1} - m-_{mu2}) / (mu1 - mu2). Source: Rusca et al. 2018, App. A."""
    mu1, mu2 = mu
    return (m[0][1] - m[1][0]) / (mu1 - mu2)


def one_decoy_vacuum_upper(m: tuple[Span, ...]) -> float:
    """Y_0 <= 2 min_k m+_k: half of all vacuum detections are errors. Source: Ma et al. 2005, one-decoy section."""
    return 2.0 * min(high for _, high in m)
