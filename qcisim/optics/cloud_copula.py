"""Correlated clouds at several sites: which correlations exist, and the Gaussian copula that has them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, owens_t

from qcisim.errors import require
from qcisim.optics.source import Floats

_HALVINGS = 52  # of an interval of length 2: the latent correlation to 4e-16


def correlation_bounds(fraction_a: ArrayLike, fraction_b: ArrayLike) -> tuple[Floats, Floats]:
    """The least and the greatest correlation that clouds of two given probabilities can have.

        max(0, q1 + q2 - 1) <= P(both cloudy) <= min(q1, q2),   rho = (P - q1 q2)/sqrt(p1 q1 p2 q2),   p = 1 - q.

    ``fraction_a``, ``fraction_b``: cloud probabilities q1, q2, any shapes that broadcast. Where one of them is 0 or 1
    the correlation has no meaning and both bounds are 0.

    Source: M. Fréchet, Ann. Univ. Lyon A 14, 53 (1951); H. Joe, Multivariate Models (1997), section 7.1.
    """
    a, b = np.broadcast_arrays(_probability(fraction_a), _probability(fraction_b))
    product = np.sqrt(a * (1.0 - a)) * np.sqrt(b * (1.0 - b))
    scale = np.where(product > 0.0, product, np.inf)
    low = 0.0 - np.minimum(a * b, (1.0 - a) * (1.0 - b)) / scale  # the same differences, without cancellation
    high = np.minimum(a * (1.0 - b), b * (1.0 - a)) / scale
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def both_cloudy(fraction_a: float, fraction_b: float, correlation: float) -> float:
    """P(both cloudy) = q1 q2 + rho sqrt(p1 q1 p2 q2).

    ``fraction_a``, ``fraction_b``: cloud probabilities q1, q2; ``correlation``: rho of the two yes-or-no variables.
    Raises `PhysicsError` where no two clouds of these probabilities have that correlation.
    """
    low, high = (float(bound) for bound in correlation_bounds(fraction_a, fraction_b))
    slack = 1e-12
    require(
        low - slack <= correlation <= high + slack,
        f"cloud correlation {correlation}: clouds of probability {fraction_a:g} and {fraction_b:g} can only have "
        f"{low:.4g} to {high:.4g}, because both are cloudy at most as often as each",
    )
    spread = math.sqrt(fraction_a * (1.0 - fraction_a) * fraction_b * (1.0 - fraction_b))
    joint = fraction_a * fraction_b + correlation * spread
    return min(max(joint, 0.0, fraction_a + fraction_b - 1.0), fraction_a, fraction_b)


def one_clear(clear_a: float, clear_b: float, correlation: float) -> float:
    """P(at least one of two sites is clear) = 1 - P(both cloudy), from the probabilities to be clear."""
    return 1.0 - both_cloudy(1.0 - clear_a, 1.0 - clear_b, correlation)


def one_clear_bounds(clear: ArrayLike) -> tuple[float, float]:
    """What is certain of P(at least one of n sites is clear) without any word on correlation.

    max_i p_i <= P <= min(1, sum_i p_i), ``clear``: the p_i, shape (n,). For three sites and more pairwise correlations
    leave a range, too: `CloudField` samples a stated copula instead.

    Source: M. Fréchet, Fund. Math. 25, 379 (1935).
    """
    p = _probability(clear).ravel()
    require(p.size > 0, "no site: wanted at least one probability")
    return float(p.max()), min(1.0, math.fsum(p.tolist()))


def both_below(threshold_a: ArrayLike, threshold_b: ArrayLike, correlation: ArrayLike) -> Floats:
    """Phi_2(h, k; r): both of two standard normal variables of correlation r below h and k.

        Phi_2 = (Phi(h) + Phi(k))/2 - T(h, (k - r h)/(h s)) - T(k, (h - r k)/(k s)) - d/2,  s = sqrt(1 - r^2),

    T Owen's function, d = 1 where h and k differ in sign (or h k = 0 and h + k < 0), else 0.

    Finite h and k; |r| = 1 is the limit, min(Phi(h), Phi(k)) or max(0, Phi(h) + Phi(k) - 1).

    Source: D. B. Owen, Ann. Math. Stat. 27, 1075 (1956).
    """
    h, k, r = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (threshold_a, threshold_b, correlation)))
    s = np.sqrt((1.0 - r) * (1.0 + r))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        a_h, a_k = (k - r * h) / (h * s), (h - r * k) / (k * s)
    term_h = np.where(h == 0.0, np.arctan(np.copysign(np.inf, k)) / (2.0 * np.pi), owens_t(h, np.nan_to_num(a_h)))
    term_k = np.where(k == 0.0, np.arctan(np.copysign(np.inf, h)) / (2.0 * np.pi), owens_t(k, np.nan_to_num(a_k)))
    sides = np.sign(h) * np.sign(k)
    apart = (sides < 0.0) | ((sides == 0.0) & (h + k < 0.0))
    inner = (ndtr(h) + ndtr(k)) / 2.0 - term_h - term_k - np.where(apart, 0.5, 0.0)  # Owen
    inner = np.where((h == 0.0) & (k == 0.0), 0.25 + np.arcsin(np.clip(r, -1.0, 1.0)) / (2.0 * np.pi), inner)
    edge = np.where(r > 0.0, np.minimum(ndtr(h), ndtr(k)), np.maximum(0.0, ndtr(h) + ndtr(k) - 1.0))
    joint: Floats = np.where(s == 0.0, edge, inner)
    return joint


def cloud_correlation(fraction_a: ArrayLike, fraction_b: ArrayLike, latent: ArrayLike) -> Floats:
    """Correlation of two clouds {z_i < Phi^-1(q_i)} whose latent normal variables z have correlation ``latent``."""
    a, b, r = np.broadcast_arrays(_probability(fraction_a), _probability(fraction_b), np.asarray(latent, np.float64))
    product = np.sqrt(a * (1.0 - a)) * np.sqrt(b * (1.0 - b))
    certain = product == 0.0
    h, k = (ndtri(np.where(certain, 0.5, q)) for q in (a, b))
    rho: Floats = np.where(certain, 0.0, (both_below(h, k, r) - a * b) / np.where(certain, 1.0, product))
    return rho


def latent_correlation(fraction_a: ArrayLike, fraction_b: ArrayLike, correlation: ArrayLike) -> Floats:
    """The latent correlation r whose clouds have ``correlation``: the inverse of `cloud_correlation`, by bisection.

    The cloud correlation grows with r (Slepian), so r is unique; beyond the possible correlations it is -1 or 1. Where
    a probability is 0 or 1 any r serves and 0 is given.
    """
    a, b, rho = np.broadcast_arrays(_probability(fraction_a), _probability(fraction_b), np.asarray(correlation, float))
    low, high = np.full(rho.shape, -1.0), np.ones(rho.shape)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        above = cloud_correlation(a, b, middle) >= rho
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    certain = (a * (1.0 - a) == 0.0) | (b * (1.0 - b) == 0.0)
    latent: Floats = np.where(certain, 0.0, (low + high) / 2.0)
    return latent


def nearest_correlation(matrix: Floats, *, sweeps: int = 200) -> Floats:
    """The correlation matrix (positive semidefinite, unit diagonal) nearest to a symmetric one, in Frobenius norm.

    Alternating projections with Dykstra's correction; a matrix that is one already comes back as it is. ``matrix``:
    shape (n, n).

    Source: N. J. Higham, IMA J. Numer. Anal. 22, 329 (2002), Algorithm 3.3.
    """
    y, correction = (matrix + matrix.T) / 2.0, np.zeros_like(matrix)
    if np.linalg.eigvalsh(y)[0] >= -1e-12:
        return y
    for _ in range(sweeps):
        shifted = y - correction
        values, vectors = np.linalg.eigh(shifted)
        projected = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = projected - shifted
        before, y = y, projected.copy()
        np.fill_diagonal(y, 1.0)
        if np.abs(y - before).max() < 1e-9:
            break
    return y


def correlation_root(matrix: Floats) -> Floats:
    """The symmetric square root of a correlation matrix, its rows scaled to length 1, so that variances are exactly 1.

    Unlike a triangular root it changes little when the matrix does.
    """
    values, vectors = np.linalg.eigh(matrix)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    scaled: Floats = root / np.sqrt((root**2).sum(axis=1, keepdims=True))
    return scaled


def _probability(value: ArrayLike) -> Floats:
    p = np.asarray(value, dtype=np.float64)
    outside = p[~((p >= 0.0) & (p <= 1.0))]
    require(outside.size == 0, f"probability {outside.ravel()[:1].tolist()}: lies in [0, 1]")
    return p
