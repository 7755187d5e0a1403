"""Keys: sealed stores, books, windows, relay over trusted nodes, delivery without HTTP."""

from qcisim.keys import policies
from qcisim.keys.key import Key
from qcisim.keys.network import KeyNetwork, Relayed
from qcisim.keys.secret import SecretBytes
from qcisim.keys.state import Limits

__all__ = ["Key", "KeyNetwork", "Limits", "Relayed", "SecretBytes", "policies"]
