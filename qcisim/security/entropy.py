"""Entropies in bits that every key length is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable

from qcisim.errors import require


def binary_entropy(x: float) -> float:
    """h(x) = -x log2 x - (1-x) log2(1-x), h(0) = h(1) = 0, in bits."""
    require(0.0 <= x <= 1.0, f"binary entropy of {x}: a probability lies in [0, 1]")
    if x <= 0.0 or x >= 1.0:
        return 0.0
    return -x * math.log2(x) - (1.0 - x) * math.log1p(-x) / math.log(2.0)


def shannon_entropy(probabilities: Iterable[float]) -> float:
    """H(p1, p2, ...) = -sum p log2 p, in bits; the probabilities sum to 1."""
    values = tuple(probabilities)
    require(all(p >= -1e-15 for p in values), f"probabilities {values}: none may be negative")
    require(abs(math.fsum(values) - 1.0) < 1e-9, f"probabilities {values}: wanted sum 1, got {math.fsum(values)}")
    return -math.fsum(p * math.log2(p) for p in values if p > 0.0)


def inverse_binary_entropy(entropy_bits: float) -> float:
    """The x in [0, 1/2] with h(x) = entropy_bits, by bisection to 1e-15."""
    require(0.0 <= entropy_bits <= 1.0, f"entropy {entropy_bits} bit: wanted [0, 1]")
    low, high = 0.0, 0.5
    while high - low > 1e-15:
        middle = (low + high) / 2.0
        if binary_entropy(middle) < entropy_bits:
            low = middle
        else:
            high = middle
        if middle in (low, high) and math.nextafter(low, 1.0) >= high:
            break
    return (low + high) / 2.0
