"""The secret length of one block: a claim with its theorem, its epsilons and its terms."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.errors import require

Named = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class SecretLength:
    """bits = max(0, floor(sum of terms)): how many bits of a block are secret, and why.

    ``terms`` are signed contributions in bits; their sum minus ``bits`` is in [0, 1) unless the length was clamped to
    zero, and then ``reason`` says why. ``bounds`` are the estimates behind the terms (counts and rates).
    """

    bits: int
    epsilon_secret: float
    epsilon_correct: float
    terms: Named
    theorem: str
    reason: str = ""
    bounds: Named = ()

    def __post_init__(self) -> None:
        require(self.bits >= 0, f"{self.bits} bits: a key length is never negative")
        require(0.0 < self.epsilon_secret < 1.0, f"epsilon_secret {self.epsilon_secret}: wanted in (0, 1)")
        require(0.0 < self.epsilon_correct < 1.0, f"epsilon_correct {self.epsilon_correct}: wanted in (0, 1)")
        require(bool(self.theorem), "a key length without a theorem is not a claim")
        slack = self.total - self.bits
        rounding = 1e-9 * max(1.0, *(abs(v) for _, v in self.terms)) if self.terms else 0.0
        if self.bits == 0:
            require(slack < 1.0 or bool(self.reason), "a length clamped to zero needs its reason")
        else:
            require(-rounding <= slack < 1.0 + rounding, f"terms sum to {self.total}, length is {self.bits}")

    @property
    def total(self) -> float:
        """The sum of the terms in bits, neither rounded nor clamped."""
        return math.fsum(value for _, value in self.terms)

    @property
    def epsilon(self) -> float:
        """Total failure probability, at most epsilon_secret + epsilon_correct."""
        return self.epsilon_secret + self.epsilon_correct

    def term(self, name: str) -> float:
        """One term in bits; 0 where the theorem has none of that name."""
        return dict(self.terms).get(name, 0.0)

    def bound(self, name: str) -> float:
        """One estimate behind the terms; raises KeyError where there is none of that name."""
        return dict(self.bounds)[name]


def secret_length(
    terms: Named, *, epsilon_secret: float, epsilon_correct: float, theorem: str, bounds: Named = (), reason: str = ""
) -> SecretLength:
    """max(0, floor(sum of terms)); a ``reason`` given forces zero, and a sum below one bit gets its own reason."""
    total = math.fsum(value for _, value in terms)
    bits = 0 if reason else max(0, math.floor(total))
    if bits == 0 and not reason:
        costs = ", ".join(f"{name} {value:.0f}" for name, value in terms if value < 0.0)
        reason = f"the block is too short or too noisy: the terms sum to {total:.0f} bits (costs: {costs})"
    return SecretLength(bits, epsilon_secret, epsilon_correct, terms, theorem, reason, bounds)


def verification_term(epsilon_correct: float, verification_bits: float) -> float:
    """-max(t, log2(2/eps_cor)): the disclosed tag or the theorem's correctness term, charged once."""
    require(0.0 < epsilon_correct < 1.0, f"epsilon_correct {epsilon_correct}: wanted in (0, 1)")
    require(verification_bits >= 0.0, f"verification_bits {verification_bits}: a tag has no negative length")
    return -max(verification_bits, math.log2(2.0 / epsilon_correct))
