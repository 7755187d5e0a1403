"""Forgery probabilities per message and key consumption of the universal families in use."""

from __future__ import annotations

from qcisim.errors import require


def forgery_epsilon(message_bytes: int) -> float:
    """``8 ceil(L/16) / 2^106`` for Poly1305 with one-time pad on the tag, message of L bytes.

    Source: D. J. Bernstein, "The Poly1305-AES message-authentication code", FSE 2005, Theorem 3.3.
    """
    require(message_bytes >= 0, f"message_bytes {message_bytes}: wanted >= 0")
    return 8 * max(1, -(-message_bytes // 16)) / 2.0**106


def krawczyk_forgery_epsilon(message_bits: int, tag_bits: int) -> float:
    """``m / 2^(t-1)`` for the LFSR-based Toeplitz family, m message bits, t tag bits.

    Source: H. Krawczyk, CRYPTO '94, LNCS 839, 129 (1994), Theorem 9.
    """
    _check(message_bits, tag_bits)
    return max(1, message_bits) / 2.0 ** (tag_bits - 1)


def ghash_forgery_epsilon(message_bytes: int) -> float:
    """``(blocks + 1) / 2^128`` for GHASH with one-time pad on the tag; the extra block carries the length.

    Source: D. McGrew, J. Viega, INDOCRYPT 2004, LNCS 3348, 343.
    """
    require(message_bytes >= 0, f"message_bytes {message_bytes}: wanted >= 0")
    return (-(-message_bytes // 16) + 1) / 2.0**128


def polynomial_forgery_epsilon(message_bits: int, tag_bits: int) -> float:
    """``ceil(m/t) 2^-t`` for polynomial evaluation over GF(2^t).

    Source: B. den Boer, J. Computer Security 2, 65 (1993).
    """
    _check(message_bits, tag_bits)
    return max(1, -(-message_bits // tag_bits)) * 2.0**-tag_bits


def tag_key_bits(tag_bits: int) -> int:
    """Key consumed by one message when the hash key is reused and the tag is one-time padded: the pad, ``t`` bits.

    Source: M. N. Wegman, J. L. Carter, JCSS 22, 265 (1981).
    """
    require(tag_bits > 0, f"tag_bits {tag_bits}: wanted > 0")
    return tag_bits


def key_bits_consumed(messages: int, tag_bits: int = 128) -> int:
    """Key consumed by ``messages`` tags of ``tag_bits``; the hash keys of the link are not counted here."""
    require(messages >= 0, f"messages {messages}: wanted >= 0")
    return messages * tag_key_bits(tag_bits)


def _check(message_bits: int, tag_bits: int) -> None:
    require(message_bits >= 0, f"message_bits {message_bits}: wanted >= 0")
    require(tag_bits > 0, f"tag_bits {tag_bits}: wanted > 0")
