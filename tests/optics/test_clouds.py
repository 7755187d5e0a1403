"""Clouds: the probabilities of the table, the correlations that were asked for, and no impossible ones."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from exact_regions import binomial_plausible
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from qcisim.errors import PhysicsError
from qcisim.optics.cloud_climate import default_fraction, monthly_fraction, slant_clear
from qcisim.optics.cloud_copula import (
    both_below,
    both_cloudy,
    cloud_correlation,
    correlation_bounds,
    correlation_root,
    latent_correlation,
    nearest_correlation,
    one_clear,
    one_clear_bounds,
)
from qcisim.optics.clouds import CloudField
from qcisim.units import great_circle_km

FRACTIONS = st.floats(0.0, 1.0)
INSIDE = st.floats(0.02, 0.98)
LUXEMBOURG, REDU, MATERA, TENERIFE = (49.69, 6.33), (50.0, 5.15), (40.65, 16.7), (28.3, -16.51)


def field(*places: tuple[float, float], fraction: object = 0.5, **kwargs: float) -> CloudField:
    lat, lon = (np.array(column) for column in zip(*places, strict=True))
    table = np.broadcast_to(np.asarray(fraction, dtype=float).reshape(-1, 1), (len(places), 12))
    return CloudField(lat, lon, table, **kwargs)


def independent_times(count: int) -> np.ndarray:
    """So far apart that the field forgets itself exactly: exp of minus a huge number is zero."""
    return np.arange(count) * 1e6


# Two sites


def test_two_correlated_sites_reach_the_reference_value() -> None:
    """`sat-cloud-two-site-diversity`: clear with 0.6 each, correlation 0.25."""
    assert one_clear(0.6, 0.6, 0.25) == pytest.approx(0.78, rel=1e-12)
    assert both_cloudy(0.4, 0.4, 0.25) == pytest.approx(0.4**2 + 0.25 * 0.24, rel=1e-12)


@given(FRACTIONS, FRACTIONS, st.floats(0.0, 1.0))
def test_two_sites_never_leave_the_bounds_of_frechet(a: float, b: float, share: float) -> None:
    low, high = (float(bound) for bound in correlation_bounds(a, b))
    assert -1.0 <= low <= 0.0 <= high <= 1.0
    joint = both_cloudy(a, b, low + share * (high - low))
    assert max(0.0, a + b - 1.0) - 1e-15 <= joint <= min(a, b)
    certain, possible = one_clear_bounds([1.0 - a, 1.0 - b])
    assert certain - 1e-12 <= 1.0 - joint <= possible + 1e-12


@given(INSIDE, INSIDE)
def test_the_bounds_are_reached(a: float, b: float) -> None:
    low, high = (float(bound) for bound in correlation_bounds(a, b))
    assert both_cloudy(a, b, high) == pytest.approx(min(a, b), abs=1e-12)
    assert both_cloudy(a, b, low) == pytest.approx(max(0.0, a + b - 1.0), abs=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: both_cloudy(0.3, 0.7, 0.9), "0.9: clouds of probability 0.3 and 0.7 can only have -1 to 0.4286"),
        (lambda: both_cloudy(0.3, 0.3, -0.9), "can only have -0.4286 to 1"),
        (lambda: both_cloudy(0.0, 0.5, 0.1), "can only have 0 to 0"),
        (lambda: both_cloudy(0.5, 0.5, math.nan), "correlation nan"),
        (lambda: both_cloudy(1.2, 0.5, 0.0), r"probability \[1.2\]: lies in \[0, 1\]"),
        (lambda: one_clear(-0.1, 0.5, 0.0), r"lies in \[0, 1\]"),
        (lambda: one_clear_bounds([]), "no site"),
        (lambda: one_clear_bounds([0.5, math.nan]), r"probability \[nan\]"),
        (lambda: monthly_fraction([0.5] * 11), "wanted one number or twelve, January first, got 11"),
        (lambda: monthly_fraction(65.0), r"cloud fraction 65: a fraction lies in \[0, 1\]; 65 % is 0.65"),
        (lambda: monthly_fraction([0.5] * 11 + [math.nan]), "cloud fraction nan"),
        (lambda: default_fraction(91.0), "latitude 91.0"),
        (lambda: slant_clear(0.5, 0.0, 0.5), "points above the horizon"),
        (lambda: slant_clear(0.5, 95.0, 0.5), "up to 90 deg"),
        (lambda: slant_clear(0.5, 45.0, -0.5), "cloud aspect ratio -0.5"),
        (lambda: field(LUXEMBOURG, fraction=1.1), "65 % is 0.65"),
        (lambda: field(LUXEMBOURG, fraction=math.nan), r"a fraction lies in \[0, 1\]"),
        (lambda: field((95.0, 6.0)), "latitude: lies in"),
        (lambda: field((49.0, 190.0)), "longitude: lies in"),
        (lambda: field(LUXEMBOURG, correlation_length_km=-1.0), "correlation length -1.0"),
        (lambda: field(LUXEMBOURG, correlation_time_h=math.inf), "correlation time inf"),
        (lambda: field(LUXEMBOURG, cloud_aspect_ratio=-1.0), "cloud aspect ratio -1.0"),
        (lambda: CloudField(np.zeros(2), np.zeros(2), np.zeros(12)), r"shape \(12,\): wanted a row of 12 months"),
        (lambda: CloudField(np.zeros(2), np.zeros(1), np.zeros((2, 12))), "one latitude and one longitude"),
        (lambda: field(LUXEMBOURG).limits(0), "month 0: wanted 1 to 12"),
        (lambda: field(LUXEMBOURG).sample(13, [0.0], np.random.default_rng(1)), "months: wanted whole numbers"),
        (lambda: field(LUXEMBOURG).sample([1, 2], [0.0], np.random.default_rng(1)), "one for each of 1 times"),
        (lambda: field(LUXEMBOURG).sample(1.5, [0.0], np.random.default_rng(1)), "months: wanted whole numbers"),
        (lambda: field(LUXEMBOURG).sample(1, [1.0, 0.0], np.random.default_rng(1)), "times of a run do not fall"),
        (lambda: field(LUXEMBOURG).sample(1, [0.0, math.nan], np.random.default_rng(1)), "times of a run do not fall"),
    ],
)  # fmt: skip
def test_what_no_cloud_does_is_refused(make: object, message: str) -> None:
    with pytest.raises(PhysicsError, match=message):
        make()  # type: ignore[operator]  # parametrised callables


# The copula


@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-0.9999, 0.9999))
@settings(deadline=None, max_examples=80)
def test_bivariate_normal_law_equals_scipy(h: float, k: float, r: float) -> None:
    oracle = multivariate_normal.cdf([h, k], cov=[[1.0, r], [r, 1.0]])
    assert float(both_below(h, k, r)) == pytest.approx(float(oracle), abs=1e-9)


@pytest.mark.parametrize(("h", "k"), [(0.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -2.0), (0.5, 0.5), (-0.3, 0.8)])
@pytest.mark.parametrize("r", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_bivariate_normal_law_on_its_edges(h: float, k: float, r: float) -> None:
    if abs(r) < 1.0:
        oracle = float(multivariate_normal.cdf([h, k], cov=[[1.0, r], [r, 1.0]]))
    else:
        oracle = min(norm.cdf(h), norm.cdf(k)) if r > 0 else max(0.0, norm.cdf(h) + norm.cdf(k) - 1.0)
    assert float(both_below(h, k, r)) == pytest.approx(oracle, abs=1e-12)


@given(INSIDE, INSIDE, st.floats(0.0, 0.98))
@settings(deadline=None)
def test_the_latent_correlation_gives_the_cloud_correlation_back(a: float, b: float, share: float) -> None:
    for bound in correlation_bounds(a, b):
        wanted = share * float(bound)
        latent = latent_correlation(a, b, wanted)
        assert float(cloud_correlation(a, b, latent)) == pytest.approx(wanted, abs=1e-9)
        assert abs(float(latent)) >= abs(wanted) - 1e-9  # thresholds only lose correlation


def test_half_clouded_skies_follow_the_arcsine_law() -> None:
    """Sheppard 1899: at a fraction of one half, rho = (2/pi) arcsin r."""
    rho = np.linspace(-0.99, 0.99, 37)
    assert latent_correlation(0.5, 0.5, rho) == pytest.approx(np.sin(np.pi / 2 * rho), abs=1e-12)
    assert latent_correlation([0.0, 1.0, 0.5], 0.5, 0.5) == pytest.approx([0.0, 0.0, math.sqrt(0.5)], abs=1e-12)


def test_an_impossible_matrix_becomes_the_nearest_correlation() -> None:
    """Higham 2002, section 4: the example whose nearest correlation matrix is printed (0.7607, 0.1573)."""
    asked = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    near = nearest_correlation(asked)
    assert near[0, 1] == pytest.approx(0.7607, abs=5e-5)
    assert near[0, 2] == pytest.approx(0.1573, abs=5e-5)
    assert np.linalg.eigvalsh(near)[0] > -1e-8
    assert np.diag(near) == pytest.approx([1.0, 1.0, 1.0], abs=0.0)
    fine = np.array([[1.0, 0.3], [0.3, 1.0]])
    assert np.array_equal(nearest_correlation(fine), fine)
    root = correlation_root(near)
    assert root @ root.T == pytest.approx(near, abs=1e-6)
    assert (root**2).sum(axis=1) == pytest.approx(np.ones(3), abs=1e-14)


# The field


def test_distances_and_correlations_are_those_of_the_map() -> None:
    clouds = field(LUXEMBOURG, MATERA, TENERIFE, correlation_length_km=500.0)
    for (i, a), (j, b) in itertools.product(enumerate((LUXEMBOURG, MATERA, TENERIFE)), repeat=2):
        assert clouds.distance_km[i, j] == pytest.approx(great_circle_km(*a, *b), abs=1e-9)
        assert clouds.wanted_correlation[i, j] == pytest.approx(math.exp(-great_circle_km(*a, *b) / 500.0), abs=1e-12)
    assert np.array_equal(field(LUXEMBOURG, LUXEMBOURG, correlation_length_km=0.0).wanted_correlation, np.eye(2))


def test_marginals_and_pairs_are_exactly_those_asked_for() -> None:
    q = (0.67, 0.62, 0.45, 0.3)
    places = (LUXEMBOURG, REDU, MATERA, TENERIFE)
    clouds = field(*places, fraction=q, correlation_length_km=400.0)
    assert clouds.limits(5) == ()
    count = 200_000
    cloudy = clouds.sample(5, independent_times(count), np.random.default_rng(20161219))
    assert cloudy.shape == (4, count)
    assert cloudy.dtype == np.bool_
    for i in range(4):
        assert binomial_plausible(int(cloudy[i].sum()), count, q[i], comparisons=10)
    for i, j in itertools.combinations(range(4), 2):
        joint = both_cloudy(q[i], q[j], math.exp(-great_circle_km(*places[i], *places[j]) / 400.0))
        assert binomial_plausible(int((cloudy[i] & cloudy[j]).sum()), count, joint, comparisons=10)


def test_three_sites_follow_the_gaussian_copula() -> None:
    q = np.array([0.67, 0.62, 0.45])
    clouds = field(LUXEMBOURG, REDU, (48.09, 11.28), fraction=q, correlation_length_km=300.0)
    latent = clouds.latent_correlation(1)
    all_three = float(multivariate_normal(mean=np.zeros(3), cov=latent).cdf(norm.ppf(q)))
    count = 100_000
    cloudy = clouds.sample(1, independent_times(count), np.random.default_rng(7))
    assert all_three > 1.3 * q.prod()
    assert binomial_plausible(int(cloudy.all(axis=0).sum()), count, all_three, comparisons=2)
    low, high = one_clear_bounds(1.0 - q)
    assert low <= 1.0 - all_three <= high


def test_clouds_last() -> None:
    """At a fraction of one half the autocorrelation of clouds is 1/e after the correlation time, exactly."""
    count = 60_000
    t_h = np.repeat(independent_times(count), 2) + np.tile([0.0, 12.0], count)
    for q, joint in ((0.5, both_cloudy(0.5, 0.5, math.exp(-1.0))), (0.2, None)):
        pairs = field(LUXEMBOURG, fraction=q).sample(4, t_h, np.random.default_rng(3))[0].reshape(count, 2)
        if joint is None:  # elsewhere the latent process decides; e-folding is a little shorter
            kept = math.sin(math.pi / (2.0 * math.e))
            joint = float(both_below(norm.ppf(q), norm.ppf(q), kept))
            assert 0.28 < (joint - q * q) / (q * (1.0 - q)) < math.exp(-1.0)
        assert binomial_plausible(int(pairs.all(axis=1).sum()), count, joint, comparisons=2)


def test_clouds_do_not_change_within_a_pass_but_do_over_a_day() -> None:
    cloudy = field(LUXEMBOURG).sample(1, np.arange(0.0, 24.0 * 400, 0.05), np.random.default_rng(2))[0]
    changes = int((cloudy[1:] != cloudy[:-1]).sum())
    assert 200 < changes < 20_000
    assert cloudy[:2].all() == cloudy[0]


def test_the_same_generator_gives_the_same_clouds_and_longer_runs_begin_the_same() -> None:
    clouds = field(LUXEMBOURG, MATERA, fraction=(0.6, 0.4))
    months = np.repeat([1, 2, 3], 100)
    t_h = np.arange(300) * 0.5
    once, again = (clouds.sample(months, t_h, np.random.default_rng(11)) for _ in range(2))
    assert np.array_equal(once, again)
    assert np.array_equal(clouds.sample(months[:120], t_h[:120], np.random.default_rng(11)), once[:, :120])
    assert not np.array_equal(clouds.sample(months, t_h, np.random.default_rng(12)), once)


def test_months_have_their_own_fractions() -> None:
    table = np.zeros((1, 12))
    table[0, 5:8] = 1.0
    clouds = CloudField(np.array([49.7]), np.array([6.3]), table)
    months = np.repeat(np.arange(1, 13), 50)
    cloudy = clouds.sample(months, np.arange(600.0), np.random.default_rng(1))[0]
    assert np.array_equal(cloudy, (months >= 6) & (months <= 8))


def test_two_telescopes_at_one_place_share_their_sky() -> None:
    cloudy = field(LUXEMBOURG, LUXEMBOURG, fraction=0.6).sample(1, independent_times(2000), np.random.default_rng(5))
    assert np.array_equal(cloudy[0], cloudy[1])


def test_impossible_correlations_are_cut_to_what_is_possible_and_said() -> None:
    """A clear and a cloudy place cannot share a sky: the clearer one is cloudy only where the other one is."""
    clouds = field(LUXEMBOURG, LUXEMBOURG, fraction=(0.3, 0.7))
    assert clouds.limits(1) == (
        "stations 0 and 1: correlation 1.000 is impossible for cloud fractions 0.30 and 0.70, which allow 0.429",
    )
    cloudy = clouds.sample(1, independent_times(20_000), np.random.default_rng(9))
    assert not (cloudy[0] & ~cloudy[1]).any()
    assert binomial_plausible(int(cloudy[0].sum()), 20_000, 0.3)
    assert field(LUXEMBOURG, LUXEMBOURG, fraction=(0.0, 0.7)).limits(1) == ()


def test_pairs_that_do_not_fit_together_are_repaired_and_said() -> None:
    """Over 3000 km of correlation nineteen stations from 28 to 60 degrees ask for more than a Gaussian copula has."""
    lat = np.linspace(28.0, 60.0, 19)
    clouds = CloudField(
        lat, np.linspace(-16.0, 25.0, 19), np.array([default_fraction(x) for x in lat]), correlation_length_km=3000.0
    )
    assert clouds.limits(7)[-1].startswith("the pairs do not fit together in a Gaussian copula")
    assert np.linalg.eigvalsh(clouds.latent_correlation(7))[0] > -1e-7
    cloudy = clouds.sample(7, independent_times(50_000), np.random.default_rng(4))
    for i in range(19):  # marginals stay exact all the same
        assert binomial_plausible(int(cloudy[i].sum()), 50_000, clouds.fraction[i, 6], comparisons=19)


def test_low_lines_of_sight_meet_more_clouds() -> None:
    assert slant_clear(0.5, [90.0, 30.0], 0.0) == pytest.approx([0.5, 0.5], abs=0.0)
    assert slant_clear(0.5, 45.0, math.pi / 4) == pytest.approx(0.25, rel=1e-12)  # a shadow twice as large
    elevation = np.linspace(5.0, 90.0, 30)
    assert (np.diff(slant_clear(0.4, elevation, 0.5)) > 0.0).all()
    clouds = field(LUXEMBOURG, cloud_aspect_ratio=0.5)
    rank = clouds.sample_rank(1, independent_times(20_000), np.random.default_rng(8))
    low, zenith = clouds.cloudy(rank, 1, 20.0), clouds.cloudy(rank, 1, 90.0)
    assert np.array_equal(zenith, clouds.cloudy(rank, 1))
    assert not (zenith & ~low).any()
    blocked = 1.0 - float(slant_clear(0.5, 20.0, 0.5))
    assert binomial_plausible(int(low.sum()), 20_000, blocked)


# The default climatology


def test_user_tables_are_one_number_or_twelve() -> None:
    assert np.array_equal(monthly_fraction(0.6), np.full(12, 0.6))
    table = np.linspace(0.1, 0.9, 12)
    assert np.array_equal(monthly_fraction(table.tolist()), table)


def area_mean(lat: np.ndarray, weight: np.ndarray) -> float:
    return float(np.average([default_fraction(float(x)).mean() for x in lat], weights=weight * np.cos(np.deg2rad(lat))))


def test_the_default_agrees_with_published_means() -> None:
    """Land 55 % (King et al. 2013, MODIS), European land 60 % (CLARA-A2.1), Iberia 35 to 65 % (Calbó 2009)."""
    europe = np.linspace(34.0, 72.0, 77)
    assert area_mean(europe, np.ones(77)) == pytest.approx(0.60, abs=0.02)
    share_of_land = {  # of each ten degrees of latitude, from the equator: north, south (to 60 S)
        5: (0.23, 0.24), 15: (0.26, 0.22), 25: (0.38, 0.23), 35: (0.43, 0.11), 45: (0.52, 0.03), 55: (0.57, 0.01),
        65: (0.71, 0.0), 75: (0.24, 0.0), 85: (0.11, 0.0),
    }  # fmt: skip
    lat = np.array([sign * float(x) for x in share_of_land for sign in (1, -1)])
    assert area_mean(lat, np.array([w for pair in share_of_land.values() for w in pair])) == pytest.approx(
        0.55, abs=0.02
    )
    for iberia in (37.0, 40.0, 43.0):
        assert 0.35 < default_fraction(iberia).mean() < 0.65
        assert default_fraction(iberia).argmin() == 6


@given(st.floats(-90.0, 90.0))
def test_the_default_is_a_fraction_and_its_seasons_turn_at_the_equator(lat_deg: float) -> None:
    here, there = default_fraction(lat_deg), default_fraction(-lat_deg)
    assert ((here >= 0.0) & (here <= 1.0)).all()
    if lat_deg != 0.0:
        assert np.roll(there, 6) == pytest.approx(here, abs=1e-12)
