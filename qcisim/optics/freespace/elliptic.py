"""The elliptic-beam law: a spot that wanders, widens and becomes an ellipse."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, frozen, hermite, positive, wavenumber_per_m
from qcisim.optics.freespace.fading import Size, shape_of, standard_nodes, unit_mean, weibull_cdf, weibull_pdf
from qcisim.optics.freespace.pointing import weibull_shape

_WANDER, _ANGLES, _AXES = 24, 4, 5  # nodes over distance, angle and each of the two axes of the ellipse
_FINE_ANGLES, _FINE_AXES = 4, 64  # where the distance is integrated in closed form


@dataclass(frozen=True, slots=True, eq=False)
class EllipticBeam:
    """eta = eta_0 exp(-((r/a)/R(2/W_eff))^lambda(2/W_eff)); f = eta/<eta>.

    The spot has the half axes W_i = W exp(theta_i/2), its centre is Gaussian about that of the aperture, its
    orientation uniform.

    Args:
        aperture_m: diameter 2a of the receiver, (n,) or a number.
        radius_m: W.
        wander_m: rms displacement of the centre per axis.
        theta_variance: variance of each theta_i, normal with mean -theta_variance/2 so that <W_i^2> = W^2.
        theta_covariance: covariance of theta_1 and theta_2.

    ``mean_transmittance`` is <eta>, beam spread, wander and deformation together. Scintillation inside the aperture is
    not part of the model: right for apertures larger than the speckle. In a spot wide against the aperture the
    published W_eff tends to sqrt(W1 W2) and forgets the angle; averaged over it the law stays within 5 % of the peak.

    Source: Vasylyev, Semenov, Vogel, Phys. Rev. Lett. 117, 090501 (2016) and its supplement.
    """

    aperture_m: Real
    radius_m: Real
    wander_m: Real
    theta_variance: Real = 0.0
    theta_covariance: Real = 0.0

    def __post_init__(self) -> None:
        positive(self.aperture_m, "aperture_m")
        positive(self.radius_m, "radius_m")
        floats(self.wander_m, "wander_m", low=0.0, high=1e9)
        variance = floats(self.theta_variance, "theta_variance", low=0.0, high=9.0)
        covariance = floats(self.theta_covariance, "theta_covariance", low=-9.0, high=9.0)
        require(bool(np.all(np.abs(covariance) <= variance)), "theta_covariance: larger than the variance, no such law")
        for name in ("aperture_m", "radius_m", "wander_m", "theta_variance", "theta_covariance"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @classmethod
    def horizontal(
        cls, waist_m: Real, aperture_m: Real, wavelength_nm: Real, range_km: Real, cn2: Real
    ) -> EllipticBeam:
        """The law of a horizontal path in weak turbulence, for a beam focused on the receiver.

        <x0^2> = 0.33 w0^2 s^2 Omega^(-7/6), var theta = ln(1 + 1.2 s^2 Omega^(5/6)/u^2), cov = ln(1 - 0.8 s^2
        Omega^(5/6)/u^2), <W_i^2> = w0^2 u/Omega^2 with u = 1 + 2.96 s^2 Omega^(5/6), Omega = k w0^2/(2 L) and the Rytov
        variance s^2 = 1.23 Cn2 k^(7/6) L^(11/6), at most 1.

        Source: the supplement of the paper; the coefficients second-hand.
        """
        k, w0 = wavenumber_per_m(wavelength_nm), positive(waist_m, "waist_m")
        length_m = positive(range_km, "range_km") * 1e3
        s2 = 1.23 * floats(cn2, "cn2", low=0.0, high=1e-10) * k ** (7.0 / 6.0) * length_m ** (11.0 / 6.0)
        reason = "weak turbulence is below 1, take the gamma-gamma law"
        floats(s2, "Rytov variance", low=0.0, high=1.0, reason=reason)
        omega = k * w0**2 / (2.0 * length_m)
        strength = s2 * omega ** (5.0 / 6.0)
        u = 1.0 + 2.96 * strength
        wander_m = w0 * np.sqrt(0.33 * s2 * omega ** (-7.0 / 6.0))
        variance = np.log1p(1.2 * strength / u**2)
        return cls(aperture_m, w0 * np.sqrt(u) / omega, wander_m, variance, np.log1p(-0.8 * strength / u**2))

    @property
    def mean_transmittance(self) -> Floats:
        """<eta>, (n,)."""
        eta, weight = self._points()
        mean: Floats = eta @ weight
        return mean

    def nodes(self, count: int) -> tuple[Floats, Floats]:
        """Means of f over slices of probability as wide as the Gauss-Hermite weights, then stretched, ln f -> b ln f.

        The stretch makes the second moment exact as well as the mean; a number of about 2400 points per row stands for
        the law.
        """
        _, weight = standard_nodes(count)
        eta, point_weight = self._points()
        order = np.argsort(eta, axis=-1)
        rising, share = np.take_along_axis(eta, order, axis=-1), point_weight[order]
        edges = np.minimum(np.cumsum(weight)[:-1], 1.0)
        reached = np.cumsum(share, axis=-1)
        gained = np.cumsum(share * rising, axis=-1)
        rows = rising.reshape(-1, rising.shape[-1])
        flat_reached, flat_gained = reached.reshape(rows.shape), gained.reshape(rows.shape)
        at_edges = np.stack(
            [np.interp(edges, np.r_[0.0, x], np.r_[0.0, y]) for x, y in zip(flat_reached, flat_gained, strict=True)]
        )
        total = flat_gained[:, -1:]
        slices = np.diff(np.concatenate([np.zeros_like(total), at_edges, total], axis=1), axis=1)
        factor = np.clip(
            slices / (weight * total), rows.min(1, keepdims=True) / total, rows.max(1, keepdims=True) / total
        )
        factor = np.maximum(factor, 1e-300)
        second = ((rows**2 * share.reshape(rows.shape)).sum(axis=1) / total[:, 0] ** 2)[:, None]
        return _stretched(factor, weight, second).reshape(*eta.shape[:-1], weight.size), weight

    def sample(self, rng: np.random.Generator, size: Size = None) -> Floats:
        """Independent factors."""
        a, w, sigma, variance, covariance = self._rows()
        shape = shape_of(size, a)
        first, second = rng.standard_normal(shape), rng.standard_normal(shape)
        common, apart = np.sqrt(0.5 * (variance + covariance)), np.sqrt(0.5 * (variance - covariance))
        drift = -0.5 * variance
        theta_1 = drift + common * first + apart * second
        theta_2 = drift + common * first - apart * second
        distance = sigma * np.sqrt(2.0 * rng.standard_exponential(shape))
        chi = rng.uniform(0.0, math.pi, shape)
        peak, scale, power = _ellipse(a, w * np.exp(0.5 * theta_1), w * np.exp(0.5 * theta_2), chi)
        drawn: Floats = peak * np.exp(-((distance / (a * scale)) ** power)) / self.mean_transmittance
        return drawn

    def cdf(self, factor: Real) -> Floats:
        """Mean over shapes and orientations of the closed form for the distance, to 3e-3."""
        g, ratio, half, weight = self._mixture(factor)
        value: Floats = np.minimum(1.0, weibull_cdf(g, ratio, half) @ weight)
        return value

    def pdf(self, factor: Real) -> Floats:
        """Derivative of the cdf."""
        peak_share, ratio, half, weight = self._mixture(1.0)
        x = floats(factor, "factor")[..., None]
        value: Floats = (weibull_pdf(peak_share * x, ratio, half) * peak_share) @ weight
        return value

    def _mixture(self, factor: Real) -> tuple[Floats, Floats, Floats, Floats]:
        """f <eta>/eta_0, 2 sigma^2/(a R)^2 and lambda/2 for every shape and orientation, with their weights."""
        a, _, sigma, _, _ = self._rows()
        peak, scale, power, weight = self._shapes(_FINE_ANGLES, _FINE_AXES)
        ratio = 2.0 * (sigma[..., None] / (a[..., None] * scale)) ** 2
        g = (floats(factor, "factor") * self.mean_transmittance)[..., None] / peak
        return g, ratio, 0.5 * power, weight

    def _rows(self) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        a, w, sigma, variance, covariance = np.broadcast_arrays(
            0.5 * np.asarray(self.aperture_m), self.radius_m, self.wander_m, self.theta_variance, self.theta_covariance
        )
        return a, w, sigma, variance, covariance

    def _shapes(self, angles: int = _ANGLES, axes: int = _AXES) -> tuple[Floats, Floats, Floats, Floats]:
        """eta_0, R, lambda (..., k) of the nodes over the two axes and the angle; weights (k,)."""
        a, w, _, variance, covariance = self._rows()
        z, weight = hermite(axes)
        chi = (np.arange(angles) + 0.5) * 0.5 * math.pi / angles
        one, two, angle = (x.ravel() for x in np.meshgrid(z, z, chi, indexing="ij"))
        common = np.sqrt(0.5 * (variance + covariance))[..., None] * one
        apart = np.sqrt(0.5 * (variance - covariance))[..., None] * two
        middle = w[..., None] * np.exp(-0.25 * variance[..., None] + 0.5 * common)
        peak, scale, power = _ellipse(a[..., None], middle * np.exp(0.5 * apart), middle * np.exp(-0.5 * apart), angle)
        return peak, scale, power, (weight[:, None, None] * weight[:, None] * np.full(angles, 1.0 / angles)).ravel()

    def _points(self) -> tuple[Floats, Floats]:
        """eta (..., k) and weights (k,) of the whole law."""
        from scipy.special import log_ndtr

        a, _, sigma, _, _ = self._rows()
        peak, scale, power, weight = self._shapes()
        z, of_distance = hermite(_WANDER)
        ratio = 2.0 * (sigma[..., None] / (a[..., None] * scale)) ** 2
        eta = peak[..., None] * np.exp(-((-ratio[..., None] * log_ndtr(-z)) ** (0.5 * power[..., None])))
        return eta.reshape(*a.shape, -1), (weight[:, None] * of_distance).ravel()


def _ellipse(a: Floats, w1: Floats, w2: Floats, chi: Floats) -> tuple[Floats, Floats, Floats]:
    """eta_0, R and lambda for half axes w1, w2 and the angle chi between the first and the displacement."""
    from scipy.special import i0e, wrightomega

    a2 = a**2
    p, q = a2 / w1**2, a2 / w2**2
    argument = np.log(4.0 * np.sqrt(p * q)) + p * (1.0 + 2.0 * np.cos(chi) ** 2) + q * (1.0 + 2.0 * np.sin(chi) ** 2)
    _, scale, power = weibull_shape(wrightomega(argument))  # 4 a^2/W_eff^2 = Lambert W(exp(argument))
    xi2 = np.maximum(a2 * (1.0 / w1 - 1.0 / w2) ** 2, 1e-12)
    _, scale_0, power_0 = weibull_shape(xi2)
    with np.errstate(divide="ignore", over="ignore"):
        apart = (w1 + w2) / np.maximum(np.abs(w1 - w2), 1e-300)
        ring = np.exp(-((apart / scale_0) ** power_0))
    # i0e carries exp(-|p - q|)
    centre = -np.expm1(np.log(i0e(p - q)) + np.abs(p - q) - p - q)
    peak = centre + 2.0 * np.expm1(-0.5 * xi2) * ring
    return np.clip(peak, 1e-300, 1.0), scale, power


def _stretched(factor: Floats, weight: Floats, second: Floats) -> Floats:
    """f^b/sum(w f^b) with b such that sum(w f^2) = second, (rows, m)."""
    log_f = np.log(factor)
    b = np.ones((len(factor), 1))
    for _ in range(30):
        power = np.exp(b * log_f)
        first, square = power @ weight, power**2 @ weight
        ratio = (square / first**2)[:, None]
        change = 2.0 * ((power**2 * log_f @ weight) / square - (power * log_f @ weight) / first)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(second > 1.0 + 1e-14, (np.log(ratio) - np.log(second)) / change, 0.0)
        b = np.clip(b - np.nan_to_num(step), 0.5, 2.0)
        if float(np.max(np.abs(step), initial=0.0)) < 1e-12:
            break
    return unit_mean(np.exp(b * log_f), weight)
