"""Random streams: one per component path, from one seed."""

from __future__ import annotations

import hashlib
import struct

import numpy as np

_WORDS = struct.Struct(">8I")


def stream(seed: int, path: str) -> np.random.Generator:
    """The stream of component ``path``: PCG64DXSM seeded by ``SeedSequence(seed, spawn_key=SHA-256(path))``.

    The spawn key is the digest as eight big-endian uint32 words. Two paths never share a stream; the same seed and path
    give the same numbers on every machine.
    """
    words = _WORDS.unpack(hashlib.sha256(path.encode()).digest())
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=words)))
