"""Slow, obvious universal families over GF(2): for short tags, where their bounds can be watched failing."""

from __future__ import annotations

from qcisim.errors import require

IRREDUCIBLE = {8: 0x11B, 16: 0x1100B, 32: 0x1_0040_0007, 64: (1 << 64) | 0x1B, 128: (1 << 128) | 0x87}
"""Irreducible polynomials of GF(2^t), lowest weight known (R. Lidl, H. Niederreiter, Finite Fields, tables)."""


def polynomial_hash(message: bytes, point: int, tag_bits: int) -> int:
    """``h = ((m_1 x + m_2) x + ... + m_q) x`` over GF(2^t) at ``x = point``; the message is zero-padded to t bits.

    Two messages of equal length differ by a polynomial of degree at most ``ceil(m/t)``, hence the bound of
    `polynomial_forgery_epsilon`. Messages of different length need the length as part of the message.

    Source: B. den Boer, J. Computer Security 2, 65 (1993).
    """
    require(tag_bits in IRREDUCIBLE, f"tag_bits {tag_bits}: wanted one of {sorted(IRREDUCIBLE)}")
    require(0 <= point < 1 << tag_bits, f"point {point}: wanted 0..2^{tag_bits}-1")
    size, value = tag_bits // 8, 0
    for i in range(0, len(message), size):
        value ^= int.from_bytes(message[i : i + size].ljust(size, b"\0"), "big")
        value = field_product(value, point, tag_bits)
    return value


def lfsr_hash(message_bits: bytes, polynomial: int, state: int) -> int:
    """``h = XOR_j m_j s_j`` with ``s_0 = state``, ``s_{j+1} = x s_j mod p(x)``; p irreducible of degree t, state != 0.

    Args:
        message_bits: one byte, 0 or 1, per message bit.
        polynomial: p(x) with its leading bit; drawn at random among the irreducible ones.
        state: the initial state of the register, t bits.

    Source: H. Krawczyk, CRYPTO '94, LNCS 839, 129 (1994), Sec. 3.
    """
    require(is_irreducible(polynomial), f"polynomial {polynomial:#x}: wanted an irreducible one")
    degree = polynomial.bit_length() - 1
    require(0 < state < 1 << degree, f"state {state:#x}: wanted 1..2^{degree}-1")
    value = 0
    for bit in message_bits:
        if bit:
            value ^= state
        state <<= 1
        if state >> degree:
            state ^= polynomial
    return value


def field_product(a: int, b: int, tag_bits: int) -> int:
    """``a b`` in GF(2^t) modulo the polynomial of `IRREDUCIBLE`."""
    return _remainder(_product(a, b), IRREDUCIBLE[tag_bits])


def is_irreducible(polynomial: int) -> bool:
    """Ben-Or's test: ``gcd(x^(2^i) - x, p) = 1`` for i up to half the degree."""
    degree = polynomial.bit_length() - 1
    if degree < 1:
        return False
    power = 2
    for _ in range(degree // 2):
        power = _remainder(_product(power, power), polynomial)
        if _gcd(power ^ 2, polynomial) != 1:
            return False
    return True


def _product(a: int, b: int) -> int:
    value = 0
    while b:
        if b & 1:
            value ^= a
        a <<= 1
        b >>= 1
    return value


def _remainder(a: int, modulus: int) -> int:
    degree = modulus.bit_length()
    while a.bit_length() >= degree:
        a ^= modulus << (a.bit_length() - degree)
    return a


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, _remainder(a, b)
    return a
