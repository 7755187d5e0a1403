"""What reconciliation must disclose: the asymptotic limit and the limit of one-way codes at finite length."""

from __future__ import annotations

import math

from qcisim.errors import require
from qcisim.quantum import binary_entropy


def shannon_leakage(bits: float, qber: float) -> float:
    """``n h(Q)`` bits: no method discloses less on average.

    Source: D. Slepian, J. Wolf, IEEE Trans. Inf. Theory 19, 471 (1973).
    """
    _check(bits, qber)
    return bits * float(binary_entropy(qber))


def one_way_leakage(bits: float, qber: float, failure_probability: float) -> float:
    """Bits that a one-way code must disclose to fail at most with the given probability, ``n`` bits at error rate Q::

        n h(Q) + [n(1-Q) - F^-1(eps (1 + 1/sqrt n); n, 1-Q) - 1] log2((1-Q)/Q) - log2(n)/2 - log2(1/eps)

    with ``F^-1`` the quantile of Binomial(n, 1-Q).

    Source: M. Tomamichel, J. Martinez-Mateo, C. Pacher, D. Elkouss, Quantum Inf. Process. 16, 280 (2017).
    """
    from scipy.stats import binom

    _check(bits, qber)
    require(0 < qber < 0.5, f"qber {qber}: wanted inside (0, 0.5)")
    eps = failure_probability
    require(0 < eps < 1, f"failure_probability {eps}: wanted inside (0, 1)")
    quantile = float(binom.ppf(min(1.0, eps * (1 + 1 / math.sqrt(bits))), bits, 1 - qber))
    spread = (bits * (1 - qber) - quantile - 1) * math.log2((1 - qber) / qber)
    return shannon_leakage(bits, qber) + spread - math.log2(bits) / 2 - math.log2(1 / eps)


def efficiency(leak_bits: float, bits: float, qber: float) -> float:
    """``f = leakage / (n h(Q))``, 1 at the limit; Q is the error rate that there was, not the estimate."""
    limit = shannon_leakage(bits, qber)
    require(limit > 0, f"efficiency over {bits} bits at error rate {qber}: the limit is 0")
    return leak_bits / limit


def _check(bits: float, qber: float) -> None:
    require(bits > 0, f"bits {bits}: wanted > 0")
    require(0 <= qber <= 0.5, f"qber {qber}: wanted 0..0.5")
