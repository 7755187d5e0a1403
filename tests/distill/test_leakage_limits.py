"""Limits of reconciliation against their published values."""

from __future__ import annotations

import pytest

from qcisim.distill import efficiency, one_way_leakage, shannon_leakage
from qcisim.errors import PhysicsError


def test_values() -> None:
    assert shannon_leakage(10_000, 0.02) == pytest.approx(1414.4054254182067, rel=1e-12)  # ec.shannon.0.02
    assert one_way_leakage(1e4, 0.02, 1e-2) == pytest.approx(1580.7884280503442, rel=1e-9)  # ec.finite.10000.0.02
    assert one_way_leakage(1e5, 0.05, 1e-3) == pytest.approx(29526.233667437227, rel=1e-9)  # ec.finite.100000.0.05
    assert efficiency(1500, 10_000, 0.02) == pytest.approx(1500 / 1414.4054254182067)


@pytest.mark.parametrize("qber", [0.01, 0.05, 0.1])
def test_the_finite_limit_approaches_the_asymptotic_one_from_above(qber: float) -> None:
    ratios = [one_way_leakage(n, qber, 1e-3) / shannon_leakage(n, qber) for n in (1e4, 1e5, 1e6, 1e8)]
    assert ratios == sorted(ratios, reverse=True)
    assert 1 < ratios[-1] < 1.005


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="qber"):
        shannon_leakage(10, 0.6)
    with pytest.raises(PhysicsError, match="bits"):
        shannon_leakage(0, 0.1)
    with pytest.raises(PhysicsError, match="failure_probability"):
        one_way_leakage(10, 0.1, 0)
    with pytest.raises(PhysicsError, match="the limit is 0"):
        efficiency(10, 10, 0.0)
