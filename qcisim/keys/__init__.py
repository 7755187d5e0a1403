"""Keys: sealed stores, books, windows, relay over trusted nodes, delivery without HTTP."""

from qcisim.keys.key import Key
from qcisim.keys.secret import SecretBytes

__all__ = ["Key", "SecretBytes"]
