"""Who decides the length of a key, and when: a rule fixed before the block, or a length that follows the counts."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from qcisim.errors import InputError, require
from qcisim.security.bound import Bound, require_leak
from qcisim.security.secret_length import SecretLength, verification_term

VARIABLE_LENGTH_THEOREM = (
    "variable length: Tupkary, Tan, Lütkenhaus, Phys. Rev. Research 6, 023002 (2024); "
    "for bounds from entropic uncertainty Tupkary, Nahar, Sinha, Lütkenhaus, arXiv:2408.17349"
)


@dataclass(frozen=True, slots=True)
class LengthRule:
    """A length, a cap on the leakage and an acceptance set, all fixed before the block is seen.

    Accept when leak <= cap and bound(counts, cap) >= bits; then the key has exactly ``bits`` bits, else none. Every
    block of the acceptance set has at least ``bits`` secret bits by the bound: the fixed-length theorem. ``reason``
    says why a rule gives no key; ``acceptance_probability`` is how often an honest block is planned to be accepted.
    """

    bits: int
    leak_cap_bits: float
    bound: Bound
    epsilon_secret: float
    epsilon_correct: float
    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    reason: str = ""
    acceptance_probability: float = 0.0

    def __post_init__(self) -> None:
        require(self.bits >= 0, f"{self.bits} bits: a key length is never negative")
        require_leak(self.leak_cap_bits)

    @property
    def theorem(self) -> str:
        return f"{self.bound.theorem}; fixed length {self.bits} bits, leakage at most {self.leak_cap_bits:.0f} bits"

    def decide(self, counts: Any, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
        """``bits`` where the block is in the acceptance set, else 0 with the reason; ``unused`` closes the sum."""
        if (counts.intensities, counts.probabilities) != (self.intensities, self.probabilities):
            raise InputError(
                f"settings {counts.intensities}, {counts.probabilities} differ from those of the length rule: "
                f"{self.intensities}, {self.probabilities}"
            )
        seen = self._evaluate(counts, leak_bits, verification_bits)
        reason = self._refusal(counts, leak_bits, verification_bits)
        if reason:
            return dataclasses.replace(seen, bits=0, reason=reason, theorem=self.theorem)
        unused = ("unused", float(self.bits - seen.bits))
        return dataclasses.replace(seen, bits=self.bits, reason="", theorem=self.theorem, terms=(*seen.terms, unused))

    def prospect(self, counts: Any, verification_bits: float = 0.0) -> SecretLength:
        """What the block gives at best, before reconciliation: no leakage, no key error. 0 bits: stop here."""
        return self.decide(_without_key_errors(counts), 0.0, verification_bits)

    def refuse(self, reason: str, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
        """No key, for a reason outside the counts (verification failed): zero bits, with what was disclosed."""
        return _refused(self, reason, leak_bits, verification_bits)

    def _refusal(self, counts: Any, leak_bits: float, verification_bits: float) -> str:
        if self.bits == 0:
            return f"the length rule fixed before the block gives no key: {self.reason}"
        if leak_bits > self.leak_cap_bits:
            return f"leakage {leak_bits:.0f} bits is above the cap of {self.leak_cap_bits:.0f} fixed before the block"
        worst = self._evaluate(counts, self.leak_cap_bits, verification_bits)
        if worst.bits < self.bits:
            why = f" ({worst.reason})" if worst.reason else ""
            return f"the block proves {worst.bits} bits, the length fixed before it is {self.bits}{why}"
        return ""

    def _evaluate(self, counts: Any, leak_bits: float, verification_bits: float) -> SecretLength:
        return self.bound.secret_length(
            counts,
            leak_bits,
            epsilon_secret=self.epsilon_secret,
            epsilon_correct=self.epsilon_correct,
            verification_bits=verification_bits,
        )


@dataclass(frozen=True, slots=True)
class VariableLengthRule:
    """The length follows the observed counts: what the bound proves for this block.

    Refuses bounds whose theorem fixes its tolerances before the block.
    Source: Tupkary, Tan, Lütkenhaus, Phys. Rev. Research 6, 023002 (2024).
    """

    bound: Bound
    epsilon_secret: float
    epsilon_correct: float

    def __post_init__(self) -> None:
        if self.bound.fixed_length_only:
            raise InputError(
                f"bound '{self.bound.name}' tolerates an error rate fixed before the block, not the observed one: "
                "use a fixed length (plan_length)"
            )

    @property
    def theorem(self) -> str:
        return f"{self.bound.theorem}; {VARIABLE_LENGTH_THEOREM}"

    def decide(self, counts: Any, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
        """The bound on the observed counts, its theorem extended by the variable-length one."""
        seen = self.bound.secret_length(
            counts,
            leak_bits,
            epsilon_secret=self.epsilon_secret,
            epsilon_correct=self.epsilon_correct,
            verification_bits=verification_bits,
        )
        return dataclasses.replace(seen, theorem=self.theorem)

    def prospect(self, counts: Any, verification_bits: float = 0.0) -> SecretLength:
        """What the block gives at best, before reconciliation: no leakage, no key error. 0 bits: stop here."""
        return self.decide(_without_key_errors(counts), 0.0, verification_bits)

    def refuse(self, reason: str, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
        """No key, for a reason outside the counts (verification failed): zero bits, with what was disclosed."""
        return _refused(self, reason, leak_bits, verification_bits)


def _without_key_errors(counts: Any) -> Any:
    return counts if counts.key_errors is not None else counts.with_key_errors(tuple(0.0 for _ in counts.key))


def _refused(
    rule: LengthRule | VariableLengthRule, reason: str, leak_bits: float, verification_bits: float
) -> SecretLength:
    require_leak(leak_bits)
    terms = (
        ("leakage", -leak_bits),
        ("verification", verification_term(rule.epsilon_correct, verification_bits)),
    )
    return SecretLength(0, rule.epsilon_secret, rule.epsilon_correct, terms, rule.theorem, reason)
