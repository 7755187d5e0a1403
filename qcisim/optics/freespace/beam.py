"""Beams: how wide they are far away and how much of them an aperture collects.

Half angles and radii are at 1/e^2 intensity; apertures are diameters; an obstruction is the diameter of the central
obscuration over that of the aperture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats, Real, floats, frozen, legendre, positive

_NODES = 48  # of the integral over an aperture that is off the axis


def divergence_half_rad(waist_m: Real, wavelength_nm: Real) -> Floats:
    """theta_half = lambda/(pi w0): half angle of a Gaussian beam in the far field.

    With w0 = D/2 this is the 2 lambda/(pi D) of Ntanos et al., Photonics 8, 544 (2021), section 4.1.
    """
    half: Floats = positive(wavelength_nm, "wavelength_nm") * 1e-9 / (math.pi * positive(waist_m, "waist_m"))
    return half


def waist_of_divergence_m(divergence_full_rad: Real, wavelength_nm: Real) -> Floats:
    """w0 = 2 lambda/(pi theta): waist of the Gaussian beam whose full divergence is theta."""
    full = positive(divergence_full_rad, "divergence_full_rad")
    waist: Floats = 2.0 * positive(wavelength_nm, "wavelength_nm") * 1e-9 / (math.pi * full)
    return waist


def gaussian_radius_m(waist_m: Real, wavelength_nm: Real, range_km: Real) -> Floats:
    """w(L) = w0 sqrt(1 + (lambda L/(pi w0^2))^2).

    Args:
        waist_m: radius w0 of the waist, at the transmitter.
        wavelength_nm: lambda.
        range_km: L, (n,).

    Source: Saleh and Teich, Fundamentals of Photonics (2007), chapter 3.
    """
    waist, length_m = positive(waist_m, "waist_m"), floats(range_km, "range_km", low=0.0) * 1e3
    spread = positive(wavelength_nm, "wavelength_nm") * 1e-9 * length_m / (math.pi * waist**2)
    radius: Floats = waist * np.sqrt(1.0 + spread**2)
    return radius


def divergence_radius_m(divergence_full_rad: Real, range_km: Real) -> Floats:
    """w(L) = theta L/2: radius in the far field of a beam that is known by its full divergence."""
    full = positive(divergence_full_rad, "divergence_full_rad")
    radius: Floats = 0.5 * full * floats(range_km, "range_km", low=0.0) * 1e3
    return radius


def collected_gaussian(radius_m: Real, aperture_m: Real, offset_m: Real = 0.0, obstruction: float = 0.0) -> Floats:
    """eta(r) = (4/w^2) int_0^a rho exp(-2 (rho^2 + r^2)/w^2) I0(4 rho r/w^2) d rho; on the axis 1 - exp(-2 a^2/w^2).

    Args:
        radius_m: w, beam radius in the plane of the receiver, (n,).
        aperture_m: diameter 2a of the receiver.
        offset_m: r, distance of the beam's centre from that of the receiver.
        obstruction: central obscuration, as a share of the diameter.

    The integral is the non-central chi-square law of two degrees of freedom, evaluated as such.

    Source: Vasylyev, Semenov, Vogel, Phys. Rev. Lett. 108, 220501 (2012).
    """
    w, a = positive(radius_m, "radius_m"), 0.5 * floats(aperture_m, "aperture_m", low=0.0)
    share = _obstruction(obstruction)
    offset = floats(offset_m, "offset_m", low=0.0)
    if not offset.any():
        bright: Floats = -np.expm1(-2.0 * (a / w) ** 2)
        return bright + np.expm1(-2.0 * (share * a / w) ** 2) if share else bright
    from scipy.special import chndtr

    shift = 4.0 * (offset / w) ** 2
    eta = np.asarray(chndtr(4.0 * (a / w) ** 2, 2.0, shift), dtype=np.float64)
    return eta - chndtr(4.0 * (share * a / w) ** 2, 2.0, shift) if share else eta


def collected_flat(
    divergence_full_rad: Real, range_km: Real, aperture_m: Real, offset_m: Real = 0.0, obstruction: float = 0.0
) -> Floats:
    """eta = (D/(theta L))^2, at most 1: a spot of even brightness and diameter theta L; off the axis the overlap.

    Args:
        divergence_full_rad: theta, full angle.
        range_km: L, (n,).
        aperture_m: D.
        offset_m: distance of the spot's centre from that of the receiver.
        obstruction: central obscuration, as a share of the diameter.

    A convention that reproduces the 22 dB of Liao et al., Nature 549, 43 (2017), at 1200 km.
    """
    spot_m = 2.0 * divergence_radius_m(divergence_full_rad, range_km)
    d = floats(aperture_m, "aperture_m", low=0.0)
    share = _obstruction(obstruction)
    offset = floats(offset_m, "offset_m", low=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        eta = _overlap(0.5 * spot_m, 0.5 * d, offset)
        return eta - _overlap(0.5 * spot_m, 0.5 * share * d, offset) if share else eta


def _overlap(spot_m: Floats, radius_m: Floats, offset_m: Floats) -> Floats:
    """Common area of two discs over the area of the first; a spot without extent lies in the disc or does not."""
    r, a, d = np.broadcast_arrays(spot_m, radius_m, offset_m)
    inside = np.where(r > 0.0, np.minimum(1.0, (a / r) ** 2), 1.0)
    cos_r = np.clip((d**2 + r**2 - a**2) / (2.0 * d * r), -1.0, 1.0)
    cos_a = np.clip((d**2 + a**2 - r**2) / (2.0 * d * a), -1.0, 1.0)
    kite = (r + a - d) * (d + r - a) * (d - r + a) * (d + r + a)
    lens = r**2 * np.arccos(cos_r) + a**2 * np.arccos(cos_a) - 0.5 * np.sqrt(np.maximum(0.0, kite))
    share: Floats = np.where(d <= np.abs(r - a), inside, np.where(d >= r + a, 0.0, lens / (math.pi * r**2)))
    return share


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredBeam:
    """A beam known by its far field: intensity against the angle from the axis, linear between the rows.

    Args:
        angle_rad: (k,), rising, the first one 0.
        relative_intensity: (k,), any unit; all the light is inside the last angle.
    """

    angle_rad: Floats
    relative_intensity: Floats

    def __post_init__(self) -> None:
        angle, value = np.asarray(self.angle_rad, np.float64), np.asarray(self.relative_intensity, np.float64)
        require(angle.ndim == 1 and angle.shape == value.shape, "measured beam: wanted two columns of equal length")
        require(angle.size >= 2, f"measured beam: {angle.size} row(s): a far field needs two or more")
        require(bool(np.all(np.isfinite(angle)) and np.all(np.isfinite(value))), "measured beam: every number finite")
        require(angle[0] == 0.0 and bool(np.all(np.diff(angle) > 0.0)), "measured beam: angles rise from 0")
        require(angle[-1] < 0.5, f"measured beam: angle {angle[-1]:g} rad: a beam, angles stay below 0.5 rad")
        require(bool(np.all(value >= 0.0)), "measured beam: intensity is not negative")
        require(bool(value.max() > 0.0), "measured beam: no light in it")
        object.__setattr__(self, "angle_rad", frozen(angle))
        object.__setattr__(self, "relative_intensity", frozen(value))

    def encircled(self, angle_rad: Real) -> Floats:
        """Share of the light within ``angle_rad`` of the axis: int_0^theta I(t) t dt over the same to the last row."""
        t, i = self.angle_rad, self.relative_intensity
        slope = np.diff(i) / np.diff(t)
        start = i[:-1] - slope * t[:-1]
        pieces = 0.5 * start * np.diff(t**2) + slope * np.diff(t**3) / 3.0
        total = np.concatenate([[0.0], np.cumsum(pieces)])
        x = np.minimum(floats(angle_rad, "angle_rad", low=0.0), t[-1])
        row = np.clip(np.searchsorted(t, x, side="right") - 1, 0, slope.size - 1)
        part = 0.5 * start[row] * (x**2 - t[row] ** 2) + slope[row] * (x**3 - t[row] ** 3) / 3.0
        share: Floats = (total[row] + part) / total[-1]
        return share

    def brightness_per_sr(self, angle_rad: Real) -> Floats:
        """Share of the light per steradian at ``angle_rad`` from the axis; 0 beyond the last row."""
        t, i = self.angle_rad, self.relative_intensity
        slope = np.diff(i) / np.diff(t)
        pieces = 0.5 * (i[:-1] - slope * t[:-1]) * np.diff(t**2) + slope * np.diff(t**3) / 3.0
        value: Floats = np.interp(floats(angle_rad, "angle_rad", low=0.0), t, i, right=0.0)
        return value / (2.0 * math.pi * float(pieces.sum()))

    def collected(self, range_km: Real, aperture_m: Real, offset_m: Real = 0.0, obstruction: float = 0.0) -> Floats:
        """eta = share of the light that falls on an aperture at range L, its centre ``offset_m`` from the axis.

        Args:
            range_km: L, (n,), above 0.
            aperture_m: diameter of the receiver.
            offset_m: (n,).
            obstruction: central obscuration, as a share of the diameter.
        """
        length_m = positive(range_km, "range_km") * 1e3
        a = 0.5 * floats(aperture_m, "aperture_m", low=0.0)
        offset, share = floats(offset_m, "offset_m", low=0.0), _obstruction(obstruction)
        if not offset.any():
            eta: Floats = self.encircled(a / length_m) - self.encircled(share * a / length_m)
            return eta
        radial, weight = legendre(_NODES)
        turn = (np.arange(_NODES) + 0.5) * math.pi / _NODES  # half a turn: the other half mirrors it
        scale, shift = np.broadcast_arrays(a / length_m, offset / length_m)
        x = (share + (1.0 - share) * radial)[:, None]
        rho, away = scale[..., None, None] * x, shift[..., None, None]
        seen = self.brightness_per_sr(np.sqrt(np.maximum(0.0, rho**2 + away**2 + 2.0 * rho * away * np.cos(turn))))
        ring = 2.0 * math.pi * seen.mean(axis=-1) * rho[..., 0] * (1.0 - share) * scale[..., None]
        collected: Floats = np.minimum(1.0, ring @ weight)
        return collected


def _obstruction(value: float) -> float:
    require(0.0 <= value < 1.0, f"obstruction {value:g}: a share of the diameter, in [0, 1)")
    return float(value)
