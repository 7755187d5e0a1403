"""Fading: the law of the factor by which the transmittance of a moment differs from its mean.

Every law has mean 1; the mean loss is a term of its own. Parameters are numbers or arrays (n,), one law per row.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, frozen, hermite, positive
from qcisim.optics.freespace.pointing import WeibullPointing

Size = int | tuple[int, ...] | None


class FadingLaw(Protocol):
    """A law of the factor f >= 0 with mean 1."""

    def nodes(self, count: int) -> tuple[Floats, Floats]:
        """Quadrature: factors (..., m) and weights (m,) with sum(w) = 1 and sum(w f) = 1 in every row; m = count."""
        ...

    def sample(self, rng: np.random.Generator, size: Size = None) -> Floats:
        """Independent factors of shape ``size``, which the rows broadcast to; None is one factor per row."""
        ...

    def cdf(self, factor: Real) -> Floats:
        """P(f <= factor); ``factor`` broadcasts with the rows."""
        ...

    def pdf(self, factor: Real) -> Floats:
        """Density at ``factor``."""
        ...


@dataclass(frozen=True, slots=True)
class NoFading:
    """f = 1 always."""

    def nodes(self, count: int) -> tuple[Floats, Floats]:
        """One node, f = 1, whatever ``count``."""
        standard_nodes(count)
        return np.ones(1), np.ones(1)

    def sample(self, rng: np.random.Generator, size: Size = None) -> Floats:
        """Ones."""
        return np.ones(size or ())

    def cdf(self, factor: Real) -> Floats:
        """A step at 1."""
        return np.where(floats(factor, "factor") >= 1.0, 1.0, 0.0)

    def pdf(self, factor: Real) -> Floats:
        """No density: all of the probability sits at f = 1, where it is infinite."""
        return np.where(floats(factor, "factor") == 1.0, math.inf, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class LogNormal:
    """f = exp(s z - s^2/2), z standard normal: weak turbulence.

    Args:
        variance: s^2, variance of the log-irradiance after aperture averaging, Np^2, (n,) or a number.

    Source: Andrews and Phillips, Laser Beam Propagation through Random Media (2005), chapter 9.
    """

    variance: Real

    def __post_init__(self) -> None:
        reason = "wanted 0 to 25 Np^2, and weak turbulence is below about 1"
        floats(self.variance, "variance", low=0.0, high=25.0, reason=reason)
        object.__setattr__(self, "variance", frozen(self.variance))

    def nodes(self, count: int) -> tuple[Floats, Floats]:
        """Gauss-Hermite in z."""
        z, weight = standard_nodes(count)
        s = np.sqrt(np.asarray(self.variance))[..., None]
        return unit_mean(np.exp(s * z - 0.5 * s**2), weight), weight

    def sample(self, rng: np.random.Generator, size: Size = None) -> Floats:
        """Independent factors."""
        s = np.sqrt(np.asarray(self.variance))
        drawn: Floats = np.exp(s * rng.standard_normal(shape_of(size, s)) - 0.5 * s**2)
        return drawn

    def cdf(self, factor: Real) -> Floats:
        """Phi((ln f + s^2/2)/s)."""
        from scipy.special import ndtr

        x, s = floats(factor, "factor"), np.sqrt(np.asarray(self.variance))
        with np.errstate(divide="ignore", invalid="ignore"):
            value: Floats = ndtr((np.log(np.maximum(x, 0.0)) + 0.5 * s**2) / s)
        return np.where(s > 0.0, value, np.where(x >= 1.0, 1.0, 0.0))

    def pdf(self, factor: Real) -> Floats:
        """exp(-((ln f + s^2/2)/s)^2/2)/(f s sqrt(2 pi))."""
        x, s = floats(factor, "factor"), np.sqrt(np.asarray(self.variance))
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (np.log(np.maximum(x, 0.0)) + 0.5 * s**2) / s
            value = np.exp(-0.5 * z**2) / (x * s * math.sqrt(2.0 * math.pi))
        return np.where((x > 0.0) & (s > 0.0), value, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class LogNegativeWeibull:
    """f = g/<g>, g = exp(-(r/R)^lambda) with r Rayleigh of parameter sigma: a spot that wanders over the aperture.

    P(g <= x) = exp(-R^2/(2 sigma^2) (ln 1/x)^(2/lambda)).

    Args:
        wander_m: sigma, rms displacement per axis, (n,) or a number.
        scale_m: R.
        shape: lambda.

    R and lambda come from `WeibullPointing.of`. ``mean_efficiency`` is the loss against a centred spot. Quadrature
    holds to 1e-4 as long as sigma is below R; a beam that mostly misses wants more nodes.

    Source: Vasylyev, Semenov, Vogel, Phys. Rev. Lett. 108, 220501 (2012), in intensity (their T is amplitude).
    """

    wander_m: Real
    scale_m: Real
    shape: Real

    def __post_init__(self) -> None:
        floats(self.wander_m, "wander_m", low=0.0, high=1e9)
        positive(self.scale_m, "scale_m")
        positive(self.shape, "shape")
        for name in ("wander_m", "scale_m", "shape"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @classmethod
    def of(cls, pointing: WeibullPointing, wander_m: Real) -> LogNegativeWeibull:
        """The law of that spot and aperture under a wander of rms ``wander_m`` per axis."""
        return cls(wander_m, pointing.scale_m, pointing.shape)

    @property
    def mean_efficiency(self) -> Floats:
        """<g>: mean transmittance over that of a centred spot."""
        share, weight = _exponential_rule()
        ratio, power = self._ratio()
        mean: Floats = np.exp(-((ratio[..., None] * share) ** power[..., None])) @ weight
        return mean

    def nodes(self, count: int) -> tuple[Floats, Floats]:
        """Gauss-Hermite in z, where exp(-r^2/(2 sigma^2)) = Phi(-z)."""
        from scipy.special import log_ndtr

        z, weight = standard_nodes(count)
        ratio, power = self._ratio()
        g = np.exp(-((-ratio[..., None] * log_ndtr(-z)) ** power[..., None]))
        return unit_mean(g, weight), weight

    def sample(self, rng: np.random.Generator, size: Size = None) -> Floats:
        """Independent factors."""
        ratio, power = self._ratio()
        drawn = rng.standard_exponential(shape_of(size, ratio))
        factor: Floats = np.exp(-((ratio * drawn) ** power)) / self.mean_efficiency
        return factor

    def cdf(self, factor: Real) -> Floats:
        """exp(-(ln 1/(f <g>))^(2/lambda)/(2 sigma^2/R^2)), 1 from f = 1/<g> on."""
        ratio, power = self._ratio()
        return weibull_cdf(floats(factor, "factor") * self.mean_efficiency, ratio, power)

    def pdf(self, factor: Real) -> Floats:
        """Derivative of the cdf."""
        ratio, power = self._ratio()
        mean = self.mean_efficiency
        return mean * weibull_pdf(floats(factor, "factor") * mean, ratio, power)

    def _ratio(self) -> tuple[Floats, Floats]:
        """c = 2 sigma^2/R^2 and lambda/2, broadcast: g = exp(-(c E)^(lambda/2)), E exponential."""
        ratio = 2.0 * (np.asarray(self.wander_m) / np.asarray(self.scale_m)) ** 2
        c, power = np.broadcast_arrays(ratio, 0.5 * np.asarray(self.shape))
        return c, power


def weibull_cdf(g: Floats, ratio: Floats, power: Floats) -> Floats:
    """P(exp(-(c E)^p) <= g) = exp(-(ln 1/g)^(1/p)/c), E exponential."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        depth = -np.log(np.clip(g, 0.0, 1.0))
        below = np.exp(-(depth ** (1.0 / power)) / ratio)
    return np.where(g >= 1.0, 1.0, np.where(g <= 0.0, 0.0, below))


