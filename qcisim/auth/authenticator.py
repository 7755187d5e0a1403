"""Wegman–Carter authentication with Poly1305: one hash key for the life of the link, a fresh pad for every tag."""

from __future__ import annotations

import hmac
from typing import Literal

from cryptography.hazmat.primitives.poly1305 import Poly1305

from qcisim.auth.bounds import forgery_epsilon
from qcisim.auth.pool import AuthenticationPool, Lane
from qcisim.errors import AuthenticationError, require

Role = Literal["alice", "bob"]
HASH_KEY_BITS = 128
PAD_BITS = 128
TAG_BYTES = 16


def poly1305_tag(message: bytes, key: bytes) -> bytes:
    """``tag = (((m_1 r^q + ... + m_q r) mod 2^130 - 5) + s) mod 2^128`` with ``key = r || s`` (16 + 16 bytes).

    Source: D. J. Bernstein, FSE 2005; RFC 8439, Sec. 2.5.
    """
    require(len(key) == 32, f"Poly1305 key of {len(key)} bytes: wanted 32")
    return Poly1305.generate_tag(key, message)


class MessageStream:
    """A long message that is authenticated as one, in parts and without being kept: Poly1305 under the hash key alone.

    `Authenticator.stream_out` and `Authenticator.stream_in` make them; the pad joins when the tag is made.
    """

    __slots__ = ("_hash", "lane", "length")

    def __init__(self, hash_key: bytes, lane: Lane) -> None:
        self._hash, self.lane, self.length = Poly1305(hash_key + bytes(16)), lane, 0

    def update(self, part: bytes) -> None:
        """Append ``part``."""
        self._hash.update(part)
        self.length += len(part)

    def tag(self, pad: bytes) -> bytes:
        """``Poly1305_r(message) + pad mod 2^128``, little-endian; ends the stream."""
        total = int.from_bytes(self._hash.finalize(), "little") + int.from_bytes(pad, "little")
        return (total % 2**128).to_bytes(16, "little")


class Authenticator:
    """One end of an authenticated link: ``tag = Poly1305_r(message) + pad mod 2^128``.

    The hash key r of each direction is drawn from the pool once; every tag takes 128 fresh pad bits from the lane of
    its direction. A tag that does not fit burns its pad all the same: the two ends stay in step, a forger gets one try.

    Args:
        pool: this end's own pool; the other end holds one with equal content.
        role: ``"alice"`` sends on lane 0 and receives on lane 1, ``"bob"`` the other way round.

    Raises:
        AuthenticationError: empty pool; in `verify` also a tag that does not fit.

    Source: M. N. Wegman, J. L. Carter, JCSS 22, 265 (1981); C. Portmann, IEEE Trans. Inf. Theory 60, 4383 (2014).
    """

    __slots__ = ("_outgoing", "_pool", "_r", "epsilon", "failures", "messages_sent", "messages_verified", "role")

    def __init__(self, pool: AuthenticationPool, role: Role) -> None:
        require(role in ("alice", "bob"), f"role {role!r}: wanted 'alice' or 'bob'")
        self.role: Role = role
        self._pool = pool
        self._outgoing: Lane = 0 if role == "alice" else 1
        self._r = (pool.take(HASH_KEY_BITS, 0), pool.take(HASH_KEY_BITS, 1))
        self.messages_sent = 0
        self.messages_verified = 0
        self.failures = 0
        self.epsilon = 0.0
        """Union bound over every message sent or checked so far."""

    @property
    def pool(self) -> AuthenticationPool:
        """The pool this end consumes."""
        return self._pool

    @property
    def _incoming(self) -> Lane:
        return 1 if self._outgoing == 0 else 0

    def stream_out(self) -> MessageStream:
        """An empty outgoing message, to be filled in parts and handed to `tag`."""
        return MessageStream(self._r[self._outgoing], self._outgoing)

    def stream_in(self) -> MessageStream:
        """An empty incoming message, to be filled in parts and handed to `verify`."""
        return MessageStream(self._r[self._incoming], self._incoming)

    def tag(self, message: bytes | MessageStream) -> bytes:
        """The 16-byte tag of the next outgoing message; consumes 128 bits of pad."""
        tag = self._digest(message, self._outgoing)
        self.messages_sent += 1
        return tag

    def verify(self, message: bytes | MessageStream, tag: bytes) -> None:
        """Check the next incoming message; consumes 128 bits of pad whether the tag fits or not."""
        expected = self._digest(message, self._incoming)
        if not hmac.compare_digest(expected, bytes(tag)):
            self.failures += 1
            raise AuthenticationError(
                f"tag of message {self.messages_verified + self.failures} to {self.role} does not fit: "
                "changed, forged, replayed or out of order"
            )
        self.messages_verified += 1

    def _digest(self, message: bytes | MessageStream, lane: Lane) -> bytes:
        pad = self._pool.take(PAD_BITS, lane)
        if isinstance(message, MessageStream):
            require(message.lane == lane, "a stream is tagged in the direction that it was opened for")
            self.epsilon += forgery_epsilon(message.length)
            return message.tag(pad)
        self.epsilon += forgery_epsilon(len(message))
        return poly1305_tag(message, self._r[lane] + pad)
