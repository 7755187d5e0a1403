"""Concentration bounds against exact tails and against the sources."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qcisim.errors import PhysicsError
from qcisim.security import (
    chernoff_interval,
    clopper_pearson_lower,
    clopper_pearson_upper,
    hoeffding_deviation,
    qber_interval,
    sampling_gamma,
    serfling_deviation,
    serfling_tail,
)
from qcisim.security.phase_error import phase_error_by_sampling

EPSILON = st.floats(1e-12, 0.2)


@given(st.integers(2, 400), st.integers(2, 400), st.data())
@settings(max_examples=150, deadline=None)
def test_the_exact_hypergeometric_tail_is_below_serfling(n: int, k: int, data: st.DataObject) -> None:
    errors = data.draw(st.integers(0, n + k))
    v = data.draw(st.floats(0.01, 0.5))
    # errors in the sample so few that rest rate - sample rate >= v: (E - x)/n - x/k >= v
    most = math.floor((errors / n - v) / (1 / n + 1 / k) + 1e-12)
    exact = float(stats.hypergeom.cdf(most, n + k, errors, k)) if most >= 0 else 0.0
    assert exact <= serfling_tail(n, k, v) * (1 + 1e-9)


def test_sampling_without_replacement_is_not_bounded_by_the_naive_tail() -> None:
    n = k = 50
    v = 0.2
    worst = max(
        float(stats.hypergeom.cdf(math.floor((e / n - v) / (1 / n + 1 / k) + 1e-12), n + k, e, k)) for e in range(101)
    )
    assert math.exp(-2 * k * v * v) == pytest.approx(0.018, abs=5e-4)
    assert math.exp(-2 * k * v * v) < worst < serfling_tail(n, k, v)
    assert worst == pytest.approx(0.036, abs=1e-3)


@given(st.integers(10, 10**7), st.integers(10, 10**7), EPSILON)
def test_serfling_deviation_inverts_the_tail_up_to_its_factor_two(n: int, k: int, epsilon: float) -> None:
    # Tomamichel 2012 takes sqrt(ln(1/eps) ...), twice what the tail needs: its eps is a square root of the tail
    tail = serfling_tail(n, k, serfling_deviation(n, k, epsilon))
    assert tail == pytest.approx(epsilon**2, rel=1e-6)


@given(st.integers(1, 300), st.floats(0.01, 0.99), EPSILON)
@settings(max_examples=100, deadline=None)
def test_hoeffding_covers_a_binomial(n: int, p: float, epsilon: float) -> None:
    delta = hoeffding_deviation(n, epsilon)
    assert float(stats.binom.sf(math.ceil(n * p + delta) - 1, n, p)) <= epsilon * (1 + 1e-9)
    assert float(stats.binom.cdf(math.floor(n * p - delta), n, p)) <= epsilon * (1 + 1e-9)


@given(st.floats(0.1, 400.0), EPSILON)
@settings(max_examples=40, deadline=None)
def test_chernoff_interval_covers_a_poisson_mean(mean: float, epsilon: float) -> None:
    lawful = stats.poisson(mean)
    missed_low = sum(lawful.pmf(x) for x in range(int(mean) + 150) if chernoff_interval(x, x, epsilon)[0] > mean)
    missed_high = sum(lawful.pmf(x) for x in range(int(mean) + 150) if chernoff_interval(x, x, epsilon)[1] < mean)
    assert missed_low <= epsilon * (1 + 1e-9)
    assert missed_high <= epsilon * (1 + 1e-9)


@given(st.integers(1, 200), st.floats(1e-6, 1 - 1e-6), EPSILON)
@settings(max_examples=100, deadline=None)
def test_clopper_pearson_covers_exactly(n: int, p: float, epsilon: float) -> None:
    law = stats.binom(n, p)
    low = sum(law.pmf(k) for k in range(n + 1) if clopper_pearson_upper(k, n, epsilon) < p - 1e-12)
    high = sum(law.pmf(k) for k in range(n + 1) if clopper_pearson_lower(k, n, epsilon) > p + 1e-12)
    assert low <= epsilon + 1e-9
    assert high <= epsilon + 1e-9


def test_the_mistakes_of_the_field_give_other_numbers() -> None:
    right = sampling_gamma(1e-10, 0.02, 1e4, 1e5, uses=21)
    assert right == pytest.approx(0.014516216805235608, rel=1e-9)  # Lim 2014, after Eq. (5)
    assert sampling_gamma(1e-10, 0.02, 1e4, 1e5, uses=19) < right
    natural = math.sqrt((1.1e5 * 0.98 * 0.02) / 1e9 * math.log(1.1e5 / (1e9 * 0.98 * 0.02) * 441 / 1e-20))
    assert natural == pytest.approx(right * math.log(2.0), rel=1e-9)  # ln for log2: too small, the unsafe side
    two_sided = hoeffding_deviation(1e6, 1e-10 / 2.0)
    assert two_sided > hoeffding_deviation(1e6, 1e-10)


def test_qber_interval() -> None:
    exact = stats.binomtest(20, 1000).proportion_ci(0.95, "exact")
    assert qber_interval(20, 1000, 0.95) == pytest.approx((exact.low, exact.high), rel=1e-9)
    assert qber_interval(0, 0) == (0.0, 1.0)
    assert qber_interval(0, 50)[0] == 0.0
    assert qber_interval(50, 50)[1] == 1.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: hoeffding_deviation(-1.0, 0.1),
        lambda: hoeffding_deviation(10.0, 0.0),
        lambda: serfling_deviation(0.0, 10.0, 0.1),
        lambda: chernoff_interval(-1.0, 0.0, 0.1),
        lambda: clopper_pearson_upper(5, 4, 0.1),
        lambda: sampling_gamma(0.1, 1.0, 5, 5, 21),
        lambda: qber_interval(1, 2, 1.0),
    ],
)
def test_refusals(call: object) -> None:
    with pytest.raises(PhysicsError):
        call()  # type: ignore[operator]


@pytest.mark.parametrize(("sampled", "rest"), [(300, 300), (1000, 30_000), (5000, 1000), (200, 5000)])
@pytest.mark.parametrize("errors", [0, 1, 3, 10, 30, 60])
@pytest.mark.parametrize("uses", [19, 21])
def test_phase_error_holds_against_the_exact_hypergeometric_law(
    sampled: int, rest: int, errors: int, uses: int
) -> None:
    """One error more in the rest than the bound allows: so few in the sample are seen with probability < eps/F."""
    epsilon = 1e-6
    phi = phase_error_by_sampling(errors, sampled, rest, epsilon, uses)
    if phi < 0.5:
        too_many = math.floor(phi * rest) + 1
        assert stats.hypergeom(sampled + rest, errors + too_many, sampled).cdf(errors) <= epsilon / uses


def test_no_error_in_a_small_sample_is_no_proof_of_none() -> None:
    """The expansion gamma alone tends to 0 with the errors seen: 1000 rounds without one would prove 6e-7."""
    assert sampling_gamma(1e-10, 1e-12, 1e3, 1e5, 21) < 1e-6
    assert phase_error_by_sampling(0.0, 1e3, 1e5, 1e-10, 21) > -math.expm1(math.log(1e-10 / 21) / 1e3)
    assert phase_error_by_sampling(0.0, 2.0, 1e5, 1e-10, 21) == 0.5


@given(st.floats(0.0, 400.0), st.floats(0.0, 50.0), st.floats(10.0, 1e7), st.floats(10.0, 1e8), st.floats(1e-15, 1e-3))
def test_phase_error_rises_with_errors_and_with_confidence(
    errors: float, more: float, sampled: float, rest: float, epsilon: float
) -> None:
    phi = phase_error_by_sampling(errors, sampled, rest, epsilon, 21)
    slack = 1e-9
    assert phi <= phase_error_by_sampling(errors + more, sampled, rest, epsilon, 21) + slack
    assert phi <= phase_error_by_sampling(errors, sampled, rest, epsilon / 10.0, 21) + slack
    assert phi >= min(0.5, errors / sampled)
