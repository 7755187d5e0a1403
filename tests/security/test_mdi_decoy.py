"""Decoy bounds of two senders hold for any yields; linear programs and closed forms against the truth."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qcisim.errors import PhysicsError
from qcisim.security import Hub, finite_decoys, mdi_decoy, mdi_rate
from qcisim.security.mdi_linear_program import single_pair_errors_by_program, single_pair_yield_by_program
from tests.security import hub_oracle

PHOTONS = 12
ARMS = st.tuples(st.floats(0.15, 0.8), st.floats(0.2, 0.7), st.floats(0.0, 0.8)).map(
    lambda x: (x[0], x[0] * x[1], x[0] * x[1] * x[2] * (x[2] > 0.05))
)


def gains(yield_nm: NDArray, a: tuple[float, ...], b: tuple[float, ...]) -> dict[tuple[float, float], float]:
    photons = np.arange(len(yield_nm))
    factorial = np.array([math.factorial(n) for n in photons])
    found = {}
    for x, y in product(a, b):
        weight = np.outer(np.exp(-x) * x**photons / factorial, np.exp(-y) * y**photons / factorial)
        found[x, y] = float((weight * yield_nm).sum())
    return found


def rows(found: dict[tuple[float, float], float], a: tuple[float, ...], b: tuple[float, ...]) -> list:
    return [[(found[x, y],) * 2 for y in b] for x in a]


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1.0, 6.0]), ARMS, ARMS)
@settings(max_examples=120, deadline=None)
def test_bounds_hold_for_any_yields(seed: int, extreme: float, a: tuple, b: tuple) -> None:
    """Yields anywhere in [0, 1], also all 0 or 1: what the hub's owner may choose."""
    rng = np.random.default_rng(seed)
    made = rng.random((PHOTONS, PHOTONS))
    made = np.round(made) if extreme == 0.0 else made**extreme
    wrong = made * rng.random((PHOTONS, PHOTONS))
    low = mdi_decoy.single_pair_yield(a, b, mdi_decoy.exact_table(gains(made, a, b)))
    high = mdi_decoy.single_pair_errors(a, b, mdi_decoy.exact_table(gains(wrong, a, b)))
    assert low <= made[1, 1] + 1e-12 / (a[1] - a[2]) / (b[1] - b[2])
    assert high >= wrong[1, 1] - 1e-12 / (a[1] - a[2]) / (b[1] - b[2])


@given(st.integers(0, 2**32 - 1), ARMS, ARMS)
@settings(max_examples=15, deadline=None)
def test_programs_hold_for_any_yields(seed: int, a: tuple, b: tuple) -> None:
    rng = np.random.default_rng(seed)
    made = rng.random((PHOTONS, PHOTONS)) ** 4
    wrong = made * rng.random((PHOTONS, PHOTONS))
    assert single_pair_yield_by_program(a, b, rows(gains(made, a, b), a, b)) <= made[1, 1] + 1e-6
    assert single_pair_errors_by_program(a, b, rows(gains(wrong, a, b), a, b)) >= wrong[1, 1] - 1e-6


@pytest.mark.parametrize(
    ("hub", "a", "b"),
    [
        (Hub(0.0145, 0.0145, 3e-6, 0.015), (0.3, 0.05, 0.0), (0.3, 0.05, 0.0)),
        (Hub(0.1, 0.01, 1e-7, 0.01, 0.97), (0.05, 0.005, 0.0), (0.5, 0.05, 0.0)),
        (Hub(0.1, 0.01, 1e-7, 0.01, 0.97), (0.3, 0.02, 0.0), (0.5, 0.05, 0.0)),
        (Hub(1e-3, 1e-3, 1e-8, 0.01), (0.3, 0.02, 0.001), (0.3, 0.02, 0.001)),
    ],
)
def test_closed_form_program_and_truth_in_order(hub: Hub, a: tuple, b: tuple) -> None:
    truth, closed = hub.single_photons(), mdi_decoy.from_hub(hub, a, b)
    seen = {(x, y): hub.test_basis(x, y) for x, y in product(a, b)}
    best = single_pair_yield_by_program(a, b, rows({k: g.gain for k, g in seen.items()}, a, b))
    worst = single_pair_errors_by_program(a, b, rows({k: g.error_gain for k, g in seen.items()}, a, b))
    assert 0.7 * truth.gain < closed.gain <= best * (1.0 + 1e-6) <= truth.gain * (1.0 + 2e-6)
    assert closed.error_gain * (1.0 + 1e-3) >= worst >= truth.error_gain * (1.0 - 1e-6)


