"""Wavefront errors, what adaptive optics leaves of them, and coupling into a single-mode fibre."""

from __future__ import annotations

import functools
import math

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, legendre, positive

# Residual variance after J modes, in (D/r0)^(5/3) rad^2: Noll, J. Opt. Soc. Am. 66, 207 (1976), Table IV.
NOLL = (
    *(1.0299, 0.582, 0.134, 0.111, 0.0880, 0.0648, 0.0587, 0.0525, 0.0463, 0.0401, 0.0377),
    *(0.0352, 0.0328, 0.0304, 0.0279, 0.0267, 0.0255, 0.0243, 0.0232, 0.0220, 0.0208),
)


def noll_residual(modes: int) -> float:
    """Delta_J: wavefront variance in units of (D/r0)^(5/3) rad^2 when Zernike modes 1 to J are corrected.

    J = 1 is piston alone (no correction), J = 3 adds tip and tilt. The table to J = 21, 0.2944 J^(-sqrt(3)/2) beyond.

    Source: Noll, J. Opt. Soc. Am. 66, 207 (1976), Table IV and Eq. (A1).
    """
    require(modes >= 1 and modes == int(modes), f"corrected modes {modes}: a count from 1 (piston, no correction)")
    return NOLL[modes - 1] if modes <= len(NOLL) else 0.2944 * float(modes) ** (-math.sqrt(3.0) / 2.0)


def wavefront_variance(aperture_over_r0: Real, modes: int = 1) -> Floats:
    """sigma^2 = Delta_J (D/r0)^(5/3), rad^2."""
    ratio = floats(aperture_over_r0, "aperture_over_r0", low=0.0)
    variance: Floats = noll_residual(modes) * ratio ** (5.0 / 3.0)
    return variance


def servo_variance(greenwood_hz: Real, bandwidth_hz: Real) -> Floats:
    """sigma^2 = (f_G/f_3dB)^(5/3), rad^2: what a servo of that closed-loop bandwidth lags behind.

    Source: Greenwood, J. Opt. Soc. Am. 67, 390 (1977).
    """
    lag: Floats = floats(greenwood_hz, "greenwood_hz", low=0.0) / positive(bandwidth_hz, "bandwidth_hz")
    return lag ** (5.0 / 3.0)


def anisoplanatic_variance(angle_rad: Real, isoplanatic_angle_rad: Real) -> Floats:
    """sigma^2 = (theta/theta0)^(5/3), rad^2: an up-link corrected by light that came from theta away (point-ahead).

    All modes, infinite aperture: an upper limit for a telescope of finite size.

    Source: Fried, J. Opt. Soc. Am. 72, 52 (1982).
    """
    share: Floats = floats(angle_rad, "angle_rad", low=0.0) / positive(isoplanatic_angle_rad, "isoplanatic_angle_rad")
    return share ** (5.0 / 3.0)


def strehl(variance_rad2: Real, aperture_over_r0: Real) -> Floats:
    """S = exp(-sigma^2) + (1 - exp(-sigma^2)) H(D/r0): core and halo.

    The core is the extended Marechal approximation; alone it holds for sigma^2 below about 2 rad^2 and falls to zero
    beyond, where the light is in the halo of the seeing. H = (S_LE - exp(-s1^2))/(1 - exp(-s1^2)), s1^2 = 1.0299
    (D/r0)^(5/3), is the halo of the uncorrected image: no correction gives back `uncorrected_strehl` exactly, and
    H tends to (r0/D)^2.

    Args:
        variance_rad2: sigma^2 of the corrected wavefront, (n,).
        aperture_over_r0: D/r0, (n,).

    Against the exact covariance of Kolmogorov wavefronts within 7 % up to D = 4 r0; beyond, where tip and tilt alone
    are corrected, too low (by half at D = 10 r0).

    Source: the sum of core and halo, with (1 + (D/r0)^2)^(-1) for H: Parenti and Sasiela, J. Opt. Soc. Am. A 11, 288
    (1994). That H is too bright for D below 3 r0 (0.68 instead of 0.44 at D = r0 without correction).
    """
    ratio = floats(aperture_over_r0, "aperture_over_r0", low=0.0)
    core, free = np.exp(-floats(variance_rad2, "variance_rad2", low=0.0)), -np.expm1(-wavefront_variance(ratio))
    with np.errstate(divide="ignore", invalid="ignore"):
        halo = np.where(free > 1e-6, (uncorrected_strehl(ratio) - (1.0 - free)) / free, 0.0)
    share: Floats = core + (1.0 - core) * np.clip(halo, 0.0, 1.0)
    return share


