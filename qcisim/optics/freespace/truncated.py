"""A Gaussian beam that its transmitter's aperture clips: Fraunhofer diffraction, with or without the clipping loss."""

from __future__ import annotations

import functools
import math

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, legendre, positive

_WIDEST = 512.0  # largest receiver parameter V with a series of its own


def truncated_gaussian(
    waist_m: float,
    transmit_aperture_m: float,
    receive_aperture_m: Real,
    wavelength_nm: float,
    range_km: Real,
    *,
    obstruction: float = 0.0,
    receive_obstruction: float = 0.0,
    clipping_included: bool = True,
) -> Floats:
    """eta = 4 alpha^2 int_0^V g(v)^2 v dv, g(v) = int_eps^1 u exp(-alpha^2 u^2) J0(u v) du, V = k a b/L.

    The share of the laser's power that falls on the receiver's aperture: what the transmitter clips,
    exp(-2 alpha^2) and with an obstruction 1 - exp(-2 alpha^2 eps^2), is part of the loss. Without
    ``clipping_included`` it is the share of the power that leaves the transmitter, which is the convention of SatQuMA
    and of sources whose mean photon number is calibrated behind the aperture.

    Args:
        waist_m: 1/e^2 radius w of the beam in the transmitter's aperture; alpha = a/w.
        transmit_aperture_m: diameter 2a.
        receive_aperture_m: diameter 2b, (n,).
        wavelength_nm: lambda = 2 pi/k.
        range_km: L, (n,), above 0.
        obstruction: eps, central obscuration of the transmitter as a share of its diameter.
        receive_obstruction: the same for the receiver.
        clipping_included: whether the power clipped at the transmitter counts as loss.

    Far field (a^2/(lambda L) small), or a transmitter focused on the receiver. The integral depends on V alone; it is
    a Chebyshev series in V^2, integrated term by term, good to 1e-9 up to V = 512 and to 2e-5 beyond, where a receiver
    sees all but 1e-3 of the spot.

    Raises: PhysicsError for apertures, ranges or obstructions outside their domain.
    Source: Klein and Degnan, Appl. Opt. 13, 2134 (1974); SatQuMA 2.0, Sidhu et al., npj Quantum Inf. 8, 18 (2022).
    """
    alpha, eps = _shape(waist_m, transmit_aperture_m, obstruction)
    inner = float(floats(receive_obstruction, "receive_obstruction", low=0.0, high=1.0 - 1e-9))
    b = 0.5 * floats(receive_aperture_m, "receive_aperture_m", low=0.0)
    length_m = positive(range_km, "range_km", "the far field needs a range above 0") * 1e3
    k = 2.0 * math.pi / (float(positive(wavelength_nm, "wavelength_nm")) * 1e-9)
    v = k * 0.5 * transmit_aperture_m * b / length_m  # V
    eta = _encircled(v, alpha, eps)
    if inner:
        eta = eta - _encircled(inner * v, alpha, eps)
    return eta if clipping_included else np.minimum(1.0, eta / _passed(alpha, eps))


def clipped_share(waist_m: float, transmit_aperture_m: float, obstruction: float = 0.0) -> float:
    """1 - (exp(-2 alpha^2 eps^2) - exp(-2 alpha^2)): the power that does not leave the transmitter."""
    alpha, eps = _shape(waist_m, transmit_aperture_m, obstruction)
    return 1.0 - _passed(alpha, eps)


def truncated_divergence_half_rad(
    waist_m: float, transmit_aperture_m: float, wavelength_nm: float, obstruction: float = 0.0
) -> float:
    """theta = 2/(k a) sqrt(int g u du / int g u^3 du), g = exp(-alpha^2 u^2): fits the far field's top.

    Half angle at 1/e^2 of the Gaussian with the same curvature on the axis: what pointing errors small against the
    beam feel. No clipping and no obstruction give back lambda/(pi w).
    """
    alpha, eps = _shape(waist_m, transmit_aperture_m, obstruction)
    x, weight = legendre(64)
    u = eps + (1.0 - eps) * x
    field = weight * np.exp(-((alpha * u) ** 2)) * u
    k = 2.0 * math.pi / (float(positive(wavelength_nm, "wavelength_nm")) * 1e-9)
    return 2.0 / (k * 0.5 * transmit_aperture_m) * math.sqrt(float(field.sum() / (field * u**2).sum()))


def _shape(waist_m: float, transmit_aperture_m: float, obstruction: float) -> tuple[float, float]:
    waist = float(positive(waist_m, "waist_m"))
    alpha = 0.5 * float(positive(transmit_aperture_m, "transmit_aperture_m")) / waist
    require(0.0 <= obstruction < 1.0, f"obstruction {obstruction:g}: a share of the diameter, in [0, 1)")
    require(
        alpha <= 20.0,
        f"waist_m {waist:g} in an aperture of {transmit_aperture_m:g} m: a beam 20 times narrower than its "
        "aperture is not truncated, take the Gaussian beam",
    )
    return alpha, float(obstruction)


def _passed(alpha: float, eps: float) -> float:
    return math.exp(-2.0 * (alpha * eps) ** 2) - math.exp(-2.0 * alpha**2)


def _encircled(v: Floats, alpha: float, eps: float) -> Floats:
    """4 alpha^2 int_0^V g^2 v dv for all V of the array."""
    largest = float(v.max(initial=0.0))
    span = 2.0 ** max(0, math.ceil(math.log2(max(1.0, min(largest, _WIDEST)))))
    near = np.minimum(v, span)
    eta = np.polynomial.chebyshev.chebval(2.0 * (near / span) ** 2 - 1.0, _series(alpha, eps, span))
    if largest > span:  # J1(v)^2/v averages to 1/(pi v^2): the rings of the two hard edges
        edges = math.exp(-2.0 * alpha**2) + eps * math.exp(-2.0 * (alpha * eps) ** 2)
        rest = 4.0 * alpha**2 * edges / (math.pi * np.maximum(v, span))
        eta = np.where(v > span, _passed(alpha, eps) - rest, eta)
    clipped: Floats = np.clip(np.asarray(eta, dtype=np.float64), 0.0, 1.0)
    return clipped


@functools.lru_cache(maxsize=256)
def _series(alpha: float, eps: float, span: float) -> Floats:
    """Chebyshev coefficients, in x = 2 (v/span)^2 - 1, of 4 alpha^2 int_0^v g^2 v dv."""
    from scipy.special import j0

    order = 40 + 2 * int(span)
    x = np.cos(math.pi * (np.arange(order) + 0.5) / order)
    v = span * np.sqrt(0.5 * (x + 1.0))
    nodes, weight = legendre(32 + int(2.0 * alpha) + int(span * 0.6))
    u = eps + (1.0 - eps) * nodes
    g = j0(np.outer(v, u)) @ (weight * (1.0 - eps) * u * np.exp(-((alpha * u) ** 2)))
    from scipy.fft import dct

    coefficients = dct(g**2, type=2) / order
    coefficients[0] *= 0.5
    # v dv = span^2/4 dx
    series = np.asarray(alpha**2 * span**2 * np.polynomial.chebyshev.chebint(coefficients, lbnd=-1.0), np.float64)
    series.setflags(write=False)
    return series
