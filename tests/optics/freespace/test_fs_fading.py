"""Fading laws: quadrature, distribution and samples tell the same story."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    EllipticBeam,
    FadingLaw,
    GammaGamma,
    LogNegativeWeibull,
    LogNormal,
    NoFading,
    WeibullPointing,
    nodes_along,
)
from qcisim.optics.freespace.elliptic import _ellipse

WEIBULL = LogNegativeWeibull.of(WeibullPointing.of(6.0, 1.0), 1.5)
LAWS: dict[str, FadingLaw] = {
    "log-normal weak": LogNormal(0.05),
    "log-normal": LogNormal(0.6),
    "gamma-gamma weak": GammaGamma.of_rytov(0.2),
    "gamma-gamma": GammaGamma.of_rytov(1.6),
    "gamma-gamma strong": GammaGamma.of_rytov(3.5),
    "gamma-gamma one-sided": GammaGamma(5e3, 4.0),
    "weibull": WEIBULL,
    "weibull large aperture": LogNegativeWeibull.of(WeibullPointing.of(1.0, 2.0), 0.4),
    "elliptic": EllipticBeam(1.0, 6.0, 1.5, 0.05, -0.02),
    "elliptic near": EllipticBeam.horizontal(0.02, 0.08, 809.0, 1.6, 0.9e-14),
}
ROWS: dict[str, FadingLaw] = {
    "log-normal": LogNormal(np.array([0.0, 0.1, 0.9])),
    "gamma-gamma": GammaGamma(np.array([4.0, 11.6, 1e8]), np.array([1.9, 10.1, 1e8])),
    "weibull": LogNegativeWeibull(np.array([0.0, 0.5, 1.5]), 4.2, np.array([2.0, 2.1, 2.0])),
    "elliptic": EllipticBeam(1.0, np.array([4.0, 6.0, 9.0]), np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.02, 0.1])),
}


def _mean(law: FadingLaw, h: object) -> float:
    """int h(f) p(f) df by adaptive quadrature in ln f."""
    upper = 12.0
    while float(law.cdf(math.exp(upper))) == 1.0 and float(law.cdf(math.exp(upper - 0.05))) == 1.0:
        upper -= 0.05
    points = sorted({-3.0, -1.0, -0.3, 0.3, upper - 0.2, upper - 0.02})

    def density(u: float) -> float:
        f = math.exp(u)
        return h(f) * float(law.pdf(f)) * f  # type: ignore[operator,no-any-return]

    value = integrate.quad(density, -40.0, upper, points=[p for p in points if p < upper], limit=800, epsabs=1e-10)
    return float(value[0])


def _click(f: float | np.ndarray) -> float | np.ndarray:
    """A threshold detector at mu eta = 0.8: strongly non-linear."""
    return 1.0 - np.exp(-0.8 * f)


def _saturation(f: float | np.ndarray) -> float | np.ndarray:
    """Dead time at twice the saturation rate."""
    return f / (1.0 + 2.0 * f)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("count", [1, 4, 8, 15])
def test_weights_and_mean_are_exact(name: str, count: int) -> None:
    factor, weight = LAWS[name].nodes(count)
    assert factor.shape == weight.shape == (count,)
    assert np.all(weight > 0.0)
    assert np.all(factor >= 0.0)
    assert weight.sum() == pytest.approx(1.0, abs=1e-14)
    assert factor @ weight == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("name", ROWS)
def test_rows_share_their_weights_and_equal_their_own_law(name: str) -> None:
    law = ROWS[name]
    factor, weight = law.nodes(8)
    assert factor.shape == (3, 8)
    assert weight.shape == (8,)
    assert factor @ weight == pytest.approx(1.0, abs=1e-13)
    fields = [getattr(law, field) for field in law.__dataclass_fields__]  # type: ignore[attr-defined]
    for row in range(3):
        alone = type(law)(*(value if np.ndim(value) == 0 else float(value[row]) for value in fields))
        assert factor[row] == pytest.approx(alone.nodes(8)[0], rel=1e-9)
        assert law.cdf(0.9)[row] == pytest.approx(float(alone.cdf(0.9)), abs=1e-12)
        assert law.pdf(0.9)[row] == pytest.approx(float(alone.pdf(0.9)), rel=1e-9)
    assert law.sample(np.random.default_rng(1)).shape == (3,)
    assert law.sample(np.random.default_rng(1), (5, 3)).shape == (5, 3)


ELLIPTIC = [name for name in LAWS if "elliptic" in name]
OTHERS = [name for name in LAWS if "elliptic" not in name]
EIGHT = {  # relative error of eight nodes
    "log-normal weak": 1e-8,
    "log-normal": 2e-6,
    "gamma-gamma weak": 1e-7,
    "gamma-gamma": 2e-5,
    "gamma-gamma strong": 2e-5,
    "gamma-gamma one-sided": 1e-6,
    "weibull": 3e-4,
    "weibull large aperture": 3e-4,
}


@pytest.mark.parametrize("h", [_click, _saturation])
@pytest.mark.parametrize("name", OTHERS)
def test_eight_nodes_average_a_detector_that_is_not_linear(name: str, h: object) -> None:
    law = LAWS[name]
    factor, weight = law.nodes(8)
    exact = _mean(law, h)
    assert float(h(factor) @ weight) == pytest.approx(exact, rel=EIGHT[name])  # type: ignore[operator]
    assert abs(float(h(1.0)) - exact) > 3.0 * EIGHT[name] * exact  # type: ignore[operator]  # the mean would not do


@pytest.mark.parametrize("h", [_click, _saturation])
@pytest.mark.parametrize("name", ELLIPTIC)
def test_eight_nodes_of_the_elliptic_law_average_like_its_samples(name: str, h: object) -> None:
    """Within 6.2 standard errors (false alarm 1e-9) and 2e-4 for the rule."""
    law = LAWS[name]
    factor, weight = law.nodes(8)
    seen = h(law.sample(np.random.default_rng(42), 1_000_000))  # type: ignore[operator]
    error = 6.2 * float(seen.std()) / math.sqrt(seen.size) + 2e-4 * float(seen.mean())
    assert float(h(factor) @ weight) == pytest.approx(float(seen.mean()), abs=error)  # type: ignore[operator]
    assert abs(float(h(1.0)) - float(seen.mean())) > 2.0 * error  # type: ignore[operator]


@pytest.mark.parametrize("name", OTHERS)
def test_density_is_the_derivative_of_the_distribution(name: str) -> None:
    law = LAWS[name]
    assert _mean(law, lambda f: 1.0) == pytest.approx(1.0, abs=2e-5)
    assert _mean(law, lambda f: f) == pytest.approx(1.0, abs=2e-5)
    for low, high in ((0.5, 0.8), (0.8, 1.1), (1.1, 1.15)):
        mass = integrate.quad(lambda f: float(law.pdf(f)), low, high, limit=200, epsabs=1e-9)[0]
        assert mass == pytest.approx(float(law.cdf(high) - law.cdf(low)), abs=1e-6)
    assert float(law.cdf(0.0)) == float(law.pdf(0.0)) == float(law.pdf(-1.0)) == 0.0


@pytest.mark.parametrize("name", ELLIPTIC)
def test_density_of_the_elliptic_law(name: str) -> None:
    law = LAWS[name]
    f = np.linspace(0.3, 0.8, 101)
    mass = integrate.simpson([float(law.pdf(x)) for x in f], x=f)
    assert mass == pytest.approx(float(law.cdf(0.8) - law.cdf(0.3)), abs=1e-4)
    assert float(law.cdf(0.0)) == float(law.pdf(0.0)) == float(law.pdf(-1.0)) == 0.0


@pytest.mark.parametrize("name", LAWS)
def test_samples_follow_the_distribution(name: str) -> None:
    """Counts below five levels inside exact binomial intervals, false alarm 1e-9 in all."""
    size, levels = 40_000, (0.3, 0.7, 0.95, 1.05, 1.3)
    drawn = LAWS[name].sample(np.random.default_rng(20161219), size)
    for level in levels:
        p = float(LAWS[name].cdf(level))
        low, high = stats.binom.ppf([1e-10, 1.0 - 1e-10], size, p)
        assert low <= np.count_nonzero(drawn <= level) <= high, f"{level}: {p}"


def test_no_fading_is_the_limit_of_every_law() -> None:
    quiet: list[FadingLaw] = [
        NoFading(),
        LogNormal(0.0),
        GammaGamma.of_rytov(0.0),
        LogNegativeWeibull(0.0, 4.0, 2.0),
        EllipticBeam(1.0, 6.0, 0.0),
    ]
    for law in quiet:
        factor, weight = law.nodes(8)
        assert factor == pytest.approx(np.ones(weight.size), abs=1e-3)
        assert law.cdf(np.array([0.99, 1.01])) == pytest.approx([0.0, 1.0], abs=1e-9)
        assert float(law.sample(np.random.default_rng(1))) == pytest.approx(1.0, abs=1e-3)
    assert NoFading().nodes(8)[0].tolist() == [1.0]
    assert NoFading().sample(np.random.default_rng(1), 3).tolist() == [1.0, 1.0, 1.0]


@settings(max_examples=25)
@given(variance=st.floats(1e-4, 1.5), count=st.integers(6, 20))
def test_log_normal_variance(variance: float, count: int) -> None:
    factor, weight = LogNormal(variance).nodes(count)
    assert factor**2 @ weight == pytest.approx(math.exp(variance), rel=0.02)


@pytest.mark.parametrize("rytov", [0.2, 1.6, 3.5])
def test_gamma_gamma_published_shapes(rytov: float) -> None:
    """Weak 11.6 and 10.1, moderate 4.0 and 1.9, strong 4.2 and 1.4: Ghassemlooy et al., Optical Wireless
    Communications (2012), table of the gamma-gamma parameters."""
    wanted = {0.2: (11.6, 10.1), 1.6: (4.0, 1.9), 3.5: (4.2, 1.4)}[rytov]
    law = GammaGamma.of_rytov(rytov)
    assert (float(law.alpha), float(law.beta)) == pytest.approx(wanted, abs=0.06)  # type: ignore[arg-type]


@pytest.mark.parametrize(("alpha", "beta"), [(4.0, 1.9), (11.6, 10.1), (30.0, 2.5)])
def test_gamma_gamma_density_is_the_closed_form(alpha: float, beta: float) -> None:
    f = np.array([0.05, 0.3, 0.9, 1.4, 3.0])
    half = 0.5 * (alpha + beta)
    root = np.sqrt(alpha * beta * f)
    head = half * math.log(alpha * beta) - special.gammaln(alpha) - special.gammaln(beta) - 2.0 * root
    exact = 2.0 * np.exp(head) * f ** (half - 1.0) * special.kve(alpha - beta, 2.0 * root)
    assert GammaGamma(alpha, beta).pdf(f) == pytest.approx(exact, rel=1e-8)
    assert GammaGamma(beta, alpha).pdf(f) == pytest.approx(exact, rel=1e-8)


def test_gamma_gamma_moments() -> None:
    for law in (GammaGamma(4.0, 1.9), GammaGamma(11.6, 10.1), GammaGamma(1e6, 3.0)):
        factor, weight = law.nodes(12)
        assert factor**2 @ weight - 1.0 == pytest.approx(float(law.scintillation_index), rel=1e-5)


def test_a_large_aperture_quietens_gamma_gamma() -> None:
    index = GammaGamma.of_rytov(1.0, np.array([0.0, 1.0, 5.0])).scintillation_index
    assert np.all(np.diff(index) < 0.0)
    assert GammaGamma.of_rytov(1e-3).scintillation_index == pytest.approx(1e-3, rel=0.02)
    assert GammaGamma.of_rytov(1e-3, 0.0, "spherical").scintillation_index == pytest.approx(1e-3, rel=0.02)


def test_many_rows_are_interpolated_as_well_as_computed() -> None:
    rytov = np.geomspace(0.02, 8.0, 1000)
    law = GammaGamma.of_rytov(rytov)
    factor, weight = law.nodes(8)
    few = GammaGamma(law.alpha[::37], law.beta[::37]).nodes(8)[0]  # type: ignore[index]
    assert factor[::37] == pytest.approx(few, rel=2e-4)
    assert _saturation(factor[::37]) @ weight == pytest.approx(_saturation(few) @ weight, rel=1e-7)


@pytest.mark.parametrize("name", ["gamma-gamma", "elliptic"])
def test_nodes_along_a_pass(name: str) -> None:
    elevation = np.linspace(10.0, 88.0, 301)

    def law_at(e: np.ndarray) -> FadingLaw:
        sec = 1.0 / np.sin(np.radians(e))
        if name == "gamma-gamma":
            return GammaGamma.of_rytov(0.08 * sec ** (11.0 / 6.0))
        return EllipticBeam(1.0, 5.0 * sec, 0.6 * sec, 0.01 * sec)

    factor, weight = nodes_along(law_at, elevation, 8)
    assert factor.shape == (301, 8)
    assert factor @ weight == pytest.approx(1.0, abs=1e-13)
    some = slice(0, 301, 30)
    assert factor[some] == pytest.approx(law_at(elevation[some]).nodes(8)[0], rel=3e-4)
    constant, _ = nodes_along(lambda e: NoFading(), elevation, 8)
    assert constant.shape == (301, 1)


def _ellipse_on_aperture(a: float, w1: float, w2: float, r: float, chi: float) -> float:
    """Power of the elliptic Gaussian on a disc, its first axis turned by chi against the displacement r."""
    rho, wr = np.polynomial.legendre.leggauss(80)
    rho, wr = 0.5 * a * (rho + 1.0), 0.5 * a * wr
    phi = np.arange(160) * 2.0 * math.pi / 160
    x, y = rho[:, None] * np.cos(phi) - r, rho[:, None] * np.sin(phi)
    along, across = x * math.cos(chi) + y * math.sin(chi), -x * math.sin(chi) + y * math.cos(chi)
    light = 2.0 / (math.pi * w1 * w2) * np.exp(-2.0 * (along / w1) ** 2 - 2.0 * (across / w2) ** 2)
    return float((light.mean(axis=1) * 2.0 * math.pi * rho) @ wr)


def _formula(a: float, w1: float, w2: float, r: float, chi: float) -> tuple[float, float]:
    peak, scale, power = _ellipse(np.array(a), np.array(w1), np.array(w2), np.array(chi))
    return float(peak * np.exp(-((r / (a * scale)) ** power))), float(peak)


@pytest.mark.parametrize("axes", [(1.0, 1.0), (1.2, 0.8), (0.8, 0.6)])
@pytest.mark.parametrize("chi", [0.0, 0.6, 1.5])
def test_elliptic_transmittance_is_near_the_integral(axes: tuple[float, float], chi: float) -> None:
    """The printed approximation, 6 % of the peak at most for spots about as large as the aperture."""
    for r in (0.0, 0.5, 1.0, 2.0):
        eta, peak = _formula(1.0, *axes, r, chi)
        assert eta == pytest.approx(_ellipse_on_aperture(1.0, *axes, r, chi), abs=0.06 * peak)


@pytest.mark.parametrize("r", [0.0, 1.0, 2.0, 4.0])
def test_elliptic_transmittance_of_a_wide_spot_holds_on_average_over_the_angle(r: float) -> None:
    chi = (np.arange(24) + 0.5) * math.pi / 24
    pairs = [_formula(1.0, 3.0, 2.0, r, float(c)) for c in chi]
    exact = np.mean([_ellipse_on_aperture(1.0, 3.0, 2.0, r, float(c)) for c in chi])
    assert np.mean([eta for eta, _ in pairs]) == pytest.approx(exact, abs=0.05 * pairs[0][1])


def test_a_round_elliptic_beam_is_the_weibull_law() -> None:
    round_beam = EllipticBeam(1.0, 6.0, 1.5)
    f = np.linspace(0.2, 1.12, 9)
    assert round_beam.cdf(f) == pytest.approx(WEIBULL.cdf(f), abs=1e-5)
    peak = WeibullPointing.of(6.0, 1.0).peak_transmittance
    assert float(round_beam.mean_transmittance) == pytest.approx(float(peak * WEIBULL.mean_efficiency), rel=1e-5)


def test_elliptic_second_moment_is_that_of_the_samples() -> None:
    law = EllipticBeam(1.0, 6.0, 2.0, 0.1, -0.05)
    factor, weight = law.nodes(8)
    square = law.sample(np.random.default_rng(7), 200_000) ** 2
    error = float(square.std()) / math.sqrt(square.size)
    assert float(factor**2 @ weight) == pytest.approx(float(square.mean()), abs=6.2 * error)  # 6.2 sigma: 1e-9


def test_spread_and_wander_cost_transmittance() -> None:
    calm, windy = EllipticBeam(1.0, 6.0, 0.5), EllipticBeam(1.0, 6.0, 3.0)
    assert float(windy.mean_transmittance) < float(calm.mean_transmittance)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: LogNormal(-0.1), r"variance -0\.1"),
        (lambda: LogNormal(np.array([0.1, np.nan])), "variance nan"),
        (lambda: GammaGamma(0.1, 4.0), r"alpha 0\.1"),
        (lambda: GammaGamma.of_rytov(0.2, 0.0, "square"), "wave 'square'"),
        (lambda: LogNegativeWeibull(1.0, 0.0, 2.0), "scale_m 0"),
        (lambda: LogNegativeWeibull(-1.0, 1.0, 2.0), "wander_m -1"),
        (lambda: EllipticBeam(1.0, 6.0, 1.0, 0.1, 0.2), "theta_covariance"),
        (lambda: EllipticBeam.horizontal(0.02, 0.08, 809.0, 5.0, 1e-13), "weak turbulence"),
        (lambda: LogNormal(0.1).nodes(0), "fading nodes 0"),
        (lambda: LogNormal(0.1).nodes(100), "fading nodes 100"),
    ],
)
def test_refusals(make: object, reason: str) -> None:
    with pytest.raises(PhysicsError, match=reason):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("count", [8, 24, 40, 64])
def test_many_nodes_of_the_elliptic_law_stay_within_it(count: int) -> None:
    """A spot that moves half its width: no node far beyond the centred spot, and the moments of the closed form."""
    law = EllipticBeam(0.1, 4.0, 2.4)
    factor, weight = law.nodes(count)
    q = 4.0 * (2.4 / 4.0) ** 2  # a small receiver in a displaced Gaussian: f = g/<g>, <g^m> = 1/(1 + m q)
    assert factor.max() < 1.1 * (1.0 + q)
    assert np.sqrt(factor) @ weight == pytest.approx(math.sqrt(1.0 + q) / (1.0 + 0.5 * q), abs=0.01)
    assert factor**2 @ weight == pytest.approx((1.0 + q) ** 2 / (1.0 + 2.0 * q), rel=0.01)
