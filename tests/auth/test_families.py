"""Short tags: the universal families keep their bounds; the bounds keep their published values."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from qcisim.auth import (
    forgery_epsilon,
    ghash_forgery_epsilon,
    key_bits_consumed,
    krawczyk_forgery_epsilon,
    lfsr_hash,
    polynomial_forgery_epsilon,
    polynomial_hash,
    tag_key_bits,
)
from qcisim.auth.families import IRREDUCIBLE, field_product, is_irreducible
from qcisim.engine.random import stream
from qcisim.errors import PhysicsError

FALSE_ALARM = 1e-9


def lower_limit(misses: int, trials: int) -> float:
    """One-sided Clopper–Pearson lower limit at the false-alarm rate."""
    return 0.0 if misses == 0 else float(beta.ppf(FALSE_ALARM, misses, trials - misses + 1))


def test_published_bounds() -> None:
    assert forgery_epsilon(1024) == pytest.approx(6.310887241768095e-30, rel=1e-12)  # 8 * 64 / 2^106
    assert krawczyk_forgery_epsilon(100_000, 64) == pytest.approx(1.0842021724855044e-14, rel=1e-12)
    assert ghash_forgery_epsilon(1024) == 65 / 2**128
    assert polynomial_forgery_epsilon(1000, 64) == 16 / 2**64
    assert tag_key_bits(64) == 64
    assert key_bits_consumed(10) == 1280


@pytest.mark.parametrize("tag_bits", sorted(IRREDUCIBLE))
def test_fields_are_fields(tag_bits: int) -> None:
    assert is_irreducible(IRREDUCIBLE[tag_bits])
    rng = stream(1, "field")
    a, b, c = (int.from_bytes(rng.bytes(tag_bits // 8), "big") for _ in range(3))
    assert field_product(a, b, tag_bits) == field_product(b, a, tag_bits)
    assert field_product(a, b ^ c, tag_bits) == field_product(a, b, tag_bits) ^ field_product(a, c, tag_bits)
    assert field_product(a, 1, tag_bits) == a


def test_reducible_polynomials_are_told_apart() -> None:
    found = sum(is_irreducible(0x100 | low) for low in range(256))
    assert found == 30  # (1/8) sum_{d|8} mu(d) 2^(8/d): (256 - 16) / 8


def test_polynomial_collisions_reach_but_never_pass_the_bound() -> None:
    """Exhaustive over the key: the worst pair of two-symbol messages collides for at most 2 of 256 points."""
    rng = stream(2, "polynomial")
    worst = 0
    for _ in range(200):
        one, two = rng.bytes(2), rng.bytes(2)
        if one != two:
            worst = max(worst, sum(polynomial_hash(one, x, 8) == polynomial_hash(two, x, 8) for x in range(256)))
    assert worst / 256 == polynomial_forgery_epsilon(16, 8)


def test_lfsr_miss_rate_below_its_bound() -> None:
    rng = stream(3, "lfsr")
    polynomials = [p for p in range(0x100, 0x200) if is_irreducible(p)]
    misses, trials = 0, 20_000
    difference = bytes([1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1])  # fixed before the key is drawn
    for _ in range(trials):
        polynomial, state = polynomials[int(rng.integers(len(polynomials)))], int(rng.integers(1, 256))
        misses += lfsr_hash(difference, polynomial, state) == 0  # linear: a collision is a difference hashing to 0
    assert lower_limit(misses, trials) <= krawczyk_forgery_epsilon(len(difference), 8)


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="irreducible"):
        lfsr_hash(b"\1", 0x101, 1)
    with pytest.raises(PhysicsError, match="state"):
        lfsr_hash(b"\1", 0x11B, 0)
    with pytest.raises(PhysicsError, match="tag_bits"):
        polynomial_hash(b"ab", 1, 12)
    with pytest.raises(PhysicsError, match="message_bytes"):
        forgery_epsilon(-1)
