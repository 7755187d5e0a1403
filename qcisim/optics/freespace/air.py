"""What the air between a satellite and a station does to a spot: loss, spread, wander, and the law of its fading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qcisim.optics.freespace.adaptive import anisoplanatic_variance, strehl, wavefront_variance
from qcisim.optics.freespace.arrays import Floats, wavenumber_per_m
from qcisim.optics.freespace.elliptic import EllipticBeam
from qcisim.optics.freespace.extinction import transmittance
from qcisim.optics.freespace.fading import FadingLaw, LogNegativeWeibull, LogNormal, NoFading, nodes_along
from qcisim.optics.freespace.gamma_gamma import GammaGamma
from qcisim.optics.freespace.pointing import WeibullPointing, wander_per_axis_m
from qcisim.optics.freespace.profile import Profile
from qcisim.optics.freespace.spot import Spot
from qcisim.optics.freespace.terminals import Atmosphere
from qcisim.optics.freespace.turbulence import (
    aperture_averaging,
    beam_wander_up_rad,
    fried_parameter_m,
    isoplanatic_angle_rad,
    log_irradiance_variance_down,
    log_irradiance_variance_up,
    long_term_radius_m,
    scintillation_index,
    short_term_radius_m,
    turbulence_height_m,
)
from qcisim.units import EARTH_MEAN_RADIUS_KM

LOWEST_DEG = 0.5
"""Turbulence below this elevation is that of this elevation: plane-parallel air ends at the horizon."""
LOWEST_RISE_M = 1e5
"""A satellite is at least this high above the station."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """What turbulence makes of a spot; all arrays (n,).

    Args:
        spread: mean share of the light on the axis that the spread of the spot leaves.
        radius_m: of the mean spot, on which pointing acts.
        moment_radius_m: of the spot at one moment.
        wander_m: rms displacement of that spot per axis, pointing jitter and beam wander.
        rytov_variance: variance of the log-irradiance at a point, weak-turbulence formula.
        averaging: share of it that the receiver's aperture leaves.
        aperture_parameter: sqrt(k D^2/(4 L_t)).
        wave: "plane" or "spherical".
        fried_m: r0, infinite without turbulence.
    """

    spread: Floats
    radius_m: Floats
    moment_radius_m: Floats
    wander_m: Floats
    rytov_variance: Floats
    averaging: Floats
    aperture_parameter: Floats
    wave: str
    fried_m: Floats

    @property
    def log_variance(self) -> Floats:
        """Variance of ln f of the log-normal law with the second moment of scintillation and displacement together.

        A ln(1 + sigma_I^2) + ln(1 + q^2/(1 + 2 q)), A the aperture averaging, sigma_I^2 the saturated scintillation
        index, q = 4 sigma^2/w^2: a small receiver in a displaced Gaussian has <g^m> = 1/(1 + m q).
        """
        q = 4.0 * (self.wander_m / self.moment_radius_m) ** 2
        variance: Floats = self.averaging * np.log1p(scintillation_index(self.rytov_variance))
        return variance + np.log1p(q**2 / (1.0 + 2.0 * q))


def extinction(air: Atmosphere, elevation_deg: Floats) -> Floats:
    """eta_atm(e), 0 below the horizon, (n,)."""
    if air.transmittance_table is not None:
        return air.transmittance_table(elevation_deg)
    through = transmittance(air.zenith_transmittance, elevation_deg, air.airmass)
    return np.where(elevation_deg > 0.0, through, 0.0)


def vacuum(spot: Spot) -> Path:
    """No air: the spot moves with the pointing jitter alone."""
    zero, one = np.zeros_like(spot.range_km), np.ones_like(spot.range_km)
    wander_m = wander_per_axis_m(spot.transmitter.jitter_rad, spot.range_km)
    return Path(one, spot.radius_m, spot.radius_m, wander_m, zero, one, zero, "plane", one * np.inf)


def downward(spot: Spot, profile: Profile | None, elevation_deg: Floats, base_m: float) -> Path:
    """Turbulence near the receiver: scintillation and a spoilt wavefront, but neither spread nor wander of the beam."""
    clear = vacuum(spot)
    if profile is None:
        return clear
    e, height_m = _above_horizon(elevation_deg), turbulence_height_m(profile, base_m)
    aperture_m, nm = spot.telescope.aperture_m, spot.wavelength_nm
    path_m = height_m / np.sin(np.radians(e))
    return Path(
        clear.spread,
        clear.radius_m,
        clear.moment_radius_m,
        clear.wander_m,
        log_irradiance_variance_down(profile, nm, e, base_m),
        aperture_averaging(aperture_m, nm, e, height_m),
        np.sqrt(wavenumber_per_m(nm) * aperture_m**2 / (4.0 * path_m)),
        "plane",
        fried_parameter_m(profile, nm, e, base_m),
    )


def upward(spot: Spot, profile: Profile | None, elevation_deg: Floats, base_m: float, point_ahead_rad: Floats) -> Path:
    """Turbulence near the transmitter: spread, wander and the scintillation of a point receiver far away.

    Without correction the mean spot is the long-term one. A transmitter with ``adaptive_modes`` above 1 is corrected by
    light of the satellite, which comes from the point-ahead angle away from where the beam must go: the Strehl ratio
    of what the modes leave plus (theta/theta0)^(5/3), where that is better. From three modes on (tip and tilt) the
    air's wander is taken as corrected.
    """
    clear = vacuum(spot)
    if profile is None:
        return clear
    e, nm, sender = _above_horizon(elevation_deg), spot.wavelength_nm, spot.transmitter
    r0, waist_m = fried_parameter_m(profile, nm, e, base_m), spot.waist_m
    rise_m = _rise_m(spot.range_km, e, base_m)
    long_term_m = long_term_radius_m(clear.radius_m, waist_m, r0)
    spread = spot.of_gaussian(long_term_m) / spot.of_gaussian(clear.radius_m)
    wander_rad = _by_height(lambda h: beam_wander_up_rad(profile, waist_m, 90.0, h, base_m), rise_m, base_m)
    wander_rad = wander_rad / np.sqrt(np.sin(np.radians(e)))
    if sender.adaptive_modes > 1:
        ratio = sender.aperture_m / r0
        residual = wavefront_variance(ratio, sender.adaptive_modes)
        residual = residual + anisoplanatic_variance(point_ahead_rad, isoplanatic_angle_rad(profile, nm, e, base_m))
        corrected = strehl(residual, ratio)
        long_term_m = np.where(corrected > spread, clear.radius_m / np.sqrt(corrected), long_term_m)
        spread = np.maximum(spread, corrected)
        wander_rad = wander_rad * (sender.adaptive_modes < 3)
    wander_m = wander_rad * spot.range_km * 1e3
    rytov = _by_height(lambda h: log_irradiance_variance_up(profile, nm, 90.0, h, base_m), rise_m, base_m)
    rytov = rytov * np.sin(np.radians(e)) ** (-11.0 / 6.0)
    return Path(
        spread,
        long_term_m,
        short_term_radius_m(clear.radius_m, long_term_m, wander_m),
        wander_per_axis_m(sender.jitter_rad, spot.range_km, wander_m),
        rytov,
        np.ones_like(e),
        np.zeros_like(e),
        "spherical",
        r0,
    )


def fading_nodes(name: str, count: int, path: Path, spot: Spot, along: Floats) -> tuple[Floats, Floats]:
    """Factors (n, m) and weights (m,) of the fading law of that name.

    "log_normal": scintillation and displacement, matched in their second moment; "gamma_gamma": scintillation;
    "weibull", "elliptic": displacement of the spot over the aperture. ``along`` (n,) is what the law varies with.
    """
    law: FadingLaw = NoFading()
    if name == "log_normal":
        law = LogNormal(path.log_variance)
    elif name == "gamma_gamma":
        return _gamma_gamma_nodes(path, count)
    elif name == "weibull":
        pointing = WeibullPointing.of(path.moment_radius_m, spot.telescope.aperture_m)
        law = LogNegativeWeibull.of(pointing, path.wander_m)
    elif name == "elliptic":
        order = np.argsort(along, kind="stable")

        def at(x: Floats) -> FadingLaw:
            radius_m = np.interp(x, along[order], path.moment_radius_m[order])
            return EllipticBeam(spot.telescope.aperture_m, radius_m, np.interp(x, along[order], path.wander_m[order]))

        factor, weight = nodes_along(at, along, count)
        return np.atleast_2d(factor), weight
    factor, weight = law.nodes(count)
    return np.atleast_2d(factor), weight


def _gamma_gamma_nodes(path: Path, count: int) -> tuple[Floats, Floats]:
    """Gamma-gamma along ln s^2: the aperture parameter is a power of s^2 on a down-link and 0 on an up-link."""
    if not path.rytov_variance.any():
        factor, weight = NoFading().nodes(count)
        return factor[None], weight
    log_rytov = np.log(path.rytov_variance)
    order = np.argsort(log_rytov, kind="stable")
    with np.errstate(divide="ignore"):
        log_parameter = np.log(path.aperture_parameter)

    def at(x: Floats) -> FadingLaw:
        parameter = np.exp(np.interp(x, log_rytov[order], log_parameter[order]))
        return GammaGamma.of_rytov(np.exp(x), parameter, path.wave)

    factor, weight = nodes_along(at, log_rytov, count, knots=24)
    return np.atleast_2d(factor), weight


def _above_horizon(elevation_deg: Floats) -> Floats:
    return np.maximum(elevation_deg, LOWEST_DEG)


def _rise_m(range_km: Floats, elevation_deg: Floats, base_m: float) -> Floats:
    """Height of the satellite above the station, sqrt(R^2 + L^2 + 2 R L sin e) - R on a sphere; at least 100 km."""
    r = EARTH_MEAN_RADIUS_KM + base_m * 1e-3
    height_km = np.sqrt(r**2 + range_km**2 + 2.0 * r * range_km * np.sin(np.radians(elevation_deg))) - r
    rise: Floats = np.maximum(height_km, LOWEST_RISE_M * 1e-3) * 1e3
    return rise


def _by_height(term: Callable[[Floats], Floats], rise_m: Floats, base_m: float) -> Floats:
    """A term that varies slowly with the satellite's height: a Chebyshev series in 1/rise through 12 heights."""
    nodes = np.polynomial.chebyshev.chebpts1(12)
    values = term(base_m + 2.0 * LOWEST_RISE_M / (1.0 + nodes))
    series = np.polynomial.chebyshev.chebfit(nodes, values, 11)
    at = 2.0 * LOWEST_RISE_M / rise_m - 1.0
    result: Floats = np.asarray(np.polynomial.chebyshev.chebval(at, series), dtype=np.float64)
    return result
