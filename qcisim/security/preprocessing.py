"""Alice flips her key bits at random before error correction: noise that costs Eve more than Bob."""

from __future__ import annotations

import math

from scipy import optimize

from qcisim.errors import require
from qcisim.security.entropy import binary_entropy


def bb84_fraction_with_flips(qber: float, flip: float) -> float:
    """r = 1 - h(n + (1-2n) Q) - h(Q) + h( (1 + sqrt(1 - 16 n(1-n) Q(1-Q)))/2 ), error rate Q in both bases.

    Bit per sifted bit, f = 1, not clamped. Source: Kraus, Gisin, Renner, Phys. Rev. Lett. 95, 080501 (2005).
    """
    require(0.0 <= flip <= 0.5, f"flip {flip}: wanted [0, 1/2]")
    mixed = 1.0 - 16.0 * flip * (1.0 - flip) * qber * (1.0 - qber)
    gained = binary_entropy((1.0 + math.sqrt(max(0.0, mixed))) / 2.0)
    return 1.0 - binary_entropy(flip + (1.0 - 2.0 * flip) * qber) - binary_entropy(qber) + gained


def bb84_threshold_with_flips() -> float:
    """Error rate above which BB84 has no key with the best flips, n -> 1/2; 12.412 %.

    With n = 1/2 - d, r = d^2 [ (2/ln 2)(1-2Q)^2 - 4 Q(1-Q)/(1-2Q) log2((1-Q)/Q) ]: its sign.
    """

    def leading(q: float) -> float:
        lost = 4.0 * q * (1.0 - q) / (1.0 - 2.0 * q) * math.log2((1.0 - q) / q)
        return 2.0 / math.log(2.0) * (1.0 - 2.0 * q) ** 2 - lost

    return float(optimize.brentq(leading, 1e-3, 0.3, xtol=1e-15))
