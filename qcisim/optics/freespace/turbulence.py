"""Turbulence on a path through the air: coherence, scintillation, wander and spread of the beam.

k = 2 pi/lambda, z = 90 deg - e, heights above the station. Plane-parallel air (sec z); Kolmogorov spectrum. A variance
of the log-irradiance is the Rytov variance of weak fluctuations and may exceed what is observed once it passes about 1:
`scintillation_index` saturates it.
"""

from __future__ import annotations

import math

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, positive, wavenumber_per_m
from qcisim.optics.freespace.profile import BuftonWind, Profile, heights, moment


def fried_parameter_m(
    profile: Profile,
    wavelength_nm: Real,
    elevation_deg: Real = 90.0,
    base_m: float = 0.0,
) -> Floats:
    """r0 = (0.423 k^2 sec z int Cn2 dh)^(-3/5), plane wave; both a down-link's r0 and, from space, an up-link's.

    Source: Fried, J. Opt. Soc. Am. 56, 1372 (1966); ITU-R P.1621-2 (2015).
    """
    k = wavenumber_per_m(wavelength_nm)
    r0: Floats = (0.423 * k**2 * _secant(elevation_deg) * moment(profile, 0.0, base_m)) ** -0.6
    return r0


def fried_horizontal_m(cn2: Real, wavelength_nm: Real, range_km: Real, wave: str = "plane") -> Floats:
    """r0 = (0.423 k^2 Cn2 L)^(-3/5) for a plane wave, (0.423 (3/8) k^2 Cn2 L)^(-3/5) for a spherical one."""
    length_m = positive(range_km, "range_km") * 1e3
    share = _wave(wave, plane=1.0, spherical=0.375)
    r0: Floats = (0.423 * share * wavenumber_per_m(wavelength_nm) ** 2 * positive(cn2, "cn2") * length_m) ** -0.6
    return r0


def isoplanatic_angle_rad(
    profile: Profile, wavelength_nm: Real, elevation_deg: Real = 90.0, base_m: float = 0.0
) -> Floats:
    """theta0 = (2.914 k^2 sec^(8/3) z int Cn2 h^(5/3) dh)^(-3/5).

    Source: Fried, J. Opt. Soc. Am. 72, 52 (1982).
    """
    k = wavenumber_per_m(wavelength_nm)
    sec = _secant(elevation_deg)
    angle: Floats = (2.914 * k**2 * sec ** (8.0 / 3.0) * moment(profile, 5.0 / 3.0, base_m)) ** -0.6
    return angle


def greenwood_frequency_hz(
    profile: Profile,
    wavelength_nm: Real,
    elevation_deg: Real = 90.0,
    *,
    wind: BuftonWind | None = None,
    slew_rad_per_s: Real = 0.0,
    base_m: float = 0.0,
) -> Floats:
    """f_G = (0.102 k^2 sec z int Cn2 v^(5/3) dh)^(3/5); v(h) = wind plus slew times distance h sec z.

    Args:
        profile: Cn2(h).
        wavelength_nm: lambda.
        elevation_deg: (n,).
        wind: natural wind, `BuftonWind()` by default.
        slew_rad_per_s: how fast the line of sight turns, (n,): v_t/L for a satellite.
        base_m: height of the station on the profile's scale.

    Source: Greenwood, J. Opt. Soc. Am. 67, 390 (1977); Andrews and Phillips (2005), chapter 12, for the wind.
    """
    k, sec = wavenumber_per_m(wavelength_nm), _secant(elevation_deg)
    x, w = heights()
    slew = floats(slew_rad_per_s, "slew_rad_per_s", low=0.0)
    natural = (wind or BuftonWind()).speed_m_per_s(x)
    speed = natural + (slew * sec)[..., None] * x
    total = speed ** (5.0 / 3.0) @ (w * profile.cn2(base_m + x))
    frequency: Floats = (0.102 * k**2 * sec * total) ** 0.6
    return frequency


def coherence_time_s(greenwood_hz: Real) -> Floats:
    """tau0 = 0.134/f_G: wavefront error of 1 rad^2 after this long.

    Source: Greenwood, J. Opt. Soc. Am. 67, 390 (1977); Fried, Proc. SPIE 1341 (1990).
    """
    time: Floats = (0.102 / 2.914) ** 0.6 / positive(greenwood_hz, "greenwood_hz")
    return time


def log_irradiance_variance_down(
    profile: Profile, wavelength_nm: Real, elevation_deg: Real, base_m: float = 0.0
) -> Floats:
    """s^2 = 2.253 k^(7/6) sec^(11/6) z int Cn2(h) (h - h0)^(5/6) dh: plane wave from space, point receiver, Np^2.

    Args:
        profile: Cn2(h).
        wavelength_nm: lambda.
        elevation_deg: (n,); the recommendation holds above 45 deg.
        base_m: h0, altitude of the station.

    Source: ITU-R P.1622 (2003), downlink scintillation.
    """
    k, sec = wavenumber_per_m(wavelength_nm), _secant(elevation_deg)
    variance: Floats = 2.253 * k ** (7.0 / 6.0) * sec ** (11.0 / 6.0) * moment(profile, 5.0 / 6.0, base_m)
    return variance


