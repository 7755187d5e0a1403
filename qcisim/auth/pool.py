"""The pool of pre-shared key that authentication consumes."""

from __future__ import annotations

from typing import Literal

from qcisim.errors import AuthenticationError, require

Lane = Literal[0, 1]
_SLOT = 16


class AuthenticationPool:
    """Key for authentication, dealt 16 bytes at a time to two lanes, one for each direction of a link.

    Alice and Bob each hold a pool made from the same bytes. Messages cross on the way, so the order of tags differs
    between the two ends; within one direction it does not. A lane per direction keeps both ends in step.

    Args:
        key: pre-shared bytes; slots 0, 2, 4... of 16 bytes feed lane 0, the others lane 1.

    Raises:
        AuthenticationError: when a lane has less key than is asked of it. Nothing is taken then, nothing is reused.
    """

    __slots__ = ("_consumed_bits", "_lanes", "_next_lane", "_rest")

    def __init__(self, key: bytes) -> None:
        self._lanes = (bytearray(), bytearray())
        self._rest = b""
        self._next_lane = 0
        self._consumed_bits = 0
        self.add(key)

    def add(self, key: bytes) -> None:
        """Replenish with ``key``; both ends add the same bytes in the same order."""
        data = self._rest + bytes(key)
        whole = len(data) - len(data) % _SLOT
        for i in range(0, whole, _SLOT):
            self._lanes[self._next_lane].extend(data[i : i + _SLOT])
            self._next_lane ^= 1
        self._rest = data[whole:]

    def take(self, bits: int, lane: Lane = 0) -> bytes:
        """The next ``bits`` (a multiple of 8) of a lane, which are gone from the pool from then on."""
        require(bits > 0 and bits % 8 == 0, f"bits {bits}: wanted a positive multiple of 8")
        store, size = self._lanes[lane], bits // 8
        if len(store) < size:
            raise AuthenticationError(
                f"authentication pool empty: {bits} bits wanted for direction {lane}, {8 * len(store)} left"
            )
        taken = bytes(store[:size])
        store[:size] = bytes(size)  # overwrite before release
        del store[:size]
        self._consumed_bits += bits
        return taken

    @property
    def available_bits(self) -> int:
        """Bits left, both directions and what does not fill a slot yet."""
        return 8 * (len(self._lanes[0]) + len(self._lanes[1]) + len(self._rest))

    @property
    def consumed_bits(self) -> int:
        """Bits taken since the pool was made."""
        return self._consumed_bits

    def __repr__(self) -> str:
        return f"AuthenticationPool(available_bits={self.available_bits}, consumed_bits={self.consumed_bits})"