def marechal_strehl(variance_rad2: Real) -> Floats:
    """S = exp(-sigma^2), extended Marechal approximation: the core alone, for sigma^2 below about 2 rad^2."""
    ratio: Floats = np.exp(-floats(variance_rad2, "variance_rad2", low=0.0))
    return ratio


def uncorrected_strehl(aperture_over_r0: Real) -> Floats:
    """S_LE = (16/pi) int_0^1 u (arccos u - u sqrt(1 - u^2)) exp(-3.44 (u D/r0)^(5/3)) du, long exposure.

    Tends to (r0/D)^2 for large apertures; the modulation transfer function of aperture and seeing, integrated.

    Source: Fried, J. Opt. Soc. Am. 56, 1372 (1966).
    """
    ratio = floats(aperture_over_r0, "aperture_over_r0", low=0.0, high=1e4)
    x, w = legendre(96)
    x, w = x**3, 3.0 * x**2 * w  # dense where the seeing of a large aperture cuts off
    lens = w * x * (np.arccos(x) - x * np.sqrt(1.0 - x**2))
    image: Floats = np.exp(-3.44 * (ratio[..., None] * x) ** (5.0 / 3.0)) @ (lens / lens.sum())
    return image


@functools.lru_cache(maxsize=256)
def smf_coupling(obstruction: float = 0.0) -> float:
    """eta = max over b of 2 ((exp(-b^2 eps^2) - exp(-b^2))/b)^2/(1 - eps^2): a flat wave into a single-mode fibre.

    The share of the light that passes the annular aperture; 0.81453 at b = 1.1209 without obstruction. b is the
    aperture's radius over that of the fibre's mode imaged into it.

    Args:
        obstruction: eps, central obscuration as a share of the diameter.

    Source: Ruilier, Proc. SPIE 3350, 319 (1998).
    """
    require(0.0 <= obstruction < 1.0, f"obstruction {obstruction:g}: a share of the diameter, in [0, 1)")
    from scipy.optimize import minimize_scalar

    best = minimize_scalar(lambda b: -_overlap(b, obstruction), bounds=(0.1, 3.0), options={"xatol": 1e-10})
    return _overlap(float(best.x), obstruction)


def _overlap(b: float, obstruction: float) -> float:
    edge = math.exp(-((b * obstruction) ** 2)) - math.exp(-(b**2))
    return 2.0 * (edge / b) ** 2 / (1.0 - obstruction**2)


def fibre_coupling(
    aperture_m: Real, fried_m: Real, modes: int = 1, obstruction: float = 0.0, extra_variance_rad2: Real = 0.0
) -> Floats:
    """eta = eta_smf(eps) S(sigma^2, D/r0), sigma^2 = Delta_J (D/r0)^(5/3) + extra: mean coupling behind J modes.

    Args:
        aperture_m: D.
        fried_m: r0, (n,).
        modes: J, corrected Zernike modes; 1 is none, 3 tip and tilt.
        obstruction: eps.
        extra_variance_rad2: servo lag, anisoplanatism, static aberrations, (n,).

    Of the light that passes the aperture; scintillation, which costs less than a few per cent, is left out.
    """
    ratio = positive(aperture_m, "aperture_m") / positive(fried_m, "fried_m")
    variance = wavefront_variance(ratio, modes) + floats(extra_variance_rad2, "extra_variance_rad2", low=0.0)
    return smf_coupling(obstruction) * strehl(variance, ratio)


def uncorrected_fibre_coupling(aperture_over_r0: float) -> float:
    """Mean coupling without any correction, by integration over two points of the aperture.

    eta = 8 b^2 int int_0^1 exp(-(b^2 + c)(x^2 + y^2)) I0(2 c x y) x y dx dy with c = (D/(2 rho0))^2, r0 = 2.1 rho0 and
    b = 1.12: the mutual coherence exp(-d^2/rho0^2).

    Source: Dikmelik and Davidson, Appl. Opt. 44, 4946 (2005).
    """
    from scipy.special import i0e

    c = (2.1 * float(floats(aperture_over_r0, "aperture_over_r0", low=0.0, high=1e3)) / 2.0) ** 2
    x, w = legendre(400)
    xx, yy = np.meshgrid(x, x)
    b2 = 1.1209**2
    kernel = np.exp(-b2 * (xx**2 + yy**2) - c * (xx - yy) ** 2) * i0e(2.0 * c * xx * yy) * xx * yy
    return float(8.0 * b2 * (w @ kernel @ w))
