"""Why a key manager gives no key: not allowed, not there, not now."""

from __future__ import annotations

from qcisim.errors import KeyStoreError


class NotAllowed(KeyStoreError):
    """The requester is not among the SAEs that the key or the pair is for."""


class NotFound(KeyStoreError):
    """A key is unknown, delivered, expired or voided: the caller cannot tell which."""


class Unavailable(KeyStoreError):
    """No key now: none is left, the peer is away, or the store is down."""