def weibull_pdf(g: Floats, ratio: Floats, power: Floats) -> Floats:
    """Density of exp(-(c E)^p) at g."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        depth = -np.log(np.clip(g, 0.0, 1.0))
        below = np.exp(-(depth ** (1.0 / power)) / ratio)
        density = below * depth ** (1.0 / power - 1.0) / (power * ratio * g)
    return np.where((g > 0.0) & (g < 1.0) & (ratio > 0.0), density, 0.0)


def nodes_along(law_at: Callable[[Floats], FadingLaw], x: Floats, count: int, knots: int = 48) -> tuple[Floats, Floats]:
    """Nodes of a law that varies smoothly with ``x`` (n,), computed at ``knots`` places and splined between them.

    Args:
        law_at: the laws at an array of x.
        x: (n,), for example the elevation.
        count: nodes per row.
        knots: laws that are really evaluated.

    A spline is linear in its values, so that sum(w f) = 1 holds between the knots, too. For the costly laws
    (gamma-gamma, elliptic beam) over a day of passes.
    """
    x = np.asarray(x, dtype=np.float64)
    if x.size <= knots or float(np.ptp(x)) == 0.0:
        return law_at(x).nodes(count)
    from scipy.interpolate import CubicSpline

    middle, half = 0.5 * (x.max() + x.min()), 0.5 * float(np.ptp(x))
    places = middle - half * np.cos(np.pi * np.arange(knots) / (knots - 1))
    factor, weight = law_at(places).nodes(count)
    if factor.ndim == 1:
        return np.broadcast_to(factor, (*x.shape, factor.size)), weight
    curve: Floats = np.maximum(0.0, CubicSpline(places, factor, axis=0)(np.clip(x, places[0], places[-1])))
    return unit_mean(curve, weight), weight


def standard_nodes(count: int) -> tuple[Floats, Floats]:
    """Gauss-Hermite nodes and weights (sum 1) of the standard normal law; at most 64."""
    require(1 <= count <= 64, f"fading nodes {count}: wanted 1 to 64")
    return hermite(count)


def unit_mean(factor: Floats, weight: Floats) -> Floats:
    """Factors scaled so that sum(w f) = 1 in every row: removes the quadrature's error of the mean."""
    scaled: Floats = factor / (factor @ weight)[..., None]
    return scaled


def shape_of(size: Size, rows: Floats) -> tuple[int, ...]:
    """The shape that a sample of ``size`` has: that of the rows where size is None."""
    if size is None:
        return rows.shape
    return (size,) if isinstance(size, int) else tuple(size)


def _exponential_rule() -> tuple[Floats, Floats]:
    """Nodes and weights of int_0^inf exp(-E) h(E) dE, double-exponential rule E = exp(t - exp(-t))."""
    t = np.linspace(-3.7, 4.1, 157)
    e = np.exp(t - np.exp(-t))
    weight = np.exp(-e) * e * (1.0 + np.exp(-t))
    return e, weight / weight.sum()