def log_irradiance_variance_up(
    profile: Profile, wavelength_nm: Real, elevation_deg: Real, satellite_altitude_m: Real, base_m: float = 0.0
) -> Floats:
    """s^2 = 2.253 k^(7/6) sec^(11/6) z int Cn2 (h - h0)^(5/6) (1 - (h - h0)/(H - h0))^(5/6) dh: spherical wave from h0.

    Args:
        profile: Cn2(h).
        wavelength_nm: lambda.
        elevation_deg: (n,).
        satellite_altitude_m: H, (n,).
        base_m: h0.

    The scintillation of an untracked beam comes on top of it through its wander.

    Source: Andrews and Phillips, Laser Beam Propagation through Random Media (2005), chapter 12.
    """
    k, sec = wavenumber_per_m(wavelength_nm), _secant(elevation_deg)
    rise = positive(floats(satellite_altitude_m, "satellite_altitude_m") - base_m, "satellite_altitude_m - base_m")
    total = _upward(profile, rise, base_m, 5.0 / 6.0, 5.0 / 6.0)
    variance: Floats = 2.253 * k ** (7.0 / 6.0) * sec ** (11.0 / 6.0) * total
    return variance


def log_irradiance_variance_horizontal(cn2: Real, wavelength_nm: Real, range_km: Real, wave: str = "plane") -> Floats:
    """sigma_R^2 = 1.23 Cn2 k^(7/6) L^(11/6), plane wave; 0.40 of it for a spherical wave.

    Source: Andrews and Phillips (2005), chapter 8.
    """
    share = _wave(wave, plane=1.0, spherical=0.4)
    length_m = positive(range_km, "range_km") * 1e3
    k = wavenumber_per_m(wavelength_nm)
    variance: Floats = 1.23 * share * floats(cn2, "cn2", low=0.0, high=1e-10) * k ** (7 / 6) * length_m ** (11 / 6)
    return variance


def scintillation_index(rytov_variance: Real) -> Floats:
    """sigma_I^2 = exp(0.49 s^2/(1 + 1.11 s^(12/5))^(7/6) + 0.51 s^2/(1 + 0.69 s^(12/5))^(5/6)) - 1, any strength.

    Plane wave, point receiver; grows like s^2 for weak turbulence and saturates towards 1 beyond its peak.

    Source: Andrews and Phillips (2005), chapter 9.
    """
    s2 = floats(rytov_variance, "rytov_variance", low=0.0)
    s125 = s2**1.2
    large = 0.49 * s2 / (1.0 + 1.11 * s125) ** (7.0 / 6.0)
    small = 0.51 * s2 / (1.0 + 0.69 * s125) ** (5.0 / 6.0)
    index: Floats = np.expm1(large + small)
    return index


def turbulence_height_m(profile: Profile, base_m: float = 0.0) -> float:
    """h_s = (int Cn2 h^2 dh/int Cn2 h^(5/6) dh)^(6/7): height that an averaging aperture sees.

    Source: Yura and McKinley, Appl. Opt. 22, 3353 (1983); ITU-R P.1622 (2003).
    """
    ratio = moment(profile, 2.0, base_m) / moment(profile, 5.0 / 6.0, base_m)
    return float(ratio ** (6.0 / 7.0))


def aperture_averaging(
    aperture_m: Real,
    wavelength_nm: Real,
    elevation_deg: Real,
    height_m: Real,
    form: str = "yura",
) -> Floats:
    """A = s^2(D)/s^2(0), the share of the log-irradiance variance that an aperture of diameter D leaves.

    "yura": A = 1/(1 + 1.1 (D^2/(lambda L_t))^(7/6)), right in both limits of a down-link (weak fluctuations);
    "andrews": A = (1 + 1.062 k D^2/(4 L_t))^(-7/6), the interpolation for a plane wave on a horizontal path.

    Args:
        aperture_m: D.
        wavelength_nm: lambda.
        elevation_deg: (n,).
        height_m: h_s of `turbulence_height_m`; L_t = h_s sec z. On a horizontal path elevation 90 and L itself.
        form: which one.

    Source: Yura and McKinley, Appl. Opt. 22, 3353 (1983); Andrews, J. Opt. Soc. Am. A 9, 597 (1992).
    """
    require(form in ("yura", "andrews"), f"aperture averaging form '{form}' (known: yura, andrews)")
    path_m = positive(height_m, "height_m") * _secant(elevation_deg)
    d2 = floats(aperture_m, "aperture_m", low=0.0) ** 2
    k = wavenumber_per_m(wavelength_nm)
    if form == "yura":
        share: Floats = 1.0 / (1.0 + 1.1 * (d2 * k / (2.0 * math.pi * path_m)) ** (7.0 / 6.0))
    else:
        share = (1.0 + 1.062 * k * d2 / (4.0 * path_m)) ** (-7.0 / 6.0)
    return share


