"""The gamma-gamma law: moderate to strong turbulence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, frozen, hermite
from qcisim.optics.freespace.fading import Size, shape_of, standard_nodes, unit_mean

_OUTER = 40  # nodes over the narrower of the two gamma factors
_EXACT_ROWS = 256  # with more rows than the table below has, quantiles are interpolated
_TABLE = 14  # Chebyshev nodes per parameter
_LOWEST, _HIGHEST = 0.5, 1e8


@dataclass(frozen=True, slots=True, eq=False)
class GammaGamma:
    """f = x y, x gamma of mean 1 and shape alpha (large cells), y of mean 1 and shape beta (small cells).

    p(f) = 2 (alpha beta)^((alpha+beta)/2)/(Gamma(alpha) Gamma(beta)) f^((alpha+beta)/2 - 1)
    K_(alpha-beta)(2 sqrt(alpha beta f)).

    Args:
        alpha: (n,) or a number, 0.5 to 1e8.
        beta: the same.

    Source: Al-Habash, Andrews, Phillips, Opt. Eng. 40, 1554 (2001).
    """

    alpha: Real
    beta: Real

    def __post_init__(self) -> None:
        for name in ("alpha", "beta"):
            floats(getattr(self, name), name, low=_LOWEST, high=_HIGHEST)
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @classmethod
    def of_rytov(cls, rytov_variance: Real, aperture_parameter: Real = 0.0, wave: str = "plane") -> GammaGamma:
        """alpha and beta from the Rytov variance s^2 and d = sqrt(k D^2/(4 L)), aperture averaging included.

        Plane wave: 1/alpha = exp(0.49 s^2/(1 + 0.653 d^2 + 1.11 s^(12/5))^(7/6)) - 1,
        1/beta = exp(0.51 s^2 (1 + 0.69 s^(12/5))^(-5/6)/(1 + 0.90 d^2 + 0.62 d^2 s^(12/5))) - 1; a spherical wave has
        0.18 for 0.653 and 0.56 for 1.11, its s^2 is that of the spherical wave.

        Args:
            rytov_variance: s^2 without aperture averaging, (n,).
            aperture_parameter: d; 0 is a point receiver.
            wave: "plane" (down-link) or "spherical" (up-link, horizontal).

        Source: Andrews and Phillips (2005), chapters 9 and 10.
        """
        require(wave in ("plane", "spherical"), f"wave '{wave}' (known: plane, spherical)")
        s2 = floats(rytov_variance, "rytov_variance", low=0.0, high=1e6)
        d2 = floats(aperture_parameter, "aperture_parameter", low=0.0, high=1e6) ** 2
        s125 = s2**1.2
        of_aperture, of_strength = (0.653, 1.11) if wave == "plane" else (0.18, 0.56)
        large = 0.49 * s2 / (1.0 + of_aperture * d2 + of_strength * s125) ** (7.0 / 6.0)
        small = 0.51 * s2 * (1.0 + 0.69 * s125) ** (-5.0 / 6.0) / (1.0 + 0.90 * d2 + 0.62 * d2 * s125)
        smallest = 1.0 / _HIGHEST
        return cls(1.0 / np.maximum(np.expm1(large), smallest), 1.0 / np.maximum(np.expm1(small), smallest))

    @property
    def scintillation_index(self) -> Floats:
        """Variance of f: 1/alpha + 1/beta + 1/(alpha beta)."""
        a, b = np.asarray(self.alpha), np.asarray(self.beta)
        index: Floats = 1.0 / a + 1.0 / b + 1.0 / (a * b)
        return index

    def nodes(self, count: int) -> tuple[Floats, Floats]:
        """Gauss-Hermite in z through the quantiles F(f) = Phi(z).

        From 257 rows on the logarithms of the quantiles are Chebyshev interpolated in alpha^(-1/2) and beta^(-1/2),
        to 1e-5 for shapes above 1.
        """
        z, weight = standard_nodes(count)
        alpha, beta = np.broadcast_arrays(self.alpha, self.beta)
        rows_a, rows_b = alpha.ravel(), beta.ravel()
        if rows_a.size <= _EXACT_ROWS:
            log_f = _log_quantiles(rows_a, rows_b, z)
        else:
            log_f = _interpolated(rows_a**-0.5, rows_b**-0.5, z)
        return unit_mean(np.exp(log_f).reshape(*alpha.shape, z.size), weight), weight

    def sample(self, rng: np.random.Generator, size: Size = None) -> Floats:
        """Independent factors."""
        alpha, beta = np.broadcast_arrays(self.alpha, self.beta)
        shape = shape_of(size, alpha)
        drawn: Floats = rng.gamma(alpha, 1.0 / alpha, shape) * rng.gamma(beta, 1.0 / beta, shape)
        return drawn

    def cdf(self, factor: Real) -> Floats:
        """int P(beta, beta f/x) p(x) dx over the narrower factor x, P the regularised gamma function."""
        x, alpha, beta = np.broadcast_arrays(floats(factor, "factor"), self.alpha, self.beta)
        below, _, _ = _mixture(np.maximum(x, 0.0)[..., None], np.maximum(alpha, beta), np.minimum(alpha, beta))
        return below[..., 0]

    def pdf(self, factor: Real) -> Floats:
        """Density, by the same mixture (the closed form overflows for large shapes)."""
        x, alpha, beta = np.broadcast_arrays(floats(factor, "factor"), self.alpha, self.beta)
        inside = np.maximum(x, 1e-300)
        _, _, density = _mixture(inside[..., None], np.maximum(alpha, beta), np.minimum(alpha, beta))
        return np.where(x > 0.0, density[..., 0] / inside, 0.0)


def _gamma_quantile(shape: Floats, z: Floats) -> Floats:
    """Factors of mean 1 of the gamma law, (..., k), at the standard normal scores z (k,)."""
    from scipy.special import gammainccinv, gammaincinv, ndtr

    a = shape[..., None]
    tail = ndtr(-np.abs(z))
    quantile: Floats = np.where(z < 0.0, gammaincinv(a, tail), gammainccinv(a, tail)) / a
    return quantile


def _mixture(f: Floats, narrow: Floats, wide: Floats) -> tuple[Floats, Floats, Floats]:
    """P(f), 1 - P(f) and f p(f) of f (..., m), as mixtures over the narrower gamma factor."""
    from scipy.special import gammainc, gammaincc, gammaln

    z, weight = hermite(_OUTER)
    y = _gamma_quantile(narrow, z)[..., None, :]
    b = wide[..., None, None]
    t = b * f[..., None] / y
    with np.errstate(divide="ignore"):
        log_density = b * np.log(t) - t - gammaln(b)
    return gammainc(b, t) @ weight, gammaincc(b, t) @ weight, np.exp(log_density) @ weight


def _log_quantiles(alpha: Floats, beta: Floats, z: Floats) -> Floats:
    """ln f with F(f) = Phi(z), (rows, m): Newton in ln f on the scores, where the function is nearly straight."""
    from scipy.special import ndtri, polygamma, psi

    narrow, wide = np.maximum(alpha, beta), np.minimum(alpha, beta)
    mean = psi(alpha) + psi(beta) - np.log(alpha) - np.log(beta)
    spread = np.sqrt(polygamma(1, alpha) + polygamma(1, beta))
    u = mean[:, None] + spread[:, None] * z
    tiny = 1e-290
    for _ in range(40):
        below, above, density = _mixture(np.exp(u), narrow, wide)
        upper = below > 0.5
        tail = np.clip(np.where(upper, above, below), tiny, 0.5)
        score = np.where(upper, -1.0, 1.0) * ndtri(tail)
        slope = np.maximum(density, tiny) * np.sqrt(2.0 * np.pi) * np.exp(0.5 * score**2)
        step = np.clip((score - z) / slope, -2.0 * spread[:, None], 2.0 * spread[:, None])
        u = u - step
        if float(np.max(np.abs(step) / spread[:, None])) < 1e-9:
            break
    return u


def _interpolated(p: Floats, q: Floats, z: Floats) -> Floats:
    """`_log_quantiles` at alpha = p^-2, beta = q^-2, Chebyshev interpolated over the box that holds all rows."""
    basis_p, knots_p = _basis(p)
    basis_q, knots_q = _basis(q)
    grid_p, grid_q = np.meshgrid(knots_p, knots_q, indexing="ij")
    table = _log_quantiles(grid_p.ravel() ** -2.0, grid_q.ravel() ** -2.0, z)
    table = table.reshape(knots_p.size, knots_q.size, z.size)
    log_f: Floats = np.einsum("ri,rj,ijm->rm", basis_p, basis_q, table, optimize=True)
    return log_f


def _basis(p: Floats) -> tuple[Floats, Floats]:
    """Lagrange basis (rows, knots) of the Chebyshev points between the extremes of p, and these knots."""
    low, high = float(p.min()), float(p.max())
    if high - low < 1e-12 * high:
        return np.ones((p.size, 1)), np.array([0.5 * (low + high)])
    x = np.cos(np.pi * (np.arange(_TABLE) + 0.5) / _TABLE)
    knots = 0.5 * (low + high) + 0.5 * (high - low) * x
    t = np.polynomial.chebyshev.chebvander(np.clip((2.0 * p - low - high) / (high - low), -1.0, 1.0), _TABLE - 1)
    at_knots = np.polynomial.chebyshev.chebvander(x, _TABLE - 1)
    scale = np.full(_TABLE, 2.0 / _TABLE)
    scale[0] = 1.0 / _TABLE
    basis: Floats = t @ (scale[:, None] * at_knots.T)
    return basis, knots
