"""Random streams: one per component path, from one seed."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, path: str) -> np.random.Generator:
    """The stream of component ``path``: PCG64DXSM seeded by ``SeedSequence(seed, spawn_key=SHA-256(path))``.

    The spawn key is the digest as eight big-endian uint32 words. Two paths never share a stream; the same seed and path
    give the same numbers on every machine.
    """
    digest = hashlib.sha256(path.encode()).digest()
    words = tuple(int.from_bytes(digest[i : i + 4], "big") for i in range(0, 32, 4))
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=words)))
