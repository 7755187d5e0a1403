"""Pointing errors: the mean loss they cause, and the law of the transmittance under beam wander.

Jitter is the standard deviation per axis of a Gaussian error on two axes; the radial error is then Rayleigh
distributed with the same parameter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, frozen, positive


def mean_efficiency(jitter_rad: Real, beam_radius_rad: Real, bias_rad: Real = 0.0) -> Floats:
    """eta_p = exp(-2 b^2/(w^2 + 4 sigma^2))/(1 + 4 sigma^2/w^2): mean over a Gaussian pointing error.

    Args:
        jitter_rad: sigma, rms per axis.
        beam_radius_rad: w, half angle of the beam at 1/e^2 intensity.
        bias_rad: b, constant offset of the axis.

    For a receiver small against the spot; `jittered_radius_m` holds for any aperture.
    """
    sigma, w = floats(jitter_rad, "jitter_rad", low=0.0), positive(beam_radius_rad, "beam_radius_rad")
    wide = w**2 + 4.0 * sigma**2
    eta: Floats = w**2 / wide * np.exp(-2.0 * floats(bias_rad, "bias_rad", low=0.0) ** 2 / wide)
    return eta


def jittered_radius_m(radius_m: Real, jitter_rad: Real, range_km: Real) -> Floats:
    """w_mean = sqrt(w^2 + 4 sigma^2 L^2): radius of a Gaussian spot averaged over its pointing error.

    What an aperture of any size collects on average is what it collects of this wider Gaussian, exactly.
    """
    sigma_m = floats(jitter_rad, "jitter_rad", low=0.0) * floats(range_km, "range_km", low=0.0) * 1e3
    radius: Floats = np.sqrt(positive(radius_m, "radius_m") ** 2 + 4.0 * sigma_m**2)
    return radius


@dataclass(frozen=True, slots=True, eq=False)
class WeibullPointing:
    """T^2(r) = T0^2 exp(-(r/R)^lambda): transmittance of an aperture whose spot is r off the axis.

    Args:
        peak_transmittance: T0^2, on the axis, (n,) or a number.
        scale_m: R.
        shape: lambda.

    The form is an approximation to the off-axis integral `collected_gaussian`, good to a few per cent of T0^2.

    Source: Vasylyev, Semenov, Vogel, Phys. Rev. Lett. 108, 220501 (2012), Eqs. (5) to (7).
    """

    peak_transmittance: Real
    scale_m: Real
    shape: Real

    def __post_init__(self) -> None:
        peak = floats(self.peak_transmittance, "peak_transmittance", low=0.0, high=1.0)
        require(bool(np.all(peak > 0.0)), "peak_transmittance 0: no light reaches the aperture")
        positive(self.scale_m, "scale_m")
        positive(self.shape, "shape")
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @classmethod
    def of(cls, radius_m: Real, aperture_m: Real) -> WeibullPointing:
        """T0, R and lambda of a spot of radius W on an aperture of diameter 2a.

        T0^2 = 1 - exp(-2 a^2/W^2); lambda = 8 (a^2/W^2) e^{-x} I1(x)/(1 - e^{-x} I0(x))/ln Q; R = a (ln Q)^(-1/lambda),
        with x = 4 a^2/W^2 and Q = 2 T0^2/(1 - e^{-x} I0(x)).
        """
        a = 0.5 * positive(aperture_m, "aperture_m")
        peak, scale, shape = weibull_shape(4.0 * (a / positive(radius_m, "radius_m")) ** 2)
        return cls(peak, a * scale, shape)

    def transmittance(self, offset_m: Real) -> Floats:
        """T^2(r), (n,)."""
        r = floats(offset_m, "offset_m", low=0.0)
        eta: Floats = self.peak_transmittance * np.exp(-((r / self.scale_m) ** self.shape))
        return eta


def weibull_shape(x: Floats) -> tuple[Floats, Floats, Floats]:
    """T0^2, R/a and lambda as functions of x = 4 a^2/W^2.

    Small x by series: 1 - e^{-x} I0(x) = x - 3 x^2/4 + 5 x^3/12 - ..., where the differences would cancel.
    """
    from scipy.special import i0e, i1e

    x = np.asarray(x, dtype=np.float64)
    peak: Floats = -np.expm1(-0.5 * x)  # Eq. (5)
    series = x * (1.0 - x * (0.75 - x * (5.0 / 12.0 - x * (35.0 / 192.0 - x * 63.0 / 960.0))))
    rest = np.where(x < 1e-2, series, 1.0 - i0e(x))
    log_q = np.log(2.0 * peak / rest)
    log_q = np.where(x < 1e-5, 0.5 * x - 0.125 * x**2, log_q)
    shape: Floats = 2.0 * x * i1e(x) / rest / log_q  # Eq. (6)
    return peak, log_q ** (-1.0 / shape), shape  # Eq. (7)


def wander_per_axis_m(jitter_rad: Real, range_km: Real, beam_wander_m: Real = 0.0) -> Floats:
    """sqrt((sigma L)^2 + sigma_bw^2): rms displacement per axis of the spot in the plane of the receiver."""
    sigma_m = floats(jitter_rad, "jitter_rad", low=0.0) * floats(range_km, "range_km", low=0.0) * 1e3
    return np.hypot(sigma_m, floats(beam_wander_m, "beam_wander_m", low=0.0))
