"""Background: light of the sky in the receiver.

Published radiances of the same sky differ by ten and more; the presets keep them apart, with their sources.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import did_you_mean, require
from qcisim.optics.freespace.arrays import Floats, Real, floats, positive
from qcisim.units import PLANCK_J_S, SPEED_OF_LIGHT_M_PER_S


def sky_count_rate_hz(
    radiance_w_per_m2_um_sr: Real,
    field_of_view_full_rad: Real,
    aperture_m: Real,
    filter_nm: Real,
    wavelength_nm: Real,
    efficiency: Real = 1.0,
    obstruction: float = 0.0,
) -> Floats:
    """N = L (pi FOV^2/4) (pi D^2/4)(1 - eps^2) dlambda (lambda/(h c)) eta, counts per second.

    Args:
        radiance_w_per_m2_um_sr: L of the sky, both polarisations, (n,).
        field_of_view_full_rad: FOV, full angle.
        aperture_m: D.
        filter_nm: dlambda, width of the filter.
        wavelength_nm: lambda.
        efficiency: eta, of everything behind the aperture that shall count.
        obstruction: eps, central obscuration as a share of the diameter.

    Source: ITU-R P.1621-2 (2015), Eq. (1), with the solid angle written out.
    """
    fov = floats(field_of_view_full_rad, "field_of_view_full_rad", low=0.0, high=math.pi, reason="radians, full angle")
    require(0.0 <= obstruction < 1.0, f"obstruction {obstruction:g}: a share of the diameter, in [0, 1)")
    area_m2 = 0.25 * math.pi * floats(aperture_m, "aperture_m", low=0.0) ** 2 * (1.0 - obstruction**2)
    return _counts_hz(radiance_w_per_m2_um_sr, 0.25 * math.pi * fov**2 * area_m2, filter_nm, wavelength_nm, efficiency)


def counts_per_gate(rate_hz: Real, gate_s: Real) -> Floats:
    """mu = N t: mean counts per gate; means of several sources add, a gate clicks with 1 - exp(-mu)."""
    mean: Floats = floats(rate_hz, "rate_hz", low=0.0) * floats(gate_s, "gate_s", low=0.0)
    return mean


def single_mode_count_rate_hz(
    radiance_w_per_m2_um_sr: Real, filter_nm: Real, wavelength_nm: Real, efficiency: Real = 1.0
) -> Floats:
    """N = L lambda^2 dlambda (lambda/(h c)) eta: a single-mode fibre sees the etendue lambda^2, whatever the telescope.

    Both polarisations of the mode. Source: Siegman, Proc. IEEE 54, 1350 (1966).
    """
    etendue = (positive(wavelength_nm, "wavelength_nm") * 1e-9) ** 2
    return _counts_hz(radiance_w_per_m2_um_sr, etendue, filter_nm, wavelength_nm, efficiency)


def _counts_hz(radiance: Real, etendue_m2_sr: Floats, filter_nm: Real, wavelength_nm: Real, eta: Real) -> Floats:
    power_w = floats(radiance, "radiance_w_per_m2_um_sr", low=0.0) * etendue_m2_sr
    power_w = power_w * floats(filter_nm, "filter_nm", low=0.0) * 1e-3
    photon_j = PLANCK_J_S * SPEED_OF_LIGHT_M_PER_S / (positive(wavelength_nm, "wavelength_nm") * 1e-9)
    rate: Floats = power_w / photon_j * floats(eta, "efficiency", low=0.0, high=1.0)
    return rate


@dataclass(frozen=True, slots=True)
class SkyPreset:
    """Radiances of one source, W/(m^2 um sr): moonless night, full moon, clear day with a high sun."""

    night: float
    full_moon: float
    day: float
    source: str


SKIES: dict[str, SkyPreset] = {
    "miao2005": SkyPreset(
        1.5e-5,
        1.5e-3,
        1.5,
        "Miao et al., New J. Phys. 7, 215 (2005), second-hand: clear sky, moonless, full moon and day; hazy day 15, "
        "bright clouds 150. The night is also that of Ntanos et al., Photonics 8, 544 (2021).",
    ),
    "dark": SkyPreset(
        1e-6, 1e-3, 1.0, "Lower edge of published clear-sky values, second-hand: ten times darker nights exist."
    ),
    "bright": SkyPreset(
        1.5e-5, 1e-3, 100.0, "Upper edge of published values, second-hand: sky near the sun, haze, bright clouds."
    ),
}

# Illuminance of the ground by the sun, relative to 60 deg of elevation: Seidelmann (ed.), Explanatory Supplement to the
# Astronomical Almanac (1992), section 9.34, second-hand; visible band, here for the course of twilight alone.
_SUN_DEG = (-18.0, -12.0, -6.0, -0.8, 0.0, 5.0, 10.0, 20.0, 40.0, 60.0, 90.0)
_LUX = (6.51e-4, 8.31e-3, 3.40, 453.0, 732.0, 4.76e3, 1.09e4, 2.73e4, 6.67e4, 1.02e5, 1.24e5)


def sky(name: str) -> SkyPreset:
    """The preset of that name."""
    hint = did_you_mean(name, SKIES) or f"known: {', '.join(SKIES)}"
    require(name in SKIES, f"sky '{name}' ({hint})")
    return SKIES[name]


def sky_radiance(
    sun_elevation_deg: Real,
    night_w_per_m2_um_sr: Real = SKIES["miao2005"].night,
    day_w_per_m2_um_sr: Real = SKIES["miao2005"].day,
    moon_w_per_m2_um_sr: Real = 0.0,
) -> Floats:
    """L = L_night + L_moon + L_day E(sun)/E(60 deg): the sky through day, twilight and night, W/(m^2 um sr).

    Args:
        sun_elevation_deg: geometric elevation of the sun, (n,).
        night_w_per_m2_um_sr: moonless night.
        day_w_per_m2_um_sr: clear sky at a sun elevation of 60 deg.
        moon_w_per_m2_um_sr: scattered moonlight on top of the night, (n,); the full moon's times its visible share.

    E is the illuminance of the ground in the visible, logarithms interpolated linearly in the elevation; nothing of the
    sun is left below -18 deg. Wavelength, haze and the angle between sun and line of sight are not in it: a factor of
    ten either way.
    """
    sun = floats(sun_elevation_deg, "sun_elevation_deg", low=-90.0, high=90.0)
    share = np.exp(np.interp(sun, _SUN_DEG, np.log(np.array(_LUX) / _LUX[_SUN_DEG.index(60.0)])))
    share = np.where(sun < _SUN_DEG[0], 0.0, share)
    dark = floats(night_w_per_m2_um_sr, "night_w_per_m2_um_sr", low=0.0)
    dark = dark + floats(moon_w_per_m2_um_sr, "moon_w_per_m2_um_sr", low=0.0)
    radiance: Floats = dark + floats(day_w_per_m2_um_sr, "day_w_per_m2_um_sr", low=0.0) * share
    return radiance
