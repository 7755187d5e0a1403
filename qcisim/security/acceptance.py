"""Who decides the length of a key, and when: a rule fixed before the block, or a length that follows the counts."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Protocol

from scipy import special

from qcisim.errors import InputError, require
from qcisim.security.bound import Bound, require_leak
from qcisim.security.counts import BlockCounts
from qcisim.security.entropy import inverse_binary_entropy
from qcisim.security.secret_length import SecretLength, verification_term

VARIABLE_LENGTH_THEOREM = (
    "variable length: Tupkary, Tan, Lütkenhaus, Phys. Rev. Research 6, 023002 (2024); "
    "for bounds from entropic uncertainty Tupkary, Nahar, Sinha, Lütkenhaus, arXiv:2408.17349"
)


class Acceptance(Protocol):
    """One verb: the length of the key that a block with these counts and this leakage gives."""

    def decide(self, counts: BlockCounts, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
        """The length; 0 with the reason where the block gives no key."""


@dataclass(frozen=True, slots=True)
class LengthRule:
    """A length, a cap on the leakage and an acceptance set, all fixed before the block is seen.

    Accept when leak <= cap and bound(counts, cap) >= bits; then the key has exactly ``bits`` bits, else none. Every
    block of the acceptance set has at least ``bits`` secret bits by the bound: the fixed-length theorem.
    """

    bits: int
    leak_cap_bits: float
    bound: Bound
    epsilon_secret: float
    epsilon_correct: float
    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    reason: str = ""

    def __post_init__(self) -> None:
        require(self.bits >= 0, f"{self.bits} bits: a key length is never negative")
        require_leak(self.leak_cap_bits)

    @property
    def theorem(self) -> str:
        return f"{self.bound.theorem}; fixed length {self.bits} bits, leakage at most {self.leak_cap_bits:.0f} bits"

    def decide(self, counts: BlockCounts, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
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

    def prospect(self, counts: BlockCounts, verification_bits: float = 0.0) -> SecretLength:
        """What the block gives at best, before reconciliation: no leakage, no key error. 0 bits: stop here."""
        return self.decide(_without_key_errors(counts), 0.0, verification_bits)

    def refuse(self, reason: str, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
        """No key, for a reason outside the counts (verification failed): zero bits, with what was disclosed."""
        return _refused(self, reason, leak_bits, verification_bits)

    def _refusal(self, counts: BlockCounts, leak_bits: float, verification_bits: float) -> str:
        if self.bits == 0:
            return f"the length rule fixed before the block gives no key: {self.reason}"
        if leak_bits > self.leak_cap_bits:
            return f"leakage {leak_bits:.0f} bits is above the cap of {self.leak_cap_bits:.0f} fixed before the block"
        worst = self._evaluate(counts, self.leak_cap_bits, verification_bits)
        if worst.bits < self.bits:
            why = f" ({worst.reason})" if worst.reason else ""
            return f"the block proves {worst.bits} bits, the length fixed before it is {self.bits}{why}"
        return ""

    def _evaluate(self, counts: BlockCounts, leak_bits: float, verification_bits: float) -> SecretLength:
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

    def decide(self, counts: BlockCounts, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
        """The bound on the observed counts, its theorem extended by the variable-length one."""
        seen = self.bound.secret_length(
            counts,
            leak_bits,
            epsilon_secret=self.epsilon_secret,
            epsilon_correct=self.epsilon_correct,
            verification_bits=verification_bits,
        )
        return dataclasses.replace(seen, theorem=self.theorem)

    def prospect(self, counts: BlockCounts, verification_bits: float = 0.0) -> SecretLength:
        """What the block gives at best, before reconciliation: no leakage, no key error. 0 bits: stop here."""
        return self.decide(_without_key_errors(counts), 0.0, verification_bits)

    def refuse(self, reason: str, leak_bits: float, verification_bits: float = 0.0) -> SecretLength:
        """No key, for a reason outside the counts (verification failed): zero bits, with what was disclosed."""
        return _refused(self, reason, leak_bits, verification_bits)


def _without_key_errors(counts: BlockCounts) -> BlockCounts:
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


def plan_length(
    bound: Bound,
    expected: BlockCounts,
    leak_bits: float,
    *,
    epsilon_secret: float,
    epsilon_correct: float,
    verification_bits: float = 0.0,
    acceptance_probability: float = 0.999,
    leak_margin: float = 0.02,
) -> LengthRule:
    """The longest key that an honest block reaches with ``acceptance_probability``, from the counts a model expects.

    Counts fluctuate like independent Poisson variables; the margin is a quantile of the linearised bound, and so is the
    cap on the leakage, which gets ``leak_margin`` of itself on top for the reconciler's own spread.
    Raises `InputError` for observed counts: the rule is fixed before the block.
    """
    if expected.observed:
        raise InputError(
            "a length rule is fixed before the block: it takes the counts a model expects, not observed ones"
        )
    require(0.5 <= acceptance_probability < 1.0, f"acceptance_probability {acceptance_probability}: wanted in [0.5, 1)")
    require(leak_margin >= 0.0, f"leak_margin {leak_margin}: wanted >= 0")
    quantile = float(special.ndtri(1.0 - (1.0 - acceptance_probability) / 2.0))
    cap = leak_bits * (1.0 + leak_margin) + quantile * _leak_deviation(expected, leak_bits)

    def length(counts: BlockCounts) -> SecretLength:
        return bound.secret_length(
            counts,
            cap,
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            verification_bits=verification_bits,
        )

    centre = length(expected)
    margin = (
        quantile * math.sqrt(_length_variance(expected, lambda counts: length(counts).total)) if centre.bits else 0.0
    )
    bits = max(0, math.floor(centre.total - margin)) if centre.bits else 0
    reason = centre.reason or (
        "" if bits else f"{centre.bits} bits expected, less than the margin of {margin:.0f} bits"
    )
    return LengthRule(
        bits, cap, bound, epsilon_secret, epsilon_correct, expected.intensities, expected.probabilities, reason
    )


def _leak_deviation(expected: BlockCounts, leak_bits: float) -> float:
    """Standard deviation of leak = f n h(m/n) when m and n-m are independent Poisson counts."""
    n = expected.key_total
    if n <= 0.0 or leak_bits <= 0.0:
        return 0.0
    errors = (
        expected.key_qber * n
        if expected.key_errors is not None
        else inverse_binary_entropy(min(1.0, leak_bits / n)) * n
    )
    rate = min(max(errors / n, 1.0 / n), 0.5)
    per_error, per_match = -math.log2(rate), -math.log2(1.0 - rate)
    entropy = rate * per_error + (1.0 - rate) * per_match
    efficiency = leak_bits / (n * entropy)
    return efficiency * math.sqrt(n * (rate * per_error**2 + (1.0 - rate) * per_match**2))


def _length_variance(expected: BlockCounts, length: _Length) -> float:
    """sum (dl/dn_i)^2 n_i over the independent counts of the block (matches and errors of each setting and basis)."""
    variance = 0.0
    for basis in ("key", "test"):
        errors_name = f"{basis}_errors"
        for i, total in enumerate(getattr(expected, basis)):
            errors = getattr(expected, errors_name)
            wrong = errors[i] if errors is not None else 0.0
            for count, is_error in ((total - wrong, False), (wrong, True)):
                if count <= 0.0:
                    continue
                step = min(math.sqrt(count), count) / 2.0
                high, low = (length(_shifted(expected, basis, i, s, is_error)) for s in (step, -step))
                variance += ((high - low) / (2.0 * step)) ** 2 * count
    return variance


class _Length(Protocol):
    def __call__(self, counts: BlockCounts, /) -> float: ...


def _shifted(counts: BlockCounts, basis: str, setting: int, step: float, is_error: bool) -> BlockCounts:
    def moved(values: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(v + step if i == setting else v for i, v in enumerate(values))

    changes: dict[str, tuple[float, ...]] = {basis: moved(getattr(counts, basis))}
    errors = getattr(counts, f"{basis}_errors")
    if is_error and errors is not None:
        changes[f"{basis}_errors"] = moved(errors)
    return dataclasses.replace(counts, **changes)  # type: ignore[arg-type]  # the keys are tuple fields by construction
