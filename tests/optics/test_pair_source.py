"""Pairs from down-conversion: the closed form against the sum over pair numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics import PairSource


@given(st.floats(0.0, 0.3), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 0.1), st.floats(0.0, 0.1))
def test_gain_is_the_sum_over_pair_numbers(half_mean: float, a: float, b: float, y_a: float, y_b: float) -> None:
    source = PairSource(half_mean)
    series = sum(
        source.pair_probability(n) * (1 - (1 - y_a) * (1 - a) ** n) * (1 - (1 - y_b) * (1 - b) ** n) for n in range(80)
    )
    assert source.coincidence_gain(a, b, y_a, y_b) == pytest.approx(series, abs=1e-12)


@given(st.floats(0.0, 0.5))
def test_pair_numbers_are_a_distribution_of_mean_twice_lambda(half_mean: float) -> None:
    source = PairSource(half_mean)
    p = [source.pair_probability(n) for n in range(200)]
    assert sum(p) == pytest.approx(1.0, abs=1e-12)
    assert sum(n * x for n, x in enumerate(p)) == pytest.approx(2 * half_mean, abs=1e-12)


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="not negative"):
        PairSource(-0.1)
    with pytest.raises(PhysicsError, match="eta_b"):
        PairSource(0.1).coincidence_gain(0.5, 1.5, 0.0, 0.0)
