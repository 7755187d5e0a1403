"""Planning the length of a key before its block: how long, so that an honest block is accepted almost always."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Protocol

from scipy import special

from qcisim.errors import InputError, require
from qcisim.security.acceptance import LengthRule
from qcisim.security.bound import Bound
from qcisim.security.entropy import inverse_binary_entropy
from qcisim.security.secret_length import SecretLength

LOWER_ACCEPTANCE = (0.99, 0.9, 0.75, 0.5)
"""What is tried, one after the other, where the wanted acceptance leaves no key at all."""


def plan_length(
    bound: Bound,
    expected: Any,
    leak_bits: float,
    *,
    epsilon_secret: float,
    epsilon_correct: float,
    verification_bits: float = 0.0,
    acceptance_probability: float = 0.999,
    leak_margin: float = 0.02,
    common_spread: float = 0.0,
) -> LengthRule:
    """The longest key that an honest block reaches with ``acceptance_probability``, from the counts a model expects.

    Counts fluctuate like independent Poisson variables; the margin is a quantile of the linearised bound, and so is the
    cap on the leakage, which gets ``leak_margin`` of itself on top for the reconciler's own spread. ``common_spread``
    is the relative standard deviation in which all counts go up and down together (a fading link). Where that leaves
    no key, blocks are accepted less often (`LOWER_ACCEPTANCE`) rather than never; the rule says how often.
    Raises `InputError` for observed counts: the rule is fixed before the block.
    """
    if expected.observed:
        raise InputError(
            "a length rule is fixed before the block: it takes the counts a model expects, not observed ones"
        )
    require(0.5 <= acceptance_probability < 1.0, f"acceptance_probability {acceptance_probability}: wanted in [0.5, 1)")
    require(leak_margin >= 0.0, f"leak_margin {leak_margin}: wanted >= 0")
    require(common_spread >= 0.0, f"common_spread {common_spread}: wanted >= 0")
    leak_deviation = math.hypot(_leak_deviation(expected, leak_bits), common_spread * leak_bits)

    def rule(acceptance: float) -> LengthRule:
        quantile = float(special.ndtri(1.0 - (1.0 - acceptance) / 2.0))
        cap = leak_bits * (1.0 + leak_margin) + quantile * leak_deviation

        def length(counts: Any) -> SecretLength:
            return bound.secret_length(
                counts,
                cap,
                epsilon_secret=epsilon_secret,
                epsilon_correct=epsilon_correct,
                verification_bits=verification_bits,
            )

        bits, reason = _reached(expected, length, quantile, common_spread)
        settings = expected.intensities, expected.probabilities
        return LengthRule(bits, cap, bound, epsilon_secret, epsilon_correct, *settings, reason, acceptance)

    wanted = rule(acceptance_probability)
    if wanted.bits:
        return wanted
    lower = (rule(acceptance) for acceptance in LOWER_ACCEPTANCE if acceptance < acceptance_probability)
    return next((one for one in lower if one.bits), wanted)


def _reached(expected: Any, length: _Length, quantile: float, common_spread: float) -> tuple[int, str]:
    """Bits that all but the unluckiest blocks reach, and the reason where there are none."""
    centre = length(expected)
    if not centre.bits:
        return 0, centre.reason
    variance = _length_variance(expected, length)
    if common_spread > 0.0:
        high, low = (length(_scaled(expected, 1.0 + sign * common_spread)).total for sign in (1.0, -1.0))
        variance += ((high - low) / 2.0) ** 2
    margin = quantile * math.sqrt(variance)
    bits = max(0, math.floor(centre.total - margin))
    return bits, "" if bits else f"{centre.bits} bits expected, less than the margin of {margin:.0f} bits"


def _leak_deviation(expected: Any, leak_bits: float) -> float:
    """Standard deviation of leak = f n h(m/n) when m and n-m are independent Poisson counts."""
    n = float(expected.key_total)
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
    efficiency = float(leak_bits / (n * entropy))
    return efficiency * math.sqrt(n * (rate * per_error**2 + (1.0 - rate) * per_match**2))


def _length_variance(expected: Any, length: _Length) -> float:
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
                high, low = (length(_shifted(expected, basis, i, s, is_error)).total for s in (step, -step))
                variance += ((high - low) / (2.0 * step)) ** 2 * count
    return variance


class _Length(Protocol):
    def __call__(self, counts: Any, /) -> SecretLength: ...


def _scaled(counts: Any, factor: float) -> Any:
    """All counts times ``factor``; errors stay a part of them."""
    names = ("key", "test", "test_errors", "key_errors")
    given = {name: getattr(counts, name) for name in names}
    changes = {name: tuple(factor * v for v in values) for name, values in given.items() if values is not None}
    return dataclasses.replace(counts, **changes)


def _shifted(counts: Any, basis: str, setting: int, step: float, is_error: bool) -> Any:
    def moved(values: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(v + step if i == setting else v for i, v in enumerate(values))

    changes: dict[str, tuple[float, ...]] = {basis: moved(getattr(counts, basis))}
    errors = getattr(counts, f"{basis}_errors")
    if is_error and errors is not None:
        changes[f"{basis}_errors"] = moved(errors)
    return dataclasses.replace(counts, **changes)