def test_gains_of_a_hub_are_those_of_its_yields() -> None:
    hub = Hub(0.3, 0.1, 1e-4, 0.02, 0.95)
    made, wrong = hub_oracle.yields(hub, "X", 12)
    for (x, y), gain in gains(made, (0.4, 0.1), (0.6, 0.05)).items():
        assert gain == pytest.approx(hub.test_basis(x, y).gain, rel=1e-6)
    for (x, y), gain in gains(wrong, (0.4,), (0.05,)).items():
        assert gain == pytest.approx(hub.test_basis(x, y).error_gain, rel=1e-6)


@given(st.floats(1e-3, 0.3), st.floats(0.1, 1.0), st.floats(0.0, 0.05), st.floats(0.02, 0.2))
@settings(max_examples=40, deadline=None)
def test_finite_decoys_never_beat_infinitely_many(eta: float, ratio: float, e_d: float, nu: float) -> None:
    hub = Hub(eta, eta * ratio, 1e-7, e_d)
    arm = (0.4, nu, 0.0)
    exact = mdi_rate.infinite_decoys(hub, 0.4, 0.4)
    assert finite_decoys(hub, 0.4, 0.4, arm, arm) <= exact + 1e-12
    weak = (0.4, 1e-4, 0.0)
    if ratio > 0.5:
        assert finite_decoys(hub, 0.4, 0.4, weak, weak) == pytest.approx(exact, rel=0.03, abs=3e-3 * eta * eta)


def test_swapping_the_arms_changes_nothing() -> None:
    a, b = (0.05, 0.01, 0.001), (0.5, 0.08, 0.0)
    one = mdi_decoy.from_hub(Hub(0.1, 0.01, 1e-6, 0.01), a, b)
    two = mdi_decoy.from_hub(Hub(0.01, 0.1, 1e-6, 0.01), b, a)
    assert one.gain == pytest.approx(two.gain, rel=1e-10)
    assert one.error_gain == pytest.approx(two.error_gain, rel=1e-10)


def test_an_interval_only_widens_a_bound() -> None:
    hub, a = Hub(0.05, 0.05, 1e-6, 0.01), (0.3, 0.05, 0.001)
    exact = [math.exp(x + y) * hub.test_basis(x, y).gain for x, y in product(a, a)]
    tight = mdi_decoy.as_table([(v, v) for v in exact])
    wide = mdi_decoy.as_table([(0.999 * v, 1.001 * v) for v in exact])
    assert mdi_decoy.single_pair_yield(a, a, wide) < mdi_decoy.single_pair_yield(a, a, tight)
    assert mdi_decoy.single_pair_errors(a, a, wide) > mdi_decoy.single_pair_errors(a, a, tight)


@pytest.mark.parametrize("decoys", [(0.3, 0.3, 0.0), (0.1, 0.3, 0.0), (0.3, 0.1, -0.1), (0.3, 0.1), (0.3, 0.1, 0.1)])
def test_decoys_out_of_order_are_refused(decoys: tuple[float, ...]) -> None:
    with pytest.raises(PhysicsError, match="decoy"):
        mdi_decoy.from_hub(Hub(0.1, 0.1, 0.0), (0.3, 0.1, 0.0), decoys)  # type: ignore[arg-type]


def test_programs_refuse_what_does_not_fit() -> None:
    with pytest.raises(PhysicsError, match="one per pair"):
        single_pair_yield_by_program((0.3, 0.1), (0.3,), [[(0.1, 0.1)]])
    with pytest.raises(PhysicsError, match="low end"):
        single_pair_yield_by_program((0.3,), (0.3,), [[(0.2, 0.1)]])
    with pytest.raises(PhysicsError, match="nine"):
        mdi_decoy.as_table([(0.0, 0.0)] * 8)


def test_a_program_without_information_proves_nothing() -> None:
    assert single_pair_yield_by_program((0.3,), (0.3,), [[(0.0, 1.0)]]) == 0.0
    assert single_pair_errors_by_program((0.3,), (0.3,), [[(0.0, 1.0)]]) == pytest.approx(1.0)
