"""An instrumented channel: both ends of a reconciler talk through it, and it counts what it sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qcisim.distill import disclosed_bits
from qcisim.engine.random import stream

Bits = NDArray[np.uint8]


class Reference(Protocol):
    """Alice's end."""

    def answer(self, query: bytes) -> bytes: ...


class Corrector(Protocol):
    """Bob's end."""

    def step(self, answer: bytes | None) -> bytes | None: ...


@dataclass
class Tap:
    """What an observer of the channel has seen."""

    rounds: int = 0
    disclosed_bits: int = 0
    answers: list[bytes] = field(default_factory=list)


def converse(reference: Reference, corrector: Corrector, rounds: int = 100_000) -> Tap:
    """Pass messages until Bob is done."""
    tap = Tap()
    query = corrector.step(None)
    while query is not None:
        assert isinstance(query, bytes)
        tap.rounds += 1
        assert tap.rounds < rounds, "the reconciler does not end"
        answer = reference.answer(query)
        assert isinstance(answer, bytes)
        tap.disclosed_bits += disclosed_bits(answer)
        tap.answers.append(answer)
        query = corrector.step(answer)
    return tap


def noisy_pair(bits: int, qber: float, seed: int) -> tuple[Bits, Bits]:
    """Uniform bits and their image through a binary symmetric channel."""
    rng = stream(seed, "tests/distill")
    alice = rng.integers(0, 2, bits, dtype=np.uint8)
    return alice, alice ^ (rng.random(bits) < qber).astype(np.uint8)


def exact_pair(bits: int, errors: int, seed: int) -> tuple[Bits, Bits]:
    """Uniform bits and a copy with exactly ``errors`` of them wrong."""
    rng = stream(seed, "tests/distill")
    alice = rng.integers(0, 2, bits, dtype=np.uint8)
    bob = alice.copy()
    bob[rng.choice(bits, errors, replace=False)] ^= 1
    return alice, bob