def beam_wander_horizontal_m2(cn2: Real, waist_m: Real, range_km: Real) -> Floats:
    """sigma_bw^2 = 1.919 Cn2 L^3 (2 w0)^(-1/3), m^2 per axis.

    Weak turbulence. Other authors give 1.21 Cn2 L^3 w0^(-1/3) per axis where this is 1.52.

    Source: Vasylyev, Semenov, Vogel, Phys. Rev. Lett. 108, 220501 (2012), after Berman and Chumak.
    """
    length_m = positive(range_km, "range_km") * 1e3
    c = floats(cn2, "cn2", low=0.0, high=1e-10)
    variance: Floats = 1.919 * c * length_m**3 * (2.0 * positive(waist_m, "waist_m")) ** (-1.0 / 3.0)
    return variance


def beam_wander_up_rad(
    profile: Profile, waist_m: Real, elevation_deg: Real, satellite_altitude_m: Real, base_m: float = 0.0
) -> Floats:
    """sigma = sqrt(<r_c^2>/2)/L, <r_c^2> = 7.25 (H-h0)^2 sec^3 z w0^(-1/3) int Cn2 (1 - (h-h0)/(H-h0))^2 dh; per axis.

    The angle by which the air turns a collimated up-link as a whole, independent of the wavelength; rms per axis, to be
    added to the jitter in squares. The range is L = (H - h0) sec z.

    Source: Andrews and Phillips (2005), chapter 12; the variance there is that of both axes.
    """
    sec = _secant(elevation_deg)
    rise = positive(floats(satellite_altitude_m, "satellite_altitude_m") - base_m, "satellite_altitude_m - base_m")
    total = _upward(profile, rise, base_m, 0.0, 2.0)
    variance = 0.5 * 7.25 * sec * positive(waist_m, "waist_m") ** (-1.0 / 3.0) * total
    angle: Floats = np.sqrt(variance)
    return angle


def long_term_radius_m(radius_m: Real, waist_m: Real, fried_m: Real) -> Floats:
    """W_LT = W (1 + (2 sqrt(2) w0/r0)^(5/3))^(3/5): mean spot of an up-link, wander included.

    Args:
        radius_m: W, the spot without air.
        waist_m: w0 at the transmitter.
        fried_m: r0.

    The source uses the exponent 1/2 below 2 sqrt(2) w0 = r0, up to 7 % less; one exponent keeps it continuous.

    Source: Andrews and Phillips (2005), chapter 12.
    """
    ratio = math.sqrt(8.0) * positive(waist_m, "waist_m") / positive(fried_m, "fried_m")
    radius: Floats = positive(radius_m, "radius_m") * (1.0 + ratio ** (5.0 / 3.0)) ** 0.6
    return radius


def short_term_radius_m(radius_m: Real, long_term_m: Real, wander_per_axis_m: Real) -> Floats:
    """W_ST = sqrt(W_LT^2 - 4 sigma_bw^2), at least W: the spot about its own centre.

    Wander of variance sigma_bw^2 per axis adds 4 sigma_bw^2 to the square of a 1/e^2 radius.
    """
    w, long_term = positive(radius_m, "radius_m"), positive(long_term_m, "long_term_m")
    wander = floats(wander_per_axis_m, "wander_per_axis_m", low=0.0)
    radius: Floats = np.sqrt(np.maximum(w**2, long_term**2 - 4.0 * wander**2))
    return radius


def _secant(elevation_deg: Real) -> Floats:
    e = floats(elevation_deg, "elevation_deg", high=90.0, reason="nothing stands above the zenith")
    positive(e, "elevation_deg", "the path through the air needs a satellite above the horizon")
    secant: Floats = 1.0 / np.sin(np.radians(e))
    return secant


def _wave(wave: str, *, plane: float, spherical: float) -> float:
    require(wave in ("plane", "spherical"), f"wave '{wave}' (known: plane, spherical)")
    return plane if wave == "plane" else spherical


def _upward(profile: Profile, rise_m: Floats, base_m: float, power: float, weight_power: float) -> Floats:
    """int Cn2 x^p (1 - x/rise)^q dx for every rise."""
    x, w = heights()
    share = np.maximum(0.0, 1.0 - x / rise_m[..., None]) ** weight_power
    total: Floats = share @ (w * profile.cn2(base_m + x) * x**power)
    return total
