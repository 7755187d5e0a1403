"""A key length is a claim: its terms add up, and a length of zero has a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.security import SecretLength
from qcisim.security.secret_length import secret_length, verification_term

EPS = {"epsilon_secret": 1e-10, "epsilon_correct": 1e-15}


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8))
def test_bits_are_the_floor_of_the_sum_or_zero_with_a_reason(values: list[float]) -> None:
    terms = tuple((f"t{i}", v) for i, v in enumerate(values))
    made = secret_length(terms, theorem="T", **EPS)
    assert made.bits >= 0
    if made.bits:
        assert 0.0 <= made.total - made.bits < 1.0
        assert made.reason == ""
    else:
        assert made.total < 1.0
        assert made.reason


def test_a_given_reason_forces_zero() -> None:
    made = secret_length((("a", 100.0),), theorem="T", reason="no", **EPS)
    assert (made.bits, made.reason) == (0, "no")


def test_verification_is_charged_once() -> None:
    assert verification_term(1e-15, 0.0) == pytest.approx(-50.8289, abs=1e-4)
    assert verification_term(1e-15, 128.0) == -128.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"bits": -1},
        {"bits": 3},
        {"bits": 12},
        {"theorem": ""},
        {"epsilon_secret": 0.0},
        {"epsilon_correct": 1.0},
        {"bits": 0},
    ],
)
def test_claims_that_are_none_are_refused(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"bits": 10, "terms": (("a", 10.4),), "theorem": "T", **EPS}
    SecretLength(**good)  # type: ignore[arg-type]
    with pytest.raises(PhysicsError):
        SecretLength(**{**good, **wrong})  # type: ignore[arg-type]
