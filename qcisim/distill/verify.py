"""Verification: does Bob's block equal Alice's? An almost-two-universal hash, keyed after reconciliation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.auth import forgery_epsilon, poly1305_tag
from qcisim.errors import require

VERIFICATION_BITS = 128
"""Bits of the tag, all of which count as disclosed."""


def verification_key(rng: np.random.Generator) -> bytes:
    """A fresh 32-byte Poly1305 key; drawn after reconciliation has ended, sent in the clear, used once."""
    return rng.bytes(32)


def verification_tag(bits: NDArray[np.uint8], key: bytes) -> bytes:
    """``Poly1305_key(packed bits)``, 16 bytes.

    Two different blocks of equal length share the tag with probability at most `verification_epsilon` over the key.

    Args:
        bits: the corrected block, 0/1, shape (n,).
        key: 32 bytes of `verification_key`.

    Source: D. J. Bernstein, FSE 2005, Theorem 3.3.
    """
    return poly1305_tag(np.packbits(bits).tobytes(), key)


def verification_epsilon(bits: int) -> float:
    """``8 ceil(L/16) / 2^106`` with ``L = ceil(n/8)`` bytes: a difference of n-bit blocks stays unseen."""
    require(bits >= 0, f"bits {bits}: wanted >= 0")
    return forgery_epsilon(-(-bits // 8))


def verification_shortfall(bits: int, epsilon_correct: float, attempts: int) -> str:
    """Why ``attempts`` tags over n bits do not reach ``epsilon_correct`` (union bound); empty where they do."""
    epsilon = attempts * verification_epsilon(bits)
    if epsilon <= epsilon_correct:
        return ""
    return (
        f"the verification tag of {bits} bits misses a difference with probability up to {epsilon:.2g}, "
        f"above epsilon_correct {epsilon_correct:.2g}"
    )


def undetected_error_bound(hash_bits: int) -> float:
    """``2^-t`` for a two-universal hash of t bits.

    Source: M. N. Wegman, J. L. Carter, JCSS 22, 265 (1981).
    """
    require(hash_bits > 0, f"hash_bits {hash_bits}: wanted > 0")
    return 2.0**-hash_bits
