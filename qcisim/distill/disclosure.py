"""Messages that disclose something about Alice's string, and how much."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import ProtocolAbort, require

_HEADER = struct.Struct("<II")


def disclosure(packed: NDArray[np.uint8], bits: int, private_bits: int = 0) -> bytes:
    """A message of ``bits`` parities of Alice's string, packed lowest bit first.

    Args:
        packed: shape (ceil(bits / 8),).
        private_bits: independent uniform private bits of hers that went into the parities and hide as many of them.
    """
    require(packed.size == -(-bits // 8), f"{packed.size} bytes do not hold {bits} bits")
    require(0 <= private_bits <= bits, f"private_bits {private_bits}: wanted 0..{bits}")
    return _HEADER.pack(bits, private_bits) + packed.tobytes()


def parities(answer: bytes) -> tuple[NDArray[np.uint8], int]:
    """The packed parities of a message and how many they are; raises `ProtocolAbort` where the message is malformed."""
    if len(answer) < _HEADER.size:
        raise ProtocolAbort(f"answer of {len(answer)} bytes: wanted at least {_HEADER.size}")
    bits, private = (int(n) for n in _HEADER.unpack_from(answer))
    if len(answer) != _HEADER.size + -(-bits // 8) or private > bits:
        raise ProtocolAbort(f"answer of {len(answer)} bytes does not hold {bits} parities, {private} of them hidden")
    return np.frombuffer(answer, dtype=np.uint8, offset=_HEADER.size), bits


def disclosed_bits(answer: bytes) -> int:
    """Bits about Alice's string that an answer discloses: its parities, less those that private bits hide."""
    _, bits = parities(answer)
    return bits - int(_HEADER.unpack_from(answer)[1])
