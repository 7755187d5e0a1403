"""Information-theoretic message authentication: tags, the pool of key they consume, and what forging costs."""

from qcisim.auth.authenticator import (
    HASH_KEY_BITS,
    PAD_BITS,
    TAG_BYTES,
    Authenticator,
    MessageStream,
    Role,
    poly1305_tag,
)
from qcisim.auth.bounds import (
    forgery_epsilon,
    ghash_forgery_epsilon,
    key_bits_consumed,
    krawczyk_forgery_epsilon,
    polynomial_forgery_epsilon,
    tag_key_bits,
)
from qcisim.auth.families import lfsr_hash, polynomial_hash
from qcisim.auth.pool import AuthenticationPool

__all__ = [
    "HASH_KEY_BITS",
    "PAD_BITS",
    "TAG_BYTES",
    "AuthenticationPool",
    "Authenticator",
    "MessageStream",
    "Role",
    "forgery_epsilon",
    "ghash_forgery_epsilon",
    "key_bits_consumed",
    "krawczyk_forgery_epsilon",
    "lfsr_hash",
    "poly1305_tag",
    "polynomial_forgery_epsilon",
    "polynomial_hash",
    "tag_key_bits",
]
