"""The entropy functions of `qcisim.quantum` under their names here, and the inverse that planning needs."""

from __future__ import annotations

from scipy import optimize

from qcisim.errors import require
from qcisim.quantum import binary_entropy, shannon_entropy

__all__ = ["binary_entropy", "inverse_binary_entropy", "shannon_entropy"]


def inverse_binary_entropy(entropy_bits: float) -> float:
    """The x in [0, 1/2] with h(x) = entropy_bits."""
    require(0.0 <= entropy_bits <= 1.0, f"entropy {entropy_bits} bit: wanted [0, 1]")
    if entropy_bits in (0.0, 1.0):
        return entropy_bits / 2.0
    return float(optimize.brentq(lambda x: binary_entropy(x) - entropy_bits, 0.0, 0.5, xtol=1e-16, rtol=1e-14))
